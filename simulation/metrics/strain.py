"""KPIs of what work does to agents."""

from __future__ import annotations

import numpy as np

from simulation.metrics.kpi import Amount, Ratio, Values, kpi, values
from simulation.metrics.view import View
from simulation.routing.routes import selects
from simulation.scenario.schema import DAY, Scenario

YEAR = 365 * DAY


def _nobody_tires(scenario: Scenario) -> str | None:
    return None if scenario.strain.fatigue else "strain.fatigue is not given"


@kpi("legs", "share", "lower", statistics=("mean", "p90"), needs=_nobody_tires)
def fatigue(view: View) -> Values:
    """How tired agents are when they begin a stay, from 0 % (fresh) to 100 % (exhausted); stays with teams that tire."""
    spec = view.scenario.strain.fatigue
    tires = np.array([spec is not None and selects(spec.teams, name) for name in view.scenario.teams])
    return values("legs", view.legs["fatigue"], view.answered & tires[np.maximum(view.legs["handler"], 0) % len(tires)])


def _nobody_leaves(scenario: Scenario) -> str | None:
    return None if scenario.strain.turnover else "strain.turnover is not given"


def _no_tenure(scenario: Scenario) -> str | None:
    known = any(team.people and team.people.tenure for team in scenario.teams.values())
    return None if known else _nobody_leaves(scenario)


@kpi("staffing", "share", "lower", needs=_nobody_leaves)
def vacancies(view: View) -> Ratio:
    """Planned time of shifts for which there is nobody ÷ that and paid time."""
    rows = view.staffing
    return Ratio([Amount("staffing", rows["vacant"])], [Amount("staffing", rows["vacant"] + rows["paid"])])


@kpi("staffing", "share/year", "lower", needs=_nobody_leaves)
def turnover(view: View) -> Ratio:
    """Agents who leave in a year ÷ places filled, of the teams that may be left."""
    return Ratio([Amount("staffing", view.staffing["left"])], [Amount("staffing", _filled(view))])


@kpi("staffing", "persons/year", "lower", needs=_nobody_leaves)
def leavers(view: View) -> Ratio:
    """Agents who left for good, per year (of 365 days)."""
    return Ratio([Amount("staffing", view.staffing["left"])], over=view.seconds / YEAR)


@kpi("staffing", "persons/year", needs=_nobody_leaves)
def newcomers(view: View) -> Ratio:
    """Agents who came for the first time, per year (of 365 days)."""
    return Ratio([Amount("staffing", view.staffing["hired"])], over=view.seconds / YEAR)


@kpi("staffing", "share", "lower", needs=_nobody_leaves)
def paid_induction(view: View) -> Ratio:
    """Time in which newcomers learn off the floor ÷ paid time."""
    return Ratio([Amount("staffing", view.staffing["induction"])], [Amount("staffing", view.staffing["paid"])])


@kpi("staffing", "s", "higher", needs=_no_tenure)
def tenure(view: View) -> Ratio:
    """How long agents have been here, on average over their paid time; those of whom it is not known (teams without
    people.tenure, until somebody follows) are left out."""
    rows, hired = view.staffing, _hired(view)
    middle = (view.record.edges[rows["interval"]] + view.record.edges[rows["interval"] + 1]) / 2
    known = np.where(np.isnan(hired), 0.0, rows["paid"])
    here = np.where(np.isnan(hired), 0.0, np.maximum(middle - hired, 0.0))
    return Ratio([Amount("staffing", known * here)], [Amount("staffing", known)])


def _hired(view: View) -> np.ndarray:
    """When the person was hired who works in each row of the staffing table; NaN where it is not known."""
    people, rows = view.record.tables["people"], view.staffing
    last = view.record.edges[-1] + 1.0
    came = np.where(people["person"] == 0, -np.inf, people["hired"])
    place = people["agent"] * last + np.clip(came, 0.0, last - 1.0)
    ends = np.minimum(view.record.edges[rows["interval"] + 1], last - 1.0)
    at = np.searchsorted(place, rows["agent"] * last + ends, side="left") - 1
    hired: np.ndarray = people["hired"][np.maximum(at, 0)] if len(place) else np.full(len(at), np.nan)
    return hired


def _filled(view: View) -> np.ndarray:
    """Years in which somebody sat in the place, of the measured time, spread over the rows of the place by paid time."""
    spec, people, rows = view.scenario.strain.turnover, view.record.tables["people"], view.staffing
    teams = view.scenario.teams.items()
    concerned = np.array(
        [spec is not None and selects(spec.teams, name) and not team.headcount for name, team in teams]
    )
    n = int(max(people["agent"].max(initial=-1), rows["agent"].max(initial=-1))) + 1
    here = view.overlap(np.where(people["person"] == 0, 0.0, people["hired"]), people["left"])
    years = np.bincount(people["agent"], np.maximum(here, 0.0), n) / YEAR
    paid = np.bincount(rows["agent"], rows["paid"], n)
    per_second = np.divide(years, paid, out=np.zeros(n), where=paid > 0)
    return np.where(concerned[rows["team"]], rows["paid"] * per_second[rows["agent"]], 0.0)
