"""A distribution as a short table of equally likely values."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from simulation.calibration.call_log import Array


def quantile_table(cumulative: Callable[[Array], Array], levels: int) -> pd.DataFrame:
    """The mean of each 1/levels share of a distribution, from the integral of its quantile function."""
    edges = np.arange(levels + 1) / levels
    seconds = np.diff(cumulative(edges)) * levels
    return pd.DataFrame({"level": (edges[:-1] + edges[1:]) / 2, "seconds": seconds})


def empirical_quantiles(values: Array, levels: int = 200) -> pd.DataFrame:
    """`levels` equally likely values that stand for a sample, as columns `level` (0..1) and `seconds`.

    Each is the mean of its 1/levels share of the sorted sample, so the table has the sample's mean, which a
    table of plain quantiles has not (it cuts the tail).
    """
    ordered = np.sort(np.asarray(values, dtype=float))
    share = np.arange(len(ordered) + 1) / len(ordered)
    integral = np.concatenate([[0.0], np.cumsum(ordered)]) / len(ordered)
    return quantile_table(lambda level: np.interp(level, share, integral), levels)
