"""The ways in: mode, hours and the customers' manners."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from simulation.scenario.duration_spec import RandomDuration
from simulation.scenario.hours import OpeningHours
from simulation.scenario.model import Model
from simulation.scenario.schema.base import Count, FromOne, Mode, Shares, Urgency, within_whole
from simulation.scenario.schema.letters import Acknowledgement, Chasers, DeadlineClock, Reopening, StatusNotices
from simulation.units import Duration, Share


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

    @model_validator(mode="after")
    def _nobody_hangs_up_a_letter(self) -> Self:
        if self.mode is Mode.deferred:
            for name in ("patience", "trunks", "redial"):
                if getattr(self, name) is not None:
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
