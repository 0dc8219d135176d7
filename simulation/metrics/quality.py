"""KPIs of the outcome: was the case solved, by whom, how soon."""

from __future__ import annotations

import numpy as np

from simulation.metrics.kpi import Amount, Ratio, Values, kpi, share, values
from simulation.metrics.service import SPREAD
from simulation.metrics.view import View
from simulation.record.recorder import CaseStatus, Outcome
from simulation.scenario.schema import DAY


def _closed(view: View) -> np.ndarray:
    return view.cases["status"] != CaseStatus.OPEN


def _contacted(view: View) -> np.ndarray:
    """Cases that came to an end and with which the center had to do (self-service did not keep them away)."""
    return _closed(view) & (view.cases["contacts"] > 0)


def _solved(view: View) -> np.ndarray:
    return view.cases["status"] == CaseStatus.SOLVED


def _at_first(view: View) -> np.ndarray:
    """Cases of a single contact, questions for news and late messages to a thread left out."""
    single: np.ndarray = view.cases["contacts"] - view.cases["chasers"] - view.cases["resumed"] == 1
    return single


def _per_case(view: View, column: str) -> Ratio:
    return Ratio([Amount("cases", view.cases[column])], [Amount("cases", np.ones(len(view.cases["case"])))])


@kpi("cases", "cases/day")
def cases(view: View) -> Ratio:
    """Cases that arose, complaints about cases included, per measured day."""
    return Ratio([Amount("cases", np.ones(len(view.cases["case"])))], over=view.days)


@kpi("cases", "share", "higher")
def solved(view: View) -> Ratio:
    """Cases truly solved ÷ cases that came to an end (solved or given up)."""
    return share("cases", _solved(view), _closed(view))


@kpi("cases", "share", "higher")
def fcr(view: View) -> Ratio:
    """First contact resolution, true: cases solved by their first contact ÷ cases that came to an end, those that made no
    contact at all (see deflection) left out. A question for news of the open case is no further attempt, nor is a late
    message to a thread that has timed out; neither counts against it."""
    return share("cases", _solved(view) & _at_first(view), _contacted(view))


@kpi("cases", "share", "higher", parameter=7 * DAY)
def fcr_measured(view: View, window: float) -> Ratio:
    """First contact resolution as a center sees it: no further contact seen within the window ÷ cases that came to an
    end and were answered at least once. The window begins when the first contact is over, so questions for news before
    that do not count. A customer who gives up silently counts as solved."""
    again = view.cases["second_contact"] <= window
    return share("cases", ~again, _closed(view) & ~np.isnan(view.cases["first_response"]))


@kpi("cases", "share", "higher")
def one_touch(view: View) -> Ratio:
    """Cases solved in one stay with one handler ÷ cases that came to an end, those that made no contact left out; stays for
    news left out."""
    return share("cases", _solved(view) & (view.cases["legs"] == 1), _contacted(view))


@kpi("cases", "s", "lower", statistics=SPREAD)
def resolution_time(view: View) -> Values:
    """From when a case arose (its first contact or, before that, a look into self-service) to its true solution. Elapsed
    time."""
    return values("cases", view.cases["resolution"])


@kpi("cases", "s", "lower", statistics=SPREAD)
def resolution_time_open(view: View) -> Values:
    """Resolution time, counting only the opening hours of the first channel."""
    return values("cases", view.cases["resolution_open"])


@kpi("legs", "share", "higher")
def resolution_rate(view: View) -> Ratio:
    """Stays with an agent that truly solved the case ÷ stays with an agent that ended; with tier=tier1 what the first
    tier solves of what comes to it. Left out are stays cut short by a pause, in vain before a transfer, or for news."""
    aside = (Outcome.OPEN, Outcome.PAUSED, Outcome.TRANSFERRED, Outcome.INFORMED)
    outcome = view.legs["outcome"]
    return share("legs", outcome == Outcome.SOLVED, view.answered & ~np.isin(outcome, aside))


@kpi("cases", "per case", "lower")
def escalations(view: View) -> Ratio:
    """Escalations to a higher tier per case."""
    return _per_case(view, "escalations")


@kpi("cases", "per case", "lower")
def redials(view: View) -> Ratio:
    """Contacts made after abandoning, a busy signal or a closed door, per case."""
    return _per_case(view, "redials")


@kpi("cases", "per case", "lower")
def repeats(view: View) -> Ratio:
    """Contacts made because the case was not solved, reopened threads included, per case."""
    return _per_case(view, "repeats")


@kpi("cases", "per case", "lower")
def contacts_per_case(view: View) -> Ratio:
    """Contacts made per case, questions for news included."""
    return _per_case(view, "contacts")
