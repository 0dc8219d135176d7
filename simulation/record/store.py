"""Tables as Parquet files: one file per table and replication, names instead of codes, the data dictionary inside."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from simulation.record.tables import DICTIONARY, Record, Table

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

CODED = {
    "source",
    "topic",
    "channel",
    "urgency",
    "team",
    "duty",
    "tier",
    "agent",
    "outcome",
    "kind",
    "status",
    "handler",
    "event",
    "segment",
    "filed_topic",
    "filed_urgency",
    "paused_for",
    "self_service",
    "by",
    "work",
}
TABLES = tuple(DICTIONARY)
RARE = {"people", "prevented", "scorecards", "tasks"}
"""Tables that most scenarios have nothing for: not written where empty."""


def write(record: Record, folder: Path, names: Iterable[str] = TABLES) -> None:
    """Write tables of one replication (all, unless some are named) under `folder`/<table>/<replication>.parquet."""
    import pyarrow.parquet as pq

    for name in names:
        if name in RARE and not len(next(iter(record.tables[name].values()), ())):
            continue
        (folder / name).mkdir(parents=True, exist_ok=True)
        table = _arrow(name, record.tables[name], record)
        pq.write_table(table, folder / name / f"{record.replication:05d}.parquet", compression="zstd")


def read(folder: Path, name: str, columns: Iterable[str] | None = None, replication: int | None = None) -> pd.DataFrame:
    """All replications of a table as a frame (names as categories), in order, or one of them; `columns` picks some."""
    import pandas as pd
    import pyarrow.parquet as pq

    wanted = None if columns is None else list(columns)
    of = "*" if replication is None else f"{replication:05d}"
    frames = [pq.read_table(path, columns=wanted) for path in sorted((folder / name).glob(f"{of}.parquet"))]
    if not frames:
        return pd.DataFrame(columns=["replication", *DICTIONARY[name]])
    import pyarrow as pa

    return pa.concat_tables(frames, promote_options="permissive").unify_dictionaries().to_pandas()


def _arrow(name: str, table: Table, record: Record) -> pa.Table:
    import pyarrow as pa

    rows = len(next(iter(table.values())))
    columns = {"replication": pa.array(np.full(rows, record.replication, dtype=np.int32))}
    columns |= {column: _column(column, table, record) for column in DICTIONARY[name]}
    notes = {"replication": "number of the replication, from 0", **DICTIONARY[name]}
    fields = [pa.field(key, array.type, metadata={"description": notes[key]}) for key, array in columns.items()]
    return pa.table(list(columns.values()), schema=pa.schema(fields))


def _column(column: str, table: Table, record: Record) -> pa.Array:
    import pyarrow as pa

    values = table[column]
    if column not in CODED:
        return pa.array(values)
    codes = pa.array(values.astype(np.int32), mask=values < 0)
    return pa.DictionaryArray.from_arrays(codes, pa.array(record.names[column], type=pa.string()))
