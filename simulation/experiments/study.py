"""Batches of experiments: a study file's runs into one store, resumed and extended at any time."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulation.errors import InputError, Problem
from simulation.experiments.code import version
from simulation.experiments.folder import circumstances
from simulation.experiments.points import Plan, plan_of
from simulation.experiments.store import MARKER, Store, refused, write_aside
from simulation.experiments.study_runs import UNITED, Shard, Work
from simulation.experiments.study_tables import DICTIONARY, write_tables
from simulation.metrics.measure import segment_text
from simulation.metrics.targets import parse_metric

if TYPE_CHECKING:
    import pandas as pd

Progress = Callable[[int, int], None]
Source = str | os.PathLike[str] | Mapping[str, Any]


@dataclass(frozen=True)
class Study:
    """A study's folder, and what this call did to it.

    `points` × replications are `wanted` runs; `cached` of them were there already, `simulated` were added, and `lacking` are
    left to other shards (then there are no tables yet). `notes` tells what was found damaged.
    """

    folder: Path
    name: str
    points: int
    replications: int
    wanted: int
    cached: int
    simulated: int
    lacking: int
    metrics: tuple[tuple[str, str], ...] = ()
    """What its file asks for by name: metric and segment, as in the tables."""
    notes: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, folder: str | os.PathLike[str]) -> Study:
        """The finished study in a folder; InputError where there is none."""
        import json

        place = Path(folder)
        try:
            told = json.loads((place / "manifest.json").read_text(encoding="utf-8"))
            points, each, runs = (int(told[name]) for name in ("points", "replications", "runs"))
            return cls(place, told["study"], points, each, runs, runs, 0, 0, _named(told["says"].get("metrics", [])))
        except (OSError, ValueError, KeyError, TypeError):
            whole = (place / MARKER).is_file()
            what = "is not finished; run its study file again" if whole else "holds no study"
            raise refused(place, f"{what} (tables are written when all runs are there)" if whole else what) from None

    @property
    def runs(self) -> pd.DataFrame:
        """One row a run: point, scenario, factors, replication, seed, key, seconds, contacts."""
        return self._frame("runs")

    @property
    def kpis(self) -> pd.DataFrame:
        """One row a run and metric: point, scenario, factors, replication, metric, segment, unit, value, over."""
        return self._frame("kpis")

    @property
    def summary(self) -> pd.DataFrame:
        """One row a point and metric: point, scenario, factors, metric, segment, unit, mean, low, high, level, n."""
        return self._frame("summary")

    @property
    def targets(self) -> pd.DataFrame:
        """One row a point and target: point, scenario, factors, name, target, observed, low, high, verdict."""
        return self._frame("targets")

    def table(self, name: str, columns: list[str] | None = None) -> pd.DataFrame:
        """A table that was kept of every run (`tables: legs`), with point, scenario and factors before its own columns."""
        import pandas as pd
        import pyarrow as pa
        import pyarrow.parquet as pq

        runs = self.runs
        runs = runs[runs.columns[: list(runs.columns).index("replication")].append(pd.Index(["key"]))]
        files = [self.folder / UNITED / name / f"{key}.parquet" for key in runs["key"]]
        wanted = None if columns is None else list(dict.fromkeys(["key", *columns]))
        found = [
            pq.read_table(file, columns=wanted, page_checksum_verification=True) for file in files if file.is_file()
        ]
        if not found:
            raise ValueError(f"this study keeps no table {name}; write tables: {name} into its file, and run it again")
        frame = pa.concat_tables(found, promote_options="permissive").unify_dictionaries().to_pandas()
        frame = frame.astype({"key": str})
        return runs.merge(frame, on="key", suffixes=("_level", "")).drop(columns="key")

    def _frame(self, name: str) -> pd.DataFrame:
        import pandas as pd

        if self.lacking:
            raise ValueError(f"{self.lacking:,} runs are lacking; run the study to its end (all shards) for its tables")
        return pd.read_parquet(self.folder / name)


@dataclass(frozen=True)
class Prospect:
    """What a study would do: runs `wanted` (of this shard), `cached` among them, `seconds` and `size` (bytes) for the rest (None where
    nothing is left to do)."""

    folder: Path
    name: str
    points: int
    replications: int
    wanted: int
    cached: int
    jobs: int
    seconds: float | None = None
    size: int | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def left(self) -> int:
        """Runs to simulate."""
        return self.wanted - self.cached


def study(
    source: Source,
    out: str | os.PathLike[str] | None = None,
    executor: Executor | None = None,
    jobs: int | None = None,
    shard: tuple[int, int] = (1, 1),
    progress: Progress | None = None,
    checking: Progress | None = None,
) -> Study:
    """Simulate every run of a study that its folder does not hold yet, and write its tables.

    `source` is a study file, the name of a shipped one, or a dictionary that says the same. Runs are kept from time to time:
    whatever ends the program, call it again, and it goes on from there. A study may be extended (more replications, further
    levels): what is there is used. `shard` (2, 8) does the second of eight parts; when all are done, the last one writes
    the tables. The numbers are the same whatever `executor` (any `concurrent.futures.Executor`), `jobs` (processes) and
    shards. `progress` hears (runs simulated, runs to simulate), `checking` (points checked, points in all).
    InputError with all that is wrong before anything is simulated, or where the folder cannot be used.
    """
    plan, store = _opened(source, out, checking)
    store.open()
    work = Work(plan, store, _shard(shard))
    cached = work.wanted - len(work.todo)
    try:
        simulated = work.simulate(executor, jobs, progress)
        lacking = work.lacking
        if not lacking:
            _finish(plan, store)
    except KeyboardInterrupt:
        there = work.wanted - work.left
        what = f"Stopped: {there:,} of {work.wanted:,} runs are kept in {store.folder}; the same command goes on from there."
        raise KeyboardInterrupt(what) from None
    counts = (len(plan.points), plan.file.replications, work.wanted, cached, simulated, lacking)
    return Study(store.folder, plan.file.name, *counts, _named(plan.file.metrics), store.notes)


def prospect(
    source: Source,
    out: str | os.PathLike[str] | None = None,
    jobs: int | None = None,
    shard: tuple[int, int] = (1, 1),
    checking: Progress | None = None,
) -> Prospect:
    """What `study` would do, without writing anything; time and disk by the runs that are there, else by one that is tried."""
    plan, store = _opened(source, out, checking)
    work = Work(plan, store, _shard(shard))
    left = len(work.todo)
    workers = work.workers(None, jobs)
    found = Prospect(
        store.folder, plan.file.name, len(plan.points), plan.file.replications, work.wanted, work.wanted - left, workers
    )
    if not left:
        return found
    seconds, size = work.expected()
    return Prospect(**{**found.__dict__, "seconds": seconds / workers, "size": size, "notes": store.notes})


def _opened(source: Source, out: str | os.PathLike[str] | None, checking: Progress | None) -> tuple[Plan, Store]:
    """The plan and its store, which may be there and fits."""
    plan = plan_of(source, checking)
    store = Store(Path("results") / plan.file.name if out is None else Path(out), plan.file.name)
    store.check()
    return plan, store


def _named(metrics: list[str]) -> tuple[tuple[str, str], ...]:
    pairs = [parse_metric(text) for text in metrics]
    return tuple((str(metric), segment_text(segment)) for metric, segment in pairs)


def _shard(shard: tuple[int, int]) -> Shard:
    number, of = shard
    if not 1 <= number <= of:
        what = f"there is no shard {number}/{of}; write e.g. 1/{max(of, 1)}"
        raise InputError([Problem("", "shard", what)])
    return Shard(number, of)


def _finish(plan: Plan, store: Store) -> None:
    """Write the tables of a study that is whole; the manifest comes last."""
    try:
        write_tables(plan, store)
        _write_manifest(plan, store)
    except OSError as error:
        raise store.unwritable(error) from error


def _write_manifest(plan: Plan, store: Store) -> None:
    import json

    about = {
        "study": plan.file.name,
        "points": len(plan.points),
        "replications": plan.file.replications,
        "runs": plan.runs,
        "seed": plan.seed,
        "code": version(),
        "says": plan.file.model_dump(mode="json", exclude_defaults=True),
        "tables": {name: list(DICTIONARY[name]) for name in DICTIONARY},
        **circumstances(),
    }
    text = json.dumps(about, indent=1, ensure_ascii=False, default=str) + "\n"
    write_aside(store.folder / "manifest.json", text.encode())
