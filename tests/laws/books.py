"""One observed replication with everything decoded, for laws that look at it from outside.

Nothing here asks the model how it decides: who was entitled to what is worked out again from the scenario.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from math import inf, isnan
from typing import Any, NamedTuple
from unittest import mock

import numpy as np

from simulation.center.plan import Plan
from simulation.center.run import births_of, simulate
from simulation.demand.births import Births
from simulation.experiments.load import from_dict
from simulation.record import Record
from simulation.record.recorder import CaseStatus, ContactKind, Duty, Outcome, Recorder
from simulation.scenario.hours import OpeningHours
from simulation.scenario.schema import URGENCIES, Mode, Scenario, Selection, Skill

EPSILON = 1e-6
"""Times are compared with this tolerance (s); grids are a million times coarser."""

Span = tuple[float, float]


class Leg(NamedTuple):
    """A row of the legs table in words; `until` is when the wait ended (infinite: not in this run).

    It stands in the queue of `filed_topic`, in the order of `filed_urgency`.
    """

    case: int
    contact: int
    leg: int
    handler: str | None
    agent: int
    channel: str
    topic: str
    urgency: int
    tier: str | None
    outcome: Outcome
    queued: float
    answered: float
    released: float
    ended: float
    filed_topic: str
    filed_urgency: int
    angry: bool

    @property
    def served(self) -> bool:
        """Whether anybody took it."""
        return not isnan(self.answered)

    @property
    def human(self) -> bool:
        """Whether it was for agents."""
        return self.tier is not None

    @property
    def until(self) -> float:
        """When it stopped waiting (s)."""
        return self.answered if self.served else inf if isnan(self.released) else self.released

    @property
    def over(self) -> float:
        """When its agent was through with it (s)."""
        return inf if isnan(self.ended) else self.ended


class Contact(NamedTuple):
    """A row of the contacts table in words."""

    case: int
    contact: int
    kind: ContactKind
    channel: str
    outcome: Outcome
    legs: int
    arrived: float
    ended: float


class Stage(NamedTuple):
    """A team that may help after a wait (s), with its skill."""

    team: str
    after: float
    skill: Skill


class Scene(NamedTuple):
    """The center at a time at which nothing changes: who waits, what each agent holds, who is signed in."""

    at: float
    lasting: bool
    waiting: list[Leg]
    held: dict[int, list[Leg]]
    there: set[int]
    beside: set[int]

    def idle(self) -> list[int]:
        """Agents on the floor without any contact, or other work that has to be finished first."""
        return [agent for agent in sorted(self.there - self.beside) if agent not in self.held]


@dataclass(frozen=True)
class Books:
    """A replication: its tables row by row, the agents' duties, the birth table."""

    scenario: Scenario
    record: Record
    births: Births
    duties: tuple[tuple[int, Duty, float, float], ...]

    @cached_property
    def legs(self) -> list[Leg]:
        """All legs in order."""
        return [self._leg(row) for row in rows_of(self.record.legs)]

    def _leg(self, row: Mapping[str, Any]) -> Leg:
        names = self.record.names
        return Leg(
            row["case"], row["contact"], row["leg"], _name(names["handler"], row["handler"]), row["agent"],
            names["channel"][row["channel"]], names["topic"][row["topic"]], row["urgency"],
            _name(names["tier"], row["tier"]), Outcome(row["outcome"]),
            row["queued"], row["answered"], row["released"], row["ended"],
            names["topic"][row["filed_topic"]], self._judged(row), row["angry"],
        )  # fmt: skip

    def _judged(self, row: Mapping[str, Any]) -> int:
        """The urgency with which a leg stands in the queue: the true one after the first agent."""
        return self._filed[row["case"], row["contact"]] if row["first"] else int(row["urgency"])

    @cached_property
    def _filed(self) -> dict[tuple[int, int], int]:
        table = self.record.contacts
        keys = zip(table["case"].tolist(), table["contact"].tolist(), strict=True)
        return dict(zip(keys, table["filed_urgency"].tolist(), strict=True))

    @cached_property
    def contacts(self) -> list[Contact]:
        """All contacts in order."""
        channels = self.record.names["channel"]
        return [
            Contact(
                row["case"], row["contact"], ContactKind(row["kind"]), channels[row["channel"]],
                Outcome(row["outcome"]), row["legs"], row["arrived"], row["ended"],
            )
            for row in rows_of(self.record.contacts)
        ]  # fmt: skip

    @cached_property
    def statuses(self) -> list[CaseStatus]:
        """What became of each case."""
        return [CaseStatus(status) for status in self.record.cases["status"].tolist()]

    @cached_property
    def of_contact(self) -> dict[tuple[int, int], list[Leg]]:
        """Legs by case and contact."""
        found: dict[tuple[int, int], list[Leg]] = {(one.case, one.contact): [] for one in self.contacts}
        for leg in self.legs:
            found[leg.case, leg.contact].append(leg)
        return found

    @cached_property
    def of_agent(self) -> list[list[Leg]]:
        """Legs by agent, in the order of being answered."""
        found: list[list[Leg]] = [[] for _ in self.agents]
        for leg in sorted(self.legs, key=lambda leg: (leg.answered, leg.over)):
            if leg.agent >= 0:
                found[leg.agent].append(leg)
        return found

    @property
    def agents(self) -> list[str]:
        """Names of agents: team/number or team/shift/number."""
        return self.record.names["agent"]

    def team_of(self, agent: int) -> str:
        """The team of an agent."""
        return self.agents[agent].split("/")[0]

    def spans(self, agent: int, duty: Duty) -> list[Span]:
        """When an agent did that."""
        return sorted((start, end) for who, what, start, end in self.duties if who == agent and what is duty)

    @cached_property
    def on(self) -> list[list[Span]]:
        """When each agent was signed in."""
        return [joined(self.spans(agent, Duty.ON)) for agent in range(len(self.agents))]

    @cached_property
    def scenes(self) -> list[Scene]:
        """The center within each interval in which nothing changes, in order."""
        moments = self._moments()
        made = [Scene((a + b) / 2, b - a > EPSILON, [], {}, set(), set()) for a, b in pairwise(moments)]
        for leg in self.legs:
            if leg.human:
                for scene in _between(made, moments, leg.queued, leg.until):
                    scene.waiting.append(leg)
            if leg.agent >= 0:
                for scene in _between(made, moments, leg.answered, leg.over):
                    scene.held.setdefault(leg.agent, []).append(leg)
        for agent, spans in enumerate(self.on):
            for start, end in spans:
                for scene in _between(made, moments, start, end):
                    scene.there.add(agent)
        for agent, start, end in self.beside:
            for scene in _between(made, moments, start, end):
                scene.beside.add(agent)
        return [scene for scene in made if scene.lasting]

    @property
    def beside(self) -> list[tuple[int, float, float]]:
        """Who had, from when until when, work beside contacts that does not give way to them."""
        review, articles = self.scenario.loops.review, self.scenario.loops.articles
        firm = {Duty.REVIEW, Duty.COACHING} if review is not None and not review.gives_way else set()
        firm |= {Duty.WRITING} if articles is not None and not articles.gives_way else set()
        return [(agent, start, end) for agent, duty, start, end in self.duties if duty in firm]

    def _moments(self) -> list[float]:
        """Every time at which anything changes, in order."""
        found = {0.0, self.scenario.duration}
        skills = [skill for team in self.scenario.teams.values() for skill in team.skills.values()]
        found |= {moment for skill in skills for span in skill.hours.of_day(0, False) for moment in span}
        for leg in self.legs:
            found |= {leg.queued, leg.answered, leg.released, leg.ended}
            found |= {leg.queued + stage.after for stage in self.stages(leg)} | {self.runs_out(leg)}
        for _, start, end in self.beside:
            found |= {start, end}
        for contact in self.contacts:
            found |= {contact.arrived, contact.ended}
        for start, end in (span for spans in self.on for span in spans):
            found |= {start, end}
        return sorted(time for time in found if 0 <= time <= self.scenario.duration)

    # -- who is entitled to what, from the scenario alone ---------------------------------------------------

    def stages(self, leg: Leg) -> list[Stage]:
        """Teams that may take a leg, each after its wait; none for a bot's. A callback may have a place of its own."""
        stages = [] if leg.tier is None else self._stages(leg.channel, leg.filed_topic, leg.tier)
        stages = [*stages, *self._late_stages(leg, {stage.team for stage in stages})]
        callback = self.scenario.channels[leg.channel].callback
        if callback is None or callback.place == "keeps" or not self.is_call(leg):
            return stages
        step = {"priority": -0.5, "behind": 0.5}[callback.place]
        return [stage._replace(skill=_aside(stage.skill, step, callback.reserve)) for stage in stages]

    def runs_out(self, leg: Leg) -> float:
        """When the clock of a leg runs out (s) that still waits then; infinite where there is none."""
        spec = self.scenario.escalation.overdue
        if spec is None or leg.tier is None or self.is_call(leg) or not within(leg.channel, spec.channels):
            return inf
        waited = leg.queued + spec.after.get(URGENCIES[leg.filed_urgency], inf)
        has_due = spec.before_due is not None and self.due(leg) < leg.queued + 1e9
        return min(waited, max(leg.queued, self.due(leg) - (spec.before_due or 0.0)) if has_due else inf)

    def _late_stages(self, leg: Leg, own: set[str]) -> list[Stage]:
        """Teams of a higher tier that may take a leg whose clock has run out, each after its wait."""
        spec, path = self.scenario.escalation.overdue, self.scenario.escalation.path
        late = self.runs_out(leg) - leg.queued
        if spec is None or late == inf or spec.to == "front":
            return []
        above = path[path.index(str(leg.tier)) + 1 :]
        tiers = above if spec.to == "next" else [spec.to] * (spec.to in above)
        laid = (self._stages(leg.channel, leg.filed_topic, tier) for tier in tiers)
        first = next((stages for stages in laid if stages), [])
        return [one._replace(after=late + one.after) for one in first if one.team not in own]

    def entitled(self, leg: Leg, at: float) -> list[Stage]:
        """Teams whose skill for a leg holds at a time of the first day."""
        return [one for one in self.stages(leg) if any(a <= at < b for a, b in one.skill.hours.of_day(0, False))]

    def is_call(self, leg: Leg) -> bool:
        """Whether the center calls the customer, who does not wait on the line."""
        return leg.leg == 0 and self.of_kind[leg.case, leg.contact] is ContactKind.CALLBACK

    @cached_property
    def of_kind(self) -> dict[tuple[int, int], ContactKind]:
        """Why each contact was made."""
        return {(one.case, one.contact): one.kind for one in self.contacts}

    @cached_property
    def _known_stages(self) -> dict[tuple[str, str, str], list[Stage]]:
        return {}

    def _stages(self, channel: str, topic: str, tier: str) -> list[Stage]:
        key = (channel, topic, tier)
        if key not in self._known_stages:
            waits = self._waits(channel, topic, tier)
            found = [(team, after, self._skill(team, channel, topic)) for team, after in waits.items()]
            self._known_stages[key] = [Stage(team, after, skill) for team, after, skill in found if skill]
        return self._known_stages[key]

    def _waits(self, channel: str, topic: str, tier: str) -> dict[str, float]:
        for route in self.scenario.routing.routes.values():
            here = (route.tier or self.scenario.escalation.path[0]) == tier
            if here and within(channel, route.channels) and within(topic, route.topics):
                return route.teams
        return {name: 0.0 for name, team in self.scenario.teams.items() if team.tier == tier}

    def _skill(self, team: str, channel: str, topic: str) -> Skill | None:
        skills = self.scenario.teams[team].skills.values()
        fitting = [s for s in skills if within(channel, s.channels) and within(topic, s.topics)]
        return min(fitting, key=lambda skill: skill.priority) if fitting else None

    def shared(self, leg: Leg) -> bool:
        """Whether it can be handled beside others."""
        return self.scenario.channels[leg.channel].mode is Mode.concurrent

    def slots(self, team: str) -> int:
        """Chats at once."""
        return self.scenario.teams[team].concurrency.slots

    def key(self, leg: Leg, at: float = -inf) -> float:
        """The place in the queue that the routing's discipline gives at a time; smaller comes first."""
        spec = self.scenario.escalation.overdue
        hurried = spec is not None and spec.to == "front" and self.runs_out(leg) <= at
        return self._key(leg) - (1e12 if hurried else 0.0)

    def _key(self, leg: Leg) -> float:
        routing = self.scenario.routing
        due = self.due(leg)
        points = routing.score.urgency.get(URGENCIES[leg.filed_urgency], 0.0)
        keys = {
            "fifo": leg.queued,
            "lifo": -leg.queued,
            "urgency": leg.queued - 1e10 * leg.filed_urgency,
            "deadline": due,
            "score": (routing.score.age * leg.queued + routing.score.deadline * due) / 3600 - points,
        }
        return keys[routing.discipline.value]

    def due(self, leg: Leg) -> float:
        """When the answer is due, as far as those who file know."""
        asked = leg.contact
        while self.of_kind[leg.case, asked] is ContactKind.CALLBACK:
            asked -= 1
        channel, arrived = self.scenario.channels[leg.channel], self.of_arrival[leg.case, asked]
        allowed = channel.deadline.get(URGENCIES[leg.filed_urgency])
        if allowed is None:
            return leg.queued + 1e9
        return arrived + allowed if channel.deadline_clock == "elapsed" else opens_for(channel.open, arrived, allowed)

    @cached_property
    def of_arrival(self) -> dict[tuple[int, int], float]:
        """When each contact arrived."""
        return {(one.case, one.contact): one.arrived for one in self.contacts}


