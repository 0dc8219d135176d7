"""What self-service leads one to expect: who is kept away, and how hard the cases are that are left."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from simulation.center.plan import Plan
from simulation.scenario.schema import Article, Community, Scenario, Topic
from simulation.theory.self_service import Layer, left, solvable

Array = npt.NDArray[np.float64]
POINTS = (np.arange(500) + 0.5) / 500
"""Levels at which a time to an answer is held against a patience."""


class Rest(NamedTuple):
    """A part of the contacts that self-service leaves: its share, and the easiest part of all cases that is not in it."""

    share: float
    solved: float


def layers_of(plan: Plan, topic: int) -> list[Layer]:
    """What self-service takes of a topic's cases, whether it helps or misleads (who is misled may come back)."""
    service = plan.scenario.self_service
    if service is None:
        return []
    spec = plan.scenario.topics[plan.topics[topic]]
    shares = {
        "knowledge_base": looks(plan.scenario) * _met(spec, service.knowledge_base),
        "community": answered(service.community),
    }
    return [Layer(spec.reach.get(name, 0.0), shares[name]) for name in service.names()]


def looks(scenario: Scenario) -> float:
    """The share of customers who look into the knowledge base."""
    base = scenario.self_service.knowledge_base if scenario.self_service else None
    usual = 0.0 if base is None else base.looks
    own = [(one.share, usual if one.looks is None else one.looks) for one in scenario.customers.values()]
    return sum(share * looked for share, looked in own) if own else usual


def _met(topic: Topic, base: object) -> float:
    article = topic.article or Article()
    return article.coverage * getattr(base, "findability", 0.0)


def answered(community: Community | None) -> float:
    """The share of customers, among those whom the knowledge base leaves, who ask and get an answer while they wait."""
    if community is None:
        return 0.0
    in_time = 1.0
    if community.patience is not None:
        after, patience = (np.asarray(spec.build().ppf(POINTS)) for spec in (community.after, community.patience))
        in_time = float(np.searchsorted(np.sort(after), patience, side="right").mean() / len(POINTS))
    return community.asks * community.answers * in_time


def arriving(plan: Plan) -> Array:
    """The share of each topic's cases that self-service leaves: they make a first contact."""
    return np.array([left(layers_of(plan, topic)) for topic in range(len(plan.topics))])


def rests(plan: Plan, topic: int) -> list[Rest]:
    """The contacts that self-service leaves, in parts of equal difficulty above some reach; the shares, each less what is
    solved, sum to one."""
    layers = layers_of(plan, topic)
    all_of_it = left(layers)
    found = [Rest(1.0 / all_of_it, 0.0)] if all_of_it > 0 else []
    for layer in layers:
        found = [
            Rest(one.share * part, max(one.solved, solved))
            for one in found
            for part, solved in ((1 - layer.share, 0.0), (layer.share, layer.reach))
        ]
    return [one for one in found if one.share]


def within(plan: Plan, topic: int, reach: float) -> float:
    """The share of the contacts that self-service leaves which is within a reach."""
    layers = layers_of(plan, topic)
    return solvable(reach, layers) if left(layers) > 0 else 0.0


def words(plan: Plan, cases: Array) -> Iterator[str]:
    """What is to be expected of self-service, in a sentence; `cases` by topic."""
    service = plan.scenario.self_service
    if service is None or not cases.sum():
        return
    away = float(np.average(1 - arriving(plan), weights=cases))
    tries = []
    if service.knowledge_base is not None:
        tries.append(f"{100 * looks(plan.scenario):.3g} % look into the knowledge base first")
    if service.community is not None:
        tries.append(
            f"{100 * service.community.asks:.3g} % of those whom it leaves ask the community"
            if tries
            else f"{100 * service.community.asks:.3g} % ask the community first"
        )
    yield f"Self-service: {'; '.join(tries)}. It keeps {100 * away:.1f} % of the cases away{_misled(plan, cases)}."


def _misled(plan: Plan, cases: Array) -> str:
    """What part of those who stay away it misleads, in words."""
    service = plan.scenario.self_service
    wrong = np.zeros(len(cases))
    for topic, name in enumerate(plan.topics):
        spec = plan.scenario.topics[name]
        taken: list[Layer] = []
        for layer, part in zip(layers_of(plan, topic), service.names() if service else (), strict=True):
            stale = (spec.article or Article()).stale
            bad = stale if part == "knowledge_base" else 1 - _accuracy(service)
            wrong[topic] += bad * (left(taken) - left([*taken, layer]))
            taken.append(layer)
    share = float(np.average(wrong, weights=cases))
    return f" ({100 * share:.1f} % are misled, and may come back)" if share else ""


def _accuracy(service: object) -> float:
    community: Community | None = getattr(service, "community", None)
    return 1.0 if community is None else community.accuracy
