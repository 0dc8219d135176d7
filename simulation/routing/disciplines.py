"""Which waiting contact comes first: the one with the smallest key.

A key is worked out once, on joining the queue, and does not change while waiting. That is enough even for
scores that grow with age: all scores grow alike, so their order stays.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from simulation.scenario.schema import URGENCIES, Discipline, Score

HOUR = 3600.0
STRICTLY_BEFORE = 1e10
"""More seconds than any run lasts: separates urgency classes in one float."""


class Waiting(NamedTuple):
    """What a discipline may know of a waiting contact (times in seconds since the start)."""

    queued: float
    due: float
    urgency: int


Key = Callable[[Waiting], float]


def fifo(waiting: Waiting) -> float:
    """First come, first served."""
    return waiting.queued


def lifo(waiting: Waiting) -> float:
    """Last come, first served."""
    return -waiting.queued


def urgency(waiting: Waiting) -> float:
    """The most urgent first, then first come."""
    return waiting.queued - STRICTLY_BEFORE * waiting.urgency


def deadline(waiting: Waiting) -> float:
    """The earliest deadline first; without deadlines this is first come, first served."""
    return waiting.due


def score(weights: Score) -> Key:
    """The highest sum of points for age, nearness of the deadline and urgency first."""
    points = [weights.urgency.get(level, 0.0) for level in URGENCIES]

    def key(waiting: Waiting) -> float:
        return (weights.age * waiting.queued + weights.deadline * waiting.due) / HOUR - points[waiting.urgency]

    return key


DISCIPLINES: dict[Discipline, Callable[[Score], Key]] = {
    Discipline.fifo: lambda weights: fifo,
    Discipline.lifo: lambda weights: lifo,
    Discipline.urgency: lambda weights: urgency,
    Discipline.deadline: lambda weights: deadline,
    Discipline.score: score,
}
