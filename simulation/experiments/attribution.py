"""Which of several changes between two scenarios brought how much, on the same customers."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from hashlib import sha256
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulation.chance import stream
from simulation.errors import InputError, Problem
from simulation.experiments.changes import Change
from simulation.experiments.compare import on_the_same
from simulation.experiments.folder import Writer, circumstances, write_folder, write_json
from simulation.experiments.mixtures import Joined, Mixtures, between, layered
from simulation.experiments.replications import Simulator, Wanted
from simulation.experiments.resolved import digest_of, write_resolved
from simulation.experiments.run import Progress
from simulation.metrics import judge, summarize
from simulation.metrics.kpi import KPIS, Metric
from simulation.metrics.measure import Measures, Segment, estimate, segment_text, unit_of
from simulation.metrics.targets import Judgement, metric_on, targets_of
from simulation.scenario.prices import currency
from simulation.scenario.schema import Scenario
from simulation.statistics import shapley
from simulation.statistics.intervals import Interval
from simulation.statistics.paired import Estimate, interval, joint_level

if TYPE_CHECKING:
    import pandas as pd

Asked = tuple[Metric, Segment]
COMBINATIONS = 128
"""Combinations of changes that are simulated at most, where nobody asks for more: all of them, of seven changes."""
WITHOUT_TARGETS = ("service_level", "asa", "abandonment", "first_response_time", "cost")
"""What is looked at where neither scenario has targets."""


@dataclass(frozen=True)
class Brought:
    """A metric in both scenarios, and what each change brought of the difference (Shapley values, which sum to the total).

    `alone` is what a change brings by itself, `last` what it brings when all others are made already, `together` what all
    bring beyond the sum of what each brings alone; `pairs` what each two bring together beyond both apart (none where orders
    of the changes were drawn). What was brought, of all metrics, lies in its intervals at once with the level's certainty; and so does all else.
    """

    label: str
    metric: Metric
    segment: Segment
    unit: str
    before: float
    after: float
    total: Interval
    brought: list[Interval]
    alone: list[Interval]
    last: list[Interval]
    together: Interval
    pairs: dict[tuple[int, int], Interval]


@dataclass(frozen=True)
class Plan:
    """What is going to be simulated: the mixtures of two scenarios, for some metrics."""

    mixtures: Mixtures
    design: shapley.Design
    asked: dict[Asked, str]
    replications: int
    other_name: str
    alike: dict[int, str]
    """The digest of each combination's scenario: where it is the same, it is simulated once."""
    unasked: bool = False
    """Whether nobody said how to group the entries that differ."""

    @property
    def base(self) -> Scenario:
        return self.mixtures.base

    @property
    def changes(self) -> list[Change]:
        """The changes that are told apart."""
        return self.mixtures.changes

    @property
    def combinations(self) -> int:
        """Combinations of changes that are simulated, none and all of them included."""
        return len(self.design.coalitions)

    @property
    def coarse(self) -> bool:
        """Whether changes were taken together as there were many, and nobody said how."""
        return self.unasked and any(len(change.entries) > 1 for change in self.mixtures.units)

    @property
    def different(self) -> int:
        """Combinations that make different scenarios: as many are simulated."""
        return len(set(self.alike.values()))

    @property
    def runs(self) -> int:
        """Replications in all."""
        return self.different * self.replications

    @property
    def place(self) -> Path:
        """Where the results go if nobody says where: results/attribute-<first>-<digest of both and the grouping>."""
        parts = (
            digest_of(self.base), digest_of(self.mixtures.other), *(change.name for change in self.changes),
            *map(str, self.asked), str(self.combinations),
        )  # fmt: skip
        return Path("results") / f"attribute-{self.base.name}-{sha256('|'.join(parts).encode()).hexdigest()[:8]}"


