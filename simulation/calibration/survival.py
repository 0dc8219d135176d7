"""How long callers are willing to wait, although most are answered before they would have hung up."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from simulation.calibration.call_log import Array, CallLog
from simulation.calibration.quantiles import quantile_table


def kaplan_meier(seconds: Array, ended: npt.NDArray[np.bool_]) -> pd.DataFrame:
    """Survival function of durations some of which are cut short (Kaplan & Meier 1958, JASA 53:457-481).

    `ended` is False where the duration was cut short (for patience: by service); one cut in the same second
    as another ends was still at risk. Returns one row per distinct duration: `seconds`, `at_risk`, `events`,
    `survival` (the share that lasts beyond `seconds`) and its `variance` (Greenwood 1926).
    """
    times, index = np.unique(np.asarray(seconds, dtype=float), return_inverse=True)
    events = np.bincount(index, weights=np.asarray(ended, dtype=float), minlength=len(times))
    at_risk = len(index) - np.concatenate([[0], np.cumsum(np.bincount(index))[:-1]])
    survival = np.cumprod(1 - events / at_risk)
    left = np.maximum(at_risk - events, 1)
    return pd.DataFrame(
        {
            "seconds": times,
            "at_risk": at_risk,
            "events": events,
            "survival": survival,
            "variance": survival**2 * np.cumsum(events / (at_risk * left)),
        }
    )


@dataclass(frozen=True)
class Patience:
    """How long callers are willing to wait: Kaplan-Meier up to `tail_from` seconds, exponential beyond.

    `curve` is the whole Kaplan-Meier table; `tail_mean` the mean further patience (s) of those still waiting.
    """

    curve: pd.DataFrame
    tail_from: float
    tail_mean: float

    @cached_property
    def _body(self) -> pd.DataFrame:
        return self.curve[(self.curve["seconds"] <= self.tail_from) & (self.curve["events"] > 0)]

    @cached_property
    def _survival(self) -> Array:
        return np.concatenate([[1.0], self._body["survival"].to_numpy()])

    def survival(self, seconds: float) -> float:
        """The share of callers who would wait longer than `seconds`."""
        if seconds > self.tail_from:
            return float(self._survival[-1] * np.exp(-(seconds - self.tail_from) / self.tail_mean))
        passed = int(np.searchsorted(self._body["seconds"].to_numpy(), seconds, side="right"))
        return float(self._survival[passed])

    @property
    def mean(self) -> float:
        """Mean patience, s."""
        return float(self._integral(np.ones(1))[0])

    def quantiles(self, levels: int = 200) -> pd.DataFrame:
        """`levels` equally likely patiences with the mean of the fit, as `empirical_quantiles` makes them."""
        return quantile_table(self._integral, levels)

    def _integral(self, level: Array) -> Array:
        """The quantile function integrated from 0 to each level."""
        seconds = self._body["seconds"].to_numpy()
        mass = np.concatenate([[0.0], np.cumsum(seconds * -np.diff(self._survival))])
        left, tail = self._survival[-1], 1 - np.asarray(level, dtype=float)
        beyond = np.minimum(left, tail)
        with np.errstate(divide="ignore", invalid="ignore"):
            excess = np.where(beyond > 0, beyond * (1 + np.log(left / beyond)), 0.0)
        in_tail = (left - beyond) * self.tail_from + (left - excess) * self.tail_mean
        integral: Array = np.interp(1 - np.maximum(tail, left), 1 - self._survival, mass) + in_tail
        return integral


def patience(log: CallLog, reliable: int = 50) -> Patience:
    """Patience of the callers, censored by service.

    The curve is trusted while `reliable` callers or more are at risk. The mean of the exponential tail is
    waiting time over hang-ups (the maximum-likelihood estimate), of what lies beyond the time when four times
    as many were at risk. ValueError where nobody hung up.
    """
    if not log.abandoned.any():
        raise ValueError("patience: nobody hung up in this log; state a patience, or let callers wait for ever")
    curve = kaplan_meier(log.wait, log.abandoned)
    tail_from = _last_time(curve, reliable)
    return Patience(curve, tail_from, _mean_beyond(log, _last_time(curve, 4 * reliable)))


def _last_time(curve: pd.DataFrame, at_risk: int) -> float:
    enough = curve.loc[curve["at_risk"] >= at_risk, "seconds"]
    return float(enough.max()) if len(enough) else 0.0


def _mean_beyond(log: CallLog, since: float) -> float:
    late = log.abandoned & (log.wait > since)
    if not late.any():
        return float(log.wait.sum() / log.abandoned.sum())
    return float(np.maximum(log.wait - since, 0).sum() / late.sum())
