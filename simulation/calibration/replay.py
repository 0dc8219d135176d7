"""A log as a scenario that replays it: the same calls at the same moments, with the staff inferred from them."""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path
from textwrap import fill
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from simulation.calibration.adapters import plainly, read_log
from simulation.calibration.call_kinds import handling_of_kinds, kinds
from simulation.calibration.call_log import DAY, Array, CallLog
from simulation.calibration.comparison import KEYS, MEASURES, compare, observed
from simulation.calibration.exports import replay_frame, staffing_frame
from simulation.calibration.quantiles import empirical_quantiles
from simulation.calibration.survival import patience
from simulation.errors import InputError, Problem
from simulation.experiments.load import load
from simulation.experiments.run import run
from simulation.units import duration_text

SCENARIO = "scenario.yaml"
OBSERVED = "observed.csv"
PATIENCE = "patience.csv"
"""The one file that not every replay has."""
STAFF_MINUTES = 10
"""How often the headcount changes: docs/bank.md says what other lengths give."""


def prepare(
    log_path: str | Path,
    folder: str | Path,
    vendor: str = "anonymous_bank",
    learn_from: str | Path | None = None,
    staff_minutes: int = STAFF_MINUTES,
) -> Path:
    """Write a scenario that replays a log into a folder; returns the path of its scenario.yaml.

    The scenario replays arrivals and the handling times of answered calls. Those of calls that hung up are drawn
    from known ones of the same kind (see `kinds`), patience from a Kaplan-Meier estimate, and the staff is inferred
    from the calls. `learn_from` names another log for patience and handling times, so that the replayed log says
    nothing of its own waits but through its staff. `staff_minutes` divides a day; the headcount is inferred, and
    changes, every so many minutes. Beside it stand arrivals.csv, staff.csv, handling.csv,
    patience.csv (none if nobody hung up) and observed.csv, which `check` compares with.

    InputError where a log is missing, not of the vendor's format or empty, or the folder cannot be written.
    """
    log = read_log(log_path, vendor)
    learned = None if learn_from is None else (read_log(learn_from, vendor), learn_from)
    return write_replay(log, log_path, folder, f"{vendor}-{log.dates[0].date()}", learned, staff_minutes)


def write_replay(
    log: CallLog,
    log_path: str | Path,
    folder: str | Path,
    name: str,
    learned: tuple[CallLog, str | Path] | None = None,
    staff_minutes: int = STAFF_MINUTES,
) -> Path:
    """`prepare` for logs that have been read: `learned` is another log to learn from, with its path."""
    known, known_path = learned or (log, log_path)
    with plainly(known_path):
        files = _files(log, known, staff_minutes)
    origin = _origin(log, log_path) + (_LEARNED.format(Path(known_path).name) if learned else "")
    return _written(Path(folder), {**files, SCENARIO: _scenario(name, origin, log, files)})


def check(folder: str | Path, replications: int | None = None, jobs: int | None = None) -> pd.DataFrame:
    """Run the scenario that `prepare` wrote and hold it against its log, by hour of the day.

    Returns a row per group of days, hour and measure; see `comparison.compare`, and `comparison.as_text` to print
    it. InputError where the folder holds no replay, or something is wrong with its files.
    """
    place = Path(folder)
    if not (place / SCENARIO).is_file():
        raise InputError([Problem(str(place), "", "holds no replay; make one with supportsim calibrate LOG --out DIR")])
    table = _observed_in(place / OBSERVED)
    return compare(run(load(place / SCENARIO), replications, jobs=jobs), table)


def _observed_in(path: Path) -> pd.DataFrame:
    try:
        table = pd.read_csv(path, dtype={"days": str, "hour": str})
    except (OSError, ValueError) as error:
        what = f"cannot be read ({error}); make the replay again with supportsim calibrate LOG --out DIR"
        raise InputError([Problem(str(path), "", what)]) from None
    missing = [name for name in (*KEYS, *MEASURES) if name not in table]
    if missing:
        what = f"lacks {', '.join(missing)}; make the replay again with supportsim calibrate LOG --out DIR"
        raise InputError([Problem(str(path), "", what)])
    return table


# ---------------------------------------------------------------------------------------------- tables


def _files(log: CallLog, known: CallLog, staff_minutes: int) -> dict[str, str]:
    """The data files by name."""
    times = handling_of_kinds(known)
    kind = kinds(log, times)
    whole = _completed(log, kind, times)
    arrivals = replay_frame(whole)
    arrivals.insert(1, "kind", kind)
    files = {
        "arrivals.csv": arrivals,
        "staff.csv": staffing_frame(whole, staff_minutes, staff_minutes),
        "handling.csv": _quantiles({name: times[name] for name in sorted(kind.unique())}),
        OBSERVED: observed(log),
    }
    if known.abandoned.any():
        files[PATIENCE] = patience(known).quantiles().round({"level": 5, "seconds": 2})
    return {name: _csv(table) for name, table in files.items()}


