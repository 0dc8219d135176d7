"""Selections on systems whose best is known, many times over: what the unit tests and the slow experiments share."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from simulation.chance import stream
from simulation.statistics.paired import Estimate, mean_estimate
from simulation.statistics.selection import Race, Ranking, following

Array = npt.NDArray[np.float64]
Draw = Callable[[np.random.Generator, int], Array]
"""So many replications of all systems, shape (replications, systems)."""


def normal(means: Sequence[float], deviations: Sequence[float], correlation: float = 0.0) -> Draw:
    """Normal replications that share a part of their luck."""

    def draw(chance: np.random.Generator, n: int) -> Array:
        own, common = chance.standard_normal((n, len(means))), chance.standard_normal((n, 1))
        luck = np.sqrt(correlation) * common + np.sqrt(1 - correlation) * own
        return np.asarray(means) + np.asarray(deviations) * luck

    return draw


def raced(draw: Draw, chance: np.random.Generator, matters: float, level: float, first: int) -> tuple[int, int]:
    """The winner of a race, and the replications of all systems together."""
    rows = draw(chance, first)
    race = Race([mean_estimate(column) for column in rows.T], matters, level)
    rows = np.vstack([rows, draw(chance, max(0, race.most - first))])
    means = rows.cumsum(axis=0) / np.arange(1, len(rows) + 1)[:, None]
    taken, spent = first, 0
    while not race.over:
        spent += taken * len(race.look(means[taken - 1], taken))
        taken += 0 if race.over else 1
    return race.left[0], spent + taken


def spent_well(
    draw: Draw, chance: np.random.Generator, budget: int, first: int, step: int, equally: bool = False
) -> int:
    """The winner of a ranking with a budget."""
    rows = draw(chance, budget).T
    taken = np.full(len(rows), first)
    while taken.sum() < budget:
        shares = np.full(len(rows), 1 / len(rows)) if equally else ranked(rows, taken).shares()
        taken += following(shares, taken, min(step, budget - int(taken.sum())))
    return ranked(rows, taken).best


def ranked(rows: Array, taken: npt.NDArray[np.int64]) -> Ranking:
    return Ranking([mean_estimate(row[:n]) for row, n in zip(rows, taken, strict=True)])


def share_right(experiments: int, choose: Callable[[np.random.Generator], int], best: int) -> float:
    """Among experiments, those that choose the best."""
    return float(np.mean([choose(stream(7, number, "selection")) == best for number in range(experiments)]))


def estimates(rows: Array) -> list[Estimate]:
    return [mean_estimate(row) for row in rows]
