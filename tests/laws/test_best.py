"""Selections among real scenarios: the best that theory knows, the same numbers everywhere, and what is refused."""

from __future__ import annotations

import io
import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner
from rich.console import Console

import simulation as sim
from simulation.cli import main
from simulation.errors import InputError
from simulation.experiments.best import Stand, best
from simulation.experiments.resolved import write_resolved
from simulation.reports.best import outcome, show
from tests.laws.test_compare import center


def staffed() -> list[sim.Scenario]:
    """More agents wait less; one has the same number under another name."""
    return [center(name, agents, hours=4) for name, agents in (("five", 5), ("six", 6), ("eight", 8), ("also", 8))]


def test_a_race_finds_the_shortest_wait() -> None:
    stands: list[Stand] = []
    found = best(staffed(), "asa", 2.0, jobs=1, watch=stands.append)
    assert found.best == "eight" and found.left == ["eight"] and found.better == "lower"
    by_name = found.ranking.set_index("scenario")
    assert list(by_name.index) == ["eight", "also", "six", "five"]
    assert by_name.loc["also", "behind"] == 0 and by_name.loc["also", "out_behind"] == "eight"
    assert (by_name["replications"] >= 10).all()
    assert {one.name for stand in stands for one in stand.left} == {"five", "six", "also"}


def test_the_values_are_those_of_runs() -> None:
    found = best(staffed()[:2], "service_level(30s)", "1 %", first=4, most=5, jobs=1)
    taken = found.ranking.set_index("scenario")["replications"]
    for one in staffed()[:2]:
        kpis = sim.run(one, replications=int(taken[one.name]), tables=False).kpis
        same = kpis[(kpis["metric"] == "service_level(30s)") & (kpis["segment"] == "")]["mean"].iloc[0]
        assert found.ranking.set_index("scenario").loc[one.name, "value"] == pytest.approx(same)


def test_a_budget_is_spent_to_the_last_on_rivals() -> None:
    found = best(staffed()[:3], "asa", budget=36, first=4, jobs=1)
    taken = found.ranking.set_index("scenario")["replications"]
    assert found.best == "eight" and taken.sum() == 36
    assert taken["five"] < taken["eight"] and found.probability is not None and found.probability > 0.99


@pytest.mark.parametrize("budget", [None, 24])
def test_wherever_it_is_worked_out_the_numbers_are_the_same(budget: int | None) -> None:
    with ThreadPoolExecutor(3) as pool:
        there = best(staffed()[:3], "asa", budget=budget, first=4, most=12, executor=pool)
    here = best(staffed()[:3], "asa", budget=budget, first=4, most=12, jobs=1)
    pd.testing.assert_frame_equal(here.ranking, there.ranking)
    pd.testing.assert_frame_equal(here.replications, there.replications)


def test_after_the_most_replications_it_is_undecided() -> None:
    found = best(
        [center("five", hours=4), center("faster", hours=4, teams=faster())], "asa", 1e-6, first=3, most=4, jobs=1
    )
    assert found.best is None and set(found.left) == {"five", "faster"}


def faster() -> dict[str, object]:
    return {"front": {"skills": {"all": {}}, "headcount": {"constant": 5}, "wage": "20 EUR/h", "speed": 1.0001}}


def test_what_makes_no_selection_is_refused() -> None:
    with pytest.raises(InputError, match="there is no metric 'asx'"):
        best(staffed(), "asx")
    with pytest.raises(InputError, match="would have no data"):
        best(staffed(), "containment")
    with pytest.raises(ValueError, match="say which by --max or --min"):
        best(staffed(), "contacts")
    with pytest.raises(ValueError, match="two scenarios or more"):
        best(staffed()[:1], "asa")
    with pytest.raises(ValueError, match="does not pay for the first stage"):
        best(staffed(), "asa", budget=39)
    with pytest.raises(ValueError, match="must be above 0"):
        best(staffed(), "asa", "0 s")
    with pytest.raises(InputError, match="nobody said which difference matters"):
        best(staffed(), "contacts{hour=7}", better="higher", first=3, jobs=1)


