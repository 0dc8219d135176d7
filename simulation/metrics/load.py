"""KPIs of the work and of the agents' time."""

from __future__ import annotations

from simulation.metrics.kpi import Amount, Ratio, Values, kpi, values
from simulation.metrics.view import View
from simulation.scenario.schema import Scenario


def _one_at_a_time(scenario: Scenario) -> str | None:
    several = any(team.concurrency.slots > 1 for team in scenario.teams.values())
    return None if several else "every team holds one contact at a time"


def _time(view: View, part: str, of: str) -> Ratio:
    return Ratio([Amount("staffing", view.staffing[part])], [Amount("staffing", view.staffing[of])])


@kpi("legs", "s", statistics=("mean",))
def handling_time(view: View) -> Values:
    """Time that an agent spends on a stay, after-contact work included (AHT); of chats side by side, their duration."""
    return values("legs", view.legs["ended"] - view.legs["answered"], view.answered)


@kpi("legs", "s", statistics=("mean",))
def talk_time(view: View) -> Values:
    """From an agent's answer to the customer's leaving the agent."""
    return values("legs", view.legs["released"] - view.legs["answered"], view.answered)


@kpi("staffing", "share")
def occupancy(view: View) -> Ratio:
    """Handling ÷ (handling + idle while signed in); an agent with several chats handles once."""
    return _time(view, "handling", "signed_in")


@kpi("staffing", "share")
def utilization(view: View) -> Ratio:
    """Handling ÷ paid time."""
    return _time(view, "handling", "paid")


@kpi("staffing", "contacts", needs=_one_at_a_time)
def concurrency(view: View) -> Ratio:
    """Contacts held at once by an agent while handling."""
    return _time(view, "slots", "handling")


@kpi("staffing", "share")
def shrinkage(view: View) -> Ratio:
    """Breaks, shrinkage and absence ÷ paid time: comes out of the schedule."""
    rows = view.staffing
    lost = rows["break"] + rows["shrinkage"] + rows["absent"]
    return Ratio([Amount("staffing", lost)], [Amount("staffing", rows["paid"])])


@kpi("staffing", "share", "lower")
def overtime(view: View) -> Ratio:
    """Time on the floor beyond the end of the shift ÷ paid time."""
    return _time(view, "overtime", "paid")


@kpi("staffing", "agents")
def agents(view: View) -> Ratio:
    """Mean agents signed in."""
    return Ratio([Amount("staffing", view.staffing["signed_in"])], over=view.seconds)


@kpi("staffing", "h/day")
def paid_hours(view: View) -> Ratio:
    """Paid hours per measured day."""
    return Ratio([Amount("staffing", view.staffing["paid"] / 3600)], over=view.days)
