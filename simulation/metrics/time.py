"""KPIs of what agents' paid time goes to: each second of it is exactly one of these, or handling (`utilization`)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from simulation.metrics.kpi import Amount, Ratio, kpi
from simulation.metrics.load import beside
from simulation.metrics.view import View
from simulation.record.time_balance import AWAY
from simulation.scenario.schema import Scenario


def _no_shifts(scenario: Scenario) -> str | None:
    by_shift = any(team.headcount is None for team in scenario.teams.values())
    return None if by_shift else "no team works shifts: headcounts are of agents on the floor"


def _of_paid(view: View, seconds: np.ndarray) -> Ratio:
    return Ratio([Amount("staffing", seconds)], [Amount("staffing", view.staffing["paid"])])


@kpi("staffing", "share")
def shrinkage(view: View) -> Ratio:
    """1 - time on the floor ÷ paid time: all that paid agents do elsewhere. It comes out of the schedule."""
    rows = view.staffing
    away = sum((rows[name] for name in AWAY), rows["on_the_way"] - rows["unpaid"] - rows["time_off"])
    return _of_paid(view, away)


@kpi("staffing", "share")
def paid_idle(view: View) -> Ratio:
    """Time on the floor without any contact or other work ÷ paid time."""
    return _of_paid(view, view.staffing["signed_in"] - view.staffing["handling"] - beside(view))


@kpi("staffing", "share", needs=_no_shifts)
def paid_breaks(view: View) -> Ratio:
    """Paid breaks ÷ paid time."""
    return _of_paid(view, view.staffing["break"] - view.staffing["unpaid"])


@kpi("staffing", "share", needs=_no_shifts)
def paid_elsewhere(view: View) -> Ratio:
    """Time away by a team's plain percentage of shrinkage ÷ paid time."""
    return _of_paid(view, view.staffing["shrinkage"])


@kpi("staffing", "share", "lower", needs=_no_shifts)
def paid_absence(view: View) -> Ratio:
    """Shifts missed by agents who did not come ÷ paid time: absence is paid."""
    return _of_paid(view, view.staffing["absent"])


def _has(part: str, words: str) -> Callable[[Scenario], str | None]:
    """Needs some part of a team."""
    return lambda scenario: None if any(getattr(team, part) for team in scenario.teams.values()) else words


@kpi("staffing", "share", needs=_has("meetings", "no team has meetings"))
def paid_meetings(view: View) -> Ratio:
    """Time in meetings ÷ paid time."""
    return _of_paid(view, view.staffing["meeting"])


@kpi("staffing", "share", needs=_has("training_hours", "no team has training_hours"))
def paid_training(view: View) -> Ratio:
    """Time in training ÷ paid time."""
    return _of_paid(view, view.staffing["training"])


@kpi("staffing", "share", "lower", needs=_has("adherence", "no team has adherence"))
def paid_lateness(view: View) -> Ratio:
    """Late starts and late returns from breaks ÷ paid time: late time is paid."""
    return _of_paid(view, view.staffing["late"])


@kpi("staffing", "share", "higher", needs=_has("adherence", "no team has adherence"))
def adherence(view: View) -> Ratio:
    """Time in the planned state ÷ planned time, of agents who came: on the floor when that is planned; on a break, in a
    meeting or in training when that is. Contacts that run over into a break, and the break that then ends later, count against
    it; leave counts as planned."""
    rows = view.staffing
    return Ratio([Amount("staffing", rows["adherent"])], [Amount("staffing", rows["planned"])])
