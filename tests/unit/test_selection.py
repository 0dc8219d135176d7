"""Selection of the best: constants and allocations worked out by hand, and systems whose best is known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from simulation.chance import stream
from simulation.statistics.paired import mean_estimate
from simulation.statistics.selection import Elimination, Race, Ranking, allocation, boundary, following
from tests.unit.selecting import estimates, normal, raced, ranked, share_right

FIVE = [[1.0, 0.0, 0.0, 0.0, 0.0], [1.0, 0.0, -1.0, -2.0, -3.0]]
"""The slippage configuration, the hardest for means at least 1 apart, and means in a row."""
SPREADS = [[3.0] * 5, [5.0, 3.0, 2.0, 2.0, 2.0], [1.5, 3.0, 4.0, 4.0, 5.0]]


def test_the_constant_of_the_boundary() -> None:
    """h² = 2 η (n0 - 1); with two systems and 95 %, η = ((2 · 0.05)^(-2/9) - 1) / 2 for a first stage of ten."""
    assert boundary(2, 10, 0.95) == pytest.approx(9 * (0.1 ** (-2 / 9) - 1))
    assert boundary(2, 10, 0.95) == pytest.approx(6.013, abs=0.001)
    assert boundary(10, 10, 0.95) > boundary(2, 10, 0.95) > boundary(2, 30, 0.95)


def test_a_race_by_hand() -> None:
    """The differences are 3, 1, 2: their variance is 1, and h² = 2 (0.1^-1 - 1) = 18 for a first stage of three. So one may be
    behind by 18 / (2 r) - 1 / 2 after r replications: 2.5 after three, which 2.0 is not; 1.75 after four."""
    first = estimates(np.array([[3.0, 1.0, 2.0], [0.0, 0.0, 0.0]]))
    race = Race(first, 1.0, 0.95)
    assert race.most in (18, 19)  # whether 18 is a hair more or less
    assert race.look([2.0, 0.0], 3) == [] and not race.over
    assert race.look([1.74, 0.0], 4) == []
    assert race.look([1.76, 0.0], 4) == [Elimination(1, 0, 4)] and race.over


def test_who_never_differs_is_equal_at_once() -> None:
    race = Race(estimates(np.array([[1.0, 2.0, 4.0]] * 2)), 0.1, 0.95)
    assert race.look([7 / 3, 7 / 3], 3) == [Elimination(1, 0, 3, True)]
    assert race.left == [0]


def test_replications_without_data_do_not_shorten_the_race() -> None:
    """Two systems of which every other replication knows something: their means vary as those of half as many."""
    values = np.array([1.0, 4.0, 2.0, 9.0, 3.0])
    gaps = np.column_stack([values, np.full(5, np.nan)]).ravel()
    whole, half = (Race([mean_estimate(one), mean_estimate(0 * one)], 1.0, 0.95) for one in (np.tile(values, 2), gaps))
    assert half.most == pytest.approx(2 * whole.most, rel=0.01)


@pytest.mark.parametrize(("matters", "level"), [(0.0, 0.95), (-1.0, 0.95), (math.nan, 0.95), (1.0, 1.0)])
def test_what_makes_no_sense_is_refused(matters: float, level: float) -> None:
    with pytest.raises(ValueError, match="must be above 0"):
        Race(estimates(np.arange(6.0).reshape(2, 3)), matters, level)
    with pytest.raises(ValueError, match="two systems or more"):
        Race(estimates(np.ones((1, 3))), 1.0, 0.95)
    with pytest.raises(ValueError, match="three replications"):
        Ranking(estimates(np.ones((2, 2))))


def test_without_correlation_the_allocation_is_that_of_chen() -> None:
    """n_i / n_j = (s_i / d_i)² / (s_j / d_j)², and n_b = s_b sqrt(Σ (n_i / s_i)²)."""
    gaps, variances = np.array([1.0, 1.0, 2.0, 4.0]), np.array([9.0, 4.0, 4.0, 16.0])
    shares = allocation(gaps, variances, np.full(4, 9.0), 0)
    assert shares.sum() == pytest.approx(1)
    assert shares[1] / shares[2] == pytest.approx(4) and shares[3] / shares[2] == pytest.approx(1)
    assert shares[0] == pytest.approx(3 * math.sqrt(sum(shares[i] ** 2 / variances[i] for i in (1, 2, 3))))


def test_with_common_numbers_the_best_keeps_up_with_its_rivals() -> None:
    """Slope 1 and correlation: the difference owes nothing to the best alone, yet must be paired with it."""
    shares = allocation(np.array([1.0, 1.0, 3.0]), np.array([0.0, 0.5, 0.5]), np.array([4.0, 0.0, 0.0]), 0)
    assert shares[0] == pytest.approx(shares[1]) and shares[2] == pytest.approx(shares[1] / 9)


def test_replications_are_handed_out_towards_the_shares() -> None:
    taken = np.array([10, 10, 10])
    assert following(np.array([0.5, 0.4, 0.1]), taken, 10).tolist() == [6, 4, 0]
    assert following(np.array([0.5, 0.4, 0.1]), taken, 1).sum() == 1


def test_nobody_is_ahead_for_having_met_easier_days() -> None:
    """The second system is the first and a bit, but has only met the first five, bad days."""
    chance = stream(1, 0, "days")
    days = np.concatenate([chance.normal(0.0, 1.0, 5), chance.normal(10.0, 1.0, 5)])
    ranking = ranked(np.array([days, days + 0.1]), np.array([10, 5]))
    assert ranking.best == 1 and ranking.means[1] - ranking.means[0] == pytest.approx(0.1)
    assert ranking.error(0, 1) == pytest.approx(0, abs=1e-9) and ranking.probability() == 1


def test_the_error_of_a_difference_is_the_paired_one() -> None:
    rows = normal([0.0, 0.5], [1.0, 2.0], 0.6)(stream(1, 0, "pairs"), 40).T
    ranking = ranked(rows, np.array([40, 40]))
    assert ranking.means == pytest.approx(rows.mean(axis=1))
    assert ranking.error(0, 1) == pytest.approx((rows[0] - rows[1]).std(ddof=1) / math.sqrt(40))


def test_the_error_of_any_pair_is_the_paired_one() -> None:
    """Whichever system the others are held against."""
    rows = normal([0.0, 0.5, 1.0], [1.0, 2.0, 1.5], 0.6)(stream(1, 0, "three"), 40).T
    ranking = ranked(rows, np.array([40, 40, 40]))
    for one, other in ((0, 1), (0, 2), (1, 2)):
        assert ranking.error(one, other) == pytest.approx((rows[one] - rows[other]).std(ddof=1) / math.sqrt(40))


def test_the_error_without_correlation_is_welchs() -> None:
    """Long rows that hardly correlate, of different lengths."""
    chance = stream(1, 0, "apart")
    first, second = chance.normal(0.0, 1.0, 4000), chance.normal(0.0, 3.0, 1000)
    ranking = Ranking([mean_estimate(first), mean_estimate(second)])
    assert ranking.error(0, 1) == pytest.approx(math.sqrt(1 / 4000 + 9 / 1000), rel=0.05)


def test_the_race_selects_the_best_as_often_as_it_says() -> None:
    """A quick look; tests/coverage has all configurations."""
    right = share_right(200, lambda chance: raced(normal(FIVE[0], SPREADS[1], 0.5), chance, 1.0, 0.9, 10)[0], 0)
    assert right >= 0.9


def test_common_numbers_shorten_the_race() -> None:
    spent = [
        np.mean([raced(normal(FIVE[0], SPREADS[0], rho), stream(3, n, "race"), 1.0, 0.95, 10)[1] for n in range(20)])
        for rho in (0.0, 0.8)
    ]
    assert spent[1] < spent[0] / 2
