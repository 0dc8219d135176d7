"""``python -m tests.reference CASES.json [--write docs/validation.md] [--only ID…]``: the table of cases.

The exit code is 0 if every case that can be said in a scenario passes.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from tests.coverage.__main__ import section_of
from tests.reference import run, study
from tests.reference.run import Finding, Report, check_all

HEAD = """# Validation against reference cases

Every case is a queueing system with numbers that are published, or worked out exactly, or printed by another
simulator. The case is written as a scenario and simulated; nothing but the tables of the run is read. A number
*passes* if it lies within the case's own tolerance **and** its 95 % interval is narrow enough to mean something.
Made by `python -m tests.reference`.
"""
COLUMNS = ("case", "system", "quantity", "expected", "simulated", "± half-width", "verdict")


def main(arguments: Sequence[str] | None = None) -> int:
    """Simulate, print (or write) the table, and say by the exit code whether all is well."""
    asked = _parser().parse_args(arguments)
    cases = [case for case in _cases(asked.cases) if not asked.only or case["id"] in asked.only]
    reports = {}
    for report in check_all(cases, asked.seed, asked.jobs):
        reports[report.case] = report
        print(_progress(report, len(reports), len(cases)), file=sys.stderr, flush=True)
    ordered = [reports[case["id"]] for case in cases]
    page = markdown(ordered, asked.seed)
    if asked.write:
        there = asked.write.read_text(encoding="utf-8") if asked.write.exists() else ""
        asked.write.write_text(f"{page}\n{section_of(there)}" if section_of(there) else page, encoding="utf-8")
    else:
        print(page)
    return 0 if all(report.passes or report.refused for report in ordered) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.reference", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("cases", type=Path, help="the file of cases (JSON)")
    parser.add_argument("--write", type=Path, help="write the table into this file instead of printing it")
    parser.add_argument("--only", nargs="+", default=[], metavar="ID", help="these cases alone")
    parser.add_argument("--seed", type=int, default=1, help="another seed, other random numbers (default 1)")
    parser.add_argument("--jobs", type=int, default=_cores(), help="processes (default: one a core)")
    return parser


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _cases(path: Path) -> list[dict[str, Any]]:
    data = json.loads(path.read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = data["cases"] if isinstance(data, dict) else data
    return found


def _progress(report: Report, done: int, of: int) -> str:
    what = "refused" if report.refused else "pass" if report.passes else "FAIL"
    return f"[{done}/{of}] {report.case}: {what}, {report.contacts} contacts, {report.seconds:.1f} s of processor time"


def markdown(reports: Sequence[Report], seed: int) -> str:
    """The page: summary, table, what cannot be said yet, settings."""
    parts = [HEAD, _summary(reports), _table(reports), _gaps(reports), _settings(seed)]
    return "\n".join(parts)


def _summary(reports: Sequence[Report]) -> str:
    tried = [report for report in reports if not report.refused]
    findings = [finding for report in tried for finding in report.findings]
    random = [finding for finding in findings if finding.error]
    within = sum(abs(finding.simulated - finding.expected) <= finding.half_width for finding in random)
    again = [report.case for report in tried if report.second_look]
    return f"""\
- {sum(report.passes for report in tried)} of {len(tried)} simulated cases pass ({sum(one.passes for one in findings)} of {len(findings)} numbers);
  {len(reports) - len(tried)} cannot be said in a scenario.
- {within} of {len(random)} simulated numbers ({within / max(1, len(random)):.1%}) lie within 1.96 standard errors of the expected one.
- {sum(report.contacts for report in tried):,} contacts were simulated. A second look was needed for: {", ".join(again) or "none"}.
"""


def _table(reports: Iterable[Report]) -> str:
    lines = [_row(COLUMNS), _row(["---"] * len(COLUMNS))]
    lines += [_row(_cells(finding)) for report in reports for finding in report.findings]
    return "\n".join(lines) + "\n"


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cells(finding: Finding) -> list[str]:
    width = f"{finding.half_width:.2g}" if finding.error else "–"
    numbers = [f"{finding.expected:.6g}", f"{finding.simulated:.6g}", width]
    return [finding.case, finding.system, f"`{finding.name}`", *numbers, finding.verdict]


def _gaps(reports: Iterable[Report]) -> str:
    lines = [f"- {report.case} ({report.system}): {report.refused}" for report in reports if report.refused]
    lines += [
        f"- {report.case} ({report.system}): nothing answers {', '.join(report.unanswered)}"
        for report in reports
        if report.unanswered
    ]
    return "## Not expressible yet\n\n" + ("\n".join(lines) or "Nothing.") + "\n"


def _settings(seed: int) -> str:
    effort = run.Effort()
    aims = ", ".join(f"{share:.0%} of a number from {least:g} on" for least, share in run.PRECISION)
    return f"""## Settings

- Seed {seed}, joined with the case's name, so that cases have different random numbers; the numbers do not depend on
  the machine or on how many processes share the work.
- Steady state: a replication measures {study.MEASURED:g} relaxation times after a warm-up of {study.WARM_UP:g} and goes on for
  {study.RUN_OUT:g} more, so that measured waits end. Between {study.LEAST_CONTACTS:,} and {study.MOST_CONTACTS:,} arrivals are measured (as many as
  in the warm-up if those are more) after at most {study.MOST_WARM_UP:,}. The relaxation time of M/M/c is
  1 / (sqrt(c mu) - sqrt(lambda))^2, shorter with impatience or finite room.
- Days: a replication is as many days (weeks), each starting empty, as bring about {study.CONTACTS_OF_DAYS:,} arrivals.
- {effort.first_replications} replications at first, then as many more as the widest interval asks for, up to
  {effort.most_contacts:,} contacts a scenario. Standard errors are over replications (jackknife). A number outside its tolerance gets as many
  replications again, once, before the verdict (a second look).
- True: |simulated - expected| <= max({run.SIGMAS} SE, {run.RELATIVE:.0%} of expected, {run.ABSOLUTE}), or
  {run.SIGMAS} sqrt(SE^2 + (half-width / 1.96)^2) where the expected number was itself simulated.
- Precise: 1.96 SE aims at {aims}.
  Precise is up to {effort.enough:g} times as much. Around zero it is {10 * run.ABSOLUTE:g}, and where the expected number was
  itself simulated, its own half-width if that is wider.
"""


if __name__ == "__main__":
    sys.exit(main())
