"""Articles: topics on which much is not solved get new or better ones, for customers, agents or both; they go out of date."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heapify, heappop, heappush
from math import inf
from typing import TYPE_CHECKING

from simulation.center.beside import Beside, Task, Terms
from simulation.center.clock import ARRIVAL, SERIAL_BITS
from simulation.center.hears import Hears
from simulation.center.people import NEUTRAL, Factors, Scene
from simulation.center.review import Review
from simulation.center.rules import (
    accuracy_factor,
    gap_closed,
    is_covered,
    is_right,
    kept_after,
    share_gained,
    stale_share,
)
from simulation.record.recorder import ContactKind, Duty, Outcome, Work
from simulation.record.visits import Visits
from simulation.routing.routes import selects
from simulation.scenario.schema import Article
from simulation.scenario.schema import Articles as Spec

if TYPE_CHECKING:
    from simulation.center.desk import Agent
    from simulation.center.journey import Journey
    from simulation.center.leg import Leg

WRITING_TIME = 85
"""What the draw is for; part of its key."""
RETURNS = (ContactKind.REPEAT, ContactKind.REOPEN)


class Shelf:
    """The articles of a knowledge base by topic: what share of the cases they cover, and what share is out of date."""

    def __init__(self, coverage: list[float], stale: list[float], spec: Spec) -> None:
        self.coverage = coverage
        self.was_stale = stale
        self.since = [0.0] * len(stale)
        self.spec = spec
        self.life = spec.stale_after or inf

    def stale(self, topic: int, now: float) -> float:
        """Share of a topic's articles that is out of date now (s)."""
        return stale_share(self.was_stale[topic], now - self.since[topic], self.life)

    def renew(self, topic: int, now: float) -> None:
        """An article is added to a topic, and the others are looked through."""
        self.was_stale[topic] = self.stale(topic, now) * kept_after([self.spec.renews])
        self.since[topic] = now
        self.coverage[topic] = gap_closed(self.coverage[topic], [self.spec.coverage])


class Articles:
    """Counts what is not solved, has articles written; the influence of the agents' knowledge base as it has become."""

    def __init__(self, scene: Scene, spec: Spec) -> None:
        self.spec = spec
        self.clock, self.recorder = scene.clock, scene.recorder
        self.plan = plan = scene.plan
        self.beside = Beside.of(scene)
        self.authors = scene.desk.teams[plan.team_index[spec.team]]
        spans = plan.timeline.open_spans(spec.hours)
        always = spans == [(0.0, plan.timeline.duration)]
        self.terms = Terms(spec.reserve, spec.gives_way, None if always else tuple(spans))
        self.beside.opens(self.authors, self.terms)
        self.takes = spec.takes.build()
        self.points = [0.0 if selects(spec.topics, topic) else -inf for topic in plan.topics]
        self.under_way: set[int] = set()
        articles = [topic.article or Article() for topic in plan.scenario.topics.values()]
        self.customers = Shelf([one.coverage for one in articles], [one.stale for one in articles], spec)
        self.agents = None if spec.practice is None else Agents(self, spec.practice)
        self.hears: Hears | None = None
        scene.desk.loops.append(self)

    @classmethod
    def of(cls, scene: Scene) -> Articles | None:
        """The loop, where the scenario has it."""
        spec = scene.plan.scenario.loops.articles
        return None if spec is None else cls(scene, spec)

    def joins(self, journey: Journey) -> None:
        """Learn of every stay with an agent, and of those who give up."""
        self.journey = journey
        desk = journey.desk
        self.usual_end, desk.talk_over = desk.talk_over, self.talk_over
        journey.gave_up, journey.complained = self.gave_up, self.complained
        scenario = self.plan.scenario
        if self.spec.counts.unhappy and scenario.opinion is not None and scenario.survey is not None:
            self.hears = Hears(journey, scenario.opinion, scenario.survey)
        for loop in desk.loops:
            if isinstance(loop, Review):
                loop.reports = self.found_wrong
        if self.agents is not None:
            self.agents.joins(journey)
        if journey.visits is not None and journey.visits.reading is not None:
            self.readers = Readers(journey, journey.visits, self.customers)

    # -- what is not solved ---------------------------------------------------------------------------

    def talk_over(self, leg: Leg) -> None:
        """A stay is over: who had to return, or be escalated, counts, and who says to be unhappy."""
        if self.hears is not None:
            self.hears.stays(leg)
        self.usual_end(leg)
        counts = self.spec.counts
        points = counts.returned if leg.kind in RETURNS and not leg.number else 0.0
        if leg.outcome == Outcome.ESCALATED and not leg.angry:
            points += counts.escalated
        if self.hears is not None and leg.outcome == Outcome.SOLVED and self.hears.unhappy(leg, solved=True):
            points += counts.unhappy
        self._counts(leg, points)

    def gave_up(self, leg: Leg) -> None:
        """A customer gives a case up."""
        points = self.spec.counts.gave_up
        if self.hears is not None and self.hears.unhappy(leg, solved=False):
            points += self.spec.counts.unhappy
        self._counts(leg, points)

    def complained(self, about: Leg) -> None:
        """A customer complains about a case."""
        self._counts(about, self.spec.counts.complained)

    def found_wrong(self, leg: Leg) -> None:
        """A review has found an answer wrong."""
        self._counts(leg, self.spec.counts.found_wrong)

    def _counts(self, leg: Leg, points: float) -> None:
        if not points:
            return
        journey = self.journey
        topic = journey.topic[leg.case]
        self.points[topic] += points
        if self.points[topic] < self.spec.after or topic in self.under_way:
            return
        self.under_way.add(topic)
        asked = self.clock._now
        takes = self.takes.ppf(journey.later.uniform(journey.key[leg.case], leg.contact, leg.number, WRITING_TIME))
        self.beside.ask(Task(Duty.WRITING, self.authors, takes, self.terms, lambda by: self._written(by, topic, asked)))

    def _written(self, by: Agent, topic: int, asked: float) -> None:
        now = self.clock._now
        self.under_way.discard(topic)
        self.points[topic] = 0.0
        self.customers.renew(topic, now)
        if self.agents is not None:
            self.agents.shelf.renew(topic, now)
        self.recorder.task(Work.ARTICLE, by.index, asked, now, team=self.authors.index, topic=topic)

    # -- what agents find -----------------------------------------------------------------------------

    def on(self, agent: Agent, leg: Leg, now: float) -> Factors:
        """What the agents' knowledge base does beyond what it did at the start."""
        return NEUTRAL if self.agents is None else self.agents.on(agent, leg, now)


