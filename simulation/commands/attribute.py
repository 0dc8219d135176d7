"""The command `supportsim attribute`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from simulation.commands.options import (
    Whole,
    console,
    exit_code,
    level_option,
    load,
    refusals,
    refuse_both,
    simulating,
    with_option,
    written,
)
from simulation.guard import leave

if TYPE_CHECKING:
    from simulation.experiments.attribution import Attribution, Plan


@click.command()
@click.argument("scenarios", metavar="A [B]", nargs=-1, required=True)
@with_option("Instead of B: a change is what this file brings, laid over A")
@click.option(
    "--by",
    type=click.Choice(["change", "mechanism"]),
    default="change",
    show_default=True,
    help="What is told apart: each change, or volume, handling time, staffed hours, routing …",
)
@click.option(
    "--group",
    metavar="PATHS",
    multiple=True,
    help="Take what differs under these paths together, e.g. demand,teams.* (teams.*: each team apart).",
)
@click.option(
    "--depth",
    type=Whole(1, 20),
    metavar="N",
    help="Take together what has the first N steps of its path in common.",
)
@click.option(
    "--metric",
    "metrics",
    metavar="METRIC",
    multiple=True,
    help="What to look at: a target's name, or e.g. asa{channel=phone} (repeatable); by default all targets, and cost.",
)
@click.option(
    "--combinations",
    type=Whole(2, 4096),
    default=128,
    show_default=True,
    metavar="N",
    help="Simulate all combinations of the changes where there are no more; else draw random orders.",
)
@level_option("Certainty with which all intervals hold.")
@click.option("--dry-run", is_flag=True, help="Show the changes and how much would be simulated, and stop.")
@simulating
def attribute(
    scenarios: tuple[str, ...],
    over: tuple[str, ...],
    by: str,
    group: tuple[str, ...],
    depth: int | None,
    metrics: tuple[str, ...],
    combinations: int,
    level: float,
    dry_run: bool,
    replications: int | None,
    seed: int | None,
    settings: tuple[str, ...],
    jobs: int | None,
    out: Path | None,
    no_fail: bool,
    strict: bool,
    quiet: bool,
) -> None:
    """Say which of the changes from A to B brought how much.

    \b
    supportsim attribute last-week.yaml this-week.yaml --by mechanism
    supportsim attribute my.yaml --with whatif/templates.yaml --with whatif/crm-history.yaml

    The changes are where the two scenarios differ, or the files given by --with. Each is simulated with and without the
    others, on the same customers; what it brought is its Shapley value, and these add up to the whole difference.
    Exit codes are those of run, for the targets of B (or of A with all files).
    """
    refuse_both(no_fail, strict)
    _check_sides(scenarios, over, by, group, depth)
    from simulation.experiments.attribution import carry_out
    from simulation.experiments.attribution import plan as planned
    from simulation.experiments.place import check_place
    from simulation.scenario.load import parse_set

    paths = [path.strip() for text in group for path in text.split(",") if path.strip()]
    first = scenarios[0] if over else load(scenarios[0], settings)
    ready = planned(
        first,
        None if over else load(scenarios[1], settings),
        over=over,
        settings=dict(map(parse_set, settings)) if over else None,
        group=paths,
        depth=depth,
        by=by,
        metrics=metrics,
        replications=replications,
        seed=seed,
        combinations=combinations,
    )
    folder = out or ready.place
    check_place(folder)
    if not quiet or dry_run:
        from simulation.reports.attribution import show_plan

        show_plan(console(), ready)
    if dry_run:
        return
    from simulation.reports.progress import watch

    with watch(ready.runs, quiet) as progress:
        found = carry_out(ready, level / 100, jobs=jobs, progress=progress)
    _save(found, folder, _again(scenarios, over, by, group, depth, metrics, settings, combinations, level, ready))
    if quiet:
        click.echo(folder)
    else:
        from simulation.reports.attribution import show

        show(console(), found, folder)
    leave(exit_code({one.verdict.value for one in found.judgements}, no_fail, strict))


def _check_sides(
    scenarios: tuple[str, ...], over: tuple[str, ...], by: str, group: tuple[str, ...], depth: int | None
) -> None:
    if len(scenarios) != (1 if over else 2):
        raise click.UsageError("name two scenarios, A and B; or only A, and the files that change it by --with.")
    if by == "mechanism" and (group or depth is not None):
        raise click.UsageError("--by mechanism groups the changes already; leave --group and --depth out.")


def _save(found: Attribution, folder: Path, again: str) -> None:
    from simulation.reports.attribution_page import write_page

    with refusals(folder):
        found.save(folder, extras=[lambda aside: write_page(aside, found, again)])


def _again(
    scenarios: tuple[str, ...],
    over: tuple[str, ...],
    by: str,
    group: tuple[str, ...],
    depth: int | None,
    metrics: tuple[str, ...],
    settings: tuple[str, ...],
    combinations: int,
    level: float,
    ready: Plan,
) -> str:
    """The command that gives the same again."""
    options = [("--with", one) for one in over] + [("--group", one) for one in group]
    options += [("--metric", one) for one in metrics] + [("--set", one) for one in settings]
    options += [("--by", by)] * (by != "change") + ([("--depth", str(depth))] if depth is not None else [])
    options += [("--replications", str(ready.replications)), ("--seed", str(ready.base.seed))]
    options += [("--combinations", str(combinations)), ("--level", f"{level:g}")]
    return written("attribute", scenarios, options)
