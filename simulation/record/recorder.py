"""The recorder of a run: a few verbs, one packed row each.

Rows go into growing byte buffers in the layout of a NumPy structured array, so that nothing has to be
converted when the run is over.
"""

from __future__ import annotations

import struct
from enum import IntEnum, unique
from typing import Protocol

import numpy as np
import numpy.typing as npt


class Outcome(IntEnum):
    """How a contact or a leg ended."""

    SOLVED = 0
    """Truly solved."""
    ESCALATED = 1
    """The leg handed over to the next tier, or the bot to an agent."""
    WRONG = 2
    """Answered, but not solved; the customer believes it solved for a while."""
    ABANDONED = 3
    """The customer hung up."""
    BLOCKED = 4
    """Busy signal."""
    CLOSED = 5
    """Met a closed door."""
    DISCONNECTED = 6
    """Waiting when the channel closed."""
    OPEN = 7
    """Not over when the simulation ended."""
    BALKED = 8
    """Heard the announced wait, and left."""
    CALLBACK = 9
    """Left a number, to be called back."""
    TRANSFERRED = 10
    """The leg was for another team of the same tier, and handed over."""
    PAUSED = 11
    """The leg waits for the customer or a third party; another follows."""
    INFORMED = 12
    """The customer who asked for news got them; nothing was solved."""
    TIMED_OUT = 13
    """The customer of a chat did not write on."""
    UNREACHED = 14
    """Called back, but not reached."""


class ContactKind(IntEnum):
    """Why a contact was made."""

    FIRST = 0
    """The case's first."""
    REDIAL = 1
    """After abandoning, a busy signal or a closed door."""
    REPEAT = 2
    """The case was not solved."""
    CALLBACK = 3
    """The center calls back."""
    REOPEN = 4
    """A thread that was thought closed is taken up again."""
    CHASER = 5
    """Asks for news of an open case."""


class CaseStatus(IntEnum):
    """What became of a case."""

    SOLVED = 0
    """Truly solved."""
    GIVEN_UP = 1
    """The customer stopped trying."""
    OPEN = 2
    """Not over when the simulation ended."""


CAUSES = ("customer", "third_party")
"""Whom the work on a contact may have to wait for, by number."""


class Cause(IntEnum):
    """Why a contact was passed up, besides want of competence."""

    ANGER = 0
    """The customer asked for somebody higher up."""
    CLOCK = 1
    """Its clock ran out while it waited."""


class Work(IntEnum):
    """What is done beside contacts."""

    REVIEW = 0
    """A handled contact was looked at."""
    COACHING = 1
    """An agent was coached."""
    ARTICLE = 2
    """An article was written or renewed."""


class SelfService(IntEnum):
    """What came of looking into the knowledge base and of asking the community before the first contact."""

    NONE = 0
    """Did neither."""
    UNHELPED = 1
    """Found no answer, and contacted the center."""
    SOLVED = 2
    """Truly solved: no contact was made."""
    MISLED = 3
    """A wrong answer: believed solved for a while."""
    OPEN = 4
    """Not over when the simulation ended."""


@unique
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
    ATTENTION = 6
    """Writing replies or doing after-contact work of conversations by turns, one after the other."""
    OVERTIME = 7
    """On the floor after the shift as a rule asks, for what waits; part of ON."""
    ON_CALL = 8
    """At home, ready to be called in."""
    ON_THE_WAY = 9
    """Called in, and not there yet."""
    TIME_OFF = 10
    """Sent home in a lull, instead of working or of something else that is paid."""
    DISLIKED = 11
    """A planned shift's hours that the agent dislikes; part of SHIFT."""
    MEETING = 20
    TRAINING = 21
    LATE = 22
    """Not yet there, at the start of the shift or after a break."""
    PLANNED = 23
    """To be on the floor by the plan of those who came, where agents may be late; beside what they did."""
    REVIEW = 40
    """Looking at contacts that others have handled."""
    COACHING = 41
    """Coaching, or being coached."""
    WRITING = 42
    """Writing or renewing articles."""
    VACANT = 50
    """A planned shift for which there is nobody: not paid, and no SHIFT."""
    INDUCTION = 51
    """A newcomer learns off the floor before serving anybody."""
    LEFT = 52
    """The moment when a person leaves for good."""
    HIRED = 53
    """The moment when a newcomer comes for the first time."""


