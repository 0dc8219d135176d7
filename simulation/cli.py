"""The command line: parse, one call, show. Everything heavy is imported inside the commands.

Exit codes: 0 fine, 1 internal error, 2 bad input, 98 a target undecided (with --strict), 99 a target missed,
130 stopped by Ctrl-C, 141 the reader of the output went away.
"""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from simulation import __version__
from simulation.errors import InputError, Problem

if TYPE_CHECKING:
    from rich.console import Console

    from simulation.experiments import Result
    from simulation.scenario.schema import Scenario

INTERNAL, BAD_INPUT, UNDECIDED, MISSED, STOPPED, NO_READER = 1, 2, 98, 99, 130, 141
TRACEBACK = "SUPPORTSIM_TRACEBACK"
OURS = ("manifest.json", "summary.json")
"""Files by which an earlier results folder is known."""


class Guarded(click.Group):
    """A group of commands that ends in an exit code and a clear line, never in a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was asked for."""
        try:
            returned = super().invoke(ctx)
            sys.stdout.flush()
            return returned
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except InputError as error:
            _end(BAD_INPUT, str(error))
        except KeyboardInterrupt:
            _end(STOPPED, "Stopped; no results were written.")
        except BrokenPipeError:
            _no_reader()
        except Exception as error:
            _end(INTERNAL, _report_of(error))


