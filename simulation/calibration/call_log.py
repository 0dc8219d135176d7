"""The calls of a log, whoever the vendor: what every adapter makes and everything else here reads.

Times are seconds, days run from midnight to midnight on the log's own clock, weekdays are 0 (Monday) to 6.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Array = npt.NDArray[np.float64]

ANSWERED, ABANDONED = "answered", "abandoned"
COLUMNS = ("arrived", "wait", "outcome", "handled", "agent")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CIVIL_WEEK = {"mon-fri": (0, 1, 2, 3, 4), "sat": (5,), "sun": (6,)}
DAY, HOUR, MINUTE = 86400.0, 3600.0, 60.0


@dataclass(frozen=True)
class CallLog:
    """Calls to agents, one row each, in order of arrival.

    `calls` has the columns `arrived` (naive local datetime of joining the queue or, without a queue, of
    meeting the agent), `wait` (s), `outcome` ("answered" or "abandoned"), `handled` (s; NaN where unknown, as
    for every abandoned call) and `agent` (a name or missing); an adapter may add more, e.g. `topic`, the kind of
    service asked for. `report` counts what
    was dropped or is odd, and why. `week` groups the weekdays that are staffed alike, the working days first;
    `time_zone` is that of the clock. ValueError on a malformed frame.
    """

    calls: pd.DataFrame
    report: Mapping[str, int] = field(default_factory=dict)
    citation: str = ""
    week: Mapping[str, tuple[int, ...]] = field(default_factory=lambda: dict(CIVIL_WEEK))
    time_zone: str = "UTC"

    def __post_init__(self) -> None:
        missing = [name for name in COLUMNS if name not in self.calls]
        if missing:
            raise ValueError(f"call log: the frame lacks {', '.join(missing)}; give it {', '.join(COLUMNS)}")
        for wrong, message in _defects(self.calls):
            if wrong:
                raise ValueError(f"call log: {message}")

    @cached_property
    def midnight(self) -> pd.Timestamp:
        """Midnight before the first call, from which seconds are counted."""
        return pd.Timestamp(self.calls["arrived"].iloc[0]).normalize()

    @cached_property
    def arrived(self) -> Array:
        """Seconds from `midnight` to each arrival."""
        return seconds_of(self.calls["arrived"] - self.midnight)

    @cached_property
    def wait(self) -> Array:
        """Seconds in the queue."""
        return self.calls["wait"].to_numpy(dtype=float)

    @cached_property
    def handled(self) -> Array:
        """Seconds of service; NaN where unknown."""
        return self.calls["handled"].to_numpy(dtype=float)

    @cached_property
    def abandoned(self) -> npt.NDArray[np.bool_]:
        """Whether the caller hung up in the queue."""
        return (self.calls["outcome"] == ABANDONED).to_numpy(dtype=bool)

    @cached_property
    def dates(self) -> pd.DatetimeIndex:
        """Every date from the first to the last arrival."""
        return pd.date_range(self.midnight, self.calls["arrived"].iloc[-1].normalize(), freq="D")

    def group_of(self, weekday: int) -> str:
        """The name of the group of weekdays that a weekday belongs to."""
        return next((name for name, days in self.week.items() if weekday in days), WEEKDAYS[weekday])


def _defects(calls: pd.DataFrame) -> list[tuple[bool, str]]:
    outcome, wait, handled = calls["outcome"], calls["wait"], calls["handled"]
    return [
        (calls.empty, "no call is left; check that the file covers opening hours"),
        (
            not calls["arrived"].is_monotonic_increasing,
            "not in order of arrival; sort the frame by 'arrived'",
        ),
        (not outcome.isin([ANSWERED, ABANDONED]).all(), f"an outcome is neither {ANSWERED} nor {ABANDONED}"),
        (not (wait >= 0).all(), "a wait is missing or below zero; drop or repair that row"),
        (bool((handled < 0).any()), "a handling time is below zero; drop or repair that row"),
        (
            bool(handled[outcome == ABANDONED].notna().any()),
            "an abandoned call has a handling time; blank it",
        ),
    ]


def seconds_of(deltas: Any) -> Array:
    """Time differences as seconds."""
    seconds: Array = (deltas / pd.Timedelta(seconds=1)).to_numpy(dtype=float)
    return seconds
