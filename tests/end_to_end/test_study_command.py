"""The command `supportsim study`: what it says, and how it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result
from ruamel.yaml import YAML

import simulation as sim
from simulation.cli import main
from simulation.reports.study import Lines, bytes_text
from tests.study_tiny import study_on, write_center

ROOT = Path(__file__).parents[2]


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return write_study(tmp_path)


def write_study(folder: Path, **changes: object) -> Path:
    path = folder / "tiny.yaml"
    with path.open("w", encoding="utf-8") as stream:
        YAML(typ="safe", pure=True).dump(study_on(write_center(folder), **changes), stream)
    return path


def call(*arguments: str | Path, code: int = 0) -> Result:
    found = CliRunner().invoke(main, ["study", *map(str, arguments)])
    assert found.exit_code == code, found.output
    return found


def test_dry_run_then_run_then_nothing_left(study: Path) -> None:
    dry = call(study, "--dry-run", "--jobs", "1").stdout
    assert "tiny: 4 combinations × 3 replications = 12 runs" in dry and "may take" in dry and "kB" in dry
    assert "there already  0" in dry and "to simulate    12" in dry and not Path("results").exists()
    done = call(study).stdout
    assert "12 runs simulated, 0 were there" in done and "Tables for pandas: results/tiny/{runs" in done
    table, legend, _ = done.partition("✓ met, ✗ missed, ? undecided")
    assert table.count("✓") + table.count("✗") + table.count("?") == 4 and legend
    again = call(study).stdout
    assert "0 runs simulated, 12 were there" in again
    assert "there already  12" in call(study, "--dry-run").stdout
    assert call(study, "--quiet").stdout == "results/tiny\n"
    assert len(pd.read_parquet("results/tiny/kpis")) == 60


def test_parts(study: Path) -> None:
    first = call(study, "--shard", "1/2").stdout
    assert "of part 1 of 2 simulated" in first and "runs are lacking: the last of the other parts" in first
    assert "of part 2 of 2" in call(study, "--shard", "2/2", "--dry-run").stdout
    assert "Tables for pandas" in call(study, "--shard", "2/2").stdout
    with pytest.raises(sim.InputError, match="there is no shard 3/2"):
        sim.study(study, shard=(3, 2))


@pytest.mark.parametrize("shard", ["3/2", "0/2", "half", "1/0"])
def test_a_part_that_is_none(study: Path, shard: str) -> None:
    assert "is no part of a study; write e.g. 2/8" in call(study, "--shard", shard, code=2).output


def test_every_fault_is_told(study: Path) -> None:
    study.write_text(study.read_text().replace("replications: 3", "replications: 0\nmetric: asa"))
    found = call(study, code=2).output
    assert "tiny.yaml:" in found and "metric: unknown key; did you mean metrics?" in found and "replications" in found
    assert "there is no such file, and no shipped study of that name" in call("nowhere.yaml", code=2).output


def test_validate_knows_studies(study: Path) -> None:
    assert CliRunner().invoke(main, ["validate", str(study)]).output == f"{study}: ok\n"
    study.write_text(study.read_text().replace("asa", "asaa"))
    found = CliRunner().invoke(main, ["validate", str(study)])
    assert found.exit_code == 2 and "there is no metric 'asaa'" in found.output


def test_a_study_is_no_scenario(study: Path) -> None:
    found = CliRunner().invoke(main, ["run", str(study)])
    assert found.exit_code == 2 and "this is a study, not a scenario; simulate it by supportsim study" in found.output
    told = call("booth.yaml", code=2).output
    assert told == "booth.yaml: this is a scenario, not a study; write a file with a name and scenarios: [booth.yaml]\n"


def test_a_folder_of_something_else(study: Path) -> None:
    Path("full").mkdir()
    Path("full/notes.txt").touch()
    found = call(study, "--out", "full", code=2).output
    assert found.endswith("full: is not empty and holds no study; name a new folder with --out\n")


def test_a_narrow_terminal(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    lines = call(study).stdout.splitlines()
    assert max(map(len, lines)) <= 60 and any("occupancy" in line or "service_level" in line for line in lines)
    said = " ".join(lines)
    metrics = pd.read_parquet("results/tiny/kpis")[["metric", "segment"]].drop_duplicates()
    monkeypatch.setenv("COLUMNS", "30")
    narrower = " ".join(call(study).stdout.split())
    assert "✓ met, ✗ missed, ? undecided" in said and "In the tables as well:" in narrower and len(metrics) > 1


def test_damage_is_told(study: Path) -> None:
    call(study)
    (chunk,) = Path("results/tiny/chunks").iterdir()
    chunk.write_bytes(chunk.read_bytes()[:-1])
    found = call(study).stdout
    assert f"Note: {chunk} is damaged: its runs are simulated again" in found and "12 runs simulated" in found


def test_lines_say_how_long_it_takes() -> None:
    said: list[str] = []
    clock = iter([5.0, 15.0, 16.0, 30.0])  # the processes took five seconds to start
    lines = Lines("runs", said.append, 0.0, lambda: next(clock))
    for done in (2, 10, 11, 20):
        lines(done, 20)
    assert said == ["10 of 20 runs, about 12 s to go", "20 of 20 runs"]
    clock = iter([0.0, 1.0, 2.0])
    patient = Lines("runs", said.append, 3.0, lambda: next(clock))
    for done in (1, 10, 20):
        patient(done, 20)
    assert len(said) == 2
    assert [bytes_text(size) for size in (12, 16_100, 3.4e6, 5e12)] == ["12 B", "16.1 kB", "3.4 MB", "5e+03 GB"]


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopped_in_the_middle(tmp_path: Path, number: int) -> None:
    """Ctrl-C, and what a batch system sends when time is up: a clear line, exit code 130, and on from there."""
    study = write_study(tmp_path, replications=100)
    command = [sys.executable, "-m", "simulation", "study", str(study), "--out", str(tmp_path / "out"), "--jobs"]
    first = subprocess.Popen([*command, "2"], cwd=ROOT, stderr=subprocess.PIPE, text=True)
    assert first.stderr is not None
    assert "of 400 runs" in first.stderr.readline()
    time.sleep(0.2)
    first.send_signal(number)
    said = first.stderr.read()
    assert first.wait(60) == 130 and "Traceback" not in said
    line = said.splitlines()[-1]
    assert line.startswith("Stopped: ") and line.endswith("the same command goes on from there.")
    kept = int(line.split()[1].replace(",", ""))
    found = sim.study(study, tmp_path / "out", jobs=1)
    assert 0 < kept < 400 and found.cached == kept and found.simulated == 400 - kept
