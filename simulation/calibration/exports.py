"""Tables for a simulator: what it replays, whom it staffs, and what it should reproduce."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from simulation.calibration.call_log import CallLog
from simulation.calibration.headcount import staffing, whole_headcounts


def _iso(times: pd.Series[Any]) -> pd.Series[Any]:
    text: pd.Series[Any] = times.dt.round("s").dt.strftime("%Y-%m-%dT%H:%M:%S")
    return text


def replay_frame(log: CallLog) -> pd.DataFrame:
    """What a simulator replays: `arrived` (ISO local time) and `handled_s` (empty where unknown)."""
    return pd.DataFrame({"arrived": _iso(log.calls["arrived"]), "handled_s": log.calls["handled"]})


def staffing_frame(log: CallLog, minutes: int = 30, part_minutes: int = 10) -> pd.DataFrame:
    """Whole headcounts that a simulator can use: `from` (ISO local time) and `headcount`, until the next row.

    `part_minutes` divides `minutes`; a row stands wherever the headcount changes, and a 0 at the end.
    """
    if minutes % part_minutes:
        raise ValueError(f"staffing: {part_minutes} min do not divide {minutes} min; write e.g. {minutes}")
    inferred = staffing(log, minutes)
    headcount = whole_headcounts(inferred["agents"].to_numpy(), minutes // part_minutes)
    start = log.midnight + pd.to_timedelta(np.arange(len(headcount) + 1) * part_minutes, unit="min")
    frame = pd.DataFrame({"from": _iso(pd.Series(start)), "headcount": np.append(headcount, 0)})
    return frame[frame["headcount"].diff() != 0].reset_index(drop=True)
