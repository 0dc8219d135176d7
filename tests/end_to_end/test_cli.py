"""The command line: exit codes, messages, files, and what is (and is not) on each stream."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from simulation.cli import main

ROOT = Path(__file__).resolve().parents[2]
SMALL = """\
name: small
calendar: {start: 2026-03-02}
horizon: 6 h
replications: 3
demand: {sources: {calls: {topic: question, channel: phone, volume: 30/h}}}
channels: {phone: {mode: live, patience: {exponential: {mean: 5 min}}}}
topics: {question: {handling: {any: {exponential: {mean: 3 min}}}}}
teams: {desk: {skills: {calls: {channels: phone}}, headcount: {constant: 3}, wage: 15 EUR/h}}
"""
MET, MISSED = "targets.met=abandonment <= 90 %", "targets.missed=contacts >= 1000000"
PROMISED = {
    "scenario.yaml",
    "manifest.json",
    "summary.json",
    "curves.json",
    "kpis.csv",
    "scorecards.csv",
    "tables",
    "report.html",
}
ANSI = re.compile(r"\x1b\[")


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[None]:
    """Every test in a folder of its own, at 80 columns, and with no report drawn unless it asks for one."""
    (tmp_path / "small.yaml").write_text(SMALL, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for name in ("SUPPORTSIM_TRACEBACK", "FORCE_COLOR", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    if "report" not in request.fixturenames:
        monkeypatch.setattr("simulation.reports.page.write_report", lambda folder: None)
    yield


@pytest.fixture
def report() -> None:
    """Ask for the report to be drawn."""


def call(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def run(*arguments: str, scenario: str = "small.yaml") -> Result:
    return call("run", scenario, *arguments)


def settings(*texts: str) -> list[str]:
    return [part for text in texts for part in ("--set", text)]


def process(*arguments: str, **more: Any) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **more.pop("env", {})}
    command = [sys.executable, "-m", "simulation", *arguments]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "encoding": "utf-8"}
    return subprocess.Popen(command, env=environment, preexec_fn=_hears_ctrl_c, **streams, **more)


def _hears_ctrl_c() -> None:
    """A shell that starts the tests in the background has them ignore it, and they would hand that down."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def one_line(result: Result) -> str:
    """What stands on standard error, which must be one line and no traceback."""
    assert result.stderr.count("\n") == 1, result.stderr
    assert "Traceback" not in result.output
    return result.stderr


def results() -> list[Path]:
    return sorted(Path("results").glob("*")) if Path("results").exists() else []


# -- exit codes -------------------------------------------------------------------------------------


def test_all_targets_met_is_0() -> None:
    result = run(*settings(MET))
    assert result.exit_code == 0
    assert "✓ met" in result.stdout
    assert "Targets: 1 met\n" in result.stdout


def test_a_scenario_without_targets_is_0_and_says_so() -> None:
    result = run()
    assert result.exit_code == 0
    assert "no targets" in result.stdout


def test_a_missed_target_is_99() -> None:
    result = run(*settings(MET, MISSED))
    assert result.exit_code == 99
    assert "✗ missed" in result.stdout
    assert "Targets: 1 met, 1 missed\n" in result.stdout


def test_no_fail_turns_99_into_0_and_still_says_missed() -> None:
    result = run("--no-fail", *settings(MISSED))
    assert result.exit_code == 0
    assert "✗ missed" in result.stdout


def undecided(beside: float = 0.0) -> str:
    """A target at (or a little beside) the mean of a run, so that the interval holds the bound."""
    run("--out", "first")
    rows = json.loads(Path("first/summary.json").read_text(encoding="utf-8"))["kpis"]
    mean = next(row["mean"] for row in rows if row["metric"] == "abandonment" and not row["segment"])
    return f"targets.open=abandonment <= {100 * (mean + beside):.6f} %"


def test_an_undecided_target_is_0_and_98_with_strict() -> None:
    open_target = undecided()
    relaxed, strict = run(*settings(open_target)), run("--strict", *settings(open_target))
    assert (relaxed.exit_code, strict.exit_code) == (0, 98)
    assert "? undecided" in relaxed.stdout


def test_a_missed_target_outranks_an_undecided_one() -> None:
    result = run("--strict", *settings(undecided(), MISSED))
    assert "1 missed, 1 undecided" in result.stdout
    assert result.exit_code == 99


