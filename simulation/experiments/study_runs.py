"""Simulating a study's runs in batches, here, in other processes or on any executor."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from simulation.errors import InputError, Problem
from simulation.experiments.points import Asked, Plan, Point, metric_text
from simulation.experiments.replications import (
    WORTH_A_PROCESS,
    Processes,
    Task,
    cores,
    expected_cases,
    replicate,
    scenario_of,
)
from simulation.experiments.store import Row, Store, aside_name, chunk_of, settle, sync

BATCH_SECONDS = 0.5
"""How long one batch of runs should take."""
MOST_IN_BATCH = 100
OF_A_RUN = 200
"""Contacts that take about as long as what each run costs, however short."""
AHEAD = 2
"""Batches handed out per process beyond those being worked on."""
AND_TABLES = 2
"""How much more the tidy tables make of a chunk's bytes, roughly."""
TRIED = 20
"""Runs of a chunk from which the size of one is guessed."""
UNITED = "tables"


class Shard(NamedTuple):
    """One part of a study, e.g. the 2nd of 8."""

    number: int = 1
    of: int = 1

    def holds(self, key: bytes) -> bool:
        """Whether a run belongs to it."""
        return int.from_bytes(key[:8], "big") % self.of == self.number - 1


@dataclass(frozen=True)
class Batch:
    """Some replications of a point, as any process can simulate them."""

    scenario: str
    seed: int
    replications: tuple[int, ...]
    keys: tuple[bytes, ...]
    asked: Asked
    tables: tuple[str, ...]
    folder: str


def simulate_batch(batch: Batch) -> list[Row]:
    """Simulate and measure; tables that are kept are written into the store at once."""
    return [_run(batch, number, key) for number, key in zip(batch.replications, batch.keys, strict=True)]


def _run(batch: Batch, replication: int, key: bytes) -> Row:
    started = time.perf_counter()
    with ExitStack() as stack:
        aside = stack.enter_context(tempfile.TemporaryDirectory(prefix="supportsim-")) if batch.tables else None
        outcome = replicate(
            Task(batch.scenario, batch.seed, replication, aside, batch.asked, only=True, keep=batch.tables)
        )
        for name in batch.tables:
            _keep_table(Path(str(aside)) / name / f"{replication:05d}.parquet", Path(batch.folder) / name, key)
    sums = {metric_text(*pair): outcome.measures[pair] for pair in batch.asked if pair in outcome.measures}
    return Row(key, replication, time.perf_counter() - started, int(outcome.audit["contacts"]), sums)


