"""The command `supportsim run`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from simulation.commands.options import (
    console,
    exit_code,
    load,
    refusals,
    refuse_both,
    scenario_argument,
    simulating,
    stopping,
)
from simulation.guard import leave

if TYPE_CHECKING:
    from simulation.experiments.result import Result
    from simulation.experiments.stopping import Rule, Until
    from simulation.scenario.schema import Scenario


@click.command()
@scenario_argument
@simulating
@stopping
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
    until: Until | None,
    precision: tuple[str, ...],
    budget: tuple[str, ...],
) -> None:
    """Simulate SCENARIO and hold it against its targets.

    Where neither the scenario nor --replications says how often, replications go on until each target is met or
    missed. --until, --precision and --budget ask for that, or for intervals of some width, and set a limit.

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
    refuse_both(no_fail, strict)
    from simulation.experiments.place import check_place, default_place
    from simulation.experiments.run import with_changes
    from simulation.experiments.stopping import rule_of

    loaded = load(scenario, settings)
    rule = rule_of(loaded, replications, until, precision or None, budget or None, bool(loaded.targets))
    loaded = with_changes(loaded, replications if rule is None else None, seed)
    check_place(out or default_place(loaded))
    result = _simulated(loaded, jobs, quiet) if rule is None else _followed(loaded, jobs, quiet, rule)
    folder = out or default_place(result.scenario)
    _save(result, folder)
    if quiet:
        click.echo(folder)
    else:
        _show(result, folder)
    leave(exit_code({verdict.value for verdict in result.verdicts().values()}, no_fail, strict))


def _simulated(scenario: Scenario, jobs: int | None, quiet: bool) -> Result:
    from simulation.experiments.run import run as simulate
    from simulation.reports.progress import watch

    with watch(scenario.replications, quiet) as progress:
        return simulate(scenario, jobs=jobs, progress=progress)


def _followed(scenario: Scenario, jobs: int | None, quiet: bool, rule: Rule) -> Result:
    from simulation.experiments.run import run as simulate
    from simulation.reports.progress import watch_looks

    with watch_looks(rule, quiet) as (progress, look):
        return simulate(scenario, jobs=jobs, progress=progress, look=look, rule=rule)


def _save(result: Result, folder: Path) -> None:
    from simulation.reports.page import write_report

    with refusals(folder):
        result.save(folder, extras=[write_report])


def _show(result: Result, folder: Path) -> None:
    from simulation.reports.terminal import show

    show(console(), result, folder)
