"""Break-evens of real scenarios: brackets that hold, what breaks first, what is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner, Result
from rich.console import Console
from scipy.optimize import brentq

import simulation as sim
from simulation.cli import main
from simulation.errors import InputError
from simulation.experiments.break_even import BreakEven, asked, break_even
from simulation.experiments.replications import Outcome, Simulator, Wanted
from simulation.experiments.resolved import write_resolved
from simulation.reports.break_even import heard, outcome, show, write_page
from simulation.scenario.schema import Scenario
from simulation.statistics.bisection import Bracket, Plan
from simulation.theory.erlang import erlang_c
from tests.laws.test_compare import center

TARGETS = {"fast": "service_level(30s) >= 80 %", "never": "cost <= 1 EUR", "always": "cost <= 9999999 EUR"}
AGENTS = "teams.front.headcount.constant"


def small(**more: Any) -> Scenario:
    return center("small", hours=1, targets=TARGETS, **more).model_copy(update={"replications": 4})


@cache
def volume() -> BreakEven:
    return break_even(small(), {"demand.volume": "20 %..200 %:5 %"}, visits=7)


@cache
def staff() -> BreakEven:
    return break_even(small(), {AGENTS: range(2, 12)}, visits=6)


def test_more_volume_breaks_the_service_level() -> None:
    found = volume()
    bracket = found.brackets["fast"]
    assert bracket.rising is True and bracket.holds is not None and bracket.fails is not None
    assert found.first() == ["fast"] and found.first(rising=False) == []
    assert found.brackets["never"] == Bracket(None, 0, None) and found.brackets["always"].holds == 36
    assert found.frame.set_index("name").loc["fast", "towards"] == "higher"


def test_fewer_agents_break_it_downwards() -> None:
    bracket = staff().brackets["fast"]
    assert bracket.rising is False and bracket.holds is not None and bracket.fails is not None
    assert bracket.holds > bracket.fails
    assert staff().first(rising=False) == ["fast"] and staff().first() == []


def test_each_position_has_replications_of_its_own() -> None:
    found = volume()
    assert found.replications == sum(one.replications for one in found.looked) <= 7 * 16
    assert len({one.position for one in found.looked}) == len(found.looked) <= 7
    again = break_even(small(), {"demand.volume": "20 %..200 %:5 %"}, visits=7, jobs=1)
    pd.testing.assert_frame_equal(found.looks, again.looks)


def test_the_first_to_break_is_named_only_where_brackets_are_apart() -> None:
    base = small()
    brackets = {
        "a": Bracket(10, 14, True),
        "b": Bracket(13, 20, True),
        "c": Bracket(14, 30, True),
        "d": Bracket(5, 3, False),
    }
    found = BreakEven(base, asked(base, {AGENTS: range(1, 40)}).factor, Plan(39, 16, 4, 16), brackets, [], 0.0)
    assert found.first() == ["a", "b"] and found.first(rising=False) == ["d"]
    assert any("one of these breaks first: a, b" in line for line in outcome(found))


def test_who_is_undecided_all_the_way_may_break_first() -> None:
    base = small()
    brackets = {"a": Bracket(10, 14, True), "b": Bracket(None, None, None), "c": Bracket(38, None, None)}
    found = BreakEven(base, asked(base, {AGENTS: range(1, 40)}).factor, Plan(39, 16, 4, 16), brackets, [], 0.0)
    assert found.first() == ["a", "b"] and found.first(rising=False) == []
    assert any("one of these breaks first: a, b" in line for line in outcome(found))
    assert "Undecided all the way: b; more replications would tell." in outcome(found)
    assert "Met all the way: c." in outcome(found)


@pytest.mark.parametrize(
    ("factor", "more", "what"),
    [
        ({"demand.volume": "150 %..80 %"}, {}, r"begins above its end; write 80 %\.\.150 %"),
        ({"demand.volum": "80 %..150 %"}, {}, "did you mean volume"),
        ({"routing.discipline": ["fifo", "lifo"]}, {}, "needs values in ascending order"),
        ({AGENTS: range(2, 5), "demand.volume": "1..2"}, {}, "along one factor, not 2"),
        ({AGENTS: range(2, 5)}, {"replications": 1}, "two replications or more"),
        ({AGENTS: range(2, 5)}, {"most": 2}, "at most 2 replications of a value are fewer than its first 4"),
        ({AGENTS: range(2, 5)}, {"visits": 1}, "two visits or more"),
        ({AGENTS: "-5..5"}, {}, "must be at least 0, not -5"),
    ],
)
def test_what_makes_no_sense_is_refused(factor: dict[str, Any], more: dict[str, Any], what: str) -> None:
    with pytest.raises(InputError, match=what):
        asked(small(), factor, **more)


def test_without_targets_nothing_can_break() -> None:
    with pytest.raises(InputError, match="no targets that could break"):
        asked(center("free", targets={}), {AGENTS: range(2, 5)})


def command(tmp_path: Path, *arguments: str) -> Result:
    write_resolved(small(), tmp_path)
    return CliRunner().invoke(main, ["sweep", str(tmp_path / "scenario.yaml"), *arguments])


def test_the_command_writes_a_folder_and_says_what_breaks_first(tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = command(tmp_path, "--break-even", f"{AGENTS}=2..12", "--visits", "6", "--out", str(out))
    assert done.exit_code == 0, done.output
    assert "2 to 12, 11 values; looks at 6 of them at most, 4 to 16 replications each: 96 runs at most" in done.output
    assert "As headcount.constant shrinks, fast breaks first: it surely holds at " in done.output
    assert "Missed all the way: never." in done.output and "Met all the way: always." in done.output
    assert {path.name for path in out.iterdir()} == {
        "brackets.csv", "looks.csv", "summary.json", "manifest.json", "report.html", "scenario.yaml",
    }  # fmt: skip
    assert json.loads((out / "summary.json").read_text())["breaks_first_downwards"] == ["fast"]
    assert len(pd.read_csv(out / "brackets.csv")) == 3


def test_a_dry_run_simulates_nothing(tmp_path: Path) -> None:
    done = command(tmp_path, "--break-even", "demand.volume=80%..150%", "--dry-run", "--out", str(tmp_path / "out"))
    assert done.exit_code == 0 and "71 values; looks at 16" in done.output and not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (("--set", f"{AGENTS}=2..5"), "--break-even varies one entry"),
        (("--metric", "asa"), "--levels and --metric belong to sweeps"),
        (("--design", "lhs"), "--levels and --metric belong to sweeps"),
        (("--levels", "3"), "--levels and --metric belong to sweeps"),
    ],
)
def test_a_break_even_is_a_question_of_its_own(tmp_path: Path, arguments: tuple[str, ...], what: str) -> None:
    done = command(tmp_path, "--break-even", "demand.volume=80%..150%", *arguments)
    assert done.exit_code == 2 and what in " ".join(done.output.split())


def test_its_options_belong_to_it(tmp_path: Path) -> None:
    done = command(tmp_path, "--set", f"{AGENTS}=2..5", "--visits", "4")
    assert done.exit_code == 2 and "belong to --break-even" in " ".join(done.output.split())


@pytest.mark.parametrize("width", [60, 120])
@pytest.mark.parametrize("found", [volume, staff], ids=["upwards", "downwards"])
def test_it_reads_on_any_width(found: Any, width: int) -> None:
    with open("/dev/null", "w") as nowhere:
        console = Console(width=width, record=True, file=nowhere)
        show(console, found(), Path("out"))
    text = console.export_text()
    assert max(map(len, text.splitlines()[:-1])) <= width and "fast" in text and "all the way" in text
    assert heard(found().looked[0]).count("replications") == 1
    assert ("━ surely met" in text) == ("━━" in text) == (width == 120)
    assert f"holds {'up' if found is volume else 'down'} to" in text


def test_the_page_holds_the_figure_and_all_that_was_looked_at(tmp_path: Path) -> None:
    write_page(volume(), tmp_path)
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "What holds to where" in text and "Values looked at" in text and "fast breaks first" in text
    assert "━" not in text


def test_the_page_says_how_to_make_it_again_with_the_steps_that_were_asked_for(tmp_path: Path) -> None:
    write_page(volume(), tmp_path)
    text = (tmp_path / "report.html").read_text(encoding="utf-8").replace("\u00a0", " ")
    assert "--break-even &#39;demand.volume=20 %..200 %:5 %&#39; --replications 4" in text


@pytest.mark.slow
def test_the_bracket_of_a_textbook_queue_holds_the_exact_break_even() -> None:
    # M/M/3, 2 min a call, 60 calls an hour at 100 %: where does 80/20 break?
    def level(factor: float) -> float:
        return erlang_c(factor / 60, 1 / 120, 3).service_level(20.0) - 0.8

    exact = brentq(level, 0.3, 1.2)
    changes = {"targets.fast": "service_level(20s) >= 80 %", "horizon": "28 h", "replications": 5}
    found = break_even(sim.load("theory/erlang-c", changes), {"demand.volume": "40 %..120 %:1 %"}, visits=12, most=40)
    bracket = found.brackets["fast"]
    assert bracket.holds is not None and bracket.fails is not None
    holds, fails = (float(str(found.value(position)).rstrip(" %")) / 100 for position in (bracket.holds, bracket.fails))
    assert holds <= exact <= fails
    assert fails - holds <= 0.12


def test_no_replication_is_used_at_two_values(monkeypatch: pytest.MonkeyPatch) -> None:
    by_scenario: dict[int, set[int]] = {}
    usual = Simulator.outcomes

    def heard_of(self: Simulator, wanted: Sequence[Wanted]) -> Iterator[Outcome]:
        for one in wanted:
            by_scenario.setdefault(one.scenario, set()).add(one.replication)
        return usual(self, wanted)

    monkeypatch.setattr(Simulator, "outcomes", heard_of)
    found = break_even(small(), {AGENTS: range(4, 9)}, visits=4)
    used = [number for numbers in by_scenario.values() for number in numbers]
    assert len(used) == len(set(used)) == found.replications
