"""Which change brought how much: values that add up, nothing from what does nothing, and what Erlang's formula says."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from math import factorial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import simulation as sim
from simulation.cli import main
from simulation.errors import InputError
from simulation.experiments import attribution as attributing
from simulation.experiments.attribution import attribute, carry_out, plan
from simulation.experiments.load import from_dict
from simulation.experiments.replications import Simulator
from simulation.reports.attribution import sentence
from simulation.reports.attribution_page import write_page
from simulation.scenario.schema import Scenario
from simulation.statistics.intervals import mean_interval
from simulation.theory import erlang


def center(
    rate: float = 4.0, minutes: float = 1.0, agents: int = 5, hours: float = 3, targets: bool = True, **more: Any
) -> Scenario:
    """Calls a minute, each of so many minutes on average, and so many agents."""
    data: dict[str, Any] = {
        "name": "desk",
        "calendar": {"start": "2026-03-02"},
        "warm_up": "1 h",
        "horizon": f"{1 + hours} h",
        "replications": 4,
        "demand": {"sources": {"calls": {"topic": "any", "channel": "phone", "volume": f"{rate}/min"}}},
        "channels": {"phone": {"mode": "live"}},
        "topics": {"any": {"handling": {"any": {"exponential": {"mean": f"{minutes} min"}}}}},
        "teams": {"front": {"skills": {"all": {}}, "headcount": {"constant": agents}, "wage": "20 EUR/h"}},
        "targets": {"fast": "service_level(30s) >= 80 %"} if targets else {},
    }
    return from_dict(data | more)


@cache
def three_changes() -> attributing.Attribution:
    """More calls, longer calls, and two agents more."""
    return attribute(center(), center(4.4, 1.1, 7), metrics=["asa", "fast", "cost", "asa.p90"])


def test_values_add_up_to_the_difference() -> None:
    found = three_changes()
    assert [one.name for one in found.plan.changes] == [
        "demand.sources.calls.volume", "topics.any.handling.any", "teams.front.headcount.constant",
    ]  # fmt: skip
    for one in found.found:
        total = one.after - one.before
        assert sum(each.mean for each in one.brought) == pytest.approx(total, rel=1e-9)
        assert one.total.mean == pytest.approx(total, rel=1e-12)
        assert one.together.mean == pytest.approx(total - sum(each.mean for each in one.alone), rel=1e-9)
        assert [each.low < each.mean < each.high for each in one.brought if each.mean]


def test_both_ends_are_the_runs_of_both_scenarios() -> None:
    found = {one.label: one for one in three_changes().found}
    for scenario, end in ((center(), "before"), (center(4.4, 1.1, 7), "after")):
        kpis = sim.run(scenario, tables=False).kpis
        kpis = kpis[kpis["segment"] == ""].set_index("metric")["mean"]
        for label, metric in (("asa", "asa.mean"), ("fast", "service_level(30s)"), ("cost", "cost")):
            assert getattr(found[label], end) == pytest.approx(kpis[metric], rel=1e-12)


def test_what_does_nothing_brings_exactly_nothing() -> None:
    """Neither opinions nor the pay move a wait; without volume and hours they are all of the cost."""
    other = center(agents=6, teams={"front": {"skills": {"all": {}}, "headcount": {"constant": 6}, "wage": "30 EUR/h"}})
    found = {one.label: one for one in attribute(center(), other, metrics=["asa", "cost"]).found}
    hours, wage = range(2)
    asa, cost = found["asa"], found["cost"]
    assert (asa.brought[wage].mean, asa.brought[wage].low, asa.brought[wage].high) == (0, 0, 0)
    assert asa.brought[hours] == asa.total and asa.total.high < 0
    day = 24 * np.array([5 * 20, 6 * 20, 5 * 30, 6 * 30])
    assert cost.total.mean == pytest.approx(day[3] - day[0])
    assert cost.brought[hours].mean == pytest.approx(((day[1] - day[0]) + (day[3] - day[2])) / 2)
    assert cost.brought[wage].mean == pytest.approx(((day[2] - day[0]) + (day[3] - day[1])) / 2)
    assert cost.together.mean == cost.pairs[hours, wage].mean == pytest.approx(24 * 1 * 10)
    assert cost.brought[hours].low == cost.brought[hours].high


def test_one_change_brings_all() -> None:
    (one,) = attribute(center(), center(agents=6), metrics=["asa"]).found
    assert one.brought == [one.total] == one.alone == one.last
    assert one.pairs == {} and one.together.mean == 0


def test_nothing_is_simulated_twice(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two files one changes nothing: the combinations with it are those without it."""
    asked: list[tuple[int, int]] = []
    before = Simulator.outcomes

    def heard(self: Simulator, wanted: Any) -> Any:
        asked.extend((one.scenario, one.replication) for one in wanted)
        return before(self, wanted)

    monkeypatch.setattr(Simulator, "outcomes", heard)
    (files / "words.yaml").write_text("description: words\ntargets: {slow: asa <= 1 h}\n", encoding="utf-8")
    ready = plan("desk.yaml", over=["more.yaml", "words.yaml", "hire.yaml"], metrics=["asa"])
    assert (ready.combinations, ready.different, ready.runs) == (8, 4, 16) and not asked
    (asa,) = carry_out(ready).found
    assert len(asked) == len(set(asked)) == ready.runs
    assert (asa.brought[1].mean, asa.brought[1].high) == (0, 0) and asa.brought[0].mean > 0


