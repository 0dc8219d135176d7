"""Why contacts wait: the causes, and the account by which each second of waiting is laid at their doors.

At every moment at which somebody stands in a queue it is worked out how many agents are short, and through what (`Lack`).
The queue is a stock that remembers: with `g` agents short, `g / m` more contacts a second are left standing than the plan
would leave (`m`: mean work of a contact, s), and those bear the causes of that moment; the others keep theirs. So the
backlog of a break is still the break's when the agents are back, and is forgotten as fast as it is worked off. With Q
contacts in the queue the shares x of the causes follow

    dx/dt = g / (m Q) * (s - x),        s: the shares of the causes in the agents short now,

and a contact that joins while agents are short brings s with it. (A fluid account of the queue, as in Newell 1982,
Applications of Queueing Theory, chapter 2; that the parts of a lack share it in proportion is an assumption.) The causes
of a stay's seconds are x along its wait: they add up to the wait exactly.

How many agents are short follows from the identity

    agents short = (work there would be without any wait - agents by the plan) + agents that the plan counted on but who are
                   not there for it,

where the work there would be without any wait is the number of contacts in service if nobody ever waited (the offered load
of the infinite-server queue; Jennings, Mandelbaum, Massey & Whitt 1996), and agents by the plan are those scheduled, less
what breaks and meetings take of them on average and the absence that the scenario expects, to the nearest whole person.

Of the first part, what the *expected* load R and a margin of sqrt(R) explain is understaffing (square-root staffing: Halfin &
Whitt 1981; for letters, which can wait, without the margin). Beyond it come in this order an event's extra load, a day that
is busier than chance makes days (more than two standard deviations of a Poisson count), contacts that come up from the tier
below or come again more than usual, and, last, chance. Agents of the tier who idle without the skill could do it: so far the
cause is that, before all these.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


class Why(IntEnum):
    """Why a second was waited; `TEXTS` has the names, `MEANINGS` the definitions. The order is that of ties."""

    UNDERSTAFFED = 0
    BREAKS = 1
    MEETINGS = 2
    ABSENCE = 3
    TIME_OFF = 4
    SKILLS = 5
    ROUTING = 6
    BLENDING = 7
    OTHERS = 8
    INCIDENT = 9
    BUSY_DAY = 10
    ESCALATIONS = 11
    AGAIN = 12
    CALLBACK = 13
    CLOSED = 14
    CHANCE = 15


CAUSES = len(Why)
TEXTS = {
    Why.UNDERSTAFFED: "understaffed interval",
    Why.BREAKS: "breaks bunching",
    Why.MEETINGS: "meetings, training",
    Why.ABSENCE: "absence, lateness, vacancy",
    Why.TIME_OFF: "time off in lulls",
    Why.SKILLS: "skills: others idle",
    Why.ROUTING: "routing: free, but kept",
    Why.BLENDING: "agents busy with letters",
    Why.OTHERS: "busy with other channels",
    Why.INCIDENT: "incident or campaign",
    Why.BUSY_DAY: "busy day",
    Why.ESCALATIONS: "escalation burst",
    Why.AGAIN: "contacts that came again",
    Why.CALLBACK: "promised callback",
    Why.CLOSED: "nobody on shift",
    Why.CHANCE: "plain chance",
}
MEANINGS = {
    Why.UNDERSTAFFED: "Fewer agents are planned than the load that is expected then needs (load R and a margin of sqrt(R)).",
    Why.BREAKS: "More agents are on a break than on average over their shifts.",
    Why.MEETINGS: "More agents are in meetings, training, coaching, reviews or other shrinkage than on average.",
    Why.ABSENCE: "More agents are absent, late or missing (places nobody fills) than the scenario's absence lets expect.",
    Why.TIME_OFF: "Agents have been sent home in a lull.",
    Why.SKILLS: "Agents of the same tier are idle who do not have the skill, or not at that hour.",
    Why.ROUTING: "Agents with the skill are idle and still do not take it: kept in reserve, or waiting for the overflow.",
    Why.BLENDING: "Agents who could take it work on letters.",
    Why.OTHERS: "Agents who could take it are busy with other channels or tiers more than expected.",
    Why.INCIDENT: "Extra load of an event (incident or campaign), or an outage of the channel or its bot.",
    Why.BUSY_DAY: "The day brings more cases than expected, and more than chance explains.",
    Why.ESCALATIONS: "More contacts come up from the tier below than expected.",
    Why.AGAIN: "More contacts than usual are not the first of their case: redials, returns, hand-overs.",
    Why.CALLBACK: "The center is to call back: the customer does not wait on the line.",
    Why.CLOSED: "Letters: nobody who may take it is scheduled.",
    Why.CHANCE: "The staff fits the expected load: arrivals happened to cluster, or contacts to take long.",
}
BRIEF = {why: why.name.lower() for why in Why}
"""The names of causes in tables."""
MARGIN = 1.0
"""Agents beyond the expected load R that a plan should have, as a multiple of sqrt(R)."""
STEP = 60.0
"""Longest step of the account (s)."""


def planned(scheduled: Array, usual: float) -> Array:
    """Agents that a plan can count on: those scheduled less the usual share that is away, to the nearest whole person, and
    one at least."""
    nearest = np.floor(scheduled * (1 - usual) + 0.5)
    made: Array = np.minimum(scheduled, np.maximum(nearest, 1.0))
    return made


def beyond_usual(away: Array, scheduled: Array, counted_on: Array, part: float, usual: float) -> Array:
    """Agents away for a reason beyond those that the plan allows for it: its `part` of the `usual` share away."""
    allowed = (scheduled - counted_on) * (part / usual if usual else 0.0)
    made: Array = np.maximum(away - allowed, 0.0)
    return made


def needed(load: Array, others: Array, can_wait: bool) -> Array:
    """Agents that an expected load needs, where the same agents have the load of `others` too."""
    margin = 0.0 if can_wait else MARGIN * np.sqrt(np.maximum(load + others, 0.0))
    made: Array = load + margin
    return made


def split(over: Array, limits: list[tuple[Why, Array]], lack: Array) -> None:
    """Share out work beyond the agents there are: each cause takes up to its limit, in order; chance takes the rest."""
    left = np.maximum(over, 0.0)
    for why, limit in limits:
        part = np.minimum(left, np.maximum(limit, 0.0))
        lack[:, why] += part
        left = left - part
    lack[:, Why.CHANCE] += left


def shares_along(lack: Array, earlier: Array, queue: Array, lasts: Array, work: float, before: Array) -> Array:
    """The shares of the causes in a queue at each of some moments in order, shape (moments, causes).

    `lack` are agents short by cause, `earlier` and `queue` the contacts waiting just before a moment and from it on, for the
    seconds that it `lasts`; `work` is the mean work of a contact (agent-seconds), `before` the shares before the first moment.
    """
    short = lack.sum(axis=1)
    fresh = np.zeros_like(lack)
    fresh[:, Why.CHANCE] = 1.0
    known = short > 0
    fresh[known] = lack[known] / short[known, None]
    grows = np.where(known | (earlier == 0), np.minimum(earlier / queue, 1.0), 1.0)
    keeps = grows * np.exp(-short * lasts / (work * queue))
    found: Array = _recurrence(keeps, (1 - keeps)[:, None] * fresh, before)
    return found / found.sum(axis=1, keepdims=True)


def _recurrence(keeps: Array, adds: Array, first: Array) -> Array:
    """x[k] = keeps[k] x[k - 1] + adds[k] for all k, by doubling (Hillis & Steele 1986)."""
    factor, found = keeps.copy(), adds.copy()
    if len(found):
        found[0] += factor[0] * first
        factor[0] = 0.0
    step = 1
    while step < len(found) and factor.any():
        found[step:] += factor[step:, None] * found[:-step].copy()
        factor[step:] *= factor[:-step].copy()
        factor[:step] = 0.0
        step *= 2
    return found
