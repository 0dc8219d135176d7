"""Selection of the best: how often the best is the one selected."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from simulation.statistics.paired import ratio_estimate
from simulation.statistics.selection import Race
from tests.coverage.registry import at_least
from tests.unit.selecting import Draw, normal, raced, spent_well

RACE, BUDGET = "6. The best of several, in a race (guaranteed 95 %)", "7. The best of several, with a budget"
SLIPPAGE = [1.0, 0.0, 0.0, 0.0, 0.0]
"""The hardest means there are: all others are behind by just what matters."""
MANY = 1000


def races(chance: np.random.Generator, draw: Draw, many: int = MANY) -> Iterator[bool]:
    for _ in range(many):
        yield raced(draw, chance, 1.0, 0.95, 10)[0] == 0


@at_least(RACE, 0.95)
def equal_variances(chance: np.random.Generator) -> Iterator[bool]:
    """Five systems, four of them behind by just what matters, independent"""
    return races(chance, normal(SLIPPAGE, [3.0] * 5), 3 * MANY)


@at_least(RACE, 0.95)
def equal_variances_paired(chance: np.random.Generator) -> Iterator[bool]:
    """The same with common random numbers (correlation 0.6)"""
    return races(chance, normal(SLIPPAGE, [3.0] * 5, 0.6))


@at_least(RACE, 0.95)
def the_best_varies_most(chance: np.random.Generator) -> Iterator[bool]:
    """The best varies most, independent"""
    return races(chance, normal(SLIPPAGE, [5.0, 3.0, 2.0, 2.0, 2.0]))


@at_least(RACE, 0.95)
def the_best_varies_least(chance: np.random.Generator) -> Iterator[bool]:
    """The best varies least, independent"""
    return races(chance, normal(SLIPPAGE, [1.5, 3.0, 4.0, 4.0, 5.0]))


@at_least(RACE, 0.95)
def the_best_varies_least_paired(chance: np.random.Generator) -> Iterator[bool]:
    """The same with common random numbers (correlation 0.6)"""
    return races(chance, normal(SLIPPAGE, [1.5, 3.0, 4.0, 4.0, 5.0], 0.6))


@at_least(RACE, 0.95)
def means_in_a_row(chance: np.random.Generator) -> Iterator[bool]:
    """Five systems with means in a row, each behind the one before by what matters, unequal variances"""
    return races(chance, normal([1.0, 0.0, -1.0, -2.0, -3.0], [1.5, 3.0, 4.0, 4.0, 5.0]))


@at_least(RACE, 0.95)
def by_a_ratio(chance: np.random.Generator) -> Iterator[bool]:
    """Three ratios of sums over the same random counts, two of them behind by just what matters"""
    rates, most = np.array([10.0, 11.0, 11.0]), 600
    for _ in range(MANY):
        counts = chance.poisson(100 * chance.lognormal(0, 0.4, most)).astype(float) + 1
        sums = rates[:, None] * counts + chance.normal(0, 250, (3, most))
        race = Race([ratio_estimate(row[:10], counts[:10]) for row in sums], 1.0, 0.95)
        ratios, taken = -sums.cumsum(axis=1) / counts.cumsum(), 10
        while not race.over and taken <= most:
            race.look(ratios[:, taken - 1].tolist(), taken)
            taken += 1
        yield race.left == [0]


def budgets(chance: np.random.Generator, correlation: float) -> Iterator[bool]:
    draw = normal([1 - n / 2 for n in range(10)], [2.0] * 10, correlation)
    for _ in range(MANY):
        yield spent_well(draw, chance, 100, 5, 10) == 0


@at_least(BUDGET, 0.70)
def a_budget(chance: np.random.Generator) -> Iterator[bool]:
    """Ten systems with means in a row, 100 replications in all, independent (with equal shares 61 % are right)"""
    return budgets(chance, 0.0)


@at_least(BUDGET, 0.84)
def a_budget_paired(chance: np.random.Generator) -> Iterator[bool]:
    """The same with common random numbers, correlation 0.6 (with equal shares 78 %)"""
    return budgets(chance, 0.6)
