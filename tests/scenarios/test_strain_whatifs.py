"""The what-ifs of strain on agents show what they promise, with the same customers."""

from __future__ import annotations

from functools import cache

import pytest

import simulation as sim
from simulation.metrics.measure import segment_text

pytestmark = pytest.mark.slow


@cache
def figures(name: str) -> dict[tuple[str, str], float]:
    """KPIs of some replications by metric and segment."""
    result = sim.run(sim.load(name), replications=4, tables=False, jobs=1)
    return {(str(one.metric), segment_text(one.segment)): one.interval.mean for one in result.summaries}


def test_tired_agents_are_slower_and_err_more_as_the_shift_goes_on() -> None:
    fresh, tired = figures("baseline"), figures("whatif/fatigue")
    assert 0.1 < tired["fatigue.mean", ""] < 0.3
    assert tired["fatigue.mean", "shift_hour=1"] < 0.06 < 0.2 < tired["fatigue.mean", "shift_hour=8"]
    assert 1.01 < tired["handling_time.mean", ""] / fresh["handling_time.mean", ""] < 1.04
    assert fresh["quality", ""] - 0.02 < tired["quality", ""] < fresh["quality", ""] - 0.008
    assert tired["csat", ""] < fresh["csat", ""]


def test_quality_falls_when_occupancy_is_held_at_95_percent() -> None:
    usual, held = figures("whatif/fatigue"), figures("whatif/occupancy-95")
    for team in ("phone", "chat", "back_office"):
        assert 0.92 < held["occupancy", f"team={team}"] < 0.98
        assert held["fatigue.mean", f"team={team}"] > 1.15 * usual["fatigue.mean", f"team={team}"]
    assert held["quality", ""] < usual["quality", ""] - 0.004
    assert held["fcr", ""] < usual["fcr", ""] - 0.01