def test_two_targets_of_one_name_are_told_apart() -> None:
    other = center(agents=6).model_copy(update={"targets": {"fast": "asa <= 10 s"}})
    assert list(plan(center(), other).asked.values()) == ["fast", "fast (service_level(30s) >= 80 %)", "cost"]


def test_wherever_it_is_worked_out_the_numbers_are_the_same() -> None:
    with ThreadPoolExecutor(2) as pool:
        there = attribute(center(), center(4.4, 1.1, 7), metrics=["asa", "fast", "cost", "asa.p90"], executor=pool)
    pd.testing.assert_frame_equal(three_changes().shares, there.shares)
    pd.testing.assert_frame_equal(three_changes().interactions, there.interactions)


def test_what_changed_by_mechanism() -> None:
    found = attribute(center(), center(4.4, 1.1, 7), by="mechanism", metrics=["asa"])
    assert [one.name for one in found.plan.changes] == ["volume", "handling time", "staffed hours"]
    (asa,) = found.found
    (same,) = (one for one in three_changes().found if one.label == "asa")
    assert [one.mean for one in asa.brought] == pytest.approx([one.mean for one in same.brought])


def small_teams(agents: int, teams: int) -> Scenario:
    few = {f"t{n:02}": {"skills": {"all": {}}, "headcount": {"constant": agents}} for n in range(teams)}
    return center(0.8 * teams, hours=0.2, replications=2, warm_up="0 s", teams=few)


@pytest.mark.slow
def test_many_changes_are_drawn_and_still_add_up() -> None:
    """Seven small teams, each with one agent more."""
    found = attribute(small_teams(1, 7), small_teams(2, 7), metrics=["asa", "fast"], combinations=64)
    assert (
        len(found.plan.changes) == 7 and not found.plan.design.exact and found.plan.combinations <= 2 + 2 * 7 + 6 * 12
    )
    for one in found.found:
        assert sum(each.mean for each in one.brought) == pytest.approx(one.after - one.before, rel=1e-9)
        assert one.pairs == {}


@pytest.mark.slow
def test_fifteen_changes_are_no_matter() -> None:
    few, many = small_teams(1, 15), small_teams(2, 15)
    assert [one.name for one in plan(few, many, metrics=["asa"]).changes] == ["teams"]
    ready = plan(few, many, depth=9, metrics=["asa"])
    assert len(ready.changes) == 15 and len(ready.design.steps) == 6 and ready.combinations <= 2 + 2 * 15 + 6 * 28


def test_a_single_replication_gives_values_without_intervals() -> None:
    found = attribute(center(), center(4.4, 1.1, 7), replications=1, metrics=["asa"])
    (one,) = found.found
    assert np.isnan(one.brought[0].low) and one.brought[0].mean != 0
    assert "from teams.front.headcount.constant" in sentence(found, one)


def test_without_targets_waits_and_cost_are_looked_at() -> None:
    found = attribute(center(targets=False), center(targets=False, agents=6), replications=2)
    assert [one.label for one in found.found] == [
        "service_level",
        "asa",
        "first_response_time",
        "cost",
    ]  # nobody hangs up


