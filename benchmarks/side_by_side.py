"""Run every simulator on the same models, round by round, and compare speed and answers.

    python -m benchmarks.side_by_side --contacts 200000 --rounds 3 --models erlang_a center

Exits with 1 unless every simulator agrees with theory (or, where theory is silent, with the others).
"""

from __future__ import annotations

import argparse
import gc
import importlib
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from benchmarks.models import KNOWN_QUEUES, MEAN_PATIENCE, Answer, KnownQueue, Outcome, Simulate, Waits

NAIVE = "naive SimPy"
COMPETITORS = {
    NAIVE: "benchmarks.naive_simpy",
    "bare SimPy": "benchmarks.bare_simpy",
    "Ciw": "benchmarks.ciw_models",
}

# ---- OUR ENTRY -----------------------------------------------------------------------------------------
# `benchmarks/ours.py` defines OURS: dict[str, Callable[[int, int], Outcome]]. A key is the name of a model,
# "erlang_a" or "center", or a name and a label, "center:compiled", if there are several engines to show.
OURS_MODULE = "benchmarks.ours"
# --------------------------------------------------------------------------------------------------------

SHARE_OF_CONTACTS = {"Ciw": 0.25}
"""Slow tools get fewer contacts; their speed is per contact all the same."""

WARM_UP_CONTACTS = 1_000
FEWEST_CONTACTS = 5_000
TRANSIENT_SHARE = 0.05
COUNT_TOLERANCE = 0.1
BATCHES = 10
SIGMAS = 4
RELATIVE_TOLERANCE = 0.03
METRICS = ("P_wait", "P_abandon", "E_wait [s]")

Entries = dict[str, dict[str, Simulate]]
"""Model → tool → its simulation."""


@dataclass
class Tally:
    """What a tool has shown so far on one model."""

    contacts: int = 0
    cpu_seconds: list[float] = field(default_factory=list)
    batches: dict[str, list[NDArray[np.float64]]] = field(default_factory=dict)

    @property
    def contacts_per_second(self) -> float:
        """Of the round that was least disturbed."""
        return self.contacts / min(self.cpu_seconds)


@dataclass(frozen=True)
class Estimate:
    """A mean with its standard error and that error's degrees of freedom."""

    mean: float
    error: float
    freedom: int


@dataclass(frozen=True)
class Check:
    """One measured value beside what it should be; it agrees if it is within `bound` of `expected`."""

    tool: str
    queue: str
    metric: str
    measured: float
    expected: float
    bound: float
    scale: float
    source: str

    @property
    def verdict(self) -> str:
        """A bound as wide as the value itself would accept anything, so it is no agreement."""
        if not abs(self.measured - self.expected) <= self.bound:
            return "DISAGREES"
        return "UNDECIDED" if self.bound >= self.scale else "agrees"


def load_entries(models: Sequence[str]) -> Entries:
    """All simulations of `models`; a tool that cannot be imported is named and left out."""
    entries: Entries = {model: {} for model in models}
    for tool, module in (*COMPETITORS.items(), ("ours", OURS_MODULE)):
        for key, simulate in _simulations(tool, module).items():
            model, _, label = key.partition(":")
            if model in entries:
                entries[model][f"{tool} {label}".strip()] = simulate
    return entries


def _simulations(tool: str, module_name: str) -> Mapping[str, Simulate]:
    try:
        module = importlib.import_module(module_name)
    except ImportError as error:
        print(f"{tool} is left out: {error}")
        return {}
    simulations: Mapping[str, Simulate] = module.OURS if module_name == OURS_MODULE else module.MODELS
    return simulations


def measure(model: str, tools: Mapping[str, Simulate], contacts: int, rounds: int) -> dict[str, Tally]:
    """Run each tool once a round, in turn, so that a disturbance of the machine meets all alike."""
    tallies = {tool: Tally(int(contacts * SHARE_OF_CONTACTS.get(tool, 1.0))) for tool in tools}
    for simulate in tools.values():
        simulate(WARM_UP_CONTACTS, 0)
    for seed in range(1, rounds + 1):
        for tool, simulate in tools.items():
            _run_once(simulate, seed, tallies[tool], MEAN_PATIENCE[model])
    return tallies


