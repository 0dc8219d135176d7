"""The command `supportsim compare`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simulation.commands.options import (
    console,
    exit_code,
    level_option,
    load_beside,
    refusals,
    refuse_both,
    simulating,
    stopping,
    with_option,
    written,
)
from simulation.guard import leave

if TYPE_CHECKING:
    from simulation.experiments.compare import Comparison

if TYPE_CHECKING:
    from simulation.experiments.stopping import Until


@click.command()
@click.argument("scenarios", metavar="SCENARIO...", nargs=-1, required=True)
@with_option("Lay this file over the first scenario, and compare")
@level_option("Certainty with which all intervals hold.")
@simulating
@stopping
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
    until: Until | None,
    precision: tuple[str, ...],
    budget: tuple[str, ...],
) -> None:
    """Hold scenarios against the first one, on the same customers.

    \b
    supportsim compare baseline whatif/stronger-bot whatif/callback-offer
    supportsim compare my.yaml --with whatif/templates.yaml --with whatif/crm-history.yaml

    Differences are paired replication by replication, and all their intervals hold at once. --set changes all scenarios.
    Exit codes are those of run, for the targets of all scenarios; --until, --precision and --budget work as there.
    """
    refuse_both(no_fail, strict)
    if len(scenarios) + len(over) < 2:
        raise click.UsageError(
            "a comparison needs two scenarios or more; name another one, or lay a file over this one by --with."
        )
    from simulation.experiments.compare import compare as simulate
    from simulation.experiments.compare import comparison_place, on_the_same
    from simulation.experiments.place import check_place
    from simulation.experiments.stopping import rule_of

    named = load_beside(scenarios, settings, over)
    rule = rule_of(named[0], replications, until, precision or None, budget or None)
    loaded = on_the_same(named, replications if rule is None else None, seed)
    check_place(out or comparison_place(loaded))
    from simulation.reports.progress import watch, watch_looks

    if rule is None:
        with watch(loaded[0].replications * len(loaded), quiet) as progress:
            comparison = simulate(loaded, jobs=jobs, level=level / 100, progress=progress)
    else:
        with watch_looks(rule, quiet) as (heard, look):
            comparison = simulate(loaded, jobs=jobs, level=level / 100, progress=heard, look=look, rule=rule)
    folder = out or comparison_place([one.scenario for one in comparison.results])
    from simulation.reports.comparison_page import write_page

    again = _again(scenarios, over, settings, comparison)
    with refusals(folder):
        comparison.save(folder, extras=[lambda aside: write_page(aside, comparison, again)])
    if quiet:
        click.echo(folder)
    else:
        from simulation.reports.comparison import show

        show(console(), comparison, folder)
    verdicts = {verdict.value for result in comparison.results for verdict in result.verdicts().values()}
    leave(exit_code(verdicts, no_fail, strict))


def _again(scenarios: Sequence[str], over: Sequence[str], settings: Sequence[str], found: Comparison) -> str:
    """The command that gives the same again."""
    options = [*(("--with", one) for one in over), *(("--set", one) for one in settings)]
    options += [("--replications", str(found.base.replications)), ("--seed", str(found.base.scenario.seed))]
    options += [("--level", f"{100 * found.level:g}")] * (found.level != 0.95)
    return f"Run {written('compare', scenarios, options)}."