def test_what_has_no_figure_in_a_combination_is_left_out(tmp_path: Path) -> None:
    """Nobody asks about anything else before it is asked about."""
    more = {
        "calls": {"topic": "any", "channel": "phone", "volume": "4/min"},
        "other": {"topic": "new", "channel": "phone", "volume": "1/min"},
    }
    topics = {name: {"handling": {"any": {"exponential": {"mean": "1 min"}}}} for name in ("any", "new")}
    other = center(agents=6, demand={"sources": more}, topics=topics)
    found = attribute(center(), other, metrics=["asa{topic=new}", "asa"], replications=2)
    assert found.left_out == ["asa{topic=new}"] and [one.label for one in found.found] == ["asa"]
    nothing = attribute(center(), other, metrics=["asa{topic=new}"], replications=2)
    assert nothing.found == [] and nothing.shares.empty
    nothing.save(tmp_path / "nothing", extras=[lambda folder: write_page(folder, nothing, "again")])
    assert "None of the metrics" in (tmp_path / "nothing" / "report.html").read_text(encoding="utf-8")


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(InputError, match="nothing differs of what is simulated"):
        attribute(center(), center())
    with pytest.raises(InputError, match="--metric: assa: there is no metric 'assa'"):
        attribute(center(), center(agents=6), metrics=["assa"])
    with pytest.raises(ValueError, match="two scenarios are needed"):
        attribute(center())
    with pytest.raises(ValueError, match="by must be"):
        attribute(center(), center(agents=6), by="colour")


# -- theory -----------------------------------------------------------------------------------------------------------


def exact_values(wait: dict[int, float]) -> list[float]:
    """Shapley values of three changes, from the exact wait in each of the eight combinations."""
    return [
        sum(
            factorial(mask.bit_count()) * factorial(2 - mask.bit_count()) / 6 * (wait[mask | 1 << one] - wait[mask])
            for mask in range(8)
            if not mask >> one & 1
        )
        for one in range(3)
    ]


def erlang_wait(mask: int) -> float:
    """Mean wait in seconds of M/M/n with 60 or 66 calls an hour, of 2 or 2.2 minutes, and 3 or 4 agents."""
    rate, minutes, agents = 1.1 if mask & 1 else 1.0, 2.2 if mask & 2 else 2.0, 4 if mask & 4 else 3
    return 60 * erlang.erlang_c(rate, 1 / minutes, agents).wait


@pytest.mark.slow
def test_values_are_those_of_erlang_c() -> None:
    """The exact values lie in the joint intervals, which are narrower than half of each value and know its sign."""
    change = {
        "demand.sources.calls.volume": "66/h",
        "topics.question.handling.phone.exponential.mean": "2.2 min",
        "teams.desk.headcount.constant": 4,
    }
    found = attribute(
        sim.load("theory/erlang-c"), sim.load("theory/erlang-c", set=change), metrics=["asa"], replications=16
    )
    waits = {mask: erlang_wait(mask) for mask in range(8)}
    (asa,) = found.found
    for each, exactly in zip([*asa.brought, asa.total], [*exact_values(waits), waits[7] - waits[0]], strict=True):
        assert each.low <= exactly <= each.high
        assert each.high - each.low < 0.5 * abs(exactly)
    for one, each in enumerate(asa.alone):
        assert each.low <= waits[1 << one] - waits[0] <= each.high
    for one, each in enumerate(asa.last):
        assert each.low <= waits[7] - waits[7 ^ 1 << one] <= each.high
    synergy = waits[7] - waits[0] - sum(waits[1 << one] - waits[0] for one in range(3))
    assert asa.together.low <= synergy <= asa.together.high < 0


def test_values_of_a_short_run_hold_those_of_erlang_c() -> None:
    """As above, of what three_changes simulates: wider intervals, with the right signs of what is large."""

    def wait(mask: int) -> float:
        rate, minutes, agents = 4.4 if mask & 1 else 4.0, 1.1 if mask & 2 else 1.0, 7 if mask & 4 else 5
        return 60 * erlang.erlang_c(rate, 1 / minutes, agents).wait

    (asa,) = (one for one in three_changes().found if one.label == "asa")
    exactly = exact_values({mask: wait(mask) for mask in range(8)})
    assert all(each.low <= value <= each.high for each, value in zip(asa.brought, exactly, strict=True))
    assert mean_interval([one.mean for one in asa.brought]).mean < 0 < asa.brought[0].mean


# -- from the command line ----------------------------------------------------------------------------------------------


def command(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["attribute", *arguments])
    return done.exit_code, done.output


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A desk, one with two changes, and these two changes as files."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    base = center().model_dump(mode="json", exclude_defaults=True)
    (tmp_path / "desk.yaml").write_text(json.dumps(base), encoding="utf-8")
    more = "demand: {sources: {calls: {volume: 4.4/min}}}\n"
    hire = "teams: {front: {headcount: {constant: 7}}}\n"
    (tmp_path / "more.yaml").write_text(more, encoding="utf-8")
    (tmp_path / "hire.yaml").write_text(hire, encoding="utf-8")
    (tmp_path / "both.yaml").write_text(f"name: both\nextends: desk.yaml\n{more}{hire}", encoding="utf-8")
    return tmp_path


