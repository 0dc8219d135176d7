"""Adapter of the "Anonymous Bank" call log: a bank's call centre in 1999, call by call.

Citation: Technion, Service Engineering; L. Brown, N. Gans, A. Mandelbaum, A. Sakov, H. Shen, S. Zeltyn and
L. Zhao 2005, Statistical analysis of a telephone call center: a queueing-science perspective, JASA 100:36-50.

A call passes the voice menu (`vru_`), maybe a queue (`q_`), maybe an agent (`ser_`). Stamps are h:m:s without
a date, and 0:00:00 where a stage was not reached; the row's date is that of entering the menu.
"""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from simulation.calibration.call_log import ABANDONED, ANSWERED, DAY, CallLog

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

CITATION = (
    "Technion, Service Engineering (Anonymous Bank); L. Brown, N. Gans, A. Mandelbaum, A. Sakov, H. Shen, "
    "S. Zeltyn and L. Zhao 2005, Statistical analysis of a telephone call center: a queueing-science "
    "perspective, Journal of the American Statistical Association 100:36-50."
)
WEEK = {"sun-thu": (6, 0, 1, 2, 3), "fri": (4,), "sat": (5,)}
"""Working days, and the two half days around the Sabbath."""
TIME_ZONE = "Asia/Jerusalem"

STAMPS = ("vru_entry", "vru_exit", "q_start", "q_exit", "ser_start", "ser_exit")
DURATIONS = ("q_time", "ser_time")
NEEDED = ("type", "date", "outcome", "server", *STAMPS, *DURATIONS)
NOBODY = "NO_SERVER"
LONGEST_MENU = 3 * 3600.0
CLOCKS_APART = 10.0


def read(path: str | Path) -> CallLog:
    """The calls that reached the queue or an agent, from a CSV file (may be .gz).

    `arrived` is the moment of joining the queue; where a call met an agent at once, the start of service.
    `wait` is the time in the queue, `handled` the time with the agent. Extra columns: `entered` (when the
    caller entered the voice menu) and `topic` (the type of service). Dropped, and counted in `report`: calls
    that ended in the menu, PHANTOM rows, repeated rows and rows that cannot be read. ValueError where the
    file is not such a log.
    """
    raw = _table(Path(path))
    seconds = {name: _clock(raw[name]) for name in STAMPS}
    seconds |= {name: _number(raw[name]) for name in DURATIONS}
    stages = _Stages(raw, seconds)
    reasons = stages.reasons_to_drop()
    keep = ~np.logical_or.reduce(list(reasons.values()))
    report = {"read": len(raw)}
    report |= {f"dropped: {why}": int(rows.sum()) for why, rows in _first_reason(reasons).items()}
    report |= {f"kept: {what}": int((rows & keep).sum()) for what, rows in stages.remarks().items()}
    report["calls to agents"] = int(keep.sum())
    calls = stages.calls()[keep].sort_values("arrived", kind="stable", ignore_index=True)
    return CallLog(calls, report, CITATION, WEEK, TIME_ZONE)


def _table(path: Path) -> pd.DataFrame:
    """All cells as text; the vendor's own files are separated by tabs and call the first column vru+line."""
    try:
        header = pd.read_csv(path, nrows=0, dtype=str).columns
        separator = "," if len(header) > 1 else r"\s+"
        raw = pd.read_csv(path, sep=separator, dtype=str, keep_default_na=False)
    except FileNotFoundError:
        raise ValueError(f"the call log {path} does not exist; write the path of a CSV file") from None
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise ValueError(f"the call log {path} cannot be read ({error}); write a CSV file with a header") from None
    raw.columns = raw.columns.str.strip().str.lower().str.replace("+", "_")
    missing = [name for name in NEEDED if name not in raw]
    if missing:
        raise ValueError(f"the call log {path} lacks {', '.join(missing)}; it needs {', '.join(NEEDED)}")
    return pd.DataFrame({name: raw[name].str.strip() for name in raw})


def _clock(stamps: pd.Series[Any]) -> Array:
    """Seconds after midnight of h:m:s; NaN where that is not what is written."""
    timely = stamps.where(stamps.str.fullmatch(r"\d{1,2}:\d{2}:\d{2}"))
    return np.asarray(pd.to_timedelta(timely, errors="coerce").dt.total_seconds(), dtype=np.float64)


def _number(cells: pd.Series[Any]) -> Array:
    return pd.to_numeric(cells, errors="coerce").to_numpy(dtype=float)


def _date(cells: pd.Series[Any]) -> pd.Series[Any]:
    """Dates as 1999-08-01, or 990801 as in the vendor's own files."""
    iso = pd.to_datetime(cells, format="%Y-%m-%d", errors="coerce")
    return iso.fillna(pd.to_datetime(cells, format="%y%m%d", errors="coerce"))


