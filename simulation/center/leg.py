"""A leg on its way: one stay of a contact with one handler."""

from __future__ import annotations

from collections.abc import Callable
from math import inf, nan
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulation.center.desk import Agent
    from simulation.center.pauses import Parts
    from simulation.center.people import Factors
    from simulation.center.turns import Talk


class Leg:
    """What the model keeps of a leg while it lasts (times in seconds since the start).

    The defaults live on the class: most legs are first legs of first contacts and set only what differs.
    `tag` tells the case's legs apart and orders simultaneous events; `waiting` equals it while the leg waits.
    """

    contact = 0
    kind = 0
    number = 0
    serial = 0
    tier = 0
    redials = 0
    returns = 0
    urgency = 1
    shared = False
    called = False
    """Whether the center calls, so that nobody waits on the line."""
    reached = True
    """Whether the customer answers the center's call."""
    attempt = 1
    """Which call to reach the customer it is."""
    waiting = -1
    outcome = 7
    wrap_up = 0.0
    saved = 0.0
    """Share of the analysis that is saved since its result came with the contact (e.g. from a bot): set it before the
    leg joins the queue, and let `Practices.of` know that there may be such legs."""
    helped = 0
    """Practices that help with it (bits), see center/practices.py; set when the handling begins."""
    patience = inf
    first_patience = inf
    """Patience of the contact's first leg, for legs that follow it."""
    failed_at: tuple[float, ...] = ()
    """When the case's earlier contacts failed (s), where anger or complaints ask for it; see `opinion.anger`."""
    due = inf
    queued = nan
    answered = nan
    released = nan
    retells: float = 0.0
    """Seconds in which the customer tells again what a bot has not passed on."""
    then: Callable[[Leg], None] | None = None
    """What happens when the stay is over, instead of the usual."""
    parts: Parts | None = None
    """Work that is cut in parts."""
    truth: tuple[int, int, float] | None = None
    """Place, urgency and due of a contact that was filed with others."""
    angry = False
    """Whether the customer asks for somebody higher up."""
    passed_on = False
    """Whether the contact was passed up since the customer was angry; nobody asks twice."""
    hurried = False
    """Whether its clock has run out while it waits, so that it comes first."""
    agent: Agent = None  # type: ignore[assignment]  # set when an agent takes the leg
    factors: Factors = None  # type: ignore[assignment]  # set when an agent takes the leg, where persons differ
    """What makes the agent differ from the team's figures."""
    pace = 1.0
    """The agent's pace against the team's."""
    talk: Talk | None = None
    """The conversation by turns; a reopened thread brings it along."""

    def __init__(self, case: int, tag: int, channel: int, place: int) -> None:
        self.case = case
        self.tag = tag
        self.channel = channel
        self.place = place


def first_patience(leg: Leg) -> float:
    """Patience (s) of the contact's first leg; of a call by the center, that of the customer who asked for it."""
    return leg.first_patience if leg.number or leg.called else leg.patience
