"""Pay on top of the wage for paid time: what rules of the day promise, standby on call included."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from simulation.metrics.view import View
from simulation.scenario.prices import wage_of
from simulation.scenario.schema import Team

HOUR = 3600.0


def extra_pay(view: View) -> np.ndarray:
    """What rules of the day add to the pay of each agent and hour."""
    return overtime_premium(view) + time_off_pay(view) + standby_pay(view) + on_call_premium(view)


def overtime_premium(view: View) -> np.ndarray:
    """The premium for staying on, of each agent and hour."""
    share = _by_team(view, lambda team: team.overtime.premium if team.overtime else 0.0)
    return share * _wage(view) * view.staffing["stayed_on"] / HOUR


def time_off_pay(view: View) -> np.ndarray:
    """Pay for time off, of each agent and hour."""
    share = _by_team(view, lambda team: team.time_off.paid if team.time_off else 0.0)
    return share * _wage(view) * view.staffing["time_off"] / HOUR


def standby_pay(view: View) -> np.ndarray:
    """Pay of those on call for the time at home, of each agent and hour."""
    share = _by_team(view, lambda team: team.on_call.standby if team.on_call else 0.0)
    return share * _wage(view) * view.staffing["standby"] / HOUR


def on_call_premium(view: View) -> np.ndarray:
    """The premium of those on call from the call until they leave, of each agent and hour."""
    share = _by_team(view, lambda team: team.on_call.premium if team.on_call else 0.0)
    return share * _wage(view) * view.staffing["called_in"] / HOUR


def has_extra_pay(team: Team) -> bool:
    """Whether a rule of the day pays the agents of a team more than the wage."""
    on_call = team.on_call is not None and team.on_call.standby + team.on_call.premium > 0
    time_off = team.time_off is not None and team.time_off.paid > 0
    return on_call or time_off or (team.overtime is not None and team.overtime.premium > 0)


def _wage(view: View) -> np.ndarray:
    return _by_team(view, lambda team: wage_of(view.scenario, team))


def _by_team(view: View, of: Callable[[Team], float]) -> np.ndarray:
    """A number of each team, by row of staffing."""
    numbers = np.array([of(team) for team in view.scenario.teams.values()])
    made: np.ndarray = numbers[view.staffing["team"]]
    return made
