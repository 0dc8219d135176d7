"""What commands have in common: options, loading, the ways to end."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from simulation.guard import MISSED, UNDECIDED

if TYPE_CHECKING:
    from rich.console import Console

    from simulation.scenario.schema import Scenario

Option = Callable[[Callable[..., None]], Callable[..., None]]
"""What makes an option of a command."""


class Whole(click.IntRange):
    """A whole number within bounds."""

    name = "whole number"


class Percent(click.FloatRange):
    """A number of per cent, with or without the sign."""

    name = "share"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The number."""
        number: Any = str(value).strip().removesuffix("%").strip()
        try:
            return super().convert(number, param, ctx)
        except click.BadParameter:
            self.fail(
                f"{str(value)!r} is not a share from {self.min:g} % to {self.max:g} %; write e.g. 95 %", param, ctx
            )


AT_LEAST_1, AT_LEAST_0 = Whole(min=1), Whole(min=0)
scenario_argument = click.argument("scenario", metavar="SCENARIO")
set_option = click.option(
    "--set",
    "settings",
    metavar="A.B=VALUE",
    multiple=True,
    help="Change one entry of the scenario, e.g. teams.front.shifts.early.headcount=7 (repeatable).",
)


def with_option(does: str) -> Option:
    """The option to lay files over the first scenario."""
    return click.option("--with", "over", metavar="FILE", multiple=True, help=f"{does} (repeatable).")


def level_option(says: str) -> Option:
    """The option that says how certain a statement is to be, in per cent."""
    return click.option("--level", type=Percent(50, 99.9), default=95, show_default=True, metavar="PERCENT", help=says)


def simulating(command: Callable[..., None]) -> Callable[..., None]:
    """The options of all commands that simulate and judge."""
    options = [
        click.option(
            "--replications",
            type=AT_LEAST_1,
            metavar="N",
            help="Replications, instead of the (first) scenario's; with --until or --precision at most.",
        ),
        click.option(
            "--seed",
            type=AT_LEAST_0,
            metavar="N",
            help="Seed of all random numbers, instead of the (first) scenario's.",
        ),
        set_option,
        click.option("--jobs", type=AT_LEAST_1, metavar="N", help="Processes at work; by default as many as pay off."),
        click.option(
            "--out",
            type=click.Path(path_type=Path),
            metavar="DIR",
            help="The results folder; by default results/<name>-<digest>.",
        ),
        click.option("--no-fail", is_flag=True, help="End with exit code 0 even when a target is missed."),
        click.option("--strict", is_flag=True, help="End with exit code 98 when a target is undecided."),
        click.option("--quiet", is_flag=True, help="Say nothing but where the results folder is."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def stopping(command: Callable[..., None]) -> Callable[..., None]:
    """The options of commands that can go on until they know enough."""
    options = [
        click.option(
            "--until",
            type=click.Choice(["settled"]),
            help="Go on until every verdict is settled (the default where nobody says how many replications).",
        ),
        click.option(
            "--precision",
            metavar="WIDTH",
            multiple=True,
            help="Go on until intervals are so narrow: 5% (half-width to figure), or a metric's own, e.g. asa.mean=2s (repeatable).",
        ),
        click.option(
            "--budget",
            metavar="N|TIME",
            multiple=True,
            help="Stop at the latest after so many replications (200 if nothing is said), or so long, e.g. 60s (repeatable).",
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def load(scenario: str, settings: Iterable[str], over: Sequence[str] = ()) -> Scenario:
    """The scenario with the changes of --set, and files laid over it."""
    from simulation.experiments.load import load as load_scenario

    return load_scenario(scenario, _changes(settings), over)


def load_beside(scenarios: Sequence[str], settings: Iterable[str], over: Sequence[str]) -> list[Scenario]:
    """Scenarios to be compared, and the first with each of the files laid over it, all with the changes of --set."""
    from simulation.experiments.load import load_beside as load_scenarios

    return load_scenarios(scenarios, _changes(settings), over)


def _changes(settings: Iterable[str]) -> dict[str, str]:
    from simulation.scenario.load import parse_set

    changes: dict[str, str] = {}
    for path, value in map(parse_set, settings):
        changes.pop(path, None)  # of two for the same entry, the last one holds, and in its place
        changes[path] = value
    return changes


def written(command: str, scenarios: Sequence[str], options: Sequence[tuple[str, str]]) -> str:
    """A command as one types it."""
    return shlex.join(["supportsim", command, *scenarios, *(text for option in options for text in option)])


def refuse_both(no_fail: bool, strict: bool) -> None:
    """UsageError where both are asked for."""
    if strict and no_fail:
        raise click.UsageError("--strict and --no-fail contradict each other; write one of them.")


@contextmanager
def refusals(folder: Path, option: str = "--out") -> Iterator[None]:
    """What the system has against writing there is the user's to know."""
    from simulation.experiments.place import unwritable

    try:
        yield
    except OSError as error:
        raise unwritable(folder, error, option) from error


def exit_code(verdicts: set[str], no_fail: bool, strict: bool) -> int:
    """The exit code that the verdicts on targets ask for."""
    if "missed" in verdicts and not no_fail:
        return MISSED
    return UNDECIDED if strict and "undecided" in verdicts else 0


def console() -> Console:
    """Where commands print."""
    from simulation.reports.console import PlainConsole

    return PlainConsole(markup=False, emoji=False, highlight=False)
