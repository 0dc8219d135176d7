"""Looking again and again: boundaries against published ones, intervals against what is exact, no verdict without data."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

from simulation.chance import stream
from simulation.statistics import Interval, mean_interval
from simulation.statistics.paired import Estimate, mean_estimate
from simulation.statistics.sequential import (
    FIRST,
    Followed,
    Passed,
    boundary,
    looks,
    never_seen,
    nominal,
    normal_of,
    ordered_interval,
    probability_above,
    repeated_interval,
    spent,
    student_of,
)

PLAN = (20, 30, 45, 68)


def errors(numbers: tuple[int, ...] = PLAN) -> tuple[float, ...]:
    return tuple(0.05 * spent(n) for n in numbers)


def side(found: Interval) -> str | None:
    return "above" if found.low > 0 else "below" if found.high < 0 else None


def follow(values: np.ndarray, numbers: tuple[int, ...] = PLAN) -> Followed[str]:
    followed: Followed[str] = Followed(0.0)
    for n in numbers:
        followed.look(mean_estimate(values[:n]), 0.95, 1.0 if n == numbers[-1] else spent(n), side)
    return followed


def test_looks_grow_and_end_with_the_most() -> None:
    assert list(looks(100)) == [20, 30, 45, 68, 100]
    assert list(looks(20)) == [20] and list(looks(7)) == [7] and list(looks(21)) == [20, 21]


def test_half_of_the_error_is_spent_at_the_first_look_and_never_all() -> None:
    assert spent(FIRST) == spent(3) == 0.5
    assert spent(4 * FIRST) == 0.75
    assert spent(10**9) < 1


def test_equal_boundaries_are_pococks() -> None:
    """Five equally spaced looks with the constant 2.413 spend 5 % in all (Jennison and Turnbull 2000, table 2.1)."""
    numbers, level = (10, 20, 30, 40, 50), 0.05
    spending: tuple[float, ...] = ()
    for look in range(5):
        low, high = (spending[-1] if spending else 0.0), level + 0.01
        for _ in range(40):
            middle = (low + high) / 2
            reached = boundary(numbers[: look + 1], (*spending, middle))
            low, high = (middle, high) if reached > 2.413 else (low, middle)
        spending = (*spending, high)
    assert spending[-1] == pytest.approx(level, abs=2e-4)


def test_boundaries_of_obrien_and_fleming() -> None:
    """Five equally spaced looks, 2.040 sqrt(5 / k): the same table; the error spent by then is 5 %."""
    numbers = (10, 20, 30, 40, 50)
    spending: tuple[float, ...] = ()
    for look in range(5):
        low, high = (spending[-1] if spending else 0.0), 0.06
        for _ in range(60):
            middle = (low + high) / 2
            reached = boundary(numbers[: look + 1], (*spending, middle))
            low, high = (middle, high) if reached > 2.040 * math.sqrt(5 / (look + 1)) else (low, middle)
        spending = (*spending, high)
    assert spending[-1] == pytest.approx(0.05, abs=3e-4)


def test_one_look_is_students_interval() -> None:
    values = stream(1, 0, "one look").normal(1, 2, 12)
    found, exact = ordered_interval(mean_estimate(values), 0.0, (), 0.95), mean_interval(values)
    assert (found.mean, found.low, found.high, found.n) == pytest.approx((exact.mean, exact.low, exact.high, exact.n))
    whole = repeated_interval(mean_estimate(values), boundary((12,), (0.05,)), 0.95)
    assert (whole.low, whole.high) == pytest.approx((exact.low, exact.high))


def test_a_way_that_goes_on_is_wider_than_students_interval() -> None:
    """Having come through earlier looks pulls the interval towards the point."""
    values = stream(1, 0, "later").normal(0.5, 1, 45)
    critical = boundary(PLAN[:2], errors()[:2])
    passed = (Passed(20, -2.241, 2.241), Passed(30, -critical, critical))
    found, plain = ordered_interval(mean_estimate(values), 0.0, passed, 0.95), mean_interval(values)
    assert found.low < plain.low and found.high <= plain.high + 1e-6


def test_probabilities_of_a_way_are_those_of_simulation() -> None:
    chance = stream(1, 0, "ways")
    seen = Estimate(0.4, np.full(30, 1.0) * np.resize([1, -1], 30) * math.sqrt(29 / 30), 30)  # a deviation of exactly 1
    passed = (Passed(20, -2.0, 2.0),)
    steps = chance.normal(0.2, 1, (200_000, 2)) * [math.sqrt(20), math.sqrt(10)] + 0  # sums, without their drift
    first = 20 * 0.2 + (steps[:, 0] - 0.2 * math.sqrt(20))
    second = first + 10 * 0.2 + (steps[:, 1] - 0.2 * math.sqrt(10))
    at_first, at_second = first / math.sqrt(20), second / math.sqrt(30)
    bound = normal_of((0.4 - 0.2) * math.sqrt(30), 29) + 0.2 * math.sqrt(30)
    higher = (at_first > 2) | ((np.abs(at_first) <= 2) & (at_second > bound))
    assert probability_above(0.2, seen, 0.0, passed) == pytest.approx(higher.mean(), abs=0.004)


@pytest.mark.parametrize("mean", [-0.5, -0.1, 0.0, 0.15, 0.4, 2.0])
def test_interval_and_verdict_agree(mean: float) -> None:
    for number in range(15):
        followed = follow(stream(1, number, f"agree {mean}").normal(mean, 1, 68))
        found = followed.interval(0.95, side)
        assert side(found) == followed.verdict
        assert found.low < found.mean < found.high or followed.verdict


def test_what_comes_after_the_verdict_changes_nothing() -> None:
    values = stream(1, 0, "after").normal(2, 1, 68)
    first, more = follow(values, (20, 30)), follow(values)
    assert first.verdict == more.verdict == "above"
    assert more.interval(0.95, side).n == 20


def test_a_later_budget_comes_to_the_same_verdict() -> None:
    """What settled at a look settles there under every budget, with the same interval."""
    values = stream(1, 3, "budget").normal(0.45, 1, 500)
    plans = [tuple(looks(most)) for most in (100, 230, 500)]
    found = [follow(values, plan) for plan in plans]
    assert {one.verdict for one in found} == {"above"}
    assert len({one.interval(0.95, side) for one in found}) == 1


@pytest.mark.parametrize(
    "values", [[], [1.0], [math.nan] * 5, [math.inf, 1.0, 2.0], [math.nan, 3.0, math.nan]], ids=str
)
def test_nothing_is_decided_by_too_little(values: list[float]) -> None:
    followed = follow(np.array(values))
    assert followed.verdict is None
    found = followed.interval(0.95, side)
    assert math.isnan(found.low) and math.isnan(found.high)
    assert followed.unsettled("x", "s").more is None


def test_replications_without_data_wait() -> None:
    """A metric of which more is known at some looks only."""
    values = stream(1, 0, "gaps").normal(5, 1, 68)
    values[10:50] = math.nan
    followed = follow(values, (1, 10, 30, 45, 68))
    assert followed.verdict == "above" and followed.interval(0.95, side).n == 10


def test_constants_are_known_at_once() -> None:
    followed = follow(np.full(68, 0.3))
    assert followed.verdict == "above"
    found = followed.interval(0.95, side)
    assert (found.low, found.mean, found.high, found.n) == (0.3, 0.3, 0.3, 20)


def test_a_share_that_was_always_whole_may_be_less() -> None:
    """Twenty days of twenty: with 95 % certainty at least 83.2 % (Clopper and Pearson), so 90 % is open and 80 % met."""
    days = mean_estimate([1.0] * 20)
    found = never_seen(days, 0.95, 20)
    assert (found.low, found.high) == (pytest.approx(0.025 ** (1 / 20)), 1.0)
    assert never_seen(mean_estimate([0.0] * 20), 0.95, 20).high == pytest.approx(1 - found.low)
    both = never_seen(mean_estimate([0.0] * 20), 0.95, -20)
    assert both.high == -both.low == pytest.approx(1 - found.low)
    assert never_seen(mean_estimate([0.4] * 20), 0.95, 20).low == 0.4
    for bound, verdict in ((0.9, None), (0.8, "met")):
        followed: Followed[str] = Followed(bound)
        followed.look(days, 0.95, 1.0, lambda one, bound=bound: "met" if one.low > bound else None, trials=20)
        assert followed.verdict == verdict
    more = followed_open(days).unsettled("x", "share").more
    assert more is not None and 10 <= more <= 30


def followed_open(days: Estimate) -> Followed[str]:
    followed: Followed[str] = Followed(0.9)
    followed.look(days, 0.95, 1.0, lambda one: "met" if one.low > 0.9 else None, trials=20)
    return followed


def test_how_many_more_might_tell() -> None:
    """Once settled with about as many as was said."""
    values = np.resize([1.1, -0.9], 2000)  # mean 0.1, deviation 1
    followed = follow(values, (20, 40))
    more = followed.unsettled("x", "s").more
    assert more is not None and 400 < 40 + more < 700


def test_levels_and_boundaries_are_two_ways_to_say_the_same() -> None:
    assert nominal(boundary((20,), (0.05,))) == pytest.approx(0.95)
    assert normal_of(student_of(2.5, 7), 7) == pytest.approx(2.5)
    assert normal_of(-student_of(2.5, 7), 7) == pytest.approx(-2.5)


def test_later_looks_ask_for_more() -> None:
    found = [boundary(PLAN[: look + 1], errors()[: look + 1]) for look in range(4)]
    assert all(one < other for one, other in pairwise(found)) and found[0] == pytest.approx(2.2414, abs=1e-4)


def test_the_way_there_counts() -> None:
    """What settles at a later look has not Student's interval, but the one of its way."""
    values = stream(1, 2, "way").normal(0.45, 1, 68)
    followed = follow(values)
    found = followed.interval(0.95, side)
    passed = tuple(
        Passed(n, -boundary(PLAN[: i + 1], errors()[: i + 1]), boundary(PLAN[: i + 1], errors()[: i + 1]))
        for i, n in enumerate(PLAN[: PLAN.index(found.n)])
    )
    assert passed
    exact, plain = (
        ordered_interval(mean_estimate(values[: found.n]), 0.0, passed, 0.95),
        mean_interval(values[: found.n]),
    )
    assert (found.low, found.high) == pytest.approx((exact.low, exact.high))
    assert abs(found.low - plain.low) > 0.01 * plain.half_width


def test_the_same_data_twice_is_one_look() -> None:
    values = stream(1, 0, "twice").normal(0.3, 1, 20)
    once, twice = follow(values, (20,)), follow(values, (20, 20))
    followed: Followed[str] = Followed(0.0)
    for _ in range(2):
        followed.look(mean_estimate(values), 0.95, 1.0, side)
    assert followed.interval(0.95, side) == once.interval(0.95, side) and twice.verdict is None
