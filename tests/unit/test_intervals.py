"""Confidence intervals: textbook figures, coverage in repeated experiments, laws and degenerate cases."""

import math
import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.chance import stream
from simulation.statistics import (
    Interval,
    mean_interval,
    order_statistic_interval,
    quantile_interval,
    ratio_interval,
    t_quantile,
)

EXPERIMENTS = 4_000
SAMPLES = st.lists(st.floats(0.0, 1e6), min_size=2, max_size=30)
PAIRS = st.lists(st.tuples(st.floats(0.0, 1e4), st.floats(0.5, 1e4)), min_size=2, max_size=30)


def coverage(intervals: list[Interval], truth: float) -> float:
    return sum(one.low <= truth <= one.high for one in intervals) / len(intervals)


def same(one: Interval, other: Interval, factor: float = 1.0) -> None:
    """The intervals agree, the second multiplied by `factor`, within rounding of the data's size."""
    size = factor * (abs(other.mean) + abs(other.high - other.low))
    for name in ("mean", "low", "high"):
        expected = factor * getattr(other, name)
        assert getattr(one, name) == pytest.approx(expected, rel=1e-9, abs=1e-6 * size + 1e-12)


def is_unbounded(one: Interval) -> bool:
    return math.isnan(one.low) and math.isnan(one.high) and math.isnan(one.half_width)


class TestStudent:
    @pytest.mark.parametrize(
        ("level", "df", "value"),
        [
            (0.95, 1, 12.7062),
            (0.95, 9, 2.26216),
            (0.90, 9, 1.83311),
            (0.99, 29, 2.75639),
            (0.95, math.inf, 1.95996),
        ],
    )
    def test_printed_table(self, level: float, df: float, value: float) -> None:
        assert t_quantile(level, df) == pytest.approx(value, abs=1e-4)

    @pytest.mark.parametrize("level", [0.0, 1.0, 95.0, math.nan])
    def test_level_is_a_share(self, level: float) -> None:
        with pytest.raises(ValueError, match="`level` must lie between 0 and 1"):
            t_quantile(level, 5)

    @pytest.mark.parametrize("df", [0, -1, math.nan])
    def test_degrees_of_freedom_are_positive(self, df: float) -> None:
        with pytest.raises(ValueError, match="`df` must be above 0"):
            t_quantile(0.95, df)

    def test_the_slow_import_stays_out(self) -> None:
        code = (
            "import sys; from simulation.statistics import mean_interval\n"
            "assert 'scipy' not in sys.modules, 'scipy at import'\n"
            "mean_interval([1.0, 2.0]); assert 'scipy.stats' not in sys.modules, 'scipy.stats at use'"
        )
        subprocess.run([sys.executable, "-c", code], check=True)


class TestMean:
    def test_ten_observations_of_law_and_kelton(self) -> None:
        """Simulation Modeling and Analysis, section 4.5: 1.34 ± 0.24 at 90 %."""
        one = mean_interval([1.20, 1.50, 1.68, 1.89, 0.95, 1.49, 1.58, 1.55, 0.50, 1.09], level=0.90)
        assert (round(one.mean, 2), round(one.half_width, 2)) == (1.34, 0.24)
        assert (one.low, one.high) == pytest.approx((one.mean - one.half_width, one.mean + one.half_width))
        assert (one.n, one.level) == (10, 0.90)

    @pytest.mark.parametrize("n", [3, 10, 40])
    def test_coverage_of_normal_replications(self, n: int) -> None:
        samples = stream(1, n, "coverage of a mean").normal(50.0, 8.0, size=(EXPERIMENTS, n))
        assert 0.94 < coverage([mean_interval(row) for row in samples], 50.0) < 0.96

    def test_coverage_of_skewed_replications(self) -> None:
        samples = stream(2, 0, "coverage of a mean").gamma(4.0, 25.0, size=(EXPERIMENTS, 20))
        assert 0.93 < coverage([mean_interval(row) for row in samples], 100.0) < 0.97

    @given(SAMPLES, st.floats(1e-3, 1e3))
    def test_scale(self, values: list[float], factor: float) -> None:
        same(mean_interval([factor * value for value in values]), mean_interval(values), factor)

    @given(SAMPLES)
    def test_order_is_of_no_account(self, values: list[float]) -> None:
        same(mean_interval(sorted(values)), mean_interval(values))

    @given(SAMPLES)
    def test_mean_lies_inside_and_a_higher_level_is_wider(self, values: list[float]) -> None:
        usual, strict = mean_interval(values), mean_interval(values, level=0.99)
        assert strict.low <= usual.low <= usual.mean <= usual.high <= strict.high

    def test_equal_values_give_exactly_themselves(self) -> None:
        assert mean_interval([0.1] * 3) == Interval(0.1, 0.1, 0.1, 0.95, 3)

    def test_one_replication_gives_no_bounds(self) -> None:
        one = mean_interval([4.0])
        assert (one.mean, one.n) == (4.0, 1)
        assert is_unbounded(one)

    def test_replications_without_a_figure_are_left_out(self) -> None:
        assert mean_interval([1.0, math.nan, 3.0]) == mean_interval([1.0, 3.0])

    @pytest.mark.parametrize("values", [[], [math.nan, math.nan]])
    def test_nothing_known(self, values: list[float]) -> None:
        one = mean_interval(values)
        assert math.isnan(one.mean)
        assert one.n == 0
        assert is_unbounded(one)

    def test_infinite_values_give_no_bounds(self) -> None:
        assert mean_interval([1.0, math.inf]).mean == math.inf
        assert is_unbounded(mean_interval([1.0, math.inf]))
        assert is_unbounded(mean_interval([math.inf, math.inf]))
        assert math.isnan(mean_interval([-math.inf, math.inf]).mean)

    def test_a_table_is_refused(self) -> None:
        with pytest.raises(ValueError, match=r"`values` must be one row of numbers, .* \(2, 3\)"):
            mean_interval(np.ones((2, 3)))


