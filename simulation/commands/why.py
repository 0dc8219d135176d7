"""The command `supportsim why`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from simulation.commands.options import AT_LEAST_0, console, refusals

Told = tuple[str, list[tuple[str, str]]]
"""A story: its title and lines."""

if TYPE_CHECKING:
    from simulation.experiments.elsewhere import Elsewhere
    from simulation.experiments.result import Result
    from simulation.experiments.tables import Run
    from simulation.experiments.why import Account
    from simulation.scenario.schema import Scenario


@click.command()
@click.argument("results", metavar="RESULTS", required=False)
@click.option("--where", metavar="CONDITION", help="Which stays in queues, by default all in which somebody waited.")
@click.option(
    "--case", type=AT_LEAST_0, metavar="N", help="Tell the story of this case; by default of the longest wait."
)
@click.option("--replication", type=AT_LEAST_0, metavar="N", help="Only this replication (0 is the first).")
@click.option(
    "--in", "other", metavar="OTHER", help="Look for the same customers in another results folder, or scenario."
)
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE", help="Write the stays with their causes as CSV."
)
@click.option("--page", type=click.Path(path_type=Path), metavar="FILE", help="Write a page with figures (HTML).")
@click.option("--fields", is_flag=True, help="List what a condition can ask for in RESULTS.")
@click.option("--causes", is_flag=True, help="List the causes and what they mean.")
def why(
    results: str | None, where: str | None, case: int | None, replication: int | None, other: str | None, out: Path | None, page: Path | None,
    fields: bool, causes: bool,
) -> None:  # fmt: skip
    """Say why customers waited, from the results folder RESULTS of a run (or of one scenario of a comparison).

    \b
    supportsim why results/mine --where "channel = phone and wait > 10 min"
    supportsim why results/mine --where "abandoned and date = 2026-03-05"
    supportsim why results/mine --case 1234 --replication 0
    supportsim why results/mine --where "wait > 10 min" --in whatif/callback-offer

    A condition compares fields (channel, topic, tier, team, wait, hour, date, outcome ...; see --fields) with =, !=, <, <=, >,
    >=, in (a, b), joined by and, or, not and brackets. What is counted are stays in queues for agents: a contact that is
    passed up waits twice.

    Each second of a wait is laid at the door of what was then lacking; the shares add up to 100 %. See --causes.
    """
    if causes:
        _list_causes()
        return
    if results is None:
        raise click.UsageError("name the results folder of a run, e.g. results/baseline-60e763c5fe18")
    if case is not None and where is not None:
        raise click.UsageError("--case tells of one case, and --where selects many; write one of them.")
    if page is not None and out is not None and page.absolute() == out.absolute():
        raise click.UsageError("--out and --page name the same file; name two.")
    from simulation.experiments.place import check_file
    from simulation.experiments.tables import Run

    for path, option in ((out, "--out"), (page, "--page")):
        if path is not None:
            check_file(path, option)
    elsewhere = None if other is None else _asked(other)
    run = Run.of(results, _watched)
    if fields:
        _list_fields(run)
        return
    if case is None:
        found, told = _many(run, where, replication)
    else:
        found, told = _one(run, case, replication or 0)
    there = None if elsewhere is None else _elsewhere(found, elsewhere, case)
    if out is not None:
        with refusals(out), out.open("w", encoding="utf-8", newline="") as file:
            found.waits.to_csv(file, index=False)
        click.echo(f"All {len(found.waits):,} stays with their causes: {out}")
    if page is not None:
        from simulation.reports.why_page import write_page

        with refusals(page, "--page"):
            write_page(page, found, told, there)
        click.echo(f"The page: {page}")


def _many(run: Run, where: str | None, replication: int | None) -> tuple[Account, Told]:
    """Print why the selected stays lasted; returns the account and the story of the longest."""
    from simulation.experiments.condition import parse
    from simulation.experiments.why import ANY_WAIT, account, fields_of
    from simulation.reports.why import show

    asked = parse(ANY_WAIT if where is None else where, fields_of(run))
    found = account(run, asked, None if replication is None else [replication])
    told = ("", found.story())
    if found.worst is not None:
        told = (f"The longest of them: case {found.worst[1]} in replication {found.worst[0]}", told[1])
    show(console(), found, told)
    return found, told


def _one(run: Run, case: int, replication: int) -> tuple[Account, Told]:
    """Print the story of a case; returns the account of its stays too."""
    from simulation.experiments.condition import parse
    from simulation.experiments.why import account, fields_of

    told = _tell(run, case, replication, run.scenario.name)
    return account(run, parse(f"case = {case}", fields_of(run)), [replication]), told


def _tell(run: Run, case: int, replication: int, where: str) -> Told:
    from simulation.experiments.story import story
    from simulation.experiments.why import book
    from simulation.reports.why import story_block

    told = (f"Case {case} in replication {replication} of {where}", story(book(run, replication), case))
    for block in story_block(*told):
        console().print(block)
    return told


def _asked(other: str) -> Path | Scenario:
    """Where else to look: a results folder, or a scenario; refused before anything is said."""
    from simulation.commands.options import load
    from simulation.experiments.tables import check_run

    if not Path(other).is_dir():
        return load(other, ())
    check_run(Path(other))
    return Path(other)


def _elsewhere(found: Account, other: Path | Scenario, case: int | None) -> Elsewhere:
    """Hold it against another run, which is simulated where only its scenario is there."""
    from simulation.experiments.elsewhere import twin
    from simulation.experiments.tables import Run
    from simulation.reports.why import show_elsewhere

    run = Run.of(other if isinstance(other, Path) else _on_the_same(found, other), _watched)
    there = found.against(run)
    if case is None:
        show_elsewhere(console(), there)
    else:
        replication = found.replications[0]
        _tell(run, twin(found.run, run, replication, case), replication, f"{run.name}, the same customer")
    return there


def _on_the_same(found: Account, other: Scenario) -> Result:
    """A scenario simulated on the customers of an account."""
    from simulation.experiments.run import with_changes

    own = found.run
    return _watched(with_changes(other, max(own.replications) + 1, own.scenario.seed))


def _watched(scenario: Scenario) -> Result:
    """A scenario simulated, with a bar that shows how far it is."""
    from simulation.experiments.run import run as simulate
    from simulation.reports.progress import watch

    with watch(scenario.replications, False) as progress:
        return simulate(scenario, progress=progress)


def _list_fields(run: Run) -> None:
    from simulation.experiments.condition import EXAMPLE
    from simulation.experiments.why import fields_of
    from simulation.reports.console import new_table

    table = new_table("field", "what it is", "values")
    for name, its in fields_of(run).items():
        words = ", ".join(its.words[:8]) + (" …" if len(its.words) > 8 else "")
        table.add_row(name, its.meaning, words or f"e.g. {EXAMPLE[its.kind]}")
    console().print(table)


def _list_causes() -> None:
    from simulation.metrics.causes import MEANINGS, TEXTS
    from simulation.reports.console import new_table

    table = new_table("cause", "when a second is laid at its door")
    for cause, text in TEXTS.items():
        table.add_row(text, MEANINGS[cause])
    console().print(table)
