"""Batch means: the test on correlation by hand, intervals where theory knows the answer, and long runs of known means."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from simulation.chance import stream
from simulation.statistics import mean_interval
from simulation.statistics.batch_means import BatchInterval, batch_interval, corrected, evidence, lag_one, skewness
from simulation.statistics.paired import mean_estimate, ratio_estimate

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


def test_skewness_moves_the_interval() -> None:
    assert corrected(2.0, 0.0) == 2.0 and corrected(2.0, 1e-9) == 2.0
    assert corrected(2.0, 0.05) < 2.0 and corrected(-2.0, 0.05) < -2.0  # the mean may lie far above, hardly below
    assert skewness(np.array([1.0, 2.0, 3.0])) == 0 and skewness(np.array([0.0, 0.0, 1.0])) == pytest.approx(
        math.sqrt(3)
    )


# -- experiments ------------------------------------------------------------------------------------

MANY, BATCHES = 1000, 64


def queue(rho: float) -> Callable[[np.random.Generator, int], tuple[Array, float]]:
    """Waits in M/M/1 by Lindley's recursion, from a stationary start; in units of the mean service."""

    def draw(chance: np.random.Generator, customers: int) -> tuple[Array, float]:
        first = chance.exponential(1 / (1 - rho)) if chance.random() < rho else 0.0
        steps = chance.exponential(size=customers - 1) - chance.exponential(1 / rho, customers - 1)
        walk = np.concatenate([[0.0], np.cumsum(steps)])
        return np.maximum(walk + first, walk - np.minimum.accumulate(walk)), rho / (1 - rho)

    return draw


def autoregression(slope: float) -> Callable[[np.random.Generator, int], tuple[Array, float]]:
    """A stationary autoregressive process of order one with mean 0."""

    def draw(chance: np.random.Generator, n: int) -> tuple[Array, float]:
        from scipy.signal import lfilter

        shocks = chance.standard_normal(n)
        shocks[0] /= math.sqrt(1 - slope**2)
        return lfilter([1.0], [1.0, -slope], shocks), 0.0

    return draw


def experiment(
    draw: Callable[[np.random.Generator, int], tuple[Array, float]], n: int, many: int
) -> tuple[float, float]:
    """How often the interval covers, and how often it is warned about."""
    covered, warned = [], []
    for number in range(many):
        values, mean = draw(stream(9, number, "batches"), n)
        found = of(values.reshape(BATCHES, -1).mean(axis=1))
        covered.append(found.interval.low <= mean <= found.interval.high)
        warned.append(found.correlated)
    return float(np.mean(covered)), float(np.mean(warned))


def test_a_short_look_at_coverage() -> None:
    covered, warned = experiment(queue(0.5), 6400, 200)
    assert covered >= 0.9 and warned <= 0.1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("draw", "n"),
    [
        (queue(0.5), 16_000),
        (queue(0.8), 64_000),
        (queue(0.9), 128_000),
        (autoregression(0.9), 6400),
        (autoregression(0.0), 640),
    ],
    ids=["M/M/1 50 %", "M/M/1 80 %", "M/M/1 90 %", "AR(1) 0.9", "independent"],
)
def test_long_runs_are_covered_as_often_as_said(draw: Callable[..., tuple[Array, float]], n: int) -> None:
    covered, warned = experiment(draw, n, MANY)
    assert 0.93 <= covered <= 0.97 and warned <= 0.06


@pytest.mark.slow
@pytest.mark.parametrize(
    ("draw", "n"), [(queue(0.9), 6400), (autoregression(0.9), 640)], ids=["M/M/1 90 %", "AR(1) 0.9"]
)
def test_runs_too_short_are_warned_about(draw: Callable[..., tuple[Array, float]], n: int) -> None:
    assert experiment(draw, n, MANY)[1] >= 0.85


@pytest.mark.slow
def test_ratios_of_batches_are_covered() -> None:
    """Waits over customers, by batches of time: customers come in clumps, and so do their waits."""
    covered = []
    for number in range(MANY):
        chance = stream(10, number, "ratio")
        values, mean = autoregression(0.8)(chance, 6400)
        counts = chance.poisson(np.exp(0.3 * values)).astype(float)
        sums = counts * (5.0 + chance.standard_normal(6400))
        batch = [part.reshape(BATCHES, -1).sum(axis=1) for part in (sums, counts)]
        found = batch_interval(ratio_estimate(*batch), 1, 0.95).interval
        covered.append(found.low <= 5.0 + mean <= found.high)
    assert 0.93 <= np.mean(covered) <= 0.97