class TestRatio:
    def test_by_hand(self) -> None:
        """r = 15/6, residuals -1/2, -1, 3/2, their variance 7/4, t of 2 degrees 4.3027."""
        one = ratio_interval([2.0, 4.0, 9.0], [1.0, 2.0, 3.0])
        assert one.mean == pytest.approx(2.5)
        assert one.half_width == pytest.approx(4.30265 * math.sqrt(1.75 / 3) / 2.0, rel=1e-5)
        assert one.n == 3

    def test_is_the_ratio_of_sums_and_not_the_mean_of_ratios(self) -> None:
        assert ratio_interval([1.0, 90.0], [1.0, 100.0]).mean == pytest.approx(91 / 101)

    def test_coverage_with_random_denominators(self) -> None:
        chance = stream(3, 0, "coverage of a ratio")
        offered = chance.poisson(chance.gamma(25.0, 8.0, size=(EXPERIMENTS, 20))).astype(float)
        answered = chance.binomial(offered.astype(int), 0.8).astype(float)
        intervals = [ratio_interval(x, y) for x, y in zip(answered, offered, strict=True)]
        assert 0.93 < coverage(intervals, 0.8) < 0.97

    def test_coverage_where_numerator_and_denominator_move_together(self) -> None:
        chance = stream(4, 0, "coverage of a ratio")
        y = chance.gamma(10.0, 1.0, size=(EXPERIMENTS, 20))
        x = 3.0 * y + chance.normal(0.0, 2.0, size=y.shape)
        intervals = [ratio_interval(*pair) for pair in zip(x, y, strict=True)]
        assert 0.93 < coverage(intervals, 3.0) < 0.97
        naive = mean_interval(x[0]).half_width / y[0].mean()
        assert intervals[0].half_width < naive / 2, "the common movement must cancel"

    @given(SAMPLES)
    def test_over_a_constant_it_is_the_mean(self, values: list[float]) -> None:
        same(ratio_interval(values, [2.0] * len(values)), mean_interval(values), 0.5)

    @given(PAIRS, st.floats(1e-3, 1e3), st.floats(1e-3, 1e3))
    def test_scale(self, pairs: list[tuple[float, float]], above: float, below: float) -> None:
        x, y = np.array(pairs).T
        same(ratio_interval(above * x, below * y), ratio_interval(x, y), above / below)

    @given(PAIRS)
    def test_order_is_of_no_account(self, pairs: list[tuple[float, float]]) -> None:
        x, y = np.array(pairs).T
        u, v = np.array(sorted(pairs)).T
        same(ratio_interval(u, v), ratio_interval(x, y))

    def test_zero_over_zero_tells_nothing(self) -> None:
        one = ratio_interval([2.0, 0.0, 4.0, 0.0], [4.0, 0.0, 6.0, 0.0])
        assert one == ratio_interval([2.0, 4.0], [4.0, 6.0])
        assert one.mean == pytest.approx(0.6) and one.n == 2

    def test_coverage_where_most_replications_have_no_data(self) -> None:
        """One contact in three replications on average: with each empty one as a residual of 0 some 74 % would cover."""
        chance = stream(5, 0, "coverage of a rare ratio")
        contacts = chance.poisson(0.3, size=(EXPERIMENTS, 20)).astype(float)
        waits = chance.normal(5.0 * contacts, np.sqrt(contacts))
        intervals = [ratio_interval(x, y) for x, y in zip(waits, contacts, strict=True) if np.count_nonzero(y) > 1]
        assert 0.93 < coverage(intervals, 5.0) < 0.97

    def test_a_numerator_over_zero_is_not_lost(self) -> None:
        one = ratio_interval([2.0, 5.0, 4.0], [4.0, 0.0, 6.0])
        assert one.mean == pytest.approx(1.1) and one.n == 3

    def test_all_denominators_zero(self) -> None:
        one = ratio_interval([0.0, 1.0], [0.0, 0.0])
        assert math.isnan(one.mean)
        assert is_unbounded(one)

    def test_a_single_denominator_above_zero_gives_no_bounds(self) -> None:
        one = ratio_interval([0.0, 5.0, 0.0], [0.0, 10.0, 0.0])
        assert one.mean == 0.5
        assert is_unbounded(one)

    def test_unknown_pairs_are_left_out(self) -> None:
        one = ratio_interval([1.0, math.nan, 2.0, 7.0], [2.0, 3.0, 5.0, math.nan])
        assert one == ratio_interval([1.0, 2.0], [2.0, 5.0])

    def test_equal_ratios_give_a_point(self) -> None:
        one = ratio_interval([1.0, 2.0, 4.0], [2.0, 4.0, 8.0])
        assert (one.low, one.mean, one.high) == (0.5, 0.5, 0.5)

    @pytest.mark.parametrize(("x", "y", "mean"), [(math.inf, 1.0, math.inf), (1.0, math.inf, 0.0)])
    def test_infinite_values_give_no_bounds(self, x: float, y: float, mean: float) -> None:
        one = ratio_interval([1.0, x], [1.0, y])
        assert one.mean == mean
        assert is_unbounded(one)

    def test_nothing_at_all(self) -> None:
        assert math.isnan(ratio_interval([], []).mean)

    def test_lengths_must_agree(self) -> None:
        with pytest.raises(ValueError, match="one denominator a numerator, got 2 and 3"):
            ratio_interval([1.0, 2.0], [1.0, 2.0, 3.0])

    def test_negative_denominators_are_refused(self) -> None:
        with pytest.raises(ValueError, match="denominators must not be negative"):
            ratio_interval([1.0, 2.0], [1.0, -2.0])


