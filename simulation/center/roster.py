"""When the agents of weekly shifts are to be on the floor: shifts with breaks, shrinkage and absence, planned before the run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from math import inf

import numpy as np
import numpy.typing as npt

from simulation.center.nights import DislikedHours
from simulation.center.rota import Seat, Turn, seats
from simulation.chance import stream
from simulation.record.recorder import Duty
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
    """One agent's weeks: stretches on the floor with the gaps between them, and spans of planned shifts."""

    name: str
    stretches: list[Stretch]
    planned: list[tuple[Duty, float, float]]


def roster(team: str, spec: TeamSpec, timeline: Timeline, seed: int, replication: int) -> list[AgentPlan]:
    """The agents of a team that works shifts. Each agent's chance is its own: hiring one more changes no other."""
    nights = DislikedHours.of(spec.nights, timeline, seed, replication)
    return [_agent(team, spec, seat, timeline, nights, (seed, replication)) for seat in seats(spec, timeline)]


def _agent(
    team: str, spec: TeamSpec, seat: Seat, timeline: Timeline, nights: DislikedHours | None, run: tuple[int, int]
) -> AgentPlan:
    key = f"{team!r}/{seat.group!r}/{seat.number}"  # quoted, as names may hold a slash
    if nights is not None and not nights.trouble(key):
        nights = None
    chance = spec.absence if nights is None else [nights.absence(spec.absence, turn) for turn in seat.turns]
    absent = stream(*run, f"absence/{key}").random(len(seat.turns)) < chance
    away = stream(*run, f"shrinkage/{key}")
    stretches: list[Stretch] = []
    planned: list[tuple[Duty, float, float]] = []
    for turn, missed in zip(seat.turns, absent, strict=True):
        offsets = away.random(int(np.ceil((turn.end - turn.start) / HOUR)) + len(turn.hours.breaks) + 1)
        if turn.end <= 0 or turn.start >= timeline.duration:
            continue
        planned.append((Duty.SHIFT, max(turn.start, 0.0), min(turn.end, timeline.duration)))
        if missed:
            day = [Stretch(turn.end, turn.end, Duty.ABSENT)]
        else:
            day = _shrunk(worked(turn, seat.place), spec.shrinkage, offsets)
            planned += [(Duty.DISLIKED, *span) for span in (nights.within(turn) if nights is not None else ())]
        stretches += _clipped(_in_order(day, turn.start, turn.end), timeline.duration)
    return AgentPlan(f"{team}/{seat.group}/{seat.number}", stretches, planned)


def as_planned(turn: Turn, place: int) -> Iterator[tuple[Duty, float, float]]:
    """What an agent is to do in a turn, if it comes and nothing delays it: duty, start and end."""
    yield Duty.SHIFT, turn.start, turn.end
    for stretch in _in_order(worked(turn, place), turn.start, turn.end):
        if stretch.gap is not None:
            yield stretch.gap, stretch.since, stretch.start
        yield Duty.ON, stretch.start, stretch.end


def worked(turn: Turn, place: int) -> list[Stretch]:
    """A shift cut by the breaks of an agent's wave."""
    wave = place % turn.hours.waves
    stretches, since, gap, length = [], turn.start, None, 0.0
    for pause in sorted(turn.hours.breaks.values(), key=lambda pause: pause.after):
        begins = max(since, turn.start + pause.after + wave * pause.lasts)
        if begins >= turn.end:
            break  # a night that the clock change has shortened
        stretches.append(Stretch(since, begins, gap, length))
        since, gap, length = begins + pause.lasts, Duty.BREAK if pause.paid else Duty.UNPAID_BREAK, pause.lasts
    return [*stretches, Stretch(since, turn.end, gap, length)]


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
