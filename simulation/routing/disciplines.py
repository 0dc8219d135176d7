"""Which waiting contact comes first: the one with the smallest key.

A key is worked out once, on joining the queue, and does not change while waiting. That is enough even for
scores that grow with age: all scores grow alike, so their order stays.
"""

from __future__ import annotations

from collections.abc import Callable

from simulation.scenario.schema import URGENCIES, Discipline, Score

HOUR = 3600.0
STRICTLY_BEFORE = 1e10
"""More seconds than any run lasts: separates urgency classes in one float."""


Key = Callable[[float, float, int], float]
"""(queued, due, urgency) -> key; times in seconds since the start, urgency from 0 (low) to 3 (critical)."""


def fifo(queued: float, due: float, urgency: int) -> float:
    """First come, first served."""
    return queued


def lifo(queued: float, due: float, urgency: int) -> float:
    """Last come, first served."""
    return -queued


def most_urgent(queued: float, due: float, urgency: int) -> float:
    """The most urgent first, then first come."""
    return queued - STRICTLY_BEFORE * urgency


def deadline(queued: float, due: float, urgency: int) -> float:
    """The earliest deadline first; without deadlines this is first come, first served."""
    return due


def score(weights: Score) -> Key:
    """The highest sum of points for age, nearness of the deadline and urgency first."""
    points = [weights.urgency.get(level, 0.0) for level in URGENCIES]

    def key(queued: float, due: float, urgency: int) -> float:
        return (weights.age * queued + weights.deadline * due) / HOUR - points[urgency]

    return key


DISCIPLINES: dict[Discipline, Callable[[Score], Key]] = {
    Discipline.fifo: lambda weights: fifo,
    Discipline.lifo: lambda weights: lifo,
    Discipline.urgency: lambda weights: most_urgent,
    Discipline.deadline: lambda weights: deadline,
    Discipline.score: score,
}
