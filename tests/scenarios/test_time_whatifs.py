"""The what-ifs of agents' time show what they promise; a few days of them."""

from __future__ import annotations

from functools import cache

import pytest

import simulation as sim
from simulation.metrics.measure import segment_text

SHORT = {"horizon": "5 d", "replications": 1}


@cache
def found(name: str) -> dict[str, float]:
    """KPIs of a shipped scenario: metric, and segment in braces where there is one."""
    summaries = sim.run(sim.load(name, set=SHORT), tables=False, jobs=1).summaries
    return {f"{one.metric}{{{segment_text(one.segment)}}}": one.interval.mean for one in summaries}


def test_three_shifts_put_as_many_on_nights_as_on_days() -> None:
    before, after = found("baseline"), found("whatif/three-shift-rotation")
    assert after["agents{team=phone}"] > 1.2 * before["agents{team=phone}"]
    assert after["wages{}"] == pytest.approx(7 / 6 * before["wages{}"], rel=0.06)
    assert after["occupancy{team=phone}"] < before["occupancy{team=phone}"] - 0.1
    assert after["service_level(20s){channel=phone}"] < before["service_level(20s){channel=phone}"] + 0.05


def test_four_on_two_off_has_four_of_six_there_each_night() -> None:
    before, after = found("baseline"), found("whatif/four-on-two-off")
    assert after["agents{team=night}"] == pytest.approx(4 / 3 * before["agents{team=night}"], rel=0.08)
    assert after["occupancy{team=night}"] < before["occupancy{team=night}"]


def test_split_shifts_serve_the_peaks_for_the_same_wages() -> None:
    before, after = found("baseline"), found("whatif/split-shift")
    assert after["wages{}"] == pytest.approx(before["wages{}"], rel=0.005)
    assert after["service_level(20s){channel=phone}"] > before["service_level(20s){channel=phone}"]
    assert after["abandonment{channel=phone}"] < before["abandonment{channel=phone}"]
