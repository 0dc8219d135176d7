"""What reports draw: sums by hour of the simulated time, and histograms of waits. All add up over replications."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from simulation.metrics.view import View

Array = npt.NDArray[Any]
Curves = dict[str, Array]
WAIT_EDGES = (0.0, 1e-9, 5, 10, 20, 30, 60, 120, 180, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400, np.inf)
"""Edges of the histogram of waits in seconds; the first bin holds those answered at once."""
HOURLY = ("contacts", "offered", "answered", "abandoned", "waited")
STAFF = ("signed_in", "handling", "slots", "paid")


def curves(view: View) -> Curves:
    """Arrays by hour and channel, by hour and team, and of waits by channel; measured rows only.

    `hours/<what>`: shape (hours, channels), counts (`waited` in s, of answered contacts); `staff/<what>`: shape
    (hours, teams), s; `waits`: shape (bins of WAIT_EDGES, channels), answered contacts.
    """
    return {**_hours(view), **_staff(view), "waits": _waits(view)}


def _hours(view: View) -> Curves:
    legs, contacts = view.legs, view.contacts
    answered = view.first & view.answered
    wait = np.where(answered, legs["wait"], 0.0)
    rows: list[tuple[str, Any, Array | None]] = [
        ("contacts", contacts, None),
        ("offered", legs, view.first),
        ("answered", legs, answered),
        ("abandoned", legs, view.first & view.abandoned),
        ("waited", legs, wait),
    ]
    shape = (len(view.record.edges) - 1, len(view.record.names["channel"]))
    return {
        f"hours/{name}": _grid(table["interval"], table["channel"], weights, shape) for name, table, weights in rows
    }


def _staff(view: View) -> Curves:
    rows = view.staffing
    shape = (len(view.record.edges) - 1, len(view.record.names["team"]))
    return {f"staff/{name}": _grid(rows["interval"], rows["team"], rows[name], shape) for name in STAFF}


def _waits(view: View) -> Array:
    answered = view.first & view.answered
    bins = np.searchsorted(WAIT_EDGES, view.legs["wait"][answered], side="right") - 1
    return _grid(bins, view.legs["channel"][answered], None, (len(WAIT_EDGES) - 1, len(view.record.names["channel"])))


def _grid(row: Array, column: Array, weights: Array | None, shape: tuple[int, int]) -> Array:
    flat = row.astype(np.int64) * shape[1] + column
    return np.bincount(flat, weights, minlength=shape[0] * shape[1]).reshape(shape).astype(float)
