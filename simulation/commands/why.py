"""The command `supportsim why`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from simulation.commands.options import AT_LEAST_0, console, refusals

if TYPE_CHECKING:
    from simulation.experiments.tables import Run
    from simulation.experiments.why import Account


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
@click.option("--fields", is_flag=True, help="List what a condition can ask for in RESULTS.")
@click.option("--causes", is_flag=True, help="List the causes and what they mean.")
def why(
    results: str | None, where: str, case: int | None, replication: int | None, other: str | None, out: Path | None,
    fields: bool, causes: bool,
) -> None:  # fmt: skip
    """Say why customers waited, from the results folder RESULTS of a run.

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

    run = Run.of(results)
    if fields:
        _list_fields(run)
        return
    asked = parse(where, fields_of(run))
    if case is not None:
        _tell(run, case, replication or 0)
        return
    found = account(run, asked, None if replication is None else [replication])
    _show(found)
    if other is not None:
        _elsewhere(found, other)
    if out is not None:
        with refusals(out), out.open("w", encoding="utf-8", newline="") as file:
            found.waits.to_csv(file, index=False)
        click.echo(f"All {len(found.waits):,} stays with their causes: {out}")


def _show(found: Account) -> None:
    from simulation.reports.why import show

    title = ""
    if found.worst is not None:
        replication, case, _ = found.worst
        title = f"The longest of them: case {case} in replication {replication}"
    show(console(), found, found.story(), title)


def _tell(run: Run, case: int, replication: int) -> None:
    from simulation.experiments.story import story
    from simulation.experiments.why import book
    from simulation.reports.why import story_block

    for block in story_block(story(book(run, replication), case), f"Case {case} in replication {replication}"):
        console().print(block)


def _elsewhere(found: Account, other: str) -> None:
    """Hold it against another run, which is simulated where only its scenario is there."""
    from simulation.experiments.tables import Run
    from simulation.reports.why import show_elsewhere

    if Path(other).is_dir():
        show_elsewhere(console(), found.against(Run.of(other)))
        return
    from simulation.commands.options import load
    from simulation.experiments.run import run as simulate
    from simulation.reports.progress import watch

    scenario, own = load(other, ()), found.run
    many = max(own.replications) + 1
    with watch(many, False) as progress:
        result = simulate(scenario, many, own.scenario.seed, progress=progress)
    show_elsewhere(console(), found.against(result))


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