def observe(data: Mapping[str, Any] | Scenario, seed: int = 1, replication: int = 0) -> Books:
    """Run one replication of a scenario (or of its dictionary) and keep all there is to know of it."""
    scenario = data if isinstance(data, Scenario) else from_dict(data)
    plan = Plan(scenario)
    with noted_duties() as duties:
        record = simulate(plan, seed, replication)
    return Books(scenario, record, births_of_cases(births_of(plan, seed, replication), record), tuple(duties))


def births_of_cases(births: Births, record: Record) -> Births:
    """The birth table of the cases that there were: without complaints that nobody made."""
    if births.parent is None:
        return births
    parents = record.cases["parent"][births.arisen :]
    row = {parent: row for row, parent in enumerate(births.parent.tolist()) if parent >= 0}
    kept = np.array([*range(births.arisen), *(row[parent] for parent in parents.tolist())], dtype=np.int64)
    rows = {name: column[kept] for name, column in births.columns().items()}
    for name in ("arrived", "channel"):
        rows[name] = np.concatenate([rows[name][: births.arisen], record.cases[name][births.arisen :]])
    return replace(births, **rows)


@contextmanager
def noted_duties() -> Iterator[list[tuple[int, Duty, float, float]]]:
    """What the recorder hears of agents' duties, before the tables are made of it."""
    noted: list[tuple[int, Duty, float, float]] = []
    noting = Recorder.duty

    def also(self: Recorder, agent: int, duty: int, start: float, end: float) -> None:
        noted.append((agent, Duty(duty), start, end))
        noting(self, agent, duty, start, end)

    with mock.patch.object(Recorder, "duty", also):
        yield noted