class TestQuantile:
    def test_coverage_of_one_quantile_a_replication(self) -> None:
        waits = stream(5, 0, "coverage of a quantile").exponential(60.0, size=(1_000, 10, 400))
        medians = np.quantile(waits, 0.5, axis=2)
        assert 0.93 < coverage([quantile_interval(row) for row in medians], 60.0 * math.log(2.0)) < 0.97

    @pytest.mark.parametrize(
        ("n", "p", "low", "high"),
        [
            (6, 0.5, 1, 6),
            (10, 0.5, 2, 9),
            (20, 0.5, 6, 15),
            (5, 0.5, -math.inf, math.inf),
            (30, 0.9, 23, math.inf),
        ],
    )
    def test_ranks_of_the_binomial_table(self, n: int, p: float, low: float, high: float) -> None:
        one = order_statistic_interval(np.arange(1.0, n + 1), p)
        assert (one.low, one.high) == (low, high)

    @pytest.mark.parametrize(("p", "n"), [(0.5, 50), (0.9, 80), (0.95, 400)])
    def test_coverage_of_independent_observations(self, p: float, n: int) -> None:
        samples = stream(6, n, "coverage of a quantile").exponential(1.0, size=(EXPERIMENTS, n))
        intervals = [order_statistic_interval(row, p) for row in samples]
        assert 0.945 < coverage(intervals, -math.log(1.0 - p)) < 0.985

    @given(st.lists(st.floats(0.0, 1e6), min_size=2, max_size=60), st.floats(0.01, 0.99), st.floats(0.05, 0.99))
    def test_estimate_lies_inside_and_order_is_of_no_account(self, values: list[float], p: float, level: float) -> None:
        one = order_statistic_interval(values, p, level)
        assert one.low <= one.mean <= one.high
        assert one == order_statistic_interval(values[::-1], p, level)

    @given(st.lists(st.floats(0.0, 1e6), min_size=2, max_size=60), st.floats(0.01, 0.99))
    def test_any_rising_function_carries_the_bounds_along(self, values: list[float], p: float) -> None:
        one = order_statistic_interval(values, p)
        squared = order_statistic_interval(np.square(values), p)
        assert (squared.low, squared.mean, squared.high) == (
            one.low if math.isinf(one.low) else one.low * one.low,
            one.mean * one.mean,
            one.high * one.high,
        )

    def test_estimate_has_rank_ceil_of_n_p(self) -> None:
        assert order_statistic_interval(np.arange(1.0, 101.0), 0.07).mean == 7.0
        assert order_statistic_interval(np.arange(1.0, 101.0), 0.071).mean == 8.0

    def test_degenerate_samples(self) -> None:
        assert math.isnan(order_statistic_interval([], 0.5).mean)
        assert is_unbounded(order_statistic_interval([3.0], 0.5))
        assert order_statistic_interval([3.0, math.nan], 0.5).n == 1
        assert order_statistic_interval([2.0] * 30, 0.5) == Interval(2.0, 2.0, 2.0, 0.95, 30)
        assert order_statistic_interval([1.0] * 20 + [math.inf] * 10, 0.9).mean == math.inf


@pytest.mark.parametrize(
    "build",
    [
        lambda: mean_interval([1.0, 2.0], 95),
        lambda: ratio_interval([1.0], [1.0], 0.0),
        lambda: quantile_interval([1.0, 2.0], 1.0),
        lambda: order_statistic_interval([1.0, 2.0], 0.5, -0.1),
        lambda: order_statistic_interval([1.0, 2.0], 95.0),
    ],
)
def test_shares_out_of_range_are_refused(build: Callable[[], Interval]) -> None:
    with pytest.raises(ValueError, match=r"must lie between 0 and 1, for example 0\.95"):
        build()
