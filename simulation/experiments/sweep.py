"""Sweeps: a scenario at every point of a design, on the same customers, and what may be concluded."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulation.chance import stream
from simulation.errors import InputError, Problem
from simulation.experiments.design import LEVELS, Design, check_points, design_of, factors_of
from simulation.experiments.effects import Effect, Shares, effects, effects_frame, shares, shares_frame
from simulation.experiments.folder import Writer, circumstances, write_folder, write_json
from simulation.experiments.load import changed
from simulation.experiments.replications import Simulator, Wanted
from simulation.experiments.resolved import digest_of, write_resolved
from simulation.experiments.result import kpi_row
from simulation.experiments.run import Progress, with_changes
from simulation.metrics import judge, summarize
from simulation.metrics.headlines import HEADLINES, default_metric
from simulation.metrics.kpi import KPIS, Metric
from simulation.metrics.measure import EVERYTHING, Measures, Segment, Summary, estimate
from simulation.metrics.targets import Judgement, Verdict, metric_on, targets_of
from simulation.scenario.factors import Factor
from simulation.scenario.schema import Scenario
from simulation.statistics import Interval, all_or_none_interval
from simulation.statistics.paired import Estimate, difference, interval, joint_level

if TYPE_CHECKING:
    import pandas as pd

BLOCK = 64
"""Points that are known to the simulator at a time."""
MOST_JOINT = 2_000
"""Estimates of which a joint level is simulated; of more it would take long, and Bonferroni's is near."""
Key = tuple[Metric, Segment]
COST: Key = (Metric("cost"), EVERYTHING)
USUAL = ("service_level", "asa", "abandonment", "first_response_time")
"""What is shown where there are no targets and nothing else is asked for."""


@dataclass(frozen=True)
class Point:
    """A point of a sweep: the values that it sets, and what came of it. `measures` are kept of small designs only."""

    number: int
    values: Mapping[str, Any]
    summaries: list[Summary]
    judgements: list[Judgement]
    estimates: Mapping[Key, Estimate]
    measures: list[Measures] = field(default_factory=list, repr=False)

    def count(self, verdict: Verdict) -> int:
        """How many targets have this verdict."""
        return sum(one.verdict is verdict for one in self.judgements)

    @property
    def meets_all(self) -> bool:
        """Whether every target is met (and there is one)."""
        return bool(self.judgements) and self.count(Verdict.met) == len(self.judgements)

    @property
    def cost(self) -> float:
        """Cost per measured day; nan without prices."""
        found = self.estimates.get(COST)
        return float("nan") if found is None else found.value


@dataclass(frozen=True)
class Choice:
    """The cheapest point at which every target is met, and how sure that is.

    `surely`: its targets are met by intervals that hold jointly over all points and targets, which allows for its having been
    picked out of many. `open` are cheaper points at which no target is missed and some are undecided. `next` are the
    following cheapest, with how much more each costs (paired, at one joint level).
    """

    point: Point
    surely: bool
    open: list[Point]
    next: list[tuple[Point, Interval]]


