"""The command `supportsim study`."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import NoReturn

import click

from simulation.commands.options import AT_LEAST_1, console


def _part(ctx: click.Context, param: click.Parameter, value: str) -> tuple[int, int]:
    """Which part of a study: 2/8."""
    match = re.fullmatch(r"\s*(\d+)\s*/\s*(\d+)\s*", value)
    number, of = (int(match[1]), int(match[2])) if match else (0, 0)
    if not 1 <= number <= of:
        raise click.BadParameter(f"'{value}' is no part of a study; write e.g. 2/8, the second of eight.", ctx, param)
    return number, of


@click.command()
@click.argument("study", metavar="FILE")
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="DIR", help="The study's folder; by default results/<name>."
)
@click.option("--jobs", type=AT_LEAST_1, metavar="N", help="Processes at work; by default as many as pay off.")
@click.option(
    "--shard", callback=_part, default="1/1", metavar="I/N", help="Do the I-th of N parts only, e.g. for a job array."
)
@click.option("--dry-run", is_flag=True, help="Say what would be simulated and how long it may take; write nothing.")
@click.option("--quiet", is_flag=True, help="Say nothing but where the study's folder is.")
def study(study: str, out: Path | None, jobs: int | None, shard: tuple[int, int], dry_run: bool, quiet: bool) -> None:
    """Simulate the batch of experiments in FILE: scenarios × factors × replications.

    FILE is a study file or the name of a shipped study. Finished runs are kept every few seconds: whatever ends the
    program, the same command goes on from there. Runs that are there are not repeated, also when the study is
    extended; a run is the same run while its scenario, seed, metrics and the code that counts are the same.

    \b
    supportsim study FILE --dry-run      how many runs, how long
    supportsim study FILE                all of them, into results/<name>
    supportsim study FILE --shard 2/8    the second of eight parts
    """
    from simulation.experiments.study import prospect
    from simulation.experiments.study import study as simulate
    from simulation.reports.study import show, show_prospect, watch_study

    with _ended_softly(), watch_study(quiet) as (checking, progress):
        if dry_run:
            found = prospect(study, out, jobs, shard, checking)
        else:
            done = simulate(study, out, jobs=jobs, shard=shard, progress=progress, checking=checking)
    if dry_run:
        show_prospect(console(), found, shard)
    elif quiet:
        click.echo(done.folder)
    else:
        show(console(), done, shard)


@contextmanager
def _ended_softly() -> Iterator[None]:
    """What a batch system sends when time is up ends the study as Ctrl-C does."""

    def stop(number: int, frame: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
