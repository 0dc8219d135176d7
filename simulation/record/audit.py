"""The self-audit of every run: laws that hold exactly, whatever was simulated.

The tables are checked against each other and against counters that the model kept on its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from simulation.demand.births import Births
from simulation.record import time_balance
from simulation.record.recorder import CaseStatus, ContactKind, Outcome, SelfService
from simulation.record.visits import Visits
from simulation.scenario.schema import Scenario

Table = dict[str, npt.NDArray[Any]]
RELATIVE, ABSOLUTE = 1e-9, 1e-3


class AuditError(RuntimeError):
    """The books of a run do not balance: an error of the simulator, not of the scenario."""


@dataclass(frozen=True)
class Counters:
    """What the model counted itself: integral of queue length by place (contact-seconds), busy seconds by agent."""

    queue_area: list[float]
    busy_seconds: list[float]


def audit(
    cases: Table,
    contacts: Table,
    legs: Table,
    staffing: Table,
    counters: Counters,
    births: Births,
    visits: Visits | None,
    scenario: Scenario,
    duties: npt.NDArray[np.void],
) -> dict[str, float]:
    """Check every law; return what was counted. Raises AuditError naming the law that is broken."""
    came = np.isfinite(births.arrived)  # complaints that were never made are no cases
    status = np.bincount(cases["status"][came], minlength=len(CaseStatus))
    _equal("cases: arrived = solved + given up + open", int(came.sum()), int(status.sum()))
    _first_contacts(contacts, births, visits, scenario)
    calls = cases["contacts"].sum() + cases["callbacks"].sum()
    _equal("contacts: by customers and by the center = all", int(calls), len(contacts["case"]))
    _each_case_once(cases, contacts)
    _legs_belong(contacts, legs)
    _order(legs)
    _little(legs, counters, scenario)
    _agents_time(staffing, legs, counters)
    _attention(staffing, legs, len(counters.busy_seconds))
    _time_balance(duties, len(counters.busy_seconds), scenario)
    return {
        "cases": int(came.sum()),
        "solved": int(status[CaseStatus.SOLVED]),
        "given_up": int(status[CaseStatus.GIVEN_UP]),
        "open": int(status[CaseStatus.OPEN]),
        "contacts": len(contacts["case"]),
        "legs": len(legs["case"]),
        "queue_seconds": float(sum(counters.queue_area)),
        "busy_seconds": float(sum(counters.busy_seconds)),
    }


def _equal(law: str, left: float, right: float) -> None:
    if abs(left - right) > ABSOLUTE + RELATIVE * max(abs(left), abs(right)):
        raise AuditError(f"self-audit: {law}: {left:g} against {right:g}")


def _none(law: str, broken: npt.NDArray[Any]) -> None:
    if broken.any():
        raise AuditError(f"self-audit: {law}: broken by {int(broken.sum())} rows, first row {int(np.argmax(broken))}")


def in_order(contacts: Table) -> None:
    """Contacts of a case, in the order of cases, are numbered without gaps."""
    starts = np.diff(contacts["case"], prepend=-1) != 0
    expected = np.where(starts, 0, np.concatenate([[0], contacts["contact"][:-1] + 1])[: len(starts)])
    _none("contacts of a case are numbered without gaps", contacts["contact"] != expected)


def _each_case_once(cases: Table, contacts: Table) -> None:
    """Contacts of a case are numbered without gaps by arrival, and only a solved case has a contact that solved it: its
    last. Questions for news go beside: they solve nothing, and none comes after the case is closed."""
    in_order(contacts)
    back = np.concatenate([np.diff(contacts["arrived"]) < 0, [False]]) & (np.diff(contacts["case"], append=-1) == 0)
    _none("contacts of a case are numbered by arrival", back)
    asked, solving = contacts["kind"] == ContactKind.CHASER, contacts["outcome"] == Outcome.SOLVED
    _none("a question for news solves nothing", asked & solving)
    _none("nobody asks for news of a closed case", asked & (contacts["arrived"] > cases["closed"][contacts["case"]]))
    solved = np.bincount(contacts["case"][solving], minlength=len(cases["case"]))
    solved += cases["self_service"] == SelfService.SOLVED
    _none(
        "a case is solved by exactly one contact or by self-service", solved != (cases["status"] == CaseStatus.SOLVED)
    )
    _none("nothing follows the solution", solving & ~_last(contacts, ~asked))


def _last(contacts: Table, own: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Whether no other of the case's own contacts follows."""
    last = np.zeros(len(own), dtype=bool)
    mine = np.flatnonzero(own)
    last[mine] = np.diff(contacts["case"][mine], append=-1) != 0
    return last


