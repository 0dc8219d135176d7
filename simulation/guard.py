"""How the command line ends: an exit code and one clear line, never a traceback."""

from __future__ import annotations

import codecs
import io
import os
import signal
import sys
import traceback
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn, Self

import click

from simulation.errors import InputError

INTERNAL, BAD_INPUT, UNDECIDED, MISSED, STOPPED, NO_READER = 1, 2, 98, 99, 130, 141
"""Exit codes: a fault of ours, bad input, a target undecided (if strict) or missed, Ctrl-C, broken pipe."""
STAND_INS = {
    "✓": "+",
    "✗": "x",
    "○": "o",
    "–": "-",
    "—": "-",
    "−": "-",
    "÷": "/",
    "…": "...",
    "×": "x",
    "█": "#",
    "│": "|",
    "━": "-",
}
"""What is written for symbols that the output cannot encode."""
TRACEBACK = "SUPPORTSIM_TRACEBACK"
"""The environment variable that shows where an internal error comes from."""


class Guarded(click.Group):
    """A group of commands that ends in an exit code and a clear line."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was asked for."""
        with _Interrupts() as interrupts:
            try:
                returned = super().invoke(ctx)
                sys.stdout.flush()
                return returned
            except (click.ClickException, click.exceptions.Exit, click.Abort):
                raise
            except (Exception, KeyboardInterrupt) as error:
                _end_of(error, interrupts.heard)


class _Interrupts:
    """Knows whether Ctrl-C was pressed, and lets it do what it always does."""

    def __init__(self) -> None:
        self.heard = False
        self.usual = signal.getsignal(signal.SIGINT) is signal.default_int_handler

    def __enter__(self) -> Self:
        if self.usual:
            signal.signal(signal.SIGINT, self._hear)
        return self

    def __exit__(self, *_: object) -> None:
        if self.usual:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    def _hear(self, number: int, frame: FrameType | None) -> None:
        self.heard = True
        signal.default_int_handler(number, frame)


def _end_of(error: BaseException, interrupted: bool) -> NoReturn:
    """Say what ended the command; libraries may turn Ctrl-C into an error of their own."""
    if interrupted or isinstance(error, KeyboardInterrupt):
        told = str(error) if isinstance(error, KeyboardInterrupt) else ""
        _end(STOPPED, told or "Stopped; no results were written.")
    if isinstance(error, InputError):
        _end(BAD_INPUT, str(error))
    if isinstance(error, BrokenPipeError):
        _no_reader()
    _end(INTERNAL, _report_of(error))


def speak_plainly() -> None:
    """Let no symbol stop the output: what it cannot encode gets a stand-in."""
    codecs.register_error("stand-ins", _stand_in)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="stand-ins")


def _stand_in(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(STAND_INS.get(symbol, "?") for symbol in error.object[error.start : error.end]), error.end


def leave(code: int) -> NoReturn:
    """End with an exit code, once all output is out."""
    sys.stdout.flush()
    sys.exit(code)


def _end(code: int, message: str) -> NoReturn:
    click.echo(message, err=True)
    sys.exit(code)


def _no_reader() -> NoReturn:
    """The other end of the pipe has closed: whatever is still buffered goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(NO_READER)


def _report_of(error: BaseException) -> str:
    if os.environ.get(TRACEBACK):
        traceback.print_exception(error)
    last = traceback.extract_tb(error.__traceback__)[-1]
    what = " ".join(f"{type(error).__name__}: {error}".split())
    return (
        f"Internal error: {what} ({Path(last.filename).name}:{last.lineno}). This is a fault of supportsim, "
        f"not of your input; please report this line with your scenario ({TRACEBACK}=1 shows more)."
    )
