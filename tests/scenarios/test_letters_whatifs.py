"""The what-ifs of deferred work show what they promise; a few days of them."""

from __future__ import annotations

from functools import cache

import pytest

import simulation as sim
from simulation.metrics.measure import segment_text

pytestmark = pytest.mark.slow  # whole weeks: that each runs and balances its books is tested in test_shipped.py

SHORT = {"horizon": "4 d", "replications": 1}


@cache
def found(name: str) -> dict[str, float]:
    """KPIs of a shipped scenario: metric, and segment in braces where there is one."""
    summaries = sim.run(sim.load(name, set=SHORT), tables=False, jobs=1).summaries
    return {f"{one.metric}{{{segment_text(one.segment)}}}": one.interval.mean for one in summaries}


def test_notices_take_most_of_the_questions_off_the_phone() -> None:
    before, asked, told = found("baseline"), found("whatif/where-is-my-letter"), found("whatif/status-notices")
    assert asked["contacts{channel=phone}"] > 1.05 * before["contacts{channel=phone}"]
    assert told["chasers{}"] == pytest.approx(0.4 * asked["chasers{}"], rel=0.25)
    assert told["contacts{channel=phone}"] < asked["contacts{channel=phone}"]
    assert told["csat{channel=email}"] > asked["csat{channel=email}"]
    letters = sum(told[f"contacts{{channel={name}}}"] for name in ("email", "social"))
    dearer = told["cost{}"] - told["wages{}"] - (asked["cost{}"] - asked["wages{}"])
    assert 0 < dearer < 0.02 * letters, "the notices, less the calls"
    assert asked["fcr{channel=email}"] == pytest.approx(before["fcr{channel=email}"], abs=0.01)


def test_wrongly_sorted_letters_are_handed_over_and_better_sorting_spares_it() -> None:
    worse, better = found("whatif/letters-to-two-desks"), found("whatif/better-classification")
    assert worse["misclassified{}"] == pytest.approx(0.15, abs=0.02) and better["misclassified{}"] == pytest.approx(
        0.03, abs=0.01
    )
    assert better["transfers{channel=email}"] < 0.35 * worse["transfers{channel=email}"]
    assert better["one_touch{channel=email}"] > worse["one_touch{channel=email}"] + 0.03


def test_customers_answers_take_time_and_no_agent() -> None:
    before, after = found("baseline"), found("whatif/waiting-for-customers")
    assert after["resolution_time.mean{channel=email}"] > 3 * before["resolution_time.mean{channel=email}"]
    assert after["occupancy{}"] == pytest.approx(before["occupancy{}"], abs=0.02)
    spent = after["own_resolution_time.mean{channel=email}"] + after["paused_time.mean{channel=email}"]
    assert spent == pytest.approx(after["resolution_time.mean{channel=email}"])
    assert after["deadline_met{channel=email}"] > 0.98, "the deadline waits too"


def test_two_opening_hours_are_a_promise_that_can_be_kept() -> None:
    assert found("whatif/deadlines-in-opening-hours")["deadline_met{channel=email}"] > 0.97


def test_a_reopened_letter_goes_back_to_those_who_answered_it() -> None:
    before, after = found("baseline"), found("whatif/reopened-letters")
    assert after["reopened{channel=email}"] > 0.02
    assert after["repeats{channel=email}"] == pytest.approx(before["repeats{channel=email}"], abs=0.01)
    assert after["escalations{channel=email}"] <= before["escalations{channel=email}"]