LEG = np.dtype(
    [
        ("case", "<i4"),
        ("contact", "<i4"),
        ("kind", "<i4"),
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
TURNED_AWAY = np.dtype(
    [
        ("case", "<i4"),
        ("contact", "<i4"),
        ("kind", "<i4"),
        ("channel", "<i4"),
        ("outcome", "<i4"),
        ("at", "<f8"),
    ]
)
FILED = np.dtype(
    [("case", "<i4"), ("contact", "<i4"), ("topic", "<i4"), ("urgency", "<i4"), ("arrived", "<f8")],
)
PAUSED = np.dtype([("case", "<i4"), ("contact", "<i4"), ("leg", "<i4"), ("cause", "<i4"), ("until", "<f8")])
CONVERSATION = np.dtype(
    [
        ("case", "<i4"),
        ("contact", "<i4"),
        ("leg", "<i4"),
        ("replies", "<i4"),
        ("attention", "<f8"),
        ("reply_time", "<f8"),
    ]
)
SERVED = np.dtype(
    [
        ("case", "<i4"),
        ("contact", "<i4"),
        ("leg", "<i4"),
        ("pace", "<f8"),
        ("reach", "<f8"),
        ("accuracy", "<f8"),
        ("courtesy", "<f8"),
    ]
)
TIRED = np.dtype([("case", "<i4"), ("contact", "<i4"), ("leg", "<i4"), ("level", "<f8")])
PROMISED = np.dtype([("case", "<i4"), ("contact", "<i4"), ("announced", "<f8"), ("by", "<f8")])
PASSED_UP = np.dtype([("case", "<i4"), ("contact", "<i4"), ("leg", "<i4"), ("cause", "<i4")])
TASK = np.dtype(
    [
        ("work", "<i4"),
        ("agent", "<i4"),
        ("by", "<i4"),
        ("team", "<i4"),
        ("topic", "<i4"),
        ("wrong", "<i4"),
        ("found", "<i4"),
        ("asked", "<f8"),
        ("done", "<f8"),
    ]
)
GIVEN_UP = np.dtype([("case", "<i4"), ("at", "<f8")])
DUTY = np.dtype([("agent", "<i4"), ("duty", "<i4"), ("start", "<f8"), ("end", "<f8")])

_pack_leg = struct.Struct("<9i4d").pack
_pack_turned_away = struct.Struct("<5id").pack
_pack_filed = struct.Struct("<4id").pack
_pack_paused = struct.Struct("<4id").pack
_pack_conversation = struct.Struct("<4i2d").pack
_pack_served = struct.Struct("<3i4d").pack
_pack_tired = struct.Struct("<3id").pack
_pack_promised = struct.Struct("<2i2d").pack
_pack_passed_up = struct.Struct("<4i").pack
_pack_task = struct.Struct("<7i2d").pack
_pack_given_up = struct.Struct("<id").pack
_pack_duty = struct.Struct("<2i2d").pack


ASKING = 1 << 16
"""The number of a case's first question for news while the model runs. The tables number all contacts by arrival."""


class LegLike(Protocol):
    """What is noted of a leg: numbers of the case, the contact in it and the leg in that; times in s, NaN where unknown."""

    case: int
    contact: int
    kind: int
    number: int
    channel: int
    tier: int
    outcome: int
    queued: float
    answered: float
    released: float


class Recorder:
    """Takes note of what happens; knows no KPI. What follows from the rows (contacts, cases) is not noted twice."""

    def __init__(self) -> None:
        self._legs = bytearray()
        self._turned_away = bytearray()
        self._filed = bytearray()
        self._paused = bytearray()
        self._conversations = bytearray()
        self._served = bytearray()
        self._tired = bytearray()
        self._promised = bytearray()
        self._passed_up = bytearray()
        self._tasks = bytearray()
        self._given_up = bytearray()
        self._duties = bytearray()

    def leg(self, leg: LegLike, handler: int, agent: int, tier: int, ended: float) -> None:
        """A stay with one handler is over at `ended` (handler and agent -1: nobody answered; tier -1: a bot)."""
        self._legs += _pack_leg(
            leg.case, leg.contact, leg.kind, leg.number, handler, agent, leg.channel, tier, leg.outcome,
            leg.queued, leg.answered, leg.released, ended,
        )  # fmt: skip

    def turned_away(self, leg: LegLike, outcome: int, at: float) -> None:
        """A contact met a busy signal or a closed door."""
        self._turned_away += _pack_turned_away(leg.case, leg.contact, leg.kind, leg.channel, outcome, at)

    def filed(self, leg: LegLike, topic: int, urgency: int, arrived: float) -> None:
        """A contact was registered later than it came, or under a wrong topic or urgency."""
        self._filed += _pack_filed(leg.case, leg.contact, topic, urgency, arrived)

    def paused(self, leg: LegLike, cause: int, until: float) -> None:
        """The work on a contact waits for somebody else (0 the customer, 1 a third party), whose answer comes then."""
        self._paused += _pack_paused(leg.case, leg.contact, leg.number, cause, until)

    def conversation(self, leg: LegLike, replies: int, attention: float, reply_time: float) -> None:
        """What a leg by turns took: replies sent, seconds of the agent's attention, seconds from messages to replies."""
        self._conversations += _pack_conversation(leg.case, leg.contact, leg.number, replies, attention, reply_time)

    def served(self, leg: LegLike, factors: tuple[float, float, float, float]) -> None:
        """Who serves the leg differs from the team's figures: by pace, reach, accuracy and courtesy."""
        self._served += _pack_served(leg.case, leg.contact, leg.number, *factors)

    def tired(self, leg: LegLike, level: float) -> None:
        """How tired the agent is who begins to serve the leg, from 0 (fresh) to 1 (exhausted)."""
        self._tired += _pack_tired(leg.case, leg.contact, leg.number, level)

    def promised(self, leg: LegLike, announced: float, by: float) -> None:
        """A customer was told to wait so long (s; NaN: no number was named), and to be with an agent by then (s)."""
        self._promised += _pack_promised(leg.case, leg.contact, announced, by)

    def passed_up(self, leg: LegLike, cause: int) -> None:
        """A contact was passed up for another reason than want of competence."""
        self._passed_up += _pack_passed_up(leg.case, leg.contact, leg.number, cause)

    def task(
        self, work: int, by: int, asked: float, done: float, *, agent: int = -1, team: int = -1, topic: int = -1,
        wrong: int = -1, found: int = -1,
    ) -> None:  # fmt: skip
        """Work beside contacts is done (`asked` for and `done` in s), `by` an agent.

        `agent` and `team` are those whom it is about, `topic` what; `wrong` whether the answer reviewed was wrong and `found`
        whether it was found so.
        """
        self._tasks += _pack_task(work, agent, by, team, topic, wrong, found, asked, done)

    def given_up(self, case: int, at: float) -> None:
        """The customer gives the case up."""
        self._given_up += _pack_given_up(case, at)

    def duty(self, agent: int, duty: int, start: float, end: float) -> None:
        """An agent did something other than handling for a span of time."""
        self._duties += _pack_duty(agent, duty, start, end)

    def rows(self) -> dict[str, npt.NDArray[np.void]]:
        """All that was noted, as structured arrays by table."""
        return {
            "legs": np.frombuffer(self._legs, LEG),
            "turned_away": np.frombuffer(self._turned_away, TURNED_AWAY),
            "filed": np.frombuffer(self._filed, FILED),
            "paused": np.frombuffer(self._paused, PAUSED),
            "conversations": np.frombuffer(self._conversations, CONVERSATION),
            "served": np.frombuffer(self._served, SERVED),
            "tired": np.frombuffer(self._tired, TIRED),
            "promised": np.frombuffer(self._promised, PROMISED),
            "passed_up": np.frombuffer(self._passed_up, PASSED_UP),
            "tasks": np.frombuffer(self._tasks, TASK),
            "given_up": np.frombuffer(self._given_up, GIVEN_UP),
            "duties": np.frombuffer(self._duties, DUTY),
        }