def test_the_command(tmp_path: Path) -> None:
    files = []
    for one in staffed()[:3]:
        (tmp_path / one.name).mkdir()
        write_resolved(one, tmp_path / one.name)
        files.append(str(tmp_path / one.name / "scenario.yaml"))
    out = tmp_path / "out"
    done = CliRunner().invoke(
        main, ["best", *files, "--by", "asa", "--first", "4", "--matters", "5 s", "--jobs", "1", "--out", str(out)]
    )
    assert (
        done.exit_code == 0
        and "eight is the best." in done.output
        and " replications: five is out, behind eight" in done.output
    )
    assert {one.name for one in out.iterdir() if one.is_file()} == {
        "ranking.csv", "replications.csv", "summary.json", "manifest.json", "report.html",
    }  # fmt: skip
    summary = json.loads((out / "summary.json").read_text())
    assert summary["best"] == "eight" and summary["ranking"][0]["scenario"] == "eight"
    strict = [
        "best",
        *files,
        "--by",
        "fcr",
        "--first",
        "3",
        "--most",
        "3",
        "--matters",
        "0.0001 %",
        "--strict",
        "--quiet",
    ]
    assert CliRunner().invoke(main, [*strict, "--out", str(out)]).exit_code in (0, 98)
    both = CliRunner().invoke(main, ["best", *files, "--by", "asa", "--max", "--min"])
    assert both.exit_code == 2 and "contradict each other" in both.output
    dear = CliRunner().invoke(main, ["best", *files, "--by", "cost", "--matters", "5 USD"])
    assert dear.exit_code == 2 and "prices are in EUR, not USD" in dear.output


@pytest.mark.slow
def test_the_cheapest_that_meets_its_targets() -> None:
    """80 % within 30 s: three agents fewer are cheaper and miss it, more are dearer; the exact levels are 67, 89 and 99 %."""
    scenarios = [center(name, agents, hours=8) for name, agents in (("five", 5), ("six", 6), ("eight", 8))]
    free = best(scenarios, "cost", jobs=1)
    assert free.best == "five" and free.subject_to is None
    for budget in (None, 40):
        found = best(scenarios, "cost", budget=budget, subject_to="targets", jobs=1)
        assert found.best == "six"
        out = {one.name: one.out.misses for one in found.contenders if one.out and one.out.misses}
        assert out == {"five": ("fast",)}
        assert found.ranking.set_index("scenario").loc["five", "behind"] < 0


def test_where_all_miss_their_targets_none_is_left() -> None:
    found = best([center("four", 4, hours=4), center("five", 5, hours=4)], "cost", subject_to="targets", jobs=1)
    assert found.best is None and found.left == []
    for width in (60, 120):
        console = Console(width=width, record=True, file=io.StringIO())
        show(console, found, Path("out"))
        said = console.export_text()
        assert len(re.findall(r"after 10, misses fast", said)) == 2 and max(map(len, said.splitlines())) <= width
    with pytest.raises(ValueError, match="none of the scenarios has targets"):
        best([center("a", targets={}), center("b", targets={})], "cost", subject_to="targets")


def test_another_time_is_told() -> None:
    found = best([center("five", hours=4), center("longer", 6, hours=5)], "asa", "1 h", first=3, jobs=1)
    console = Console(width=120, record=True, file=io.StringIO())
    show(console, found, Path("out"))
    said = console.export_text()
    assert "not all scenarios measure the same time" in said and "the same customers" not in said


def test_what_is_within_what_matters_is_called_so() -> None:
    found = best([center("five", hours=4), center("faster", hours=4, teams=faster())], "asa", "1 h", first=3, jobs=1)
    assert found.best is not None and "is selected; " in outcome(found)
    assert "behind by less than what matters" in outcome(found)
    equal = best([center("five", hours=4), center("same", hours=4)], "asa", "1 s", first=3, jobs=1)
    assert outcome(equal) == "five is the best; same gives the same."


def test_one_replication_with_data_makes_no_race() -> None:
    """A call or two in six replications of two hours: one of them would show no spread, and so be sure at once."""
    sources = {"calls": {"topic": "any", "channel": "phone", "volume": "1/day"}}
    rare = [center(name, hours=2, demand={"sources": sources}) for name in ("one", "other")]
    with pytest.raises(InputError, match=r"data for it in one only of 6 replications.*--first 100"):
        best(rare, "resolution_time", 1.0, first=6, most=6, jobs=1)
