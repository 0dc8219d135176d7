"""How long agents handle calls."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from simulation.calibration.call_log import Array, CallLog
from simulation.calibration.quantiles import empirical_quantiles


@dataclass(frozen=True)
class Service:
    """Handling times of answered calls: the sample, and a lognormal fitted to it.

    `mean` (s) and `cv` are the sample's; `short_share` is the share under `short` seconds. `lognormal_mean`
    and `lognormal_cv` are the maximum-likelihood fit to the others.
    """

    values: Array
    short: float
    short_share: float
    lognormal_mean: float
    lognormal_cv: float

    @property
    def mean(self) -> float:
        """Sample mean, s."""
        return float(self.values.mean())

    @property
    def cv(self) -> float:
        """Sample standard deviation over mean."""
        return float(self.values.std(ddof=1) / self.values.mean()) if len(self.values) > 1 else 0.0

    def quantiles(self, levels: int = 200) -> pd.DataFrame:
        """`levels` equally likely handling times with the sample's mean."""
        return empirical_quantiles(self.values, levels)


def service(log: CallLog, short: float = 10.0) -> Service:
    """Handling times above zero, and the lognormal of those of `short` seconds or more.

    Services of a few seconds are hang-ups of callers or agents, a group apart that would inflate the
    lognormal's spread (Brown et al. 2005, JASA 100:36-50, section 4). ValueError where no handling time is
    known.
    """
    values = log.handled[log.handled > 0]
    proper = np.log(values[values >= short])
    if not len(proper):
        raise ValueError(f"service: no handling time of {short:g} s or more is known; state one")
    spread = proper.var(ddof=1) if len(proper) > 1 else 0.0
    return Service(
        values=values,
        short=short,
        short_share=float((values < short).mean()),
        lognormal_mean=float(np.exp(proper.mean() + spread / 2)),
        lognormal_cv=float(np.sqrt(np.expm1(spread))),
    )
