"""KPIs of what is decided during the day: staying on, going home early, being called in; and of hours disliked."""

from __future__ import annotations

from simulation.metrics.cost import pay_of
from simulation.metrics.extra_pay import HOUR, on_call_premium, overtime_premium, standby_pay, time_off_pay
from simulation.metrics.kpi import Amount, Ratio, kpi
from simulation.metrics.view import View
from simulation.scenario.prices import wage_of
from simulation.scenario.schema import Scenario


def _no_overtime(scenario: Scenario) -> str | None:
    rules = any(team.overtime is not None for team in scenario.teams.values())
    return None if rules else "no team has an overtime rule"


def _no_paid_overtime(scenario: Scenario) -> str | None:
    paid = any(team.overtime is not None and wage_of(scenario, team) for team in scenario.teams.values())
    return None if paid else "no team with a wage has an overtime rule"


def _no_time_off(scenario: Scenario) -> str | None:
    rules = any(team.time_off is not None for team in scenario.teams.values())
    return None if rules else "no team has a rule for time off"


def _no_wage_saved(scenario: Scenario) -> str | None:
    paid = any(team.time_off is not None and wage_of(scenario, team) for team in scenario.teams.values())
    return None if paid else "no team with a wage has a rule for time off"


def _nothing_disliked(scenario: Scenario) -> str | None:
    there = any(team.nights is not None for team in scenario.teams.values())
    return None if there else "no team has hours that agents dislike (nights)"


def _nobody_on_call(scenario: Scenario) -> str | None:
    there = any(team.on_call is not None for team in scenario.teams.values())
    return None if there else "no team has anybody on call"


def _nobody_paid_on_call(scenario: Scenario) -> str | None:
    paid = any(team.on_call is not None and wage_of(scenario, team) for team in scenario.teams.values())
    return None if paid else "no team with a wage has anybody on call"


@kpi("staffing", "h/day", needs=_no_overtime)
def overtime_hours(view: View) -> Ratio:
    """Hours that agents stay on after their shift as the overtime rule asks, per measured day; finishing what they hold
    at the end of a shift on which nobody is asked to stay is not among them (it is in `overtime`)."""
    return Ratio([Amount("staffing", view.staffing["stayed_on"] / HOUR)], over=view.days)


@kpi("staffing", "money/day", "lower", needs=_no_paid_overtime)
def overtime_cost(view: View) -> Ratio:
    """What the hours stayed on by the overtime rule cost, per measured day: the wage with the premiums of the hour, and
    the premium of the rule."""
    paid = pay_of(view, view.staffing["stayed_on"]) + overtime_premium(view)
    return Ratio([Amount("staffing", paid)], over=view.days)


@kpi("staffing", "h/day", needs=_no_time_off)
def time_off_hours(view: View) -> Ratio:
    """Hours of paid time that agents have off in lulls, per measured day."""
    return Ratio([Amount("staffing", view.staffing["time_off"] / HOUR)], over=view.days)


@kpi("staffing", "money/day", "higher", needs=_no_wage_saved)
def time_off_saved(view: View) -> Ratio:
    """What time off in lulls saves, per measured day: the wage with the premiums of the hour, less what is paid for it."""
    saved = pay_of(view, view.staffing["time_off"]) - time_off_pay(view)
    return Ratio([Amount("staffing", saved)], over=view.days)


@kpi("staffing", "share", "lower", needs=_nothing_disliked)
def disliked_hours(view: View) -> Ratio:
    """Hours of shifts that their agents dislike to work (see nights), breaks included, ÷ paid time."""
    return Ratio([Amount("staffing", view.staffing["disliked"])], [Amount("staffing", view.staffing["paid"])])


@kpi("staffing", "calls/day", needs=_nobody_on_call)
def call_ins(view: View) -> Ratio:
    """How often an agent on call is called in, per measured day."""
    return Ratio([Amount("staffing", view.staffing["calls_in"])], over=view.days)


@kpi("staffing", "h/day", needs=_nobody_on_call)
def called_in_hours(view: View) -> Ratio:
    """Hours of agents on call from the call until they leave, the way included, per measured day."""
    return Ratio([Amount("staffing", view.staffing["called_in"] / HOUR)], over=view.days)


@kpi("staffing", "h/day", needs=_nobody_on_call)
def standby_hours(view: View) -> Ratio:
    """Hours of agents on call at home, per measured day."""
    return Ratio([Amount("staffing", view.staffing["standby"] / HOUR)], over=view.days)


@kpi("staffing", "money/day", "lower", needs=_nobody_paid_on_call)
def on_call_cost(view: View) -> Ratio:
    """What agents on call cost, per measured day: standby, and from the call until they leave the wage with the premiums of
    the hour and of the rule."""
    paid = standby_pay(view) + pay_of(view, view.staffing["called_in"]) + on_call_premium(view)
    return Ratio([Amount("staffing", paid)], over=view.days)
