"""Run a scenario: all its replications, and what came of them."""

from __future__ import annotations

import shutil
import tempfile
import time
import weakref
from collections.abc import Callable
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

from simulation.experiments.replications import Outcome, Simulator, Wanted
from simulation.experiments.result import Result
from simulation.metrics import judge, summarize
from simulation.metrics.batches import summarize_batches
from simulation.metrics.curves import Curves
from simulation.metrics.measure import Measures, Summary
from simulation.metrics.targets import targets_of
from simulation.metrics.trends import Week, summarize_weeks
from simulation.record.tables import Table
from simulation.scenario.cycle import batch_bounds
from simulation.scenario.schema import Scenario

Progress = Callable[[int, int], None]


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
        total = Total()
        wanted = [Wanted(0, number, folder) for number in range(scenario.replications)]
        with Simulator([scenario], scenario.replications, executor, jobs) as simulator:
            for done, outcome in enumerate(simulator.outcomes(wanted), start=1):
                total.add(outcome)
                if progress is not None:
                    progress(done, len(wanted))
        result = total.result(scenario, folder, time.perf_counter() - started)
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


class Total:
    """What accumulates over replications: measures by replication, sums of everything else."""

    def __init__(self) -> None:
        self.measures: list[Measures] = []
        self.parts: list[list[Measures]] = []
        self.curves: Curves = {}
        self.hours: list[float] = []
        self.names: dict[str, list[str]] = {}
        self.audit: dict[str, Any] = {}
        self.weeks: list[list[Week]] = []
        self.cards: list[Table] = []

    def add(self, outcome: Outcome) -> None:
        """Count one more replication; they come in order."""
        self.measures.append(outcome.measures)
        self.parts.append(outcome.parts)
        self.weeks.append(outcome.weeks)
        self.cards.append(outcome.cards)
        self.hours, self.names = outcome.hours, outcome.names
        for name, curve in outcome.curves.items():
            self.curves[name] = self.curves[name] + curve if name in self.curves else curve
        for name, count in outcome.audit.items():
            self.audit[name] = self.audit.get(name, 0) + count

    def result(self, scenario: Scenario, folder: str | None, seconds: float) -> Result:
        """KPIs, verdicts and all the rest, of as many replications as there were."""
        summaries = self._summaries(scenario)
        return Result(
            scenario=scenario,
            replications=len(self.measures),
            summaries=summaries,
            judgements=judge(targets_of(scenario), summaries),
            by_week=summarize_weeks(self.weeks, scenario),
            cards=self.cards,
            curves=self.curves,
            hours=self.hours,
            names=self.names,
            audit={"balanced": True, **self.audit},
            simulated=int(self.audit["contacts"]),
            wall_seconds=seconds,
            tables_folder=None if folder is None else Path(folder),
        )

    def _summaries(self, scenario: Scenario) -> list[Summary]:
        """Intervals over replications, or of a steady state from batches."""
        if batch_bounds(scenario):
            return summarize_batches(self.measures, self.parts, scenario)
        return summarize(self.measures, scenario)
