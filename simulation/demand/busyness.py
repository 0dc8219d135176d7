"""Random factors with mean 1 that make volume vary more than Poisson, correlated from period to period.

A factor is gamma distributed with the given coefficient of variation. Consecutive factors come from a
Gaussian AR(1) process through the normal copula; its coefficient is chosen so that the *factors* have the
given lag-1 correlation (Avramidis, Deslauriers & L'Ecuyer 2004, Management Science 50:896-908, model busyness
as gamma; Cario & Nelson 1996, "autoregressive to anything", ORSA J. Computing 8:72-82, is the construction).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy.special import gammaincinv, ndtr

Array = npt.NDArray[np.float64]
NODES, TERMS = 80, 25


def factors(normals: Array, cv: float, lag1: float) -> Array:
    """Gamma factors with mean 1 from independent standard normals of the same length."""
    if cv == 0:
        return np.ones(len(normals))
    return _gamma(_autoregressive(normals, _copula_correlation(cv, lag1)), cv)


def _gamma(z: Array, cv: float) -> Array:
    shape = cv**-2
    made = gammaincinv(shape, np.clip(ndtr(z), 1e-300, 1 - 1e-16)) / shape
    return np.asarray(made, dtype=float)


def _autoregressive(normals: Array, correlation: float) -> Array:
    if correlation == 0:
        return normals
    z, fresh = normals.copy(), np.sqrt(1 - correlation**2)
    for period in range(1, len(z)):
        z[period] = correlation * z[period - 1] + fresh * normals[period]
    return z


@lru_cache(maxsize=64)
def _copula_correlation(cv: float, lag1: float) -> float:
    """The correlation of normals that gives the factors the correlation `lag1`.

    With Hermite coefficients a_k of the transform, corr(rho) = sum a_k² rho^k / k! / variance.
    """
    if lag1 == 0:
        return 0.0
    x, weights = np.polynomial.hermite_e.hermegauss(NODES)
    values = _gamma(x, cv) * weights / weights.sum()
    basis, previous = np.ones(NODES), np.zeros(NODES)
    shares = []
    for k in range(1, TERMS + 1):
        # orthonormal Hermite polynomials: He_k / sqrt(k!)
        basis, previous = (x * basis - np.sqrt(k - 1) * previous) / np.sqrt(k), basis
        shares.append(float((values * basis).sum()) ** 2)
    powers = np.asarray(shares) / sum(shares)
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        correlation = float((powers * middle ** np.arange(1, TERMS + 1)).sum())
        low, high = (middle, high) if correlation < lag1 else (low, middle)
    return (low + high) / 2
