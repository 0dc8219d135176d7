"""What a translation is made of: studies, the parts of scenarios, the lengths of runs, the register of systems.

A *study* is one scenario (as the dictionary that its file would hold) with the statistics that answer some of the
expected values. Expected lists are named element by element: ``E_wait_by_class[0]``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy.typing as npt

from tests.reference import readings as read
from tests.reference.laws import Law, NotExpressible, exponential, per_second, seconds
from tests.reference.readings import Frame, Statistic

Inputs = dict[str, Any]
Section = dict[str, Any]
Names = list[str]
Answers = dict[str, Statistic]
Array = npt.NDArray[Any]
HOUR, DAY, WEEK = 3600.0, 86_400.0, 604_800.0

WARM_UP, MEASURED, RUN_OUT = 3.0, 40.0, 1.0
"""Lengths of a steady-state replication, in relaxation times."""
LEAST_CONTACTS, MOST_CONTACTS, MOST_WARM_UP, MOST_RUN_OUT = 10_000, 50_000, 100_000, 20_000
"""Bounds on them, in expected arrivals; as long as the warm-up is measured in any case."""
CONTACTS_OF_DAYS = 10_000
"""Expected arrivals in a replication that consists of days."""


@dataclass(frozen=True)
class Study:
    """A scenario, when and in which unit it is measured, and what answers the expected values."""

    scenario: Section
    frame: Frame
    answers: Answers


@dataclass(frozen=True)
class Translation:
    """The studies of a case, and answers that need no simulation (theory, or the schedule itself)."""

    studies: list[Study] = field(default_factory=list)
    facts: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """A case as a system's function sees it: inputs, names of the expected numbers, seconds in a unit."""

    inputs: Inputs
    names: Names
    unit: float

    def with_inputs(self, **inputs: Any) -> Asked:
        """The same with other inputs."""
        return Asked({**self.inputs, **inputs}, self.names, self.unit)

    def queue(self, threshold: float | None = None) -> Answers:
        """Statistics of the names that the usual dictionary of a queue knows."""
        found = {name: read.queue_statistic(name, threshold) for name in self.names}
        return {name: statistic for name, statistic in found.items() if statistic is not None}

    def by(self, what: str, code: str) -> Answers:
        """Statistics of names such as E_wait_by_class[1]; the index is that of a channel, tier or team."""
        answers = {}
        for name in self.names:
            found = re.fullmatch(rf"(.+)_by_{what}\[(\d+)\]", name)
            statistic = read.queue_statistic(found[1]) if found else None
            if found and statistic is not None:
                answers[name] = statistic.of(**{code: int(found[2])})
        return answers

    def wanted(self, answers: Answers) -> Answers:
        """Those of the answers that the case asks for."""
        return {name: answer for name, answer in answers.items() if name in self.names}


# ------------------------------------------------------------------------------------ the register

System = Callable[[Asked], Translation]


@dataclass(frozen=True)
class Known:
    """How a system is translated, and which inputs it understands."""

    translate: System
    inputs: frozenset[str]


SYSTEMS: dict[str, Known] = {}
WORDS = {"note", "description", "discipline", "routing", "beta", "start", "close", "rule"}
"""Inputs in words, or that follow from the others; a value that changes the model is refused where it matters."""


def system(names: str, inputs: str) -> Callable[[System], System]:
    """Enter a translation under its systems' names, with the inputs that it understands."""

    def register(translate: System) -> System:
        for name in names.split():
            SYSTEMS[name] = Known(translate, frozenset(inputs.split()) | WORDS)
        return translate

    return register


# ------------------------------------------------------------------------------------ parts of scenarios


def kind(index: int) -> str:
    """The name of the channel, topic and source of a kind of customer."""
    return f"kind{index + 1}"


def source(index: int, rate: float, **more: Any) -> Section:
    """Poisson arrivals of a kind, `rate` per second."""
    return {"topic": kind(index), "channel": kind(index), "volume": per_second(rate), **more}


def skill(index: int, handling: Law | None = None, priority: int = 1) -> Section:
    """Agents who take one kind; the handling time may be that of the topic."""
    own = {} if handling is None else {"handling": handling}
    return {"channels": kind(index), "topics": kind(index), "priority": priority, **own}


def team(agents: int, skills: Mapping[int, Section], **more: Any) -> Section:
    """Agents who are always there."""
    named = {kind(index): one for index, one in skills.items()}
    return {"skills": named, "headcount": {"constant": agents}, **more}


