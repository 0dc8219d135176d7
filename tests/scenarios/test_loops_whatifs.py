"""The what-ifs of escalation, review, training and articles show what they promise, against the baseline with the same customers."""

from __future__ import annotations

from functools import cache

import pytest

import simulation as sim

pytestmark = pytest.mark.slow  # whole weeks: that each runs and balances its books is tested in test_shipped.py

SHORT = {"horizon": "4 d", "run_out": "1 d", "replications": 1}


@cache
def found(name: str) -> dict[str, float]:
    """KPIs over everything of a few days of a shipped scenario."""
    summaries = sim.run(sim.load(name, set=SHORT), tables=False, jobs=1).summaries
    return {str(one.metric): one.interval.mean for one in summaries if not one.segment}


def test_supervisors_are_called_in_for_the_angry_and_the_urgent() -> None:
    before, after = found("baseline"), found("whatif/call-in-a-supervisor")
    assert 0.01 < after["escalations_for_anger"] < 0.06
    assert 0.005 < after["escalations_by_clock"] < 0.15
    assert 0.05 < after["rescued"] <= 1
    assert after["escalations"] > before["escalations"]


def test_reviews_keep_supervisors_busy_and_show_the_quality() -> None:
    before, after = found("baseline"), found("whatif/quality-review")
    assert 0.01 < after["reviewed"] < 0.04
    assert after["quality_reviewed"] > before["quality"] - 0.05
    assert 0.5 < after["review_hours"] < 12 and after["coaching_hours"] > 0
    assert after["paid_idle"] < before["paid_idle"]


def test_trained_agents_err_less_are_kinder_and_less_often_on_the_floor() -> None:
    before, after = found("baseline"), found("whatif/four-hours-of-training")
    assert after["quality"] > before["quality"] + 0.01
    assert after["escalations"] < before["escalations"] and after["fcr"] > before["fcr"] + 0.005
    assert after["csat"] > before["csat"] + 0.01
    assert after["agents"] < before["agents"]


def test_articles_follow_what_is_not_solved_and_keep_more_customers_away() -> None:
    """Against the same knowledge bases, of which nobody takes care."""
    after = found("whatif/articles-from-feedback")
    assert 0.5 < after["articles"] < 10 and 1 < after["writing_hours"] < 24
    assert after["deflection"] > found("whatif/knowledge-base")["deflection"] + 0.002
    assert after["escalations"] < found("whatif/knowledge-base")["escalations"] * 0.97
