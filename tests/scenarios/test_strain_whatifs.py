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


@cache
def half_a_year(per_year: str) -> dict[tuple[str, str], float]:
    """The what-if of turnover, shortened to two months of faster turnover, with the same customers."""
    changes = {
        "strain.turnover.per_year": per_year,
        "strain.turnover.hire_after.lognormal.mean": "2 weeks",
        "horizon": "8 weeks",
    }
    result = sim.run(sim.load("whatif/turnover-35", set=changes), replications=3, tables=False, jobs=1)
    return {(str(one.metric), segment_text(one.segment)): one.interval.mean for one in result.summaries}


def test_turnover_costs_answers_and_customers() -> None:
    stay, leave = half_a_year("0 %"), half_a_year("150 %")
    assert stay["vacancies", ""] == 0 < 0.02 < leave["vacancies", ""]
    assert 1 < leave["turnover", ""] < 2.2
    assert leave["tenure", ""] < stay["tenure", ""] * 0.95
    for metric in ("quality", "fcr", "csat", "retention"):
        assert leave[metric, ""] < stay[metric, ""], metric
    assert leave["asa.mean", "channel=phone"] > stay["asa.mean", "channel=phone"]
    assert leave["hiring_cost", ""] > 100


def test_a_year_reads_well_and_is_rolled_up() -> None:
    """Four weeks around the turn of November of the shipped year."""
    changes = {"calendar.start": "2026-11-02", "horizon": "28 d", "warm_up": "0", "replications": 2}
    result = sim.run(sim.load("year", set=changes), tables=False, jobs=1)
    weeks = result.weeks.query("segment == ''").pivot(index="week", columns="metric", values="mean")
    assert len(weeks) >= 4
    shown = ["contacts", "asa.mean", "service_level(20s)", "fcr", "csat", "occupancy", "agents", "vacancies", "tenure", "quality", "fatigue.mean", "cost"]  # fmt: skip
    assert weeks[shown].notna().all().all()
