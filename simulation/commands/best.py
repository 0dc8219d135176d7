"""The command `supportsim best`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from simulation.commands.options import (
    AT_LEAST_0,
    AT_LEAST_1,
    Whole,
    console,
    level_option,
    load_beside,
    refusals,
    set_option,
    with_option,
)
from simulation.guard import UNDECIDED, leave

if TYPE_CHECKING:
    from simulation.experiments.best import Constraint, Direction


@click.command()
@click.argument("scenarios", metavar="SCENARIO...", nargs=-1, required=True)
@click.option(
    "--by", required=True, metavar="METRIC", help="What decides, e.g. cost_per_solved_case or asa{channel=phone}."
)
@click.option("--max", "highest", is_flag=True, help="The highest is best (by default as the metric says).")
@click.option("--min", "lowest", is_flag=True, help="The lowest is best.")
@with_option("Lay this file over the first scenario")
@click.option(
    "--matters",
    metavar="AMOUNT",
    help="The least difference that matters, e.g. 0.05 EUR, 5 s, 1 %; by default 1 % of shares, else a twentieth of the "
    "first scenario's value.",
)
@level_option("Probability of a correct selection that is guaranteed.")
@click.option(
    "--first", type=Whole(min=3), default=10, show_default=True, metavar="N",
    help="Replications of each scenario in the first stage.",
)  # fmt: skip
@click.option(
    "--most", type=AT_LEAST_1, default=1000, show_default=True, metavar="N",
    help="Replications of each scenario after which the race ends undecided.",
)  # fmt: skip
@click.option(
    "--budget",
    type=AT_LEAST_1,
    metavar="N",
    help="Spend so many replications in all, instead of a race until one is left.",
)
@click.option(
    "--subject-to",
    type=click.Choice(["targets"]),
    help="Leave out scenarios that are shown to miss one of their targets.",
)
@click.option(
    "--seed", type=AT_LEAST_0, metavar="N", help="Seed of all random numbers, instead of the first scenario's."
)
@set_option
@click.option("--jobs", type=AT_LEAST_1, metavar="N", help="Processes at work; by default as many as pay off.")
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="DIR",
    help="The results folder; by default results/best-<first>-<digest>.",
)  # fmt: skip
@click.option("--strict", is_flag=True, help="End with exit code 98 when no single best was found.")
@click.option("--quiet", is_flag=True, help="Say nothing but where the results folder is.")
def best(
    scenarios: tuple[str, ...],
    by: str,
    highest: bool,
    lowest: bool,
    over: tuple[str, ...],
    matters: str | None,
    level: float,
    first: int,
    most: int,
    budget: int | None,
    subject_to: Constraint | None,
    seed: int | None,
    settings: tuple[str, ...],
    jobs: int | None,
    out: Path | None,
    strict: bool,
    quiet: bool,
) -> None:
    """Select the best of several scenarios by one metric, on the same customers.

    \b
    supportsim best baseline whatif/stronger-bot whatif/templates --by cost_per_solved_case --matters 0.05EUR
    supportsim best a.yaml b.yaml c.yaml --by cost --subject-to targets
    supportsim best a.yaml b.yaml c.yaml --by 'service_level(20s){channel=phone}' --budget 200

    A race: replications go on, and whoever is shown inferior leaves, until one is left. If the best is ahead by what
    matters, it is the one with at least the probability of --level, however many scenarios there are. With --budget the
    replications go to the scenarios where they tell most, and the probability that the best was found is an estimate.

    \b
    Exit codes:
      0   done
      1   internal error
      2   something is wrong with the input
      98  no single best was found (with --strict)
    """
    if highest and lowest:
        raise click.UsageError("--max and --min contradict each other; write one of them.")
    from simulation.experiments.best import best as select
    from simulation.experiments.best import check_numbers, check_targets_of, direction, selection_place, what_matters
    from simulation.experiments.compare import on_the_same
    from simulation.experiments.place import check_place

    given: Direction | None = "higher" if highest else "lower" if lowest else None
    named = load_beside(scenarios, settings, over)
    loaded = on_the_same(named, None, seed)
    folder = out or selection_place(loaded, by, matters, level, first, most, budget, given, subject_to)
    check_place(folder)
    from simulation.reports.best import follow, show, write_page

    try:
        check_numbers(len(loaded), first, most, budget)
        direction(by, loaded, given)
        if subject_to:
            check_targets_of(loaded)
        amount = None if matters is None else what_matters(by, loaded, matters)
    except ValueError as error:
        raise click.UsageError(f"{error}.") from error
    with follow(quiet) as watch:
        selection = select(
            loaded, by, amount, level / 100, budget, given, first, most, jobs=jobs, watch=watch, subject_to=subject_to
        )
    with refusals(folder):
        selection.save(folder, [write_page(selection)])
    if quiet:
        click.echo(folder)
    else:
        show(console(), selection, folder)
    leave(UNDECIDED if strict and selection.best is None else 0)
