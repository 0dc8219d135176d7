"""Sobol' indices against functions whose indices are known, with and without noise."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy.stats import sobol_indices

from simulation.chance import stream
from simulation.statistics.designs import Saltelli, mixed, saltelli
from simulation.statistics.sensitivity import Observed, Sensitivity, of_function, sensitivity

Array = npt.NDArray[np.float64]


def ishigami(u: Array) -> Array:
    """Ishigami and Homma 1990, a = 7, b = 0.1, of three uniform numbers."""
    x = np.pi * (2 * u - 1)
    value: Array = np.sin(x[..., 0]) + 7 * np.sin(x[..., 1]) ** 2 + 0.1 * x[..., 2] ** 4 * np.sin(x[..., 0])
    return value


def ishigami_indices() -> Array:
    first = 0.5 * (1 + 0.1 * np.pi**4 / 5) ** 2
    both = 0.01 * np.pi**8 * (1 / 18 - 1 / 50)
    parts = np.array([[first, 49 / 8, 0], [first + both, 49 / 8, both]])
    indices: Array = parts / (first + 49 / 8 + both)
    return indices


WEIGHTS = np.array([0.0, 0.5, 3.0, 9.0])


def sobol_g(u: Array) -> Array:
    """Sobol's g function (Saltelli and Sobol' 1995)."""
    value: Array = np.prod((np.abs(4 * u - 2) + WEIGHTS) / (1 + WEIGHTS), axis=-1)
    return value


def sobol_g_indices() -> Array:
    parts = 1 / 3 / (1 + WEIGHTS) ** 2
    whole = np.prod(1 + parts) - 1
    total = [part * np.prod(np.delete(1 + parts, index)) for index, part in enumerate(parts)]
    return np.array([parts, total]) / whole


SLOPES = np.array([1.0, 2.0, 3.0])


def linear(u: Array) -> Array:
    value: Array = u @ SLOPES
    return value


def linear_indices() -> Array:
    return np.array([SLOPES**2, SLOPES**2]) / (SLOPES**2).sum()


def means(found: Sensitivity) -> Array:
    return np.array([[by[kind].mean for by in found.indices] for kind in range(2)])


FUNCTIONS = [(ishigami, ishigami_indices(), 3), (sobol_g, sobol_g_indices(), 4), (linear, linear_indices(), 3)]


@pytest.mark.parametrize(("function", "exact", "factors"), FUNCTIONS, ids=["ishigami", "g", "linear"])
def test_indices_of_known_functions(function: Callable[[Array], Array], exact: Array, factors: int) -> None:
    found = sensitivity(
        of_function(function, *saltelli(8192, factors, stream(3, 0, "design"))), 0.95, stream(3, 0, "rows")
    )
    assert means(found) == pytest.approx(exact, abs=0.03)
    for kind in range(2):
        for factor, by in enumerate(found.indices):
            assert by[kind].low - 1e-9 <= exact[kind, factor] <= by[kind].high + 1e-9
            assert by[kind].half_width < 0.05
    assert found.noise == 0


def test_without_noise_they_are_those_of_scipy() -> None:
    design = saltelli(512, 3, stream(1, 0, "design"))
    ours = sensitivity(of_function(ishigami, *design), 0.95, stream(1, 0, "rows"))
    values = {"f_A": ishigami(design.a)[None], "f_B": ishigami(design.b)[None], "f_AB": ishigami(design.ab)[:, None]}
    theirs = sobol_indices(func=values, n=512)  # type: ignore[call-overload]
    assert means(ours) == pytest.approx(np.array([theirs.first_order, theirs.total_order]), rel=1e-9)


Experiment = Callable[[Saltelli, np.random.Generator], Observed]


def seen(
    experiment: Experiment, exact: Array, rows: int, times: int, independent: bool
) -> tuple[Array, Array, list[float]]:
    """How often each interval covers, the mean estimate, and the shares of noise, over experiments."""
    covers, estimates, noise = np.zeros(exact.shape), np.zeros(exact.shape), []
    for seed in range(times):
        chance = np.random.default_rng(seed)
        factors = exact.shape[1]
        plain = mixed(chance.random((rows, factors)), chance.random((rows, factors)))
        found = sensitivity(experiment(plain if independent else saltelli(rows, factors, chance), chance), 0.95, chance)
        estimates += means(found) / times
        noise.append(found.noise)
        for factor, by in enumerate(found.indices):
            for kind in range(2):
                covers[kind, factor] += by[kind].low - 1e-9 <= exact[kind, factor] <= by[kind].high + 1e-9
    return covers / times, estimates, noise


def noisy_lines(spread: float, apart: float, replications: int) -> Experiment:
    """Slopes and a level of each replication's own (common random numbers), and noise of each point's own."""

    def experiment(design: Saltelli, chance: np.random.Generator) -> Observed:
        slopes = SLOPES + spread * chance.standard_normal((replications, 3))
        levels = 10 * chance.standard_normal(replications)

        def values(u: Array) -> Array:
            exact: Any = np.moveaxis(u @ slopes.T, -1, 0) + levels.reshape(-1, *[1] * (u.ndim - 1))
            noise: Array = exact + apart * chance.standard_normal(exact.shape)
            return noise

        return Observed(*map(values, design))

    return experiment


def test_noise_does_not_move_the_indices() -> None:
    # a quarter of the variance of the means is noise: without the correction the total index of the first factor would be
    # (0.07 + 1/3) / (4/3) = 0.30 instead of 0.07
    _, estimates, noise = seen(noisy_lines(0.0, 2 * np.sqrt(14 / 12 / 3), 4), linear_indices(), 128, 100, True)
    assert estimates == pytest.approx(linear_indices(), abs=0.03)
    assert np.mean(noise) == pytest.approx(0.25, abs=0.03)


@pytest.mark.slow
def test_what_replications_disagree_on_is_in_the_interval() -> None:
    covers, _, _ = seen(noisy_lines(0.7, 0.2, 6), linear_indices(), 64, 150, False)
    assert covers.min() > 0.9


def test_a_factor_that_does_nothing_has_no_share() -> None:
    found = sensitivity(
        of_function(lambda u: u[..., 0], *saltelli(64, 2, stream(1, 0, "design"))), 0.95, stream(1, 0, "rows")
    )
    assert found.indices[1].total.mean == found.indices[1].total.high == 0
    assert found.indices[0].total.mean == pytest.approx(1, abs=0.2)


def test_where_nothing_varies_nothing_is_known() -> None:
    found = sensitivity(
        of_function(lambda u: 0 * u[..., 0], *saltelli(16, 2, stream(1, 0, "design"))), 0.95, stream(1, 0, "rows")
    )
    assert found.variance == 0 and np.isnan(means(found)).all()


def test_rounding_is_no_effect() -> None:
    """The same figure everywhere, but for the last digits."""
    last = 60 + 1e-13 * stream(1, 0, "last").normal(size=(4, 3, 8))
    found = sensitivity(Observed(last[0], last[1], last[2:].swapaxes(0, 1)), 0.95, stream(1, 0, "rows"))
    assert found.variance == 0 and all(math.isnan(one.total.mean) for one in found.indices)


@pytest.mark.parametrize(
    ("replications", "rows", "what"), [(2, 8, "three replications or more"), (1, 1, "two rows or more")]
)
def test_what_is_too_little(replications: int, rows: int, what: str) -> None:
    nothing = np.zeros((replications, rows))
    with pytest.raises(ValueError, match=what):
        sensitivity(Observed(nothing, nothing, nothing[:, None]), 0.95, stream(1, 0, "rows"))
