"""Simulate the studies of a case until every number is precise enough, and compare with what is expected.

A number passes if it is *true* (its distance from the expected one is within the case's own tolerance) and *precise*
(the half-width of its 95 % interval is small enough to mean something: aimed at are 5 % of what is expected, and 10 %
are enough where heavy traffic makes more too costly; rare events, that is small numbers, are allowed more, see
`PRECISION`). Where the expected number was itself simulated, its own half-width is precise enough.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt

from simulation.center import simulate
from simulation.center.plan import Plan
from simulation.errors import InputError
from simulation.experiments.load import from_dict
from tests.reference.laws import NotExpressible
from tests.reference.readings import Look, Statistic
from tests.reference.translate import Study, flat, translate

Case = Mapping[str, Any]
Array = npt.NDArray[Any]
PRECISION = ((0.1, 0.05), (0.05, 0.10), (0.02, 0.15), (0.005, 0.20), (0.0, 0.25))
"""Least expected number, and the share of it that an interval aims to reach to either side."""
RELATIVE, ABSOLUTE = 0.01, 1e-4
"""Tolerance of a case that states none of its own."""
SIGMAS = 3.5


@dataclass(frozen=True)
class Effort:
    """How much is simulated: so many replications at first, then more until intervals are as narrow as `aim` times
    `PRECISION`, or a study has had `most_contacts`. Up to `enough` times `PRECISION` an interval means something."""

    first_replications: int = 20
    aim: float = 1.0
    enough: float = 2.0
    most_contacts: int = 5_000_000


@dataclass(frozen=True)
class Finding:
    """One expected number against the simulated one; `error` is the standard error over replications."""

    case: str
    system: str
    name: str
    expected: float
    simulated: float
    error: float
    bound: float
    widest: float

    @property
    def half_width(self) -> float:
        """Half-width of the 95 % interval of the simulated number."""
        return 1.96 * self.error

    @property
    def is_true(self) -> bool:
        """Whether the distance is within the case's tolerance."""
        return abs(self.simulated - self.expected) <= self.bound

    @property
    def is_precise(self) -> bool:
        """Whether the interval is narrow enough to mean something."""
        return self.half_width <= self.widest

    @property
    def passes(self) -> bool:
        """True and precise."""
        return self.is_true and self.is_precise

    @property
    def verdict(self) -> str:
        """In one word."""
        return "pass" if self.passes else "vague" if self.is_true else "FAIL"


@dataclass(frozen=True)
class Report:
    """What came of a case: findings, or why it cannot be said in a scenario; names that nothing answers.

    A case gets a `second_look` if a number was outside its tolerance at first. `seconds` are of processor time.
    """

    case: str
    system: str
    findings: list[Finding] = field(default_factory=list)
    refused: str = ""
    unanswered: list[str] = field(default_factory=list)
    second_look: bool = False
    replications: int = 0
    contacts: int = 0
    seconds: float = 0.0

    @property
    def passes(self) -> bool:
        """Whether every expected number was answered, truly and precisely."""
        return bool(self.findings) and not self.unanswered and all(finding.passes for finding in self.findings)


def check(case: Case, seed: int = 1, effort: Effort = Effort()) -> Report:
    """Simulate a case and compare."""
    started = time.process_time()
    try:
        translation = translate(case)
        runs = [
            Runs(study, effort, crc32(f"{case['id']}/{number}".encode()) + seed)
            for number, study in enumerate(translation.studies)
        ]
    except (NotExpressible, InputError) as reason:
        return Report(case["id"], case["system"], refused=str(reason))
    expected = flat(case["expected"])
    estimates = {name: (value, 0.0) for name, value in translation.facts.items()}
    for one in runs:
        estimates |= _estimates(one, case, expected)
    return Report(
        case["id"],
        case["system"],
        [
            _finding(case, name, value, *estimates[name], effort)
            for name, value in expected.items()
            if name in estimates
        ],
        unanswered=[name for name in expected if name not in estimates],
        second_look=any(one.second_look for one in runs),
        replications=sum(one.done for one in runs),
        contacts=sum(one.contacts for one in runs),
        seconds=time.process_time() - started,
    )


def check_all(cases: Sequence[Case], seed: int = 1, jobs: int = 1) -> Iterator[Report]:
    """Reports of cases as they become ready, simulated by so many processes."""
    if jobs == 1:
        yield from (check(case, seed) for case in cases)
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        large_first = sorted(cases, key=lambda case: -case["inputs"].get("servers", 0))
        for future in as_completed([pool.submit(check, case, seed) for case in large_first]):
            yield future.result()


# ------------------------------------------------------------------------------------ replications


