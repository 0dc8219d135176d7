"""Break-even: up to which value of a factor each target surely holds, from which it is surely missed, and which breaks first."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulation.errors import InputError, Problem
from simulation.experiments.design import check_points, factors_of
from simulation.experiments.folder import Writer, circumstances, write_folder, write_json
from simulation.experiments.load import changed
from simulation.experiments.replications import Simulator, Wanted
from simulation.experiments.resolved import digest_of, write_resolved
from simulation.experiments.run import with_changes
from simulation.metrics import judge, summarize
from simulation.metrics.measure import Measures
from simulation.metrics.targets import Judgement, Verdict, targets_of
from simulation.scenario.factors import Factor
from simulation.scenario.schema import Scenario
from simulation.statistics.bisection import Bracket, Plan, search

if TYPE_CHECKING:
    import pandas as pd

STEPS = 50
"""About so many positions has a range without steps."""
VISITS, DOUBLINGS = 16, 2
"""Positions looked at at most; how often the replications of one are doubled at most."""
CHECKED = 50
"""Positions of a fine range that are checked beforehand, its ends among them."""
HOLDS = {Verdict.met: True, Verdict.missed: False, Verdict.undecided: None}


@dataclass(frozen=True)
class Looked:
    """What was seen at a position: its value, replications, and each target's judgement at the level of a single look."""

    position: int
    value: Any
    replications: int
    judgements: list[Judgement]


@dataclass(frozen=True)
class BreakEven:
    """Where each target of a scenario breaks along a factor; with the probability `plan.level` all brackets are right."""

    scenario: Scenario
    factor: Factor
    plan: Plan
    brackets: Mapping[str, Bracket]
    looked: list[Looked]
    wall_seconds: float

    @property
    def replications(self) -> int:
        """In all."""
        return sum(one.replications for one in self.looked)

    def value(self, position: int | None) -> Any:
        """The value of the factor at a position."""
        return None if position is None else self.factor.levels[position]

    def first(self, rising: bool = True) -> list[str]:
        """Which target breaks first as the factor grows (or, not `rising`, shrinks): one name where that is sure, else all that
        it may be, those that are undecided at both ends included; none if none is seen to break."""
        sign = 1 if rising else -1
        mine = {name: one for name, one in self.brackets.items() if one.rising is rising and one.monotone}
        broken = [sign * one.fails for one in mine.values() if one.fails is not None]
        if not broken:
            return []
        early = {name for name, one in mine.items() if one.holds is None or sign * one.holds < min(broken)}
        return [name for name in self.brackets if name in early or name in self.unknown]

    @property
    def unknown(self) -> list[str]:
        """Targets that are undecided at both ends: they may break anywhere, or not at all."""
        return [name for name, one in self.brackets.items() if one == Bracket(None, None, None)]

    @cached_property
    def frame(self) -> pd.DataFrame:
        """A row a target: name, target, holds (the value at which it surely holds still), fails (at which it is surely missed),
        towards (higher or lower values), monotone, level."""
        import pandas as pd

        targets = {one.name: one.text for one in targets_of(self.scenario)}
        towards = {True: "higher", False: "lower", None: ""}
        rows = [
            (
                name,
                targets[name],
                self.value(one.holds),
                self.value(one.fails),
                towards[one.rising],
                one.monotone,
                self.plan.level,
            )
            for name, one in self.brackets.items()
        ]
        return pd.DataFrame(rows, columns=["name", "target", "holds", "fails", "towards", "monotone", "level"])

    @cached_property
    def looks(self) -> pd.DataFrame:
        """A row a target and position looked at: value, replications, name, observed, low, high, verdict, level."""
        import pandas as pd

        rows = [
            (at.value, at.replications, one.target.name, one.interval.mean, one.interval.low, one.interval.high,
             one.verdict.value, one.interval.level)
            for at in sorted(self.looked, key=lambda one: one.position)
            for one in at.judgements
        ]  # fmt: skip
        columns = ["value", "replications", "name", "observed", "low", "high", "verdict", "level"]
        return pd.DataFrame(rows, columns=columns)

    def save(self, folder: str | os.PathLike[str], extras: Sequence[Writer] = ()) -> Path:
        """Write scenario.yaml, brackets.csv, looks.csv, summary.json and manifest.json into a folder: aside first and renamed
        last. `extras` write further files. InputError where it holds something else."""
        return write_folder(Path(folder), self._write, *extras)

    def _write(self, folder: Path) -> None:
        write_resolved(self.scenario, folder)
        self.frame.to_csv(folder / "brackets.csv", index=False)
        self.looks.to_csv(folder / "looks.csv", index=False)
        rows = json.loads(self.frame.astype({"holds": str, "fails": str}).to_json(orient="records"))
        write_json(folder / "summary.json", self.about() | {"targets": rows})
        more = circumstances() | {"wall_seconds": round(self.wall_seconds, 3)}
        write_json(folder / "manifest.json", self.about() | more)

    def about(self) -> dict[str, Any]:
        """What was asked, and what breaks first."""
        return {
            "scenario": self.scenario.name,
            "digest": digest_of(self.scenario),
            "factor": self.factor.name,
            "from": str(self.factor.levels[0]),
            "to": str(self.factor.levels[-1]),
            "seed": self.scenario.seed,
            "level": self.plan.level,
            "replications": self.replications,
            "breaks_first_upwards": self.first(),
            "breaks_first_downwards": self.first(rising=False),
        }


@dataclass(frozen=True)
class Asked:
    """A break-even that has been checked and not begun."""

    scenario: Scenario
    factor: Factor
    plan: Plan

    @property
    def most_runs(self) -> int:
        """Replications at most."""
        return min(self.plan.visits, self.plan.positions) * self.plan.looks[-1]


