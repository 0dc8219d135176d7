"""A log held against its simulation, by hour of the day."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from simulation.calibration.call_log import HOUR, CallLog
from simulation.calibration.headcount import on_dates, staffing
from simulation.record.store import read
from simulation.scenario.timeline import Timeline
from simulation.statistics import ratio_interval
from simulation.units import parse_days

if TYPE_CHECKING:
    from simulation.experiments.result import Result

SOON = 60.0
WHOLE_DAY = "all"
EVERY_DAY = "all"
MEASURES = {
    "calls": ("calls", "dates"),
    "abandonment": ("hung_up", "calls"),
    "wait_s": ("wait", "calls"),
    "wait_served_s": ("wait_served", "served"),
    "within_60_s": ("soon", "calls"),
    "mean_service_s": ("service", "services"),
    "busy_agents": ("busy_h", "dates"),
}
"""Each measure as one sum over another. Busy agents of an hour are agent-hours in it; of a day, agent-hours a day."""
KEYS = ["days", "dates", "hour"]


def observed_by_hour(log: CallLog, weekdays: Collection[int] = range(7), clock: str = "arrived") -> pd.DataFrame:
    """What a simulation of the log should reproduce, by hour of the day, over the dates on these weekdays.

    Columns: `hour`, `calls` (mean per date), `abandonment` (share), `wait_s` (mean of all), `wait_served_s`,
    `mean_service_s` (handling times above zero) and `busy_agents` (mean in service at a time, by the overlap of
    services with the hour). `clock` names the column of datetimes that puts a call in its hour and date. Hours
    without calls have no row.
    """
    return _ratios(_observed_sums(log, weekdays, clock)).drop(columns="within_60_s")


def observed(log: CallLog) -> pd.DataFrame:
    """`observed_by_hour` of the working days and of all days, each with a row for the whole day.

    Further columns: `days` (e.g. sun-thu, and `EVERY_DAY`), `dates` (how many of them the log has) and `within_60_s`,
    the share of all calls that are answered by then.
    """
    working = next(iter(log.week))
    tables = [_observed_on(log, working, log.week[working]), _observed_on(log, EVERY_DAY, range(7))]
    return pd.concat(tables, ignore_index=True).astype({"hour": str})


def _observed_on(log: CallLog, days: str, weekdays: Collection[int]) -> pd.DataFrame:
    sums = _observed_sums(log, weekdays, "arrived")
    if sums.empty:
        return pd.DataFrame(columns=[*KEYS, *MEASURES])
    table = pd.concat([_ratios(sums), _ratios(_whole_day(sums))], ignore_index=True)
    table.insert(0, "days", days)
    table.insert(1, "dates", int(sums["dates"].iloc[0]))
    return table


def _observed_sums(log: CallLog, weekdays: Collection[int], clock: str) -> pd.DataFrame:
    """Sums by hour of the day over the dates on these weekdays."""
    stamp = log.calls[clock]
    calls = pd.DataFrame({"hour": stamp.dt.hour, "wait": log.wait, "hung_up": log.abandoned, "service": log.handled})
    sums = _sums(calls[stamp.dt.day_of_week.isin(list(weekdays))], ["hour"])
    dates = sum(date.weekday() in weekdays for date in log.dates)
    return sums.assign(busy_h=_busy_hours(log, weekdays), dates=dates)


def _busy_hours(log: CallLog, weekdays: Collection[int]) -> pd.Series[Any]:
    """Agent-hours in service by hour of the day."""
    inferred = staffing(log, minutes=60)
    used = inferred["from"].dt.day_of_week.isin(list(weekdays)) & on_dates(inferred["from"], log.dates)
    busy: pd.Series[Any] = inferred[used].groupby(inferred["from"].dt.hour)["busy"].sum()
    return busy


def _sums(calls: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """What the measures need, summed over calls; `calls` has `wait`, `hung_up` and `service` (s; NaN unknown)."""
    served = ~calls["hung_up"]
    timed = calls["service"] > 0
    parts = pd.DataFrame(
        {
            "calls": 1,
            "hung_up": calls["hung_up"].astype(int),
            "wait": calls["wait"],
            "served": served.astype(int),
            "wait_served": calls["wait"].where(served, 0.0),
            "soon": (served & (calls["wait"] <= SOON)).astype(int),
            "services": timed.astype(int),
            "service": calls["service"].where(timed, 0.0),
        }
    )
    return parts.groupby([calls[name] for name in by]).sum()


def _whole_day(sums: pd.DataFrame) -> pd.DataFrame:
    """The sums over all hours of the day, as one row."""
    total = sums.drop(columns="dates").sum()
    return pd.DataFrame([total], index=pd.Index([WHOLE_DAY], name="hour")).assign(dates=sums["dates"].iloc[0])


def _ratios(sums: pd.DataFrame) -> pd.DataFrame:
    with np.errstate(divide="ignore", invalid="ignore"):
        made = {name: sums[above] / sums[below] for name, (above, below) in MEASURES.items()}
    return pd.DataFrame(made).rename_axis("hour").reset_index()


# ------------------------------------------------------------------------------------------- simulated


def compare(result: Result, table: pd.DataFrame) -> pd.DataFrame:
    """Every number of `table` (see `observed`) beside what the run gave.

    Columns: `days`, `dates`, `hour` ("7" or `WHOLE_DAY`), `measure`, `observed`, `simulated`, `low` and `high`: the
    95 % interval of the simulated mean over replications, NaN for a single one.
    """
    rows: list[dict[str, Any]] = []
    hours = _Hours(result)
    for days, part in table.groupby("days", sort=False):
        weekdays = range(7) if days == EVERY_DAY else parse_days(str(days))
        sums = hours.sums(weekdays).assign(dates=int(part["dates"].iloc[0]))
        for line in part.to_dict("records"):
            rows += _cells(sums, line)
    return pd.DataFrame(rows)


def _cells(sums: pd.DataFrame, line: dict[Any, Any]) -> Iterator[dict[str, Any]]:
    """The measures of one row of the observed table."""
    by_replication = _of_hour(sums, str(line["hour"]))
    for name, (above, below) in MEASURES.items():
        seen = ratio_interval(by_replication[above].to_numpy(float), by_replication[below].to_numpy(float))
        yield {
            **{key: line[key] for key in KEYS},
            "measure": name,
            "observed": line[name],
            "simulated": seen.mean,
            "low": seen.low,
            "high": seen.high,
        }


def _of_hour(sums: pd.DataFrame, hour: str) -> pd.DataFrame:
    """Sums by replication, of one hour of the day or of all."""
    dates = sums["dates"].iloc[0]
    if hour == WHOLE_DAY:
        return sums.groupby("replication").sum().assign(dates=dates)
    at = sums[sums.index.get_level_values("hour") == int(hour)].droplevel("hour")
    return at.reindex(sums.index.unique("replication"), fill_value=0).assign(dates=dates)


class _Hours:
    """What happened in a run, with the weekday and the hour of the day when it did."""

    def __init__(self, result: Result) -> None:
        timeline = Timeline.of(result.scenario)
        walls = [timeline.wall(start) for start in result.hours[:-1]]
        self.weekday = np.array([wall.weekday() for wall in walls])
        self.hour = np.array([wall.hour for wall in walls])
        self.calls = self._calls(result)
        self.busy = self._placed(_table(result, "staffing", ["handling"]))

    def sums(self, weekdays: Sequence[int]) -> pd.DataFrame:
        """Sums by replication and hour of the day over the dates on these weekdays."""
        calls, busy = (frame[frame["weekday"].isin(list(weekdays))] for frame in (self.calls, self.busy))
        by = ["replication", "hour"]
        sums = _sums(calls, by)
        return sums.assign(busy_h=busy.groupby(by)["handling"].sum() / HOUR).fillna({"busy_h": 0.0})

    def _calls(self, result: Result) -> pd.DataFrame:
        legs = _table(result, "legs", ["first", "wait", "answered", "released"])
        calls = self._placed(legs[legs["first"].astype(bool) & legs["wait"].notna()])
        return calls.assign(hung_up=calls["answered"].isna(), service=calls["released"] - calls["answered"])

    def _placed(self, rows: pd.DataFrame) -> pd.DataFrame:
        interval = rows["interval"].to_numpy()
        return rows.assign(weekday=self.weekday[interval], hour=self.hour[interval])


def _table(result: Result, name: str, columns: list[str]) -> pd.DataFrame:
    """The measured rows of a table of the run, and of it only what is needed: logs are long."""
    if result.tables_folder is None:
        raise ValueError("this run kept no tables to compare with; run with tables=True")
    rows = read(result.tables_folder, name, ["replication", "interval", "measured", *columns])
    return rows[rows["measured"].astype(bool)]


# ------------------------------------------------------------------------------------------- as text


class Column(NamedTuple):
    """A column of the printed table: heading, format, and characters of an observed and of a simulated number."""

    heading: str
    pattern: str
    seen: int
    made: int


COLUMNS = {
    "calls": Column("calls a day", "{:.1f}", 7, 14),
    "abandonment": Column("abandonment, %", "{:.1%}", 7, 13),
    "wait_s": Column("mean wait, s", "{:.0f}", 6, 11),
    "wait_served_s": Column("ASA, s", "{:.0f}", 6, 11),
    "busy_agents": Column("busy agents", "{:.2f}", 7, 14),
}


def as_text(frame: pd.DataFrame) -> str:
    """The result of `compare` as tables for a terminal, 100 characters wide."""
    return "\n\n".join(_block(str(days), part) for days, part in frame.groupby("days", sort=False))


def _block(days: str, part: pd.DataFrame) -> str:
    dates = int(part["dates"].iloc[0])
    title = "all days" if days == EVERY_DAY else days
    lines = [f"{title} ({dates} {'date' if dates == 1 else 'dates'})", *_heads()]
    for hour, cells in part.groupby("hour", sort=False):
        by_name = cells.set_index("measure").to_dict("index")
        row = [_pair(by_name[name], column) for name, column in COLUMNS.items()]
        lines.append(f"{hour:>4}" + "".join(row))
    return "\n".join([*lines, _soon(part)])


def _heads() -> list[str]:
    columns = COLUMNS.values()
    first = "hour" + "".join(f"{one.heading:>{one.seen + one.made}}" for one in columns)
    second = "    " + "".join(f"{'log':>{one.seen}}{'simulated':>{one.made}}" for one in columns)
    return [first, second]


def _pair(cell: Mapping[Any, Any], column: Column) -> str:
    """An observed and a simulated number, the latter with half its interval if it has one."""
    half = (cell["high"] - cell["low"]) / 2
    numbers = (cell["observed"], cell["simulated"], half)
    seen, made, off = (column.pattern.format(number).rstrip("%") for number in numbers)
    return f"{seen:>{column.seen}}{f'{made} ± {off}' if half > 0 else made:>{column.made}}"


def _soon(part: pd.DataFrame) -> str:
    cell = part[(part["hour"] == WHOLE_DAY) & (part["measure"] == "within_60_s")].iloc[0]
    return f"answered within {SOON:g} s, of all calls: log {cell['observed']:.1%}, simulated {cell['simulated']:.1%}"
