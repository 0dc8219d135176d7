"""The balance of the agents' time: each second of a shift is told of exactly once.

Spans are three arrays: agent, start, end (s). `AWAY` is what agents do off the floor within their shifts, by the column of
the staffing table that sums it; a new duty is entered here and in `simulation.record.tables.DICTIONARY`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from simulation.record.recorder import Duty
from simulation.record.spans import Spans, inside, intersection, spread

Array = npt.NDArray[Any]
Rows = npt.NDArray[np.void]

AWAY: dict[str, tuple[Duty, ...]] = {
    "break": (Duty.BREAK, Duty.UNPAID_BREAK),
    "shrinkage": (Duty.SHRINKAGE,),
    "absent": (Duty.ABSENT,),
    "time_off": (Duty.TIME_OFF,),
    "meeting": (Duty.MEETING,),
    "training": (Duty.TRAINING,),
    "late": (Duty.LATE,),
    "induction": (Duty.INDUCTION,),
}
TASKS = {"review": Duty.REVIEW, "coaching": Duty.COACHING, "writing": Duty.WRITING}
"""What agents do on the floor beside contacts, by the column of the staffing table that sums it."""
EVENTS = (Duty.VACANT, Duty.LEFT, Duty.HIRED)
"""Of places, not of agents."""
BESIDE = (Duty.SHIFT, Duty.ATTENTION, Duty.OVERTIME, Duty.PLANNED, Duty.DISLIKED, *TASKS.values(), *EVENTS)
"""Spans that say something about time which other spans tell of."""

PLANNED_AWAY = (Duty.BREAK, Duty.UNPAID_BREAK, Duty.MEETING, Duty.TRAINING)
"""What agents do away from the floor at times that are planned for it."""
ASTRAY = (Duty.LATE, Duty.ABSENT)
"""What agents do against the plan; the other duties away from the floor they have leave for."""


def duty_spans(rows: Rows, *duties: Duty) -> Spans:
    """The spans of some duties."""
    mine = rows[np.isin(rows["duty"], duties)]
    return mine["agent"], mine["start"], mine["end"]


def overlapping(rows: Rows, duration: float) -> Array:
    """Seconds by which each span begins before the one before it has ended: nobody does two things at once."""
    rows = rows[~np.isin(rows["duty"], BESIDE)]
    rows = rows[np.lexsort((rows["start"], rows["agent"]))]
    end = np.minimum(rows["end"], duration)
    same = np.concatenate([[False], np.diff(rows["agent"]) == 0])[: len(rows)]
    before = np.concatenate([[0.0], end[:-1]])[: len(rows)]
    early: Array = np.where(same, np.maximum(before - np.minimum(rows["start"], duration), 0.0), 0.0)
    return early


def untold(rows: Rows, agents: int, duration: float) -> Array:
    """Seconds of each agent's shifts of which no span tells (negative: of which too many do), shape (agents,)."""
    shifts = _cut(duty_spans(rows, Duty.SHIFT), duration)
    told = _cut(duty_spans(rows, *(duty for duty in Duty if duty not in BESIDE)), duration)
    planned = np.bincount(shifts[0], shifts[2] - shifts[1], agents)
    left: Array = planned - np.bincount(told[0], inside(told, shifts), agents)
    return left


def astray(rows: Rows, duration: float) -> Array:
    """Seconds of each span of time away that lie outside the agent's shifts."""
    away = _cut(duty_spans(rows, *(duty for duties in AWAY.values() for duty in duties)), duration)
    seconds: Array = away[2] - away[1] - inside(away, duty_spans(rows, Duty.SHIFT))
    return seconds


def _cut(spans: Spans, duration: float) -> Spans:
    """Spans up to the end of the simulation."""
    agent, start, end = spans
    return agent, np.minimum(start, duration), np.minimum(end, duration)


def adherence(rows: Rows, agents: int, edges: Array) -> tuple[Array, Array]:
    """Seconds of each agent and interval that are planned for agents who came, and those in which they do what is planned:
    on the floor when that is planned, on a break, in a meeting or in training when that is; leave counts as planned."""
    floor = duty_spans(rows, Duty.PLANNED)
    shift, absent = (spread(*duty_spans(rows, duty), agents, edges) for duty in (Duty.SHIFT, Duty.ABSENT))
    leave = [duty for duties in AWAY.values() for duty in duties if duty not in (*PLANNED_AWAY, *ASTRAY)]
    away = duty_spans(rows, *PLANNED_AWAY)
    kept = spread(*intersection(duty_spans(rows, Duty.ON), floor), agents, edges)
    kept += spread(*away, agents, edges) - spread(*intersection(away, floor), agents, edges)
    kept += spread(*duty_spans(rows, *leave), agents, edges)
    return shift - absent, kept
