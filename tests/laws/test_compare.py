"""Comparisons: the same customers in all scenarios, differences that are none where nothing differs, and exact ones met."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner

import simulation as sim
from simulation.cli import main
from simulation.errors import InputError
from simulation.experiments.compare import Comparison, compare, comparison_place, on_the_same
from simulation.experiments.load import from_dict
from simulation.experiments.resolved import write_resolved
from simulation.metrics.differences import Change, verdict
from simulation.reports.comparison import MANY, _folded, _headline, show
from simulation.reports.console import PlainConsole
from simulation.scenario.schema import Scenario
from simulation.statistics import Interval
from simulation.theory import erlang
from tests.laws.strategies import Data


def center(name: str, agents: int = 5, hours: int = 12, **more: Any) -> Scenario:
    """Calls of a minute on average, 4 a minute."""
    data: Data = {
        "name": name,
        "calendar": {"start": "2026-03-02"},
        "warm_up": "1 h",
        "horizon": f"{1 + hours} h",
        "replications": 6,
        "demand": {"sources": {"calls": {"topic": "any", "channel": "phone", "volume": "4/min"}}},
        "channels": {"phone": {"mode": "live"}},
        "topics": {"any": {"handling": {"any": {"exponential": {"mean": "1 min"}}}}},
        "teams": {"front": {"skills": {"all": {}}, "headcount": {"constant": agents}, "wage": "20 EUR/h"}},
        "targets": {"fast": "service_level(30s) >= 80 %"},
    }
    return from_dict(data | more)


def with_wage(name: str, wage: str) -> Scenario:
    teams = {"front": {"skills": {"all": {}}, "headcount": {"constant": 5}, "wage": wage}}
    return center(name, teams=teams)


def test_a_scenario_does_not_differ_from_itself() -> None:
    found = compare([center("one"), center("other")]).differences
    assert len(found) > 8
    assert (found[["change", "low", "high"]] == 0).all(axis=None)
    assert set(found["verdict"]) == {"no difference"}


def test_a_wage_changes_cost_and_nothing_else() -> None:
    found = compare([center("one"), with_wage("dear", "30 EUR/h")]).differences
    money = found["unit"].str.startswith("EUR")
    assert money.any() and (found.loc[money, "verdict"] == "worse").all()
    assert (found.loc[~money, "change"] == 0).all()
    cost = found[found["metric"] == "cost"].iloc[0]
    assert cost["change"] == pytest.approx(5 * 24 * 10)
    assert cost["low"] == cost["high"] == pytest.approx(cost["change"])


def test_each_result_is_that_of_a_run() -> None:
    scenarios = [center("one"), center("two", 6)]
    compared = compare(scenarios)
    for scenario, result in zip(scenarios, compared.results, strict=True):
        pd.testing.assert_frame_equal(result.kpis, sim.run(scenario, tables=False).kpis)


def test_wherever_it_is_worked_out_the_numbers_are_the_same() -> None:
    scenarios = [center("one"), center("two", 6)]
    with ThreadPoolExecutor(3) as pool:
        there = compare(scenarios, executor=pool)
    pd.testing.assert_frame_equal(compare(scenarios).differences, there.differences)


@pytest.fixture(scope="module")
def staffed() -> Comparison:
    """Five agents, and one and two more, for longer."""
    return compare(
        [center("five", hours=40), center("six", 6, hours=40), center("seven", 7, hours=40)], replications=16
    )


@pytest.mark.slow
@pytest.mark.parametrize(("name", "agents"), [("six", 6), ("seven", 7)])
def test_differences_of_staffing_are_those_of_erlang(staffed: Comparison, name: str, agents: int) -> None:
    """The exact difference of waits and of service levels lies within the joint interval, which is narrow and knows the sign."""
    found = staffed.differences[staffed.differences["scenario"] == name].set_index("metric")
    for metric, exact in {
        "asa.mean": 60 * (queue(agents).wait - queue(5).wait),
        "service_level(30s)": queue(agents).service_level(0.5) - queue(5).service_level(0.5),
    }.items():
        row = found.loc[metric]
        assert row["low"] <= exact <= row["high"], metric
        assert row["high"] - row["low"] < 0.4 * abs(exact)
        assert row["verdict"] == "better" and row["variance_reduction"] > 0


def queue(agents: int) -> erlang.ErlangC:
    """M/M/n with so many agents; times in minutes."""
    return erlang.erlang_c(4.0, 1.0, agents)


def test_another_seed_is_another_place() -> None:
    scenarios = [center("one"), center("two", 6)]
    places = {
        comparison_place(on_the_same(scenarios, number, seed)) for number, seed in [(None, None), (2, None), (2, 5)]
    }
    assert len(places) == 3


def test_another_time_is_told() -> None:
    compared = compare([center("one"), center("two"), center("longer", hours=13)], replications=2)
    assert compared.other_times == ["longer"]
    assert "the same customers in all" not in str(_headline(compared))
    assert "the same customers in all" in str(_headline(compare([center("one"), center("two")], replications=2)))


def test_a_level_is_written_as_a_share_or_a_number(tmp_path: Path) -> None:
    write_resolved(center("one", hours=1), tmp_path)
    ask = ["compare", str(tmp_path / "scenario.yaml"), "--with", str(tmp_path / "gone.yaml"), "--level"]
    for level in ("90", "90%", "90 %"):
        assert "there is no such file" in CliRunner().invoke(main, [*ask, level]).output
    for level in ("high", "20 %", "100"):
        said = " ".join(CliRunner().invoke(main, [*ask, level]).output.split())
        assert f"{level!r} is not a share from 50 % to 99.9 %; write e.g. 95 %" in said


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(InputError, match="one: name: two of the scenarios are called so"):
        compare([center("one"), center("one", 6)])
    with pytest.raises(InputError, match="dollars: cost: its prices are in USD, those of one in EUR"):
        compare([center("one"), with_wage("dollars", "20 USD/h")])


# -- from the command line ------------------------------------------------------------------------------------------


def command(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["compare", *arguments])
    return done.exit_code, done.output


@pytest.mark.slow
def test_files_laid_over_a_scenario_are_compared_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    code, printed = command(
        "baseline",
        "--with",
        "whatif/templates",
        "--with",
        "whatif/two-more-in-the-morning",
        "--replications",
        "2",
        *("--set", "horizon=2 d", "--set", "run_out=6 h"),
    )
    assert code == 0, printed
    assert "baseline against 2 scenarios: 2 replications" in printed and "asa" in printed
    (folder,) = (tmp_path / "results").iterdir()
    found = pd.read_csv(folder / "differences.csv")
    assert set(found["scenario"]) == {"templates", "two-more-in-the-morning"}
    assert {"summary.json", "manifest.json", "targets.csv"} <= {path.name for path in folder.iterdir()}
    assert (folder / "templates" / "kpis.csv").is_file()
    days = {"horizon": "2 d", "run_out": "6 h"}
    alone = sim.run(sim.load("whatif/templates", set=days), replications=2, tables=False)
    pd.testing.assert_frame_equal(
        pd.read_csv(
            folder / "templates" / "kpis.csv", keep_default_na=False, na_values={"low": "", "high": "", "mean": ""}
        ),
        alone.kpis,
        check_dtype=False,
    )


@pytest.mark.parametrize("columns", ["60", "90", "200"])
def test_many_scenarios_fit_any_console(columns: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", columns)
    names = [f"agents-{number}" for number in range(5, 11)]
    for number, name in enumerate(names, start=5):
        (tmp_path / name).mkdir()
        write_resolved(center(name, number, hours=1), tmp_path / name)
    code, printed = command(*(f"{name}/scenario.yaml" for name in names), "--replications", "2", "--no-fail")
    assert code == 0, printed
    assert max(map(len, printed.splitlines())) <= max(int(columns), 80)
    assert all(name in printed for name in names[1:])
    assert all(metric in printed for metric in ("service_level(20s)", "asa", "first_response_time", "occupancy"))


@pytest.mark.parametrize("width", [60, 100, 250])
def test_of_very_many_scenarios_what_differs_is_listed(width: int) -> None:
    """Six agents are better, a name alone changes nothing, and each is said once in each part."""
    others = [center(f"alike-{number}", hours=2) for number in range(MANY)]
    found = compare(
        [center("base", hours=2), *others, center("six", 6, hours=2, targets={"fast": "asa <= 1 h"})], jobs=1
    )
    out = StringIO()
    show(PlainConsole(file=out, width=width), found, Path("there"))
    lines = out.getvalue().splitlines()
    assert max(map(len, lines)) <= width
    said = " ".join(out.getvalue().split())
    assert f"All as in base: {', '.join(one.name for one in others)}." in said
    assert f"Not shown to differ in anything: {', '.join(one.name for one in others)}." in said
    rows = [line.split() for line in lines if line.startswith("six")]
    assert rows[0] == ["six", "✓", "fast"] and "▲" in rows[1]
    assert sum(line.startswith("six") for line in lines) == 2


def test_names_are_folded_between_their_words() -> None:
    assert _folded("nights-in-another-time-zone") == "nights-in-\nanother-time-\nzone"
    assert _folded("two_more") == "two_more"
    assert _folded("longerthanfourteen") == "longerthanfourteen"


def test_a_slip_is_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert command("baseline") == (2, command("baseline")[1])
    assert "needs two scenarios or more" in command("baseline")[1]
    assert command("baseline", "nothing-of-the-kind")[0] == 2
    assert command("baseline", "baseline")[0] == 2
    assert not (tmp_path / "results").exists()


def test_rounding_decides_nothing() -> None:
    """Five times 24 times 20.30 EUR are 2,436 EUR, and a hair more in binary numbers; six at 12.30 vary by a hair."""
    for wage, agents, exact in (("20.3", 5, 2436), ("12.3", 6, 1771.2)):
        teams = {"front": {"skills": {"all": {}}, "headcount": {"constant": agents}, "wage": f"{wage} EUR/h"}}
        targets = {"most": f"cost <= {exact} EUR", "least": f"cost >= {exact} EUR", "less": f"cost < {exact} EUR"}
        result = sim.run(center("paid", hours=2, teams=teams, targets=targets), replications=3, jobs=1, tables=False)
        assert [one.verdict.value for one in result.judgements] == ["met", "met", "missed"]
    hair = Interval(-1e-13, -1e-13, -1e-13, 0.95, 5)
    assert verdict(hair, "lower", 120.0) is Change.same and verdict(hair, "lower", 0.0) is Change.better
