"""Which code counts: a hash by which runs that were kept know whether they are still what would come out."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import metadata
from pathlib import Path

from simulation import __version__

COUNTS = (
    "chance",
    "theory",
    "scenario",
    "demand",
    "routing",
    "record",
    "center",
    "metrics",
    "units.py",
    "experiments/replications.py",
)
"""Parts of the package that a run's numbers may depend on; commands and reports are none."""
LIBRARIES = ("numpy", "scipy", "simpy")
PACKAGE = Path(__file__).resolve().parent.parent
DIGITS = 16


@cache
def version() -> str:
    """A hash of the code that simulates and measures, and of the versions of the libraries that it counts with.

    The version of the package alone would say too little (a checkout changes without it) and too much (most releases
    change no number). Where the code cannot be read, it is the version.
    """
    files = sorted(file for part in COUNTS for file in _files(PACKAGE / part))
    code = hashlib.sha256(b"" if files else __version__.encode())
    for file in files:
        code.update(file.relative_to(PACKAGE).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    for name in LIBRARIES:
        code.update(f"{name} {_version(name)}\n".encode())
    return code.hexdigest()[:DIGITS]


def _files(part: Path) -> list[Path]:
    return [part] if part.is_file() else list(part.rglob("*.py"))


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "unknown"
