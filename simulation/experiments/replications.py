"""Replications of one or several scenarios, here or in other processes: always the same numbers."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from multiprocessing import resource_tracker
from pathlib import Path
from threading import Thread
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from simulation.center import simulate
from simulation.center.plan import Plan
from simulation.demand.births import DemandPlan
from simulation.experiments.resolved import digest_of
from simulation.metrics import measure
from simulation.metrics.curves import Curves, curves
from simulation.metrics.industry import figures_of
from simulation.metrics.kpi import KPIS, Metric, standard_metrics
from simulation.metrics.measure import Measures, Segment, Sums
from simulation.metrics.targets import targets_of
from simulation.metrics.trends import Week, weekly
from simulation.metrics.view import View
from simulation.metrics.windows import windows
from simulation.record.store import TABLES, write
from simulation.record.tables import DICTIONARY, Table
from simulation.scenario.cycle import batch_bounds
from simulation.scenario.schema import Scenario

WORTH_A_PROCESS = 40_000
"""Expected contacts in all from which further processes pay for being started."""
AHEAD = 2
"""Batches of replications handed out per process beyond those being worked on."""
WORTH_A_MESSAGE = 2_000
"""Expected contacts from which a replication is handed out by itself; shorter ones go together."""
TURNS = 8
"""Batches per process that many short replications make at least, so that all end at about the same time."""
PREPARED = 128
"""Scenarios that a process keeps at hand."""


class Wanted(NamedTuple):
    """A replication that is wanted: of which scenario (its number), which one, and the folder for its tables if any."""

    scenario: int
    replication: int
    tables: str | None = None


@dataclass(frozen=True)
class Task:
    """One replication to simulate; the scenario as JSON, so that any process can read it, or its number (behind a #) among
    those that the process was given when it started. Of the tables all are written, unless `keep` names some."""

    scenario: str
    seed: int
    replication: int
    tables: str | None
    also: tuple[tuple[Metric, Segment], ...] = ()
    only: bool = False
    bounds: tuple[float, ...] = ()
    keep: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What is kept of a replication besides its tables; of one that measures little (`only`), no curves, weeks or cards.

    `parts` are the measures of parts of the measured time, where they were asked for.
    """

    replication: int
    measures: Measures
    curves: Curves
    hours: list[float]
    names: dict[str, list[str]]
    audit: dict[str, float]
    weeks: list[Week]
    cards: Table
    parts: list[Measures] = field(default_factory=list)

    def __getstate__(self) -> dict[str, Any]:
        """Sums as arrays, and the metrics of several outcomes once: a third of the time that it takes to hand them over."""
        packed = {"measures": _packed(self.measures), "parts": list(map(_packed, self.parts))}
        return self.__dict__ | packed

    def __setstate__(self, state: dict[str, Any]) -> None:
        unpacked = {"measures": _unpacked(state["measures"]), "parts": list(map(_unpacked, state["parts"]))}
        self.__dict__.update(state | unpacked)


Packed = tuple[tuple[tuple[Metric, Segment], ...], npt.NDArray[np.float64]]
_KEYS: dict[tuple[Metric, Segment], tuple[Metric, Segment]] = {}


def _packed(measures: Measures) -> Packed:
    return tuple(_KEYS.setdefault(key, key) for key in measures), np.array(list(measures.values()), np.float64)


def _unpacked(packed: Packed) -> Measures:
    keys, values = packed
    return {
        key: Sums(value, over, bool(fixed)) for key, (value, over, fixed) in zip(keys, values.tolist(), strict=True)
    }


class Simulator:
    """Simulates replications of some scenarios, in this process, in others, or on any executor.

    Processes are started once, with the scenarios, and stay for all replications that are asked for within the `with`.
    `expected` is how many replications of each there may be: a short run starts no processes. What is in `also` is measured
    beside the standard metrics and what the scenario's own targets are about; with `only`, beside the targets alone, which
    makes outcomes small. With `bounds` (s since the start) the same is measured between each two of them. Further scenarios
    may be added on the way.
    """

    def __init__(
        self,
        scenarios: Sequence[Scenario],
        expected: int,
        executor: Executor | None = None,
        jobs: int | None = None,
        also: Sequence[tuple[Metric, Segment]] = (),
        only: bool = False,
        bounds: Sequence[float] = (),
    ) -> None:
        self.scenarios = list(scenarios)
        self.texts = [text_of(scenario) for scenario in scenarios]
        self.also = tuple(also)
        self.only = only
        self.bounds = tuple(bounds)
        self._named = 0
        self._expected: dict[int, float] = {}
        self.executor = executor
        self.workers = (os.cpu_count() or 1) if executor is not None else self._processes(expected, jobs)
        self._pool: Executor | None = executor
        self._late: list[Future[list[Outcome]]] = []
        self._stack = ExitStack()

    def __enter__(self) -> Simulator:
        if self.executor is None and self.workers > 1:
            self._pool = self._stack.enter_context(Processes(self.workers, tuple(self.texts)))
            self._named = len(self.texts)
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        self._stack.__exit__(kind, error, trace)

    def add(self, scenario: Scenario) -> int:
        """Know one more scenario; its number, for `Wanted`."""
        self.scenarios.append(scenario)
        self.texts.append(text_of(scenario))
        return len(self.texts) - 1

    def forget(self, numbers: Iterable[int]) -> None:
        """Let go of scenarios that were added and are no longer wanted, so that thousands of them take no memory."""
        for number in numbers:
            self.scenarios[number], self.texts[number] = self.scenarios[0], ""

    def outcomes(self, wanted: Sequence[Wanted]) -> Iterator[Outcome]:
        """What came of each replication, in the order asked for."""
        tasks = [self._task(one) for one in wanted]
        if self._pool is None:
            return map(replicate, tasks)
        return _in_order(self._pool, list(_batches(tasks, self._together(wanted))), self.workers, self._late)

    def finish(self) -> None:
        """Wait for replications that had begun when nobody asked for more outcomes."""
        wait(self._late)

    def _together(self, wanted: Sequence[Wanted]) -> int:
        """How many of these replications go to a process at once."""
        if self._pool is None or not wanted:
            return 1
        shortest = min(map(self._cases, {one.scenario for one in wanted}))
        worth = int(WORTH_A_MESSAGE / max(shortest, 1.0))
        return max(1, min(worth, len(wanted) // (TURNS * self.workers)))

    def _task(self, one: Wanted) -> Task:
        text = f"#{one.scenario}" if one.scenario < self._named else self.texts[one.scenario]
        return Task(
            text, self.scenarios[one.scenario].seed, one.replication, one.tables, self.also, self.only, self.bounds
        )

    def _processes(self, expected: int, jobs: int | None) -> int:
        most = expected * len(self.scenarios)
        return min(most, jobs or (cores() if self._contacts() * expected > WORTH_A_PROCESS else 1))

    def _contacts(self) -> float:
        """Expected cases of one replication of all scenarios."""
        return sum(map(self._cases, range(len(self.scenarios))))

    def _cases(self, index: int) -> float:
        """Expected cases of one replication of a scenario."""
        if index not in self._expected:
            self._expected[index] = expected_cases(self.scenarios[index])
        return self._expected[index]


def replicate(task: Task) -> Outcome:
    """Simulate and measure one replication; write its tables where the task says."""
    scenario, plan = _prepared(_GIVEN[int(task.scenario[1:])] if task.scenario[:1] == "#" else task.scenario)
    record = simulate(plan, task.seed, task.replication)
    view = View(record, scenario)
    cards: Table = {}
    if task.tables is not None or not task.only:
        cards = {name: view.agents[name] for name in DICTIONARY["scorecards"]}
        record.tables["scorecards"] = cards
    if task.tables is not None:
        write(record, Path(task.tables), task.keep or TABLES)
    asked = [(target.metric, target.segment) for target in targets_of(scenario)]
    asked += _known(task.also, view, scenario)
    if task.only:
        parts = [measure(part, [], asked) for part in windows(record, scenario, task.bounds)]
        return Outcome(task.replication, measure(view, [], asked), {}, [], {}, record.audit, [], cards, parts)
    asked += [(by_day, target.segment) for target in targets_of(scenario) if (by_day := target.by_day) is not None]
    asked += [(figure.target.metric, figure.target.segment) for figure in figures_of(scenario)]
    metrics = standard_metrics(scenario)
    measures, weeks = measure(view, metrics, asked), weekly(view, metrics)
    parts = [measure(part, metrics, asked) for part in windows(record, scenario, batch_bounds(scenario))]
    names = {dimension: record.names[dimension] for dimension in ("channel", "team", "agent")}
    return Outcome(
        task.replication, measures, curves(view), record.edges.tolist(), names, record.audit, weeks, cards, parts
    )


def _known(asked: Iterable[tuple[Metric, Segment]], view: View, scenario: Scenario) -> Iterator[tuple[Metric, Segment]]:
    """What the scenario has data for."""
    for metric, segment in asked:
        there = all(label in view.labels(dimension) for dimension, label in segment)
        if there and KPIS[metric.kpi].needs(scenario) is None:
            yield metric, segment


def text_of(scenario: Scenario) -> str:
    """The scenario as JSON, behind the digest that tells the content of its files too."""
    return f"{digest_of(scenario)}\n{scenario.model_dump_json()}"


def scenario_of(text: str) -> Scenario:
    """The scenario that `text_of` wrote."""
    return Scenario.model_validate_json(text.partition("\n")[2])


@lru_cache(maxsize=PREPARED)
def _prepared(text: str) -> tuple[Scenario, Plan]:
    scenario = scenario_of(text)
    return scenario, Plan(scenario)


def expected_cases(scenario: Scenario) -> float:
    """Expected cases of one replication."""
    plan = DemandPlan(scenario)
    drawn = sum(float(steps.expected().sum()) for _, _, steps in plan.expected())
    return drawn + sum(len(arrived) for _, arrived in plan.replays())


_GIVEN: list[str] = []


def _start_process(scenarios: tuple[str, ...]) -> None:
    """What a process does first: remember its scenarios, and see to it that it ends with the one that started it."""
    _GIVEN[:] = scenarios
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Nobody stops a process whose parent was killed: it would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


class Processes(ProcessPoolExecutor):
    """Processes that do not run the caller's script again when they start.

    What they work on is in this package, so a script needs no `if __name__ == "__main__"` to run a scenario. They know
    the scenarios from their start. When the run is given up, they are ended at once.
    """

    def __init__(self, processes: int, scenarios: tuple[str, ...]) -> None:
        spawn = multiprocessing.get_context("spawn")
        super().__init__(processes, mp_context=spawn, initializer=_start_process, initargs=(scenarios,))

    def __exit__(self, kind: Any, error: Any, trace: Any) -> bool | None:
        if kind is None:
            return super().__exit__(kind, error, trace)
        for process in list((self._processes or {}).values()):
            process.terminate()
        self.shutdown(wait=True, cancel_futures=True)
        return None

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Hand out a task; a process may be started for it."""
        main = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            with _deaf_to_interrupts():
                return super().submit(fn, *args, **kwargs)
        finally:
            sys.modules["__main__"] = main


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """A process started meanwhile leaves Ctrl-C to the one that started it, which hears it afterwards."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # started within, it would lift the mask
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def replicate_all(tasks: Sequence[Task]) -> list[Outcome]:
    """Several replications, one after the other."""
    return [replicate(task) for task in tasks]


def _batches(tasks: Sequence[Task], size: int) -> Iterator[Sequence[Task]]:
    return (tasks[start : start + size] for start in range(0, len(tasks), size))


def _in_order(
    executor: Executor, batches: list[Sequence[Task]], workers: int, late: list[Future[list[Outcome]]]
) -> Iterator[Outcome]:
    """Keep the executor busy without handing out everything at once; give outcomes back in order. Those nobody waited for any more
    are `late`, if they have begun."""
    waiting: dict[Future[list[Outcome]], int] = {}
    ready: dict[int, list[Outcome]] = {}
    following = iter(enumerate(batches))
    due = 0
    try:
        while due < len(batches):
            while len(waiting) + len(ready) < workers * (1 + AHEAD) and (batch := next(following, None)) is not None:
                waiting[executor.submit(replicate_all, batch[1])] = batch[0]
            for future in wait(waiting, return_when=FIRST_COMPLETED).done if due not in ready else ():
                ready[waiting.pop(future)] = future.result()
            while due in ready:
                yield from ready.pop(due)
                due += 1
    finally:
        late += [future for future in waiting if not future.cancel()]


def cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
