"""The warm-up rule on processes whose transient is known, and the moving average by hand."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest

from simulation.chance import stream
from simulation.experiments.warmup import settles
from simulation.statistics.warmup import moving_average, mser

Array = npt.NDArray[np.float64]


def test_a_step_is_cut_where_it_is() -> None:
    noise = stream(1, 0, "step").standard_normal((100, 600))
    cuts = []
    for number, row in enumerate(noise):
        at = 50 + 5 * (number // 3)
        cut = mser(np.where(np.arange(600) < at, 4.0, 0.0) + row)
        assert at <= cut.at and not cut.late
        cuts.append(cut.at - at)
    assert np.mean(np.array(cuts) <= 15) > 0.7


def test_by_hand() -> None:
    """Batches of one: 5, then 1, 2, 1, 2 …: without the 5 the statistic is least, and each further cut only makes it larger."""
    cut = mser([5.0, *[1.0, 2.0] * 10], 1)
    assert cut == (1, False)


def test_what_never_settles_is_late() -> None:
    assert mser(np.arange(500.0)).late
    assert mser(np.where(np.arange(500) < 300, 0.0, 1.0)).late
    for many in (10, 11, 12, 20):
        assert mser(np.arange(float(many)), 1).late, "as many as may be left out is no cut either"


def test_noise_is_hardly_ever_cut_in_its_second_half() -> None:
    cuts = [mser(row) for row in stream(2, 0, "noise").standard_normal((400, 1000))]
    assert np.mean([cut.late for cut in cuts]) < 0.02
    assert np.mean([cut.at for cut in cuts]) < 50


def ar1(start: float, slope: float, runs: int, length: int, chance: np.random.Generator) -> Array:
    """An autoregressive process of order one with mean 0, from a start far from it; its expectation is start · slope^i."""
    shocks = chance.standard_normal((runs, length))
    rows = np.empty((runs, length))
    last = np.full(runs, start)
    for i in range(length):
        rows[:, i] = last
        last = slope * last + shocks[:, i]
    return rows


def test_the_bias_of_a_far_start_is_gone_and_little_else() -> None:
    """From 100, with slope 0.95: the bias of the mean of 2,000 is 1, and below 0.5 of a deviation after some 110."""
    rows = ar1(100.0, 0.95, 200, 2000, stream(3, 0, "ar1"))
    cuts = [mser(row) for row in rows]
    left = np.array([row[cut.at :].mean() for row, cut in zip(rows, cuts, strict=True)])
    assert rows.mean() == pytest.approx(1.0, abs=0.1)
    assert abs(left.mean()) < 0.1
    typical = float(np.median([cut.at for cut in cuts]))
    assert 30 <= typical <= 200 and sum(cut.late for cut in cuts) <= 2


def expected_waits(rho: float, customers: int) -> Array:
    """The exact expected wait of each customer, Σ E[S_k⁺] / k (Spitzer 1956), with service rate 1 and arrival rate ρ.

    The positive part of a sum of k steps, by the number of arrivals within k services (negative binomial).
    """
    found = [0.0]
    for k in range(1, customers):
        found.append(found[-1] + positive_part(k, rho) / k)
    return np.array(found)


def positive_part(k: int, rho: float) -> float:
    """E[(A - B)⁺] with A, B gamma of shape k and rates 1 and ρ: while services and gaps are under way, which ends first is a
    coin of 1 / (1 + ρ); A is the longer by as many services (mean 1) as are left when the k gaps are over."""
    service, total = 1 / (1 + rho), 0.0
    for done in range(k):
        log = math.lgamma(k + done) - math.lgamma(k) - math.lgamma(done + 1)
        total += (k - done) * math.exp(log + done * math.log(service) + k * math.log(1 - service))
    return total


def test_the_transient_of_a_queue_is_cut() -> None:
    """M/M/1 at 80 %: exactly known expected waits rise to 4. The rule, on the mean of 50 runs, takes away most of the bias."""
    exact = expected_waits(0.8, 300)
    steady = 0.8 / 0.2
    measured = lindley(0.8, 4000, 300, stream(5, 0, "waits"))
    assert np.abs(measured.mean(axis=0) - exact).max() < 5 * steady / math.sqrt(4000) * 2
    many = lindley(0.8, 50, 3000, stream(6, 0, "waits"))
    cut = mser(many.mean(axis=0))
    assert 0 < cut.at < 150 and not cut.late
    bias = steady - exact
    assert bias[cut.at :].sum() < bias.sum() / 2


def lindley(rho: float, runs: int, customers: int, chance: np.random.Generator) -> Array:
    """Waits with services of mean 1 and gaps of mean 1 / ρ."""
    steps = chance.exponential(size=(runs, customers)) - chance.exponential(1 / rho, (runs, customers))
    walk = np.concatenate([np.zeros((runs, 1)), np.cumsum(steps, axis=1)[:, :-1]], axis=1)
    found: Array = walk - np.minimum.accumulate(walk, axis=1)
    return found


def test_the_moving_average_by_hand() -> None:
    found = moving_average([1.0, 2.0, 6.0, 3.0, 8.0, 4.0], 2)
    assert found == pytest.approx([1.0, 3.0, 4.0, 23 / 5])


def test_too_few_observations_are_refused() -> None:
    with pytest.raises(ValueError, match="50 observations or more, got 49"):
        mser(np.zeros(49))


def test_a_cut_in_noise_is_no_cut() -> None:
    rows = stream(4, 0, "noise").standard_normal((10, 20))
    assert not settles(rows, 5)
    assert settles(rows + np.where(np.arange(20) < 5, 3.0, 0.0), 5)
    assert settles(rows[:2], 5)
