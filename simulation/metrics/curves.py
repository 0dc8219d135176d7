"""What reports draw: sums by hour of the simulated time, and histograms of waits. All add up over replications."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from simulation.metrics.view import View
from simulation.record.letters import deferred_channels
from simulation.record.recorder import Outcome

Array = npt.NDArray[Any]
Curves = dict[str, Array]
WAIT_EDGES = (0.0, 1e-9, 5, 10, 20, 30, 60, 120, 180, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400, np.inf)
"""Edges of the histogram of waits in seconds; the first bin holds those answered at once."""
HOURLY = ("contacts", "offered", "answered", "abandoned", "balked", "asked_call", "waited")
STAFF = ("signed_in", "handling", "slots", "paid")


def curves(view: View) -> Curves:
    """Arrays by hour and channel, by hour and team, and of waits by channel; measured rows only.

    `hours/<what>`: shape (hours, channels), counts (`asked_call`: left a number; `waited` in s, of answered contacts; `backlog` in contact-seconds of
    deferred contacts not yet answered, `backlog_age` their ages over time, s²); `staff/<what>`: shape
    (hours, teams), s; `waits`: shape (bins of WAIT_EDGES, channels), answered contacts.
    """
    return {**_hours(view), **_backlog(view), **_staff(view), "waits": _waits(view)}


def _hours(view: View) -> Curves:
    legs, contacts = view.legs, view.contacts
    answered = view.first & view.answered
    wait = np.where(answered, legs["wait"], 0.0)
    rows: list[tuple[str, Any, Array | None]] = [
        ("contacts", contacts, view.by_customers),
        ("offered", legs, view.first),
        ("answered", legs, answered),
        ("abandoned", legs, view.first & view.abandoned),
        ("balked", legs, view.first & (legs["outcome"] == Outcome.BALKED)),
        ("asked_call", legs, view.first & (legs["outcome"] == Outcome.CALLBACK)),
        ("waited", legs, wait),
    ]
    shape = (len(view.record.edges) - 1, len(view.record.names["channel"]))
    return {
        f"hours/{name}": _grid(table["interval"], table["channel"], weights, shape) for name, table, weights in rows
    }


def _backlog(view: View) -> Curves:
    """All contacts count, whenever they came: what is drawn are the measured hours."""
    rows, deferred = view.all_contacts, deferred_channels(view.scenario)
    until = np.where(np.isnan(rows["answered_by"]), view.scenario.duration, rows["answered_by"])
    number, age = np.zeros((2, len(view.record.edges) - 1, len(deferred)))
    for channel in np.flatnonzero(deferred):
        mine = rows["channel"] == channel
        number[:, channel], age[:, channel] = _open_between(view.record.edges, rows["arrived"][mine], until[mine])
    return {"hours/backlog": number, "hours/backlog_age": age}


def _open_between(edges: Array, start: Array, end: Array) -> tuple[Array, Array]:
    """Of spans, what falls between each two edges: their seconds, and their ages integrated over time (s²)."""
    began, length = _powers(edges, start, start), end - start
    over = _powers(edges, end, start)
    done = np.concatenate([[0.0], np.cumsum(length[np.argsort(end, kind="stable")] ** 2)])
    done = done[np.searchsorted(np.sort(end), edges, side="left")]
    gone = _powers(edges, end, end)
    return np.diff(began[0] - gone[0]), np.diff((began[1] - over[1] + done) / 2)


def _powers(edges: Array, since: Array, origin: Array) -> tuple[Array, Array]:
    """At each edge x the sums of x - origin and of its square, over all whose `since` lies before x."""
    order = np.argsort(since, kind="stable")
    first, second = (np.concatenate([[0.0], np.cumsum(origin[order] ** power)]) for power in (1, 2))
    many = np.searchsorted(since[order], edges, side="left")
    return many * edges - first[many], many * edges**2 - 2 * edges * first[many] + second[many]


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