def _run_once(simulate: Simulate, seed: int, tally: Tally, patience: Mapping[str, float]) -> None:
    gc.collect()
    start = time.process_time()
    outcome: Outcome = simulate(tally.contacts, seed)
    # A scenario says how long it lasts, not how many come: the time is taken per contact that came.
    tally.cpu_seconds.append((time.process_time() - start) * tally.contacts / outcome.contacts)
    if abs(outcome.contacts / tally.contacts - 1) > COUNT_TOLERANCE:
        raise SystemExit(f"asked for {tally.contacts} contacts, but the run had {outcome.contacts}")
    for queue, mean_patience in patience.items():
        tally.batches.setdefault(queue, []).append(batch_means(outcome.queues[queue], mean_patience))


def batch_means(queue: Waits, mean_patience: float) -> NDArray[np.float64]:
    """Means of BATCHES successive batches after the transient start, shape (BATCHES, 4).

    Columns: the three METRICS, and abandoned − wait ÷ mean patience (see `patience_check`).
    """
    waits, abandoned = np.asarray(queue.waits, float), np.asarray(queue.abandoned, float)
    rows = np.column_stack([waits > 0, abandoned, waits, abandoned - waits / mean_patience])
    steady = rows[int(TRANSIENT_SHARE * len(rows)) :]
    size = len(steady) // BATCHES
    return np.asarray(steady[: size * BATCHES].reshape(BATCHES, size, -1).mean(axis=1))


def estimate(batches: list[NDArray[np.float64]], column: int) -> Estimate:
    """Mean of one column over the batches of all rounds (method of batch means; Schmeiser 1982)."""
    values = np.concatenate(batches)[:, column]
    return Estimate(float(values.mean()), float(stats.sem(values)), len(values) - 1)


def four_sigma(error: float, freedom: int) -> float:
    """Half-width that is exceeded by chance as rarely as 4 sigma, though sigma itself is estimated."""
    return float(error * stats.t.isf(stats.norm.sf(SIGMAS), freedom))


def package_answer(known: KnownQueue) -> Answer:
    """The package's own Erlang A if it is there, else the numbers noted in `models`."""
    try:
        from simulation.theory.erlang import erlang_a
    except ImportError:
        return known.answer
    work = known.work
    exact = erlang_a(work.arrival_rate, 1 / work.mean_handling, known.servers, 1 / work.mean_patience)
    return Answer(exact.p_wait, exact.p_abandon, exact.wait, known.answer.source)


def theory_checks(tool: str, queue: str, tally: Tally, known: KnownQueue) -> Iterator[Check]:
    """Measured against theory, metric by metric."""
    answer = package_answer(known)
    expected = (answer.p_wait, answer.p_abandon, answer.mean_wait)
    for column, (metric, value) in enumerate(zip(METRICS, expected, strict=True)):
        seen = estimate(tally.batches[queue], column)
        bound = max(four_sigma(seen.error, seen.freedom), RELATIVE_TOLERANCE * value)
        yield Check(tool, queue, metric, seen.mean, value, bound, value, answer.source)


def agreement_checks(tool: str, queue: str, tallies: Mapping[str, Tally]) -> Iterator[Check]:
    """Measured against the mean of the other tools, metric by metric; nothing if there is no other."""
    others = [tally for name, tally in tallies.items() if name != tool]
    for column, metric in enumerate(METRICS if others else ()):
        seen = estimate(tallies[tool].batches[queue], column)
        rest = [estimate(tally.batches[queue], column) for tally in others]
        value = float(np.mean([other.mean for other in rest]))
        error = float(np.hypot(seen.error, np.linalg.norm([other.error for other in rest]) / len(rest)))
        bound = max(four_sigma(error, seen.freedom), RELATIVE_TOLERANCE * value)
        yield Check(tool, queue, metric, seen.mean, value, bound, value, "mean of the other simulators")


