"""The what-ifs of sites and outsourcers show what they promise; a few days of them."""

from __future__ import annotations

from functools import cache

import pytest

import simulation as sim
from simulation.metrics.measure import segment_text
from simulation.scenario.standards import checklist, score

pytestmark = pytest.mark.slow  # whole weeks: that each runs and balances its books is tested in test_shipped.py

SHORT = {"horizon": "4 d", "run_out": "1 d", "replications": 1}


@cache
def found(name: str) -> dict[str, float]:
    """KPIs of a shipped scenario: metric, and segment in braces where there is one."""
    summaries = sim.run(sim.load(name, set=SHORT), tables=False, jobs=1).summaries
    return {f"{one.metric}{{{segment_text(one.segment)}}}": one.interval.mean for one in summaries}


def test_outsourced_nights_cost_less_and_err_more() -> None:
    before, after = found("baseline"), found("whatif/nights-outsourced")
    assert after["quality{team=night}"] < before["quality{team=night}"]
    assert after["staff_cost_per_stay{team=night}"] >= 4.5 - 1e-9
    assert after["staff_cost{}"] == pytest.approx(after["wages{}"] + after["outsourcing{}"])
    assert after["outsourcing{employer=night_desk}"] == pytest.approx(after["outsourcing{}"])
    assert after["outsourcing{}"] >= 9000 / (365.25 / 12) - 1e-9, "the minimum"
    assert after["wages{team=phone}"] == pytest.approx(before["wages{team=phone}"], rel=0.01)


def test_nights_in_another_time_zone_are_the_same_nights_for_less() -> None:
    before, after = found("baseline"), found("whatif/nights-in-another-time-zone")
    money = ("cost", "wages", "premium_pay")
    for metric, value in before.items():
        if not metric.startswith((*money, "staff_cost")) and value == value:
            assert after[metric] == value, metric
    nights = before["wages{team=night}"] - before["premium_pay{team=night}"]
    here, there = after["wages{team=night}"], after["premium_pay{team=night}"]
    assert here - there == pytest.approx(0.65 * nights), "wages at the level of the place"
    assert there < 0.5 * 0.65 * before["premium_pay{team=night}"], "what is left are weekends, and an hour at midnight"
    assert after["cost{}"] < before["cost{}"]


def test_nights_in_house_on_call_and_outsourced_can_be_told_apart() -> None:
    """On call saves wages and lets customers wait; outsourced by contact is cheaper and answers sooner, but errs more."""
    house, call, out = (found(name) for name in ("baseline", "whatif/nights-on-call", "whatif/nights-outsourced"))
    assert call["staff_cost{team=night}"] < house["staff_cost{team=night}"] > out["staff_cost{team=night}"]
    assert call["asa.mean{team=night}"] > house["asa.mean{team=night}"] > out["asa.mean{team=night}"]
    assert out["quality{team=night}"] < min(house["quality{team=night}"], call["quality{team=night}"])


def test_overflow_to_an_outsourcer_buys_short_waits() -> None:
    before, after = found("baseline"), found("whatif/overflow-to-an-outsourcer")
    assert after["abandonment{channel=phone}"] < 0.5 * before["abandonment{channel=phone}"]
    assert after["service_level(20s){channel=phone}"] > before["service_level(20s){channel=phone}"]
    assert 0 < after["outsourcing{}"] == pytest.approx(after["cost{}"] - before["cost{}"], rel=0.1)


def test_claimed_resolutions_are_paid_again_when_the_customer_comes_back() -> None:
    before, after = found("baseline"), found("whatif/pay-per-resolution")
    assert after["fcr{channel=chat}"] < before["fcr{channel=chat}"]
    truly = after["staff_cost_per_resolution{team=chat}"]
    assert 1.05 < truly / 2.90 < 1.25, "a true one costs more than a claim, by one in so many that are wrong"


def test_every_standard_is_nearly_all_of_the_checklist() -> None:
    before, after = (checklist(sim.load(name)) for name in ("baseline", "whatif/every-standard"))
    assert (score(before) or 0) < 0.6 and (score(after) or 0) > 0.93
    assert {one.group for one in after} - {one.group for one in before} == {"Of our own"}
    assert not [one.name for one in after if one.kept == 0]
