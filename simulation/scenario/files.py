"""Reading the CSV files that a scenario names."""

from __future__ import annotations

import csv
import functools
import gzip
import io
import zlib
from pathlib import Path

import numpy as np

MOST_SHOWN = 8


@functools.lru_cache(maxsize=16)
def _columns(path: str, stamp: tuple[float, int]) -> dict[str, list[str]]:
    raw = Path(path).read_bytes()
    text = (gzip.decompress(raw) if path.endswith(".gz") else raw).decode("utf-8-sig")
    rows = csv.DictReader(io.StringIO(text))
    columns: dict[str, list[str]] = {name: [] for name in rows.fieldnames or []}
    for row in rows:
        for name in columns:
            columns[name].append(row[name] or "")
    return columns


def read_columns(path: str) -> dict[str, list[str]]:
    """All columns of a CSV file (UTF-8, first line is the header; may be gzip) as text.

    Raises ValueError with a plain message where the file is missing or not such a file.
    """
    try:
        stat = Path(path).stat()
        return _columns(path, (stat.st_mtime, stat.st_size))
    except FileNotFoundError:
        raise ValueError(
            f"the file {path} does not exist; write the path of a CSV file relative to the scenario"
        ) from None
    except (OSError, UnicodeDecodeError, csv.Error, EOFError, zlib.error) as error:
        raise ValueError(
            f"the file {path} cannot be read as CSV ({error}); write a UTF-8 CSV file with a header line"
        ) from None


def read_column(path: str, column: str) -> list[str]:
    """One column of a CSV file as text; ValueError naming the columns there are."""
    columns = read_columns(path)
    if column not in columns:
        there = ", ".join(list(columns)[:MOST_SHOWN]) or "none"
        raise ValueError(f"the file {path} has no column '{column}'; write one of: {there}")
    return columns[column]


def read_numbers(path: str, column: str, *, blank: float | None = None) -> np.ndarray:
    """One column as floats; blank cells become `blank`, or are left out where `blank` is None.

    Raises ValueError with the line of the first cell that is no finite number.
    """
    numbers = []
    for line, cell in enumerate(read_column(path, column), start=2):
        if not cell.strip():
            if blank is not None:
                numbers.append(blank)
            continue
        try:
            number = float(cell)
        except ValueError:
            number = np.nan
        if not np.isfinite(number):
            raise ValueError(f"{path} line {line}: '{cell}' in column '{column}' is not a number; write e.g. 12.5")
        numbers.append(number)
    return np.asarray(numbers, dtype=float)
