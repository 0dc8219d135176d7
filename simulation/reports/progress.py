"""How far a run is: a bar on a terminal, a few plain lines elsewhere. All of it goes to standard error."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from simulation.experiments.stopping import NEVER, Look, Rule, Standing
from simulation.reports import seconds_text
from simulation.reports.console import plain
from simulation.reports.stopping import standing_words
from simulation.statistics.sequential import FIRST

MOST_LINES = 10
Heard = Callable[[int, int], None]


@contextmanager
def watch(total: int, quiet: bool = False) -> Iterator[Heard | None]:
    """What to tell the (replications done, replications in all) of a run; None when nothing is to be said."""
    console = Console(stderr=True, highlight=False)
    if quiet:
        yield None
    elif console.is_terminal and not console.is_dumb_terminal:
        with _bar(console) as bar:
            task = bar.add_task("Simulating", total=total)
            yield lambda done, of: bar.update(task, completed=done, total=of)
    else:
        yield Lines(lambda line: console.print(line, soft_wrap=True))


@contextmanager
def watch_looks(rule: Rule, quiet: bool = False) -> Iterator[tuple[Heard | None, Look | None]]:
    """What to tell the (replications done, replications up to the next look) and the looks of a run that a rule ends."""
    console = Console(stderr=True, highlight=False)
    if quiet:
        yield None, None
    elif console.is_terminal and not console.is_dumb_terminal:
        with _bar(console) as bar:
            task = bar.add_task("Simulating", total=min(FIRST, rule.most))
            yield (
                lambda done, of: bar.update(task, completed=done, total=of),
                lambda standing: bar.console.print(standing_line(standing), soft_wrap=True),
            )
    else:
        yield None, lambda standing: console.print(standing_line(standing), soft_wrap=True)


def standing_line(standing: Standing) -> str:
    """A look in a line."""
    most = f" of at most {standing.rule.most:,}" if standing.rule.most < NEVER else ""
    following = "" if standing.following is None else f"; next look after {standing.following:,}"
    return f"{standing.replications:,}{most} replications: {plain(standing_words(standing))}{following}"


def _bar(console: Console) -> Progress:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("replications, left"),
        TimeRemainingColumn(elapsed_when_finished=True),
    )
    return Progress(*columns, console=console, transient=True)


class Lines:
    """Says, at most ten times a run, how many replications are done and how long the rest may take."""

    def __init__(self, say: Callable[[str], None], clock: Callable[[], float] = time.perf_counter) -> None:
        self.say = say
        self.clock = clock
        self.started = clock()
        self.said = 0

    def __call__(self, done: int, total: int) -> None:
        """Hear that `done` of `total` replications are done."""
        tenth = done * MOST_LINES // total
        if tenth > self.said:
            self.said = tenth
            self.say(f"{done} of {total} replications{self._times(done, total)}")

    def _times(self, done: int, total: int) -> str:
        spent = self.clock() - self.started
        left = "" if done == total else f", about {plain(seconds_text(spent / done * (total - done)))} to go"
        return f", {plain(seconds_text(spent))}{left}"