@dataclass(frozen=True)
class Attribution:
    """What each of the changes between two scenarios brought, of each metric."""

    plan: Plan
    found: list[Brought]
    left_out: list[str]
    judgements: list[Judgement]
    values: dict[int, dict[Asked, Estimate]]
    level: float
    wall_seconds: float

    @property
    def changes(self) -> pd.DataFrame:
        """The changes: change, mechanism, entry, before, after; a row for each entry of the scenario."""
        import pandas as pd

        columns = ["change", "mechanism", "entry", "before", "after"]
        rows = [
            (change.name, ", ".join(change.mechanisms), *entry.texts)
            for change in self.plan.changes
            for entry in change.entries
        ]
        return pd.DataFrame(rows, columns=columns)

    @property
    def shares(self) -> pd.DataFrame:
        """What each change brought of each metric: label, metric, segment, unit, before, after, change, brought, low, high, share
        (of the total), alone, alone_low, alone_high, last, last_low, last_high; the row of the total has no change."""
        import pandas as pd

        return pd.DataFrame([row for one in self.found for row in self._share_rows(one)])

    def _share_rows(self, one: Brought) -> list[dict[str, Any]]:
        about = {
            "label": one.label, "metric": str(one.metric), "segment": segment_text(one.segment), "unit": one.unit,
            "before": one.before, "after": one.after,
        }  # fmt: skip
        rows = [
            about | {"change": change.name} | _ends("brought", its[0]) | {"share": _part(its[0].mean, one.total.mean)}
            | _ends("alone", its[1]) | _ends("last", its[2])
            for change, *its in zip(self.plan.changes, one.brought, one.alone, one.last, strict=True)
        ]  # fmt: skip
        total = about | {"change": ""} | _ends("brought", one.total) | {"share": 1.0}
        return [*rows, total]

    @property
    def interactions(self) -> pd.DataFrame:
        """What each two changes bring together beyond both apart (Shapley interaction indices), and all of them beyond the sum of
        what each brings alone: label, metric, segment, unit, first, second, together, low, high."""
        import pandas as pd

        names = [change.name for change in self.plan.changes]
        columns = ["label", "metric", "segment", "unit", "first", "second", "together", "low", "high"]
        rows = []
        for one in self.found:
            about = (one.label, str(one.metric), segment_text(one.segment), one.unit)
            rows += [(*about, names[i], names[j], *_three(each)) for (i, j), each in one.pairs.items()]
            rows.append((*about, "all", "", *_three(one.together)))
        return pd.DataFrame(rows, columns=columns)

    @property
    def combinations(self) -> pd.DataFrame:
        """Every combination that was simulated: a column for each change (whether it is made), then each metric's value."""
        import pandas as pd

        names = [change.name for change in self.plan.changes]
        rows = [
            {name: bool(mask >> one & 1) for one, name in enumerate(names)}
            | {brought.label: each[brought.metric, brought.segment].value for brought in self.found}
            for mask, each in self.values.items()
        ]
        return pd.DataFrame(rows)

    def save(self, folder: str | os.PathLike[str], extras: Sequence[Writer] = ()) -> Path:
        """Write shares.csv, changes.csv, interactions.csv, combinations.csv, summary.json, manifest.json and both scenarios into a
        folder; `extras` write further files. InputError where it holds something else, or cannot be written."""
        return write_folder(Path(folder), self._write, *extras)

    def _write(self, folder: Path) -> None:
        frames = {name: getattr(self, name) for name in ("shares", "changes", "interactions", "combinations")}
        for name, frame in frames.items():
            frame.to_csv(folder / f"{name}.csv", index=False)
        for name, scenario in (("before", self.plan.base), ("after", self.plan.mixtures.other)):
            (folder / name).mkdir()
            write_resolved(scenario, folder / name)
        about = {
            "before": self.plan.base.name,
            "after": self.plan.other_name,
            "digests": {"before": digest_of(self.plan.base), "after": digest_of(self.plan.mixtures.other)},
            "replications": self.plan.replications,
            "seed": self.plan.base.seed,
            "level": self.level,
            "exact": self.plan.design.exact,
            "combinations_simulated": self.plan.combinations,
            "joined": [{"changes": list(one.names), "why": one.why} for one in self.plan.mixtures.joined],
            "left_out": self.left_out,
        }
        rows = {name: json.loads(frame.to_json(orient="records")) for name, frame in frames.items()}
        write_json(folder / "summary.json", about | rows)
        write_json(folder / "manifest.json", about | circumstances() | {"wall_seconds": round(self.wall_seconds, 3)})


def plan(
    a: Scenario | str | os.PathLike[str],
    b: Scenario | None = None,
    *,
    over: Sequence[str | os.PathLike[str]] = (),
    settings: Mapping[str, Any] | None = None,
    group: Sequence[str] = (),
    depth: int | None = None,
    by: str = "change",
    metrics: Sequence[str] = (),
    replications: int | None = None,
    seed: int | None = None,
    combinations: int = COMBINATIONS,
) -> Plan:
    """What `attribute` will simulate, with the same arguments; InputError where that cannot be done."""
    if by not in ("change", "mechanism"):
        raise ValueError(f"by must be 'change' or 'mechanism', not {by!r}")
    mixtures = _mixtures(a, b, over, settings, group, depth, by, replications, seed)
    asked = _asked(mixtures.base, mixtures.other, metrics)
    settled = mixtures.settle(combinations)
    other = f"{mixtures.base.name} with {len(over)} file{'s' if len(over) > 1 else ''}" if over else mixtures.other.name
    alike = {mask: digest_of(mixtures.mixture(mask)) for mask in settled.coalitions}
    return Plan(
        mixtures,
        settled,
        asked,
        mixtures.base.replications,
        other,
        alike,
        not (over or group or depth or by != "change"),
    )


