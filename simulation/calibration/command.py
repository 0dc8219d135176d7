"""The commands `supportsim calibrate` and `supportsim check`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from simulation.calibration.call_log import CallLog

FILES = ("arrivals.csv", "handling.csv", "observed.csv", "patience.csv", "scenario.yaml", "staff.csv")


@click.command()
@click.argument("log", metavar="LOG", type=click.Path(path_type=Path))
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), metavar="DIR", help="The folder to write the replay into."
)
@click.option("--vendor", default="anonymous_bank", show_default=True, metavar="NAME", help="The format of the log.")
@click.option(
    "--learn-from", type=click.Path(path_type=Path), metavar="LOG",
    help="Take patience and missing handling times from another log of that format.",
)  # fmt: skip
def calibrate(log: Path, out: Path, vendor: str, learn_from: Path | None) -> None:
    """Make a scenario in DIR that replays the call log LOG (a CSV file, may be .gz).

    \b
    Written are
      scenario.yaml   to run as it is, or to change
      arrivals.csv    the calls, with the handling times that the log knows
      staff.csv       agents, inferred from the calls
      patience.csv    how long callers are willing to wait
      handling.csv    handling times by kind of call, for those who hung up
      observed.csv    waits and hang-ups of the log, for supportsim check
    """
    from simulation.calibration.adapters import read_log
    from simulation.calibration.replay import write_replay

    read = read_log(log, vendor)
    learned = None if learn_from is None else (read_log(learn_from, vendor), learn_from)
    path = write_replay(read, log, out, f"{vendor}-{read.dates[0].date()}", learned)
    click.echo(_found(read))
    click.echo(f"Wrote {', '.join(sorted(file.name for file in out.iterdir() if file.name in FILES))} into {out}.")
    click.echo(f"Next: supportsim check {out}, or supportsim run {path}")


def _found(log: CallLog) -> str:
    """What a log holds, and which of its rows were left out or are odd."""
    span = f"{log.dates[0].date()} to {log.dates[-1].date()}"
    first = f"{len(log.calls):,} calls to agents, {span}: {log.abandoned.mean():.1%} hung up, mean wait {log.wait.mean():.0f} s."
    return "\n".join([first, *(f"  {count:>8,}  {rows}" for rows, count in log.report.items() if count)])


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--replications",
    type=click.IntRange(min=1),
    metavar="N",
    help="Independent replications, instead of the scenario's.",
)
def check(folder: Path, replications: int | None) -> None:
    """Run the replay in DIR and print it beside its log, by hour of the day."""
    from simulation.calibration.comparison import as_text
    from simulation.calibration.replay import check as checked

    click.echo(as_text(checked(folder, replications)))


group = click.Group("calibration", commands=[calibrate, check], help="From a call log to a scenario.")
