"""Kinds of calls that take alike: by the service asked for and the part of the day."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from simulation.calibration.call_log import HOUR, Array, CallLog

PARTS = {"night": (0, 6), "morning": (6, 12), "afternoon": (12, 18), "evening": (18, 24)}
"""Parts of the day, from hour to hour."""
ANY = "any call"
ENOUGH = 50
"""Known handling times that a kind of its own needs."""


def part_of_day(log: CallLog) -> pd.Series[Any]:
    """The part of the day in which each call arrived."""
    names = np.repeat(list(PARTS), [end - start for start, end in PARTS.values()])
    return pd.Series(names[(log.arrived % (24 * HOUR) // HOUR).astype(int)])


def handling_by(log: CallLog, kind: pd.Series[Any]) -> dict[str, Array]:
    """Known handling times (s, above zero) by kind."""
    timed = log.handled > 0
    groups = pd.Series(log.handled)[timed].groupby(kind[timed])
    return {str(name): np.asarray(times, dtype=np.float64) for name, times in groups}


def handling_of_kinds(log: CallLog, least: int = ENOUGH) -> dict[str, Array]:
    """Known handling times (s, above zero) by topic and part of the day, by topic alone, and of all calls.

    Keys are e.g. "NW morning", "NW" and `ANY`; a log without topics has parts of the day only. Kinds with fewer than
    `least` known times are left out. ValueError where none is known at all.
    """
    fine, coarse = _names(log)
    by_kind = handling_by(log, coarse) | handling_by(log, fine)
    everything = log.handled[log.handled > 0]
    if not len(everything):
        raise ValueError("no handling time is known; a replay needs those of the answered calls")
    return {name: times for name, times in by_kind.items() if len(times) >= least} | {ANY: everything}


def kinds(log: CallLog, known: Container[str]) -> pd.Series[Any]:
    """The kind of each call: topic and part of the day if that is among the `known`, else the topic, else `ANY`."""
    fine, coarse = _names(log)
    return fine.where(_among(fine, known), coarse.where(_among(coarse, known), ANY))


def _among(names: pd.Series[Any], known: Container[str]) -> npt.NDArray[np.bool_]:
    return np.array([name in known for name in names], dtype=np.bool_)


def _names(log: CallLog) -> tuple[pd.Series[Any], pd.Series[Any]]:
    """Topic with part of the day, and topic alone."""
    part = part_of_day(log)
    if "topic" not in log.calls:
        return part, pd.Series(ANY, index=part.index)
    topic = log.calls["topic"].fillna("").astype(str).replace("", ANY).reset_index(drop=True)
    return topic + " " + part, topic