def _mixtures(
    a: Scenario | str | os.PathLike[str],
    b: Scenario | None,
    over: Sequence[str | os.PathLike[str]],
    settings: Mapping[str, Any] | None,
    group: Sequence[str],
    depth: int | None,
    by: str,
    replications: int | None,
    seed: int | None,
) -> Mixtures:
    if isinstance(a, Scenario) and b is not None and not over:
        first, second = on_the_same([a, b], replications, seed)
        return between(first, second, group, depth, by)
    if isinstance(a, Scenario) or b is not None or not over:
        raise ValueError("two scenarios are needed, or the path of one and files to lay over it")
    mixtures = layered(a, over, settings, replications, seed)
    if by == "change" and not group and depth is None:
        return mixtures
    return between(mixtures.base, mixtures.other, group, depth, by)


def _asked(a: Scenario, b: Scenario, metrics: Sequence[str]) -> dict[Asked, str]:
    """The metrics that are looked at, each with what it is called: those named, else what targets are about, and cost."""
    if metrics:
        return {_named(text, a, b): text.strip() for text in metrics}
    found: dict[Asked, str] = {}
    for target in (target for one in (b, a) for target in targets_of(one)):
        taken = target.name in found.values()
        name = f"{target.name} ({target.text})" if taken else target.name
        found.setdefault((target.metric, target.segment), name)
    for name in ("cost",) if found else WITHOUT_TARGETS:
        kpi = KPIS[name]
        if kpi.needs(a) is None and kpi.needs(b) is None:
            statistic = kpi.statistics[0] if kpi.statistics else ""
            found.setdefault((Metric(name, kpi.parameter, statistic), ()), name)
    return found


def _named(text: str, a: Scenario, b: Scenario) -> Asked:
    """A metric of both scenarios, or of one if only that has such a target."""
    faults = []
    for scenario in (b, a):
        try:
            return metric_on(text, scenario)
        except ValueError as fault:
            faults.append(str(fault))
    raise InputError([Problem("--metric", text, faults[0])])


