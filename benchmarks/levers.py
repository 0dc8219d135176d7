"""What each lever costs: processor time per contact of every what-if scenario, as a ratio to the scenario that it extends.

    python -m benchmarks.levers                       # all of scenarios/whatif
    python -m benchmarks.levers --rounds 5 stronger-bot
    python -m benchmarks.levers --against ../older    # the older baseline in this checkout and in that one, side by side

All run in turn, round by round, in one process each, and the best round counts. Timed is a whole run of four replications:
draw, simulate, record, KPIs, intervals. Ratios carry over to other machines; the plain figures do not.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
FOUR_REPLICATIONS = """
import sys, time
import simulation as sim
scenario = sim.load(sys.argv[1])
sim.run(scenario, replications=1, seed=1, tables=False, jobs=1)
started = time.process_time()
result = sim.run(scenario, replications=4, seed=int(sys.argv[2]), tables=False, jobs=1)
print((time.process_time() - started) / result.simulated)
"""
Entry = tuple[Path, str]
"""A checkout and the name of a scenario in it."""


def seconds_per_contact(entry: Entry, seed: int) -> float:
    """Processor seconds per contact of four replications, after one to warm up, in a process of its own."""
    root, scenario = entry
    arguments = [sys.executable, "-c", FOUR_REPLICATIONS, scenario, str(seed)]
    return float(subprocess.run(arguments, cwd=root, check=True, capture_output=True, text=True).stdout)


def best_of(entries: list[Entry], rounds: int) -> dict[Entry, float]:
    """The best of some rounds of each; in every round all run in turn, on the same seed."""
    found: dict[Entry, list[float]] = {entry: [] for entry in entries}
    for seed in range(2, 2 + rounds):
        for entry in entries:
            found[entry].append(seconds_per_contact(entry, seed))
    return {entry: min(seconds) for entry, seconds in found.items()}


def whatifs() -> list[str]:
    """Names of the what-if scenarios."""
    return sorted(path.stem for path in (HERE / "scenarios" / "whatif").glob("*.yaml"))


def main() -> None:
    """Print a table of ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="what-if scenarios; all by default")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--against", type=Path, help="an older checkout: run its baseline here and there")
    asked = parser.parse_args()
    if asked.against is not None:
        older = asked.against.resolve()
        scenario = str(older / "scenarios" / "baseline.yaml")  # the same in both, as it was then
        entries = [(HERE, scenario), (older, scenario)]
    else:
        entries = [(HERE, "baseline"), *((HERE, f"whatif/{name}") for name in asked.names or whatifs())]
    (_, seconds), *rest = best_of(entries, asked.rounds).items()
    print(f"{'baseline':<40}{seconds * 1e6:8.1f} µs a contact")
    for (root, name), other in rest:
        label = name if root == HERE else f"baseline in {root.name}"
        print(f"{label:<40}{other * 1e6:8.1f} µs a contact  {other / seconds:5.2f} x")


if __name__ == "__main__":
    main()
