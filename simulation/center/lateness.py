"""Who comes late, and late from breaks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import log1p

from simulation.center.rota import Seat, Turn
from simulation.chance import stream
from simulation.scenario.schema import Adherence, Late, Team

Delay = Callable[[float, float], float]
"""How late (s), by two uniform numbers: whether, and by how much."""


def mean_delay(share: float, length: float, breaks: int) -> float:
    """Mean lateness (s) of each of the start and the returns from breaks of a shift of some length (s), so that agents do
    what is planned for `share` of the time: (1 - share) x length / (1 + breaks). An assumption of the model: lateness is
    exponential, and the same for all of them."""
    return (1 - share) * length / (1 + breaks)


class Lateness:
    """The chance of an agent to be late, turn by turn."""

    def __init__(self, spec: Adherence, key: str, chance: tuple[int, int]) -> None:
        self.spec = spec
        self.numbers = stream(*chance, f"lateness/{key}")
        self.starts, self.returns = _delay(spec.starts), _delay(spec.returns)

    @classmethod
    def of(cls, spec: Adherence | None, key: str, chance: tuple[int, int]) -> Lateness | None:
        """The lateness of an agent, or None where nobody is ever late."""
        return None if spec is None else cls(spec, key, chance)

    def draw(self, turn: Turn) -> list[float]:
        """By how much the agent is late (s): at the start of a turn, then after each break."""
        breaks = len(turn.hours.breaks)
        whether, how = self.numbers.random((2, 1 + breaks)).tolist()
        if self.spec.share is not None:
            mean = mean_delay(self.spec.share, turn.end - turn.start, breaks)
            return [-mean * log1p(-u) for u in how]
        kinds = [self.starts] + [self.returns] * breaks
        return [kind(u, v) for kind, u, v in zip(kinds, whether, how, strict=True)]


def _delay(late: Late | None) -> Delay:
    if late is None:
        return lambda u, v: 0.0
    by, share = late.by.build(), late.share
    return lambda u, v: float(by.ppf(v)) if u < share else 0.0


def mean_lateness(team: Team, seat: Seat, turn: Turn) -> Iterator[tuple[float, float, float]]:
    """When agents who come are late on average: start and end (s), and the share of them."""
    spec = team.adherence
    if spec is None:
        return
    pauses = turn.hours.breaks.values()
    ends = [turn.start + pause.after + (seat.place % turn.hours.waves + 1) * pause.lasts for pause in pauses]
    for since, late in [(turn.start, spec.starts), *((end, spec.returns) for end in ends)]:
        if spec.share is not None:
            yield since, since + mean_delay(spec.share, turn.end - turn.start, len(ends)), 1.0
        elif late is not None:
            yield since, since + late.by.build().mean, late.share