class Runs:
    """The replications of a study so far, as sums by statistic."""

    def __init__(self, study: Study, effort: Effort, seed: int) -> None:
        self.study = study
        self.effort = effort
        self.seed = seed
        self.scenario = from_dict(study.scenario)
        self.plan = Plan(self.scenario)
        self.sums: dict[str, list[Array]] = {name: [] for name in study.answers}
        self.done = self.contacts = 0
        self.second_look = False

    def more(self, replications: int) -> None:
        """Simulate further replications."""
        for _ in range(replications):
            record = simulate(self.plan, self.seed, self.done)
            look = Look(record, self.study.frame)
            for name, statistic in self.study.answers.items():
                self.sums[name].append(statistic.sums(look))
            self.contacts += len(record.contacts["case"])
            self.done += 1

    def estimate(self, name: str) -> tuple[float, float]:
        """Value and standard error of a statistic."""
        return jackknifed(self.study.answers[name], np.array(self.sums[name]))


def jackknifed(statistic: Statistic, sums: Array) -> tuple[float, float]:
    """Value from the total of all replications, and its standard error by leaving out each in turn (Tukey 1958).

    For a ratio of sums it agrees with the delta method; it needs no formula for quantiles and variances.
    """
    total, n = sums.sum(axis=0), len(sums)
    without = np.array([statistic.value(total - one) for one in sums])
    spread = float(np.sqrt((n - 1) / n * ((without - without.mean()) ** 2).sum()))
    return statistic.value(total), spread


def _estimates(runs: Runs, case: Case, expected: Mapping[str, float]) -> dict[str, tuple[float, float]]:
    """Value and standard error of all that is expected of a study, after as many replications as precision asks for.

    Of hundreds of numbers one or two lie beyond 3.5 standard errors by chance: an untrue number gets as many
    replications again, once, before the verdict.
    """
    wanted = {name: expected[name] for name in runs.study.answers if name in expected}
    estimates = _until_narrow(runs, case, wanted) if wanted else {}
    if any(
        abs(value - wanted[name]) > tolerance(case, name, wanted[name], error)
        for name, (value, error) in estimates.items()
    ):
        runs.second_look = True
        runs.more(runs.done)
        estimates = {name: runs.estimate(name) for name in wanted}
    return estimates


def _until_narrow(runs: Runs, case: Case, expected: Mapping[str, float]) -> dict[str, tuple[float, float]]:
    aims = {name: runs.effort.aim * precision(case, name, value) for name, value in expected.items()}
    further = runs.effort.first_replications
    while further:
        runs.more(further)
        estimates = {name: runs.estimate(name) for name in expected}
        further = _further(runs, max(1.96 * error / aims[name] for name, (_, error) in estimates.items()))
    return estimates


def _further(runs: Runs, excess: float) -> int:
    """How many more replications bring the widest interval, `excess` times too wide, to its width."""
    if not excess > 1:
        return 0
    affordable = int((runs.effort.most_contacts - runs.contacts) / (runs.contacts / runs.done))
    # an early guess of the spread is rough: at most four times as many before the next look
    asked = math.ceil(runs.done * (min(excess, 2.0) ** 2 * 1.05 - 1)) + 1
    return max(0, min(asked, affordable))


# ------------------------------------------------------------------------------------ tolerance and precision


def _finding(case: Case, name: str, expected: float, value: float, error: float, effort: Effort) -> Finding:
    bound, most = tolerance(case, name, expected, error), effort.enough * precision(case, name, expected)
    return Finding(case["id"], case["system"], name, expected, value, error, bound, most)


def tolerance(case: Case, name: str, expected: float, error: float) -> float:
    """The distance from the expected number that the case allows, given the standard error."""
    rule = case["tolerance"]
    if rule["type"] == "reference-simulation":
        return SIGMAS * math.hypot(error, _reference_width(case, name) / 1.96)
    if rule["type"] == "integer" and expected == round(expected):
        return 0.0
    return max(SIGMAS * error, rule.get("rel", RELATIVE) * abs(expected), rule.get("abs", ABSOLUTE))


def precision(case: Case, name: str, expected: float) -> float:
    """The half-width that an interval aims at; around nothing it is ten times the absolute tolerance."""
    size, rule = abs(expected), case["tolerance"]
    limit: float = next(share * size for least, share in PRECISION if size >= least)
    if rule["type"] == "reference-simulation":
        limit = max(limit, _reference_width(case, name))
    elif size < rule.get("abs", ABSOLUTE):
        limit = 10 * rule.get("abs", ABSOLUTE)
    return limit


def _reference_width(case: Case, name: str) -> float:
    widths = flat(case["tolerance"]["ci95_halfwidth"])
    return widths[name]
