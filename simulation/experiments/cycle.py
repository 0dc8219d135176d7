"""After what time the work and the staff of a scenario repeat."""

from __future__ import annotations

import numpy as np

from simulation.center.plan import Plan
from simulation.scenario.schema import DAY, Scenario, Team

WEEK = 7 * DAY
HOURS = np.arange(0.0, WEEK, 1800.0)
"""Times of a week at which volumes are held against each other."""


def cycle_of(scenario: Scenario) -> float:
    """A week in seconds, or a day where all days are alike, or 0 where all hours are; what comes once (events, holidays, a
    replayed log) is left aside."""
    volume = _volume(scenario)
    doors = [channel.open.week for channel in scenario.channels.values()]
    if (
        (volume == volume[0]).all()
        and all(map(_always_alike, scenario.teams.values()))
        and all(map(_always_open, doors))
    ):
        return 0.0
    days = volume.reshape(7, -1)
    if (
        (days == days[0]).all()
        and all(map(_daily, scenario.teams.values()))
        and all(len(set(one)) == 1 for one in doors)
    ):
        return DAY
    return WEEK


def _volume(scenario: Scenario) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Expected cases by half-hour of a week, rounded so that what is equal looks equal."""
    whole = scenario.model_copy(update={"horizon": max(scenario.horizon, WEEK + 3600.0)})
    total = np.zeros(len(HOURS))
    for steps in Plan(whole).demand.usual():
        total += steps.rates[steps.index_at(HOURS + 1.0)]
    return np.round(total / max(float(total.mean()), 1e-300), 6)


def _always_open(week: tuple[object, ...]) -> bool:
    return all(day == ((0.0, DAY),) for day in week)


def _always_alike(team: Team) -> bool:
    """Whether as many agents are there at all times."""
    plain = team.headcount is not None and team.headcount.constant is not None
    return plain and not (team.shifts or team.rotations or team.meetings)


def _daily(team: Team) -> bool:
    """Whether every day is staffed alike."""
    if team.rotations or team.meetings:
        return False
    if team.headcount is not None:
        weekly = team.headcount.weekly
        return team.headcount.constant is not None or any(len(days) == 7 for days in weekly)
    return all(len(shift.days) == 7 for shift in team.shifts.values())
