"""What a run is known by: counts and sums to read, first rows to follow, a hash of each table to catch the rest."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

import simulation as sim
from simulation.center.plan import Plan
from simulation.center.run import simulate
from simulation.record import Record
from simulation.record.tables import DICTIONARY

FOLDER = Path(__file__).parent
SCENARIOS = sorted(FOLDER.glob("*.yaml"))
UPDATE = "python -m tests.golden.update"
REPLICATIONS = 2
FIRST = 5
DIGITS = 6
"""Times are compared to a microsecond: the last bits of a logarithm differ between processors."""

Fingerprint = dict[str, Any]


Columns = dict[str, str]


def columns_now() -> Columns:
    """The columns of each table, with blanks between."""
    return {table: " ".join(sorted(DICTIONARY[table])) for table in DICTIONARY}


def columns_of(found: Fingerprint) -> Columns:
    """The columns that a fingerprint covers: a column that came later moves nothing that was there before."""
    return dict(found.get("columns") or columns_now())


def fingerprint(path: Path, columns: Columns) -> Fingerprint:
    """The fingerprint of the first replications of a scenario, over some columns of the tables."""
    plan = Plan(sim.load(path))
    runs = {f"replication {number}": _of(simulate(plan, 1, number), columns) for number in range(REPLICATIONS)}
    return {"columns": columns, **runs}


def stored(path: Path) -> Fingerprint:
    """The fingerprint on file; empty if there is none."""
    file = path.with_suffix(".json")
    return dict(json.loads(file.read_text(encoding="utf-8"))) if file.exists() else {}


def store(path: Path, found: Fingerprint) -> None:
    """Put a fingerprint on file."""
    text = json.dumps(found, indent=1, ensure_ascii=False)
    path.with_suffix(".json").write_text(text + "\n", encoding="utf-8")


def differences(old: Any, new: Any, at: str = "") -> list[str]:
    """Every number that moved, as "where: from to"."""
    if isinstance(new, dict) and isinstance(old, dict | None):
        old = old or {}
        return [line for key in {**old, **new} for line in differences(old.get(key), new.get(key), f"{at}/{key}")]
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return [line for n, pair in enumerate(zip(old, new, strict=True)) for line in differences(*pair, f"{at}/{n}")]
    return [] if old == new else [f"{at}: {old} -> {new}"]


def _of(record: Record, columns: Columns) -> Fingerprint:
    return {
        "counts": {name: count for name, count in record.audit.items() if isinstance(count, int)},
        "contacts": _outcomes(record),
        "seconds": _sums(record),
        "first legs": _first_legs(record),
        "hashes": {table: _hash(record.tables[table], names.split()) for table, names in columns.items()},
    }


def _outcomes(record: Record) -> dict[str, int]:
    names, table = record.names, record.contacts
    pairs = zip(table["channel"].tolist(), table["outcome"].tolist(), strict=True)
    return {
        f"{names['channel'][channel]} {names['outcome'][outcome]}": n
        for (channel, outcome), n in sorted(Counter(pairs).items())
    }


def _sums(record: Record) -> dict[str, float]:
    staffing = ("paid", "signed_in", "handling", "slots", "overtime", "break", "shrinkage", "absent")
    sums = {"arrived": record.cases["arrived"], "wait": record.legs["wait"], "resolution": record.cases["resolution"]}
    sums |= {name: record.staffing[name] for name in staffing}
    return {name: round(float(np.nansum(values)), DIGITS - 2) for name, values in sums.items()}


def _first_legs(record: Record) -> list[str]:
    times = ("queued", "answered", "released", "ended")
    rows = zip(*(record.legs[name][:FIRST].tolist() for name in ("case", *times)), strict=True)
    return [
        f"case {case}: " + ", ".join(f"{name} {at:.{DIGITS}f}" for name, at in zip(times, row, strict=True))
        for case, *row in rows
    ]


def _hash(table: dict[str, Any], names: list[str]) -> str:
    digest = hashlib.sha256()
    for column in names:
        values = np.asarray(table[column], dtype=float)
        digest.update(column.encode() + np.where(np.isnan(values), -1e300, np.round(values, DIGITS) + 0.0).tobytes())
    return digest.hexdigest()[:16]