def _keep_table(made: Path, folder: Path, key: bytes) -> None:
    """Give a table the run's key as a column, and its place in the store; a table that is empty is not kept."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not made.is_file():
        return
    table = pq.read_table(made)
    column = pa.DictionaryArray.from_arrays(pa.array(np.zeros(len(table), np.int32)), pa.array([key.hex()]))
    folder.mkdir(parents=True, exist_ok=True)
    aside = folder / aside_name()
    pq.write_table(table.add_column(0, "key", column), aside, compression="zstd", write_page_checksum=True)
    sync(aside)
    settle(aside, folder / f"{key.hex()}.parquet")


@dataclass
class Work:
    """The runs of a study (or of one shard of it) that are not there yet, and simulating them."""

    plan: Plan
    store: Store
    shard: Shard = field(default_factory=Shard)

    def __post_init__(self) -> None:
        self.wanted = 0
        self.todo: npt.NDArray[np.int64] = np.zeros(0, np.int64)
        self.spent: dict[str, list[float]] = {}
        self.look()

    def look(self) -> None:
        """See which runs there are, and how long each scenario's took."""
        each = self.plan.file.replications
        seconds = dict(self.store.refresh())
        todo = []
        self.wanted = 0
        for point in self.plan.points:
            for replication in range(each):
                key = self.plan.key(point, replication)
                if key in seconds:
                    self.spent.setdefault(point.scenario, []).append(seconds[key])
                if self.shard.holds(key):
                    self.wanted += 1
                    if key not in self.store.index:
                        todo.append(point.number * each + replication)
        self.todo = np.array(todo, np.int64)

    @property
    def left(self) -> int:
        """Runs of this shard that are not there."""
        keys = map(self._key, self.todo.tolist())
        return sum(key not in self.store.index for key in keys)

    def _key(self, number: int) -> bytes:
        """The key of a run by its number, counted through all points."""
        point, replication = divmod(number, self.plan.file.replications)
        return self.plan.key(self.plan.points[point], replication)

    @property
    def lacking(self) -> int:
        """Runs of the whole study that are not there."""
        each = range(self.plan.file.replications)
        return sum(
            self.plan.key(point, number) not in self.store.index for point in self.plan.points for number in each
        )

    def simulate(
        self,
        executor: Executor | None = None,
        jobs: int | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> int:
        """Simulate what is lacking, and keep it; how many runs were simulated."""
        total, done = len(self.todo), 0
        workers = self.workers(executor, jobs)
        order = _from_where(self.todo, self.store.sign_on())
        try:
            with ExitStack() as stack:
                pool = executor or (stack.enter_context(Processes(workers, ())) if workers > 1 else None)
                batches = self._batches(order, workers)
                for rows in map(simulate_batch, batches) if pool is None else _as_they_come(pool, batches, workers):
                    self.store.add(rows)
                    done += len(rows)
                    if progress is not None:
                        progress(min(done, total), total)
        except BrokenExecutor as error:
            self.store.flush()
            what = "a process ended abruptly, perhaps for lack of memory; what is finished is kept: run it again with fewer --jobs"
            raise InputError([Problem(str(self.store.folder), "", what)]) from error
        except InputError:
            raise
        except BaseException:
            self.store.flush()
            raise
        finally:
            self.store.sign_off()
        self.store.flush()
        return done

    def expected(self) -> tuple[float, int]:
        """Seconds (of one process) and bytes that what is lacking may take: by the runs that are there, else by one of each
        scenario that is tried now."""
        each = self.plan.file.replications
        numbers, counts = np.unique(self.todo // each, return_counts=True)
        seconds, size = 0.0, 0
        tried: dict[str, tuple[float, int]] = {}
        for number, count in zip(numbers.tolist(), counts.tolist(), strict=True):
            name = self.plan.points[number].scenario
            if name not in tried:
                tried[name] = self._tried(number)
            seconds += count * tried[name][0]
            size += count * tried[name][1]
        return seconds, size

    def _tried(self, number: int) -> tuple[float, int]:
        """Seconds and bytes of a run of a point's scenario."""
        point = self.plan.points[number]
        spent = self.spent.get(point.scenario)
        if spent and self.store.index:
            return float(np.mean(spent)), AND_TABLES * self.store.size // len(self.store.index)
        with tempfile.TemporaryDirectory(prefix="supportsim-") as folder:
            batch = replace(self._batch(point, {0: self.plan.key(point, 0)}), folder=folder)
            simulate_batch(batch)
            row = simulate_batch(batch)[0]  # the first one reads files and builds plans
            kept = sum(path.stat().st_size for path in Path(folder).rglob("*.parquet"))
        return row.seconds, kept + AND_TABLES * len(chunk_of([row] * TRIED)) // TRIED

    def workers(self, executor: Executor | None, jobs: int | None) -> int:
        if executor is not None:
            return int(getattr(executor, "_max_workers", 0)) or os.cpu_count() or 1
        if jobs is not None or not len(self.todo):
            return min(jobs or 1, max(len(self.todo), 1))
        first = self.plan.text(int(self.todo[0]) // self.plan.file.replications)
        contacts = (expected_cases(scenario_of(first)) + OF_A_RUN) * len(self.todo)
        return min(len(self.todo), cores()) if contacts > WORTH_A_PROCESS else 1

    def _batches(self, order: npt.NDArray[np.int64], workers: int) -> Iterator[Batch]:
        """Batches of runs of one point; runs that others have done meanwhile are left out."""
        each = self.plan.file.replications
        at = 0
        while at < len(order):
            point = self.plan.points[int(order[at]) // each]
            most = self._size(point, len(order) - at, workers)
            numbers = [int(one) % each for one in order[at : at + most] if int(one) // each == point.number]
            at += len(numbers)
            keys = {number: self.plan.key(point, number) for number in numbers}
            left = {number: key for number, key in keys.items() if key not in self.store.index}
            if left:
                yield self._batch(point, left)

    def _size(self, point: Point, left: int, workers: int) -> int:
        """How many runs of a point make a batch."""
        spent = self.spent.get(point.scenario)
        mean = float(np.mean(spent[-MOST_IN_BATCH:])) if spent else BATCH_SECONDS
        return max(1, min(MOST_IN_BATCH, int(BATCH_SECONDS / max(mean, 1e-6)), left // (4 * workers)))

    def _batch(self, point: Point, left: dict[int, bytes]) -> Batch:
        assert point.judging is not None
        file, text = self.plan.file, self.plan.text(point.number)
        folder = str((self.store.folder / UNITED).absolute())
        return Batch(
            text, self.plan.seed, tuple(left), tuple(left.values()), point.judging.asked, tuple(file.tables), folder
        )


def _from_where(todo: npt.NDArray[np.int64], others: int) -> npt.NDArray[np.int64]:
    """The order of runs: with one other at work from the end, with more from somewhere between, so that they meet late."""
    if others == 1:
        return todo[::-1]
    share = (
        sum(int(digit) / 2**place for place, digit in enumerate(reversed(f"{others:b}"), start=1)) if others else 0.0
    )
    return np.roll(todo, -int(share * len(todo)))


def _as_they_come(executor: Executor, batches: Iterable[Batch], workers: int) -> Iterator[list[Row]]:
    """Keep the executor busy without handing out everything at once; results in whichever order they come."""
    waiting: set[Future[list[Row]]] = set()
    following = iter(batches)
    more = True
    try:
        while more or waiting:
            while more and len(waiting) < workers * (1 + AHEAD):
                batch = next(following, None)
                more = batch is not None
                if batch is not None:
                    waiting.add(executor.submit(simulate_batch, batch))
            done = wait(waiting, return_when=FIRST_COMPLETED).done if waiting else set()
            waiting -= done
            for future in done:
                yield future.result()
    finally:
        if not isinstance(executor, Processes):  # which are ended as a whole
            for future in waiting:
                future.cancel()