@dataclass(frozen=True)
class Sweep:
    """A scenario at the points of a design."""

    scenario: Scenario
    design: Design
    points: list[Point]
    asked: list[Key]
    shown: list[Key]
    level: float
    wall_seconds: float

    @property
    def factors(self) -> tuple[Factor, ...]:
        """What was varied."""
        return self.design.factors

    @property
    def replications(self) -> int:
        """Of each point."""
        return self.scenario.replications

    @cached_property
    def frame(self) -> pd.DataFrame:
        """A row a point: point, the factors' values, cost where there are prices, for each target what was observed and its
        verdict, and how many targets are met, undecided and missed."""
        import pandas as pd

        return pd.DataFrame([self._row(point) for point in self.points])

    def _row(self, point: Point) -> dict[str, Any]:
        row: dict[str, Any] = {"point": point.number, **self._values(point)}
        row |= {"cost": point.cost} if COST in point.estimates else {}
        for one in point.judgements:
            row |= {one.target.name: one.interval.mean, f"{one.target.name}: verdict": one.verdict.value}
        return row | {
            verdict.value: point.count(verdict) for verdict in (Verdict.met, Verdict.undecided, Verdict.missed)
        }

    def _values(self, point: Point) -> dict[str, Any]:
        return {one.name: point.values.get(one.path) for one in self.factors}

    @cached_property
    def kpis(self) -> pd.DataFrame:
        """Every metric at every point: point, the factors' values, metric, segment, unit, mean, low, high, level."""
        import pandas as pd

        rows = [
            {
                "point": point.number,
                **self._values(point),
                **kpi_row(one),
            }
            for point in self.points
            for one in point.summaries
        ]
        return pd.DataFrame(rows)

    @cached_property
    def targets(self) -> pd.DataFrame:
        """Every target at every point: point, the factors' values, name, target, observed, low, high, verdict."""
        import pandas as pd

        rows = [
            {
                "point": point.number,
                **self._values(point),
                "name": one.target.name,
                "target": one.target.text,
                "observed": one.interval.mean,
                "low": one.interval.low,
                "high": one.interval.high,
                "verdict": one.verdict.value,
            }
            for point in self.points
            for one in point.judgements
        ]
        columns = ["point", *(one.name for one in self.factors), "name", "target", "observed", "low", "high", "verdict"]
        return pd.DataFrame(rows, columns=columns)

    @cached_property
    def choice(self) -> Choice | None:
        """The cheapest point that meets every target; None where none does, or nothing has a price."""
        return _choice(self.points, self.level, self.scenario.seed)

    @cached_property
    def tornado(self) -> list[Effect]:
        """What each factor does alone, by metric, the largest effects first; empty but for the design one-at-a-time."""
        return effects(self)

    @cached_property
    def sensitivity(self) -> list[Shares]:
        """Which factor brings how much of each metric's variance; empty but for the design sobol."""
        return shares(self)

    def save(self, folder: str | os.PathLike[str], extras: Sequence[Writer] = ()) -> Path:
        """Write scenario.yaml, points.csv, kpis.csv (and kpis.parquet), targets.csv, summary.json and manifest.json into a
        folder: aside first and renamed last. `extras` write further files. InputError where it holds something else."""
        return write_folder(Path(folder), self._write, *extras)

    def _write(self, folder: Path) -> None:
        write_resolved(self.scenario, folder)
        self.frame.to_csv(folder / "points.csv", index=False)
        self.kpis.to_csv(folder / "kpis.csv", index=False)
        self.kpis.assign(**{one.name: self.kpis[one.name].astype(str) for one in self.factors}).to_parquet(
            folder / "kpis.parquet", index=False
        )
        if len(self.targets):
            self.targets.to_csv(folder / "targets.csv", index=False)
        for name, frame in (("tornado.csv", effects_frame(self)), ("sensitivity.csv", shares_frame(self))):
            if len(frame):
                frame.to_csv(folder / name, index=False)
        write_json(folder / "summary.json", self.about() | {"points": json.loads(self.frame.to_json(orient="records"))})
        write_json(
            folder / "manifest.json", self.about() | circumstances() | {"wall_seconds": round(self.wall_seconds, 3)}
        )

    def about(self) -> dict[str, Any]:
        """What was asked, and the choice if there is one."""
        chosen = self.choice
        return {
            "scenario": self.scenario.name,
            "digest": digest_of(self.scenario),
            "design": self.design.kind,
            "factors": {one.name: [str(level) for level in one.levels or one.ends or ()] for one in self.factors},
            "replications": self.replications,
            "seed": self.scenario.seed,
            "level": self.level,
            "cheapest_that_meets_every_target": None if chosen is None else chosen.point.number,
            "surely": None if chosen is None else chosen.surely,
        }


