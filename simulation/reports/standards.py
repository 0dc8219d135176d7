"""The checklist of standards on the terminal and on the page: what a scenario configures and, after a run, achieves."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console, RenderableType
from rich.text import Text

from simulation.reports import metric_title, target_words, value_text
from simulation.reports.console import new_table, plain
from simulation.scenario.schema import Scenario
from simulation.scenario.standards import Standard, checklist, reading

MARKS = {"whole": ("✓", "green"), "part": ("◐", "yellow"), "none": ("✗", "bold red"), "apart": ("–", "dim")}
WORDS = {"whole": "in place", "part": "partly", "none": "missing", "apart": "does not apply"}
ACHIEVED = {"met": "achieved", "missed": "not achieved", "undecided": "undecided"}
Summary = Mapping[str, Any]


def standards_of(rows: Iterable[Mapping[str, Any]]) -> list[Standard]:
    """The checklist back from a summary."""
    return [Standard(**{**row, "keys": tuple(row["keys"])}) for row in rows]


def state(one: Standard) -> str:
    """In place, in part, not at all, or it does not apply."""
    if one.kept is None:
        return "apart"
    return "whole" if one.kept == 1 else "part" if one.kept > 0 else "none"


def name_words(one: Standard) -> str:
    """A standard's name in words."""
    return one.name.replace("_", " ")


def found_words(one: Standard) -> str:
    """What was found of a standard; of a missing one, where to write it."""
    if state(one) == "none" and one.keys:
        return f"{'' if one.said == 'none' else f'{one.said}; '}see {', '.join(one.keys)}"
    part = f"{100 * one.kept:.0f} %" if state(one) == "part" and one.kept is not None else ""
    share = f"{part}: " if part and not one.said.startswith(part) else ""
    return f"{share}{one.said}"


def shown_words(one: Standard, summary: Summary) -> str:
    """How well a standard works, by a metric or by the verdict on a target; empty where the run cannot say."""
    if one.target:
        verdicts = {row["name"]: row["verdict"] for row in summary["targets"]}
        return f"{one.target}: {ACHIEVED[verdicts[one.target]]}" if one.target in verdicts else ""
    if not one.shows or not one.kept:
        return ""
    for row in summary["kpis"]:
        if not row["segment"] and row["metric"].partition("(")[0] == one.shows and row["mean"] is not None:
            return f"{metric_title(row['metric'])}: {plain(value_text(row['mean'], row['unit']))}"
    return ""


def published_words(summary: Summary) -> str:
    """How the center stands by the figures that practitioners publish."""
    rows: Sequence[Mapping[str, Any]] = summary.get("published", ())
    if not rows or summary["replications"] == 1:
        return ""
    said = {row["target"]: " ".join(map(plain, target_words(row["target"]))) for row in rows}
    met = [said[row["target"]] for row in rows if row["verdict"] == "met"]
    rest = [f"{said[row['target']]} ({ACHIEVED[row['verdict']]})" for row in rows if row["verdict"] != "met"]
    head = f"Of {len(rows)} figures that practitioners publish {len(met)} {'is' if len(met) == 1 else 'are'} achieved"
    others = f" The others: {', '.join(rest)}." if rest else ""
    return f"{head}{': ' if met else ''}{', '.join(met)}.{others}"


def achieved_words(summary: Summary) -> str:
    """How many of the scenario's own targets are met."""
    verdicts = [row["verdict"] for row in summary["targets"]]
    if summary["replications"] == 1:
        return "A single replication cannot decide what is achieved."
    if not verdicts:
        return "It sets no targets of its own."
    return f"Of its own {len(verdicts)} targets {verdicts.count('met')} are met."


def blocks(name: str, standards: Sequence[Standard], summary: Summary | None) -> Iterator[RenderableType]:
    """All that is said of a checklist, to be printed one below the other; `summary` is that of a run."""
    yield Text.assemble((name, "bold"), ": ", reading(list(standards)))
    if summary is not None:
        yield Text(" ".join(words for words in (achieved_words(summary), published_words(summary)) if words))
    yield Text()
    for group in dict.fromkeys(one.group for one in standards):
        mine = [one for one in standards if one.group == group]
        yield _table(group, mine, summary)
        yield Text()


def _table(group: str, standards: Sequence[Standard], summary: Summary | None) -> RenderableType:
    table = new_table("", group, "in this scenario", *([] if summary is None else ["in this run"]))
    for one in standards:
        mark, style = MARKS[state(one)]
        said = Text.assemble(name_words(one), "\n", (one.asks, "dim"))
        shown = [] if summary is None else [shown_words(one, summary)]
        table.add_row(Text(mark, style), said, found_words(one), *shown)
    return table


def show(console: Console, scenario: Scenario) -> None:
    """Print the checklist of a scenario."""
    for block in blocks(scenario.name, checklist(scenario), None):
        console.print(block)


def show_results(console: Console, folder: Path) -> None:
    """Print the checklist of a run's scenario, with what the run achieved; FileNotFoundError without a summary."""
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    for block in blocks(summary["scenario"], standards_of(summary.get("standards", ())), summary):
        console.print(block)
