"""The what-ifs of opinion, survey, loyalty and complaints show what they promise; a few days of them."""

from __future__ import annotations

from functools import cache
from math import isnan

import pytest

import simulation as sim
from simulation.metrics.measure import segment_text
from simulation.theory.surveys import measured_share

pytestmark = pytest.mark.slow  # whole weeks: that each runs and balances its books is tested in test_shipped.py

SHORT = {"horizon": "3 d", "run_out": "1 d", "replications": 1}


@cache
def found(name: str) -> dict[str, float]:
    """KPIs of a shipped scenario: metric, and segment in braces where there is one."""
    summaries = sim.run(sim.load(name, set=SHORT), tables=False, jobs=1).summaries
    return {f"{one.metric}{{{segment_text(one.segment)}}}": one.interval.mean for one in summaries}


def moved(name: str) -> set[str]:
    """KPIs, over everything, that differ from the baseline's."""
    before, after = found("baseline"), found(f"whatif/{name}")
    return {
        metric
        for metric, value in before.items()
        if metric.endswith("{}") and after[metric] != value and not (isnan(value) and isnan(after[metric]))
    }


def test_the_survey_is_a_worse_picture_of_the_same_center() -> None:
    after = found("whatif/unhappy-answer-more")
    survey = {"csat_measured{}", "nps_measured{}", "stars_measured{}", "survey_answers{}", "survey_response{}"}
    assert moved("unhappy-answer-more") <= survey
    assert after["csat_measured{}"] == pytest.approx(measured_share(after["csat{}"], 0.12, 0.25), abs=0.08)
    assert after["csat_measured{}"] < after["csat{}"] - 0.03 and after["nps_measured{}"] < after["nps{}"]


def test_dissatisfaction_has_a_price() -> None:
    after = found("whatif/loyalty")
    assert not moved("loyalty")
    closed = after["cases{}"]
    leave = after["csat{}"] * 0.002 + (1 - after["csat{}"]) * 0.05
    assert after["value_at_risk{}"] == pytest.approx(120 * leave * closed, rel=0.02)
    assert 0.99 < after["retention{}"] < 0.998


def test_courtesy_makes_the_same_service_worth_more() -> None:
    survey = {"csat_measured{}", "nps_measured{}", "stars_measured{}", "survey_answers{}", "survey_response{}"}
    assert moved("courtesy-training") - survey == {"csat{}", "nps{}"}
    assert found("whatif/courtesy-training")["csat{}"] > found("baseline")["csat{}"] + 0.01


def test_complaints_come_on_top_and_a_desk_takes_them() -> None:
    before, after = found("baseline"), found("whatif/complaints-desk")
    assert after["cases{}"] == pytest.approx(before["cases{}"] + after["complaints{}"])
    assert 0.004 < after["complaint_rate{}"] < 0.03
    assert after["answered{team=complaints_desk}"] > 10
    assert after["wages{}"] - before["wages{}"] > 100
