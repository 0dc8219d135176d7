"""In which share of the week a customer finds somebody, as the scenario plans it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from simulation.scenario.hours import OpeningHours
from simulation.scenario.schema import DAY, Mode, Scenario, Skill, Team, WorkingHours

Array = npt.NDArray[Any]
STEP = 900.0
SLOTS = round(7 * DAY / STEP)
"""A week in quarter hours."""


def attended(scenario: Scenario) -> dict[str, Array]:
    """For each live or concurrent channel, whether it is open and has a bot or an agent on shift, by quarter hour of an
    ordinary week on the center's clock (shares where a rotation is not worked every day)."""
    floors = {name: on_shift(team) for name, team in scenario.teams.items()}
    found = {}
    for name, channel in scenario.channels.items():
        if channel.mode is not Mode.deferred:
            skilled = [
                floors[team] * _weekly(skill.hours)
                for team, spec in scenario.teams.items()
                for skill in spec.skills.values()
                if _takes(skill, name)
            ]
            there = np.max([np.zeros(SLOTS), *skilled], axis=0)
            found[name] = _weekly(channel.open) * (np.ones(SLOTS) if channel.bot else there)
    return found


def on_shift(team: Team) -> Array:
    """Whether anybody of a team is on shift, by quarter hour of an ordinary week."""
    there = np.zeros(SLOTS)
    if team.headcount is not None:
        for days, counts in team.headcount.weekly.items():
            for place, count in enumerate(counts):
                start = place * team.headcount.interval
                there = np.maximum(there, _mask((start, start + team.headcount.interval), days) * (count > 0))
        return there if team.headcount.weekly else np.full(SLOTS, float(team.headcount.constant != 0))
    for shift in team.shifts.values():
        if shift.headcount:
            there = np.maximum(there, _mask(_span(shift), shift.days))
    for rotation in team.rotations.values():
        for name, hours in rotation.shifts.items():
            crews = rotation.crew_count * list(rotation.cycle).count(name) / len(rotation.cycle)
            there = np.maximum(there, _mask(_span(hours), range(7)) * min(1.0, crews) * (rotation.per_crew > 0))
    return there


def _takes(skill: Skill, channel: str) -> bool:
    return skill.channels == "all" or channel in skill.channels


def _span(hours: WorkingHours) -> tuple[float, float]:
    return hours.start, hours.start + hours.length


def _weekly(hours: OpeningHours) -> Array:
    """Whether a door is open, by quarter hour of a week without holidays."""
    spans = [(start, end, (day,)) for day, spans in enumerate(hours.week) for start, end in spans]
    return np.max([np.zeros(SLOTS), *(_mask((start, end), days) for start, end, days in spans)], axis=0)


def _mask(span: tuple[float, float], days: Iterable[int]) -> Array:
    """Quarter hours of the week that begin within a span of these days, which may reach into the next."""
    there = np.zeros(SLOTS)
    first, last = np.ceil(np.array(span) / STEP).astype(int)
    for day in days:
        there[(np.arange(first, last) + round(day * DAY / STEP)) % SLOTS] = 1.0
    return there
