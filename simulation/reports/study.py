"""A study on the terminal: how far it is, what it would do, what it has done, and where to read on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from simulation.experiments.study import Prospect, Study
from simulation.metrics import Verdict
from simulation.reports import seconds_text
from simulation.reports.comparison import FIRST
from simulation.reports.console import fits, new_table, plain, spoken
from simulation.reports.terminal import MARKS

if TYPE_CHECKING:
    import pandas as pd

CHECKING, SIMULATING = "Checking combinations", "Simulating runs"
MANY = 200
"""Combinations from which it is worth saying that they are being checked."""
PATIENCE = 3.0
"""Seconds that checking may take without a word."""
MOST_LINES = 10
MOST_ROWS = 30
MOST_COLUMNS = 8
LINE = "\n"
Heard = Callable[[int, int], None]


@contextmanager
def watch_study(quiet: bool = False) -> Iterator[tuple[Heard | None, Heard | None]]:
    """What to tell the combinations checked, and the runs simulated, of how many; all of it goes to standard error."""
    console = Console(stderr=True, highlight=False)
    if quiet:
        yield None, None
    elif console.is_terminal and not console.is_dumb_terminal:
        with _bar(console) as bar:
            yield _task(bar, CHECKING, MANY), _task(bar, SIMULATING, 1)
    else:

        def say(line: str) -> None:
            console.print(line, soft_wrap=True)

        yield Lines(f"{CHECKING.split()[1]} checked", say, PATIENCE), Lines("runs", say)


def _bar(console: Console) -> Progress:
    left = TimeRemainingColumn(elapsed_when_finished=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("left"), left)
    return Progress(*columns, console=console, transient=True)


def _task(bar: Progress, name: str, least: int) -> Heard:
    """A line of the bar, from when it is first heard of."""
    task = bar.add_task(name, start=False, visible=False)

    def hear(done: int, total: int) -> None:
        if not bar.tasks[task].started:
            bar.start_task(task)
        bar.update(task, completed=done, total=total, visible=least <= total and done < total)

    return hear


class Lines:
    """Says, at most ten times, how many are done and how long the rest may take, unless all of it is over soon."""

    def __init__(
        self,
        what: str,
        say: Callable[[str], None],
        patience: float = 0.0,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.what, self.say, self.patience, self.clock = what, say, patience, clock
        self.first: tuple[float, int] | None = None
        self.said = 0

    def __call__(self, done: int, total: int) -> None:
        """Hear that `done` of `total` are done; until the first is, processes start, which says nothing of the pace."""
        now = self.clock()
        self.first = self.first or (now, done)
        spent, since = now - self.first[0], done - self.first[1]
        tenth = done * MOST_LINES // total
        if tenth > self.said and since and spent >= self.patience:
            self.said = tenth
            left = f", about {plain(seconds_text(spent / since * (total - done)))} to go" if done < total else ""
            self.say(f"{done:,} of {total:,} {self.what}{left}")


def show_prospect(console: Console, found: Prospect, shard: tuple[int, int]) -> None:
    """Print what a study would do."""
    console.print(_headline(found.name, found.points, found.replications))
    table = new_table("", "")
    table.show_header = False
    if shard != (1, 1):
        table.add_row(f"of part {shard[0]} of {shard[1]}", f"{found.wanted:,}")
    table.add_row("there already", f"{found.cached:,}")
    table.add_row("to simulate", f"{found.left:,}")
    if found.seconds is not None and found.size is not None:
        processes = "1 process" if found.jobs == 1 else f"{found.jobs} processes"
        table.add_row("may take", f"{plain(seconds_text(found.seconds))} on {processes}")
        table.add_row("disk", f"about {bytes_text(found.size)}")
    console.print(table)
    _notes(console, found.notes)
    console.print(f"Nothing was written. The folder would be {found.folder}", soft_wrap=True)


def show(console: Console, done: Study, shard: tuple[int, int]) -> None:
    """Print what a study has done, and its first figures."""
    console.print(_headline(done.name, done.points, done.replications))
    part = "" if shard == (1, 1) else f" of part {shard[0]} of {shard[1]}"
    console.print(f"{done.simulated:,} runs{part} simulated, {done.cached:,} were there")
    _notes(console, done.notes)
    if done.lacking:
        console.print(f"{done.lacking:,} runs are lacking: the last of the other parts writes the tables")
        console.print(f"The study's folder: {done.folder}", soft_wrap=True)
        return
    console.print()
    figures, left = _figures(done, console)
    console.print(figures)
    for line in _below(done, left):
        console.print(Text(line, "dim"))
    console.print()
    console.print(f"Tables for pandas: {done.folder}/{{runs,kpis,summary,targets}}", soft_wrap=True)


def _headline(name: str, points: int, replications: int) -> Text:
    combinations = "1 combination" if points == 1 else f"{points:,} combinations"
    said = f": {combinations} × {replications:,} replications = {points * replications:,} runs"
    return Text.assemble((name, "bold"), said)


def _notes(console: Console, notes: list[str]) -> None:
    for note in notes:
        console.print(Text(f"Note: {note}", "yellow"), soft_wrap=True)


def _figures(done: Study, console: Console) -> tuple[Table, list[tuple[str, str]]]:
    """A row a combination: its levels, its verdicts, and as many metrics as fit; then those that did not."""
    summary = done.summary
    shown = list(done.metrics) or _metrics(summary)
    left: list[tuple[str, str]] = []
    keys = list(zip(summary["metric"], summary["segment"], strict=True))
    units = dict(zip(keys, summary["unit"], strict=True))
    cells = dict(zip(zip(summary["point"], keys, strict=True), summary["mean"], strict=True))
    labels = list(summary.columns[1 : list(summary.columns).index("metric")])
    rows = summary.drop_duplicates("point").head(MOST_ROWS).to_dict("records")
    verdicts = _verdicts(done)
    while True:
        table = new_table(*labels, *(["targets"] if verdicts else []), *(f">{_title(key)}" for key in shown))
        for row in rows:
            found = [(cells.get((row["point"], key)), key) for key in shown]
            texts = ["–" if one is None else spoken(one, units[key]).removesuffix(" a day") for one, key in found]
            judged = [verdicts.get(row["point"], Text("–"))] if verdicts else []
            table.add_row(*(str(row[label]) for label in labels), *judged, *texts)
        if fits(table, console) or len(shown) <= 1:
            break
        left.insert(0, shown.pop())
    if done.points > len(rows):
        table.caption_justify = "left"
        table.caption = f"and {done.points - len(rows):,} more combinations"
    return table, left


def _below(done: Study, left: Sequence[tuple[str, str]]) -> Iterator[str]:
    """What the marks mean, and what had no room."""
    if len(done.targets):
        marks = "✓ met, ✗ missed, ? undecided (more replications would tell)"
        names = done.targets.groupby("point")["name"].agg(tuple).unique()
        yield f"targets: {', '.join(names[0])}; {marks}" if len(names) == 1 else marks
    if left:
        yield f"In the tables as well: {', '.join(_title(key).replace(LINE, '') for key in left)}"


def _title(key: tuple[str, str]) -> str:
    """The metric as a target would say it."""
    return key[0].removesuffix(".mean") + (f"{LINE}{{{key[1]}}}" if key[1] else "")


def _metrics(summary: pd.DataFrame) -> list[tuple[str, str]]:
    """Those that are asked for most first, of not too many."""
    order = {name: rank for rank, name in enumerate(FIRST)}
    whole = dict.fromkeys(summary.loc[summary["segment"] == "", "metric"])
    plainly = {name: name.split("(")[0].removesuffix(".mean") for name in whole}
    known = sorted((name for name in whole if plainly[name] in order), key=lambda name: order[plainly[name]])
    return [(name, "") for name in known[:MOST_COLUMNS]]


def _verdicts(done: Study) -> dict[int, Text]:
    """The marks of each combination's targets, in their order."""
    found: dict[int, Text] = {}
    for point, verdict in done.targets[["point", "verdict"]].itertuples(index=False):
        mark, style = MARKS[Verdict(verdict)]
        found.setdefault(point, Text()).append(mark, style)
    return found


def bytes_text(size: float) -> str:
    """A size on disk: 12 kB, 3.4 MB."""
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            return f"{size:.3g} {unit}"
        size /= 1000
    raise AssertionError
