"""What the tables say of tired agents."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from simulation.record.letters import leg_key
from simulation.record.recorder import DUTY, Duty
from simulation.record.spans import spread
from simulation.record.time_balance import AWAY, duty_spans

Array = npt.NDArray[Any]
Table = dict[str, Array]
HOUR, LONGEST = 3600.0, 24


def fatigue(legs: Table, rows: npt.NDArray[np.void]) -> Array:
    """How tired the agent of each leg was; zero where nothing was noted."""
    level = np.zeros(len(legs["case"]))
    if len(rows):
        level[np.searchsorted(leg_key(legs), leg_key(rows))] = rows["level"]
    return level


def shift_hour(legs: Table, rows: npt.NDArray[np.void], duties: npt.NDArray[np.void]) -> Array:
    """The hour of the agent's shift in which each leg's handling began, from 0; -1 where unknown, and if nobody tires."""
    hour = np.full(len(legs["case"]), -1, dtype=np.int32)
    shifts = duties[duties["duty"] == Duty.SHIFT]
    if len(rows) and len(shifts):
        shifts = shifts[np.lexsort((shifts["start"], shifts["agent"]))]
        served = np.flatnonzero(legs["agent"] >= 0)
        agent, at = legs["agent"][served], legs["answered"][served]
        apart = shifts["start"].max() + at.max(initial=0.0) + 1.0
        before = np.searchsorted(shifts["agent"] * apart + shifts["start"], agent * apart + at, side="right") - 1
        of = np.maximum(before, 0)
        since = np.where((before >= 0) & (shifts["agent"][of] == agent), (at - shifts["start"][of]) // HOUR, -1)
        hour[served] = np.where(since < LONGEST, since, -1)
    return hour


def vacancies(rows: npt.NDArray[np.void], agents: int, edges: Array) -> Table:
    """By agent and interval: seconds of vacant shifts, persons who left and newcomers."""
    left, hired = (rows[rows["duty"] == duty] for duty in (Duty.LEFT, Duty.HIRED))
    at = (
        np.searchsorted(edges, left["start"], side="left") - 1,
        np.searchsorted(edges, hired["start"], side="right") - 1,
    )
    return {
        "vacant": spread(*duty_spans(rows, Duty.VACANT), agents, edges),
        "left": _counted(left["agent"], at[0], agents, len(edges) - 1),
        "hired": _counted(hired["agent"], at[1], agents, len(edges) - 1),
    }


def _counted(agent: Array, interval: Array, agents: int, intervals: int) -> Array:
    place = agent.astype(np.int64) * intervals + np.clip(interval, 0, intervals - 1)
    return np.bincount(place, minlength=agents * intervals).reshape(agents, intervals).astype(float)


Gap = tuple[int, float, float, float]
"""An agent's place without anybody on the floor: who, from when, until a newcomer comes, until that one is on the floor (s)."""


def vacated(rows: npt.NDArray[np.void], gaps: list[Gap], duration: float) -> npt.NDArray[np.void]:
    """Duties as they were, where plans said otherwise: no shift of an empty place is worked, and newcomers learn first.

    A gap begins at the end of a shift, and its parts end at the begin of one (or when the simulation does).
    """
    kept, further = np.ones(len(rows), dtype=bool), []
    planned = np.isin(
        rows["duty"], [Duty.SHIFT, Duty.DISLIKED, Duty.PLANNED, *(duty for duties in AWAY.values() for duty in duties)]
    )
    order = np.argsort(rows["agent"], kind="stable")
    first = np.searchsorted(rows["agent"][order], np.arange(max((agent for agent, *_ in gaps), default=0) + 2))
    for agent, since, comes, serves in gaps:
        mine = order[first[agent] : first[agent + 1]]
        mine = mine[planned[mine] & (rows["start"][mine] >= since) & (rows["start"][mine] < serves)]
        shifts = rows[mine][rows["duty"][mine] == Duty.SHIFT]
        learns = shifts["start"] >= comes
        kept[mine[(rows["start"][mine] < comes) | (rows["duty"][mine] != Duty.SHIFT)]] = False
        further += [
            (agent, (Duty.VACANT, Duty.INDUCTION)[new], *span)
            for new, span in zip(learns.tolist(), _ends(shifts), strict=True)
        ]
        further += [
            (agent, Duty.LEFT, since, since),
            *([(agent, Duty.HIRED, comes, comes)] if comes < duration else []),
        ]
    return np.concatenate([rows[kept], np.array(further, dtype=DUTY)])


def _ends(shifts: npt.NDArray[np.void]) -> list[tuple[float, float]]:
    return list(zip(shifts["start"].tolist(), shifts["end"].tolist(), strict=True))