def sweep(
    scenario: Scenario,
    factors: Mapping[str, Any] | Sequence[Factor],
    design: str = "grid",
    points: int | None = None,
    levels: int = LEVELS,
    metrics: Sequence[str] = (),
    replications: int | None = None,
    seed: int | None = None,
    executor: Executor | None = None,
    jobs: int | None = None,
    level: float = 0.95,
    progress: Progress | None = None,
) -> Sweep:
    """Simulate a scenario at every point of a design, all on the same customers.

    `factors` maps dotted paths to a range, a list of values or a text such as "4 min..6 min:30 s". `design` is grid (every
    combination; `levels` values of a range without steps), lhs (a Latin hypercube of `points`), sobol (for sensitivity indices,
    `points` rows of a power of two) or one-at-a-time (for a tornado). `metrics` are measured beside the headlines and what
    the targets are about. InputError, before anything is simulated, with all that is wrong with any point.
    """
    plan = planned(scenario, factors, design, points, levels, metrics, replications, seed)
    return simulate(plan, executor, jobs, level, progress)


@dataclass(frozen=True)
class Planned:
    """A sweep that has been checked whole and not begun."""

    scenario: Scenario
    design: Design
    asked: list[Key]
    shown: list[Key]

    @property
    def runs(self) -> int:
        """Replications in all."""
        return len(self.design.points) * self.scenario.replications


def planned(
    scenario: Scenario,
    factors: Mapping[str, Any] | Sequence[Factor],
    design: str = "grid",
    points: int | None = None,
    levels: int = LEVELS,
    metrics: Sequence[str] = (),
    replications: int | None = None,
    seed: int | None = None,
) -> Planned:
    """A sweep as `sweep` would do it, checked; raises InputError."""
    base = with_changes(scenario, replications, seed)
    given = factors_of(factors) if isinstance(factors, Mapping) else list(factors)
    laid_out = design_of(design, given, points, levels, base.seed)
    if design == "sobol" and base.replications < 3:
        what = "a sobol design needs three replications or more, to tell noise from effects; write --replications 3"
        raise InputError([Problem("", "", what)])
    shown, asked = asked_of(base, metrics)
    check_points(base, laid_out.points)
    return Planned(base, laid_out, asked, shown)


def asked_of(base: Scenario, metrics: Sequence[str]) -> tuple[list[Key], list[Key]]:
    """What is shown: what the targets are about, what else is asked for (or the usual) and cost; and all that is measured,
    the headlines too. InputError where a metric makes no sense."""
    named, problems = [], []
    for text in metrics:
        try:
            named.append(metric_on(text, base))
        except ValueError as error:
            problems.append(Problem(f"--metric {text}", "", str(error)))
    if problems:
        raise InputError(problems)
    headlines = [(default_metric(name), EVERYTHING) for name in HEADLINES]
    wanted = [*((one.metric, one.segment) for one in targets_of(base)), *named]
    shown = [*(wanted or [key for key in headlines if key[0].kpi in USUAL]), COST]
    shown = [key for key in dict.fromkeys(shown) if KPIS[key[0].kpi].needs(base) is None]
    return shown, list(dict.fromkeys([*shown, *headlines]))


def simulate(
    plan: Planned,
    executor: Executor | None = None,
    jobs: int | None = None,
    level: float = 0.95,
    progress: Progress | None = None,
) -> Sweep:
    """Simulate what is planned; processes stay for all points."""
    started = time.perf_counter()
    with Simulator([plan.scenario], plan.runs, executor, jobs, plan.asked, only=True) as simulator:
        points = list(_points(plan, simulator, level, progress))
    return Sweep(plan.scenario, plan.design, points, plan.asked, plan.shown, level, time.perf_counter() - started)


