"""Arithmetic of agents' time spans, vectorised. Spans are three arrays: agent, start, end (s)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Spans = tuple[Array, Array, Array]


def spread(agent: Array, start: Array, end: Array, agents: int, edges: Array) -> Array:
    """Seconds of the spans in each interval, shape (agents, len(edges) - 1)."""
    intervals = len(edges) - 1
    if len(agent) == 0:
        return np.zeros((agents, intervals))
    first = np.clip(np.searchsorted(edges, start, side="right") - 1, 0, intervals - 1)
    last = np.clip(np.searchsorted(edges, end, side="left") - 1, first, intervals - 1)
    touched = last - first + 1
    span = np.repeat(np.arange(len(agent)), touched)
    at = first[span] + np.arange(len(span)) - np.repeat(np.cumsum(touched) - touched, touched)
    seconds = np.minimum(end[span], edges[at + 1]) - np.maximum(start[span], edges[at])
    sums = np.bincount(agent[span].astype(np.int64) * intervals + at, np.maximum(seconds, 0.0), agents * intervals)
    return sums.reshape(agents, intervals)


def union(agent: Array, start: Array, end: Array) -> Spans:
    """Overlapping spans of an agent joined."""
    if len(agent) == 0:
        return agent, start, end
    order = np.lexsort((start, agent))
    agent, start, end = agent[order], start[order], end[order]
    apart = agent * (end.max() + 1.0)
    reached = np.maximum.accumulate(end + apart)
    begins = np.concatenate([[True], (start + apart)[1:] > reached[:-1]])
    heads = np.flatnonzero(begins)
    return agent[heads], start[heads], np.maximum.reduceat(end, heads)


def overtime(on: Spans, shifts: Spans) -> Spans:
    """The part of time on the floor after the end of the shift in which it began and before the agent's next one."""
    agent, start, end = on
    if len(agent) == 0 or len(shifts[0]) == 0:
        return agent[:0], start[:0], end[:0]
    order = np.lexsort((shifts[1], shifts[0]))
    by_agent, begins, ends = (column[order] for column in shifts)
    apart = max(end.max(), begins.max()) + 1.0
    at = np.searchsorted(by_agent * apart + begins, agent * apart + start, side="right") - 1
    of_shift = (at >= 0) & (by_agent[np.maximum(at, 0)] == agent)
    late = np.where(of_shift, np.maximum(start, ends[np.maximum(at, 0)]), end)
    following = np.minimum(at + 1, len(begins) - 1)
    has_next = (at + 1 < len(begins)) & (by_agent[following] == agent)
    until = np.where(has_next, np.minimum(end, begins[following]), end)
    over = late < until
    return agent[over], late[over], until[over]


def inside(spans: Spans, others: Spans) -> Array:
    """Seconds of each span that lie in the same agent's other spans, which do not overlap each other."""
    agent, start, end = spans
    if len(agent) == 0 or len(others[0]) == 0:
        return np.zeros(len(agent))
    order = np.lexsort((others[1], others[0]))
    by_agent, begins, ends = (column[order] for column in others)
    apart = max(end.max(), ends.max()) + 1.0
    moments = (np.stack([begins, ends], axis=1) + (by_agent * apart)[:, None]).ravel()
    covered = np.repeat(np.cumsum(np.concatenate([[0.0], ends - begins])), 2)[1:-1]
    made: Array = np.interp(end + agent * apart, moments, covered) - np.interp(start + agent * apart, moments, covered)
    return made


def intersection(spans: Spans, others: Spans) -> Spans:
    """The parts of spans that lie in the same agent's other spans; neither overlap each other."""
    agent, start, end = spans
    if len(agent) == 0 or len(others[0]) == 0:
        return agent[:0], start[:0], end[:0]
    order = np.lexsort((others[1], others[0]))
    by_agent, begins, ends = (column[order] for column in others)
    apart = max(end.max(), ends.max()) + 1.0
    first = np.searchsorted(ends + by_agent * apart, start + agent * apart, side="right")
    last = np.searchsorted(begins + by_agent * apart, end + agent * apart, side="left")
    many = np.maximum(last - first, 0)
    span = np.repeat(np.arange(len(agent)), many)
    other = first[span] + np.arange(len(span)) - np.repeat(np.cumsum(many) - many, many)
    return agent[span], np.maximum(start[span], begins[other]), np.minimum(end[span], ends[other])