def test_strict_without_undecided_targets_is_0() -> None:
    assert run("--strict", *settings(MET)).exit_code == 0


def test_one_replication_decides_nothing_and_says_what_to_do() -> None:
    result = run("--strict", "--replications", "1", *settings(MET))
    assert result.exit_code == 98
    assert "one replication gives no interval; try --replications 10" in result.stdout


def test_an_undecided_target_says_about_how_many_replications_it_needs() -> None:
    result = run(*settings(undecided(beside=0.001)))
    assert re.search(r"More replications might decide: about [\d,]+ for open\.", result.stdout)


def test_strict_and_no_fail_contradict_each_other() -> None:
    result = run("--strict", "--no-fail")
    assert result.exit_code == 2
    assert "contradict" in result.stderr
    assert not results()


@pytest.mark.parametrize(
    "arguments",
    [
        ["--replications", "0"],
        ["--replications", "x"],
        ["--jobs", "0"],
        ["--jobs", "-1"],
        ["--seed", "-1"],
        ["--nonsense"],
    ],
)
def test_bad_options_are_2(arguments: list[str]) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert "Error:" in result.stderr
    assert not results()


def test_every_problem_of_a_scenario_is_said_on_a_line_of_its_own() -> None:
    Path("bad.yaml").write_text(SMALL.replace("6 h", "6").replace("30/h", "many"), encoding="utf-8")
    result = run(scenario="bad.yaml")
    assert result.exit_code == 2
    assert [line.split(": ")[:2] for line in result.stderr.splitlines()] == [
        ["bad.yaml:3:10", "horizon"],
        ["bad.yaml:5:69", "demand.sources.calls.volume"],
    ]
    assert result.stdout == ""
    assert not results()


def test_an_unknown_scenario_is_2_and_names_a_near_one() -> None:
    result = call("run", "theory/erlang-x")
    assert result.exit_code == 2
    assert "theory/erlang-" in one_line(result)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"just words",
        b"- a\n- b\n",
        b"name: [",
        b"\tname: x\n",
        b"\x00\xff\xfe\x9c",
        b"name: a\nname: b\n",
        b"name: {x: 1}\ncalendar: 7\n",
        b"extends: bad.yaml\n",
        b"a: &x [*x]\n",
        "näme: ✓\n".encode(),
    ],
)
def test_no_malformed_file_gets_past_a_clear_message(content: bytes) -> None:
    Path("bad.yaml").write_bytes(content)
    for command in ("run", "validate", "explain"):
        result = call(command, "bad.yaml")
        assert result.exit_code == 2
        assert "bad.yaml" in result.output
        assert "Traceback" not in result.output
        assert "Internal error" not in result.output


def test_a_folder_is_no_scenario() -> None:
    Path("folder").mkdir()
    assert run(scenario="folder").exit_code == 2


def test_an_internal_error_is_1_and_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("division\nby zero")

    monkeypatch.setattr("simulation.experiments.run.run", breaks)
    result = run()
    assert result.exit_code == 1
    assert re.match(
        r"Internal error: ZeroDivisionError: division by zero \(test_cli\.py:\d+\)\. .*report",
        one_line(result),
    )
    assert not results()


def test_the_traceback_is_there_for_those_who_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("simulation.experiments.run.run", breaks)
    monkeypatch.setenv("SUPPORTSIM_TRACEBACK", "1")
    result = run()
    assert result.exit_code == 1
    assert "Traceback (most recent call last)" in result.stderr


def test_ctrl_c_is_130_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("simulation.reports.page.write_report", stopped)
    result = run("--quiet")
    assert result.exit_code == 130
    assert one_line(result) == "Stopped; no results were written.\n"
    assert [entry for entry in Path().rglob("*") if entry.name not in ("small.yaml", "results")] == []


# -- what changes a run -----------------------------------------------------------------------------


def summary(folder: str | Path) -> dict[str, Any]:
    made: dict[str, Any] = json.loads((Path(folder) / "summary.json").read_text(encoding="utf-8"))
    return made


def test_options_take_the_place_of_what_the_file_says() -> None:
    run("--out", "out", "--replications", "2", "--seed", "7")
    assert (summary("out")["replications"], summary("out")["seed"]) == (2, 7)


def test_set_changes_entries_and_the_last_of_two_holds() -> None:
    texts = ("replications=2", "seed=3", "seed=4", "description=changed")
    run("--out", "out", *settings(*texts))
    assert (summary("out")["replications"], summary("out")["seed"]) == (2, 4)
    assert "description: changed" in Path("out/scenario.yaml").read_text(encoding="utf-8")


