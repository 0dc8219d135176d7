"""The recorder of a run: four verbs, one packed row each.

Rows go into growing byte buffers in the layout of a NumPy structured array, so that nothing has to be
converted when the run is over.
"""

from __future__ import annotations

import struct
from enum import IntEnum

import numpy as np
import numpy.typing as npt


class Outcome(IntEnum):
    """How a contact or a leg ended."""

    SOLVED = 0
    ESCALATED = 1
    """The leg handed over to the next tier, or the bot to an agent."""
    WRONG = 2
    """Answered, but not solved; the customer believes it solved for a while."""
    ABANDONED = 3
    BLOCKED = 4
    """Busy signal."""
    CLOSED = 5
    """Met a closed door."""
    DISCONNECTED = 6
    """Waiting when the channel closed."""
    OPEN = 7
    """Not over when the simulation ended."""


class ContactKind(IntEnum):
    """Why a contact was made."""

    FIRST = 0
    REDIAL = 1
    REPEAT = 2


class CaseStatus(IntEnum):
    """What became of a case."""

    SOLVED = 0
    GIVEN_UP = 1
    OPEN = 2


class Duty(IntEnum):
    """What an agent was scheduled for or did over a span of time."""

    ON = 0
    """Signed in (overtime included)."""
    BREAK = 1
    UNPAID_BREAK = 2
    SHRINKAGE = 3
    ABSENT = 4
    SHIFT = 5
    """The planned shift from start to end: paid time, overtime apart."""


LEG = np.dtype(
    [
        ("case", "<i4"),
        ("contact", "<i4"),
        ("leg", "<i4"),
        ("handler", "<i4"),
        ("agent", "<i4"),
        ("channel", "<i4"),
        ("tier", "<i4"),
        ("outcome", "<i4"),
        ("queued", "<f8"),
        ("answered", "<f8"),
        ("released", "<f8"),
        ("ended", "<f8"),
    ]
)
CONTACT = np.dtype(
    [
        ("case", "<i4"),
        ("contact", "<i4"),
        ("kind", "<i4"),
        ("channel", "<i4"),
        ("legs", "<i4"),
        ("outcome", "<i4"),
        ("arrived", "<f8"),
        ("ended", "<f8"),
    ]
)
CASE = np.dtype([("case", "<i4"), ("status", "<i4"), ("satisfied", "<i4"), ("closed", "<f8")])
DUTY = np.dtype([("agent", "<i4"), ("duty", "<i4"), ("start", "<f8"), ("end", "<f8")])

_pack_leg = struct.Struct("<8i4d").pack
_pack_contact = struct.Struct("<6i2d").pack
_pack_case = struct.Struct("<3id").pack
_pack_duty = struct.Struct("<2i2d").pack


class Recorder:
    """Takes note of what happens; knows no KPI."""

    def __init__(self) -> None:
        self._legs = bytearray()
        self._contacts = bytearray()
        self._cases = bytearray()
        self._duties = bytearray()

    def leg(
        self,
        case: int,
        contact: int,
        leg: int,
        handler: int,
        agent: int,
        channel: int,
        tier: int,
        outcome: int,
        queued: float,
        answered: float,
        released: float,
        ended: float,
    ) -> None:
        """A stay with one handler is over (handler and agent -1: nobody answered; times in s, NaN where it never came)."""
        self._legs += _pack_leg(
            case, contact, leg, handler, agent, channel, tier, outcome, queued, answered, released, ended
        )

    def contact(self, case: int, contact: int, kind: int, channel: int, legs: int, outcome: int, arrived: float, ended: float) -> None:
        """The customer leaves."""
        self._contacts += _pack_contact(case, contact, kind, channel, legs, outcome, arrived, ended)

    def case(self, case: int, status: int, satisfied: int, closed: float) -> None:
        """The case is over; satisfied 1, not 0, unknown -1."""
        self._cases += _pack_case(case, status, satisfied, closed)

    def duty(self, agent: int, duty: int, start: float, end: float) -> None:
        """An agent did something other than handling for a span of time."""
        self._duties += _pack_duty(agent, duty, start, end)

    def rows(self) -> dict[str, npt.NDArray[np.void]]:
        """All that was noted, as structured arrays by table."""
        pairs = {"legs": (self._legs, LEG), "contacts": (self._contacts, CONTACT), "cases": (self._cases, CASE)}
        pairs["duties"] = (self._duties, DUTY)
        return {name: np.frombuffer(buffer, dtype) for name, (buffer, dtype) in pairs.items()}
