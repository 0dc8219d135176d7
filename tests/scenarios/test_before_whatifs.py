"""What-ifs of what happens before the contact show what they ask about, on the same customers as the baseline."""

from __future__ import annotations

from functools import cache

import pytest

import simulation as sim
from simulation.metrics.measure import segment_text

pytestmark = pytest.mark.slow  # whole weeks: that each runs and balances its books is tested in test_shipped.py

WEEK = {"horizon": "6 d", "run_out": "1 d", "replications": 1}
"""Tuesday to Saturday, with the incident on Thursday and the outage of the phone on Friday."""


@cache
def found(name: str) -> dict[str, float]:
    """KPIs of a shipped scenario: metric, and segment in braces where there is one."""
    summaries = sim.run(sim.load(name, set=WEEK), tables=False, jobs=1).summaries
    return {f"{one.metric}{{{segment_text(one.segment)}}}": one.interval.mean for one in summaries}


def change(name: str, metric: str, segment: str = "", since: str = "baseline") -> float:
    """A what-if's value as a multiple of the baseline's."""
    key = f"{metric}{{{segment}}}"
    return found(f"whatif/{name}")[key] / found(since)[key]


def test_a_knowledge_base_keeps_easy_cases_away() -> None:
    now = found("whatif/knowledge-base")
    assert now["deflection{}"] == pytest.approx(0.05, abs=0.01)
    assert now["deflection_claimed{}"] == pytest.approx(now["deflection{}"] / 0.92, rel=0.02)
    assert now["looks{}"] == pytest.approx(0.35, abs=0.02)
    assert (
        now["deflection{topic=account}"] > now["deflection{topic=payments}"] > now["deflection{topic=complaint}"] == 0
    )
    assert change("knowledge-base", "contacts") < 0.965
    assert change("knowledge-base", "cases") == 1
    assert change("knowledge-base", "asa.mean", "channel=phone") < 0.95


def test_a_better_one_keeps_more_away_and_misleads_fewer() -> None:
    before, after = found("whatif/knowledge-base"), found("whatif/better-knowledge-base")
    assert after["looks{}"] == before["looks{}"]
    assert after["deflection{}"] > 1.5 * before["deflection{}"]
    misled = [one["deflection_claimed{}"] - one["deflection{}"] for one in (before, after)]
    assert misled[1] < 0.6 * misled[0]
    assert change("better-knowledge-base", "contacts", since="whatif/knowledge-base") < 0.98


def test_a_community_takes_some_cases_off_and_takes_its_time() -> None:
    now = found("whatif/community")
    assert now["questions{}"] == pytest.approx(0.12, abs=0.01)
    assert 0.015 < now["deflection{}"] < now["deflection_claimed{}"] < 0.04
    assert change("community", "contacts") < 0.99
    assert change("community", "resolution_time.mean") > 1.2


def test_a_notice_prevents_a_part_of_the_incident_and_nothing_else() -> None:
    now, before = found("whatif/incident-notice"), found("baseline")
    assert now["prevented{}"] == pytest.approx(before["cases{}"] - now["cases{}"])
    assert now["prevented{}"] == now["prevented{topic=payments}"] == now["prevented{weekday=thu}"] > 1
    assert change("incident-notice", "asa.mean", "weekday=thu") < 1


def test_half_a_day_without_payments_is_felt_and_a_notice_takes_most_of_it_away() -> None:
    long, told = "half-day-payment-outage", "half-day-payment-outage-with-notice"
    assert change(long, "cases", "topic=payments") > 1.2
    assert change(long, "asa.mean", "channel=phone") > 1.2
    assert change(long, "fcr") < 1
    extra = [found(f"whatif/{name}")["cases{}"] for name in (long, told)]
    assert extra[0] - extra[1] == pytest.approx(found(f"whatif/{told}")["prevented{}"])
    assert change(told, "asa.mean", "channel=phone", since=f"whatif/{long}") < 0.9
    assert change(told, "csat", since=f"whatif/{long}") > 1


def test_calls_that_could_not_come_in_come_back() -> None:
    now = found("whatif/phone-line-down")
    assert now["closed_door{weekday=fri}"] > 0.05 > now.get("closed_door{weekday=thu}", 0.0)
    assert change("phone-line-down", "redials") > 1.1
    assert change("phone-line-down", "cases") == 1


def test_at_night_nobody_answers_the_phone_and_some_call_by_day() -> None:
    now = found("whatif/phone-closed-at-night")
    assert now["closed_door{hour=3}"] > 0.1 and now["closed_door{hour=12}"] == 0
    assert change("phone-closed-at-night", "redials", "channel=phone") > 1.3
    assert change("phone-closed-at-night", "fcr", "channel=phone") < 0.97


def test_mobile_customers_write_and_do_not_call() -> None:
    now = found("whatif/mobile-first-customers")
    assert now["cases{segment=mobile}"] / now["cases{}"] == pytest.approx(0.4, abs=0.03)
    assert change("mobile-first-customers", "cases", "channel=phone") < 0.8
    assert change("mobile-first-customers", "cases", "channel=messenger") > 1.8
    assert change("mobile-first-customers", "cases", "channel=social") == 1
    assert change("mobile-first-customers", "asa.mean", "channel=phone") < 0.7


def test_letters_off_peak_leave_the_day_to_calls() -> None:
    assert change("letters-off-peak", "asa.mean", "channel=phone") < 1
    assert change("letters-off-peak", "first_response_time.mean", "channel=email") > 1.1
    assert change("letters-off-peak", "cases") == 1