def test_of_two_settings_of_an_entry_the_last_is_applied_in_its_place() -> None:
    entry = "teams.desk.headcount.constant=4"
    assert run(*settings(entry, "teams.desk.headcount=~")).exit_code == 2
    assert run(*settings(entry, "teams.desk.headcount=~", entry)).exit_code == 0


@pytest.mark.parametrize("text", ["", "no-equals", "=3", "a..b=3", "teams.desk[0]=3", "seed="])
def test_a_malformed_set_is_2_with_its_text(text: str) -> None:
    result = run("--set", text)
    assert result.exit_code == 2
    assert one_line(result).startswith(f"--set {text}".rstrip())


def test_set_of_an_unknown_entry_is_2() -> None:
    result = run("--set", "teams.desk.headcont=3")
    assert result.exit_code == 2
    assert "headcount" in one_line(result)


@pytest.mark.slow
def test_two_processes_give_the_same_numbers() -> None:
    run("--out", "one", "--jobs", "1")
    started = process("run", "small.yaml", "--out", "two", "--jobs", "2")
    started.communicate(timeout=120)
    assert summary("one")["kpis"] == summary("two")["kpis"]


def test_jobs_are_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    heard = {}

    def hears(*_: Any, **more: Any) -> None:
        heard.update(more)
        raise KeyboardInterrupt

    monkeypatch.setattr("simulation.experiments.run.run", hears)
    run("--jobs", "3")
    assert heard["jobs"] == 3


def test_a_shipped_scenario_goes_by_its_name() -> None:
    result = run("--replications", "1", *settings("warm_up=0", "horizon=4 h"), scenario="theory/mm1")
    assert result.exit_code == 0
    assert result.stdout.startswith("mm1: 1 replication of ")


def test_standards_of_a_scenario_and_of_a_run() -> None:
    said = call("standards", "baseline")
    assert said.exit_code == 0 and "standards are in place" in said.stdout and "in this run" not in said.stdout
    run()
    (folder,) = results()
    of_run = call("standards", str(folder))
    assert of_run.exit_code == 0 and "in this run" in of_run.stdout
    assert call("standards", str(folder), "--set", "seed=2").exit_code == 2
    assert call("standards", "no-such-scenario").exit_code == 2


def test_a_folder_called_like_a_shipped_scenario_does_not_hide_it() -> None:
    Path("baseline").mkdir()
    assert call("validate", "baseline").exit_code == 0


# -- the folder -------------------------------------------------------------------------------------


def test_the_folder_is_complete_and_named_after_scenario_and_digest(report: None) -> None:
    result = run()
    (folder,) = results()
    assert folder.name == f"small-{summary(folder)['digest']}"
    assert {entry.name for entry in folder.iterdir()} == PROMISED
    assert {entry.name for entry in (folder / "tables").iterdir()} == {
        "cases",
        "contacts",
        "duties",
        "legs",
        "scorecards",
        "staffing",
    }
    assert f"Results: {folder}/" in result.stdout


def test_the_resolved_scenario_runs_again_to_the_same_folder() -> None:
    run(*settings("teams.desk.headcount.constant=4"))
    (first,) = results()
    run(scenario=str(first / "scenario.yaml"))
    assert results() == [first]


def test_out_is_the_folder_itself_and_earlier_results_are_replaced() -> None:
    run("--out", "deep/er/out", "--seed", "1")
    run("--out", "deep/er/out", "--seed", "2")
    assert summary("deep/er/out")["seed"] == 2
    assert {entry.name for entry in Path("deep/er").iterdir()} == {"out"}
    assert not results()


def test_an_empty_folder_is_taken() -> None:
    Path("out").mkdir()
    assert run("--out", "out").exit_code == 0
    assert summary("out")["scenario"] == "small"


def test_a_folder_with_anything_else_is_never_replaced() -> None:
    Path("mine").mkdir()
    Path("mine/thesis.txt").write_text("years of work")
    result = run("--out", "mine")
    assert result.exit_code == 2
    assert "not replaced" in one_line(result)
    assert Path("mine/thesis.txt").read_text() == "years of work"


def test_the_current_folder_is_not_replaced() -> None:
    assert run("--out", ".").exit_code == 2
    assert Path("small.yaml").exists()


