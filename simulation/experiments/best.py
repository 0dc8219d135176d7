"""Which of several scenarios is best by one metric: a race with a guarantee, or a budget of replications spent well."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from simulation.errors import InputError, Problem
from simulation.experiments.compare import check_comparable, on_the_same
from simulation.experiments.folder import Writer, circumstances, write_folder, write_json
from simulation.experiments.replications import Simulator, Wanted
from simulation.experiments.resolved import digest_of, write_resolved
from simulation.metrics.differences import least
from simulation.metrics.kpi import Metric
from simulation.metrics.measure import Measures, Segment, Sums, estimate, interval_of, segment_text, unit_of
from simulation.metrics.targets import Verdict, amount_of, check_metric, metric_on, targets_of
from simulation.scenario.prices import currency
from simulation.scenario.schema import Scenario
from simulation.statistics.paired import Estimate
from simulation.statistics.selection import Elimination, Race, Ranking, following

if TYPE_CHECKING:
    import pandas as pd

Direction = Literal["higher", "lower"]
Constraint = Literal["targets"]
FIRST, MOST, ROUNDS = 10, 1000, 20
"""Replications of the first stage, and of a race at most, by scenario; rounds in which a budget is given out."""


class Stand(NamedTuple):
    """How a selection stands, for whoever watches: replications of each scenario so far, how many there may be in all, and
    the scenarios that have just left."""

    taken: dict[str, int]
    most: int
    left: list[Exit]


class Exit(NamedTuple):
    """A scenario that left: its name, the one that it was shown inferior (or equal to the last digit) to, after how many
    replications of each; or the targets that it was shown to miss, and no other."""

    name: str
    behind: str
    after: int
    equal: bool = False
    misses: tuple[str, ...] = ()


@dataclass(frozen=True)
class Contender:
    """A scenario in a selection: the metric's value (of a budget: adjusted for the replications that only others took), by how
    much it is worse than the best, its replications, how it left the race if it did, and targets that are undecided (where
    targets were asked for)."""

    name: str
    digest: str
    value: float
    behind: float
    replications: int
    out: Exit | None = None
    open: tuple[str, ...] = ()


@dataclass(frozen=True)
class Selection:
    """What a selection found. `best` is the scenario selected (None: still undecided), `left` those not shown inferior.

    `level` is the probability that a race guarantees if the best is ahead by `matters` or more; of a budget, `probability` is
    about that with which the best was selected, and `close` that with which no other is better by more than `matters`. With
    `subject_to` scenarios shown to miss a target were left out; if all were, `left` is empty.
    """

    metric: Metric
    segment: Segment
    unit: str
    better: Direction
    matters: float
    level: float
    first: int
    budget: int | None
    contenders: list[Contender]
    best: str | None
    left: list[str]
    probability: float | None
    close: float | None
    scenarios: list[Scenario] = field(repr=False)
    values: list[list[Sums]] = field(repr=False)
    wall_seconds: float = 0.0
    subject_to: Constraint | None = None

    @property
    def ranked(self) -> list[Contender]:
        """The scenarios, best first: those left, then the others."""
        return sorted(self.contenders, key=lambda one: (one.name not in self.left, one.behind))

    @property
    def ranking(self) -> pd.DataFrame:
        """The scenarios, best first: scenario, value, behind (by how much it is worse than the best), replications, out_after
        and out_behind (when it left the race, and shown inferior to which), misses (targets)."""
        import pandas as pd

        rows = [
            (one.name, one.value, one.behind, one.replications, *(one.out[2:0:-1] if one.out else (None, None)),
             ", ".join(one.out.misses) if one.out else "")
            for one in self.ranked
        ]  # fmt: skip
        columns = ["scenario", "value", "behind", "replications", "out_after", "out_behind", "misses"]
        return pd.DataFrame(rows, columns=columns)

    @property
    def replications(self) -> pd.DataFrame:
        """What each replication gave: scenario, replication, numerator, denominator (NaN for a statistic such as a quantile)."""
        import pandas as pd

        rows = [
            (one.name, number, sums.value, sums.over)
            for one, column in zip(self.contenders, self.values, strict=True)
            for number, sums in enumerate(column)
        ]
        return pd.DataFrame(rows, columns=["scenario", "replication", "numerator", "denominator"])

    def save(self, folder: str | os.PathLike[str], extras: Sequence[Writer] = ()) -> Path:
        """Write ranking.csv, replications.csv, summary.json, manifest.json and the scenarios into a folder: aside first and
        renamed last, so what is there is complete. InputError where it holds something else, or cannot be written."""
        return write_folder(Path(folder), self._write, *extras)

    def _write(self, folder: Path) -> None:
        self.ranking.to_csv(folder / "ranking.csv", index=False)
        self.replications.to_csv(folder / "replications.csv", index=False)
        for one in self.scenarios:
            (folder / one.name).mkdir()
            write_resolved(one, folder / one.name)
        write_json(folder / "summary.json", self.summary())
        about = {"scenarios": {one.name: one.digest for one in self.contenders}, "seed": self.scenarios[0].seed}
        write_json(folder / "manifest.json", about | circumstances() | {"wall_seconds": round(self.wall_seconds, 3)})

    def summary(self) -> dict[str, object]:
        """What summary.json holds."""
        return {
            "by": str(self.metric),
            "segment": segment_text(self.segment),
            "unit": self.unit,
            "better": self.better,
            "matters": self.matters,
            "procedure": "race" if self.budget is None else "budget",
            "level": self.level if self.budget is None else None,
            "first": self.first,
            "budget": self.budget,
            "subject_to": self.subject_to,
            "best": self.best,
            "left": self.left,
            "probability": self.probability,
            "probability_within_what_matters": self.close,
            "seed": self.scenarios[0].seed,
            "ranking": json.loads(self.ranking.to_json(orient="records")),
        }


def best(
    scenarios: Sequence[Scenario],
    by: str,
    matters: float | str | None = None,
    level: float = 0.95,
    budget: int | None = None,
    better: Direction | None = None,
    first: int = FIRST,
    most: int = MOST,
    seed: int | None = None,
    executor: Executor | None = None,
    jobs: int | None = None,
    watch: Callable[[Stand], None] | None = None,
    subject_to: Constraint | None = None,
) -> Selection:
    """Select the best of several scenarios by a metric, e.g. ``cost_per_solved_case`` or ``service_level(20s){channel=phone}``.

    Without a `budget` a race: replications go on until one scenario is left (or each has had `most`), and if the best is ahead
    by what `matters` (in the metric's unit, or a text such as "0.05 EUR") it is selected with a probability of at least `level`.
    With a `budget`, so many replications in all are given to the scenarios where they tell most. `better` says which
    direction is, where the metric does not. All scenarios meet the customers of the first one's seed. `executor` and `jobs` as
    in `run`. With `subject_to="targets"` scenarios that the first stage shows to miss a target are left out: with the
    probability `level` no scenario that meets its targets is among these, and the best of the others is selected. InputError if the scenarios cannot be compared, ValueError for what makes no sense.
    """
    check_numbers(len(scenarios), first, most, budget)
    if subject_to:
        check_targets_of(scenarios)
    contenders = on_the_same(scenarios, first, seed)
    check_comparable(contenders[0], contenders[1:])
    if isinstance(matters, str):
        matters = what_matters(by, contenders, matters)
    course = _Course(contenders, *asked(contenders, by), direction(by, contenders, better), level, watch)
    expected = most if budget is None else budget // len(contenders)
    with Simulator(contenders, min(expected, 10 * first), executor, jobs, [course.wanted], only=True) as simulator:
        course.simulator = simulator
        course.take({system: first for system in range(len(contenders))})
        delta = course.delta(matters)
        if subject_to:
            course.rule_out()
        return course.race(delta, most) if budget is None else course.spend(delta, budget)


def check_numbers(scenarios: int, first: int, most: int, budget: int | None) -> None:
    """ValueError for numbers that make no selection."""
    if scenarios < 2:
        raise ValueError("a selection needs two scenarios or more")
    if first < 3:
        raise ValueError(f"the first stage needs 3 replications of each or more, got {first}")
    if most < first:
        raise ValueError(f"{most} replications at most are fewer than the {first} of the first stage")
    if budget is not None and budget < scenarios * first:
        raise ValueError(
            f"a budget of {budget} replications does not pay for the first stage of {scenarios} scenarios, {first} each; "
            f"make it {scenarios * first} or more, or the first stage shorter"
        )


def check_targets_of(scenarios: Sequence[Scenario]) -> None:
    """ValueError where no scenario has a target to be held to."""
    if not any(one.targets for one in scenarios):
        raise ValueError("none of the scenarios has targets; remove --subject-to, or write targets")


def asked(scenarios: Sequence[Scenario], by: str) -> tuple[Metric, Segment]:
    """The metric and segment that a text asks of all scenarios (or the first one's target of that name); InputError if one of
    them has no data."""
    problems = []
    wanted: tuple[Metric, Segment] | None = None
    for one in scenarios:
        try:
            if wanted is None:
                wanted = metric_on(by, one)
            else:
                check_metric(*wanted, one, "name another metric")
        except ValueError as error:
            problems.append(Problem(one.name, "by", str(error)))
            if wanted is None:
                break
    if problems or wanted is None:
        raise InputError(problems)
    return wanted


def direction(by: str, scenarios: Sequence[Scenario], given: Direction | None) -> Direction:
    """Which direction is better: as given, or as the KPI says; ValueError where neither does."""
    metric, _ = asked(scenarios[:1], by)
    found = given or metric.better
    if not found:
        raise ValueError(f"{metric.kpi} is neither better high nor low; say which by --max or --min")
    return found


def what_matters(by: str, scenarios: Sequence[Scenario], text: str) -> float:
    """A least difference that matters, in the metric's unit; ValueError for a text that says none."""
    amount = amount_of(asked(scenarios[:1], by)[0], text, scenarios[0])
    if not amount > 0:
        raise ValueError(f"what matters must be above 0, got {text}")
    return amount


def selection_place(scenarios: Sequence[Scenario], by: str, *settings: object) -> Path:
    """Where the results of a selection go if nobody says where: results/best-<first>-<digest of all>."""
    joint = sha256("\n".join([by, repr(settings), *map(digest_of, scenarios)]).encode()).hexdigest()[:8]
    return Path("results") / f"best-{scenarios[0].name}-{joint}"


class _Course:
    """A selection on its way: what each replication gave, and who has left."""

    simulator: Simulator

    def __init__(
        self,
        scenarios: list[Scenario],
        metric: Metric,
        segment: Segment,
        better: Direction,
        level: float,
        watch: Callable[[Stand], None] | None,
    ) -> None:
        self.started = time.perf_counter()
        self.level, self.first = level, scenarios[0].replications
        self.scenarios, self.names = scenarios, [one.name for one in scenarios]
        self.wanted = (metric, segment)
        self.better: Direction = better
        self.sign = 1.0 if better == "higher" else -1.0
        self.watch = watch
        self.sums: list[list[Sums | None]] = [[] for _ in scenarios]
        self.exits: dict[int, Exit] = {}
        self.among = list(range(len(scenarios)))
        self.fresh: list[Exit] = []
        self.early: list[list[Measures]] = [[] for _ in scenarios]
        self.open: dict[int, tuple[str, ...]] = {}
        self.subject_to: Constraint | None = None

    def take(self, more: dict[int, int]) -> None:
        """Simulate so many more replications of each scenario."""
        wanted = [
            Wanted(system, len(self.sums[system]) + number) for system, many in more.items() for number in range(many)
        ]
        for one, outcome in zip(wanted, self.simulator.outcomes(wanted), strict=True):
            self.sums[one.scenario].append(outcome.measures.get(self.wanted))
            if one.replication < self.first:
                self.early[one.scenario].append(outcome.measures)

    def estimates(self, taken: Sequence[int]) -> list[Estimate]:
        """Of each scenario from so many replications, with the sign that makes higher better."""
        return [self._signed(column[:n]) for column, n in zip(self.sums, taken, strict=True)]

    def _signed(self, column: Sequence[Sums | None]) -> Estimate:
        found = estimate(self.wanted[0], column)
        return Estimate(self.sign * found.value, self.sign * found.influence, found.n)

    def delta(self, matters: float | None) -> float:
        """The least difference that matters, as given or for what the first scenario shows so far; InputError without data."""
        found = self.estimates([len(column) for column in self.sums])
        lacking = [
            Problem(
                name,
                str(self.wanted[0]),
                f"has {'data for it in one only of' if one.n else 'no data for it in'} {len(self.sums[0])} replications; "
                "name another metric, or make the first stage longer, e.g. --first 100",
            )
            for name, one in zip(self.names, found, strict=True)
            if one.n < 2
        ]
        if lacking:
            raise InputError(lacking)
        delta = least(self.wanted[0], found[0].value) if matters is None else matters
        if not delta > 0:
            what = "is 0 in the first scenario, and nobody said which difference matters; write e.g. --matters 0.05EUR"
            raise InputError([Problem(self.names[0], str(self.wanted[0]), what)])
        return delta

    # -- targets --------------------------------------------------------------------------------------

    def rule_out(self) -> None:
        """Leave out who is shown to miss a target in the first stage; half of what may go wrong is spent on it, over all targets of
        all scenarios (Bonferroni), and the other half on the race."""
        aims = [(system, target) for system, one in enumerate(self.scenarios) for target in targets_of(one)]
        each = 1 - (1 - self.level) / len(aims)
        verdicts: dict[int, dict[str, Verdict]] = {system: {} for system in self.among}
        for system, target in aims:
            sums = [one.get((target.metric, target.segment)) for one in self.early[system]]
            verdicts[system][target.name] = target.verdict(interval_of(target.metric, sums, each))
        for system, found in verdicts.items():
            self.open[system] = tuple(name for name, one in found.items() if one is Verdict.undecided)
            missed = tuple(name for name, one in found.items() if one is Verdict.missed)
            if missed:
                self.exits[system] = Exit(self.names[system], "", self.first, False, missed)
        self.fresh = list(self.exits.values())
        self.among = [system for system in self.among if system not in self.exits]
        self.subject_to = "targets"

    # -- a race ---------------------------------------------------------------------------------------

    def race(self, delta: float, most: int) -> Selection:
        """Look after each replication until one is left, or each has had the most."""
        taken = len(self.sums[0])
        level = (1 + self.level) / 2 if self.subject_to else self.level
        race = Race(self.estimates([taken] * len(self.sums)), delta, level, self.among)
        while race.left:
            self._leave(race.look([one.value for one in self._so_far(race, taken)], taken))
            self._tell({system: taken for system in race.left}, min(race.most, most))
            if race.over or taken == most:
                return self._finish(delta, None, race.left)
            taken += 1
            if len(self.sums[race.left[0]]) < taken:
                self.take(dict.fromkeys(race.left, self._ahead(race, min(race.most, most) - taken + 1)))
        return self._finish(delta, None, [])

    def _so_far(self, race: Race, taken: int) -> list[Estimate]:
        return self.estimates([taken if system in race.left else 1 for system in range(len(self.sums))])

    def _ahead(self, race: Race, may_be: int) -> int:
        """Replications simulated at once, so that all processes have something to do; looked at one by one all the same."""
        return (
            max(1, min(may_be, -(-2 * self.simulator.workers // len(race.left)))) if self.simulator.workers > 1 else 1
        )

    def _leave(self, found: Sequence[Elimination]) -> None:
        for one in found:
            self.exits[one.system] = Exit(self.names[one.system], self.names[one.by], one.after, one.equal)
            del self.sums[one.system][one.after :]
        self.fresh += [self.exits[one.system] for one in found]

    # -- a budget -------------------------------------------------------------------------------------

    def spend(self, delta: float, budget: int) -> Selection:
        """Give out the budget in rounds, each by what is known then."""
        step = max(len(self.sums), budget // ROUNDS)
        while self.among:
            all_taken = [len(column) for column in self.sums]
            self._tell(dict(enumerate(all_taken)), budget)
            found = self.estimates(all_taken)
            ranking = Ranking([found[system] for system in self.among])
            more = budget - sum(all_taken)
            if more <= 0 or len(self.among) == 1:
                return self._finish(delta, ranking, [self.among[ranking.best]], budget)
            given = following(ranking.shares(), ranking.taken, min(step, more))
            self.take({self.among[place]: int(many) for place, many in enumerate(given) if many})
        return self._finish(delta, None, [], budget)

    # -- the end --------------------------------------------------------------------------------------

    def _tell(self, taken: dict[int, int], most: int) -> None:
        if self.watch is not None:
            self.watch(Stand({self.names[system]: many for system, many in taken.items()}, most, self.fresh))
        self.fresh = []

    def _finish(self, delta: float, ranking: Ranking | None, left: list[int], budget: int | None = None) -> Selection:
        metric, segment = self.wanted
        return Selection(
            metric=metric,
            segment=segment,
            unit=unit_of(metric, currency(self.scenarios[0])),
            better=self.better,
            matters=delta,
            level=self.level,
            first=self.first,
            budget=budget,
            contenders=self._raced(left) if ranking is None else self._ranked(ranking),
            subject_to=self.subject_to,
            best=self.names[left[0]] if len(left) == 1 else None,
            left=[self.names[system] for system in left],
            probability=None if ranking is None else ranking.probability(),
            close=None if ranking is None else ranking.probability(delta),
            scenarios=self.scenarios,
            values=[[one or Sums(np.nan, np.nan) for one in column] for column in self.sums],
            wall_seconds=time.perf_counter() - self.started,
        )

    def _raced(self, left: Sequence[int]) -> list[Contender]:
        """Each held against the best over the replications that it took itself."""
        values = [one.value for one in self.estimates([len(column) for column in self.sums])]
        ahead = max(left or range(len(values)), key=lambda system: values[system])
        over = [self._signed(self.sums[ahead][: len(column)]).value for column in self.sums]
        return [self._contender(system, value, over[system] - value) for system, value in enumerate(values)]

    def _ranked(self, ranking: Ranking) -> list[Contender]:
        """Those in it held against the best by their adjusted means, others as in a race."""
        means = dict(zip(self.among, ranking.means.tolist(), strict=True))
        others = self._raced([self.among[ranking.best]])
        return [
            self._contender(system, means[system], means[self.among[ranking.best]] - means[system])
            if system in means
            else one
            for system, one in enumerate(others)
        ]

    def _contender(self, system: int, value: float, behind: float) -> Contender:
        one = self.scenarios[system]
        taken = len(self.sums[system])
        out, open_targets = self.exits.get(system), self.open.get(system, ())
        return Contender(one.name, digest_of(one), self.sign * value, behind, taken, out, open_targets)