def center(
    rates: Sequence[float],
    teams: Section,
    channel: Sequence[Section] | None = None,
    handling: Law | None = None,
    **more: Any,
) -> Section:
    """All of a scenario but its lengths: kinds of customers with arrival rates (1/s), each on a channel of its own."""
    ways = channel or [{} for _ in rates]
    topic = {} if handling is None else {"handling": {"any": handling}}
    sections: Section = {
        "name": "reference",
        "calendar": {"start": "2024-01-01"},
        "demand": {"sources": {kind(i): source(i, rate) for i, rate in enumerate(rates) if rate > 0}},
        "channels": {kind(index): {"mode": "live", **way} for index, way in enumerate(ways)},
        "topics": {kind(index): dict(topic) for index in range(len(rates))},
        "teams": teams,
    }
    return {**sections, **more}


def one_team(rate: float, handling: Law, agents: int, channel: Section | None = None, **more: Any) -> Section:
    """One kind of customer and one team that serves it."""
    return center([rate], {"team": team(agents, {0: skill(0)})}, [channel or {}], handling, **more)


def patient(unit: float, theta: float | None) -> Section:
    """A channel's entry for exponential patience of rate `theta` per unit; none where it is 0."""
    return {"patience": exponential(unit / theta)} if theta else {}


# ------------------------------------------------------------------------------------ lengths of runs


def relaxation(
    rate: float, mean: float, servers: int, scv: float = 1.0, theta: float = 0.0, room: float = math.inf
) -> float:
    """A bound on the time (in units) in which a queue forgets its start.

    Of M/M/c without its idle states: 1 / (sqrt(c mu) - sqrt(lambda))^2 (Morse 1958), stretched for variable service;
    hanging up and finite room shorten it.
    """
    capacity = servers / mean
    gap = (math.sqrt(capacity) - math.sqrt(rate)) ** 2
    slow = max(1.0, (1 + scv) / 2) / gap if gap > 0 else math.inf
    if theta:
        slow = min(slow, 1 / theta)
    if math.isfinite(room):
        slow = min(slow, max(1.0, room) ** 2 / capacity)
    if math.isinf(slow) or (rate >= capacity and not theta and math.isinf(room)):
        raise NotExpressible("the queue has no steady state")
    return mean + slow


def steady(scenario: Section, unit: float, rate: float, memory: float, answers: Answers) -> Study:
    """A study of the steady state: `rate` arrivals a unit, which forgets its start in `memory` units."""
    warm_up = min(WARM_UP * memory, MOST_WARM_UP / rate)
    measured = max(min(MEASURED * memory, MOST_CONTACTS / rate), LEAST_CONTACTS / rate, warm_up)
    run_out = min(RUN_OUT * memory, MOST_RUN_OUT / rate)
    lengths = {
        "warm_up": seconds(warm_up * unit),
        "horizon": seconds((warm_up + measured) * unit),
        "run_out": seconds(run_out * unit),
    }
    return Study({**scenario, **lengths}, Frame(unit, warm_up * unit, (warm_up + measured) * unit), answers)


def repeated(scenario: Section, unit: float, period: float, length: float, contacts: float, answers: Answers) -> Study:
    """A study of days (weeks) that begin empty: of each `period` s the first `length` are measured."""
    times = int(min(max(CONTACTS_OF_DAYS / contacts, 5.0), 2000 * DAY / period))
    horizon = times * period
    return Study({**scenario, "horizon": seconds(horizon)}, Frame(unit, 0.0, horizon, period, length), answers)


def only_hours(weights: Sequence[float], days: str = "daily", interval: str = "60 min") -> Section:
    """A profile with these weights from midnight on and none afterwards."""
    slots = round(DAY / {"60 min": HOUR, "5 min": 300.0}[interval])
    return {"shape": {"interval": interval, "weights": {days: [*weights, *[0.0] * (slots - len(weights))]}}}


def shaped(scenario: Section, profiles: Section, per_week: float, **demand: Any) -> Section:
    """The scenario with the demand of its first kind following a profile: `per_week` expected cases a week."""
    calls = {**source(0, per_week / WEEK), "profile": "shape"}
    return {**scenario, "demand": {"profiles": profiles, "sources": {kind(0): calls}, **demand}}
