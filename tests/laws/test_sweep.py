"""Sweeps: each point is a run of its own, on the same customers; the choice, the effects and the shares follow."""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result
from rich.console import Console

import simulation as sim
from simulation.cli import main
from simulation.errors import InputError
from simulation.experiments.load import changed
from simulation.experiments.resolved import write_resolved
from simulation.experiments.sweep import COST, Point, Sweep, _choice, planned, sweep
from simulation.metrics.targets import Judgement, Target
from simulation.reports.sweep import MOST_ROWS, frontier, show
from simulation.reports.sweep_page import write_page
from simulation.scenario.schema import Scenario
from simulation.statistics import mean_interval
from simulation.statistics.paired import mean_estimate
from tests.laws.test_compare import center

FEW = {"sources": {"calls": {"topic": "any", "channel": "phone", "volume": "1/min"}}}
AGENTS, WAGE, VOLUME = "teams.front.headcount.constant", "teams.front.wage", "demand.volume"


def small(name: str = "small", replications: int = 3) -> Scenario:
    return center(name, hours=1).model_copy(update={"replications": replications})


@cache
def staffed() -> Sweep:
    return sweep(small(), {AGENTS: [4, 6, 8], VOLUME: "90 %..110 %:10 %"})


@cache
def alone() -> Sweep:
    factors = {
        AGENTS: range(4, 8),
        VOLUME: "90 %..110 %",
        WAGE: "18 EUR/h..22 EUR/h",
        "routing.discipline": ["fifo", "lifo"],
    }
    return sweep(small(), factors, "one-at-a-time")


@cache
def shared() -> Sweep:
    factors = {AGENTS: range(4, 8), WAGE: "18 EUR/h..22 EUR/h:1 EUR/h", "name": ["a", "b"]}
    return sweep(
        center(
            "c", hours=1, topics={"any": {"handling": {"any": {"exponential": {"mean": "1 min"}}}}}, demand=FEW
        ).model_copy(update={"replications": 3}),
        factors,
        "sobol",
        256,
    )


def test_each_point_is_a_run() -> None:
    found = staffed()
    assert len(found.points) == 9
    for number in (0, 7):
        point = found.points[number]
        run = sim.run(changed(found.scenario, point.values), tables=False)
        mine = found.kpis[found.kpis["point"] == number].set_index(["metric", "segment"])
        theirs = run.kpis.set_index(["metric", "segment"]).loc[mine.index]
        pd.testing.assert_frame_equal(mine[["mean", "low", "high"]], theirs[["mean", "low", "high"]])
        assert {one.target.name: one.verdict for one in point.judgements} == run.verdicts()


def test_wherever_it_is_worked_out_the_numbers_are_the_same() -> None:
    factors = {AGENTS: [4, 6]}
    with ThreadPoolExecutor(3) as pool:
        there = sweep(small(), factors, executor=pool)
    pd.testing.assert_frame_equal(sweep(small(), factors).kpis, there.kpis)


def test_the_same_customers_come_at_every_point() -> None:
    found = sweep(small(), {AGENTS: range(4, 9)}).kpis
    contacts = found[found["metric"] == "contacts"]
    assert contacts["mean"].nunique() == 1


def test_more_agents_serve_better() -> None:
    for _, rows in staffed().frame.groupby(VOLUME):
        assert rows["fast"].is_monotonic_increasing


def test_the_choice_is_the_cheapest_that_meets_every_target() -> None:
    found = staffed()
    chosen = found.choice
    assert chosen is not None
    meets = found.frame[found.frame["fast: verdict"] == "met"]
    assert chosen.point.cost == meets["cost"].min()
    assert all(more.mean >= 0 for _, more in chosen.next)
    assert all(one.cost < chosen.point.cost and not one.count(sim.Verdict.missed) for one in chosen.open)


def point(number: int, values: Sequence[float], cost: float) -> Point:
    """A point whose one target, at most 10, observed these values."""
    target = Target.parse("short", "asa <= 10 s")
    seen = {(target.metric, target.segment): mean_estimate(values), COST: mean_estimate([cost] * len(values))}
    held = mean_interval(values)
    return Point(number, {}, [], [Judgement(target, held, target.verdict(held))], seen)


def test_a_choice_out_of_many_is_sure_only_by_joint_intervals() -> None:
    chance = np.random.default_rng(1)
    good, bad = chance.normal(9.6, 1, 20), [chance.normal(11, 1, 20) for _ in range(30)]
    assert point(0, good, 5).meets_all
    few, many = (
        [point(0, good, 5), *(point(1 + n, one, 1 + n / 9) for n, one in enumerate(bad[:some]))] for some in (0, 30)
    )
    sure = [_choice(points, 0.95, 1) for points in (few, many)]
    assert [one is not None and (one.point.number, one.surely) for one in sure] == [(0, True), (0, False)]


