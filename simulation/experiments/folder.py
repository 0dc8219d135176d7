"""Writing results: a folder is written aside and renamed last, so what is there is complete."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from importlib import metadata
from pathlib import Path
from platform import platform, python_version
from typing import Any

from simulation import __version__
from simulation.experiments.place import check_place

VERSIONED = ("supportsim", "simpy", "numpy", "scipy", "pandas", "pyarrow", "pydantic", "plotly")


Writer = Callable[[Path], None]
"""Writes files into a folder."""


def write_folder(target: Path, *writers: Writer) -> Path:
    """Have a folder written by one writer after the other, in place of earlier results of the same name; InputError where it holds something else, or
    cannot be written."""
    check_place(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        for write in writers:
            write(aside)
        aside.chmod(0o755)
        _replace(aside, target)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise
    return target


def write_json(path: Path, data: Any) -> None:
    """Write plain data; not-a-number is refused."""
    path.write_text(json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")


def circumstances() -> dict[str, Any]:
    """With what the numbers were made."""
    versions = {"python": python_version(), **{name: _version(name) for name in VERSIONED}}
    return {"versions": versions, "platform": platform()}


def _replace(aside: Path, target: Path) -> None:
    """Put the finished folder in place of an earlier one."""
    if not target.exists():
        aside.rename(target)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{target.name}-old-", dir=target.parent))
    target.rename(old / target.name)
    aside.rename(target)
    shutil.rmtree(old, ignore_errors=True)


@cache
def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return __version__ if name == "supportsim" else "unknown"
