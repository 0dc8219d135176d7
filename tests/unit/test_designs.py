"""Designs in the unit cube: balanced as their definition says."""

from __future__ import annotations

import numpy as np
import pytest

from simulation.chance import stream
from simulation.statistics.designs import grid, latin_hypercube, one_at_a_time, power_of_two, saltelli


def test_a_grid_has_every_combination_once() -> None:
    found = grid([2, 3, 4])
    assert found.shape == (24, 3) and len({tuple(row) for row in found.tolist()}) == 24
    assert found[:5].tolist() == [[0, 0, 0], [0, 0, 1], [0, 0, 2], [0, 0, 3], [0, 1, 0]]


def test_one_at_a_time_takes_both_ends() -> None:
    assert one_at_a_time([3, 2]) == [(0, 0), (0, 2), (1, 0), (1, 1)]


def test_a_latin_hypercube_has_one_point_in_each_slice() -> None:
    found = latin_hypercube(50, 3, stream(1, 0, "design"))
    for column in found.T:
        assert sorted((50 * column).astype(int)) == list(range(50))


def test_the_mixtures_of_a_saltelli_design_differ_in_one_column() -> None:
    found = saltelli(64, 3, stream(1, 0, "design"))
    for factor in range(3):
        differs = found.ab[factor] != found.a
        assert differs[:, factor].all() and differs.sum() == 64
        np.testing.assert_array_equal(found.ab[factor, :, factor], found.b[:, factor])
    assert found.points.shape == (5 * 64, 3)
    for sample in (found.a, found.b):
        for column in sample.T:
            assert sorted((64 * column).astype(int)) == list(range(64))


def test_columns_of_both_samples_are_hardly_correlated_even_with_few_rows() -> None:
    # with one sequence of 2 k dimensions these correlations reach 0.6, in the same pairs for every seed
    between = np.array([
        np.corrcoef(found.a, found.b, rowvar=False)[:5, 5:]
        for found in (saltelli(16, 5, stream(seed, 0, "design")) for seed in range(50))
    ])  # fmt: skip
    assert np.abs(between).max() < 0.5
    assert np.abs(between.mean(axis=0)).max() < 0.15


@pytest.mark.parametrize(("number", "power"), [(1, 2), (2, 2), (3, 4), (64, 64), (65, 128)])
def test_powers_of_two(number: int, power: int) -> None:
    assert power_of_two(number) == power


def test_only_powers_of_two_are_balanced() -> None:
    with pytest.raises(ValueError, match="power of two, for example 128, got 100"):
        saltelli(100, 2, stream(1, 0, "design"))
