"""How the command line ends: an exit code and one clear line, never a traceback."""

from __future__ import annotations

import codecs
import io
import os
import sys
import traceback
from pathlib import Path
from typing import Any, NoReturn

import click

from simulation.errors import InputError

INTERNAL, BAD_INPUT, UNDECIDED, MISSED, STOPPED, NO_READER = 1, 2, 98, 99, 130, 141
"""Exit codes: a fault of ours, bad input, a target undecided (if strict) or missed, Ctrl-C, broken pipe."""
STAND_INS = {"✓": "+", "✗": "x", "○": "o", "–": "-", "—": "-", "−": "-", "÷": "/", "…": "...", "×": "x"}
"""What is written for symbols that the output cannot encode."""
TRACEBACK = "SUPPORTSIM_TRACEBACK"
"""The environment variable that shows where an internal error comes from."""


class Guarded(click.Group):
    """A group of commands that ends in an exit code and a clear line."""

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


def _report_of(error: Exception) -> str:
    if os.environ.get(TRACEBACK):
        traceback.print_exc()
    last = traceback.extract_tb(error.__traceback__)[-1]
    what = " ".join(f"{type(error).__name__}: {error}".split())
    return (
        f"Internal error: {what} ({Path(last.filename).name}:{last.lineno}). This is a fault of supportsim, "
        f"not of your input; please report this line with your scenario ({TRACEBACK}=1 shows more)."
    )
