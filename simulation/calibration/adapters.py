"""The vendors whose logs can be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import cast

from simulation.calibration.call_log import CallLog
from simulation.errors import InputError, Problem
from simulation.units import nearest

PACKAGE = __name__.rpartition(".")[0]
Reader = Callable[[str | Path], CallLog]


def vendors() -> list[str]:
    """The names of the adapters: every module of this package that has a function `read`."""
    modules = (one.name for one in iter_modules([str(Path(__file__).parent)]))
    return [name for name in modules if hasattr(import_module(f"{PACKAGE}.{name}"), "read")]


def read_log(path: str | Path, vendor: str) -> CallLog:
    """The log in a file of that vendor's format; InputError says what is wrong with the file or the name."""
    known = vendors()
    if vendor not in known:
        near = nearest(vendor, known) or ", ".join(known)
        raise InputError([Problem("", "", f"there is no adapter for the vendor '{vendor}'; write e.g. {near}")])
    with plainly(path):
        return cast(Reader, import_module(f"{PACKAGE}.{vendor}").read)(path)


@contextmanager
def plainly(path: str | Path) -> Iterator[None]:
    """Turn what is found wrong with a file's content into an InputError that names the file."""
    try:
        yield
    except ValueError as error:
        message = str(error)
        raise InputError([Problem("" if str(path) in message else str(path), "", message)]) from None
