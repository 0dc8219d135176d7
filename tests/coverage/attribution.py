"""Which change brought how much: Shapley values with their intervals."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from simulation.statistics.intervals import Interval
from simulation.statistics.paired import Estimate, interval, joint_level, mean_estimate, ratio_estimate
from simulation.statistics.shapley import LEAST_PAIRS, exact, sampled, shapley
from tests.coverage.models import Array
from tests.coverage.registry import covers

BROUGHT = "5. What each of several changes brought"


def all_hold(values: list[float], found: list[Interval]) -> bool:
    return all(one.low <= value <= one.high for value, one in zip(values, found, strict=True))


def jointly(found: list[Estimate], chance: np.random.Generator) -> list[Interval]:
    single = joint_level(found, 0.95, chance, draws=1000)
    return [interval(one, 0.95, single) for one in found]


def exactly(values: list[float]) -> list[float]:
    """Shapley values of a game that is known, by coalition."""
    plan = exact((len(values) - 1).bit_length())
    return [
        one.value for one in shapley(plan, {mask: Estimate(value, np.zeros(1), 1) for mask, value in enumerate(values)})
    ]


@covers(BROUGHT)
def changes_of_a_ratio(chance: np.random.Generator) -> Iterator[bool]:
    """Three changes that interact, of a ratio of sums (worse on busier days), all three at once, 12 replications."""
    means = [10 + 3 * bool(mask & 1) - 2 * bool(mask & 2) + 4 * (mask & 5 == 5) for mask in range(8)]
    true = exactly([float(one) for one in means])
    for _ in range(1000):
        volume, luck = chance.gamma(50, 2, 12), chance.standard_normal((9, 12))
        figures = (means[mask] + 2 * luck[8] + luck[mask] + 0.02 * (volume - 100) for mask in range(8))
        values = {mask: ratio_estimate(volume * figure, volume) for mask, figure in enumerate(figures)}
        yield all_hold(true, jointly(shapley(exact(3), values), chance))


@covers(BROUGHT)
def changes_of_a_queue(chance: np.random.Generator) -> Iterator[bool]:
    """A tenth more customers and a tenth longer service, of the mean wait in M/M/1 at 40 % load with common random numbers, both at
    once, 20 replications of 1,500 customers."""
    many, n = 1000, 20
    waits = common_queues(chance, many * n, 1500, [(1.0, 0.4), (1.1, 0.4), (1.0, 0.44), (1.1, 0.44)])
    true = exactly([rate * mean**2 / (1 - rate * mean) for mean in (0.4, 0.44) for rate in (1.0, 1.1)])
    for study in range(many):
        values = {mask: mean_estimate(wait[study * n : (study + 1) * n]) for mask, wait in enumerate(waits)}
        yield all_hold(true, jointly(shapley(exact(2), values), chance))


def common_queues(
    chance: np.random.Generator, n: int, customers: int, queues: list[tuple[float, float]]
) -> list[Array]:
    """Mean waits of queues of some arrival rates and mean services, in which the same customers come and the first one meets the
    stationary queue, P(wait > t) = load exp(-(1/service - rate) t)."""
    start = 1 - chance.random(n)
    wait = [np.maximum(np.log(rate * mean / start), 0.0) / (1 / mean - rate) for rate, mean in queues]
    total = [np.zeros(n) for _ in queues]
    for _ in range(customers):
        served, came = chance.standard_exponential(n), chance.standard_exponential(n)
        for one, (rate, mean) in enumerate(queues):
            total[one] += wait[one]
            wait[one] = np.maximum(wait[one] + mean * served - came / rate, 0.0)
    return [one / customers for one in total]


@covers(BROUGHT)
def changes_in_drawn_orders(chance: np.random.Generator) -> Iterator[bool]:
    """Eight changes of which three at a time interact, other ones each time, 6 random orders and their reverses, each change by
    itself, 10 replications."""
    for _ in range(300):
        worth = three_at_a_time(chance)
        plan, common = sampled(8, LEAST_PAIRS, chance), chance.standard_normal(10)
        values = {mask: mean_estimate(worth[mask] + common + chance.standard_normal(10)) for mask in plan.coalitions}
        for value, one in zip(exactly(worth), shapley(plan, values), strict=True):
            yield all_hold([value], [interval(one, 0.95)])


def three_at_a_time(chance: np.random.Generator) -> list[float]:
    """What coalitions of eight are worth, where one, two and three at a time have some worth together."""
    some = [sum(1 << one for one in who) for size in (1, 2, 3) for who in combinations(range(8), size)]
    worth = chance.normal(0, 3, len(some))
    return [
        float(sum(value for who, value in zip(some, worth, strict=True) if who & mask == who)) for mask in range(256)
    ]
