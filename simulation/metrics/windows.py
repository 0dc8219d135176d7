"""Parts of the measured time, each seen as if it alone had been measured: what warm-ups and batches are worked out from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from simulation.metrics.view import View
from simulation.record.tables import Record, Table
from simulation.scenario.schema import Scenario


def windows(record: Record, scenario: Scenario, bounds: Sequence[float]) -> Iterator[View]:
    """A view on each span between two bounds (s since the start, ascending; they move to the nearest hour of the record).

    A row belongs to the window of its hour, as it does to the measured time: so every KPI has its value for a window.
    """
    at = hours_at(record.edges, bounds) if len(bounds) > 1 else []
    for first, last in pairwise(at):
        tables = {name: _inside(table, first, last) for name, table in record.tables.items()}
        span = float(record.edges[first]), float(record.edges[last])
        yield View(replace(record, tables=tables, measured=span), scenario)


def hours_at(edges: npt.NDArray[np.float64], bounds: Sequence[float]) -> list[int]:
    """The numbers of the edges nearest to the bounds, each once."""
    nearest = np.abs(edges[None, :] - np.asarray(bounds, dtype=np.float64)[:, None]).argmin(axis=1)
    return np.unique(nearest).tolist()


def _inside(table: Table, first: int, last: int) -> Table:
    """A table that counts as measured what was, in these hours."""
    if "measured" not in table or "interval" not in table:
        return table
    here = (table["interval"] >= first) & (table["interval"] < last)
    return table | {"measured": table["measured"] & here}
