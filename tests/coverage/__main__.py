"""``python -m tests.coverage [--write docs/validation.md] [--only WORD…]``: how often intervals cover, verdicts are false.

The exit code is 0 if every experiment finds what it must.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import groupby
from multiprocessing import get_context
from pathlib import Path

from simulation.experiments.replications import cores
from tests.coverage.registry import Experiment, Found, experiments, told

HEADING = "## Intervals that cover"
INTRODUCTION = f"""{HEADING}

How often is the statistics right? Each row repeats a whole study many times on a model whose exact answer is known, and counts.
A 95 % interval must cover the exact value in 93 to 97 % of the studies, after sequential stopping too; what must
happen at least (or at most) so often may be beyond its nominal value by no more than luck explains (three standard errors).
Made by `python -m tests.coverage --write docs/validation.md`.

| study | experiments | asked | found | |
| --- | --- | --- | --- | --- |
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Experiment, print (or write) the table, and say by the exit code whether all is well."""
    asked = _parser().parse_args(arguments)
    chosen = [
        one for one in experiments() if not asked.only or any(word in f"{one.group}/{one.name}" for word in asked.only)
    ]
    with ProcessPoolExecutor(asked.jobs, mp_context=get_context("spawn")) as pool:
        done = list(zip(chosen, pool.map(told, [one.name for one in chosen]), strict=True))
    section = INTRODUCTION + "\n".join(_rows(done)) + "\n"
    if asked.write:
        asked.write.write_text(with_section(asked.write.read_text(encoding="utf-8"), section), encoding="utf-8")
    else:
        print(section)
    return 0 if all(one.passes(found) for one, found in done) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.coverage", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--write", type=Path, help="write the table into this page instead of printing it")
    parser.add_argument("--jobs", type=int, default=cores(), help="processes; as many as there are cores by default")
    parser.add_argument("--only", nargs="+", default=[], metavar="WORD", help="experiments whose name has one of these")
    return parser


def _rows(done: Sequence[tuple[Experiment, Found]]) -> list[str]:
    lines = []
    for group, members in groupby(done, lambda pair: pair[0].group):
        lines.append(f"| **{group}** | | | | |")
        lines += [
            f"| {one.what} | {found.experiments:,} | {one.asked} | {100 * found.share:.1f} % | {'pass' if one.passes(found) else 'FAIL'} |"
            for one, found in members
        ]
    return lines


def with_section(page: str, section: str) -> str:
    """A page with this section in place of its earlier form, or at its end."""
    old = section_of(page)
    return page.replace(old, section) if old else f"{page.rstrip()}\n\n{section}"


def section_of(page: str) -> str:
    """The section of a page, up to the next of its kind; empty if it has none."""
    found = re.search(rf"^{re.escape(HEADING)}\n.*?(?=^## |\Z)", page, re.DOTALL | re.MULTILINE)
    return found[0] if found else ""


if __name__ == "__main__":
    sys.exit(main())
