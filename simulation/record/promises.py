"""What customers were told of their wait, and whether it was kept."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from simulation.record.recorder import ContactKind, Outcome

Array = npt.NDArray[Any]
Table = dict[str, Array]


def note_promises(contacts: Table, legs: Table, rows: npt.NDArray[np.void], duration: float) -> None:
    """Write into the table of contacts what was announced and promised, and what came of it."""
    n = len(contacts["case"])
    announced, promised = np.full(n, np.nan), np.full(n, np.nan)
    if len(rows):
        at = np.searchsorted(_key(contacts["case"], contacts["contact"]), _key(rows["case"], rows["contact"]))
        announced[at], promised[at] = rows["announced"], rows["by"]
    contacts["announced"], contacts["promised"] = announced, promised
    contacts["called_back"] = _called_back(contacts, legs)
    contacts["promise_kept"] = _kept(contacts, legs, duration) if len(rows) else np.full(n, -1, dtype=np.int32)


def _key(case: Array, contact: Array) -> Array:
    return (case.astype(np.int64) << 32) + contact


def _met(contacts: Table, legs: Table) -> Array:
    """When each contact first met an agent, s since the start; NaN if it never did."""
    met = np.full(len(contacts["case"]), np.nan)
    by_agents = np.flatnonzero((legs["tier"] >= 0) & ~np.isnan(legs["answered"]))[::-1]
    keys = _key(contacts["case"], contacts["contact"])
    at = np.searchsorted(keys, _key(legs["case"][by_agents], legs["contact"][by_agents]))
    met[at] = legs["answered"][by_agents]  # the earliest is written last
    return met


def answers_to_requests(contacts: Table, answered: Array) -> Array:
    """When contacts were answered, calls by the center counted as answers to those who had asked for them."""
    calls = np.flatnonzero(contacts["kind"] == ContactKind.CALLBACK)
    if not len(calls):
        return answered
    requests = np.flatnonzero(contacts["outcome"] == Outcome.CALLBACK)
    moved = answered.copy()
    moved[calls] = np.nan
    reached = calls[~np.isnan(answered[calls])][::-1]
    moved[requests[np.searchsorted(requests, reached) - 1]] = answered[reached]  # the earliest is written last
    return moved


def _called_back(contacts: Table, legs: Table) -> Array:
    """When the customers who had left a number were first called, s since the start; NaN if they were not."""
    called = np.full(len(contacts["case"]), np.nan)
    calls = np.flatnonzero(contacts["kind"] == ContactKind.CALLBACK)
    first = calls[contacts["outcome"][calls - 1] == Outcome.CALLBACK] if len(calls) else calls
    if len(first):
        called[first - 1] = _met(contacts, legs)[first]
    return called


def _kept(contacts: Table, legs: Table, duration: float) -> Array:
    """1 if the customer was with an agent (or called) in time, 0 if not, -1 where the customer left before it was due
    or the simulation ended."""
    left_number = contacts["outcome"] == Outcome.CALLBACK
    met = np.where(left_number, contacts["called_back"], _met(contacts, legs))
    there = np.where(left_number | np.isnan(contacts["ended"]), duration, contacts["ended"])
    until = np.where(np.isnan(met), there, met)
    by = contacts["promised"]
    kept = np.where(~np.isnan(met) & (met <= by), 1, np.where(until > by, 0, -1))
    return np.where(np.isnan(by), -1, kept).astype(np.int32)


def changed_channel(contacts: Table, preferred: Array) -> Array:
    """Whether each contact came on another channel than the case's one before, the first than the one preferred (by
    case). Questions for news change nothing."""
    changed = np.zeros(len(contacts["case"]), dtype=bool)
    own = np.flatnonzero(contacts["kind"] != ContactKind.CHASER)
    channel, first = contacts["channel"][own], contacts["contact"][own] == 0
    before = np.concatenate([[0], channel[:-1]])[: len(own)]
    changed[own] = channel != np.where(first, preferred[contacts["case"][own]], before)
    return changed
