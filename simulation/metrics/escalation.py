"""KPIs of the way up: why contacts were passed to a higher tier."""

from __future__ import annotations

import numpy as np

from simulation.metrics.kpi import Amount, Ratio, Values, kpi, share, values
from simulation.metrics.view import View
from simulation.scenario.schema import Scenario


def _nobody_is_angry(scenario: Scenario) -> str | None:
    return None if scenario.escalation.angry else "escalation.angry does not say who asks for a supervisor"


def _no_clock(scenario: Scenario) -> str | None:
    return None if scenario.escalation.overdue else "escalation.overdue has no clock"


def _neither(scenario: Scenario) -> str | None:
    both = _nobody_is_angry(scenario) and _no_clock(scenario)
    return both and "escalation has neither angry nor overdue: all escalations are for want of competence"


def _per_case(view: View, count: np.ndarray) -> Ratio:
    return Ratio([Amount("cases", count)], [Amount("cases", np.ones(len(count)))])


@kpi("cases", "per case", "lower", needs=_neither)
def escalations_for_competence(view: View) -> Ratio:
    """Escalations to a higher tier per case for want of competence: those of angry customers left out."""
    return _per_case(view, view.cases["escalations"] - view.cases["passed_up"])


@kpi("cases", "per case", "lower", needs=_nobody_is_angry)
def escalations_for_anger(view: View) -> Ratio:
    """Escalations to a higher tier per case because the customer was angry."""
    return _per_case(view, view.cases["passed_up"])


@kpi("cases", "per case", "lower", needs=_no_clock)
def escalations_by_clock(view: View) -> Ratio:
    """Contacts whose clock ran out while they waited, so that a higher tier could take them or they came first, per case.
    No escalations in the sense of `escalations`: the stay in the queue goes on."""
    return _per_case(view, view.cases["overdue"])


@kpi("legs", "share", "", needs=_no_clock)
def rescued(view: View) -> Ratio:
    """Stays in a queue whose clock ran out and that an agent of a higher tier then took ÷ stays whose clock ran out."""
    legs = view.legs
    tiers = list(view.scenario.escalation.path)
    of_team = np.array([tiers.index(team.tier) for team in view.scenario.teams.values()])
    higher = view.answered & (of_team[np.where(legs["tier"] >= 0, legs["handler"], 0)] > legs["tier"])
    return share("legs", higher, legs["overdue"])


@kpi("legs", "s", "lower", statistics=("mean",), needs=_nobody_is_angry)
def angry_wait(view: View) -> Values:
    """Wait of angry customers for the one to whom they were passed; of those answered there."""
    legs = view.legs
    after = np.concatenate([[False], legs["angry"][:-1]])[: len(legs["angry"])] & (legs["leg"] > 0)
    return values("legs", legs["wait"], view.answered & after)