def _first_reason(reasons: dict[str, Mask]) -> dict[str, Mask]:
    """Each row under the first reason that applies, so that the counts add up."""
    taken, first = np.zeros(len(next(iter(reasons.values()))), dtype=bool), {}
    for why, rows in reasons.items():
        first[why] = rows & ~taken
        taken |= rows
    return first


class _Stages:
    """The rows of the log with their stamps on one time line, seconds from midnight of the row's date."""

    def __init__(self, raw: pd.DataFrame, seconds: dict[str, Array]) -> None:
        self.raw = raw
        self.date = _date(raw["date"])
        self.entered = seconds["vru_entry"]
        self.left_menu = self._on_the_day(seconds["vru_exit"])
        self.joined = self._on_the_day(seconds["q_start"])
        self.met_agent = self._on_the_day(seconds["ser_start"])
        self.queue_stamped = (seconds["q_start"] > 0) | (seconds["q_exit"] > 0)
        self.service_stamped = (seconds["ser_start"] > 0) | (seconds["ser_exit"] > 0)
        self.wait = _duration(seconds["q_time"], seconds["q_start"], seconds["q_exit"])
        service = _duration(seconds["ser_time"], seconds["ser_start"], seconds["ser_exit"])
        self.answered = self._outcome("AGENT")
        self.handled = np.where(self.answered & self.service_stamped, service, np.nan)
        self.arrived = self._arrived()

    def _outcome(self, word: str) -> Mask:
        return (self.raw["outcome"].str.upper() == word).to_numpy(dtype=bool)

    def _on_the_day(self, stamp: Array) -> Array:
        """The stamp moved to the day that brings it nearest to entering the menu: calls cross midnight."""
        return stamp + DAY * np.round((self.entered - stamp) / DAY)

    def _arrived(self) -> Array:
        """Joining the queue, else meeting the agent; leaving the menu where that is missing or absurd."""
        queued = self.queue_stamped | (self.wait > 0)
        stamp = np.where(queued, self.joined, np.where(self.service_stamped, self.met_agent, self.left_menu))
        return np.where(np.abs(stamp - self.entered) <= LONGEST_MENU, stamp, self.left_menu)

    def reasons_to_drop(self) -> dict[str, Mask]:
        """Rows to drop, by reason, the first that applies first."""
        phantom, hung_up = self._outcome("PHANTOM"), self._outcome("HANG")
        unreadable = self.date.isna().to_numpy(dtype=bool) | np.isnan(self.arrived) | np.isnan(self.entered)
        return {
            "phantom call": phantom,
            "repeated row": self.raw.duplicated().to_numpy(),
            "outcome unknown": ~(self.answered | hung_up | phantom),
            "date or time unreadable": unreadable,
            "waiting time unreadable": np.isnan(self.wait),
            "left in the voice menu": hung_up & (self.wait == 0) & ~self.queue_stamped,
            "hung up in the second of joining the queue": hung_up & (self.wait == 0) & self.queue_stamped,
        }

    def remarks(self) -> dict[str, Mask]:
        """Rows that are kept although something about them is odd, by what."""
        served = self.answered & self.service_stamped
        gap = np.abs(self.met_agent - self.joined - self.wait)
        return {
            "lasted beyond midnight": self.arrived + self.wait + np.nan_to_num(self.handled) >= DAY,
            "menu left before it was entered": self.left_menu < self.entered,
            "answered, handling time unknown": self.answered & np.isnan(self.handled),
            "answered, handling time 0 s": self.handled == 0,
            "answered by nobody by name": self.answered & (self.raw["server"] == NOBODY).to_numpy(),
            "hung up, with a service stamped after it": self._outcome("HANG") & self.service_stamped,
            "queue's and agent's clock over 10 s apart": served & self.queue_stamped & (gap > CLOCKS_APART),
        }

    def calls(self) -> pd.DataFrame:
        """The common frame, of all rows."""
        agent = self.raw["server"]
        return pd.DataFrame(
            {
                "arrived": self.date + pd.to_timedelta(pd.Series(self.arrived), unit="s"),
                "wait": self.wait,
                "outcome": np.where(self.answered, ANSWERED, ABANDONED),
                "handled": self.handled,
                "agent": agent.where((agent != NOBODY) & (agent != "")),
                "entered": self.date + pd.to_timedelta(pd.Series(self.entered), unit="s"),
                "topic": self.raw["type"],
            }
        )


def _duration(stated: Array, start: Array, end: Array) -> Array:
    """The duration as stated or, where that is none, between its stamps; NaN without either."""
    stamped = (start > 0) & (end > 0)
    return np.where(stated >= 0, stated, np.where(stamped, np.mod(end - start, DAY), np.nan))
