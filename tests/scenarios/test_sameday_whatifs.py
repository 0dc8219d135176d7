"""The what-ifs of decisions during the day show what they promise; a few days of them."""

from __future__ import annotations

from functools import cache

import pytest

import simulation as sim
from simulation.metrics.measure import segment_text

pytestmark = pytest.mark.slow  # whole weeks: that each runs and balances its books is tested in test_shipped.py

SHORT = {"horizon": "3 d", "run_out": "1 d", "replications": 1}
OUTAGE = SHORT | {"horizon": "5 d"}
"""The outage is on Thursday, the third day that is measured."""


@cache
def found(name: str, outage: bool = False) -> dict[str, float]:
    """KPIs of a shipped scenario: metric, and segment in braces where there is one."""
    summaries = sim.run(sim.load(name, set=OUTAGE if outage else SHORT), tables=False, jobs=1).summaries
    return {f"{one.metric}{{{segment_text(one.segment)}}}": one.interval.mean for one in summaries}


def test_staying_on_works_off_the_letters_of_an_outage() -> None:
    plain, longer = found("whatif/half-day-payment-outage", True), found("whatif/overtime-for-the-backlog", True)
    letters = "first_response_time.mean{channel=email}"
    assert longer["overtime_hours{}"] > 0.1
    assert longer[letters] < 0.95 * plain[letters]
    dearer = longer["wages{}"] - plain["wages{}"]
    assert 0 < dearer < 1.5 * longer["overtime_cost{}"], "staying on replaces some late ends"
    assert longer["overtime_cost{}"] / longer["overtime_hours{}"] == pytest.approx(12.50 * 1.5, rel=0.25), (
        "nights dearer"
    )


def test_going_home_in_lulls_saves_wages_and_costs_time() -> None:
    before, after = found("baseline"), found("whatif/time-off-in-lulls")
    assert after["time_off_hours{}"] > 10
    saved = before["wages{}"] - after["wages{}"]
    assert saved == pytest.approx(after["time_off_saved{}"], rel=0.05)
    assert after["asa.mean{channel=phone}"] > before["asa.mean{channel=phone}"]
    assert after["occupancy{team=night}"] > before["occupancy{team=night}"]


def test_nights_on_call_are_cheaper_and_slower() -> None:
    before, after = found("baseline"), found("whatif/nights-on-call")
    assert after["call_ins{}"] > 0.5
    assert after["wages{}"] < before["wages{}"] - 30
    assert after["standby_hours{}"] + after["called_in_hours{}"] == pytest.approx(8, abs=0.3), "one, all the nights"
    assert after["occupancy{team=night}"] > before["occupancy{team=night}"]


def test_who_dislikes_nights_is_missed() -> None:
    before, after = found("baseline"), found("whatif/nights-disliked")
    assert after["disliked_hours{team=night}"] > 0.1
    assert after["paid_absence{team=night}"] >= before["paid_absence{team=night}"]
    assert after["paid_absence{}"] >= before["paid_absence{}"]
    assert after["agents{team=night}"] <= before["agents{team=night}"]
