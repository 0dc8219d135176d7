"""Weeks add up to the run, begin on Mondays, and are shown where there are three or more."""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path

import pytest

import simulation as sim
from simulation.experiments.load import from_dict
from simulation.metrics.kpi import KPIS, standard_metrics
from simulation.metrics.measure import measure
from simulation.metrics.trends import weekly
from simulation.metrics.view import View
from simulation.reports import trends
from simulation.reports.page import write_report
from tests.laws.books import observe
from tests.laws.strategies import Data


def center(days: int = 25) -> Data:
    """Few calls over some weeks that begin on a Thursday and hold a change of the clocks; the first day is not measured."""
    return {
        "name": "weeks",
        "calendar": {"start": "2026-03-12", "time_zone": "Europe/Riga"},
        "warm_up": "1 d",
        "horizon": f"{days} d",
        "run_out": "1 d",
        "replications": 2,
        "demand": {"sources": {"calls": {"topic": "a", "channels": {"phone": "60 %", "chat": "40 %"}, "volume": "60/day"}}},
        "channels": {"phone": {"mode": "live", "patience": {"exponential": {"mean": "3 min"}}}, "chat": {"mode": "concurrent"}},
        "topics": {"a": {"handling": {"any": {"exponential": {"mean": "9 min"}}}, "reach": {"tier1": "80 %"}, "repeat": {"probability": "50 %", "after": {"constant": {"value": "1 d"}}}}},
        "teams": {
            "early": {"skills": {"all": {}}, "shifts": {"s": {"days": "mon-fri", "start": "07:00", "end": "15:00", "headcount": 2}}, "wage": "15 EUR/h"},
            "rest": {"skills": {"all": {}}, "headcount": {"constant": 1}},
        },
        "opinion": {},
    }  # fmt: skip


@cache
def view() -> View:
    books = observe(center())
    return View(books.record, from_dict(center()))


def test_weeks_add_up_to_the_run() -> None:
    metrics = standard_metrics(view().scenario)
    whole, weeks = measure(view(), metrics), weekly(view(), metrics)
    compared = 0
    for (metric, segment), sums in whole.items():
        by_week = [week.measures[metric, segment] for week in weeks if (metric, segment) in week.measures]
        if by_week and not segment:
            assert sum(one.value for one in by_week) == pytest.approx(sums.value), metric
            assert sum(one.over for one in by_week) == pytest.approx(sums.over), metric
        elif by_week:
            assert sum(one.value for one in by_week) == pytest.approx(sums.value), (metric, segment)
        compared += bool(by_week)
    assert compared > 150


def test_every_ratio_and_mean_by_hour_is_there() -> None:
    metrics = standard_metrics(view().scenario)
    there = {metric for week in weekly(view(), metrics) for metric, segment in week.measures if not segment}
    usual = {m for m in metrics if m.statistic in ("", "mean") and "hour" in KPIS[m.kpi].dimensions}
    assert there == usual
    assert {"asa", "fcr", "csat", "occupancy", "cost", "agents"} <= {metric.kpi for metric in there}


def test_weeks_begin_on_mondays_and_know_how_much_of_them_was_measured() -> None:
    weeks = weekly(view(), standard_metrics(view().scenario))
    assert [week.starts for week in weeks] == [dt.date(2026, 3, 9) + dt.timedelta(days=7 * n) for n in range(5)]
    lost = 1 / 24  # by the change of the clocks on the last Sunday of March
    assert [week.days for week in weeks] == pytest.approx([3, 7, 7 - lost, 7, lost])
    assert sum(week.days for week in weeks) == pytest.approx(view().days)


def test_a_short_run_has_no_weeks(tmp_path: Path) -> None:
    result = sim.run(from_dict(center(days=21)), jobs=1, tables=False)
    assert result.weeks.empty
    result.save(tmp_path / "made", [write_report])
    assert not (tmp_path / "made" / "weeks.csv").exists()
    assert "trend-" not in (tmp_path / "made" / "report.html").read_text(encoding="utf-8")


def test_the_page_shows_how_it_went(tmp_path: Path) -> None:
    result = sim.run(from_dict(center()), jobs=1, tables=False)
    result.save(tmp_path / "made", [write_report])
    page = (tmp_path / "made" / "report.html").read_text(encoding="utf-8")
    for anchor in ("trend-people", "trend-quality", "trend-work"):
        assert f'id="{anchor}"' in page
    assert "in the week of 16&nbsp;March" in page or "in the week of 16\u00a0March" in page
    assert "in the week of 9" not in page, "less than half of it was measured"
    shown = trends.trends(trends.read(tmp_path / "made"))
    row = result.weeks.query("metric == 'occupancy' and segment == '' and days > 6").iloc[0]
    point = shown["occupancy"].points[0]
    assert (point.week, point.mean) == (row["week"], pytest.approx(row["mean"]))
    assert point.low < point.mean < point.high


def test_a_wider_table_of_weeks_is_by_channel_and_team() -> None:
    result = sim.run(from_dict(center()), jobs=1, tables=False)
    assert set(result.weeks.query("metric == 'occupancy'")["segment"]) == {"", "team=early", "team=rest"}
    assert {"", "channel=phone", "channel=chat"} <= set(result.weeks.query("metric == 'asa.mean'")["segment"])
