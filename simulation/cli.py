"""The command line: parse, one call, show. Everything heavy is imported inside the commands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simulation import __version__
from simulation.calibration.command import calibrate, check
from simulation.errors import InputError
from simulation.guard import BAD_INPUT, MISSED, UNDECIDED, Guarded, leave, speak_plainly

if TYPE_CHECKING:
    from rich.console import Console

    from simulation.experiments.result import Result
    from simulation.scenario.schema import Scenario

SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(cls=Guarded, context_settings=SETTINGS)
@click.version_option(__version__, prog_name="supportsim", message="%(prog)s %(version)s")
def main() -> None:
    """Simulate a customer support center: a scenario file in, KPIs against targets out.

    \b
    supportsim scenarios           list the scenarios that come with supportsim
    supportsim explain SCENARIO    see what a scenario says, before simulating it
    supportsim standards SCENARIO  go through a checklist of standards
    supportsim run SCENARIO        simulate it, and hold it against its targets
    supportsim compare A B ...     hold scenarios against each other
    """
    speak_plainly()


scenario_argument = click.argument("scenario", metavar="SCENARIO")
set_option = click.option(
    "--set",
    "settings",
    metavar="A.B=VALUE",
    multiple=True,
    help="Change one entry of the scenario, e.g. teams.front.shifts.early.headcount=7 (repeatable).",
)
AT_LEAST_1, AT_LEAST_0 = click.IntRange(min=1), click.IntRange(min=0)


def simulating(command: Callable[..., None]) -> Callable[..., None]:
    """The options of all commands that simulate and judge."""
    options = [
        click.option(
            "--replications", type=AT_LEAST_1, metavar="N", help="Replications, instead of the (first) scenario's."
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


@main.command()
@scenario_argument
@simulating
def run(
    scenario: str,
    replications: int | None,
    seed: int | None,
    settings: tuple[str, ...],
    jobs: int | None,
    out: Path | None,
    no_fail: bool,
    strict: bool,
    quiet: bool,
) -> None:
    """Simulate SCENARIO and hold it against its targets.

    SCENARIO is a YAML file or the name of a shipped scenario (see supportsim scenarios). An earlier results
    folder of the same name is replaced.

    \b
    Exit codes:
      0   no target is missed (or --no-fail)
      1   internal error
      2   something is wrong with the input
      98  a target is undecided (with --strict)
      99  a target is missed
    """
    _refuse_both(no_fail, strict)
    from simulation.experiments.place import check_place, default_place
    from simulation.experiments.run import with_changes

    loaded = with_changes(_load(scenario, settings), replications, seed)
    folder = out or default_place(loaded)
    check_place(folder)
    result = _simulated(loaded, jobs, quiet)
    _save(result, folder)
    if quiet:
        click.echo(folder)
    else:
        _show(result, folder)
    leave(_exit_code({verdict.value for verdict in result.verdicts().values()}, no_fail, strict))


@main.command()
@click.argument("scenarios", metavar="SCENARIO...", nargs=-1, required=True)
@click.option(
    "--with",
    "over",
    metavar="FILE",
    multiple=True,
    help="Lay this file over the first scenario, and compare (repeatable).",
)
@click.option(
    "--level",
    type=click.FloatRange(50, 99.9),
    default=95,
    show_default=True,
    metavar="PERCENT",
    help="Certainty with which all intervals hold.",
)
@simulating
def compare(
    scenarios: tuple[str, ...],
    over: tuple[str, ...],
    replications: int | None,
    seed: int | None,
    settings: tuple[str, ...],
    level: float,
    jobs: int | None,
    out: Path | None,
    no_fail: bool,
    strict: bool,
    quiet: bool,
) -> None:
    """Hold scenarios against the first one, on the same customers.

    \b
    supportsim compare baseline whatif/stronger-bot whatif/callback-offer
    supportsim compare my.yaml --with whatif/templates.yaml --with whatif/crm-history.yaml

    Differences are paired replication by replication, and all their intervals hold at once. --set changes all scenarios.
    Exit codes are those of run, for the targets of all scenarios.
    """
    _refuse_both(no_fail, strict)
    if len(scenarios) + len(over) < 2:
        raise click.UsageError(
            "a comparison needs two scenarios or more; name another one, or lay a file over this one by --with."
        )
    from simulation.experiments.compare import compare as simulate
    from simulation.experiments.compare import comparison_place, on_the_same
    from simulation.experiments.place import check_place

    named = [_load(name, settings) for name in scenarios] + [_load(scenarios[0], settings, [layer]) for layer in over]
    loaded = on_the_same(named, replications, seed)
    folder = out or comparison_place(loaded)
    check_place(folder)
    from simulation.reports.progress import watch

    with watch(loaded[0].replications * len(loaded), quiet) as progress:
        comparison = simulate(loaded, jobs=jobs, level=level / 100, progress=progress)
    with refusals(folder):
        comparison.save(folder)
    if quiet:
        click.echo(folder)
    else:
        from simulation.reports.comparison import show

        show(_console(), comparison, folder)
    verdicts = {verdict.value for result in comparison.results for verdict in result.verdicts().values()}
    leave(_exit_code(verdicts, no_fail, strict))


@main.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
def validate(files: tuple[str, ...]) -> None:
    """Check scenario files: "ok", or all that is wrong."""
    faults = [_fault(file) for file in files]
    for file, fault in zip(files, faults, strict=True):
        click.echo(f"{file}: ok" if fault is None else fault)
    leave(BAD_INPUT if any(faults) else 0)


@main.command()
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Write it to a file.")
def schema(out: Path | None) -> None:
    """Print the JSON Schema of scenario files, for editors."""
    from simulation.experiments.place import unwritable
    from simulation.scenario.json_schema import schema_text

    if out is None:
        click.echo(schema_text(), nl=False)
        return
    try:
        out.write_text(schema_text(), encoding="utf-8")
    except OSError as error:
        raise unwritable(out, error) from error


@main.command()
@scenario_argument
@set_option
def explain(scenario: str, settings: tuple[str, ...]) -> None:
    """Say in words what SCENARIO asks for.

    The work that is expected is held against the agents on the floor, hour by hour. Nothing is simulated: a
    slip of the pen shows before a run.
    """
    loaded = _load(scenario, settings)
    from simulation.reports.explain import explanation

    console = _console()
    for block in explanation(loaded, console.width):
        console.print(block)


@main.command()
@click.argument("scenario", metavar="SCENARIO|RESULTS")
@set_option
def standards(scenario: str, settings: tuple[str, ...]) -> None:
    """Go through the checklist of standards: what a scenario has of it.

    Of a results folder it also says what the run achieved. Weights and lines of your own are written under
    standards: in the scenario.
    """
    from simulation.reports.standards import show, show_results

    folder = Path(scenario)
    if (folder / "summary.json").is_file():
        if settings:
            raise click.UsageError("--set is for scenarios; a run is over.")
        show_results(_console(), folder)
        return
    show(_console(), _load(scenario, settings))


@main.command()
def scenarios() -> None:
    """List the shipped scenarios."""
    from simulation.experiments.load import shipped
    from simulation.reports.catalogue import scenario_table

    _console().print(scenario_table(shipped()))


@main.command()
def kpis() -> None:
    """List every KPI with its unit, better direction and definition."""
    from simulation.metrics import KPIS
    from simulation.reports.catalogue import kpi_list

    _console().print(kpi_list(KPIS.values()))


@main.command()
@click.argument("results", metavar="RESULTS", type=click.Path(path_type=Path))
@click.option(
    "--by", type=click.Choice(["agent", "team", "site", "employer", "all"]), default="agent", show_default=True
)
@click.option("--team", metavar="NAME", help="Only this team, or its agents.")
@click.option("--sort", metavar="FIGURE", help="The highest first, e.g. --sort right; see the table of scorecards.csv.")
@click.option("--top", type=AT_LEAST_1, metavar="N", help="Only the first N and the last N.")
@click.option("--replication", type=AT_LEAST_0, default=0, metavar="N", help="Whose agents; 0 is the first.")
def scorecards(results: Path, by: str, team: str | None, sort: str | None, top: int | None, replication: int) -> None:
    """Show what each agent, team or site has done, from the results folder RESULTS of a run."""
    from simulation.reports.scorecards import cards_of, shown

    rows, currency = cards_of(results)
    for block in shown(rows, currency, by, sort, top, team, replication):
        _console().print(block)


main.add_command(calibrate)
main.add_command(check)


def _load(scenario: str, settings: Iterable[str], over: Sequence[str] = ()) -> Scenario:
    from simulation.experiments.load import load
    from simulation.scenario.load import parse_set

    changes: dict[str, str] = {}
    for path, value in map(parse_set, settings):
        changes.pop(path, None)  # of two for the same entry, the last one holds, and in its place
        changes[path] = value
    return load(scenario, changes, over)


def _fault(file: str) -> str | None:
    try:
        _load(file, ())
    except InputError as error:
        return str(error)
    return None


def _simulated(scenario: Scenario, jobs: int | None, quiet: bool) -> Result:
    from simulation.experiments.run import run as simulate
    from simulation.reports.progress import watch

    with watch(scenario.replications, quiet) as progress:
        return simulate(scenario, jobs=jobs, progress=progress)


def _refuse_both(no_fail: bool, strict: bool) -> None:
    if strict and no_fail:
        raise click.UsageError("--strict and --no-fail contradict each other; write one of them.")


def _save(result: Result, folder: Path) -> None:
    from simulation.reports.page import write_report

    with refusals(folder):
        result.save(folder, extras=[write_report])


@contextmanager
def refusals(folder: Path) -> Iterator[None]:
    """What the system has against writing there is the user's to know."""
    from simulation.experiments.place import unwritable

    try:
        yield
    except OSError as error:
        raise unwritable(folder, error) from error


def _show(result: Result, folder: Path) -> None:
    from simulation.reports.terminal import show

    show(_console(), result, folder)


def _exit_code(verdicts: set[str], no_fail: bool, strict: bool) -> int:
    if "missed" in verdicts and not no_fail:
        return MISSED
    return UNDECIDED if strict and "undecided" in verdicts else 0


def _console() -> Console:
    from simulation.reports.console import PlainConsole

    return PlainConsole(markup=False, emoji=False, highlight=False)