def _completed(log: CallLog, kind: pd.Series[Any], times: Mapping[str, Array]) -> CallLog:
    """The log in which answered calls of unknown length have the mean of their kind.

    Else they would be work in the replay that was none when its staff was inferred.
    """
    mean = kind.map({name: round(float(values.mean())) for name, values in times.items()})
    lost = log.calls["handled"].isna() & ~log.abandoned
    calls = log.calls.assign(handled=log.calls["handled"].mask(lost, mean))
    return CallLog(calls, log.report, log.citation, log.week, log.time_zone)


def _quantiles(times: Mapping[str, Array]) -> pd.DataFrame:
    """Equally likely handling times (s), a column per kind."""
    return pd.DataFrame({name: empirical_quantiles(values)["seconds"].round(2) for name, values in times.items()})


def _csv(table: pd.DataFrame) -> str:
    text: str = table.to_csv(index=False, lineterminator="\n", float_format="%.10g")
    return text


# -------------------------------------------------------------------------------------------- scenario

_SCENARIO = """\
# Made by supportsim calibrate; run it, change it, or hold it against its log with supportsim check.

name: {name}
description: >-
  {origin}

calendar: {{start: {start}, time_zone: {zone}}}
horizon: {horizon}
run_out: 4 h # for those who still wait at the end
replications: 10
seed: 1

demand:
  sources:
    log:
      channel: phone
      replay: {{file: arrivals.csv, time: arrived, topic: kind, handling: handled_s, unit: 1 s}}

channels:
  phone:
    mode: live
{patience}

# Kinds of calls that take alike. The log knows how long its answered calls took; only the others are drawn.
topics:
{topics}

teams:
  agents: # effective agents, who take the next call at once: inferred from the calls, see staff.csv
    skills: {{calls: {{channels: phone}}}}
    headcount: {{dated: {{file: staff.csv, time: from, headcount: headcount}}}}
"""
_PATIENCE = "    patience: {empirical: {file: patience.csv, column: seconds, unit: 1 s}}"
_NO_PATIENCE = "    # nobody hung up in the log, so callers wait for ever"
_LEARNED = " Patience, and handling times of calls that hung up, are those of {}."
_TOPIC = "  {name}: {{handling: {{phone: {{empirical: {{file: handling.csv, column: {name}, unit: 1 s}}}}}}}}"


def _scenario(name: str, origin: str, log: CallLog, files: Mapping[str, str]) -> str:
    header = files["handling.csv"].partition("\n")[0]
    kinds_here = [json.dumps(kind, ensure_ascii=False) for kind in next(csv.reader([header]))]
    return _SCENARIO.format(
        name=name,
        origin=fill(" ".join(origin.split()), 110, subsequent_indent="  ", break_long_words=False),
        start=log.dates[0].date(),
        zone=log.time_zone,
        horizon=_span(log),
        patience=_PATIENCE if PATIENCE in files else _NO_PATIENCE,
        topics="\n".join(_TOPIC.format(name=kind) for kind in kinds_here),
    )


def _origin(log: CallLog, path: str | Path) -> str:
    """Where the numbers come from, in words."""
    first, last = log.dates[0].date(), log.dates[-1].date()
    cited = f" Source: {log.citation}" if log.citation else ""
    return f"The {len(log.calls)} calls of {Path(path).name}, {first} to {last}, replayed.{cited}"


def _span(log: CallLog) -> str:
    """The time from the first midnight to that after the last date, in days unless the clocks change in between."""
    zone, day = ZoneInfo(log.time_zone), dt.timedelta(days=1)
    start, end = (dt.datetime.combine(date.date(), dt.time(), zone) for date in (log.dates[0], log.dates[-1] + day))
    seconds = end.timestamp() - start.timestamp()
    return duration_text(seconds) if seconds % DAY else f"{seconds / DAY:g} d"


def _written(folder: Path, files: Mapping[str, str]) -> Path:
    """Write the files, the scenario last: a folder that has one is complete."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in (SCENARIO, PATIENCE):
            (folder / name).unlink(missing_ok=True)
        for name in sorted(files, key=lambda name: name == SCENARIO):
            (folder / name).write_text(files[name], encoding="utf-8")
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        what = f"cannot be written ({why}); name another folder"
        raise InputError([Problem(str(folder), "", what)]) from None
    return folder / SCENARIO
