"""Who dislikes which hours of a shift, and how much more often that agent is absent. Each agent's liking is its own chance."""

from __future__ import annotations

from bisect import bisect_right

from simulation.center.rota import Turn
from simulation.center.rules import absence_when_disliked
from simulation.chance import stream
from simulation.scenario.schema import Nights
from simulation.scenario.timeline import Span, Timeline


class DislikedHours:
    """The hours of a team that some of its agents dislike."""

    def __init__(self, nights: Nights, timeline: Timeline, seed: int, replication: int) -> None:
        self.nights = nights
        self.spans = timeline.open_spans(nights.hours)
        self.ends = [end for _, end in self.spans]
        self.duration = timeline.duration
        self.run = (seed, replication)

    @classmethod
    def of(cls, nights: Nights | None, timeline: Timeline, seed: int, replication: int) -> DislikedHours | None:
        """None where a team has no such rule."""
        return None if nights is None else cls(nights, timeline, seed, replication)

    def trouble(self, key: str) -> bool:
        """Whether the agent of that key dislikes them."""
        return bool(stream(*self.run, f"nights/{key}").random() < self.nights.dislike)

    def within(self, turn: Turn) -> list[Span]:
        """The parts of a turn, as far as it is simulated, that lie within the hours."""
        start, end = max(turn.start, 0.0), min(turn.end, self.duration)
        found = []
        for opens, shuts in self.spans[bisect_right(self.ends, start) :]:
            if opens >= end:
                break
            found.append((max(start, opens), min(end, shuts)))
        return found

    def absence(self, absence: float, turn: Turn) -> float:
        """Probability that an agent who dislikes them is absent from a turn."""
        seconds = min(turn.end, self.duration) - max(turn.start, 0.0)
        share = sum(end - start for start, end in self.within(turn)) / seconds if seconds > 0 else 0.0
        return absence_when_disliked(absence, self.nights.absence, share)


def mean_absence(absence: float, disliked: DislikedHours | None, turn: Turn) -> float:
    """Probability that somebody of a team is absent from a turn, whatever that agent likes."""
    if disliked is None:
        return absence
    share = disliked.nights.dislike
    return (1 - share) * absence + share * disliked.absence(absence, turn)