def test_cheaper_points_that_are_undecided_and_the_next_are_told() -> None:
    chance = np.random.default_rng(2)
    points = [
        point(n, chance.normal(mean, 1, 20), cost)
        for n, (mean, cost) in enumerate([(10, 1), (12, 2), (8, 3), (7, 4), (6, 6)])
    ]
    found = _choice(points, 0.95, 1)
    assert found is not None
    assert (found.point.number, [one.number for one in found.open]) == (2, [0])
    assert [(one.number, more.mean) for one, more in found.next] == [(3, 1.0), (4, 3.0)]


def test_without_targets_or_prices_nothing_is_chosen() -> None:
    assert sweep(center("free", hours=1, targets={}), {AGENTS: [5, 6]}).choice is None
    teams = {"front": {"skills": {"all": {}}, "headcount": {"constant": 5}}}
    assert sweep(center("unpaid", hours=1, teams=teams), {AGENTS: [8, 9]}).choice is None


# -- effects ------------------------------------------------------------------------------------------


def test_a_tornado_tells_what_each_factor_does_alone() -> None:
    cost = [one for one in alone().tornado if one.metric.kpi == "cost"]
    assert [one.factor.path for one in cost] == [AGENTS, WAGE, VOLUME, "routing.discipline"]
    changes = {one.factor.path: [by.change.mean for _, by in one.moves] for one in cost}
    assert changes[AGENTS] == pytest.approx([-480, 960])
    assert changes[WAGE] == pytest.approx([-240, 240])
    assert changes[VOLUME] == [0, 0]
    assert cost[0].swing == pytest.approx(1440)


def test_the_effects_are_the_differences_of_a_comparison() -> None:
    factors = [{AGENTS: 4}, {AGENTS: 7}]
    others = [changed(small(), values).model_copy(update={"name": f"other{n}"}) for n, values in enumerate(factors)]
    compared = sim.compare([small(), *others]).differences.query("metric == 'service_level(30s)'")
    mine = [
        by.change.mean
        for one in alone().tornado
        if one.metric.kpi == "service_level" and one.factor.path == AGENTS
        for _, by in one.moves
    ]
    assert mine == pytest.approx(compared["change"].tolist())


@pytest.mark.slow
def test_shares_of_cost_are_those_of_a_product() -> None:
    cost = next(one for one in shared().sensitivity if one.metric.kpi == "cost")
    agents, wage = np.array([4, 5, 6, 7]), np.array([20, np.sqrt(2)])
    rough = {"agents": agents.var() * wage[0] ** 2, "wage": wage[1] ** 2 * agents.mean() ** 2}
    whole = sum(rough.values()) + agents.var() * wage[1] ** 2
    first = [by.first for by in cost.found.indices]
    assert first[0].low <= rough["agents"] / whole <= first[0].high
    assert first[1].low <= rough["wage"] / whole <= first[1].high
    assert cost.found.indices[2].total.mean == 0  # a name changes nothing
    assert cost.found.noise == 0


def test_points_of_equal_values_are_simulated_once() -> None:
    plan = planned(small(), {AGENTS: [5, 6], "routing.discipline": ["fifo", "lifo"]}, "sobol", 64)
    assert len(plan.design.points) == 4 and len(plan.design.rows) == 256


