"""What the tables say of conversations by turns: attention, replies, and threads that were reopened."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from simulation.record.letters import leg_key
from simulation.record.recorder import ContactKind, Outcome

Array = npt.NDArray[Any]
Table = dict[str, Array]


def add_to_legs(legs: Table, rows: npt.NDArray[np.void]) -> None:
    """Attention, replies and their time; beside the data dictionary, which legs are conversations by turns."""
    n = len(legs["case"])
    legs["attention"] = np.where(legs["agent"] >= 0, legs["ended"] - legs["answered"], np.nan)
    legs["replies"], legs["reply_time"] = np.zeros(n, dtype=np.int32), np.zeros(n)
    legs["by_turns"] = np.zeros(n, dtype=bool)
    if len(rows):
        at = np.searchsorted(leg_key(legs), leg_key(rows))
        legs["by_turns"][at] = True
        for name in ("attention", "replies", "reply_time"):
            legs[name][at] = rows[name]


def taken_up(contacts: Table) -> Array:
    """Contacts that take up a thread again because the customer wrote late, not because the case was unsolved."""
    after = np.concatenate([[False], contacts["outcome"][:-1] == Outcome.TIMED_OUT])
    late: Array = (contacts["kind"] == ContactKind.REOPEN) & after[: len(contacts["kind"])]
    return late
