"""The command `supportsim warmup`."""

from __future__ import annotations

from pathlib import Path

import click

from simulation.commands.options import AT_LEAST_0, AT_LEAST_1, console, load, refusals, scenario_argument, set_option
from simulation.guard import UNDECIDED, leave


@click.command()
@scenario_argument
@click.option("--by", multiple=True, metavar="METRIC", help="Follow this metric, e.g. asa{channel=phone} (repeatable).")
@click.option(
    "--every",
    metavar="TIME",
    help="The length of a span in whole hours, e.g. 1d; by default a day or a week where the work repeats so.",
)
@click.option("--replications", type=AT_LEAST_1, metavar="N", help="Replications, instead of the scenario's.")
@click.option("--seed", type=AT_LEAST_0, metavar="N", help="Seed of all random numbers, instead of the scenario's.")
@set_option
@click.option("--jobs", type=AT_LEAST_1, metavar="N", help="Processes at work; by default as many as pay off.")
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="DIR",
    help="The results folder; by default results/warmup-<name>-<digest>.",
)  # fmt: skip
@click.option(
    "--strict", is_flag=True, help="End with exit code 98 when the scenario's warm-up is not shown to be enough."
)
@click.option("--quiet", is_flag=True, help="Say nothing but where the results folder is.")
def warmup(
    scenario: str,
    by: tuple[str, ...],
    every: str | None,
    replications: int | None,
    seed: int | None,
    settings: tuple[str, ...],
    jobs: int | None,
    out: Path | None,
    strict: bool,
    quiet: bool,
) -> None:
    """Find how long SCENARIO takes to settle after its empty start.

    \b
    supportsim warmup my.yaml
    supportsim warmup my.yaml --by backlog --by 'asa{channel=phone}' --set 'horizon=20 week'

    Metrics are followed over time from the very start, over all replications; the rule MSER-5 says from when on to measure,
    and the scenario's own warm_up is held against it. A page shows the series.

    \b
    Exit codes:
      0   done
      1   internal error
      2   something is wrong with the input
      98  the scenario's warm-up is too short, or nothing has settled (with --strict)
    """
    from simulation.experiments.place import check_place, default_place
    from simulation.experiments.run import with_changes
    from simulation.experiments.warmup import warmup as follow
    from simulation.units import parse_duration

    try:
        length = None if every is None else parse_duration(every)
        if length is not None and not length > 0:
            raise ValueError("a span takes more than no time")
    except ValueError as error:
        raise click.UsageError(f"--every: {error}.") from error
    loaded = with_changes(load(scenario, settings), replications, seed)
    folder = out or default_place(loaded).with_name(f"warmup-{default_place(loaded).name}")
    check_place(folder)
    from simulation.reports.progress import watch
    from simulation.reports.warmup import show, write_page

    with watch(loaded.replications, quiet) as progress:
        found = follow(loaded, by, length, jobs=jobs, progress=progress)
    with refusals(folder):
        found.save(folder, [write_page(found)])
    if quiet:
        click.echo(folder)
    else:
        show(console(), found, folder)
    leave(UNDECIDED if strict and not found.enough else 0)