class Agents:
    """The agents' knowledge base: a practice whose coverage and freshness change."""

    def __init__(self, articles: Articles, name: str) -> None:
        plan = articles.plan
        assert plan.practices is not None
        self.practices = plan.practices
        self.bit = next(bit for bit, lever in enumerate(self.practices.levers) if lever.name == name)
        self.lever = self.practices.levers[self.bit]
        fresh = [self.lever.spec.stale] * len(plan.topics)
        self.shelf = Shelf(list(self.lever.covers), fresh, articles.spec)
        self.plan = plan
        self.topics = len(plan.topics)

    def joins(self, journey: Journey) -> None:
        """Know which cases are covered from the start."""
        assert journey.drawn.covered is not None
        self.case_topic = journey.topic
        self.difficulty = journey.difficulty
        self.covered: list[bool] = (journey.drawn.covered >> self.bit & 1).astype(bool).tolist()
        self.u: list[float] = journey.births.draw(f"practice/{self.lever.name!r}").tolist()

    def on(self, agent: Agent, leg: Leg, now: float) -> Factors:
        """What an agent finds for a case now, against what was there at the start."""
        topic, team, spec = self.case_topic[leg.case], agent.team.plan, self.lever.spec
        if not self._used(team.name, leg) or (spec.contacts == "repeats" and not leg.contact):
            return NEUTRAL
        fresh = 1 - self.shelf.stale(topic, now)
        if self.covered[leg.case]:
            usual = 1 - spec.stale
            return Factors(accuracy=fresh / usual) if usual and fresh != usual else NEUTRAL
        share, easiest = self.shelf.coverage[topic], spec.which == "easiest"
        if share == self.lever.covers[topic]:
            return NEUTRAL
        if not is_covered(self.u[leg.case], self.difficulty[leg.case], share, spec.found, easiest):  # type: ignore[arg-type]
            return NEUTRAL
        left = self.practices.left(topic, 1 << self.bit).handling
        return Factors(
            pace=1 / left if left else 1.0,
            reach=share_gained(team.reach[topic], 1 - spec.reach),
            accuracy=accuracy_factor(team.accuracy, 1 - spec.accuracy) * fresh,
        )

    def _used(self, team: str, leg: Leg) -> bool:
        topic = self.plan.topics[leg.place % self.topics]
        return self.lever.helps(team, self.plan.channel_names[leg.channel], topic)


class Readers:
    """Customers who look into the knowledge base: each finds it as it is at that moment."""

    def __init__(self, journey: Journey, visits: Visits, shelf: Shelf) -> None:
        assert visits.reading is not None
        self.journey, self.visits, self.shelf = journey, visits, shelf
        self.reading = visits.reading
        able = self.reading.able
        until = journey.plan.timeline.duration
        order = [case for case in visits.order(until).tolist() if not able[case]]
        journey.coming = zip(order, visits.enters[order].tolist(), strict=True)
        arrived = journey.births.arrived
        self.first = [(at, case, True) for case, at in enumerate(arrived.tolist()) if able[case] and at < until]
        journey.clock.drive(self.come())

    def come(self) -> Iterator[tuple[float, int]]:
        """The process of those whom an article may help: they look, and perhaps contact the center after it."""
        due = self.first
        heapify(due)
        while due:
            at, case, looks = heappop(due)
            yield at, ARRIVAL + (case << SERIAL_BITS)
            if looks:
                self._looks(case, at)
                if self.visits.enters[case] < inf:
                    heappush(due, (float(self.visits.enters[case]), case, False))
            else:
                self.journey.comes(case, returned=bool(self.visits.returned[case]))

    def _looks(self, case: int, now: float) -> None:
        topic, before = self.journey.topic[case], self.visits.channel[case]
        helps, misleads, fails = self.reading.ways
        if self.reading.exists[case] >= self.shelf.coverage[topic]:
            way = fails
        else:
            way = helps if is_right(self.reading.true[case], 1 - self.shelf.stale(topic, now)) else misleads
        self.visits.take(case, way)
        if self.visits.channel[case] != before:
            self.journey._changes_channel(case)
