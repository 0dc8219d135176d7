"""What simulates replications: scenarios added on the way, small outcomes, processes that stay."""

from __future__ import annotations

import pickle

import pytest

from simulation.experiments.load import from_dict
from simulation.experiments.replications import Outcome, Simulator, Wanted
from simulation.metrics.kpi import Metric
from simulation.metrics.measure import EVERYTHING
from simulation.scenario.schema import Scenario

ASA = (Metric("asa", None, "mean"), EVERYTHING)


def center(per_minute: int) -> Scenario:
    """Calls of a minute for five agents, through four hours."""
    return from_dict(
        {
            "name": f"center-{per_minute}",
            "calendar": {"start": "2026-03-02"},
            "horizon": "4 h",
            "demand": {"sources": {"calls": {"topic": "any", "channel": "phone", "volume": f"{per_minute}/min"}}},
            "channels": {"phone": {"mode": "live"}},
            "topics": {"any": {"handling": {"any": {"exponential": {"mean": "1 min"}}}}},
            "teams": {"front": {"skills": {"all": {}}, "headcount": {"constant": 5}}},
            "targets": {"fast": "service_level(30s) >= 80 %"},
        }
    )


def outcomes(jobs: int, only: bool) -> list[Outcome]:
    """Two replications of a first scenario, and two of one that is added when the processes are running."""
    with Simulator([center(3)], 2, jobs=jobs, also=[ASA], only=only) as simulator:
        first = list(simulator.outcomes([Wanted(0, 0), Wanted(0, 1)]))
        added = simulator.add(center(4))
        return first + list(simulator.outcomes([Wanted(added, 0), Wanted(0, 0), Wanted(added, 1)]))


def test_scenarios_added_on_the_way_are_simulated_alike_here_and_in_processes() -> None:
    here, there = outcomes(1, only=True), outcomes(2, only=True)
    assert [repr(one) for one in here] == [repr(one) for one in there]
    assert here[0].measures == here[3].measures and here[2].measures != here[0].measures


def test_a_small_outcome_holds_what_is_asked_for_and_nothing_else() -> None:
    small, whole = outcomes(1, only=True), outcomes(1, only=False)
    for lean, full in zip(small, whole, strict=True):
        assert [str(metric) for metric, _ in lean.measures] == ["service_level(30s)", "asa.mean"]
        for key, sums in lean.measures.items():
            assert sums == pytest.approx(full.measures[key], rel=1e-12)
        assert lean.audit == full.audit
        assert len(pickle.dumps(lean)) < len(pickle.dumps(full)) / 10
