"""The facts of a log that may be shipped without the log."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from simulation.calibration.call_kinds import ENOUGH, PARTS, handling_by, part_of_day
from simulation.calibration.call_log import CallLog
from simulation.calibration.handling import service
from simulation.calibration.headcount import agent_hours, staff_by_hour
from simulation.calibration.quantiles import empirical_quantiles
from simulation.calibration.survival import patience
from simulation.calibration.volume import Busyness, busyness, dispersion, interval_counts, weekly_profile


def facts(log: CallLog) -> dict[str, float]:
    """Headline numbers of a log: volume, waits, patience, service and how much volume varies."""
    willing, served = patience(log), service(log)
    counts = interval_counts(log)
    day, spread, unmet = busyness(counts.sum(axis=1)), dispersion(counts), _beyond_staff(log)
    return {
        "dates": len(log.dates),
        "calls": len(log.calls),
        "abandonment": float(log.abandoned.mean()),
        "mean wait, s": float(log.wait.mean()),
        "mean wait of the answered, s": float(log.wait[~log.abandoned].mean()),
        "patience: share beyond 60 s": willing.survival(60.0),
        "patience: share beyond 300 s": willing.survival(300.0),
        "patience: curve trusted until, s": willing.tail_from,
        "patience: mean beyond that, s": willing.tail_mean,
        "patience: mean, s": willing.mean,
        "service: mean, s": served.mean,
        "service: cv": served.cv,
        f"service: share under {served.short:g} s": served.short_share,
        f"service: lognormal mean of the others ({served.short:g} s and more), s": served.lognormal_mean,
        f"service: lognormal cv of the others ({served.short:g} s and more)": served.lognormal_cv,
        "busyness: cv of the day factor": day.cv,
        "busyness: correlation of consecutive days": day.lag1,
        "busyness beyond what staff followed: cv of the day factor": unmet.cv,
        "busyness beyond what staff followed: correlation of consecutive days": unmet.lag1,
        "half hours: variance over mean": spread.variance_to_mean,
        "half hours: cv that a whole day shares": spread.day_cv,
        "half hours: cv of the rest": spread.interval_cv,
        "half hours: correlation of the rest with the next": spread.interval_lag1,
    }


def _beyond_staff(log: CallLog) -> Busyness:
    """The day factor of calls per agent-hour: what is left to a staff that is the same on all like days."""
    daily, hours = interval_counts(log).sum(axis=1), agent_hours(log)
    alike = [log.group_of(number) for number in pd.DatetimeIndex(daily.index).day_of_week]
    relative = hours / hours.groupby(alike).transform("mean")
    return busyness(daily / relative.where(relative > 0, 1.0))


_README = """\
# Derived facts

Made by `simulation.calibration.derive(log, folder)` from the log below; no row of it is in here. To make them
again, read the log with its adapter in `simulation/calibration/` and call `derive`.

Source: {citation}

{first} to {last}, {calls} calls to agents.

- `patience_quantiles.csv` (level, seconds): how long callers are willing to wait, the Kaplan-Meier (1958)
  estimate with answered calls censored, and an exponential tail beyond {tail:g} s. {levels} equally likely
  values, each the mean of its share of the distribution.
- `service_quantiles.csv` (level, seconds): handling times above zero. {levels} equally likely values, each
  the mean of its share, so that the mean is that of the log.
- `service_by_part_quantiles.csv` (level, a column per part of the day): the same by the part of the day in which
  the call came ({parts} h).
  A part with few known times has no column.
- `profile.csv` (weekday, time, calls): mean calls per half hour, at the time when the caller joins the queue
  or, without a queue, meets the agent. Holidays and dates without data are left out.
- `staff_by_hour.csv` (days, hour, agents): effective headcount. While somebody waits, all who are there are
  busy, so the mean number in service then is the headcount; where nobody waits, at least as many were there
  as were busy. Inferred by date and half hour, then averaged over the dates.

What to keep in mind:

- There are no log-in data. Agents here are *effective* ones, who take the next call at once; the persons on
  duty were more, by their pauses between calls.
- Patience is estimated as if it did not depend on how busy the day was, and everybody as if patient alike.
- The staff is a mean over dates. On the day it followed the volume more or less, which a mean staff under a
  varying volume does not. With a mean staff, let days vary by what staff did not follow: the day factor of calls
  per agent-hour.

| number | value |
|---|---|
{numbers}

Rows of the log:

| rows | count |
|---|---|
{rows}
"""


def derive(log: CallLog, folder: str | Path, levels: int = 200) -> list[Path]:
    """Write the facts that may be shipped (no raw rows) as CSV files and a README into `folder`.

    Returns the paths. `levels` is the number of rows of the quantile tables.
    """
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    tables = {
        "patience_quantiles.csv": patience(log).quantiles(levels).round({"level": 5, "seconds": 2}),
        "service_quantiles.csv": service(log).quantiles(levels).round({"level": 5, "seconds": 2}),
        "service_by_part_quantiles.csv": _service_by_part(log, levels),
        "profile.csv": weekly_profile(log),
        "staff_by_hour.csv": staff_by_hour(log),
    }
    for name, table in tables.items():
        table.to_csv(target / name, index=False, lineterminator="\n")
    (target / "README.md").write_text(_readme(log, levels), encoding="utf-8")
    return [target / name for name in [*tables, "README.md"]]


def _service_by_part(log: CallLog, levels: int) -> pd.DataFrame:
    """Quantiles of handling times above zero, a column per part of the day that has enough of them."""
    times = handling_by(log, part_of_day(log))
    tables = {part: empirical_quantiles(times[part], levels) for part in PARTS if len(times.get(part, ())) >= ENOUGH}
    seconds = {part: table["seconds"].round(2) for part, table in tables.items()}
    level = (np.arange(levels) + 0.5) / levels
    return pd.DataFrame({"level": level.round(5)} | seconds)


def _readme(log: CallLog, levels: int) -> str:
    numbers = facts(log)
    return _README.format(
        citation=log.citation or "not stated",
        first=log.dates[0].date(),
        last=log.dates[-1].date(),
        calls=len(log.calls),
        tail=numbers["patience: curve trusted until, s"],
        levels=levels,
        parts=", ".join(f"{part} {start} to {end}" for part, (start, end) in PARTS.items()),
        numbers="\n".join(
            f"| {name} | {value:{'.0f' if value >= 1000 else '.4g'}} |" for name, value in numbers.items()
        ),
        rows="\n".join(f"| {name} | {count} |" for name, count in log.report.items()),
    )
