"""The command `supportsim compare`."""

from __future__ import annotations

from pathlib import Path

import click

from simulation.commands.options import console, exit_code, load, refusals, refuse_both, simulating
from simulation.guard import leave


@click.command()
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
    refuse_both(no_fail, strict)
    if len(scenarios) + len(over) < 2:
        raise click.UsageError(
            "a comparison needs two scenarios or more; name another one, or lay a file over this one by --with."
        )
    from simulation.experiments.compare import compare as simulate
    from simulation.experiments.compare import comparison_place, on_the_same
    from simulation.experiments.place import check_place

    named = [load(name, settings) for name in scenarios] + [load(scenarios[0], settings, [layer]) for layer in over]
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

        show(console(), comparison, folder)
    verdicts = {verdict.value for result in comparison.results for verdict in result.verdicts().values()}
    leave(exit_code(verdicts, no_fail, strict))
