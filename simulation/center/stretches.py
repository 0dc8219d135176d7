"""A shift as stretches on the floor with gaps between them, and what cuts them: breaks, appointments, lateness, shrinkage."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import inf
from typing import NamedTuple

from simulation.center.rota import Turn
from simulation.record.recorder import Duty

HOUR = 3600.0
BREAKS = (Duty.BREAK, Duty.UNPAID_BREAK)


class Stretch(NamedTuple):
    """Time on the floor, and the gap before it: what the agent does then, for how long if it keeps its length, from when by
    the plan, and when the shift is over. With `end` = `start` the agent does not come back before the next gap."""

    start: float
    end: float
    gap: Duty | None = None
    keeps: float = 0.0
    since: float = 0.0
    over: float = inf


Appointment = tuple[float, float, Duty]
"""When something takes an agent from the floor (s), and what."""


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


def cut(stretches: Iterable[Stretch], appointments: Sequence[Appointment]) -> Iterator[Stretch]:
    """Appointments take time from the floor, none from breaks; they end when planned, however late they begin."""
    for stretch in stretches:
        since, gap, keeps = stretch.start, stretch.gap, stretch.keeps
        for start, end, duty in sorted(appointments):
            begins, ends = max(start, since), min(end, stretch.end)
            if begins < ends:
                yield Stretch(since, begins, gap, keeps)
                since, gap, keeps = ends, duty, 0.0
        yield Stretch(since, stretch.end, gap, keeps)


def shrunk(stretches: Iterable[Stretch], share: float, chance: Iterator[float]) -> Iterator[Stretch]:
    """In each hour on the floor, the share of it is spent away, at a random time within the hour."""
    for stretch in stretches:
        since, gap, keeps = stretch.start, stretch.gap, stretch.keeps
        hour = stretch.start
        while hour < stretch.end:
            block = min(HOUR, stretch.end - hour)
            leaves = hour + next(chance) * (1 - share) * block
            yield Stretch(since, leaves, gap, keeps)
            since, gap, keeps = leaves + share * block, Duty.SHRINKAGE, 0.0
            hour += block
        yield Stretch(since, stretch.end, gap, keeps)


def delayed(stretches: Iterable[Stretch], start: float, returns: Iterator[float]) -> Iterator[Stretch]:
    """The agent comes `start` s late, and so late from each break as `returns` says, but not after the floor would be left
    again."""
    for number, stretch in enumerate(stretches):
        late = start if number == 0 else next(returns) if stretch.gap in BREAKS else 0.0
        late = min(late, max(stretch.end - stretch.start, 0.0))
        if not late:
            yield stretch
            continue
        if stretch.gap is not None:
            yield Stretch(stretch.start, stretch.start, stretch.gap, stretch.keeps)
        keeps = stretch.keeps + late if stretch.gap is not None else 0.0
        yield Stretch(stretch.start + late, stretch.end, Duty.LATE, keeps)


def in_order(stretches: Iterable[Stretch], start: float, end: float) -> Iterator[Stretch]:
    """The stretches of a shift, each gap beginning where the time on the floor before it ends."""
    since = start
    for comes, goes, gap, keeps, _, _ in stretches:
        goes = min(goes, end)
        yield Stretch(min(comes, end), goes, gap, keeps, since, end)
        since = max(since, goes)


def clipped(stretches: Iterable[Stretch], duration: float) -> Iterator[Stretch]:
    """What lies within the simulated time: stretches, and gaps (one may end after it)."""
    for stretch in stretches:
        start, end, gap, keeps, since, over = stretch
        if end <= 0 or (start >= min(end, duration) and (gap is None or since >= duration)):
            continue
        if start > 0 and since < duration:
            yield stretch
        else:  # the gap is over when the simulation starts, or begins after its end
            yield Stretch(max(start, 0.0), end, None, keeps, since, over)