def test_the_command_says_first_what_a_manager_asks(files: Path) -> None:
    code, printed = command("desk.yaml", "both.yaml", "--out", "found", "--metric", "fast", "--metric", "asa")
    assert code == 0, printed
    flat = " ".join(printed.split())
    assert "All 4 combinations of the changes: 4 x 4 = 16 runs of 3 h, seed 1, the same customers in all" in flat
    assert re.search(
        r"fast gained [\d.]+ points \([\d.]+ % → [\d.]+ %\): \+[\d.]+ pp from teams.front.headcount.constant", flat
    )
    shares = pd.read_csv(files / "found" / "shares.csv", keep_default_na=False)
    assert list(shares["change"]) == ["demand.sources.calls.volume", "teams.front.headcount.constant", ""] * 2
    for _, its in shares.groupby("label"):
        assert its["brought"].astype(float).iloc[:2].sum() == pytest.approx(float(its["brought"].iloc[2]), rel=1e-9)
    names = {path.name for path in (files / "found").iterdir()}
    assert names == {
        "shares.csv", "changes.csv", "interactions.csv", "combinations.csv", "summary.json", "manifest.json", "report.html",
        "before", "after",
    }  # fmt: skip
    assert len(pd.read_csv(files / "found" / "combinations.csv")) == 4
    assert sim.load(files / "found" / "after" / "scenario.yaml").name == "both"
    page = (files / "found" / "report.html").read_text(encoding="utf-8")
    assert "Which change brought how much" in page and "supportsim attribute desk.yaml both.yaml" in page


def test_files_laid_over_are_changes(files: Path) -> None:
    code, printed = command(
        "desk.yaml", "--with", "more.yaml", "--with", "hire.yaml", "--out", "laid", "--set", "seed=1"
    )
    assert code == 0, printed
    assert command("desk.yaml", "both.yaml", "--out", "found")[0] == 0
    laid, found = (pd.read_csv(files / name / "shares.csv") for name in ("laid", "found"))
    assert list(laid["change"][:2]) == ["more", "hire"]
    pd.testing.assert_frame_equal(laid.drop(columns="change"), found.drop(columns="change"))


@pytest.mark.parametrize("columns", ["60", "90", "200"])
def test_it_reads_well_on_any_console(columns: str, files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    code, printed = command("desk.yaml", "both.yaml", "--replications", "2", "--no-fail")
    assert code == 0, printed
    assert max(map(len, printed.splitlines()[:-1])) <= int(columns)
    assert ("last in\n" in re.sub(" +\n", "\n", printed)) == (int(columns) > 60)
    assert "teams.front.headcount.constant +" in re.sub(" +", " ", printed)


def test_what_would_be_simulated_is_told_before(files: Path) -> None:
    code, printed = command("desk.yaml", "both.yaml", "--dry-run")
    assert code == 0 and "16 runs" in printed and not (files / "results").exists()
    code, printed = command("desk.yaml", "both.yaml", "--by", "mechanism", "--dry-run", "--replications", "50")
    assert "volume" in printed and "staffed hours" in printed and "200 runs" in printed


def test_quiet_says_only_where_and_missed_targets_count(files: Path) -> None:
    code, printed = command("both.yaml", "desk.yaml", "--quiet", "--set", "targets.fast=service_level(30s) >= 99.9 %")
    assert code == 99 and re.fullmatch(r"results/attribute-both-[0-9a-f]{8}\n", printed)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["desk.yaml"], "name two scenarios, A and B"),
        (["desk.yaml", "both.yaml", "--with", "more.yaml"], "name two scenarios, A and B"),
        (["desk.yaml", "desk.yaml"], "desk: nothing differs of what is simulated"),
        (["desk.yaml", "both.yaml", "--group", "team"], "--group: team: nothing that differs lies under it; write e.g. teams"),
        (["desk.yaml", "both.yaml", "--by", "mechanism", "--depth", "2"], "leave --group and --depth out"),
        (["desk.yaml", "both.yaml", "--by", "colour"], "'colour' is not one of"),
        (["desk.yaml", "both.yaml", "--metric", "asa <= 1 s"], "--metric: asa <= 1 s: 'asa <= 1 s' is not a metric"),
        (["desk.yaml", "both.yaml", "--out", "desk.yaml"], "is a file; name a folder with --out"),
        (["desk.yaml", "--with", "nobody.yaml"], "there is no such file"),
    ],
)  # fmt: skip
def test_a_slip_is_told_in_one_line(arguments: list[str], says: str, files: Path) -> None:
    code, printed = command(*arguments)
    assert code == 2 and says in printed and "Traceback" not in printed
    assert not (files / "results").exists()
