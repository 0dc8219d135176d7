"""Where to look: points of a design in the unit cube, one row a point, one column a factor."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
PAIRINGS = 200


class Saltelli(NamedTuple):
    """Points for Sobol indices of k factors on n rows: `a` and `b` have shape (n, k); `ab` has shape (k, n, k), and
    `ab[i]` is `a` with column i from `b`."""

    a: Array
    b: Array
    ab: Array

    @property
    def points(self) -> Array:
        """All points, a first, then b, then each of ab: shape (n (k + 2), k)."""
        return np.concatenate([self.a, self.b, *self.ab])


def grid(levels: list[int]) -> Codes:
    """Every combination of as many levels as each factor has, the last factor changing fastest; numbers of levels."""
    return np.array(list(product(*map(range, levels))), dtype=np.int64).reshape(-1, len(levels))


def one_at_a_time(levels: list[int]) -> list[tuple[int, int]]:
    """Each factor's lowest and highest level while all others stay as they are: (factor, level)."""
    return [(factor, level) for factor, many in enumerate(levels) for level in dict.fromkeys((0, many - 1))]


def latin_hypercube(points: int, factors: int, chance: np.random.Generator) -> Array:
    """Points of which each factor has exactly one in each of `points` equal slices (McKay, Beckman and Conover 1979, A
    comparison of three methods for selecting values of input variables, Technometrics 21:239-245)."""
    return np.asarray(_engine("LatinHypercube", factors, chance).random(points), dtype=np.float64)


def saltelli(rows: int, factors: int, chance: np.random.Generator) -> Saltelli:
    """Two independent samples and their mixtures (Saltelli et al. 2010, Variance based sensitivity analysis of model output,
    Computer Physics Communications 181:259-270), each a scrambled Sobol' sequence of its own.

    Of many ways to pair their rows the one is taken in which columns of one sample are the least correlated with those of the
    other. One sequence of twice as many dimensions, the usual way, errs still less on smooth functions of many rows; but of few rows
    it correlates some pairs of columns by 0.6, which no interval tells. `ValueError` unless `rows` is a power of two, for which
    alone a sequence is balanced.
    """
    if rows < 2 or rows & (rows - 1):
        raise ValueError(f"`rows` must be a power of two, for example {power_of_two(rows)}, got {rows}")
    a, b = (np.asarray(_engine("Sobol", factors, chance).random(rows), dtype=np.float64) for _ in range(2))
    pairings = [chance.permutation(rows) for _ in range(PAIRINGS)]
    return mixed(a, b[min(pairings, key=lambda order: _correlation(a, b[order]))])


def _correlation(a: Array, b: Array) -> float:
    """The largest correlation of a column with one of the other sample."""
    between = np.corrcoef(a, b, rowvar=False)[: a.shape[1], a.shape[1] :]
    return float(np.abs(between).max())


def mixed(a: Array, b: Array) -> Saltelli:
    """Two samples and their mixtures."""
    ab = np.repeat(a[None], a.shape[1], axis=0)
    for factor in range(a.shape[1]):
        ab[factor, :, factor] = b[:, factor]
    return Saltelli(a, b, ab)


def power_of_two(number: int) -> int:
    """The least power of two that is not below a number, and 2 at least."""
    return max(2, 1 << (max(number, 1) - 1).bit_length())


def _engine(name: str, dimensions: int, chance: np.random.Generator) -> Any:
    engine = getattr(_qmc(), name)
    try:
        return engine(dimensions, rng=chance)
    except TypeError:  # SciPy below 1.15 calls it so
        return engine(dimensions, seed=chance)


@cache
def _qmc() -> Any:
    """`scipy.stats.qmc`, imported on first use: it takes most of a second."""
    return import_module("scipy.stats.qmc")
