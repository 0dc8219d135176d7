"""Kill a study again and again, at random moments and in the middle of writing, and see what is left. Run as a program.

`python -m tests.end_to_end.study_killer FOLDER KILLS SEED JOBS` prints one line of JSON: how often it killed, in which ways, what
was found wrong. A process of its own, as it forks: no tests, no threads of others in it.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet

import simulation as sim
from simulation.experiments import store, study_tables
from tests.study_tiny import frames, same, study_on, whole_chunks, write_center

PLACES = ("marker", "before", "half", "unsettled", "settled", "table", "manifest")
"""Where a process kills itself: before and after the folder is marked as a study; before a chunk is written, with
half of it written, before and after it is renamed; in the middle of the tables; before the manifest."""


def die(*_: Any, **__: Any) -> None:
    """What kill -9 does."""
    os.kill(os.getpid(), signal.SIGKILL)


def fail_at(place: str, after: int) -> None:
    """Have this process kill itself at a place, when it comes there for the `after`th time."""
    left = [after]

    def due(path: Path) -> bool:
        mine = {"table": "part-0.parquet", "manifest": "manifest.json", "marker": "study.json"}.get(place)
        there = path.name == mine if mine else path.parent.name == "chunks"
        left[0] -= there
        return there and left[0] < 0

    write, settle = store.write_aside, store.settle

    def writing(path: Path, content: bytes) -> None:
        if place in ("marker", "before", "half", "manifest") and due(path):
            if place == "half":
                (path.parent / store.aside_name()).write_bytes(content[: len(content) // 2])
            die()
        write(path, content)

    def settling(aside: Path, path: Path) -> None:
        if place in ("unsettled", "table") and due(path):
            die()
        settle(aside, path)
        if place == "marker" and path.name == "study.json":
            die()
        if place == "settled" and due(path):
            die()

    store.write_aside = writing
    store.settle = study_tables.settle = settling
    sim.experiments.study.write_aside = writing


def killed(work: Callable[[], None], wait: float | None) -> bool:
    """Do something in a process of its own, and kill it after so many seconds, unless it kills itself; whether it was."""
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(0)
    if wait is not None:
        time.sleep(wait)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def main(folder: Path, kills: int, seed: int, jobs: int) -> dict[str, Any]:
    """Kill so many processes in all, with as many studies as that takes; each goes to its end and is compared."""
    store.SOONEST = 0.0  # every batch is a chunk: as many moments as possible at which to be killed
    store.LEFT_FOR = 0.0
    chance = random.Random(seed)
    study = study_on(write_center(folder))
    started = time.perf_counter()
    sim.study(study, folder / "whole", jobs=jobs)
    usual = time.perf_counter() - started
    found: dict[str, Any] = {"kills": 0, "studies": 0, "ways": {}, "wrong": []}
    while found["kills"] < kills:
        place = folder / f"study-{found['studies']}"
        keys: set[bytes] = set()
        for turn in range(chance.randint(2, 6)):
            way = chance.choice((*PLACES, "anytime", "anytime", "anytime"))
            way = way if turn else PLACES[found["studies"] % len(PLACES)]  # so that each is met, on an empty folder too
            wait = chance.uniform(0.0, 0.9 * usual) if way == "anytime" else None
            after = 0 if way == "manifest" or not turn else chance.randint(0, 1 if way == "marker" else 3)

            def work(way: str = way, after: int = after, place: Path = place) -> None:
                if way != "anytime":
                    fail_at(way, after)
                sim.study(study, place, jobs=jobs)

            if killed(work, wait):
                found["kills"] += 1
                found["ways"][way] = found["ways"].get(way, 0) + 1
            kept = store.Store(place, "tiny")
            kept.refresh()
            if not keys <= set(kept.index):
                found["wrong"].append(f"{way}: a run that was kept is gone")
            if kept.notes or not whole_chunks(place):
                found["wrong"].append(f"{way}: a chunk is half-written")
            keys = set(kept.index)
        last = sim.study(study, place, jobs=1)
        if last.cached != len(keys) or list(place.rglob(".aside-*")):
            found["wrong"].append("what was kept was not used, or something was left behind")
        try:
            same(folder / "whole", place)
        except AssertionError as error:
            found["wrong"].append(f"differs from the uninterrupted study: {error}")
        if len(frames(place)["runs"]) != last.wanted:
            found["wrong"].append("runs are missing")
        found["studies"] += 1
    return found


if __name__ == "__main__":
    pyarrow.parquet  # noqa: B018 - imported before anything is forked
    print(json.dumps(main(Path(sys.argv[1]), *map(int, sys.argv[2:]))))
