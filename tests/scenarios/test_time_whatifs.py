"""The what-ifs of agents' time show what they promise; a few days of them."""

from __future__ import annotations

import datetime as dt
from functools import cache

import numpy as np
import pytest

import simulation as sim
from simulation.center.plan import Plan
from simulation.center.roster import roster
from simulation.demand.load import day_loads
from simulation.metrics.measure import segment_text
from simulation.record.recorder import Duty

pytestmark = pytest.mark.slow  # whole weeks: that each runs and balances its books is tested in test_shipped.py

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


def test_a_meeting_of_all_at_once_is_paid_by_the_callers() -> None:
    before, after = found("baseline"), found("whatif/weekly-meeting")
    assert 0.008 < after["paid_meetings{team=phone}"] < 0.016
    assert after["wages{}"] == pytest.approx(before["wages{}"], rel=0.003)
    assert after["abandonment{channel=phone}"] > before["abandonment{channel=phone}"]


def test_training_takes_hours_from_the_floor() -> None:
    before, after = found("baseline"), found("whatif/training-hours")
    assert 0.015 < after["paid_training{team=phone}"] < 0.04
    more = after["shrinkage{team=phone}"] - before["shrinkage{team=phone}"]
    assert 0.7 < more / after["paid_training{team=phone}"] < 1, "some of it would be shrinkage"


def test_late_starts_cost_service_and_no_wages() -> None:
    before, after = found("baseline"), found("whatif/late-starts")
    assert 0.85 < after["adherence{team=phone}"] < 0.895, "calls that run into breaks come on top"
    assert after["wages{}"] == pytest.approx(before["wages{}"], rel=0.003)
    assert after["service_level(20s){channel=phone}"] < before["service_level(20s){channel=phone}"] - 0.03


@pytest.mark.parametrize(("name", "team"), [("sick-spells", "chat"), ("flu-days", "phone")])
def test_absence_that_comes_together_makes_weeks_differ(name: str, team: str) -> None:
    """Shares of a team's shifts missed in a week, over many weeks; as many in all."""

    def missed(scenario: str) -> np.ndarray:
        plan = Plan(sim.load(scenario, set={"horizon": "7 d"}))
        return np.array([absent_share(plan, team, replication) for replication in range(25)])

    apart, together = missed("baseline"), missed(f"whatif/{name}")
    assert together.mean() == pytest.approx(apart.mean(), abs=3.5 * together.std() / 25**0.5)
    assert together.var() > 1.5 * apart.var()


def test_who_stays_away_on_busy_days_is_missed_when_needed() -> None:
    """Over many weeks: as many shifts are missed, and most of them when most customers call."""
    plan = Plan(sim.load("whatif/absent-when-busy", set={"horizon": "7 d"}))
    loads = [day_loads(plan.demand, plan.demand.births(1, replication)) for replication in range(25)]
    busy = np.array([np.mean(list(one.values())) for one in loads])
    missed = np.array([absent_share(plan, "phone", number, one) for number, one in enumerate(loads)])
    assert missed.mean() == pytest.approx(0.05, abs=3.5 * missed.std() / 25**0.5)
    assert np.corrcoef(busy, missed)[0, 1] > 0.4


def absent_share(plan: Plan, team: str, replication: int, loads: dict[dt.date, float] | None = None) -> float:
    """The share of a team's shifts of a week that are missed."""
    plans = roster(team, plan, 1, replication, loads)
    missed = sum(stretch.gap is Duty.ABSENT for agent in plans for stretch in agent.stretches)
    return missed / sum(duty is Duty.SHIFT for agent in plans for duty, _, _ in agent.planned)
