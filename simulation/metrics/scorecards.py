"""Scorecards: what each agent has done, as sums; figures follow from the sums of an agent, a team, a site or an employer.

A card belongs to a person in a seat of the schedule; where agents leave, those who follow have cards of their own, behind those
of the first ones. Persons are drawn anew in each replication, so agents are looked at within one; teams and sites over all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from simulation.metrics.cost import staff_amounts
from simulation.metrics.view import OF_TEAMS, View
from simulation.record.recorder import CaseStatus, Outcome
from simulation.record.tables import DICTIONARY, Table
from simulation.scenario.schema import PerformancePlan, Scenario

Array = npt.NDArray[Any]
SUMS = [name for name in DICTIONARY["scorecards"] if name not in ("agent", "team", "person")]
LEVELS = ("all", "employer", "site", "team", "agent")
FIGURES: dict[str, tuple[str, str, str, str]] = {
    "stays": ("", "stays", "", "stays with the agent that ended"),
    "handling_time": ("s", "handling", "stays", "handling and after-contact work of a stay, on average"),
    "right": ("share", "right", "answers", "answers that were right, of those given"),
    "fcr": ("share", "solved_first", "cases", "cases solved by their first contact, of those first handled"),
    "csat": ("share", "satisfied", "opinions", "satisfied customers (true), of the cases first handled"),
    "occupancy": ("share", "busy", "signed_in", "time with a contact, of that on the floor"),
    "utilization": ("share", "busy", "paid", "time with a contact, of that paid"),
    "adherence": ("share", "adherent", "planned", "time of shifts in which the agent did what was planned"),
    "cost_per_stay": ("money", "cost", "stays", "wages, premiums and fees ÷ stays"),
    "on_plan": ("share", "on_plan", "judged", "agents who keep to their performance plan, of those judged by one"),
}
"""Figures of a scorecard: unit, the sums above and below the line (none: the sum itself), and the meaning."""


AT_MOST = ("handling_time", "cost_per_stay")
"""Figures of which a performance plan says the most; of the others the least."""


TIMES = (
    ("signed_in", "signed_in"), ("busy", "handling"), ("paid", "paid"), ("planned", "planned"), ("adherent", "adherent"),
)  # fmt: skip
"""Columns of time, and those of staffing that they are summed from."""


def cards(view: View) -> Table:
    """One row per person, in the order of seats, then those who followed; with the measured sums, see the data dictionary."""
    seats, later = len(view.record.names["agent"]), followers(view)
    seat = np.concatenate([np.arange(seats), later["agent"]]).astype(np.int32)
    n = len(seat)
    team = np.full(seats, -1, dtype=np.int32)
    rows = view.record.staffing
    team[rows["agent"]] = rows["team"]
    cost, of_hours = np.zeros(n), cards_of_hours(view, view.staffing)
    for part in staff_amounts(view):
        of = of_hours if part.table == "staffing" else cards_of_legs(view, getattr(view, part.table))
        cost += np.bincount(of[of >= 0], part.values[of >= 0], minlength=n)
    staffing = view.staffing
    times = {name: np.bincount(of_hours, staffing[column], minlength=n) for name, column in TIMES}
    table = {
        "agent": seat, "team": team[seat], "person": np.concatenate([np.zeros(seats), later["person"]]).astype(np.int32), **_stays(view, n), **_first_handled(view, n), **times,
        "cost": cost,
    }  # fmt: skip
    return table | _judged(table, view.scenario)


def followers(view: View) -> Table:
    """Persons who came into a seat after others, by seat."""
    people = view.record.tables["people"]
    mine = people["person"] > 0
    return {name: column[mine] for name, column in people.items()}


def cards_of_legs(view: View, legs: Table) -> Array:
    """The card that each leg belongs to; -1 without an agent."""
    return _cards_at(view, legs["agent"], np.nan_to_num(legs["answered"]))


def cards_of_hours(view: View, staffing: Table) -> Array:
    """The card that each row of the staffing table belongs to: of who was hired before its hour was over."""
    return _cards_at(view, staffing["agent"], np.nextafter(view.record.edges[staffing["interval"] + 1], 0.0))


def _cards_at(view: View, agent: Array, at: Array) -> Array:
    """The card of who sat in a seat at a time."""
    later, seats = followers(view), len(view.record.names["agent"])
    if not len(later["agent"]):
        return agent
    apart = view.record.edges[-1] + 1.0
    place = np.searchsorted(later["agent"] * apart + later["hired"], agent * apart + at, side="right") - 1
    own = (place >= 0) & (later["agent"][np.maximum(place, 0)] == agent)
    return np.where(own, seats + place, agent)


def _judged(table: Table, scenario: Scenario) -> Table:
    """Who is judged by a performance plan, and who of them misses nothing."""
    judged, on_plan = np.zeros(len(table["agent"]), dtype=int), np.zeros(len(table["agent"]), dtype=int)
    found = figures(table, [name for name in FIGURES if name != "on_plan"])
    for index, team in enumerate(scenario.teams.values()):
        if team.people is not None and team.people.plan is not None:
            mine = (table["team"] == index) & (table["stays"] >= team.people.plan.least)
            judged[mine] = 1
            on_plan[mine] = ~np.any(list(missed(found, team.people.plan).values()), axis=0)[mine]
    return {"judged": judged, "on_plan": on_plan}


def missed(found: Mapping[str, Any], plan: PerformancePlan) -> dict[str, Any]:
    """By figure of a plan whether it is missed (numbers or arrays); what is unknown (NaN) is not.

    Handling time and cost may be as much as the bound at most, the others must be as much at least.
    """
    bounds = plan.bounds()
    return {name: found[name] > bound if name in AT_MOST else found[name] < bound for name, bound in bounds.items()}


def _stays(view: View, n: int) -> Table:
    """Sums over stays with an agent."""
    legs = view.legs
    ended = view.answered & (legs["agent"] >= 0) & (legs["outcome"] != Outcome.OPEN)
    agent, outcome = cards_of_legs(view, legs)[ended], legs["outcome"][ended]
    seconds = (legs["ended"] - legs["answered"])[ended]
    right = outcome == Outcome.SOLVED
    return {
        "stays": np.bincount(agent, minlength=n),
        "handling": np.bincount(agent, seconds, minlength=n),
        "handling_squared": np.bincount(agent, seconds**2, minlength=n),
        "answers": np.bincount(agent[right | (outcome == Outcome.WRONG)], minlength=n),
        "right": np.bincount(agent[right], minlength=n),
    }


def _first_handled(view: View, n: int) -> Table:
    """Sums over cases that came to an end, by the agent who handled them first."""
    legs, cases = view.record.legs, view.record.cases
    first = np.full(len(cases["case"]), -1, dtype=np.int64)
    stays = np.flatnonzero((legs["agent"] >= 0) & (legs["outcome"] != Outcome.UNREACHED))[::-1]
    first[legs["case"][stays]] = cards_of_legs(view, legs)[stays]  # the earliest is written last
    closed = cases["measured"] & (cases["status"] != CaseStatus.OPEN) & (first >= 0)
    single = cases["contacts"] - cases["chasers"] - cases["resumed"] == 1
    parts = {
        "cases": closed,
        "solved_first": closed & (cases["status"] == CaseStatus.SOLVED) & single,
        "opinions": closed & (cases["satisfied"] >= 0),
        "satisfied": closed & (cases["satisfied"] == 1),
    }
    return {name: np.bincount(first[mine], minlength=n) for name, mine in parts.items()}


def figures(sums: Mapping[str, Any], names: Iterable[str] = FIGURES) -> dict[str, Any]:
    """The figures that follow from sums (numbers or arrays); NaN where there is nothing to divide by."""
    parts = {name: FIGURES[name][1:3] for name in names}
    return {
        name: sums[above] if not below else _ratio(sums[above], sums[below]) for name, (above, below) in parts.items()
    }


def _ratio(above: Any, below: Any) -> Any:
    above, below = np.asarray(above, dtype=float), np.asarray(below, dtype=float)
    return np.divide(above, below, out=np.full(np.shape(below), np.nan), where=below > 0)


def rows(replications: Sequence[Table], agents: Sequence[str], scenario: Scenario) -> Iterator[dict[str, Any]]:
    """Tidy rows: everything together, employers, sites and teams over all replications, then agents by replication."""
    teams = list(scenario.teams)
    pooled = {name: np.concatenate([table[name] for table in replications]) for name in SUMS}
    team_of = np.concatenate([table["team"] for table in replications])
    for level, name, mine in _groups(team_of, scenario):
        yield {"level": level, "name": name, **_row({key: column[mine].sum() for key, column in pooled.items()})}
    for number, table in enumerate(replications):
        for agent, its in enumerate(table["team"].tolist()):
            if table["paid"][agent] or table["stays"][agent]:
                place = {"replication": number, "team": teams[its], "site": scenario.teams[teams[its]].site or ""}
                sums = {key: table[key][agent] for key in SUMS}
                found = _row(sums)
                yield {
                    "level": "agent",
                    "name": person_name(agents[table["agent"][agent]], int(table["person"][agent])),
                    **place,
                    **found,
                    "misses": _misses(found, its, scenario),
                }


def person_name(seat: str, person: int) -> str:
    """A person by the seat; those who followed with their number in it: tier1/early/3, tier1/early/3 (2)."""
    return f"{seat} ({person + 1})" if person else seat


def _misses(found: Mapping[str, float], team: int, scenario: Scenario) -> str:
    """What an agent misses of the performance plan, figures with blanks between."""
    people = list(scenario.teams.values())[team].people
    if people is None or people.plan is None or found["on_plan"] != 0:
        return ""
    return " ".join(name for name, below in missed(found, people.plan).items() if below)


def _groups(team_of: Array, scenario: Scenario) -> Iterator[tuple[str, str, Array]]:
    """Level, name and agents of each group."""
    yield "all", "", team_of >= 0
    for level, (labels, label) in reversed(OF_TEAMS.items()):
        its = np.array([label(team) or "" for team in scenario.teams.values()] + [""])[team_of]
        for name in labels(scenario):
            if (its == name).any():
                yield level, name, its == name
    for index, team in enumerate(scenario.teams):
        if (team_of == index).any():
            yield "team", team, team_of == index


def _row(sums: Mapping[str, Any]) -> dict[str, float]:
    return {name: float(value) for name, value in figures(sums).items()}
