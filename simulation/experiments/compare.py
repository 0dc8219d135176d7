"""Scenarios against a base, on the same customers: paired differences at one joint level."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from simulation.chance import stream
from simulation.errors import InputError, Problem
from simulation.experiments.folder import Writer, circumstances, write_folder, write_json
from simulation.experiments.replications import Outcome, Simulator, Wanted
from simulation.experiments.resolved import digest_of
from simulation.experiments.result import Batches, Result
from simulation.experiments.run import Progress, Total, too_wide, with_changes
from simulation.experiments.stopping import Budget, Ended, Look, Rule, Until, in_looks, rule_of
from simulation.metrics.differences import Difference, OpenDifferences, Sample, differences
from simulation.metrics.headlines import HEADLINES, default_metric
from simulation.metrics.kpi import Metric
from simulation.metrics.measure import EVERYTHING, Segment, metric_text, segment_text
from simulation.metrics.precision import Asked, Width
from simulation.metrics.settling import OpenTargets
from simulation.metrics.targets import targets_of
from simulation.scenario.cycle import batch_bounds
from simulation.scenario.prices import currency
from simulation.scenario.schema import Scenario
from simulation.statistics.sequential import FIRST, Unsettled

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Comparison:
    """A base and other scenarios, each with its results, and their differences from the base.

    With the probability `level` all the intervals of the differences hold at once. `ended` tells why replications ended, where
    that was not a chosen number.
    """

    base: Result
    others: list[Result]
    found: list[Difference]
    level: float
    wall_seconds: float
    ended: Ended | None = None

    @property
    def results(self) -> list[Result]:
        """The base and all others."""
        return [self.base, *self.others]

    def save(self, folder: str | os.PathLike[str], extras: Sequence[Writer] = ()) -> Path:
        """Write differences.csv, targets.csv, summary.json, manifest.json and each scenario's own results into a folder: aside first and
        renamed last, so what is there is complete. InputError where it holds something else, or cannot be written."""
        return write_folder(Path(folder), self._write, *extras)

    def _write(self, folder: Path) -> None:
        self.differences.to_csv(folder / "differences.csv", index=False)
        self.targets.to_csv(folder / "targets.csv", index=False)
        for one in self.results:
            one.save(folder / one.scenario.name)
        rows = {"differences": self.differences, "targets": self.targets}
        summary = {name: json.loads(frame.to_json(orient="records")) for name, frame in rows.items()}
        about = {
            "base": self.base.scenario.name,
            "scenarios": {one.scenario.name: one.digest for one in self.results},
            "replications": self.base.replications,
            "seed": self.base.scenario.seed,
            "level": self.level,
        }
        if self.ended is not None:
            about["ended"] = self.ended.summary()
        write_json(folder / "summary.json", about | summary)
        write_json(folder / "manifest.json", about | circumstances() | {"wall_seconds": round(self.wall_seconds, 3)})

    @property
    def other_times(self) -> list[str]:
        """The names of those that do not measure the time that the base measures, and so other customers."""
        return other_times([one.scenario for one in self.results])

    @property
    def batches(self) -> Batches | None:
        """What the intervals of differences of steady states come from; None where they come from replications."""
        cut = self.base.batches
        if cut is None or not _cut_alike([one.scenario for one in self.results]):
            return None
        return replace(cut, correlated=[metric_text(one.metric, one.segment) for one in self.found if one.correlated])

    @property
    def differences(self) -> pd.DataFrame:
        """Every difference: scenario, metric, segment, unit, base, other, change, low, high, level, variance_reduction, verdict,
        n (replications behind the interval, at the look that settled it, or batches of a steady state)."""
        import pandas as pd

        columns = ["scenario", "metric", "segment", "unit", "base", "other", "change", "low", "high", "level"]
        rows = [
            (one.scenario, str(one.metric), segment_text(one.segment), one.unit, one.base, one.other, one.change.mean,
             one.change.low, one.change.high, self.level, one.reduction, one.verdict.value, one.change.n)
            for one in self.found
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=[*columns, "variance_reduction", "verdict", "n"])

    @property
    def targets(self) -> pd.DataFrame:
        """Every target of every scenario with what was observed: scenario, name, target, observed, low, high, verdict."""
        import pandas as pd

        return pd.concat(
            [one.targets.assign(scenario=one.scenario.name) for one in self.results], ignore_index=True
        ).pipe(lambda frame: frame[["scenario", *frame.columns.drop("scenario")]])


def compare(
    scenarios: Sequence[Scenario],
    replications: int | None = None,
    seed: int | None = None,
    executor: Executor | None = None,
    jobs: int | None = None,
    level: float = 0.95,
    progress: Progress | None = None,
    until: Until | None = None,
    precision: Asked | None = None,
    budget: Budget | None = None,
    look: Look | None = None,
    rule: Rule | None = None,
) -> Comparison:
    """Simulate scenarios on the same customers, and hold all of them against the first.

    All run with the seed and the number of replications of the first, unless others are given. `executor`, `jobs`,
    `progress`, `until`, `precision`, `budget`, `look` and `rule` as in `run`; settled are all differences too. InputError if the
    scenarios cannot be compared.
    """
    rule = rule or rule_of(scenarios[0], replications, until, precision, budget)
    base, *others = on_the_same(scenarios, replications, seed)
    check_comparable(base, others)
    started = time.perf_counter()
    if rule is not None:
        course = _Course([base, *others], rule, level, progress)
        return course.run(executor, jobs, started, look)
    totals = [Total() for _ in scenarios]
    asked = _compared([base, *others])
    with Simulator([base, *others], base.replications, executor, jobs, asked) as simulator:
        wanted = [Wanted(index, number) for number in range(base.replications) for index in range(len(scenarios))]
        for done, (one, outcome) in enumerate(zip(wanted, simulator.outcomes(wanted), strict=True), start=1):
            totals[one.scenario].add(outcome)
            if progress is not None:
                progress(done, len(wanted))
    seconds = time.perf_counter() - started
    results = [total.result(one, None, seconds) for total, one in zip(totals, [base, *others], strict=True)]
    samples = _samples([base, *others], totals, _cut_alike([base, *others]))
    found = differences(*samples, asked, currency(base), level, stream(base.seed, 0, "joint"))
    return Comparison(results[0], results[1:], found, level, seconds)


class _Course:
    """A comparison that goes on until a rule says enough."""

    simulator: Simulator

    def __init__(self, scenarios: list[Scenario], rule: Rule, level: float, progress: Progress | None) -> None:
        self.scenarios, self.rule, self.level, self.progress = scenarios, rule, level, progress
        base = scenarios[0]
        self.asked = _compared(scenarios)
        self.totals = [Total() for _ in scenarios]
        self.targets = [OpenTargets(one) for one in scenarios]
        self.apart = OpenDifferences(self.asked, currency(base), level, lambda: stream(base.seed, 0, "joint"))

    def run(self, executor: Executor | None, jobs: int | None, started: float, look: Look | None) -> Comparison:
        """Simulate until the end, and judge."""
        named = [] if self.rule.precision is None else self.rule.precision.keys
        asked = list(dict.fromkeys([*self.asked, *named]))
        with Simulator(self.scenarios, min(FIRST, self.rule.most), executor, jobs, asked) as self.simulator:
            ended = in_looks(self.rule, started, self._simulate, self._judge, look)
        seconds = time.perf_counter() - started
        made = [with_changes(one, ended.replications, None) for one in self.scenarios]
        results = [
            total.result(one, None, seconds, ended, targets)
            for one, total, targets in zip(made, self.totals, self.targets, strict=True)
        ]
        found = self.apart.found() if self.rule.settled else self._plain()
        return Comparison(results[0], results[1:], found, self.level, seconds, ended)

    def _plain(self) -> list[Difference]:
        base = self.scenarios[0]
        joint = stream(base.seed, 0, "joint")
        return differences(*_samples(self.scenarios, self.totals), self.asked, currency(base), self.level, joint)

    def _simulate(self, done: int, upto: int, over: Callable[[], bool]) -> int:
        many = len(self.scenarios)
        wanted = [Wanted(index, number) for number in range(done, upto) for index in range(many)]
        held: list[Outcome] = []
        for outcome in self.simulator.outcomes(wanted):
            held.append(outcome)
            if len(held) < many:
                continue
            for total, one in zip(self.totals, held, strict=True):
                total.add(one)
            held, done = [], done + 1
            if self.progress is not None:
                self.progress(done, upto)
            if over():
                break
        return done

    def _judge(self, part: float, done: int) -> tuple[list[Unsettled], list[Width]]:
        pairs = [(one, total.measures) for one, total in zip(self.scenarios, self.totals, strict=True)]
        return self._open(part) if self.rule.settled else [], too_wide(self.rule, pairs, done)

    def _open(self, part: float) -> list[Unsettled]:
        """Look at all targets and differences; those without a verdict."""
        for targets, total in zip(self.targets, self.totals, strict=True):
            targets.look(total.measures, part)
        self.apart.look(*_samples(self.scenarios, self.totals), part)
        aims = [
            target._replace(name=f"{one.name}: {target.name}")
            for one, targets in zip(self.scenarios, self.targets, strict=True)
            for target in targets.open
        ]
        return aims + self.apart.open


def _samples(
    scenarios: Sequence[Scenario], totals: Sequence[Total], in_batches: bool = False
) -> tuple[Sample, dict[str, Sample]]:
    """What was measured of the base, and of the others by name."""
    first, *others = [Sample(total.measures, total.parts if in_batches else ()) for total in totals]
    return first, {one.name: sample for one, sample in zip(scenarios[1:], others, strict=True)}


def other_times(scenarios: Sequence[Scenario]) -> list[str]:
    """The names of those that do not measure the time that the first measures."""
    first, *times = [(one.calendar.start, one.warm_up, one.horizon) for one in scenarios]
    return [one.name for one, time in zip(scenarios[1:], times, strict=True) if time != first]


def _cut_alike(scenarios: Sequence[Scenario]) -> bool:
    """Whether all ask for a steady state, measured at the same time and in the same batches."""
    first, *others = [batch_bounds(one) for one in scenarios]
    return first != [] and all(one == first for one in others)


def on_the_same(scenarios: Sequence[Scenario], replications: int | None, seed: int | None) -> list[Scenario]:
    """The scenarios with the seed and the number of replications of the first, unless others are given: so all meet the
    same customers."""
    first = with_changes(scenarios[0], replications, seed)
    return [first, *(with_changes(one, first.replications, first.seed) for one in scenarios[1:])]


def comparison_place(scenarios: Sequence[Scenario]) -> Path:
    """Where the results of a comparison go if nobody says where: results/compare-<base>-<digest of all>."""
    joint = sha256("".join(map(digest_of, scenarios)).encode()).hexdigest()[:8]
    return Path("results") / f"compare-{scenarios[0].name}-{joint}"


def check_comparable(base: Scenario, others: Sequence[Scenario]) -> None:
    """Raise InputError where scenarios cannot be held against each other."""
    names = [base.name, *(one.name for one in others)]
    twice = sorted({name for name in names if names.count(name) > 1})
    problems = [
        Problem(name, "name", "two of the scenarios are called so; give each a name of its own") for name in twice
    ]
    money = currency(base)
    problems += [
        Problem(
            one.name,
            "cost",
            f"its prices are in {currency(one)}, those of {base.name} in {money}; write them in {money}",
        )
        for one in others
        if money and currency(one) not in ("", money)
    ]
    if problems:
        raise InputError(problems)


def _compared(scenarios: Sequence[Scenario]) -> list[tuple[Metric, Segment]]:
    """Headlines overall, and whatever a target is about."""
    headlines = [(default_metric(name), EVERYTHING) for name in HEADLINES]
    aims = [(target.metric, target.segment) for scenario in scenarios for target in targets_of(scenario)]
    return list(dict.fromkeys([*headlines, *aims]))
