"""Where a results folder may be written: refused before anything is simulated, not after."""

from __future__ import annotations

import tempfile
from pathlib import Path

from simulation.errors import InputError, Problem
from simulation.experiments.resolved import digest_of
from simulation.scenario.schema import Scenario

OURS = ("manifest.json", "summary.json")
"""Files by which an earlier results folder is known."""


def default_place(scenario: Scenario) -> Path:
    """Where the results of a scenario go if nobody says where: results/<name>-<digest>."""
    return Path("results") / f"{scenario.name}-{digest_of(scenario)}"


def check_place(folder: Path) -> None:
    """Raise InputError unless a results folder can be written there and replaces nothing but results."""
    try:
        _check(folder)
    except OSError as error:
        raise unwritable(folder, error) from error


def _check(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise _refused(folder, "is a file; name a folder with --out")
    if folder.is_dir() and any(folder.iterdir()) and not all((folder / name).is_file() for name in OURS):
        why = "is not empty and holds no earlier results, so it is not replaced"
        raise _refused(folder, f"{why}; name a new folder with --out")
    above = next(parent for parent in folder.absolute().parents if parent.exists())
    tempfile.TemporaryDirectory(prefix=".supportsim-", dir=above).cleanup()


def check_file(path: Path, option: str) -> None:
    """Raise InputError unless a file can be written there, which an option has named."""
    if path.is_dir():
        raise _refused(path, f"is a folder; name a file with {option}")
    if not path.absolute().parent.is_dir():
        raise _refused(path, f"cannot be written (there is no folder {path.parent}); name another place with {option}")


def unwritable(path: Path, error: OSError, option: str = "--out") -> InputError:
    """The system's refusal to write, for the user; a fault that only looks like one is raised as it is."""
    if error.errno is None:
        raise error
    why = (error.strerror or str(error)).lower()
    return _refused(path, f"cannot be written ({why}); name another place with {option}")


def _refused(path: Path, what: str) -> InputError:
    return InputError([Problem(str(path), "", what)])