def _points(plan: Planned, simulator: Simulator, level: float, progress: Progress | None) -> Iterator[Point]:
    points, many, done = plan.design.points, plan.scenario.replications, 0
    for start in range(0, len(points), BLOCK):
        scenarios = [changed(plan.scenario, values) for values in points[start : start + BLOCK]]
        numbers = [simulator.add(one) for one in scenarios]
        outcomes = simulator.outcomes([Wanted(number, each) for number in numbers for each in range(many)])
        for offset, scenario in enumerate(scenarios):
            measures = []
            for _ in range(many):
                measures.append(next(outcomes).measures)
                done += 1
                if progress is not None:
                    progress(done, plan.runs)
            yield _point(start + offset, points[start + offset], scenario, measures, plan, level)
        simulator.forget(numbers)


def _point(
    number: int, values: Mapping[str, Any], scenario: Scenario, measures: list[Measures], plan: Planned, level: float
) -> Point:
    summaries = summarize(measures, scenario, level)
    estimates = {(one.metric, one.segment): _estimate((one.metric, one.segment), measures) for one in summaries}
    kept = measures if plan.design.kind == "one-at-a-time" else []
    return Point(number, values, summaries, judge(targets_of(scenario), summaries), estimates, kept)


def _estimate(key: Key, measures: Sequence[Measures]) -> Estimate:
    return estimate(key[0], [one.get(key) for one in measures])


def sweep_place(plan: Planned, kind: str = "sweep") -> Path:
    """Where the results go if nobody says where: results/sweep-<name>-<digest of scenario and design>."""
    said = json.dumps(
        [digest_of(plan.scenario), plan.design.kind, plan.design.points, list(map(str, plan.asked))], default=str
    )
    return Path("results") / f"{kind}-{plan.scenario.name}-{sha256(said.encode()).hexdigest()[:8]}"


# -- the cheapest point that meets every target --------------------------------------------------------


def _choice(points: Sequence[Point], level: float, seed: int) -> Choice | None:
    meeting = sorted((one for one in points if one.meets_all and one.cost == one.cost), key=lambda one: one.cost)
    if not meeting:
        return None
    best = meeting[0]
    open_ones = [one for one in points if one.cost < best.cost and not one.count(Verdict.missed) and not one.meets_all]
    return Choice(best, _surely(best, points, level, seed), open_ones, _dearer(best, meeting[1:6], level, seed))


def _surely(best: Point, points: Sequence[Point], level: float, seed: int) -> bool:
    """Whether the targets of a point are met by intervals that hold jointly over all points; those of shares of days that were
    all or none have their part of the error as by Bonferroni."""
    judged = [(_seen(point, one), one) for point in points for one in point.judgements]
    varied = [seen for seen, one in judged if not _all_or_none(seen, one)]
    each = (1 - level) / len(judged)
    single = _joint(varied, 1 - each * len(varied), seed) if varied else level

    def at_once(one: Judgement) -> Interval:
        seen = _seen(best, one)
        if _all_or_none(seen, one):
            return all_or_none_interval(seen.value, one.interval.n, 1 - each)
        return interval(seen, level, single)

    return all(one.target.verdict(at_once(one)) is Verdict.met for one in best.judgements)


def _seen(point: Point, judgement: Judgement) -> Estimate:
    return point.estimates[judgement.target.metric, judgement.target.segment]


def _all_or_none(seen: Estimate, judgement: Judgement) -> bool:
    """Whether it has an interval though nothing varied (see `metrics.measure.all_or_none`)."""
    return not seen.error and judgement.interval.low < judgement.interval.high


def _dearer(best: Point, others: Sequence[Point], level: float, seed: int) -> list[tuple[Point, Interval]]:
    more = [difference(one.estimates[COST], best.estimates[COST]) for one in others]
    single = _joint(more, level, seed)
    return [(one, interval(extra, level, single)) for one, extra in zip(others, more, strict=True)]


def _joint(estimates: Sequence[Estimate], level: float, seed: int) -> float:
    """On which level each interval must be for all to hold at once."""
    if len(estimates) <= MOST_JOINT:
        return joint_level(estimates, level, stream(seed, 0, "joint"))
    return 1 - (1 - level) / len(estimates)
