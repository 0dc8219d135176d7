"""The command `supportsim why`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from simulation.commands.options import AT_LEAST_0, console, refusals

if TYPE_CHECKING:
    from simulation.experiments.elsewhere import Elsewhere
    from simulation.experiments.result import Result
    from simulation.experiments.tables import Run
    from simulation.experiments.why import Account
    from simulation.scenario.schema import Scenario


@click.command()
@click.argument("results", metavar="RESULTS", required=False)
@click.option("--where", metavar="CONDITION", default="wait > 0 s", show_default=True, help="Which stays in queues.")
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
    results: str | None, where: str, case: int | None, replication: int | None, other: str | None, out: Path | None, page: Path | None,
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
    from simulation.experiments.condition import parse
    from simulation.experiments.tables import Run
    from simulation.experiments.why import account, fields_of

    run = Run.of(results, _watched)
    if fields:
        _list_fields(run)
        return
    asked = parse(where, fields_of(run))
    if case is not None:
        _tell(run, case, replication or 0)
        return
    found = account(run, asked, None if replication is None else [replication])
    title = _show(found)
    there = None if other is None else _elsewhere(found, other)
    if out is not None:
        with refusals(out), out.open("w", encoding="utf-8", newline="") as file:
            found.waits.to_csv(file, index=False)
        click.echo(f"All {len(found.waits):,} stays with their causes: {out}")
    if page is not None:
        from simulation.reports.why_page import write_page

        with refusals(page):
            write_page(page, found, found.story(), title, there)
        click.echo(f"The page: {page}")


def _show(found: Account) -> str:
    """Print it all; returns the title of the story."""
    from simulation.reports.why import show

    title = ""
    if found.worst is not None:
        replication, case, _ = found.worst
        title = f"The longest of them: case {case} in replication {replication}"
    show(console(), found, found.story(), title)
    return title


def _tell(run: Run, case: int, replication: int) -> None:
    from simulation.experiments.story import story
    from simulation.experiments.why import book
    from simulation.reports.why import story_block

    for block in story_block(story(book(run, replication), case), f"Case {case} in replication {replication}"):
        console().print(block)


def _elsewhere(found: Account, other: str) -> Elsewhere:
    """Hold it against another run, which is simulated where only its scenario is there."""
    from simulation.experiments.tables import Run
    from simulation.reports.why import show_elsewhere

    if Path(other).is_dir():
        run = Run.of(other, _watched)
    else:
        from simulation.commands.options import load
        from simulation.experiments.run import with_changes

        own = found.run
        run = Run.of(_watched(with_changes(load(other, ()), max(own.replications) + 1, own.scenario.seed)))
    there = found.against(run)
    show_elsewhere(console(), there)
    return there


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