# -- bad input ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("factors", "more", "what"),
    [
        ({"teams.fron.headcount.constant": range(4, 9)}, {}, r"did you mean front instead of fron\? \(at every point\)"),
        ({"teams.front.headcont.constant": range(4, 9)}, {}, "did you mean headcount"),
        ({AGENTS: range(-1, 3)}, {}, r"must be at least 0, not -1 \(at 1 of 4 points, first at .*=-1\)"),
        ({"routing.discipline": "1..5"}, {}, "must be one of fifo"),
        ({AGENTS: "9..4"}, {}, "begins above its end"),
        ({AGENTS: 7}, {}, "is one value, not several"),
        ({}, {}, "there is nothing to vary"),
        ({AGENTS: range(1, 2000), VOLUME: "1..2:0.01"}, {}, "asks for 201,899 points, and 10,000 is the most"),
        ({AGENTS: [4, 5]}, {"design": "sobol", "points": 20}, "write --points 32"),
        ({AGENTS: [4, 5]}, {"design": "sobol", "replications": 2}, "three replications or more"),
        ({AGENTS: [4, 5]}, {"design": "lhs", "points": 1}, "two points or more"),
        ({AGENTS: [4, 5]}, {"design": "round"}, "there is no design 'round'"),
        ({AGENTS: [4, 5]}, {"points": 5}, "as many points as its levels make"),
        ({AGENTS: [4, 5]}, {"metrics": ["asb"]}, "--metric asb: there is no metric 'asb'"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_before_anything_is_simulated(factors: dict, more: dict, what: str) -> None:  # type: ignore[type-arg]
    with pytest.raises(InputError, match=what):
        planned(small(), factors, **more)


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(InputError) as error:
        planned(small(), {AGENTS: range(-2, 2), "routing.discipline": ["fifo", "nearest"]})
    text = str(error.value)
    assert "at least 0, not -2" in text and "must be one of fifo" in text and len(error.value.problems) <= 3


# -- command ------------------------------------------------------------------------------------------


def command(tmp_path: Path, *arguments: str, scenario: Scenario | None = None) -> Result:
    write_resolved(scenario or small(), tmp_path)
    return CliRunner().invoke(main, ["sweep", str(tmp_path / "scenario.yaml"), *arguments])


def test_the_command_writes_a_folder_and_says_what_to_choose(tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = command(tmp_path, "--set", f"{AGENTS}=4|8|9", "--set", f"{WAGE}=21 EUR/h", "--out", str(out))
    assert done.exit_code == 0, done.output
    assert "3 points x 3 replications: 9 runs" in done.output
    assert "Cheapest that meets every target: headcount.constant=8" in done.output
    names = {
        "points.csv",
        "kpis.csv",
        "kpis.parquet",
        "targets.csv",
        "summary.json",
        "manifest.json",
        "report.html",
        "scenario.yaml",
    }
    assert {path.name for path in out.iterdir()} == names
    points = pd.read_csv(out / "points.csv")
    assert points[AGENTS].tolist() == [4, 8, 9] and points["cost"].tolist()[0] == 4 * 21 * 24
    assert len(pd.read_parquet(out / "kpis.parquet")) == len(pd.read_csv(out / "kpis.csv"))
    summary = json.loads((out / "summary.json").read_text())
    assert summary["cheapest_that_meets_every_target"] == 1
    assert summary["factors"] == {AGENTS: ["4", "8", "9"]}


def test_a_dry_run_simulates_nothing(tmp_path: Path) -> None:
    done = command(tmp_path, "--set", f"{AGENTS}=4..8", "--dry-run", "--out", str(tmp_path / "out"))
    assert done.exit_code == 0 and "15 runs" in done.output and not (tmp_path / "out").exists()


@pytest.mark.parametrize(("agents", "options", "code"), [("3|4", (), 99), ("3|4", ("--no-fail",), 0), ("2|9", (), 0)])
def test_exit_codes(tmp_path: Path, agents: str, options: tuple[str, ...], code: int) -> None:
    arguments = [
        "--set",
        f"{AGENTS}={agents}",
        "--quiet",
        "--replications",
        "3",
        "--out",
        str(tmp_path / "out"),
        *options,
    ]
    done = command(tmp_path, *arguments)
    assert done.exit_code == code
    assert done.output.strip() == str(tmp_path / "out")


def shown(found: Sweep, width: int) -> str:
    console = Console(width=width, record=True, quiet=False, file=open("/dev/null", "w"))  # noqa: SIM115
    show(console, found, Path("out"))
    return console.export_text()


@pytest.mark.parametrize("width", [60, 80, 140])
@pytest.mark.parametrize("found", [staffed, alone, shared], ids=["grid", "tornado", "shares"])
def test_it_reads_on_any_width(found: object, width: int) -> None:
    text = shown(found(), width)  # type: ignore[operator]
    lines = text.splitlines()
    assert max(map(len, lines[:-1])) <= width
    assert "headcount.constant" in text and "…" not in text


def test_marks_are_told_where_they_stand() -> None:
    """A table that counts targets has no marks to explain, but open ones."""
    text = shown(staffed(), 45)
    assert "✓ met" in shown(staffed(), 140) and "✓" not in text
    assert "open: undecided" in text or " open" not in text


def test_without_targets_no_marks_are_told() -> None:
    free = center("free", hours=1, targets={}).model_copy(update={"replications": 2})
    assert "✓" not in shown(sweep(free, {AGENTS: range(3, 5)}), 100)


def test_of_many_points_the_frontier_is_listed() -> None:
    found = sweep(small(replications=2), {AGENTS: range(3, 9), WAGE: "18 EUR/h..22 EUR/h"})
    assert len(found.points) > MOST_ROWS
    text = shown(found, 100)
    assert "The best of 30 points" in text and "out/points.csv" in text
    costs = [point.cost for point in frontier(found)]
    met = [point.count(sim.Verdict.met) for point in frontier(found)]
    assert costs == sorted(costs) and met == sorted(set(met))
    assert len(text.splitlines()) < 40


@pytest.mark.parametrize("found", [staffed, alone, shared], ids=["grid", "tornado", "shares"])
def test_the_page_holds_the_figures_and_the_numbers(found: object, tmp_path: Path) -> None:
    write_page(found(), tmp_path)  # type: ignore[operator]
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert 'role="img"' in text and "What was varied" in text and "headcount.constant" in text
    rows = found().design.sampled  # type: ignore[operator]
    assert (f"--design sobol, --points {rows}, --replications" in text.replace("\u00a0", " ")) == (rows > 0)
