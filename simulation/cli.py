"""The command line: parse, one call, show. Everything heavy is imported inside the commands."""

from __future__ import annotations

from pathlib import Path

import click

from simulation import __version__
from simulation.calibration.command import calibrate, check
from simulation.commands.attribute import attribute
from simulation.commands.best import best
from simulation.commands.compare import compare
from simulation.commands.options import AT_LEAST_0, AT_LEAST_1, console, load, scenario_argument, set_option
from simulation.commands.run import run
from simulation.commands.study import study
from simulation.commands.sweep import sweep
from simulation.commands.warmup import warmup
from simulation.commands.why import why
from simulation.errors import InputError
from simulation.guard import BAD_INPUT, Guarded, leave, speak_plainly

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
    supportsim attribute A B       say which of their differences brought how much
    supportsim best A B ...        find the best of them by one metric
    supportsim sweep SCENARIO      vary entries of a scenario over ranges
    supportsim warmup SCENARIO     find how long it takes to settle
    supportsim why RESULTS         say why customers waited
    supportsim study FILE          simulate a batch of experiments
    """
    speak_plainly()


@main.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
def validate(files: tuple[str, ...]) -> None:
    """Check scenario and study files: "ok", or all that is wrong."""
    faults = [_fault(file) for file in files]
    for file, fault in zip(files, faults, strict=True):
        click.echo(f"{file}: ok" if fault is None else fault)
    leave(BAD_INPUT if any(faults) else 0)


@main.command()
@click.option("--study", is_flag=True, help="Of study files instead.")
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Write it to a file.")
def schema(study: bool, out: Path | None) -> None:
    """Print the JSON Schema of scenario files (or study files), for editors."""
    from simulation.experiments.place import unwritable
    from simulation.scenario.json_schema import schema_text, study_schema_text

    text = study_schema_text() if study else schema_text()
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        out.write_text(text, encoding="utf-8")
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
    loaded = load(scenario, settings)
    from simulation.reports.explain import explanation

    out = console()
    for block in explanation(loaded, out.width):
        out.print(block)


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
        show_results(console(), folder)
        return
    show(console(), load(scenario, settings))


@main.command()
def scenarios() -> None:
    """List the shipped scenarios and studies."""
    from simulation.experiments.load import shipped, shipped_studies
    from simulation.reports.catalogue import scenario_table

    console().print(scenario_table(shipped()))
    console().print("", scenario_table(shipped_studies(), "Study"), sep="\n")


@main.command()
def kpis() -> None:
    """List every KPI with its unit, better direction and definition."""
    from simulation.metrics import KPIS
    from simulation.reports.catalogue import kpi_list

    console().print(kpi_list(KPIS.values()))


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
    screen = console()
    for block in shown(rows, currency, by, sort, top, team, replication, screen):
        screen.print(block)


for command in (run, compare, attribute, best, study, sweep, warmup, why, calibrate, check):
    main.add_command(command)


def _fault(file: str) -> str | None:
    from simulation.experiments.load import is_study
    from simulation.experiments.points import plan_of

    try:
        plan_of(file) if is_study(file) else load(file, ())
    except InputError as error:
        return str(error)
    return None