def attribute(
    a: Scenario | str | os.PathLike[str],
    b: Scenario | None = None,
    *,
    over: Sequence[str | os.PathLike[str]] = (),
    settings: Mapping[str, Any] | None = None,
    group: Sequence[str] = (),
    depth: int | None = None,
    by: str = "change",
    metrics: Sequence[str] = (),
    replications: int | None = None,
    seed: int | None = None,
    combinations: int = COMBINATIONS,
    level: float = 0.95,
    executor: Executor | None = None,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> Attribution:
    """Which of the changes from scenario `a` to scenario `b` brought how much.

    The changes are found by comparing the two, one for each entry that differs. `group` takes those under a path together
    (["teams.*", "demand"]), `depth` those with so many first steps of the path in common, `by="mechanism"` those that act
    alike (volume, handling time, staffed hours, routing …). Instead of `b`, files may be laid `over` the scenario at the path
    `a` (with single entries changed by `settings`): each file is a change, and all of them together make the other scenario.

    `metrics` are names of targets, or metrics as a target writes them; by default what the targets are about, and cost. With no
    more than `combinations` combinations of the changes all are simulated; of more changes, random orders are drawn. All
    run on the same customers; `replications`, `seed`, `executor`, `jobs` and `progress` as in `run`.
    """
    ready = plan(
        a, b, over=over, settings=settings, group=group, depth=depth, by=by, metrics=metrics, replications=replications,
        seed=seed, combinations=combinations,
    )  # fmt: skip
    return carry_out(ready, level, executor, jobs, progress)


def carry_out(
    ready: Plan,
    level: float = 0.95,
    executor: Executor | None = None,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> Attribution:
    """Simulate what is planned, and work out what each change brought."""
    started = time.perf_counter()
    measured = _simulated(ready, executor, jobs, progress)
    values = {
        mask: {key: estimate(key[0], [one.get(key) for one in its]) for key in ready.asked}
        for mask, its in measured.items()
    }
    money = currency(ready.base) or currency(ready.mixtures.other)
    known = {
        key: name
        for key, name in ready.asked.items()
        if all(its[key].value == its[key].value for its in values.values())
    }
    found = _brought(ready, known, values, money, level)
    left_out = [name for key, name in ready.asked.items() if key not in known]
    judgements = _judged(ready.mixtures.other, measured[(1 << len(ready.changes)) - 1])
    return Attribution(ready, found, left_out, judgements, values, level, time.perf_counter() - started)


def _simulated(
    ready: Plan, executor: Executor | None, jobs: int | None, progress: Progress | None
) -> dict[int, list[Measures]]:
    """What was measured of each combination, by replication; combinations that make the same scenario are simulated once."""
    digests = ready.alike
    each = list({digest: ready.mixtures.mixture(mask) for mask, digest in digests.items()}.items())
    also = [*ready.asked, *((target.metric, target.segment) for target in targets_of(ready.mixtures.other))]
    scenarios = [scenario for _, scenario in each]
    measured: dict[str, list[Measures]] = {digest: [] for digest, _ in each}
    known = scenarios[:2]
    expected = max(ready.replications * len(scenarios) // len(known), 1)
    with Simulator(known, expected, executor, jobs, list(dict.fromkeys(also)), only=True) as simulator:
        for scenario in scenarios[len(known) :]:
            simulator.add(scenario)
        wanted = [Wanted(*one) for one in product(range(len(scenarios)), range(ready.replications))]
        for done, (one, outcome) in enumerate(zip(wanted, simulator.outcomes(wanted), strict=True), start=1):
            measured[each[one.scenario][0]].append(outcome.measures)
            if progress is not None:
                progress(done, len(wanted))
    return {mask: measured[digest] for mask, digest in digests.items()}


def _brought(
    ready: Plan, known: Mapping[Asked, str], values: dict[int, dict[Asked, Estimate]], money: str, level: float
) -> list[Brought]:
    """Everything about each metric: what was brought with intervals at one joint level over all metrics, all else at another."""
    games = {key: {mask: its[key] for mask, its in values.items()} for key in known}
    design, k, every = ready.design, ready.design.players, (1 << ready.design.players) - 1
    brought = {key: [shapley.whole(design, game), *shapley.shapley(design, game)] for key, game in games.items()}
    pairs = {key: shapley.interactions(design, game) for key, game in games.items()}
    further = {key: [*_further(design, game), *pairs[key].values()] for key, game in games.items()}
    main = _jointly(brought, level, ready.base.seed, "joint")
    beside = _jointly(further, level, ready.base.seed, "joint beside")
    found = []
    for key, name in known.items():
        ends = games[key][0].value, games[key][every].value
        total, *its = main[key]
        together, *rest = beside[key]
        of_pairs = dict(zip(pairs[key], rest[2 * k :], strict=True))
        whose = (name, *key, unit_of(key[0], money))
        found.append(Brought(*whose, *ends, total, its, rest[:k], rest[k : 2 * k], together, of_pairs))
    return found


def _further(design: shapley.Design, game: dict[int, Estimate]) -> list[Estimate]:
    """What all bring beyond each alone, then what each brings alone, and last."""
    return [
        shapley.together(design, game), *shapley.alone(design, game), *shapley.last_in(design, game),
    ]  # fmt: skip


def _jointly(
    estimates: Mapping[Asked, Sequence[Estimate]], level: float, seed: int, name: str
) -> dict[Asked, list[Interval]]:
    """Intervals that hold at once; what is the very same counts once."""
    distinct = {(one.value, one.influence.tobytes()): one for its in estimates.values() for one in its}
    single = joint_level(list(distinct.values()), level, stream(seed, 0, name))
    return {key: [interval(one, level, single) for one in its] for key, its in estimates.items()}


def _judged(scenario: Scenario, measures: list[Measures]) -> list[Judgement]:
    """The verdicts on the targets of the other scenario."""
    return judge(targets_of(scenario), summarize(measures, scenario))


def _ends(name: str, of: Interval) -> dict[str, float]:
    low, high = ("low", "high") if name == "brought" else (f"{name}_low", f"{name}_high")
    return {name: of.mean, low: of.low, high: of.high}


def _three(of: Interval) -> tuple[float, float, float]:
    return of.mean, of.low, of.high


def _part(value: float, of: float) -> float:
    """A part of a whole; not a number of nothing."""
    return value / of if of else float("nan")


__all__ = ["Attribution", "Brought", "Joined", "Plan", "attribute", "carry_out", "plan"]
