"""Paired differences and joint intervals against what can be worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from simulation.chance import stream
from simulation.statistics import mean_interval, ratio_interval, t_quantile
from simulation.statistics.paired import (
    Estimate,
    difference,
    interval,
    joint_level,
    mean_estimate,
    ratio_estimate,
    root,
    variance_left,
)


def chance(name: str = "test") -> np.random.Generator:
    return stream(1, 0, name)


def test_a_mean_has_students_interval() -> None:
    values = [1.0, 4.0, math.nan, 2.0, 9.0]
    found, exact = interval(mean_estimate(values), 0.9), mean_interval(values, 0.9)
    assert (found.mean, found.low, found.high, found.n) == pytest.approx((exact.mean, exact.low, exact.high, exact.n))


def test_a_ratio_has_the_interval_of_the_delta_method() -> None:
    x, y = [3.0, 5.0, 0.0, 9.0], [10.0, 12.0, 0.0, 20.0]
    found, exact = interval(ratio_estimate(x, y), 0.95), ratio_interval(x, y, 0.95)
    assert (found.mean, found.low, found.high, found.n) == pytest.approx((exact.mean, exact.low, exact.high, exact.n))


def test_a_paired_difference_of_means_is_the_mean_of_differences() -> None:
    one, other = np.array([1.0, 4.0, 2.0, 9.0]), np.array([1.5, 5.0, 2.0, 9.5])
    found = interval(difference(mean_estimate(other), mean_estimate(one)), 0.95)
    exact = mean_interval(other - one, 0.95)
    assert (found.mean, found.low, found.high) == pytest.approx((exact.mean, exact.low, exact.high))


def test_a_paired_difference_of_ratios_by_hand() -> None:
    """Both over the same counts: the ratio of the differences."""
    counts = np.array([10.0, 20.0, 30.0])
    one, other = np.array([1.0, 2.0, 6.0]), np.array([2.0, 2.0, 9.0])
    found = interval(difference(ratio_estimate(other, counts), ratio_estimate(one, counts)), 0.95)
    exact = ratio_interval(other - one, counts, 0.95)
    assert (found.mean, found.low, found.high) == pytest.approx((exact.mean, exact.low, exact.high))


def test_the_root_by_the_delta_method() -> None:
    found = root(Estimate(4.0, np.array([0.4, -0.4]), 2))
    assert found.value == 2 and found.influence.tolist() == [0.1, -0.1]
    assert root(Estimate(-1e-9, np.array([1.0, -1.0]), 2)).value == 0


def test_the_root_of_nothing_has_an_error() -> None:
    """Spreads of two or three seconds squared, give or take: none was found, and some may be there."""
    squares = mean_estimate([-9.0, 5.0, 3.0, -4.0])
    found = interval(root(squares), 0.95)
    assert squares.value < 0 and found.mean == 0
    assert found.high >= math.sqrt(interval(squares, 0.95).high)
    assert root(mean_estimate([0.0, 0.0])).error == 0 and math.isnan(root(mean_estimate([math.nan])).value)


def test_common_numbers_take_variance_away() -> None:
    one = np.array([1.0, 4.0, 2.0, 9.0])
    assert variance_left(mean_estimate(one + 1), mean_estimate(one)) == pytest.approx(0, abs=1e-12)
    assert variance_left(mean_estimate(-one), mean_estimate(one)) == pytest.approx(2)
    assert math.isnan(variance_left(mean_estimate([1, 1]), mean_estimate([2, 2])))


def test_nothing_is_known_of_one_replication() -> None:
    found = interval(difference(mean_estimate([2.0]), mean_estimate([1.0])), 0.95)
    assert found.mean == 1 and math.isnan(found.low)
    assert joint_level([mean_estimate([2.0])], 0.95, chance()) == 0.95


def test_what_never_varies_is_known_exactly() -> None:
    one = mean_estimate([3.0] * 4)
    found = interval(one, 0.95, joint_level([one], 0.95, chance()))
    assert (found.low, found.mean, found.high) == (3, 3, 3)


def test_one_interval_alone_needs_no_more_than_students_t() -> None:
    one = mean_estimate([1.0, 4.0, 2.0, 9.0])
    assert joint_level([one], 0.95, chance()) == 0.95
    assert joint_level([one, mean_estimate([5.0] * 4)], 0.95, chance()) == 0.95


def test_what_always_moves_together_counts_once() -> None:
    values = chance("values").normal(size=20)
    many = [mean_estimate(factor * values) for factor in (1, -2, 5)]
    assert t_quantile(joint_level(many, 0.95, chance()), 19) == pytest.approx(t_quantile(0.95, 19), rel=0.02)


def test_independent_ones_need_nearly_bonferroni() -> None:
    """With many replications: the largest of m independent normal numbers lies within ± z with probability (2 Phi(z) - 1)^m."""
    values = chance("values").normal(size=(10, 2000))
    found = t_quantile(joint_level([mean_estimate(row) for row in values], 0.95, chance()), 1999)
    exact = t_quantile(0.95 ** (1 / 10), 1999)
    assert found == pytest.approx(exact, rel=0.01)
    assert found <= t_quantile(1 - 0.05 / 10, 1999)


@pytest.mark.slow
@pytest.mark.parametrize("shared", [0.0, 0.8])
def test_joint_intervals_hold_as_often_as_they_say(shared: float) -> None:
    """Ten means of 20 correlated replications: all ten intervals hold in 95 % of experiments."""
    numbers, held, experiments = chance(f"coverage {shared}"), 0, 400
    for _ in range(experiments):
        values = shared * numbers.normal(size=20) + math.sqrt(1 - shared**2) * numbers.normal(size=(10, 20))
        estimates = [mean_estimate(row) for row in values]
        critical = t_quantile(joint_level(estimates, 0.95, numbers, draws=1000), estimates[0].n - 1)
        held += all(abs(one.value) <= critical * one.error for one in estimates)
    assert 0.92 <= held / experiments <= 0.98


def test_correlations_of_few_replications_are_not_taken_at_face_value() -> None:
    """Sixty independent estimates of four replications: what looks like correlation is chance, and nearly Bonferroni is needed."""
    for number in range(3):
        values = chance(f"few {number}").normal(size=(60, 4))
        found = t_quantile(joint_level([mean_estimate(row) for row in values], 0.95, chance()), 3)
        assert found > 0.95 * t_quantile(1 - 0.05 / 60, 3)


def test_two_replications_show_no_correlation() -> None:
    """Any two numbers lie on a line: taken for correlation, thirty intervals would hold at once in 21 % of experiments."""
    numbers, held = chance("two"), 0
    for _ in range(200):
        estimates = [mean_estimate(row) for row in numbers.normal(size=(30, 2))]
        single = joint_level(estimates, 0.95, numbers, draws=500)
        held += all(abs(one.value) <= t_quantile(single, 1) * one.error for one in estimates)
    assert held / 200 > 0.9


def test_who_knows_little_makes_no_other_wider() -> None:
    """Of one of ten estimates only two replications know something: the others need little more than nine of them do."""
    values = chance("values").normal(size=(10, 20))
    nine = joint_level([mean_estimate(row) for row in values[:9]], 0.95, chance())
    values[9, 2:] = math.nan
    ten = joint_level([mean_estimate(row) for row in values], 0.95, chance())
    assert nine <= ten <= 1 - 0.05 / 10
