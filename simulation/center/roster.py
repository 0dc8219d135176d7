"""When the agents of weekly shifts are to be on the floor: shifts with breaks, shrinkage and absence, planned before the run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from math import inf

import numpy as np
import numpy.typing as npt

from simulation.chance import stream
from simulation.record.recorder import Duty
from simulation.scenario.schema import Shift
from simulation.scenario.schema import Team as TeamSpec
from simulation.scenario.timeline import Timeline

HOUR = 3600.0


@dataclass(frozen=True)
class Stretch:
    """Time on the floor, and the gap before it: what the agent does then, for how long if it keeps its length, from when by
    the plan, and when the shift is over. With `end` = `start` the agent does not come back before the next gap."""

    start: float
    end: float
    gap: Duty | None = None
    keeps: float = 0.0
    since: float = 0.0
    over: float = inf


@dataclass(frozen=True)
class AgentPlan:
    """One agent's weeks: stretches on the floor, and spans of planned shifts and absence."""

    name: str
    stretches: list[Stretch]
    planned: list[tuple[Duty, float, float]]


def shift_spans(shift: Shift, timeline: Timeline) -> list[tuple[dt.date, float, float]]:
    """Date, start and end (seconds since the start) of each time the shift is worked."""
    return [
        (day.date, timeline.at(day.date, shift.start), timeline.at(day.date, shift.start + shift.length))
        for day in timeline.days(before=1)
        if day.weekday in shift.days and (shift.on_holidays or not day.holiday)
    ]


def roster(team: str, spec: TeamSpec, timeline: Timeline, seed: int, replication: int) -> list[AgentPlan]:
    """The agents of a team that works shifts. Each agent's chance is its own: hiring one more changes no other."""
    agents = []
    for name, shift in sorted(spec.shifts.items()):
        spans = shift_spans(shift, timeline)
        for number in range(1, shift.headcount + 1):
            key = f"{team!r}/{name!r}/{number}"  # quoted, as names may hold a slash
            chance = stream(seed, replication, f"absence/{key}").random(len(spans))
            away = stream(seed, replication, f"shrinkage/{key}")
            agent = f"{team}/{name}/{number}"
            agents.append(_agent(agent, spec, shift, number, spans, chance, away, timeline.duration))
    return agents


def _agent(
    name: str,
    spec: TeamSpec,
    shift: Shift,
    number: int,
    spans: list[tuple[dt.date, float, float]],
    chance: npt.NDArray[np.float64],
    away: np.random.Generator,
    duration: float,
) -> AgentPlan:
    stretches: list[Stretch] = []
    planned: list[tuple[Duty, float, float]] = []
    for (_, start, end), u in zip(spans, chance, strict=True):
        offsets = away.random(int(np.ceil((end - start) / HOUR)) + len(shift.breaks) + 1)
        if end <= 0 or start >= duration:
            continue
        planned.append((Duty.SHIFT, max(start, 0.0), min(end, duration)))
        if u < spec.absence:
            planned.append((Duty.ABSENT, max(start, 0.0), min(end, duration)))
            continue
        day = _shrunk(_worked(shift, number, start, end), spec.shrinkage, offsets)
        stretches += _clipped(_in_order(day, start, end), duration)
    return AgentPlan(name, stretches, planned)


def _worked(shift: Shift, number: int, start: float, end: float) -> list[Stretch]:
    """A shift cut by the breaks of the agent's wave."""
    wave = (number - 1) % shift.waves
    stretches, since, gap, length = [], start, None, 0.0
    for pause in sorted(shift.breaks.values(), key=lambda pause: pause.after):
        begins = max(since, start + pause.after + wave * pause.lasts)
        if begins >= end:
            break  # a night that the clock change has shortened
        stretches.append(Stretch(since, begins, gap, length))
        since, gap, length = begins + pause.lasts, Duty.BREAK if pause.paid else Duty.UNPAID_BREAK, pause.lasts
    return [*stretches, Stretch(since, end, gap, length)]


def _shrunk(stretches: list[Stretch], share: float, offsets: npt.NDArray[np.float64]) -> list[Stretch]:
    """In each hour on the floor, the share of it is spent away, at a random time within the hour."""
    if not share:
        return stretches
    chance = iter(offsets.tolist())
    shrunk: list[Stretch] = []
    for stretch in stretches:
        since, gap, keeps = stretch.start, stretch.gap, stretch.keeps
        hour = stretch.start
        while hour < stretch.end:
            block = min(HOUR, stretch.end - hour)
            leaves = hour + next(chance) * (1 - share) * block
            shrunk.append(Stretch(since, leaves, gap, keeps))
            since, gap, keeps = leaves + share * block, Duty.SHRINKAGE, 0.0
            hour += block
        shrunk.append(Stretch(since, stretch.end, gap, keeps))
    return shrunk


def _in_order(stretches: list[Stretch], start: float, end: float) -> Iterator[Stretch]:
    """The stretches of a shift, each gap beginning where the time on the floor before it ends."""
    since = start
    for stretch in stretches:
        comes, goes = min(stretch.start, end), min(stretch.end, end)
        yield replace(stretch, start=comes, end=goes, since=since, over=end)
        since = max(since, goes)


def _clipped(stretches: Iterable[Stretch], duration: float) -> Iterator[Stretch]:
    """What lies within the simulated time: stretches, and gaps (one may end after it)."""
    for stretch in stretches:
        there = stretch.start < stretch.end and stretch.start < duration
        gap = stretch.gap if stretch.start > 0 and stretch.since < duration else None
        if stretch.end > 0 and (there or gap is not None):
            yield replace(stretch, start=max(stretch.start, 0.0), gap=gap)