def break_even(
    scenario: Scenario,
    factor: Mapping[str, Any] | Factor,
    visits: int = VISITS,
    replications: int | None = None,
    most: int | None = None,
    seed: int | None = None,
    executor: Executor | None = None,
    jobs: int | None = None,
    level: float = 0.95,
    heard: Callable[[Looked], None] | None = None,
) -> BreakEven:
    """Find by bisection where each target breaks along one factor on which it depends in one direction.

    `factor` is a path with a range, {"demand.volume": "80 %..150 %"}; a step says how narrow the bracket should get. At most
    `visits` values are looked at, each with `replications` (the scenario's) that are doubled, up to `most` (four times as many), until
    all targets to whom it matters are decided. With the probability `level` all brackets are right at once. `heard` is told of each
    value that has been looked at. InputError where that makes no sense.
    """
    return find(asked(scenario, factor, visits, replications, most, seed, level), executor, jobs, heard)


def asked(
    scenario: Scenario,
    factor: Mapping[str, Any] | Factor,
    visits: int = VISITS,
    replications: int | None = None,
    most: int | None = None,
    seed: int | None = None,
    level: float = 0.95,
) -> Asked:
    """A break-even as `break_even` would find it, checked; raises InputError."""
    base = with_changes(scenario, replications, seed)
    given = factors_of(factor) if isinstance(factor, Mapping) else [factor]
    _check(base, given, visits, most)
    along = given[0].finely(STEPS)
    step = max(len(along.levels) // CHECKED, 1)
    check_points(base, [{along.path: value} for value in dict.fromkeys([*along.levels[::step], along.levels[-1]])])
    first = base.replications
    return Asked(base, along, Plan(len(along.levels), visits, first, most or first << DOUBLINGS, level))


def _check(base: Scenario, given: Sequence[Factor], visits: int, most: int | None) -> None:
    faults = []
    if len(given) != 1:
        faults.append(f"a break-even is sought along one factor, not {len(given)}; write e.g. demand.volume=80%..150%")
    elif given[0].listed:
        faults.append("a break-even needs values in ascending order; write a range, e.g. demand.volume=80%..150%")
    if not base.targets:
        faults.append('the scenario has no targets that could break; write e.g. --set "targets.fast=asa <= 30 s"')
    if base.replications < 2:
        faults.append("a break-even needs two replications or more of each value; write e.g. --replications 10")
    if visits < 2:
        faults.append("a break-even needs two visits or more; write e.g. --visits 16")
    if most is not None and most < base.replications:
        faults.append(
            f"at most {most} replications of a value are fewer than its first {base.replications}; write --most {base.replications}"
        )
    if faults:
        raise InputError([Problem("", given[0].name if len(given) == 1 else "", fault) for fault in faults])


def find(
    what: Asked,
    executor: Executor | None = None,
    jobs: int | None = None,
    heard: Callable[[Looked], None] | None = None,
) -> BreakEven:
    """Find what is asked."""
    started = time.perf_counter()
    with Simulator([what.scenario], what.plan.visits * what.plan.first, executor, jobs, only=True) as simulator:
        eyes = _Eyes(what, simulator, heard)
        found = search([one.name for one in targets_of(what.scenario)], what.plan, eyes.look, eyes.done)
    return BreakEven(
        what.scenario, what.factor, what.plan, found.brackets(), eyes.looked, time.perf_counter() - started
    )


class _Eyes:
    """Looks at positions: simulates what replications are lacking, and judges."""

    def __init__(self, what: Asked, simulator: Simulator, heard: Callable[[Looked], None] | None) -> None:
        self.what, self.simulator, self.heard = what, simulator, heard
        self.looked: list[Looked] = []
        self._scenario, self._number = what.scenario, 0
        self._measures: list[Measures] = []
        self._last: list[Judgement] = []
        self._decided: dict[str, Judgement] = {}

    def look(self, position: int, visit: int, replications: int, level: float) -> dict[str, bool | None]:
        """What so many replications at a position show of each target."""
        if replications == self.what.plan.first:
            self._begin(position)
        start = visit * self.what.plan.looks[-1]  # replications of its own, see statistics.bisection
        wanted = [Wanted(self._number, start + number) for number in range(len(self._measures), replications)]
        self._measures += [outcome.measures for outcome in self.simulator.outcomes(wanted)]
        seen = judge(targets_of(self._scenario), summarize(self._measures, self._scenario, level))
        self._last = [self._decided.get(one.target.name, one) for one in seen]
        self._decided |= {one.target.name: one for one in self._last if one.verdict is not Verdict.undecided}
        return {one.target.name: HOLDS[one.verdict] for one in self._last}

    def _begin(self, position: int) -> None:
        self._scenario = changed(self.what.scenario, {self.what.factor.path: self.what.factor.levels[position]})
        self._number, self._measures, self._decided = self.simulator.add(self._scenario), [], {}

    def done(self, position: int) -> None:
        """A position has been looked at for long enough."""
        self.looked.append(Looked(position, self.what.factor.levels[position], len(self._measures), self._last))
        if self.heard is not None:
            self.heard(self.looked[-1])


def break_even_place(what: Asked) -> Path:
    """Where the results go if nobody says where: results/break-even-<name>-<digest>."""
    said: Iterable[Any] = [
        digest_of(what.scenario),
        what.factor.path,
        what.factor.levels[0],
        what.factor.levels[-1],
        what.plan,
    ]
    joint = sha256("|".join(map(str, said)).encode()).hexdigest()[:8]
    return Path("results") / f"break-even-{what.scenario.name}-{joint}"