@click.group(cls=Guarded, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="supportsim", message="%(prog)s %(version)s")
def main() -> None:
    """Simulate a customer support center: a scenario file in, KPIs against targets out.

    \b
    supportsim scenarios                list the scenarios that come with supportsim
    supportsim explain SCENARIO         see what a scenario says, before simulating it
    supportsim run SCENARIO             simulate it, and hold it against its targets
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


scenario_argument = click.argument("scenario", metavar="SCENARIO")
set_option = click.option(
    "--set", "settings", metavar="A.B=VALUE", multiple=True,
    help="Change one entry of the scenario, e.g. teams.front.shifts.early.headcount=7 (repeatable).",
)  # fmt: skip


@main.command()
@scenario_argument
@click.option("--replications", type=click.IntRange(min=1), metavar="N", help="Independent replications, instead of the scenario's.")
@click.option("--seed", type=click.IntRange(min=0), metavar="N", help="Seed of all random numbers, instead of the scenario's.")
@set_option
@click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="Processes at work; by default as many as pay off.")
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="The results folder; by default results/<name>-<digest>.")
@click.option("--no-fail", is_flag=True, help="End with exit code 0 even when a target is missed.")
@click.option("--strict", is_flag=True, help="End with exit code 98 when a target is undecided.")
@click.option("--quiet", is_flag=True, help="Say nothing but where the results folder is.")
def run(
    scenario: str, replications: int | None, seed: int | None, settings: tuple[str, ...], jobs: int | None,
    out: Path | None, no_fail: bool, strict: bool, quiet: bool,
) -> None:  # fmt: skip
    """Simulate SCENARIO and hold it against its targets.

    SCENARIO is a YAML file or the name of a shipped scenario (see supportsim scenarios). An earlier results folder
    of the same name is replaced.

    \b
    Exit codes:
      0   all targets met (or undecided, or --no-fail)
      2   something is wrong with the input
      98  a target is undecided (with --strict)
      99  a target is missed
    """
    if strict and no_fail:
        raise click.UsageError("--strict and --no-fail contradict each other; write one of them.")
    loaded = _load(scenario, settings)
    _check_place(out or Path("results") / "new")
    result = _simulated(loaded, replications, seed, jobs, quiet)
    folder = _saved(result, out)
    if quiet:
        click.echo(folder)
    else:
        from simulation.reports.terminal import show

        show(_console(), result, folder)
    sys.stdout.flush()
    sys.exit(_exit_code(result, no_fail, strict))


@main.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
def validate(files: tuple[str, ...]) -> None:
    """Check scenario files; print "ok" or all that is wrong with each."""
    faults = [_fault(file) for file in files]
    for file, fault in zip(files, faults, strict=True):
        click.echo(f"{file}: ok" if fault is None else fault)
    sys.stdout.flush()
    sys.exit(BAD_INPUT if any(faults) else 0)


@main.command()
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write it to a file.")
def schema(out: Path | None) -> None:
    """Print the JSON Schema of scenario files, for editors."""
    from simulation.scenario.json_schema import schema_text

    if out is None:
        click.echo(schema_text(), nl=False)
        return
    try:
        out.write_text(schema_text(), encoding="utf-8")
    except OSError as error:
        raise _unwritable(out, error) from None


@main.command()
@scenario_argument
@set_option
def explain(scenario: str, settings: tuple[str, ...]) -> None:
    """Say in words what SCENARIO asks for, and hold its work against its staff hour by hour.

    Nothing is simulated: expected work against scheduled agents shows a slip of the pen before a run does.
    """
    loaded = _load(scenario, settings)
    from simulation.reports.explain import explanation
    from simulation.reports.terminal import stand_ins

    console = _console()
    for block in explanation(loaded, console.width, stand_ins(console.encoding)):
        console.print(block)


@main.command()
def scenarios() -> None:
    """List the shipped scenarios."""
    from simulation.experiments import shipped
    from simulation.reports.catalogue import scenario_table

    _console().print(scenario_table(shipped()))


@main.command()
def kpis() -> None:
    """List every KPI with its unit, better direction and definition."""
    from simulation.metrics import KPIS
    from simulation.reports.catalogue import kpi_list

    _console().print(kpi_list(KPIS.values()))


def _load(scenario: str, settings: Iterable[str]) -> Scenario:
    from simulation.experiments import load
    from simulation.scenario.load import parse_set

    changes: dict[str, str] = {}
    for path, value in map(parse_set, settings):
        changes.pop(path, None)  # the last one wins, and is applied last
        changes[path] = value
    return load(scenario, changes)


def _fault(file: str) -> str | None:
    try:
        _load(file, ())
    except InputError as error:
        return str(error)
    return None


def _simulated(scenario: Scenario, replications: int | None, seed: int | None, jobs: int | None, quiet: bool) -> Result:
    from simulation.experiments import run as simulate
    from simulation.reports.progress import watch

    total = scenario.replications if replications is None else replications
    with watch(total, quiet) as progress:
        return simulate(scenario, replications, seed, jobs=jobs, progress=progress)


def _saved(result: Result, out: Path | None) -> Path:
    from simulation.reports.page import write_report

    folder = out or Path("results") / f"{result.scenario.name}-{result.digest}"
    try:
        return result.save(folder, extras=[write_report])
    except OSError as error:
        raise _unwritable(folder, error) from error


def _check_place(folder: Path) -> None:
    """Refuse, before anything is simulated, a place where the results folder cannot be written."""
    if folder.exists() and not folder.is_dir():
        raise InputError([Problem(str(folder), "", "is a file; name a folder with --out")])
    if folder.is_dir() and any(folder.iterdir()) and not all((folder / name).is_file() for name in OURS):
        what = "is not empty and holds no earlier results, so it is not replaced; name a new folder with --out"
        raise InputError([Problem(str(folder), "", what)])
    above = next(parent for parent in folder.absolute().parents if parent.exists())
    try:
        tempfile.TemporaryDirectory(prefix=".supportsim-", dir=above).cleanup()
    except OSError as error:
        raise _unwritable(folder, error) from None


def _unwritable(path: Path, error: OSError) -> InputError:
    if error.errno is None:
        raise error  # not the system's refusal
    why = (error.strerror or str(error)).lower()
    return InputError([Problem(str(path), "", f"cannot be written ({why}); name another place with --out")])


def _exit_code(result: Result, no_fail: bool, strict: bool) -> int:
    verdicts = {verdict.value for verdict in result.verdicts().values()}
    if "missed" in verdicts and not no_fail:
        return MISSED
    return UNDECIDED if strict and "undecided" in verdicts else 0


def _console() -> Console:
    from simulation.reports.terminal import PlainConsole

    return PlainConsole(markup=False, emoji=False, highlight=False)


def _end(code: int, message: str) -> NoReturn:
    click.echo(message, err=True)
    sys.exit(code)


def _no_reader() -> NoReturn:
    """The other end of the pipe has closed: whatever is still buffered goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(NO_READER)


def _report_of(error: Exception) -> str:
    if os.environ.get(TRACEBACK):
        traceback.print_exc()
    last = traceback.extract_tb(error.__traceback__)[-1]
    what = " ".join(f"{type(error).__name__}: {error}".split())
    return (
        f"Internal error: {what} ({Path(last.filename).name}:{last.lineno}). This is a fault of supportsim, not of your "
        f"input; please report this line with your scenario ({TRACEBACK}=1 shows more)."
    )
