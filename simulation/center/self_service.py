"""Knowledge base and community: delays without capacity, so all that they do is worked out at birth, for all cases at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import inf
from typing import Any

import numpy as np
import numpy.typing as npt

from simulation.center.rules import finds_article, helps_or_misleads, is_answered, one_of, patience_time
from simulation.chance import Distribution
from simulation.demand.births import Births
from simulation.record.recorder import SelfService as CameOf
from simulation.record.visits import Reading, Visits
from simulation.scenario.schema import Article, Scenario, Topic

Array = npt.NDArray[Any]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Helps:
    """Whom a part of self-service helps and whom it misleads, and how long it takes everybody who tries it (s)."""

    tries: Flags
    helped: Flags
    misled: Flags
    takes: Array


class SelfService:
    """What a scenario says of self-service, by topic and segment."""

    def __init__(self, scenario: Scenario) -> None:
        spec = scenario.self_service
        assert spec is not None
        self.knowledge_base, self.community = spec.knowledge_base, spec.community
        self.topics = list(scenario.topics.values())
        self.channels = list(scenario.channels)
        self.segments = list(scenario.customers.values())
        articles = scenario.loops.articles
        self.changes = articles is not None and articles.customers and self.knowledge_base is not None

    def visits(self, births: Births) -> Visits:
        """What every customer did before the first contact."""
        base = self._knowledge_base(births)
        found = self._after(births, base)
        return replace(found, reading=self._reading(births, base)) if self.changes else found

    def _reading(self, births: Births, base: Helps) -> Reading:
        """What would become of every customer, whatever articles there are then."""
        assert self.knowledge_base is not None
        met = base.tries & (births.draw("article found") < self.knowledge_base.findability)
        able = met & (births.difficulty < self._reach(births, "knowledge_base"))
        nobody = np.zeros(len(births), dtype=bool)
        ways = [
            replace(base, helped=helped, misled=misled)
            for helped, misled in ((able, nobody), (nobody, able), (nobody, nobody))
        ]
        helps, misleads, fails = (self._after(births, way) for way in ways)
        return Reading(able, births.draw("article exists"), births.draw("article true"), (helps, misleads, fails))

    def _after(self, births: Births, base: Helps) -> Visits:
        """What follows when the knowledge base has helped or misled some."""
        asked = self._community(births, ~(base.helped | base.misled))
        helped, misled = base.helped | asked.helped, base.misled | asked.misled
        over = births.arrived + base.takes + asked.takes
        came_of = np.where(base.tries | asked.tries, CameOf.UNHELPED, CameOf.NONE).astype(np.int32)
        came_of[helped], came_of[misled] = CameOf.SOLVED, CameOf.MISLED
        enters, channel = np.where(helped | misled, inf, over), births.channel.copy()
        returned = self._returns(births, misled, over, enters, channel)
        return Visits(base.tries, asked.tries, came_of, over, returned, enters, channel)

    def _knowledge_base(self, births: Births) -> Helps:
        spec = self.knowledge_base
        if spec is None:
            return _nothing(len(births))
        tries = (births.draw("looks") < self._looks(births, spec.looks)) & _arises(births)
        articles = [topic.article or Article() for topic in self.topics]
        coverage = self._by_topic(births, articles, lambda article: article.coverage)
        stale = self._by_topic(births, articles, lambda article: article.stale)
        found = finds_article(births.draw("article exists"), coverage, births.draw("article found"), spec.findability)
        helped, misled = helps_or_misleads(
            tries & found,
            births.difficulty,
            self._reach(births, "knowledge_base"),
            births.draw("article true"),
            1 - stale,
        )
        return Helps(tries, helped, misled, np.where(tries, _drawn(births, spec.reading.build(), "reading"), 0.0))

    def _community(self, births: Births, left: Flags) -> Helps:
        """What the community does for those who are left."""
        spec = self.community
        if spec is None:
            return _nothing(len(births))
        tries = left & (births.draw("asks") < spec.asks) & _arises(births)
        after, patience = _drawn(births, spec.after.build(), "community answer"), self._patience(births)
        answered = is_answered(births.draw("answered"), spec.answers, after, patience)
        helped, misled = helps_or_misleads(
            tries & answered,
            births.difficulty,
            self._reach(births, "community"),
            births.draw("answer true"),
            spec.accuracy,
        )
        return Helps(tries, helped, misled, np.where(tries, np.minimum(after, patience), 0.0))

    def _looks(self, births: Births, usual: float) -> Any:
        """The share of customers who look, by segment where segments differ."""
        shares = [usual if segment.looks is None else segment.looks for segment in self.segments]
        return np.array(shares)[births.segment] if shares else usual

    def _patience(self, births: Births) -> Array:
        """How long customers wait for the community (s)."""
        spec = self.community
        if spec is None or spec.patience is None:
            return np.full(len(births), inf)
        factors = np.array([segment.patience for segment in self.segments] or [1.0])[births.segment]
        return patience_time(_drawn(births, spec.patience.build(), "community patience"), factors)

    def _reach(self, births: Births, what: str) -> Array:
        return self._by_topic(births, self.topics, lambda topic: topic.reach.get(what, 0.0))

    def _by_topic(self, births: Births, specs: list[Any], value: Callable[[Any], float]) -> Array:
        """A number of each case's topic."""
        return np.array([value(spec) for spec in specs], dtype=float)[births.topic]

    def _returns(self, births: Births, misled: Flags, over: Array, enters: Array, channel: Array) -> Flags:
        """Who of the misled comes back: notes when and on which channel, as the topic's `repeat` says."""
        returned = np.zeros(len(births), dtype=bool)
        if misled.any():
            u, wait, way = births.draw("misled returns"), births.draw("misled for"), births.draw("misled channel")
            for index, topic in enumerate(self.topics):
                if topic.repeat is not None:
                    mine = misled & (births.topic == index) & (u < topic.repeat.probability)
                    returned |= mine
                    enters[mine] = over[mine] + topic.repeat.after.build().ppf(wait[mine])
                    self._changes_channel(topic, channel, way, np.flatnonzero(mine))
        return returned

    def _changes_channel(self, topic: Topic, channel: Array, way: Array, cases: Array) -> None:
        others = sorted(topic.repeat.channels.items()) if topic.repeat else []
        for case in cases.tolist() if others else ():
            chosen = one_of(float(way[case]), [share for _, share in others])
            if chosen >= 0:
                channel[case] = self.channels.index(others[chosen][0])


def _arises(births: Births) -> Flags:
    """All but complaints: who complains wants to be heard."""
    return np.arange(len(births)) < births.arisen


def _nothing(cases: int) -> Helps:
    nobody = np.zeros(cases, dtype=bool)
    return Helps(nobody, nobody, nobody, np.zeros(cases))


def _drawn(births: Births, made: Distribution, purpose: str) -> Array:
    return np.asarray(made.ppf(births.draw(purpose)), dtype=float)
