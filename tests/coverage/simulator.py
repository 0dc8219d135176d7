"""The simulator itself, on a small model with an exact answer: are its intervals what they say, after stopping too?"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np

from simulation.experiments.load import from_dict
from simulation.experiments.replications import Simulator, Wanted
from simulation.metrics.measure import Measures, summarize
from simulation.metrics.settling import OpenTargets
from simulation.metrics.targets import targets_of
from simulation.scenario.schema import Scenario
from simulation.statistics.sequential import looks, spent
from simulation.theory.erlang import erlang_a
from tests.coverage.fixed import holds
from tests.coverage.registry import covers

SIMULATOR = "10. The simulator itself"
STUDIES, POOL, MOST = 1000, 1000, 68
EXACT = erlang_a(4.0, 1.0, 5, 1.0).p_abandon
"""Four calls a minute of a minute each, five agents, patience of a minute: 10.3 % hang up."""


@cache
def pool() -> tuple[Scenario, list[Measures]]:
    """An hour of Erlang A, many times; each study draws its replications from these."""
    scenario = from_dict(
        {
            "name": "hour",
            "calendar": {"start": "2026-03-02"},
            "warm_up": "15 min",
            "horizon": "75 min",
            "run_out": "10 min",
            "demand": {"sources": {"calls": {"topic": "any", "channel": "phone", "volume": "4/min"}}},
            "channels": {"phone": {"mode": "live", "patience": {"exponential": {"mean": "1 min"}}}},
            "topics": {"any": {"handling": {"any": {"exponential": {"mean": "1 min"}}}}},
            "teams": {"front": {"skills": {"all": {}}, "headcount": {"constant": 5}}},
            "targets": {"few": "abandonment <= 11.3 %"},
        }
    )
    with Simulator([scenario], POOL, jobs=1, only=True) as simulator:
        outcomes = simulator.outcomes([Wanted(0, number) for number in range(POOL)])
        return scenario, [outcome.measures for outcome in outcomes]


@covers(SIMULATOR)
def abandonment(chance: np.random.Generator) -> Iterator[bool]:
    """Abandonment in Erlang A, 20 replications of an hour."""
    scenario, measures = pool()
    (target,) = targets_of(scenario)
    for _ in range(STUDIES):
        drawn = [measures[number] for number in chance.integers(0, POOL, 20)]
        found = {(one.metric, one.segment): one.interval for one in summarize(drawn, scenario)}
        yield holds(EXACT, found[target.metric, target.segment])


@covers(SIMULATOR)
def settled_abandonment(chance: np.random.Generator) -> Iterator[bool]:
    """The same once the target of at most 11.3 % is met or missed, at most 68 replications."""
    scenario, measures = pool()
    for _ in range(STUDIES):
        drawn = [measures[number] for number in chance.integers(0, POOL, MOST)]
        targets = OpenTargets(scenario)
        for n in looks(MOST):
            targets.look(drawn[:n], 1.0 if n == MOST else spent(n))
            if not targets.open:
                break
        (judged,) = targets.judgements(summarize(drawn[:n], scenario))
        yield holds(EXACT, judged.interval)
