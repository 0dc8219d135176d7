"""What processes bring: replications by one and by all cores, side by side in one run, as a ratio.

    python -m benchmarks.processes                            # the baseline, and a queue of some hundred calls
    python -m benchmarks.processes --rounds 5 --jobs 4 baseline

Timed are replications (draw, simulate, record, KPIs) while the processes are there; what it takes to start them is shown
apart. Beside it the most that the machine's cores give: the same replications, shared out once and with no results handed over.
All run in turn, round by round, and the best round counts.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from concurrent.futures import Executor, wait
from contextlib import ExitStack

import simulation as sim
from simulation.experiments.replications import Processes, Simulator, Task, Wanted, cores, replicate_all

SCENARIOS = {"baseline": (12, {}), "theory/mm1": (240, {"warm_up": "1 h", "horizon": "3 h"})}
"""Scenarios, replications of each in a round, and what is changed."""


def seconds(simulator: Simulator, first: int, many: int) -> float:
    """The wall time of so many replications."""
    started = time.perf_counter()
    for _ in simulator.outcomes([Wanted(0, number) for number in range(first, first + many)]):
        pass
    return time.perf_counter() - started


def quietly(tasks: Sequence[Task]) -> None:
    """Simulate without handing anything over."""
    replicate_all(tasks)


def at_best(simulator: Simulator, pool: Executor, first: int, many: int) -> float:
    """The wall time of so many replications, a part for each process."""
    from benchmarks import processes  # by a name that the processes know too

    tasks = [
        Task(simulator.texts[0], simulator.scenarios[0].seed, number, None) for number in range(first, first + many)
    ]
    started = time.perf_counter()
    wait([pool.submit(processes.quietly, tasks[part :: simulator.workers]) for part in range(simulator.workers)])
    return time.perf_counter() - started


def compared(name: str, jobs: int, rounds: int) -> tuple[float, float, float, float]:
    """Wall seconds of a round with one process, with several, with several at best, and of starting these."""
    many, changes = SCENARIOS.get(name, (12, {}))
    scenario = sim.load(name, set=changes)
    with ExitStack() as stack:
        alone = stack.enter_context(Simulator([scenario], many, jobs=1))
        seconds(alone, 0, 1)
        started = time.perf_counter()
        together = stack.enter_context(Simulator([scenario], many, jobs=jobs))
        seconds(together, 0, jobs)
        start = time.perf_counter() - started
        pool = stack.enter_context(Processes(jobs, ()))
        at_best(together, pool, 0, jobs)
        times = [
            (seconds(alone, first, many), seconds(together, first, many), at_best(together, pool, first, many))
            for first in range(0, rounds * many, many)
        ]
    one, several, best = map(min, zip(*times, strict=True))
    return one, several, best, start


def main() -> None:
    """Print a table of ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="scenarios; the baseline and a small queue by default")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=cores())
    asked = parser.parse_args()
    print(f"{'scenario':<24}{'one process':>14}{f'{asked.jobs} processes':>14}{'faster':>9}{'at best':>9}{'start':>9}")
    for name in asked.names or SCENARIOS:
        one, several, best, start = compared(name, asked.jobs, asked.rounds)
        print(f"{name:<24}{one:12.2f} s{several:12.2f} s{one / several:7.2f} x{one / best:7.2f} x{start:7.2f} s")


if __name__ == "__main__":
    main()