def _first_contacts(contacts: Table, births: Births, visits: Visits | None, scenario: Scenario) -> None:
    """Every case that arose has a first contact, unless self-service has helped, lost or still holds its customer."""
    first = contacts["case"][contacts["kind"] == ContactKind.FIRST]
    if visits is None:
        _equal("contacts: first contacts = cases arrived", int(np.isfinite(births.arrived).sum()), len(first))
        return
    due = np.flatnonzero(~np.isnan(visits.entered(births.arrived, scenario.duration)))
    _equal("contacts: first contacts = cases that self-service left", len(due), len(first))
    _none("contacts: first contacts are those that self-service left", np.sort(first) != due)


def _legs_belong(contacts: Table, legs: Table) -> None:
    """Legs of a contact are numbered without gaps and as many as the contact says."""
    _equal("legs: as many as contacts say", int(contacts["legs"].sum()), len(legs["case"]))
    starts = (np.diff(legs["case"], prepend=-1) != 0) | (np.diff(legs["contact"], prepend=-1) != 0)
    expected = np.where(starts, 0, np.concatenate([[0], legs["leg"][:-1] + 1])[: len(starts)])
    _none("legs of a contact are numbered without gaps", legs["leg"] != expected)


def _order(legs: Table) -> None:
    """Nobody is answered before queueing, or released before being answered."""
    _none("legs: queued <= answered", legs["answered"] < legs["queued"])
    _none("legs: answered <= released", legs["released"] < legs["answered"])
    _none("legs: released <= ended", legs["ended"] < legs["released"])


def _little(legs: Table, counters: Counters, scenario: Scenario) -> None:
    """Little's law on the sample path, per queue: the integral of its length is the sum of its waits."""
    human = legs["tier"] >= 0
    place = (legs["tier"] * len(scenario.channels) + legs["channel"]) * len(scenario.topics) + legs["filed_topic"]
    still = np.isnan(legs["wait"])
    waits = np.where(still, scenario.duration - legs["queued"], legs["wait"])
    sums = np.bincount(place[human], waits[human], minlength=len(counters.queue_area))
    for queue, (area, waited) in enumerate(zip(counters.queue_area, sums, strict=True)):
        _equal(f"Little's law in queue {queue}: integral of length = sum of waits", area, float(waited))


def _agents_time(staffing: Table, legs: Table, counters: Counters) -> None:
    """Each agent's handling time is what the model counted, and lies within the time signed in."""
    busy = np.asarray(counters.busy_seconds)
    handled = np.bincount(staffing["agent"], staffing["handling"], minlength=len(busy))
    tolerance = ABSOLUTE + RELATIVE * busy
    _none("agents: handling time of legs = time counted by the agent", np.abs(handled - busy) > tolerance)
    floor = sum((staffing[name] for name in time_balance.TASKS), staffing["handling"])
    _none("agents: handling and work beside it within signed-in time", floor > staffing["signed_in"] + ABSOLUTE)


def _time_balance(duties: npt.NDArray[np.void], agents: int, scenario: Scenario) -> None:
    """Each second of a shift is exactly one of: on the floor (handling or idle), and what agents do away from it."""
    duration = scenario.duration
    _none("agents: nobody does two things at once", time_balance.overlapping(duties, duration) > ABSOLUTE)
    _none("agents: away from the floor within shifts only", time_balance.astray(duties, duration) > ABSOLUTE)
    untold = np.abs(time_balance.untold(duties, agents, duration))
    _none("agents: each second of a shift is told of", untold > ABSOLUTE + RELATIVE * duration)


def _attention(staffing: Table, legs: Table, agents: int) -> None:
    """Agents attend while they handle; where conversations go by turns, to one contact at a time."""
    _none("agents: attention within handling time", staffing["attention"] > staffing["handling"] + ABSOLUTE)
    _none("legs: attention within handling time", legs["attention"] > legs["ended"] - legs["answered"] + ABSOLUTE)
    if not legs["by_turns"].any():
        return
    served = legs["agent"] >= 0
    concerned = np.bincount(legs["agent"][served], legs["by_turns"][served], minlength=agents) > 0
    by_leg = np.bincount(legs["agent"][served], legs["attention"][served], minlength=agents)
    by_agent = np.bincount(staffing["agent"], staffing["attention"], minlength=agents)
    apart = np.abs(by_leg - by_agent) > ABSOLUTE + RELATIVE * by_agent
    _none("agents: attention paid to legs = time in which the agent attended", concerned & apart)
