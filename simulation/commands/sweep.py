"""The command `supportsim sweep`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simulation.commands.options import AT_LEAST_1, Whole, console, load, refusals, refuse_both, simulating
from simulation.guard import MISSED, UNDECIDED, leave

if TYPE_CHECKING:
    from simulation.experiments.sweep import Planned, Sweep
    from simulation.scenario.factors import Factor
    from simulation.scenario.schema import Scenario

DESIGNS = ("grid", "lhs", "sobol", "one-at-a-time")
"""The first is the default."""
LEVELS = 5


@click.command()
@click.argument("scenario", metavar="SCENARIO")
@click.option(
    "--design",
    type=click.Choice(DESIGNS),
    help="Every combination (the default); a Latin hypercube; a Sobol' design for sensitivity indices; each alone for a tornado.",
)
@click.option("--points", type=AT_LEAST_1, metavar="N", help="Points of lhs, rows of sobol; by default 64.")
@click.option(
    "--levels",
    type=Whole(min=2),
    metavar="N",
    help="Values of a range without steps, in a grid; by default 5.",
)
@click.option("--metric", "metrics", metavar="METRIC", multiple=True, help="Measure this, too (repeatable).")
@click.option(
    "--break-even",
    "along",
    metavar="A.B=LOW..HIGH",
    help="Find up to which value of this entry each target holds, and which breaks first.",
)
@click.option(
    "--visits",
    type=Whole(min=2),
    metavar="N",
    help="Values that --break-even looks at, at most; by default 16.",
)
@click.option(
    "--most",
    type=AT_LEAST_1,
    metavar="N",
    help="Replications of one value that --break-even makes, at most; by default 4 times --replications.",
)
@click.option("--dry-run", is_flag=True, help="Check everything and say how much it is; simulate nothing.")
@simulating
def sweep(
    scenario: str,
    design: str | None,
    points: int | None,
    levels: int | None,
    metrics: tuple[str, ...],
    along: str | None,
    visits: int | None,
    most: int | None,
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
    """Simulate SCENARIO over ranges of its entries, on the same customers.

    \b
    supportsim sweep baseline --set teams.phone.shifts.early.headcount=4..7
    supportsim sweep my.yaml --set demand.volume=80%..120%:10% --set teams.front.headcount.constant=10..20:2
    supportsim sweep my.yaml --design one-at-a-time --set "topics.billing.handling.any.lognormal.mean=4 min..6 min"
    supportsim sweep my.yaml --break-even demand.volume=80%..150%

    A range is low..high or low..high:step, a list a|b|c. A setting of one value holds at all points.

    \b
    Exit codes:
      0   some point meets every target (or --no-fail, or there are none; always, for sobol, one-at-a-time and --break-even)
      1   internal error
      2   something is wrong with the input
      98  no point surely meets every target, but some may (with --strict)
      99  every point misses a target
    """
    refuse_both(no_fail, strict)
    from simulation.experiments.place import check_place
    from simulation.experiments.sweep import planned, simulate, sweep_place

    plain, factors = separated(settings)
    if along is not None:
        _one_question(factors, metrics, points, design, levels)
        _break_even(load(scenario, plain), along, visits, most, dry_run, replications, seed, jobs, out, quiet)
        return
    if visits is not None or most is not None:
        raise click.UsageError("--visits and --most belong to --break-even; write it, too, or leave them out.")
    plan = planned(
        load(scenario, plain), factors, design or DESIGNS[0], points, levels or LEVELS, metrics, replications, seed
    )
    folder = out or sweep_place(plan)
    check_place(folder)
    if not quiet:
        announce(f"{amount(plan)}")
    if dry_run:
        return
    from simulation.reports.progress import watch

    with watch(plan.runs, quiet) as progress:
        found = simulate(plan, jobs=jobs, progress=progress)
    from simulation.reports.sweep import show
    from simulation.reports.sweep_page import write_page

    with refusals(folder):
        found.save(folder, [lambda aside: write_page(found, aside)])
    if quiet:
        click.echo(folder)
    else:
        show(console(), found, folder)
    leave(_exit_code(found, no_fail, strict))


def _one_question(
    factors: Sequence[Factor], metrics: Sequence[str], points: int | None, design: str | None, levels: int | None
) -> None:
    """UsageError where a break-even is asked for together with a design."""
    if factors:
        raise click.UsageError(
            f"--break-even varies one entry, and --set {factors[0].name} another; give that one value, or leave out --break-even."
        )
    if metrics or points is not None or design is not None or levels is not None:
        raise click.UsageError(
            "--break-even asks when targets break; --design, --points, --levels and --metric belong to sweeps; leave them out."
        )


def _break_even(
    base: Scenario,
    along: str,
    visits: int | None,
    most: int | None,
    dry_run: bool,
    replications: int | None,
    seed: int | None,
    jobs: int | None,
    out: Path | None,
    quiet: bool,
) -> None:
    """Find and show where targets break."""
    from simulation.experiments.break_even import VISITS, asked, break_even_place, find
    from simulation.experiments.place import check_place
    from simulation.scenario.load import parse_set

    what = asked(base, dict([parse_set(along)]), visits or VISITS, replications, most, seed)
    folder = out or break_even_place(what)
    check_place(folder)
    from simulation.reports.break_even import announced, heard, show, write_page

    if not quiet:
        announce(announced(what))
    if dry_run:
        return
    found = find(what, jobs=jobs, heard=None if quiet else lambda looked: announce(heard(looked)))
    with refusals(folder):
        found.save(folder, [lambda aside: write_page(found, aside)])
    if quiet:
        click.echo(folder)
    else:
        show(console(), found, folder)


def separated(settings: Sequence[str]) -> tuple[list[str], list[Factor]]:
    """Settings of one value, and factors."""
    from simulation.experiments.design import whole
    from simulation.scenario.factors import split_settings

    return split_settings(settings, whole)


def announce(text: str) -> None:
    """Say beforehand, on standard error, how much there is to simulate."""
    click.echo(text, err=True)


def amount(plan: Planned) -> str:
    """How much there is to simulate."""
    points, each = len(plan.design.points), plan.scenario.replications
    many = "1 point" if points == 1 else f"{points:,} points"
    alone = "" if each > 1 else " (one replication has no intervals, so verdicts stay open; write --replications 10)"
    return f"{many} x {each:,} replication{'s' if each > 1 else ''}: {plan.runs:,} runs{alone}"


def _exit_code(found: Sweep, no_fail: bool, strict: bool) -> int:
    judged = [point for point in found.points if point.judgements]
    analysis = found.design.kind in ("sobol", "one-at-a-time")
    if no_fail or analysis or not judged or any(point.meets_all for point in judged):
        return 0
    if all(any(one.verdict.value == "missed" for one in point.judgements) for point in judged):
        return MISSED
    return UNDECIDED if strict else 0
