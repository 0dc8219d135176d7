"""Warm-ups of scenarios: what repeats, what settles, what never does, and windows that add up to the whole."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import simulation as sim
from simulation.center.plan import Plan
from simulation.center.run import simulate
from simulation.cli import main
from simulation.errors import InputError
from simulation.experiments.resolved import write_resolved
from simulation.experiments.warmup import spans_of, warmup
from simulation.metrics import measure
from simulation.metrics.kpi import standard_metrics
from simulation.metrics.measure import EVERYTHING
from simulation.metrics.view import View
from simulation.metrics.windows import windows
from simulation.reports.warmup import outcome
from simulation.scenario.cycle import cycle_of
from simulation.scenario.schema import DAY
from simulation.theory.erlang import erlang_c
from tests.laws.test_compare import center

WEEK = 7 * DAY


def test_windows_add_up_to_the_measured_time() -> None:
    """Sums of windows are those of the whole, for every ratio whose parts are rows or seconds."""
    scenario = center("one", hours=12)
    record = simulate(Plan(scenario), 1, 0)
    metrics = [one for one in standard_metrics(scenario) if one.statistic in ("", "mean")]
    whole = measure(View(record, scenario), metrics)
    parts = [measure(view, metrics) for view in windows(record, scenario, [3600.0, 4 * 3600, 7 * 3600, 13 * 3600])]
    assert len(parts) == 3
    checked = 0
    for metric in metrics:
        key = (metric, EVERYTHING)
        if not whole[key].fixed and metric.kpi not in PERSONS:
            assert sum(one[key].value for one in parts) == pytest.approx(whole[key].value), metric
            assert sum(one[key].over for one in parts) == pytest.approx(whole[key].over), metric
            checked += 1
    assert checked > 15
    in_system = [one[metrics_named(metrics, "in_system"), EVERYTHING].value for one in parts]
    assert sum(in_system) == pytest.approx(whole[metrics_named(metrics, "in_system"), EVERYTHING].value)


PERSONS = ("handling_spread", "quality_spread", "on_plan", "site_handling_spread", "site_quality_spread")
"""What is worked out from agents or sites, not from rows of time."""


def metrics_named(metrics: list[sim.metrics.Metric], name: str) -> sim.metrics.Metric:
    return next(one for one in metrics if one.kpi == name)


def test_what_is_in_the_system_obeys_littles_law() -> None:
    """Contacts in the center = arrivals a second x time in the center, M/M/5 at a load of 4: 4 + the queue."""
    found = sim.run(center("five", hours=60), replications=4, tables=False, jobs=1).kpis.set_index(
        ["metric", "segment"]
    )
    row = found.loc[("in_system", "")]
    queue = erlang_c(4.0, 1.0, 5).queue
    assert row["low"] <= 4 + queue <= row["high"] and row["high"] - row["low"] < 2


def test_a_queue_settles_and_an_overloaded_one_never() -> None:
    settled = warmup(center("five", hours=99), replications=6, jobs=1)
    assert settled.cycle == 0 and settled.suggested is not None and settled.suggested <= 30 * 3600
    assert settled.enough == (settled.suggested <= 3600)
    never = warmup(center("three", agents=3, hours=59), by=["in_system"], replications=3, jobs=1)
    assert never.suggested is None and [one.metric.kpi for one in never.late] == ["in_system"]
    assert never.enough is None


def test_after_what_the_work_repeats() -> None:
    assert cycle_of(center("flat")) == 0
    assert cycle_of(sim.load("baseline")) == WEEK
    daily = center("daily", teams={"front": {"skills": {"all": {}}, "shifts": {"day": day_shift("daily")}}})
    assert cycle_of(daily) == DAY
    weekdays = center("weekdays", teams={"front": {"skills": {"all": {}}, "shifts": {"day": day_shift("mon-fri")}}})
    assert cycle_of(weekdays) == WEEK


def day_shift(days: str) -> dict[str, object]:
    return {"days": days, "start": "08:00", "end": "20:00", "headcount": 5}


def test_the_spans() -> None:
    flat = center("flat", hours=99)
    assert np.diff(spans_of(flat, None)[1]).tolist() == [2 * 3600.0] * 50
    assert len(spans_of(flat, 3600.0)[1]) == 101
    long = flat.model_copy(update={"horizon": 10_000 * 3600.0})
    assert len(spans_of(long, None)[1]) - 1 == 400
    with pytest.raises(InputError, match="room for 1 span of 1 week, too few to see a warm-up; make it longer"):
        spans_of(sim.load("baseline"), None)


def test_the_command(tmp_path: Path) -> None:
    write_resolved(center("five", hours=19), tmp_path)
    file, out = str(tmp_path / "scenario.yaml"), tmp_path / "out"
    done = CliRunner().invoke(main, ["warmup", file, "--replications", "3", "--jobs", "1", "--out", str(out)])
    assert done.exit_code == 0 and "in spans of 1 h" in done.output
    assert {one.name for one in out.iterdir()} == {
        "warmup.csv", "summary.json", "manifest.json", "scenario.yaml", "report.html",
    }  # fmt: skip
    assert [one["metric"] for one in json.loads((out / "summary.json").read_text())["cuts"]] == [
        "in_system", "asa.mean", "occupancy", "service_level(30s)",
    ]  # fmt: skip
    never = [
        "warmup",
        file,
        "--set",
        "teams.front.headcount.constant=2",
        "--replications",
        "3",
        "--jobs",
        "1",
        "--strict",
    ]
    bad = CliRunner().invoke(main, [*never, "--quiet", "--out", str(out)])
    assert bad.exit_code == 98 and bad.output.strip() == str(out)
    none = CliRunner().invoke(main, ["warmup", file, "--by", "containment"])
    assert none.exit_code == 2 and "would have no data" in none.output
    assert CliRunner().invoke(main, ["warmup", file, "--every", "0 s"]).exit_code == 2


@pytest.mark.parametrize("minutes", [15, 90])
def test_spans_are_whole_hours(minutes: int) -> None:
    """Of shorter ones each would hold a whole hour, under the name of a quarter."""
    with pytest.raises(InputError, match=r"records are kept by the hour; write e\.g\. --every 1h"):
        spans_of(center("flat", hours=99), 60.0 * minutes)


def test_without_data_nothing_is_suggested() -> None:
    sources = {"calls": {"topic": "any", "channel": "phone", "volume": "1/week"}}
    found = warmup(center("idle", hours=11, demand={"sources": sources}), by=["asa"], replications=2, jobs=1)
    assert found.series[0].cut is None and found.suggested is None and found.enough is None
    assert [line.split(":")[0] for line in outcome(found)] == ["Too little data to tell"]
