"""How much of the start of a simulation to leave out, as it began empty: the rule MSER-5 and Welch's moving average."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from simulation.statistics.intervals import Values

Array = npt.NDArray[np.float64]
BATCH = 5
LAST = 5
"""Batches at the end (or a tenth of all) that are never all that is left: the statistic of few is small by chance."""


class Cut(NamedTuple):
    """How many observations to leave out at the start; `late` if that is more than half of them, or all that may be left out, so
    that the run was too short (or never settles) and the cut means nothing."""

    at: int
    late: bool


def mser(series: Values, batch: int = BATCH) -> Cut:
    """Where to cut the start off a series, by the marginal standard error rule on means of `batch` observations (MSER-5).

    Of all cuts the one with the least standard error of the mean of what is left, sum((y - mean)²) / m² over the m batches
    after it (White 1997, Simulation 69:323-334; Franklin and White 2008, Winter Simulation Conference): a longer cut takes
    bias away and observations as well. A cut in the second half is no answer (Hoad, Robinson and Davies 2010, Journal of the
    Operational Research Society 61:1632-1644). A series is best the mean of several replications. `ValueError` for fewer
    than ten batches.
    """
    values = np.asarray(series, dtype=np.float64)
    many = len(values) // batch
    if many < 2 * LAST:
        raise ValueError(f"a warm-up needs {2 * LAST * batch} observations or more, got {len(values)}")
    means = values[: many * batch].reshape(many, batch).mean(axis=1)
    left = np.arange(many, 0, -1)
    centred = means - means.mean()  # so that squares do not swallow what differs
    sums, squares = (np.cumsum(part[::-1])[::-1] for part in (centred, centred**2))
    tried = slice(many - max(LAST, many // 10) + 1)
    statistic = np.maximum(squares - sums**2 / left, 0.0)[tried] / left[tried] ** 2
    cut = int(statistic.argmin())
    return Cut(cut * batch, cut > many / 2 or cut == len(statistic) - 1)


def moving_average(series: Values, window: int) -> Array:
    """Welch's moving average of 2 `window` + 1 observations; at the start of as many as there are on both sides, and at the end
    it stops (Welch 1983; Law 2015, section 9.5.1)."""
    values = np.asarray(series, dtype=np.float64)
    reach = np.minimum(np.arange(len(values) - window), window)
    sums = np.concatenate([[0.0], np.cumsum(values)])
    middle = np.arange(len(reach))
    return (sums[middle + reach + 1] - sums[middle - reach]) / (2 * reach + 1)