def rows_of(table: Mapping[str, np.ndarray]) -> Iterator[dict[str, Any]]:
    """A table of columns row by row, as Python numbers."""
    columns = {name: values.tolist() for name, values in table.items()}
    for values in zip(*columns.values(), strict=True):
        yield dict(zip(columns, values, strict=True))


def opens_for(hours: OpeningHours, since: float, seconds: float) -> float:
    """When doors that have the first day's hours on every day have been open for so many seconds."""
    for day in range(60):
        for start, end in hours.of_day(0, False):
            opens, shuts = max(since, day * 86400 + start), day * 86400 + end
            if shuts > since and shuts - opens >= seconds:
                return opens + seconds
            seconds -= max(0.0, shuts - opens)
    return inf


def within(name: str, selection: Selection) -> bool:
    """Whether a selection of a skill or route holds a name."""
    return selection == "all" or name in selection


def joined(spans: list[Span]) -> list[Span]:
    """Spans that touch or overlap made one; spans in order."""
    made: list[Span] = []
    for start, end in spans:
        if made and start <= made[-1][1] + EPSILON:
            made[-1] = (made[-1][0], max(end, made[-1][1]))
        else:
            made.append((start, end))
    return made


def _aside(skill: Skill, step: float, reserve: int) -> Skill:
    """The skill as it holds for callbacks."""
    return skill.model_copy(update={"priority": skill.priority + step, "reserve": max(skill.reserve, reserve)})


def _between(scenes: list[Scene], moments: list[float], start: float, end: float) -> list[Scene]:
    """The scenes from one moment to another."""
    return scenes[bisect_left(moments, start) : bisect_left(moments, end)]


def _name(names: list[str], code: int) -> str | None:
    return names[code] if code >= 0 else None
