"""A study that is killed at any moment goes on from there, and ends as if nothing had happened."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end import study_killer
from tests.study_tiny import same, study_on, write_center

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="kills processes that it forks")


def kill(folder: Path, kills: int, seed: int, jobs: int = 1) -> dict[str, Any]:
    """What came of so many kills."""
    command = [sys.executable, "-m", study_killer.__name__, str(folder), str(kills), str(seed), str(jobs)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_kill_9_now_and_then(tmp_path: Path) -> None:
    found = kill(tmp_path, 4, 7)
    assert found["kills"] >= 4 and found["wrong"] == []


@pytest.mark.slow
def test_kill_9_sixty_times_at_every_place(tmp_path: Path) -> None:
    found = kill(tmp_path, 60, 1)
    assert found["kills"] >= 60 and found["wrong"] == []
    assert set(found["ways"]) == {*study_killer.PLACES, "anytime"}


@pytest.mark.slow
def test_kill_9_with_processes_at_work(tmp_path: Path) -> None:
    """Those at work end with the one that was killed."""
    found = kill(tmp_path, 3, 3, jobs=2)
    assert found["kills"] >= 3 and found["wrong"] == []


ORPHANS = """
import os, time
from simulation.experiments.replications import Processes
with Processes(1, ()) as pool:
    print(pool.submit(os.getpid).result(), flush=True)
    time.sleep(60)
"""


@pytest.mark.slow
def test_processes_end_with_the_one_that_was_killed() -> None:
    first = subprocess.Popen([sys.executable, "-c", ORPHANS], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert first.stdout is not None
    worker = int(first.stdout.readline())
    first.kill()
    first.wait()
    until = time.monotonic() + 20
    while Path(f"/proc/{worker}").exists() and time.monotonic() < until:
        time.sleep(0.05)
    assert not Path(f"/proc/{worker}").exists()


@pytest.mark.slow
def test_two_commands_on_one_store_at_once(tmp_path: Path) -> None:
    """They share the work, and neither harms the other."""
    from ruamel.yaml import YAML

    study = study_on(write_center(tmp_path), replications=40)
    with (tmp_path / "tiny.yaml").open("w", encoding="utf-8") as stream:
        YAML(typ="safe", pure=True).dump(study, stream)
    command = [sys.executable, "-m", "simulation", "study", str(tmp_path / "tiny.yaml"), "--jobs", "1", "--out"]
    both = [
        subprocess.Popen([*command, str(tmp_path / "shared")], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    assert [one.wait(timeout=120) for one in both] == [0, 0]
    assert subprocess.run([*command, str(tmp_path / "alone"), "--quiet"], cwd=ROOT, check=False).returncode == 0
    same(tmp_path / "alone", tmp_path / "shared")
