"""When replications end: after a chosen number, once verdicts settle, once intervals are narrow, or when a budget is spent."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from simulation.errors import InputError, Problem
from simulation.metrics.precision import Asked, Precision, Width
from simulation.scenario.cycle import batch_bounds
from simulation.scenario.schema import Scenario
from simulation.statistics.sequential import Unsettled, boundary, looks, nominal, spent
from simulation.units import duration_text, parse_duration

MOST = 200
"""Replications at most, where nobody says how many."""
NEVER = 10_000_000
Until = Literal["settled"]
Budget = int | str | Sequence[int | str]
Reason = Literal["settled", "precise", "replications", "seconds"]


@dataclass(frozen=True)
class Rule:
    """What ends a run: all verdicts `settled`, all intervals of a `precision`, or a budget of replications or seconds."""

    settled: bool = True
    precision: Precision | None = None
    most: int = MOST
    seconds: float | None = None

    def single(self, n: int, level: float = 0.95) -> float:
        """The level of a single interval after `n` replications that holds with `level` whatever made the run stop there."""
        return _nominal(n, level) if self.settled else level


def _nominal(n: int, level: float) -> float:
    """The level of a single interval that holds, together with those of all earlier looks, with the given one."""
    seen = tuple(one for one in looks(n) if one > 1)
    if not seen:
        return level
    return nominal(boundary(seen, tuple((1 - level) * spent(one) for one in seen)))


class Standing(NamedTuple):
    """How a run stands after a look: replications (of each scenario), which verdicts are open, which intervals are too wide
    (the widest for its purpose first), and after how many replications the next look is (None: this was the last)."""

    replications: int
    open: list[Unsettled]
    wide: list[Width]
    following: int | None
    rule: Rule

    @property
    def ends(self) -> bool:
        """Whether all is settled and precise that was to be."""
        return not self.open and not self.wide


@dataclass(frozen=True)
class Ended:
    """Why replications ended: after how many, at which looks, what was still open, and which intervals were still too wide."""

    reason: Reason
    replications: int
    looks: list[int]
    rule: Rule
    open: list[Unsettled] = field(default_factory=list)
    wide: list[Width] = field(default_factory=list)

    def summary(self) -> dict[str, Any]:
        """As plain data: what summary.json holds."""
        return {
            "reason": self.reason,
            "replications": self.replications,
            "looks": self.looks,
            "until_settled": self.rule.settled,
            "until_precise": self.rule.precision is not None,
            "most": self.rule.most,
            "seconds": self.rule.seconds,
            "open": {one.name: one.more for one in self.open},
            "too_wide": [one.name for one in self.wide],
        }


Look = Callable[[Standing], None]
Judge = Callable[[float, int], tuple[list[Unsettled], list[Width]]]
"""Looks at all replications so far (part of the error that may be spent, their number): what is open, what too wide."""


def rule_of(
    scenario: Scenario,
    replications: int | None,
    until: Until | None = None,
    precision: Asked | None = None,
    budget: Budget | None = None,
    something: bool = True,
) -> Rule | None:
    """What ends the run; None: it makes as many replications as the scenario says.

    Where neither the scenario nor anybody else says how many (and there is `something` to settle), verdicts are to settle; not of a
    steady state whose intervals come from batches.
    With a rule, `replications` is the most. InputError for what makes no sense.
    """
    if until is None and precision is None and budget is None:
        something = something and not batch_bounds(scenario)
        chosen = replications is not None or "replications" in scenario.model_fields_set or not something
        return None if chosen else Rule()
    most, seconds = _budget(budget)
    if replications is not None:
        most = min(most or NEVER, replications)
    limit = most or (MOST if seconds is None else NEVER)
    settled = until == "settled" or precision is None
    return Rule(settled, _precision(precision, scenario), limit, seconds)


def _precision(asked: Asked | None, scenario: Scenario) -> Precision | None:
    try:
        return None if asked is None else Precision.parse(asked, scenario)
    except ValueError as error:
        raise InputError([Problem("--precision", "", str(error))]) from None


def _budget(given: Budget | None) -> tuple[int | None, float | None]:
    """Replications and seconds of a budget: 500, "90 s", or both."""
    many: int | None = None
    seconds: float | None = None
    for one in [given] if isinstance(given, int | str) else given or []:
        text = str(one).strip()
        if text.isdigit() and int(text) > 0:
            many = min(many or NEVER, int(text))
        else:
            seconds = min(seconds or math.inf, _seconds(text))
    return many, seconds


def _seconds(text: str) -> float:
    try:
        found = parse_duration(text)
    except ValueError:
        found = 0.0
    if not found > 0:
        what = f"'{text}' is no budget; write a number of replications or a time, e.g. 500 or 60 s"
        raise InputError([Problem("--budget", "", what)])
    return found


def in_looks(
    rule: Rule, started: float, simulate: Callable[[int, int, Callable[[], bool]], int], judge: Judge, look: Look | None
) -> Ended:
    """Simulate from look to look until the rule says enough.

    `simulate` makes the replications from one number up to another, and fewer if the time is over; it returns how many there
    are then. What is decided at a look depends on those replications alone, so not on who made them or how fast.
    """

    def over() -> bool:
        return rule.seconds is not None and time.perf_counter() - started >= rule.seconds

    seen: list[int] = []
    done, ahead = 0, looks(rule.most)
    following: int | None = next(ahead)
    while following is not None:
        done = simulate(done, following, over)
        following = None if over() else next(ahead, None)
        seen.append(done)
        part = 1.0 if following is None else spent(done)
        standing = Standing(done, *judge(part, done), following, rule)
        if standing.ends:
            following = None
        if look is not None:
            look(standing._replace(following=following))
    return Ended(_reason(standing, done, rule), done, seen, rule, standing.open, standing.wide)


def _reason(standing: Standing, done: int, rule: Rule) -> Reason:
    if standing.ends:
        return "settled" if rule.settled else "precise"
    return "replications" if done >= rule.most else "seconds"


def said(rule: Rule) -> str:
    """The rule in words."""
    until = [
        word
        for word, so in (("all verdicts settle", rule.settled), ("intervals are narrow", rule.precision is not None))
        if so
    ]
    budget = [f"{rule.most:,} replications"] if rule.most < NEVER else []
    budget += [] if rule.seconds is None else [duration_text(rule.seconds)]
    return f"until {' and '.join(until)}, at most {' or '.join(budget)}"


def wanting(found: Sequence[Width]) -> list[Width]:
    """Those that are too wide, the worst first: of which nothing is known yet."""

    def times(one: Width) -> float:
        return one.half / one.wanted if one.wanted and not math.isnan(one.half) else math.inf

    return sorted((one for one in found if not one.reached), key=times, reverse=True)
