"""Quality review: a sample of answers is looked at again; what is found wrong leads to coaching, which betters the agent."""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import TYPE_CHECKING

import numpy as np

from simulation.center.beside import Beside, Task, Terms
from simulation.center.people import NEUTRAL, Factors, Person, Scene, seat_key
from simulation.center.rules import accuracy_factor, gap_left, share_gained
from simulation.chance import stream
from simulation.record.recorder import Duty, Outcome, Work
from simulation.routing.routes import selects
from simulation.scenario.schema import Review as Spec

if TYPE_CHECKING:
    from simulation.center.desk import Agent
    from simulation.center.journey import Journey
    from simulation.center.leg import Leg

SAMPLED, REVIEW_TIME, FOUND, COACHING_TIME = 81, 82, 83, 84
"""What draws are for; part of their keys."""
WEEK = 7 * 86_400.0
GIVEN = (Outcome.SOLVED, Outcome.WRONG)
"""Outcomes of legs with an answer that can be right or wrong."""


class Learned:
    """What a person has learned: shares of the gaps (of wrong answers; to full courtesy) that are left, since when (s)."""

    __slots__ = ("courtesy", "errors", "since")

    def __init__(self) -> None:
        self.errors = 1.0
        self.courtesy = 1.0
        self.since = 0.0


class Review:
    """Samples answers, has them reviewed and agents coached; the influence of what these have learned."""

    def __init__(self, scene: Scene, spec: Spec) -> None:
        self.spec = spec
        self.scene = scene
        self.clock, self.recorder = scene.clock, scene.recorder
        self.beside = Beside.of(scene)
        plan = scene.plan
        self.reviewers = scene.desk.teams[plan.team_index[spec.team]]
        spans = plan.timeline.open_spans(spec.hours)
        always = spans == [(0.0, plan.timeline.duration)]
        self.terms = Terms(spec.reserve, spec.gives_way, None if always else tuple(spans))
        self.beside.opens(self.reviewers, self.terms)
        self.takes = spec.takes.build()
        self.concerned = [spec.looks_at(team.name) for team in plan.teams]
        self.channels = [selects(spec.channels, name) for name in plan.channel_names]
        self.learned: dict[Person, Learned] = {}
        self.mistakes: dict[Person, int] = {}
        self.due = {agent: self._moments(agent) for agent in scene.staff.agents} if spec.per_week else {}
        self.half_life = inf
        self.reports: Callable[[Leg], None] | None = None
        if spec.coaching is not None:
            self.coaching_takes = spec.coaching.takes.build()
            self.half_life = spec.coaching.fades or inf
        scene.desk.loops.append(self)

    @classmethod
    def of(cls, scene: Scene) -> Review | None:
        """The review, where the scenario has one."""
        spec = scene.plan.scenario.loops.review
        return None if spec is None else cls(scene, spec)

    def _moments(self, agent: Agent) -> list[float]:
        """Random moments after which the agent's next answer is looked at, the last first: one in each part of the week."""
        number = int(np.ceil(self.scene.plan.timeline.duration / WEEK * self.spec.per_week))
        u = stream(self.scene.seed, self.scene.replication, f"review/{seat_key(agent)}").random(number)
        return ((np.arange(number) + u) * WEEK / self.spec.per_week).tolist()[::-1]

    # -- answers are sampled ------------------------------------------------------------------------

    def joins(self, journey: Journey) -> None:
        """Learn of every answer."""
        self.journey = journey
        desk = journey.desk
        self.usual_end, desk.talk_over = desk.talk_over, self.talk_over

    def talk_over(self, leg: Leg) -> None:
        """A stay is over: if it gave an answer, that may be looked at."""
        self.usual_end(leg)
        if leg.outcome in GIVEN and self.concerned[leg.agent.team.index] and self.channels[leg.channel]:
            share = self.spec.share
            by_chance = share > 0 and self._chance(leg, SAMPLED) < share
            if self._is_due(leg.agent) or by_chance:
                self._asks(leg)

    def _is_due(self, agent: Agent) -> bool:
        moments = self.due.get(agent)
        if not moments or moments[-1] > self.clock._now:
            return False
        moments.pop()
        return True

    def _chance(self, leg: Leg, purpose: int) -> float:
        return self.journey.later.uniform(self.journey.key[leg.case], leg.contact, leg.number, purpose)

    def _asks(self, leg: Leg) -> None:
        person, asked = leg.agent.person, self.clock._now
        takes = self.takes.ppf(self._chance(leg, REVIEW_TIME))
        self.beside.ask(
            Task(Duty.REVIEW, self.reviewers, takes, self.terms, lambda by: self._reviewed(by, leg, person, asked))
        )

    # -- reviews and coaching are done --------------------------------------------------------------

    def _reviewed(self, by: Agent, leg: Leg, person: Person, asked: float) -> None:
        wrong = leg.outcome == Outcome.WRONG
        found = wrong and self._chance(leg, FOUND) < self.spec.finds
        agent, topic = leg.agent, self.journey.topic[leg.case]
        self.recorder.task(
            Work.REVIEW, by.index, asked, self.clock._now, agent=agent.index, team=agent.team.index, topic=topic,
            wrong=wrong, found=found,
        )  # fmt: skip
        if found and self.reports is not None:
            self.reports(leg)
        coaching = self.spec.coaching
        if found and coaching is not None:
            self.mistakes[person] = mistakes = self.mistakes.get(person, 0) + 1
            if mistakes >= coaching.after:
                self.mistakes[person] = 0
                self._prepares(by, leg, person)

    def _prepares(self, by: Agent, leg: Leg, person: Person) -> None:
        """The reviewer's part of a coaching; the agent's follows."""
        takes, asked, agent = self.coaching_takes.ppf(self._chance(leg, COACHING_TIME)), self.clock._now, leg.agent
        reserve = self.spec.coaching.reserve if self.spec.coaching is not None else 0
        own = Terms(reserve, self.spec.gives_way)
        task = Task(Duty.COACHING, agent, takes, own, lambda _: self._coached(agent, person, asked))
        mine = Terms(0, self.spec.gives_way)
        self.beside.ask(Task(Duty.COACHING, by, takes, mine, lambda _: self.beside.ask(task)))

    def _coached(self, agent: Agent, person: Person, asked: float) -> None:
        now, spec = self.clock._now, self.spec.coaching
        assert spec is not None
        self.recorder.task(Work.COACHING, agent.index, asked, now, agent=agent.index, team=agent.team.index)
        known = self.learned.setdefault(person, Learned())
        elapsed, known.since = now - known.since, now
        known.errors = gap_left(known.errors, elapsed, self.half_life, spec.accuracy)
        known.courtesy = gap_left(known.courtesy, elapsed, self.half_life, spec.courtesy)

    # -- what was learned ---------------------------------------------------------------------------

    def on(self, agent: Agent, leg: Leg, now: float) -> Factors:
        """What an agent has learned in coaching."""
        known = self.learned.get(agent.person)
        if known is None:
            return NEUTRAL
        elapsed, team = now - known.since, agent.team.plan
        errors = gap_left(known.errors, elapsed, self.half_life)
        courtesy = gap_left(known.courtesy, elapsed, self.half_life)
        usual = self.scene.plan.scenario.teams[team.name].courtesy
        return Factors(accuracy=accuracy_factor(team.accuracy, errors), courtesy=share_gained(usual, courtesy))
