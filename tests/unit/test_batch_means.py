"""Batch means: the test on correlation by hand, intervals where theory knows the answer, and long runs of known means."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pytest

from simulation.chance import stream
from simulation.statistics import mean_interval
from simulation.statistics.batch_means import BatchInterval, batch_interval, corrected, evidence, lag_one, skewness
from simulation.statistics.paired import mean_estimate
from tests.coverage.steady import queue

Array = npt.NDArray[np.float64]


def of(values: Array, runs: int = 1, level: float = 0.95) -> BatchInterval:
    return batch_interval(mean_estimate(values), runs, level)


def test_the_correlation_of_neighbours_by_hand() -> None:
    """1, 2, 3, 4: one less von Neumann's ratio, 1 - (1 + 1 + 1) / (2 · 5)."""
    assert lag_one(np.array([[1.0, 2.0, 3.0, 4.0]])) == pytest.approx(0.7)
    assert lag_one(np.array([[1.0], [2.0]])) == 0 and lag_one(np.ones((1, 8))) == 0


def test_without_correlation_the_correlation_is_none_on_average() -> None:
    for runs in (1, 4):
        found = [lag_one(row.reshape(runs, -1)) for row in stream(1, 0, "none").standard_normal((4000, 32))]
        assert abs(np.mean(found)) < 0.01
        assert (
            np.mean([evidence(row.reshape(runs, -1)) < 0.1 for row in stream(2, 0, "none").normal(size=(4000, 32))])
            < 0.13
        )


def test_independent_batches_have_nearly_students_interval() -> None:
    """Where the test is passed at once, and neither correlation nor skewness is seen."""
    values = np.tile([1.0, -1.0, 1.0, -1.0, -1.0, 1.0, -1.0, 1.0], 8)
    found, exact = of(values), mean_interval(values)
    assert found.batches == 64 and not found.correlated
    assert (found.interval.low, found.interval.high) == pytest.approx((exact.low, exact.high))


def test_batches_that_hang_together_are_put_together() -> None:
    """Pairs that are equal: half of the batches say all."""
    pairs = np.repeat(stream(3, 0, "pairs").standard_normal(32), 2)
    found = of(pairs)
    assert found.correlated and found.batches <= 32
    assert found.interval.half_width > mean_interval(pairs).half_width * 1.2


def test_what_never_varies_is_known() -> None:
    found = of(np.full(64, 3.0)).interval
    assert (found.mean, found.low, found.high) == (3.0, 3.0, 3.0)


def test_few_batches_give_no_interval() -> None:
    assert math.isnan(of(np.arange(7.0)).interval.low)


def test_batches_without_data_do_not_narrow_the_interval() -> None:
    """A quantile that a quarter of the batches have: with the others as zeros some 38 % would cover."""
    chance = stream(6, 0, "gaps")
    covered = 0
    for _ in range(400):
        values = chance.normal(size=64)
        values[chance.permutation(64)[16:]] = math.nan
        found = of(values).interval
        covered += found.low <= 0 <= found.high
    assert 0.92 < covered / 400 < 0.98


def test_skewness_moves_the_interval() -> None:
    assert corrected(2.0, 0.0) == 2.0 and corrected(2.0, 1e-9) == 2.0
    assert corrected(2.0, 0.05) < 2.0 and corrected(-2.0, 0.05) < -2.0  # the mean may lie far above, hardly below
    assert skewness(np.array([1.0, 2.0, 3.0])) == 0 and skewness(np.array([0.0, 0.0, 1.0])) == pytest.approx(
        math.sqrt(3)
    )


def test_eight_batches_say_little_of_skewness() -> None:
    """On a level that many joint intervals need, too, both sides stay of one size; the expansion alone would reach without end."""
    values = np.array([0.0, 0.1, -0.1, 0.2, -0.2, 0.1, -0.3, 1.5])
    found = batch_interval(mean_estimate(values), 1, 0.9999).interval
    below, above = found.mean - found.low, found.high - found.mean
    assert below < above < 2 * below
    assert -12 < corrected(-6.0, 0.2) < -6.0 < 6.0 > corrected(6.0, 0.2) > 3


def test_skewness_that_may_be_chance_is_left_aside() -> None:
    """Of 64 normal values the skewness strays by 0.3."""
    mild = np.array([-1.0, 0.0, 1.0, 0.2] * 15 + [1.5, 1.2, -0.2, 0.1])
    clear = mild**3 + mild**2
    assert 0.01 < abs(skewness(mild)) < 0.3 < 1 < skewness(clear)
    for values, even in ((mild, True), (clear, False)):
        found = batch_interval(mean_estimate(values), 1, 0.95).interval
        assert math.isclose(found.mean - found.low, found.high - found.mean, rel_tol=1e-9) is even


def test_a_short_look_at_coverage() -> None:
    """Waits in M/M/1 at half load; tests/coverage has the experiments."""
    found = [batch_interval(mean_estimate(row), 1, 0.95) for row in queues()]
    assert np.mean([one.interval.low <= 1.0 <= one.interval.high for one in found]) >= 0.9
    assert np.mean([one.correlated for one in found]) <= 0.1


def queues() -> Iterator[Array]:
    """Means of 64 batches of 100 waits each, 200 times."""
    for number in range(200):
        yield queue(0.5)(stream(9, number, "batches"), 6400).reshape(64, -1).mean(axis=1) + 1.0
