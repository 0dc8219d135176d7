"""Shapley values of estimates: the axioms, and functions whose values are known (tests/coverage has how often intervals cover)."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import combinations, permutations

import numpy as np
import pytest

from simulation.chance import stream
from simulation.statistics.paired import Estimate, mean_estimate
from simulation.statistics.shapley import (
    Design,
    alone,
    design,
    exact,
    interactions,
    last_in,
    sampled,
    shapley,
    together,
    whole,
)

Game = Callable[[frozenset[int]], float]


def members(mask: int) -> frozenset[int]:
    return frozenset(one for one in range(mask.bit_length()) if mask >> one & 1)


def played(plan: Design, game: Game, replications: int = 1) -> dict[int, Estimate]:
    """Every coalition of a plan with its value and no error."""
    return {mask: Estimate(game(members(mask)), np.zeros(replications), replications) for mask in plan.coalitions}


def values(plan: Design, game: Game) -> list[float]:
    return [one.value for one in shapley(plan, played(plan, game))]


def random_game(players: int, name: str = "game") -> Game:
    drawn = stream(1, 0, name).normal(size=1 << players)
    return lambda some: float(drawn[sum(1 << one for one in some)])


def by_orders(players: int, game: Game) -> list[float]:
    """The definition: the mean over all orders of what each adds when its turn comes."""
    total = [0.0] * players
    for order in permutations(range(players)):
        for place, one in enumerate(order):
            before = frozenset(order[:place])
            total[one] += game(before | {one}) - game(before)
    return [one / math.factorial(players) for one in total]


@pytest.mark.parametrize("players", [1, 2, 3, 5])
def test_values_are_means_over_all_orders(players: int) -> None:
    game = random_game(players)
    assert values(exact(players), game) == pytest.approx(by_orders(players, game), rel=1e-12, abs=1e-12)


def test_values_of_the_glove_game() -> None:
    """One left glove (0) and two right ones; a pair is worth 1: the left one brings 2/3, the others 1/6 each (Shapley 1953)."""
    assert values(exact(3), lambda some: float(0 in some and len(some) > 1)) == pytest.approx([2 / 3, 1 / 6, 1 / 6])


def test_values_of_an_airport() -> None:
    """Who needs a longer runway pays for what no other needs (Littlechild and Owen 1973)."""
    costs = [3.0, 5.0, 9.0, 10.0]
    found = values(exact(4), lambda some: max((costs[one] for one in some), default=0.0))
    assert found == pytest.approx([3 / 4, 3 / 4 + 2 / 3, 3 / 4 + 2 / 3 + 4 / 2, 3 / 4 + 2 / 3 + 4 / 2 + 1])


def test_effects_of_the_ishigami_function() -> None:
    """With v the variance that a set of inputs explains of sin x1 + a sin² x2 + b x3⁴ sin x1, each Shapley effect is its first-order
    part and half of the interaction of x1 and x3 (Owen 2014)."""
    a, b = 7.0, 0.1
    first = 0.5 * (1 + b * math.pi**4 / 5) ** 2
    second, both = a * a / 8, b * b * math.pi**8 * (1 / 18 - 1 / 50)
    parts = {frozenset([0]): first, frozenset([1]): second, frozenset([0, 2]): both}
    found = values(exact(3), lambda some: sum(part for who, part in parts.items() if who <= some))
    assert found == pytest.approx([first + both / 2, second, both / 2])


@pytest.mark.parametrize(("players", "pairs"), [(4, 0), (9, 5)])
def test_values_sum_to_the_whole(players: int, pairs: int) -> None:
    plan = sampled(players, pairs, stream(1, 0, "orders")) if pairs else exact(players)
    game = random_game(players)
    total = whole(plan, played(plan, game)).value
    assert total == game(frozenset(range(players))) - game(frozenset())
    assert sum(values(plan, game)) == pytest.approx(total, rel=1e-9)


@pytest.mark.parametrize("pairs", [0, 4])
def test_who_never_does_anything_brings_exactly_nothing(pairs: int) -> None:
    game = random_game(4)
    plan = sampled(5, pairs, stream(1, 0, "orders")) if pairs else exact(5)
    estimates = played(plan, lambda some: game(some - {4}), 6)
    found = shapley(plan, estimates)[4]
    assert found.value == 0 and not found.influence.any()
    if not pairs:
        assert all(one.value == 0 for pair, one in interactions(plan, estimates).items() if 4 in pair)


def test_who_acts_alike_brings_alike() -> None:
    game = random_game(3)

    def alike(some: frozenset[int]) -> float:  # 3 and 4 count, whichever of them
        return game(some & {0, 1}) + len(some & {3, 4}) * game(some & {0}) - game(some & {1}) * float({3, 4} <= some)

    found = values(exact(5), alike)
    assert found[3] == pytest.approx(found[4], rel=1e-12)


def test_values_are_linear() -> None:
    one, other = random_game(4, "one"), random_game(4, "other")
    mixed = values(exact(4), lambda some: 2 * one(some) - 3 * other(some))
    apart = [2 * x - 3 * y for x, y in zip(values(exact(4), one), values(exact(4), other), strict=True)]
    assert mixed == pytest.approx(apart, rel=1e-12)


def test_what_adds_up_brings_the_same_alone_last_and_on_average() -> None:
    plan = exact(4)
    estimates = played(plan, lambda some: sum(2.0**one for one in some))
    for found in (shapley(plan, estimates), alone(plan, estimates), last_in(plan, estimates)):
        assert [one.value for one in found] == pytest.approx([1, 2, 4, 8])
    assert together(plan, estimates).value == pytest.approx(0)
    assert all(one.value == pytest.approx(0, abs=1e-12) for one in interactions(plan, estimates).values())


def test_two_that_need_each_other_interact() -> None:
    plan = exact(3)
    estimates = played(plan, lambda some: 6.0 * ({0, 1} <= some) + len(some))
    found = interactions(plan, estimates)
    assert {pair: round(one.value, 12) for pair, one in found.items()} == {(0, 1): 6, (0, 2): 0, (1, 2): 0}
    assert together(plan, estimates).value == pytest.approx(6)
    assert [one.value for one in alone(plan, estimates)] == pytest.approx([1, 1, 1])
    assert [one.value for one in last_in(plan, estimates)] == pytest.approx([7, 7, 1])


def test_a_pair_of_orders_is_exact_where_only_two_interact() -> None:
    weights = stream(1, 0, "weights").normal(size=(9, 9))

    def quadratic(some: frozenset[int]) -> float:
        return float(sum(weights[i, i] for i in some) + sum(weights[i, j] for i, j in combinations(sorted(some), 2)))

    drawn = sampled(9, 2, stream(1, 0, "orders"))
    assert values(drawn, quadratic) == pytest.approx(values(exact(9), quadratic), rel=1e-9)


def test_all_are_simulated_where_they_fit_and_orders_are_drawn_where_not() -> None:
    chance = stream(1, 0, "orders")
    seven, eight, fifteen = (design(players, 128, chance) for players in (7, 8, 15))
    assert seven.exact and len(seven.coalitions) == 128
    assert not eight.exact and len(eight.coalitions) <= 128
    assert len(fifteen.steps) == 6 and len(fifteen.coalitions) <= 2 + 30 + 6 * 28
    for plan in (seven, eight, fifteen):
        every = (1 << plan.players) - 1
        assert plan.coalitions[:2] == [0, every] and len(set(plan.coalitions)) == len(plan.coalitions)
        assert {1 << one for one in range(plan.players)} <= set(plan.coalitions)
    assert exact(1).coalitions == [0, 1]


def test_estimates_carry_the_error_of_linear_combinations() -> None:
    """Of means, the Shapley value of each replication is one number, and the interval is Student's of these numbers."""
    noise = stream(1, 0, "noise").normal(size=(8, 12))
    plan = exact(3)
    estimates = {mask: mean_estimate(noise[mask]) for mask in plan.coalitions}
    each = np.array([values(plan, lambda some, r=r: float(noise[sum(1 << i for i in some), r])) for r in range(12)])  # type: ignore[misc]
    for player, found in enumerate(shapley(plan, estimates)):
        exactly = mean_estimate(each[:, player])
        assert found.value == pytest.approx(exactly.value) and found.error == pytest.approx(exactly.error)


def test_error_of_drawing_orders_is_in_the_interval() -> None:
    """Without any noise in the replications all error is that of drawing, and degrees of freedom are those of the pairs."""
    plan = sampled(8, 5, stream(1, 0, "orders"))
    estimates = played(plan, random_game(8), 10)
    found = shapley(plan, estimates)
    assert all(one.error > 0 and one.n == 5 for one in found)
    assert len({len(one.influence) for one in [*found, whole(plan, estimates), together(plan, estimates)]}) == 1
    assert whole(plan, estimates).error == 0
