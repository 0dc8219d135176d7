"""Runs that end when they know enough: the same whoever makes the replications, and the same again when asked for as many."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner

import simulation as sim
from simulation.cli import main
from simulation.experiments.load import from_dict
from simulation.experiments.resolved import write_resolved
from simulation.experiments.run import forget
from simulation.experiments.stopping import Standing
from simulation.reports.markup import GLUE
from simulation.scenario.schema import Scenario
from tests.laws.strategies import Data


def center(name: str = "line", agents: int = 5, **more: Any) -> Scenario:
    """Calls of a minute on average, 4 a minute, for an hour; no word of replications."""
    data: Data = {
        "name": name,
        "calendar": {"start": "2026-03-02"},
        "horizon": "1 h",
        "demand": {"sources": {"calls": {"topic": "any", "channel": "phone", "volume": "4/min"}}},
        "channels": {"phone": {"mode": "live"}},
        "topics": {"any": {"handling": {"any": {"exponential": {"mean": "1 min"}}}}},
        "teams": {"front": {"skills": {"all": {}}, "headcount": {"constant": agents}}},
        "targets": {"fast": "service_level(30s) >= 68 %", "slow": "asa.mean <= 4 min"},
    }
    return from_dict(data | more)


def test_targets_without_a_number_of_replications_settle() -> None:
    heard: list[Standing] = []
    result = sim.run(center(), look=heard.append, tables=False, budget=45)
    assert result.ended is not None and result.ended.looks == [one.replications for one in heard]
    assert result.replications == result.scenario.replications == heard[-1].replications
    assert result.verdicts()["slow"] == "met"
    settled = next(one for one in result.judgements if one.target.name == "slow")
    ended = result.summary()["ended"]
    assert settled.interval.n == 20 and ended["reason"] == result.ended.reason
    decided = {name for name, verdict in result.verdicts().items() if verdict != "undecided"}
    assert set(ended["settled_after"]) == decided and ended["settled_after"]["slow"] == 20


@pytest.mark.slow
def test_the_same_whoever_makes_them_and_when_asked_for_as_many() -> None:
    here = sim.run(center(), tables=False, budget=45, jobs=1)
    with ThreadPoolExecutor(3) as pool:
        there = sim.run(center(), tables=False, budget=45, executor=pool)
    again = sim.run(center(), tables=False, until="settled", replications=here.replications)
    for one in (there, again):
        pd.testing.assert_frame_equal(here.targets, one.targets)
    pd.testing.assert_frame_equal(here.kpis, there.kpis)
    plain = sim.run(center(), tables=False, replications=here.replications)
    assert plain.ended is None
    pd.testing.assert_series_equal(here.kpis["mean"], plain.kpis["mean"])
    wider, usual = (one.kpis["high"] - one.kpis["low"] for one in (here, plain))
    assert (wider >= usual - 1e-9).all() and (wider > usual).any()


@pytest.mark.slow
def test_a_precision_is_reached_and_no_more_replications_made_than_it_takes() -> None:
    scenario = center(targets={})
    found = sim.run(scenario, tables=False, precision={"service_level(30s)": "6 %"}, budget=100)
    assert found.ended is not None and found.ended.reason == "precise"
    half = found.kpis.query("metric == 'service_level(30s)' and segment == ''").eval("(high - low) / 2").iloc[0]
    assert half <= 0.06
    assert len(found.ended.looks) == 1 or found.ended.looks[-2] < found.replications
    fixed = sim.run(scenario, tables=False, replications=found.replications)
    both = found.kpis.merge(fixed.kpis, on=["metric", "segment"])
    assert len(both) == len(fixed.kpis) and both["low_x"].equals(both["low_y"])


def test_a_limit_of_time_keeps_only_what_was_made(tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        found = sim.run(center(), until="settled", budget="0.3 s", executor=pool)
    assert found.tables_folder is not None and found.replications <= 20
    made = {path.stem for path in found.tables_folder.glob("*/*.parquet")}
    assert made == {f"{number:05d}" for number in range(found.replications)}
    again = sim.run(center(), until="settled", replications=found.replications, tables=False)
    pd.testing.assert_frame_equal(found.targets, again.targets)


def test_forgetting_takes_later_tables_only(tmp_path: Path) -> None:
    (tmp_path / "cases").mkdir()
    for number in range(4):
        (tmp_path / "cases" / f"{number:05d}.parquet").touch()
    forget(tmp_path, 2)
    assert sorted(path.stem for path in tmp_path.glob("*/*")) == ["00000", "00001"]


@pytest.mark.slow
def test_differences_settle_each_at_its_look_and_the_same_again() -> None:
    scenarios = [center(), center("six", 6), center("twin")]
    found = sim.compare(scenarios, budget=45)
    assert found.ended is not None and found.base.replications == found.ended.replications
    verdicts = found.differences.set_index(["scenario", "metric"])["verdict"]
    assert verdicts["six", "asa.mean"] == "better" and verdicts["six", "service_level(20s)"] == "better"
    assert (verdicts["twin"] == "no difference").all()
    counts = {one.change.n for one in found.found if one.scenario == "six"}
    assert counts <= set(found.ended.looks)
    again = sim.compare(scenarios, replications=found.base.replications, until="settled")
    pd.testing.assert_frame_equal(found.differences, again.differences)


@pytest.mark.slow
def test_verdicts_leave_zero_out_or_lie_within_what_does_not_matter() -> None:
    found = sim.compare([center(), center("six", 6), center("seven", 7)], until="settled", budget=30)
    for one in found.found:
        outside = one.change.low > 0 or one.change.high < 0
        assert outside == (one.verdict in ("better", "worse", "more", "less"))


def test_on_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_resolved(center(replications=2), tmp_path)
    runner = CliRunner()
    settled = runner.invoke(main, ["run", "scenario.yaml", "--until", "settled", "--budget", "30", "--no-fail"])
    assert settled.exit_code == 0 and "Stopped after " in settled.stdout
    said = next(line for line in settled.stdout.splitlines() if line.startswith("Stopped after "))
    (page,) = Path("results").glob("*/report.html")
    assert said in page.read_text(encoding="utf-8")
    assert "of at most 30 replications: " in settled.stderr
    narrow = runner.invoke(main, ["run", "scenario.yaml", "--precision", "50%", "--no-fail", "--out", "narrow"])
    assert "Stopped after 20 replications: every interval is as narrow as asked." in narrow.stdout
    plain = runner.invoke(main, ["run", "scenario.yaml", "--no-fail", "--out", "plain"])
    assert "Stopped" not in plain.stdout and "line: 2 replications" in plain.stdout
    wrong = runner.invoke(main, ["run", "scenario.yaml", "--budget", "soon"])
    assert wrong.exit_code == 2 and "500 or 60 s" in wrong.stderr


def test_a_comparison_on_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for one in (center(replications=2), center("six", 6)):
        (tmp_path / one.name).mkdir()
        write_resolved(one, tmp_path / one.name)
    names = [str(tmp_path / name / "scenario.yaml") for name in ("line", "six")]
    found = CliRunner().invoke(main, ["compare", *names, "--until", "settled", "--budget", "20", "--no-fail"])
    assert found.exit_code == 0 and "Stopped after 20 replications" in found.stdout
    (page,) = Path("results").glob("*/report.html")
    assert "Stopped after 20 replications" in page.read_text(encoding="utf-8").replace(GLUE, " ")
    assert "line against 1 scenario: 20 replications" in found.stdout


@pytest.mark.slow
def test_differences_settle_at_the_joint_level() -> None:
    """At the first look an interval is Student's of the joint critical value: wider than that of a single difference."""
    chosen = sim.compare([center(), center("six", 6)], replications=20)
    settled = sim.compare([center(), center("six", 6)], until="settled", replications=20)
    plain = {str(one.metric): one.change for one in chosen.found}
    for one in settled.found:
        exact = plain[str(one.metric)]
        assert (one.change.low, one.change.high) == pytest.approx((exact.low, exact.high), rel=1e-6, abs=1e-9)
