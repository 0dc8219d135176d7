"""Run a scenario: all its replications, and what came of them."""

from __future__ import annotations

import shutil
import tempfile
import time
import weakref
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

from simulation.experiments.replications import Outcome, Simulator, Wanted
from simulation.experiments.result import Result
from simulation.experiments.stopping import Budget, Ended, Look, Rule, Until, in_looks, rule_of, wanting
from simulation.metrics import judge, summarize
from simulation.metrics.batches import summarize_batches
from simulation.metrics.curves import Curves
from simulation.metrics.headlines import HEADLINES, default_metric
from simulation.metrics.measure import EVERYTHING, Measures, Summary
from simulation.metrics.precision import Asked, Width
from simulation.metrics.settling import OpenTargets
from simulation.metrics.targets import targets_of
from simulation.metrics.trends import Week, summarize_weeks
from simulation.record.tables import Table
from simulation.scenario.cycle import batch_bounds
from simulation.scenario.schema import Scenario
from simulation.statistics.sequential import FIRST, Unsettled

Progress = Callable[[int, int], None]
LEVEL = 0.95


def run(
    scenario: Scenario,
    replications: int | None = None,
    seed: int | None = None,
    executor: Executor | None = None,
    jobs: int | None = None,
    tables: bool = True,
    progress: Progress | None = None,
    until: Until | None = None,
    precision: Asked | None = None,
    budget: Budget | None = None,
    look: Look | None = None,
    rule: Rule | None = None,
) -> Result:
    """Simulate a scenario and return KPIs with intervals, verdicts and tables.

    `executor` is any `concurrent.futures.Executor`; without one, `jobs` processes are started (by default as many as
    there are cores, and none for a short run). The numbers are the same in each case. With `tables=False` the tables
    are not kept. `progress` is called with (replications done, replications in all, or up to the next look).

    Replications are as many as asked for, or as the scenario says. With `until="settled"`, and where nobody says how many, they go
    on until each target is met or missed; with `precision` (0.05, "5 %", {"asa.mean": "5 s"}) until intervals are so narrow. A
    `budget` (200, "60 s", or both), or the number of `replications`, ends them at the latest. `look` hears of each look; a `rule` says all this at once.
    """
    rule = rule or rule_of(scenario, replications, until, precision, budget, bool(scenario.targets))
    scenario = with_changes(scenario, replications, seed)
    started = time.perf_counter()
    folder = tempfile.mkdtemp(prefix="supportsim-") if tables else None
    try:
        if rule is None:
            total, ended = _chosen(scenario, folder, executor, jobs, progress), None
            judgements = None
        else:
            course = _Course(scenario, rule, folder, progress)
            ended = course.run(executor, jobs, started, look)
            total, judgements = course.total, course.open
            scenario = with_changes(scenario, ended.replications, None)
        result = total.result(scenario, folder, time.perf_counter() - started, ended, judgements)
    except BaseException:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
        raise
    if folder is not None:
        weakref.finalize(result, shutil.rmtree, folder, ignore_errors=True)
    return result


def _chosen(
    scenario: Scenario, folder: str | None, executor: Executor | None, jobs: int | None, progress: Progress | None
) -> Total:
    """As many replications as the scenario says."""
    total = Total()
    wanted = [Wanted(0, number, folder) for number in range(scenario.replications)]
    with Simulator([scenario], scenario.replications, executor, jobs) as simulator:
        for done, outcome in enumerate(simulator.outcomes(wanted), start=1):
            total.add(outcome)
            if progress is not None:
                progress(done, len(wanted))
    return total


class _Course:
    """A run that goes on until a rule says enough."""

    simulator: Simulator

    def __init__(self, scenario: Scenario, rule: Rule, folder: str | None, progress: Progress | None) -> None:
        self.scenario, self.rule, self.folder, self.progress = scenario, rule, folder, progress
        self.total, self.open = Total(), OpenTargets(scenario)

    def run(self, executor: Executor | None, jobs: int | None, started: float, look: Look | None) -> Ended:
        """Simulate until the end; tables of what came too late for it are taken away."""
        asked = [] if self.rule.precision is None else self.rule.precision.keys
        with Simulator([self.scenario], min(FIRST, self.rule.most), executor, jobs, asked) as self.simulator:
            ended = in_looks(self.rule, started, self._simulate, self._judge, look)
            self.simulator.finish()
        if self.folder is not None:
            forget(Path(self.folder), ended.replications)
        return ended

    def _simulate(self, done: int, upto: int, over: Callable[[], bool]) -> int:
        wanted = [Wanted(0, number, self.folder) for number in range(done, upto)]
        outcomes = self.simulator.outcomes(wanted)
        for outcome in outcomes:
            self.total.add(outcome)
            done += 1
            if self.progress is not None:
                self.progress(done, upto)
            if over():
                break
        return done

    def _judge(self, part: float, done: int) -> tuple[list[Unsettled], list[Width]]:
        if self.rule.settled:
            self.open.look(self.total.measures, part)
        still = self.open.open if self.rule.settled else []
        return still, too_wide(self.rule, [(self.scenario, self.total.measures)], done)


def too_wide(rule: Rule, found: Iterable[tuple[Scenario, Sequence[Measures]]], done: int) -> list[Width]:
    """The intervals of scenarios that are not narrow enough yet, the widest for its purpose first."""
    if rule.precision is None:
        return []
    widths: list[Width] = []
    for scenario, measures in found:
        aims = [(target.metric, target.segment) for target in targets_of(scenario)]
        usual = dict.fromkeys([*aims, *((default_metric(name), EVERYTHING) for name in HEADLINES)])
        widths += rule.precision.widths(measures, usual, rule.single(done))
    return wanting(widths)


def forget(folder: Path, first: int) -> None:
    """Take away the tables of replications from a number on."""
    for path in folder.glob("*/*.parquet"):
        if int(path.stem) >= first:
            path.unlink()


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

    def result(
        self,
        scenario: Scenario,
        folder: str | None,
        seconds: float,
        ended: Ended | None = None,
        targets: OpenTargets | None = None,
    ) -> Result:
        """KPIs, verdicts and all the rest, of as many replications as there were; `ended` by a rule, and then with `targets`
        that were followed."""
        single = None if ended is None else ended.rule.single(len(self.measures))
        summaries = self._summaries(scenario, single)
        followed = targets if ended is not None and ended.rule.settled else None
        return Result(
            scenario=scenario,
            replications=len(self.measures),
            summaries=summaries,
            judgements=followed.judgements(summaries) if followed else judge(targets_of(scenario), summaries),
            by_week=summarize_weeks(self.weeks, scenario, LEVEL, single),
            cards=self.cards,
            curves=self.curves,
            hours=self.hours,
            names=self.names,
            audit={"balanced": True, **self.audit},
            simulated=int(self.audit["contacts"]),
            wall_seconds=seconds,
            ended=ended,
            tables_folder=None if folder is None else Path(folder),
        )

    def _summaries(self, scenario: Scenario, single: float | None) -> list[Summary]:
        """Intervals over replications, or of a steady state from batches (but for a run that a rule ended)."""
        if single is None and batch_bounds(scenario):
            return summarize_batches(self.measures, self.parts, scenario)
        return summarize(self.measures, scenario, LEVEL, single)
