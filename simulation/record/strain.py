"""What the tables say of tired agents."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from simulation.record.letters import leg_key
from simulation.record.recorder import Duty

Array = npt.NDArray[Any]
Table = dict[str, Array]
HOUR, LONGEST = 3600.0, 24


def fatigue(legs: Table, rows: npt.NDArray[np.void]) -> Array:
    """How tired the agent of each leg was; zero where nothing was noted."""
    level = np.zeros(len(legs["case"]))
    if len(rows):
        level[np.searchsorted(leg_key(legs), leg_key(rows))] = rows["level"]
    return level


def shift_hour(legs: Table, rows: npt.NDArray[np.void], duties: npt.NDArray[np.void]) -> Array:
    """The hour of the agent's shift in which each leg's handling began, from 0; -1 where unknown, and if nobody tires."""
    hour = np.full(len(legs["case"]), -1, dtype=np.int32)
    shifts = duties[duties["duty"] == Duty.SHIFT]
    if len(rows) and len(shifts):
        shifts = shifts[np.lexsort((shifts["start"], shifts["agent"]))]
        served = np.flatnonzero(legs["agent"] >= 0)
        agent, at = legs["agent"][served], legs["answered"][served]
        apart = shifts["start"].max() + at.max(initial=0.0) + 1.0
        before = np.searchsorted(shifts["agent"] * apart + shifts["start"], agent * apart + at, side="right") - 1
        of = np.maximum(before, 0)
        since = np.where((before >= 0) & (shifts["agent"][of] == agent), (at - shifts["start"][of]) // HOUR, -1)
        hour[served] = np.where(since < LONGEST, since, -1)
    return hour