def patience_check(tool: str, queue: str, tally: Tally) -> Check:
    """P_abandon = E_wait ÷ mean patience, in any queue with exponential patience.

    The difference is a sum of martingale differences, so it is known far better than either side
    (Garnett, Mandelbaum & Reiman 2002 for the identity).
    """
    abandoned, difference = estimate(tally.batches[queue], 1), estimate(tally.batches[queue], 3)
    bound = max(four_sigma(difference.error, difference.freedom), RELATIVE_TOLERANCE * abandoned.mean)
    expected = abandoned.mean - difference.mean
    source = "E_wait ÷ mean patience"
    return Check(tool, queue, METRICS[1], abandoned.mean, expected, bound, abandoned.mean, source)


def all_checks(model: str, tallies: Mapping[str, Tally]) -> Iterator[Check]:
    """Every check of one model, queue by queue."""
    for queue in MEAN_PATIENCE[model]:
        known = KNOWN_QUEUES.get((model, queue))
        for tool, tally in tallies.items():
            if known is None:
                yield from agreement_checks(tool, queue, tallies)
            else:
                yield from theory_checks(tool, queue, tally, known)
            yield patience_check(tool, queue, tally)


def print_speeds(model: str, tallies: Mapping[str, Tally]) -> None:
    """Contacts per second of CPU time, and the ratio to the textbook's SimPy."""
    naive = tallies[NAIVE].contacts_per_second
    print(f"\n{model}: contacts per second of CPU time, {len(tallies[NAIVE].cpu_seconds)} rounds")
    print(f"  {'simulator':<18}{'contacts':>10}{'best':>12}{'worst':>12}{'x naive':>9}")
    for tool, tally in tallies.items():
        best, worst = tally.contacts_per_second, tally.contacts / max(tally.cpu_seconds)
        print(f"  {tool:<18}{tally.contacts:>10,}{best:>12,.0f}{worst:>12,.0f}{best / naive:>9.2f}")


def print_checks(checks: Sequence[Check]) -> None:
    """Each measured value beside the expected one."""
    head = ("simulator", "queue", "metric", "measured", "expected", "within ±")
    print("\n  {:<18}{:<9}{:<12}{:>10}{:>10}{:>10}  verdict    expected from".format(*head))
    for c in checks:
        numbers = f"{c.measured:>10.5f}{c.expected:>10.5f}{c.bound / c.scale:>10.1%}"
        print(f"  {c.tool:<18}{c.queue:<9}{c.metric:<12}{numbers}  {c.verdict:<10} {c.source}")


def compare(model: str, tools: Mapping[str, Simulate], contacts: int, rounds: int) -> list[str]:
    """Measure one model and print it; the verdicts of its checks."""
    tallies = measure(model, tools, contacts, rounds)
    checks = list(all_checks(model, tallies))
    print_speeds(model, tallies)
    print_checks(checks)
    return [check.verdict for check in checks]


def contact_count(text: str) -> int:
    """An argument that is a number of contacts; too few would leave batches empty."""
    count = int(text)
    if count < FEWEST_CONTACTS:
        raise argparse.ArgumentTypeError(f"{count} is too few; give {FEWEST_CONTACTS} or more")
    return count


def round_count(text: str) -> int:
    """An argument that is a number of rounds."""
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError(f"{count} rounds measure nothing; give 1 or more")
    return count


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    about = "Run every simulator on the same models and compare speed and answers."
    parser = argparse.ArgumentParser(prog="python -m benchmarks.side_by_side", description=about)
    parser.add_argument("--contacts", type=contact_count, default=200_000, help="a run (default 200000)")
    parser.add_argument("--rounds", type=round_count, default=3, help="runs of each simulator (default 3)")
    models = list(MEAN_PATIENCE)
    parser.add_argument("--models", nargs="+", choices=models, default=models, help="which (default: all)")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the comparison; 0 if every check agrees, else 1."""
    options = parse_arguments(arguments)
    entries = load_entries(options.models)
    verdicts = [
        verdict
        for model, tools in entries.items()
        for verdict in compare(model, tools, options.contacts, options.rounds)
    ]
    wrong, open_ = verdicts.count("DISAGREES"), verdicts.count("UNDECIDED")
    print(f"\n{len(verdicts)} checks: {wrong} disagree, {open_} undecided")
    if open_:
        print("undecided: the bound is as wide as the value itself; raise --contacts or --rounds")
    return int(wrong + open_ > 0)


if __name__ == "__main__":
    sys.exit(main())
