"""Steady states of scenarios: batches of the same run, exact means within their intervals, and warnings where a run is short."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import simulation as sim
from simulation.cli import main
from simulation.experiments.resolved import write_resolved
from simulation.scenario.cycle import batch_bounds
from simulation.scenario.schema import DAY, Experiment, Scenario
from simulation.theory.erlang import erlang_c
from tests.laws.test_compare import center

WEEK = 7 * DAY


def steady(hours: int = 120, replications: int = 1, agents: int = 5) -> Scenario:
    return center("steady", agents, hours=hours, experiment="steady_state", replications=replications)


@pytest.fixture(scope="module")
def found() -> sim.Result:
    return sim.run(steady(), tables=False, jobs=1)


def test_the_values_are_those_of_the_same_run_without_batches(found: sim.Result) -> None:
    plain = sim.run(steady().model_copy(update={"experiment": Experiment.terminating}), tables=False, jobs=1).kpis
    means = found.kpis["mean"].to_numpy()
    assert list(found.kpis["metric"]) == list(plain["metric"]) and list(found.kpis["segment"]) == list(plain["segment"])
    assert np.allclose(means, plain["mean"], rtol=1e-9, equal_nan=True)
    assert plain["low"].isna().all() and found.kpis["low"].notna().mean() > 0.9


def test_exact_means_lie_within(found: sim.Result) -> None:
    queue = erlang_c(4.0, 1.0, 5)
    rows = found.kpis[found.kpis["segment"] == ""].set_index("metric")
    exact = {
        "asa.mean": 60 * queue.wait,
        "service_level(30s)": queue.service_level(0.5),
        "occupancy": 0.8,
        "in_system": 4 + queue.queue,
    }
    for metric, value in exact.items():
        row = rows.loc[metric]
        assert row["low"] <= value <= row["high"], metric
        assert row["high"] - row["low"] < 0.5 * value, metric
    assert found.verdicts()["fast"].value == "missed"


def test_it_says_what_the_intervals_come_from(found: sim.Result) -> None:
    assert found.batches is not None and found.batches.count == 64
    assert found.batches.seconds == pytest.approx(120 * 3600 / 64)
    assert found.summary()["batches"]["count"] == 64
    assert "batches" not in sim.run(center("plain", hours=2), replications=1, tables=False).summary()


def test_a_run_too_short_is_warned_about(tmp_path: Path) -> None:
    """80 calls a batch and a queue that hardly ever empties (96 % busy)."""
    topics = {"any": {"handling": {"any": {"exponential": {"mean": "72 s"}}}}}
    short = center(
        "short", hours=20, topics=topics, experiment="steady_state", replications=1, warm_up="0 min", horizon="20 h"
    )
    write_resolved(short, tmp_path)
    out = tmp_path / "out"
    said = CliRunner().invoke(
        main, ["run", str(tmp_path / "scenario.yaml"), "--jobs", "1", "--no-fail", "--out", str(out)]
    )
    assert "intervals from 64 batches of 18:45 min" in said.output
    assert "Batches hang together (autocorrelation) in" in said.output and "asa" in said.output
    assert "asa.mean" in json.loads((out / "summary.json").read_text())["batches"]["correlated"]
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "Batches hang together" in page and "64 batches" in page
    explained = CliRunner().invoke(main, ["explain", str(tmp_path / "scenario.yaml")])
    assert "the long run (steady state)" in explained.output and "the empty start counts" in " ".join(
        explained.output.split()
    )


def test_replications_share_the_batches() -> None:
    for replications, each in ((1, 64), (2, 32), (3, 16), (10, 4), (64, 1), (100, 1)):
        bounds = batch_bounds(steady(replications=replications))
        assert len(bounds) - 1 == each if replications < 64 else len(bounds) == 2
        assert bounds[0] == 3600 and bounds[-1] == 121 * 3600


def test_batches_are_whole_weeks_where_the_work_repeats_by_week() -> None:
    baseline = sim.load(
        "baseline", set={"experiment": "steady_state", "replications": 2, "warm_up": "1 week", "horizon": "12 week"}
    )
    bounds = np.array(batch_bounds(baseline))
    assert np.diff(bounds).tolist() == [4 * WEEK, *[WEEK] * 7]
    few = baseline.model_copy(update={"horizon": 4 * WEEK})
    assert batch_bounds(few) == []


@pytest.fixture(scope="module")
def compared() -> sim.Comparison:
    more = center("six", 6, hours=120, experiment="steady_state", replications=1)
    return sim.compare([steady(), more], jobs=1)


def test_differences_of_steady_states_come_from_batches(compared: sim.Comparison) -> None:
    """One replication of five agents and of six: what Erlang C says lies within intervals that are narrow and know the sign."""
    assert compared.batches is not None and compared.batches.count == 64
    found = compared.differences.set_index("metric")
    queues = {agents: erlang_c(4.0, 1.0, agents) for agents in (5, 6)}
    exact = {
        "asa.mean": 60 * (queues[6].wait - queues[5].wait),
        "service_level(30s)": queues[6].service_level(0.5) - queues[5].service_level(0.5),
        "occupancy": 4 / 6 - 4 / 5,
    }
    for metric, value in exact.items():
        row = found.loc[metric]
        assert row["low"] <= value <= row["high"], metric
        assert row["high"] - row["low"] < 0.5 * abs(value), metric
        assert row["n"] >= 8 and row["verdict"] in ("better", "less")


def test_differences_of_steady_states_are_those_of_the_whole_time(compared: sim.Comparison) -> None:
    first, second = (one.kpis.set_index(["metric", "segment"])["mean"] for one in compared.results)
    for row in compared.differences.itertuples():
        if row.metric != "backlog_at_end":
            assert row.change == pytest.approx((second - first)[row.metric, row.segment], abs=1e-9), row.metric


def test_unlike_batches_are_not_paired() -> None:
    longer = center("longer", hours=32, experiment="steady_state", replications=1)
    found = sim.compare([steady(hours=16), longer], jobs=1)
    assert found.batches is None and set(found.differences["verdict"]) == {"undecided"}


def test_without_room_for_batches_replications_count() -> None:
    """Three weeks of work that repeats by week: eight batches need more."""
    few = sim.load("baseline", set={"experiment": "steady_state", "horizon": "36 h", "replications": 2})
    plain = few.model_copy(update={"experiment": Experiment.terminating})
    assert batch_bounds(few) == []
    first, second = (sim.run(one, tables=False, jobs=1) for one in (few, plain))
    assert first.batches is None
    assert first.kpis.equals(second.kpis)
