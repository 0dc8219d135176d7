"""Scorecards by hand: sums by agent, figures by level, spread between agents, the command and the page."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import simulation as sim
from simulation.cli import main
from simulation.errors import InputError
from simulation.experiments.load import from_dict
from simulation.metrics.people import between
from simulation.record.tables import DICTIONARY
from simulation.reports import scorecards
from tests.laws.micro import center, on_shift
from tests.laws.strategies import Data


def two_agents(**parts: object) -> Data:
    """Four calls for two agents (in turn, the longest idle first): 60 s and 120 s, then 40 s and 80 s."""
    calls = center([(0, 60), (1, 120), (1000, 40), (1001, 80)], teams__front=on_shift("00:00", "01:00", 2), **parts)
    calls["teams"]["front"]["wage"] = "36 EUR/h"
    calls["opinion"] = {"satisfied": "100 %"}
    return calls


@pytest.fixture(scope="module")
def result() -> sim.Result:
    """Two agents in two replications (of a log: both are alike)."""
    return sim.run(from_dict(two_agents()), replications=2, jobs=1)


def test_cards_by_hand(result: sim.Result) -> None:
    cards = result.table("scorecards").set_index(["replication", "agent"])
    assert list(cards.columns) == [name for name in DICTIONARY["scorecards"] if name != "agent"]
    first, second = cards.loc[(0, "front/s/1")], cards.loc[(0, "front/s/2")]
    assert (first["stays"], first["handling"], first["handling_squared"]) == (2, 100, 60**2 + 40**2)
    assert (second["stays"], second["handling"], second["right"], second["answers"]) == (2, 200, 2, 2)
    assert (first["cases"], first["solved_first"], first["opinions"], first["satisfied"]) == (2, 2, 2, 2)
    assert (first["signed_in"], first["busy"], first["paid"], first["cost"]) == (3600, 100, 3600, 36)


def test_a_case_counts_for_who_handled_it_first() -> None:
    """The front, one after the other, passes both cases up to the boss, who solves them."""
    data = center(
        [(0, 60), (200, 60)],
        teams__front=on_shift("00:00", "01:00", 2),
        teams__boss={**on_shift("00:00", "01:00"), "tier": "boss"},
        escalation={"path": ["tier1", "boss"]},
        topics__any__reach={"tier1": "0 %", "boss": "100 %"},
    )
    cards = sim.run(from_dict(data), replications=1, jobs=1).table("scorecards").set_index("agent")
    assert cards["stays"].to_dict() == {"front/s/1": 1, "front/s/2": 1, "boss/s/1": 2}
    assert cards["cases"].to_dict() == {"front/s/1": 1, "front/s/2": 1, "boss/s/1": 0}
    assert cards["solved_first"].sum() == 2


def test_figures_by_level(result: sim.Result) -> None:
    rows = result.scorecards.set_index(["level", "name"])
    team, agent = rows.loc[("team", "front")], rows.loc[("agent", "front/s/1")]
    assert (team["stays"], team["handling_time"], team["occupancy"]) == (8, 75, pytest.approx(300 / 7200))
    assert list(agent["replication"]) == [0, 1]
    assert list(agent["handling_time"]) == [50, 50]
    assert list(agent["cost_per_stay"]) == [18, 18]
    assert rows.loc[("all", ""), "right"] == 1


def test_spread_between_agents_by_hand(result: sim.Result) -> None:
    """Means of 50 s and 100 s around 75 s: variance 1250; chance gives means with variances 200 / 2 and 800 / 2."""
    found = {str(one.metric): one.interval.mean for one in result.summaries if not one.segment}
    assert found["handling_spread"] == pytest.approx(np.sqrt(1250 - (200 / 2 + 800 / 2) / 2) / 75)
    assert found["quality_spread"] == 0


def planned(**plan: object) -> sim.Result:
    """The two agents, judged by a plan."""
    data = two_agents()
    data["teams"]["front"]["people"] = {"plan": plan}
    return sim.run(from_dict(data), replications=2, jobs=1)


@pytest.mark.parametrize(("plan", "misses"), [
    ({"handling_time": "60 s"}, ["", "handling_time"]), ({"handling_time": "50 s"}, ["", "handling_time"]),
    ({"handling_time": "49 s", "right": "100 %"}, ["handling_time", "handling_time"]),
    ({"cost_per_stay": "18 EUR", "occupancy": "5 %"}, ["occupancy", ""]),
    ({"cost_per_stay": "17 EUR", "occupancy": "100 %"}, ["occupancy cost_per_stay"] * 2), ({"csat": "100 %", "fcr": "100 %"}, ["", ""]),
])  # fmt: skip
def test_who_misses_what_of_the_plan(plan: Data, misses: list[str]) -> None:
    """Means of 50 s and 100 s; 18 EUR a stay each; occupied for 2.8 % and 5.6 % of the hour."""
    result = planned(**plan, least=2)
    agents = result.scorecards.query("level == 'agent' and replication == 0")
    assert list(agents["misses"]) == misses
    assert list(agents["on_plan"]) == [float(not words) for words in misses]
    found = {str(one.metric): one.interval.mean for one in result.summaries if not one.segment}
    assert found["on_plan"] == np.mean([not words for words in misses])
    assert result.scorecards.set_index(["level", "name"]).loc[("team", "front"), "on_plan"] == found["on_plan"]


def test_agents_with_few_stays_are_not_judged_and_a_plan_changes_no_run(result: sim.Result) -> None:
    few = planned(right="100 %", least=3)
    assert few.scorecards["on_plan"].isna().all()
    assert few.legs.equals(result.legs)


def test_a_plan_that_asks_nothing_is_told() -> None:
    with pytest.raises(InputError, match=r"asks nothing; write e\.g\. right: 85 %"):
        planned(least=5)


def test_the_command_says_what_is_missed(tmp_path: Path) -> None:
    folder = str(planned(handling_time="60 s", right="100 %", least=1).save(tmp_path / "results"))
    shown = CliRunner().invoke(main, ["scorecards", folder, "--team", "front"]).output
    assert "yes" in shown.splitlines()[-3]
    assert "handling" in shown.splitlines()[-2]


def test_between_is_the_variance_less_the_noise() -> None:
    means = np.array([1.0, 2.0, 4.0])
    assert between(means, np.zeros(3)).mean() == pytest.approx(np.var(means, ddof=1))
    assert between(means, np.array([0.3, 0.6, 0.9])).mean() == pytest.approx(np.var(means, ddof=1) - 0.6)


def test_the_command_shows_cards(result: sim.Result, tmp_path: Path) -> None:
    folder = str(result.save(tmp_path / "results"))
    run = CliRunner()
    by_team = run.invoke(main, ["scorecards", folder, "--by", "team"]).output
    assert "front" in by_team
    assert "1:15 min" in by_team
    slowest_first = run.invoke(main, ["scorecards", folder, "--team", "front", "--sort", "handling_time"]).output
    assert slowest_first.index("s/2") < slowest_first.index("s/1")
    assert "replication 0" in slowest_first


@pytest.mark.parametrize(("width", "whole"), [(80, True), (48, False)])
def test_no_figure_is_cut_off_on_a_narrow_terminal(result: sim.Result, tmp_path: Path, width: int, whole: bool) -> None:
    folder = str(result.save(tmp_path / "results"))
    lines = CliRunner().invoke(main, ["scorecards", folder], env={"COLUMNS": str(width)}).output.splitlines()
    rows = [line.split() for line in lines if line.startswith("front/")]
    assert [row[:6] for row in rows] == [
        ["front/s/1", "2", "50", "s", "100", "%"], ["front/s/2", "2", "1:40", "min", "100", "%"],
    ]  # fmt: skip
    assert all((row[-1] in ("18.00", "9.00")) == whole for row in rows)
    assert ("In scorecards.csv as well:" in " ".join(lines)) != whole


@pytest.mark.parametrize(("options", "told"), [
    (["--by", "site"], "the results have no sites to show"), (["--team", "fron"], "write e.g. --team front"),
    (["--sort", "rigt"], "write e.g. --sort right"), (["--replication", "7"], "no agents to show (replication 7)"),
])  # fmt: skip
def test_what_is_not_there_is_told(result: sim.Result, tmp_path: Path, options: list[str], told: str) -> None:
    folder = str(result.save(tmp_path / "results"))
    answer = CliRunner().invoke(main, ["scorecards", folder, *options])
    assert answer.exit_code != 0
    assert told in answer.output


def test_a_folder_without_cards_is_told(tmp_path: Path) -> None:
    answer = CliRunner().invoke(main, ["scorecards", str(tmp_path)])
    assert "is no results folder with scorecards" in answer.output


def test_ends_of_a_long_list(result: sim.Result, tmp_path: Path) -> None:
    rows = scorecards.read(result.save(tmp_path / "results"))
    assert len(scorecards.agents(rows)) == 2
    low, middle, high = scorecards.spread(scorecards.by_team(rows)["front"], "handling_time")
    assert (low, middle, high) == (50, 75, 100)