@pytest.mark.parametrize("place", ["small.yaml", "small.yaml/below/out"])
def test_a_place_that_cannot_be_a_folder_is_2_before_anything_is_simulated(place: str) -> None:
    result = run("--out", place)
    assert result.exit_code == 2
    assert one_line(result).startswith(f"{place}: ")


def test_a_folder_that_may_not_be_looked_into_is_2(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: Any, **__: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("simulation.experiments.place.tempfile.TemporaryDirectory", forbidden)
    result = run("--out", "out")
    assert result.exit_code == 2
    assert one_line(result) == "out: cannot be written (permission denied); name another place with --out\n"


def test_a_full_disk_is_2_and_clear(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("simulation.reports.page.write_report", full)
    result = run("--quiet", "--out", "out")
    assert result.exit_code == 2
    assert one_line(result) == "out: cannot be written (no space left on device); name another place with --out\n"
    assert not Path("out").exists()


# -- what is shown ----------------------------------------------------------------------------------


def test_quiet_says_only_where_the_folder_is() -> None:
    result = run("--quiet")
    assert result.stdout == f"{results()[0]}\n"
    assert result.stderr == ""


def test_progress_is_at_most_ten_lines_on_standard_error() -> None:
    result = run("--replications", "23")
    lines = result.stderr.splitlines()
    assert len(lines) == 10
    assert lines[-1].startswith("23 of 23 replications, ")
    assert "to go" in lines[0]
    assert "replications, " not in result.stdout.split("\n", 1)[1]


@pytest.mark.parametrize("columns", [80, 120])
def test_tables_fit_the_width(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    arguments = settings("horizon=10 h", "warm_up=9 h", "run_out=0", "replications=2")
    shown = {
        "run": run(*arguments, scenario="baseline").stdout,
        "explain": call("explain", "baseline").stdout,
    }
    for command, text in shown.items():
        lines = [line for line in text.splitlines() if not line.startswith("Results: ")]
        assert len(lines) > 20, (command, text)
        assert max(map(len, lines)) <= columns, command


def test_the_narrowest_targets_keep_their_intervals(monkeypatch: pytest.MonkeyPatch) -> None:
    """Below what was observed, where they have no room beside it."""
    monkeypatch.setenv("COLUMNS", "60")
    text = run(*settings("replications=2", "targets.by-phone=first_response_time.p90{channel=phone} <= 4 h")).stdout
    table = text.partition("Customers")[0]
    assert "observed" in table and "95 % interval" in table and max(map(len, table.splitlines())) <= 60
    assert re.search(r"\{channel=phone\}", table)


def test_the_tables_hold_the_numbers_of_the_run() -> None:
    text = run("--out", "out", *settings(MET)).stdout
    rows = {(row["metric"], row["segment"]): row for row in summary("out")["kpis"]}
    occupancy = rows["occupancy", ""]
    low, high = (f"{100 * occupancy[end]:.1f}" for end in ("low", "high"))
    assert re.search(rf"^occupancy +{100 * occupancy['mean']:.1f} % +{low}–{high} %", text, re.M)
    assert re.search(rf"^cost EUR a day +{rows['cost', '']['mean']:,.0f} ", text, re.M)
    assert f"Simulated {summary('out')['contacts']:,} contacts in " in text


def test_parts_are_shown_only_where_there_is_more_than_one() -> None:
    alone = run().stdout
    two = run(*settings("teams.second={skills: {all: {}}, headcount: {constant: 1}}")).stdout
    assert "desk" not in alone
    assert re.search(r"^Agents and cost +all +95 % interval +desk +second$", two, re.M)


# -- as a process of its own ------------------------------------------------------------------------


def test_piped_output_has_no_colour_codes_and_survives_a_plain_encoding() -> None:
    started = process("run", "small.yaml", *settings(MET, MISSED), env={"PYTHONIOENCODING": "ascii"})
    out, err = started.communicate(timeout=60)
    assert started.returncode == 99
    assert not ANSI.search(out + err)
    assert "+ met" in out
    assert "x missed" in out
    assert "3 of 3 replications" in err


def test_ctrl_c_stops_a_run_with_one_line_and_no_folder() -> None:
    long = settings("horizon=3 d", "replications=100", "demand.sources.calls.volume=60/h")
    started = process("run", "small.yaml", "--jobs", "1", *long, start_new_session=True)
    assert started.stderr is not None
    first = started.stderr.readline()
    os.killpg(started.pid, signal.SIGINT)
    out, err = started.communicate(timeout=60)
    assert first.startswith("10 of 100 replications")
    assert started.returncode in (130, -signal.SIGINT)  # the shell says 130 for either
    assert [line for line in err.splitlines() if "replications" not in line] == ["Stopped; no results were written."]
    assert out == ""
    assert not results()


def test_a_reader_that_goes_away_is_no_error() -> None:
    started = process("schema")
    assert started.stdout is not None and started.stderr is not None
    started.stdout.close()
    assert started.stderr.read() == ""
    assert started.wait(timeout=60) == 141


def test_help_does_not_wait_for_heavy_imports() -> None:
    heavy = "numpy", "pandas", "pydantic", "scipy", "simpy", "ruamel.yaml", "plotly", "rich"
    code = f"import sys, simulation.cli; print([name for name in {heavy} if name in sys.modules])"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, timeout=60)
    assert made.stdout == "[]\n"


# -- the other commands -----------------------------------------------------------------------------


def test_validate_says_ok_or_all_that_is_wrong_of_every_file() -> None:
    Path("bad.yaml").write_text(SMALL.replace("6 h", "6").replace("30/h", "many"), encoding="utf-8")
    result = call("validate", "small.yaml", "bad.yaml", "none.yaml", "baseline")
    lines = result.stdout.splitlines()
    assert result.exit_code == 2
    assert lines[0] == "small.yaml: ok"
    assert [line.split(": ")[0] for line in lines[1:]] == [
        "bad.yaml:3:10",
        "bad.yaml:5:69",
        "none.yaml",
        "baseline",
    ]
    assert lines[-1] == "baseline: ok"


def test_validate_of_good_files_is_0() -> None:
    assert call("validate", "small.yaml", "theory/mm1").exit_code == 0


def test_validate_wants_a_file() -> None:
    assert call("validate").exit_code == 2


def test_schema_is_printed_or_written() -> None:
    printed, written = call("schema"), call("schema", "--out", "schema.json")
    assert json.loads(printed.stdout)["title"] == "supportsim scenario"
    assert written.stdout == ""
    assert Path("schema.json").read_text(encoding="utf-8") == printed.stdout


@pytest.mark.parametrize("place", [".", "small.yaml/schema.json"])
def test_a_schema_that_cannot_be_written_is_2(place: str) -> None:
    result = call("schema", "--out", place)
    assert result.exit_code == 2
    assert "cannot be written" in one_line(result)


def test_explain_tells_of_the_scenario_as_changed() -> None:
    result = call("explain", "small.yaml", *settings("name=other", "teams.desk.headcount.constant=1", MET))
    assert result.exit_code == 0
    assert result.stdout.startswith("other\n")
    assert re.search(r"^✗ desk: work for 9.0 agent hours, only 6.0 are on the floor\.", result.stdout, re.M)
    assert "at most 90 %" in result.stdout


def test_explain_simulates_nothing() -> None:
    started = time.perf_counter()
    assert call("explain", "small.yaml", *settings("replications=100000")).exit_code == 0
    assert time.perf_counter() - started < 30
    assert not results()


def test_explain_of_bad_input_is_2() -> None:
    assert call("explain", "small.yaml", "--set", "seed=x").exit_code == 2


def test_scenarios_lists_all_that_are_shipped() -> None:
    from simulation.experiments.load import shipped

    text = call("scenarios").stdout
    assert [name for name in shipped() if not re.search(rf"^{re.escape(name)} +\S", text, re.M)] == []


def test_kpis_lists_all_with_unit_direction_and_definition() -> None:
    from simulation.metrics import KPIS

    text = call("kpis").stdout
    flat = " ".join(text.split())
    assert [name for name, kpi in KPIS.items() if kpi.doc not in flat] == []
    assert re.search(r"^service_level\(20s\)  share, higher is better$", text, re.M)
    assert re.search(r"^wait  time, lower is better, \.mean \.p50 \.p90$", text, re.M)


def test_version_and_help() -> None:
    from simulation import __version__

    assert call("--version").stdout == f"supportsim {__version__}\n"
    text = call("--help").stdout
    assert all(f"\n  {command} " in text for command in ("run", "validate", "schema", "explain", "scenarios", "kpis"))
    assert "99" in call("run", "--help").stdout


def test_an_unknown_command_is_2() -> None:
    assert call("runn").exit_code == 2
