"""What a study costs beside simulating: the same runs in a plain loop, and by `simulation.study`.

`python -m benchmarks.study [RUNS]` prints both, the ratio, and what the store takes on disk. One process, so that nothing but the
study itself is compared.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import simulation as sim
from simulation.experiments.points import plan_of
from simulation.experiments.replications import Task, replicate

POINTS = 20
CENTER = {"warm_up": 0, "run_out": 0, "horizon": "4 h"}
"""An M/M/3 queue for four hours: 240 calls, one of the smallest runs that anybody would make."""


def study_of(runs: int) -> dict[str, Any]:
    """So many runs, in 20 combinations."""
    return {
        "name": "overhead",
        "scenarios": {"queue": {"extends": "theory/erlang-c", "set": CENTER}},
        "factors": {"volume": {"path": "demand.sources.calls.volume", "values": f"41/h..{40 + POINTS}/h step 1/h"}},
        "replications": max(runs // POINTS, 1),
        "metrics": ["service_level(20s)", "wait.mean", "wait.p90", "occupancy"],
    }


def plainly(runs: int) -> None:
    """Simulate and measure the same runs in a loop, and keep nothing."""
    plan = plan_of(study_of(runs))
    for point in plan.points:
        assert point.judging is not None
        text = plan.text(point.number)
        for number in range(plan.file.replications):
            replicate(Task(text, plan.seed, number, None, point.judging.asked, only=True))


def seconds(work: Callable[[], object]) -> tuple[float, float]:
    """Processor and wall seconds."""
    wall, started = time.perf_counter(), time.process_time()
    work()
    return time.process_time() - started, time.perf_counter() - wall


def main(runs: int) -> None:
    """Print what was measured."""
    with tempfile.TemporaryDirectory() as folder:
        sim.study(study_of(POINTS), Path(folder) / "first", jobs=1)  # imports what a study needs
        loop = seconds(lambda: plainly(runs))
        place = Path(folder) / "out"
        study = seconds(lambda: sim.study(study_of(runs), place, jobs=1))
        again = seconds(lambda: sim.study(study_of(runs), place, jobs=1))
        files = [path for path in place.rglob("*") if path.is_file()]
        size = sum(path.stat().st_size for path in files)
    for what, (cpu, wall) in (("a plain loop", loop), ("a study", study), ("again, all cached", again)):
        print(f"{what:>18}  {cpu:8.2f} s of processor  {wall:8.2f} s  {1000 * cpu / runs:6.2f} ms a run")
    print(f"overhead {100 * (study[0] / loop[0] - 1):.1f} %; {len(files)} files, {size / runs:.0f} bytes a run")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
