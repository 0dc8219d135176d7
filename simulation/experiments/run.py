"""Run the replications of a scenario, here or in other processes, with the same numbers."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import time
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from multiprocessing import resource_tracker
from pathlib import Path
from types import ModuleType
from typing import Any

from simulation.center import simulate
from simulation.center.plan import Plan
from simulation.experiments.resolved import digest_of
from simulation.experiments.result import Result
from simulation.metrics import judge, measure, summarize
from simulation.metrics.curves import Curves, curves
from simulation.metrics.industry import figures_of
from simulation.metrics.kpi import standard_metrics
from simulation.metrics.measure import Measures
from simulation.metrics.targets import targets_of
from simulation.metrics.trends import Week, summarize_weeks, weekly
from simulation.metrics.view import View
from simulation.record.store import write
from simulation.record.tables import DICTIONARY, Table
from simulation.scenario.schema import Scenario

WORTH_A_PROCESS = 40_000
"""Expected contacts in all from which further processes pay for being started."""
AHEAD = 2
"""Replications handed out per process beyond those being worked on."""
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Task:
    """One replication to simulate; the scenario as JSON, so that any process can read it (empty: the one it was given
    when it started)."""

    scenario: str
    seed: int
    replication: int
    tables: str | None


@dataclass(frozen=True)
class Outcome:
    """What is kept of a replication besides its tables."""

    replication: int
    measures: Measures
    curves: Curves
    hours: list[float]
    names: dict[str, list[str]]
    audit: dict[str, float]
    weeks: list[Week]
    cards: Table


def run(
    scenario: Scenario,
    replications: int | None = None,
    seed: int | None = None,
    executor: Executor | None = None,
    jobs: int | None = None,
    tables: bool = True,
    progress: Progress | None = None,
) -> Result:
    """Simulate a scenario and return KPIs with intervals, verdicts and tables.

    `executor` is any `concurrent.futures.Executor`; without one, `jobs` processes are started (by default as many as
    there are cores, and none for a short run). The numbers are the same in each case. With `tables=False` the tables
    are not kept. `progress` is called with (replications done, replications in all).
    """
    scenario = with_changes(scenario, replications, seed)
    started = time.perf_counter()
    folder = tempfile.mkdtemp(prefix="supportsim-") if tables else None
    try:
        total = _Total()
        tasks = [Task(_text(scenario), scenario.seed, number, folder) for number in range(scenario.replications)]
        for done, outcome in enumerate(_outcomes(scenario, tasks, executor, jobs), start=1):
            total.add(outcome)
            if progress is not None:
                progress(done, len(tasks))
        result = _result(scenario, total, folder, time.perf_counter() - started)
    except BaseException:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
        raise
    if folder is not None:
        weakref.finalize(result, shutil.rmtree, folder, ignore_errors=True)
    return result


def with_changes(scenario: Scenario, replications: int | None, seed: int | None) -> Scenario:
    """The scenario with another number of replications or seed."""
    given = {"replications": replications, "seed": seed}
    changes = {name: value for name, value in given.items() if value is not None}
    if changes.get("replications", 1) < 1 or changes.get("seed", 0) < 0:
        raise ValueError("replications must be 1 or more and the seed 0 or more")
    return scenario.model_copy(update=changes)


def replicate(task: Task) -> Outcome:
    """Simulate and measure one replication; write its tables where the task says."""
    scenario, plan = _prepared(task.scenario or _GIVEN["scenario"])
    record = simulate(plan, task.seed, task.replication)
    view = View(record, scenario)
    asked = [*targets_of(scenario), *(figure.target for figure in figures_of(scenario))]
    wanted = [(target.metric, target.segment) for target in asked]
    metrics = standard_metrics(scenario)
    measures, weeks = measure(view, metrics, wanted), weekly(view, metrics)
    its_cards = {name: view.agents[name] for name in DICTIONARY["scorecards"]}
    record.tables["scorecards"] = its_cards
    if task.tables is not None:
        write(record, Path(task.tables))
    names = {dimension: record.names[dimension] for dimension in ("channel", "team", "agent")}
    hours = record.edges.tolist()
    return Outcome(task.replication, measures, curves(view), hours, names, record.audit, weeks, its_cards)


def _text(scenario: Scenario) -> str:
    """The scenario as JSON, behind the digest that tells the content of its files too."""
    return f"{digest_of(scenario)}\n{scenario.model_dump_json()}"


@lru_cache(maxsize=4)
def _prepared(text: str) -> tuple[Scenario, Plan]:
    scenario = Scenario.model_validate_json(text.partition("\n")[2])
    return scenario, Plan(scenario)


def _outcomes(scenario: Scenario, tasks: list[Task], executor: Executor | None, jobs: int | None) -> Iterator[Outcome]:
    """Outcomes in the order of replications."""
    if executor is not None:
        yield from _in_order(executor, tasks, os.cpu_count() or 1)
        return
    processes = min(len(tasks), jobs or (_cores() if _worth_it(scenario) else 1))
    if processes == 1:
        yield from map(replicate, tasks)
        return
    with Processes(processes, _text(scenario)) as pool:
        yield from _in_order(pool, [replace(task, scenario="") for task in tasks], processes)


_GIVEN: dict[str, str] = {}


def _start_process(scenario: str) -> None:
    """What a process does first: remember its scenario."""
    _GIVEN["scenario"] = scenario


class Processes(ProcessPoolExecutor):
    """Processes that do not run the caller's script again when they start.

    What they work on is in this package, so a script needs no `if __name__ == "__main__"` to run a scenario. They know
    the scenario from their start. When the run is given up, they are ended at once.
    """

    def __init__(self, processes: int, scenario: str) -> None:
        spawn = multiprocessing.get_context("spawn")
        super().__init__(processes, mp_context=spawn, initializer=_start_process, initargs=(scenario,))

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


def _in_order(executor: Executor, tasks: list[Task], workers: int) -> Iterator[Outcome]:
    """Keep the executor busy without handing out everything at once; give outcomes back in order."""
    waiting: dict[Future[Outcome], int] = {}
    ready: dict[int, Outcome] = {}
    following = iter(enumerate(tasks))
    due = 0
    try:
        while due < len(tasks):
            while len(waiting) + len(ready) < workers * (1 + AHEAD) and (task := next(following, None)) is not None:
                waiting[executor.submit(replicate, task[1])] = task[0]
            for future in wait(waiting, return_when=FIRST_COMPLETED).done if due not in ready else ():
                ready[waiting.pop(future)] = future.result()
            while due in ready:
                yield ready.pop(due)
                due += 1
    finally:
        if not isinstance(executor, Processes):  # which are ended as a whole
            for future in waiting:
                future.cancel()


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _worth_it(scenario: Scenario) -> bool:
    plan = _prepared(_text(scenario))[1].demand
    drawn = sum(float(steps.expected().sum()) for _, _, steps in plan.expected())
    replayed = sum(len(arrived) for _, arrived in plan.replays())
    return (drawn + replayed) * scenario.replications > WORTH_A_PROCESS


class _Total:
    """What accumulates over replications: measures by replication, sums of everything else."""

    def __init__(self) -> None:
        self.measures: list[Measures] = []
        self.curves: Curves = {}
        self.hours: list[float] = []
        self.names: dict[str, list[str]] = {}
        self.audit: dict[str, Any] = {}
        self.weeks: list[list[Week]] = []
        self.cards: list[Table] = []

    def add(self, outcome: Outcome) -> None:
        self.measures.append(outcome.measures)
        self.weeks.append(outcome.weeks)
        self.cards.append(outcome.cards)
        self.hours, self.names = outcome.hours, outcome.names
        for name, curve in outcome.curves.items():
            self.curves[name] = self.curves[name] + curve if name in self.curves else curve
        for name, count in outcome.audit.items():
            self.audit[name] = self.audit.get(name, 0) + count


def _result(scenario: Scenario, total: _Total, folder: str | None, seconds: float) -> Result:
    summaries = summarize(total.measures, scenario)
    return Result(
        scenario=scenario,
        replications=scenario.replications,
        summaries=summaries,
        judgements=judge(targets_of(scenario), summaries),
        by_week=summarize_weeks(total.weeks, scenario),
        cards=total.cards,
        curves=total.curves,
        hours=total.hours,
        names=total.names,
        audit={"balanced": True, **total.audit},
        simulated=int(total.audit["contacts"]),
        wall_seconds=seconds,
        tables_folder=None if folder is None else Path(folder),
    )
