"""The ways in: mode, hours and the customers' manners."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from simulation.scenario.duration_spec import RandomDuration
from simulation.scenario.hours import OpeningHours
from simulation.scenario.model import Model
from simulation.scenario.schema.base import Count, FromOne, Mode, Shares, Urgency, within_whole
from simulation.scenario.schema.entry import Announcement, Balking, Callback, Instead
from simulation.scenario.schema.letters import Acknowledgement, Chasers, DeadlineClock, Reopening, StatusNotices
from simulation.units import Duration, Share

TURN_KEYS = {
    "turns": "{mean: 5}",
    "think": "{lognormal: {mean: 50 s, cv: 1}}",
    "idle_timeout": "10 min",
    "walks_off": "2 %",
    "catch_up": "20 s",
}
"""Keys of conversations by turns, each with an example."""
NEED_TIMEOUT = (("walks_off", "idle_timeout"), ("catch_up", "idle_timeout"))


class Redial(Model):
    """What a customer does who abandoned, met a busy signal or a closed door."""

    probability: Share
    """The share that tries again."""
    after: RandomDuration
    """How much later."""
    most: FromOne | None = None
    """At most so many further tries in a row; unlimited by default."""
    patience: Literal["anew", "kept"] = "anew"
    """Whether patience is drawn anew for the next try, or the same number is kept (on the same channel)."""
    channels: Shares = {}
    """The share of further tries that come on another channel, e.g. {chat: 20 %}; the rest stay on this one."""

    @model_validator(mode="after")
    def _within_whole(self) -> Self:
        return within_whole(self, self.channels)


class Turns(Model):
    """How a conversation is cut into the agent's replies, each of which takes attention."""

    mean: Annotated[float, Field(ge=1, le=100)]
    """Mean number of the agent's replies in a conversation of the topic's mean handling time; a longer one has more."""


class Channel(Model):
    """A way in: its mode, hours and customers' manners."""

    mode: Mode
    """live (one agent's whole attention), concurrent (chats side by side) or deferred (a backlog)."""
    open: OpeningHours = OpeningHours.always()
    """Opening hours: always, or {mon-fri: 08:00-20:00, sat: 10:00-14:00, holidays: closed}. Deferred channels take contacts at any time."""
    patience: RandomDuration | None = None
    """How long a customer waits before hanging up; without it, for ever."""
    trunks: Count | None = None
    """Contacts that fit in at once, waiting or talking; more meet a busy signal."""
    short_abandon: Duration = 5.0
    """Hang-ups within this time are reported apart."""
    at_close: Literal["serve", "disconnect"] = "serve"
    """Whether those who wait at closing time are still served."""
    redial: Redial | None = None
    """Trying again after abandoning, a busy signal or a closed door."""
    bot: str | None = None
    """The bot that answers first."""
    deadline: dict[Urgency, Duration] = {}
    """Answer due within, by urgency."""
    solution_deadline: dict[Urgency, Duration] = {}
    """Solution due within, by urgency; it is measured (`solved_in_time`), and does not order the queue."""
    deadline_clock: DeadlineClock = "elapsed"
    """Whether deadlines run all the time (elapsed), or only while the channel is open (opening_hours)."""
    acknowledgement: Acknowledgement | None = None
    """An automatic note that the message has come in."""
    chasers: Chasers | None = None
    """Customers who ask for news of an open case."""
    status_notices: StatusNotices | None = None
    """Automatic news of an open case, which keep customers from asking."""
    reopening: Reopening | None = None
    """Returns with an unsolved case that go on with the same thread."""
    turns: Turns | None = None
    """Conversations by turns (concurrent only): the handling time is the attention of all replies together, and an agent writes one reply at a time."""
    think: RandomDuration | None = None
    """How long the customer reads, thinks and writes after each reply but the last; the slot stays taken, attention does not."""
    idle_timeout: Duration | None = None
    """A customer who has not written for so long loses the slot; a later message reopens the thread as another contact of the case."""
    walks_off: Share = 0.0
    """Share of replies after which the customer never writes again; the case is then given up when the time-out frees the slot."""
    catch_up: Duration = 0.0
    """Attention that it takes an agent to read up on a reopened thread that another one has held, before the next reply."""
    announces: Announcement | None = None
    """The wait that customers are told, e.g. {predictor: head_of_line, above: 30 s}."""
    balking: Balking | None = None
    """Leaving at once instead of waiting."""
    callback: Callback | None = None
    """The offer to be called back."""
    instead: dict[str, Instead] = {}
    """Other channels to which customers go at once, by name, e.g. {chat: {when_closed: 50 %}}."""

    @model_validator(mode="after")
    def _turns_hang_together(self) -> Self:
        given = [name for name in TURN_KEYS if getattr(self, name) is not None and getattr(self, name) != 0]
        if given and self.mode is not Mode.concurrent:
            raise ValueError(f"a {self.mode.value} channel has no {given[0]}; remove it, or write mode: concurrent")
        needs = [(name, "turns") for name in given if name != "turns"]
        if self.turns is not None and self.turns.mean > 1:
            needs.append(("turns", "think"))
        for name, needed in (*needs, *NEED_TIMEOUT):
            if name in given and getattr(self, needed) is None:
                raise ValueError(f"{name} needs {needed}; write e.g. {needed}: {TURN_KEYS[needed]}, or remove {name}")
        return self

    @model_validator(mode="after")
    def _nobody_hangs_up_a_letter(self) -> Self:
        if self.mode is Mode.deferred:
            for name in ("patience", "trunks", "redial", "announces", "balking", "callback", "instead"):
                if getattr(self, name) not in (None, {}):
                    raise ValueError(
                        f"a deferred channel has no {name}: its contacts wait in a backlog; remove it, or write mode: live"
                    )
        return self

    @model_validator(mode="after")
    def _nobody_chases_a_call(self) -> Self:
        for name in ("chasers", "status_notices"):
            if getattr(self, name) is not None and self.mode is not Mode.deferred:
                raise ValueError(f"{name} belong to a deferred channel, where a case stays open; remove them")
        for name in ("acknowledgement", "reopening"):
            if getattr(self, name) is not None and self.mode is Mode.live:
                raise ValueError(f"a live channel has no {name}: there is no thread of messages; remove it")
        if self.status_notices is not None and self.chasers is None:
            raise ValueError(
                "status_notices keep customers from asking for news, but none asks; "
                "write chasers: {after: {exponential: {mean: 1 d}}, handling: {exponential: {mean: 2 min}}}"
            )
        return self

    @model_validator(mode="after")
    def _what_is_heard(self) -> Self:
        heard = {
            "balking.tolerance": self.balking is not None and self.balking.tolerance is not None,
            "callback.above": self.callback is not None and self.callback.above is not None,
            "instead.when_wait_above": any(other.when_wait_above is not None for other in self.instead.values()),
        }
        for name, given in heard.items():
            if given and self.announces is None:
                raise ValueError(f"{name} needs a predicted wait; write announces: {{predictor: head_of_line}}")
        for what in ("when_closed", "share"):
            total = sum(getattr(other, what) or 0.0 for other in self.instead.values())
            if total > 1 + 1e-6:
                raise ValueError(f"the shares {what} of instead sum to {100 * total:g} %; make them 100 % at most")
        if self.callback is not None and self.mode is Mode.concurrent:
            raise ValueError("a callback takes an agent's whole attention; write mode: live, or remove callback")
        return self
