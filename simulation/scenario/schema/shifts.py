"""When the agents of a team work: weekly shifts, and crews that rotate through a cycle of days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, Any, Literal, NamedTuple, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from simulation.scenario.duration_spec import RandomDuration
from simulation.scenario.hours import OpeningHours
from simulation.scenario.model import Model
from simulation.scenario.schema.base import DAY, Count, FromOne, Name
from simulation.units import ClockTime, Days, Duration, Share, nearest

OFF = "off"
LONGEST_CYCLE = 366


class Break(Model):
    """A break within a shift."""

    after: Duration
    """Time from the start of the shift."""
    lasts: Duration
    """Its length; it starts late when the agent must finish a contact, and keeps its length."""
    paid: bool = True
    """Whether the break is paid time."""


class WorkingHours(Model):
    """When a crew works on a day of its rotation."""

    start: ClockTime
    """Start on the center's clock, e.g. 08:00."""
    end: ClockTime
    """End; at or before the start means the next day."""
    breaks: dict[str, Break] = {}
    """Breaks by name."""
    waves: FromOne = 1
    """Agents take turns in so many waves: each wave's breaks start one length later than the one before."""

    @property
    def length(self) -> float:
        """Seconds from start to end by the clock."""
        return (self.end - self.start) % DAY or DAY

    @model_validator(mode="after")
    def _breaks_fit(self) -> Self:
        for name, pause in self.breaks.items():
            if pause.after + self.waves * pause.lasts > self.length:
                raise ValueError(
                    f"the break '{name}' of the last wave would end after the shift; write an earlier break, a longer shift or fewer waves"
                )
        return self


class Shift(WorkingHours):
    """A weekly shift of a team."""

    days: Days
    """The weekdays on which it starts, e.g. mon-fri."""
    headcount: Count
    """Agents on the shift."""
    on_holidays: bool = True
    """Whether the shift is worked on public holidays."""


class Pattern(NamedTuple):
    """A rotation that is known by a name: what each day of the cycle is, and how many crews share it."""

    cycle: tuple[str, ...]
    crews: int


def _days(text: str) -> tuple[str, ...]:
    """A cycle from runs such as "early 2, off 1"."""
    runs = (run.split() for run in text.split(", "))
    return tuple(day for name, many in runs for day in [name] * int(many))


PATTERNS: dict[str, Pattern] = {
    "four_on_two_off": Pattern(_days("day 4, off 2"), 3),
    "four_on_four_off": Pattern(_days("day 4, off 4, night 4, off 4"), 4),
    "two_two_three": Pattern(
        _days(
            "day 2, off 2, day 3, off 2, day 2, off 3, night 2, off 2, night 3, off 2, night 2, off 3",
        ),
        4,
    ),
    "dupont": Pattern(_days("night 4, off 3, day 3, off 1, night 3, off 3, day 4, off 7"), 4),
    "three_shift": Pattern(_days("early 2, late 2, night 2, off 2"), 4),
    "continental": Pattern(
        _days(
            "early 2, late 2, night 3, off 2, early 2, late 3, night 2, off 2, early 3, late 2, night 2, off 3",
        ),
        4,
    ),
}
"""Ready-made rotations. In each, every one of its shifts is worked by the same number of crews on every day."""


def _cycle(value: Any) -> Any:
    """A pattern's name, or its days."""
    if isinstance(value, str) and value not in PATTERNS:
        known = nearest(value, PATTERNS) or "three_shift"
        raise ValueError(
            f"there is no pattern '{value}'; write e.g. {known}, or a list of days such as [day, day, off]"
        )
    return value


class Rotation(Model):
    """Crews that work through the same cycle of days, each some days behind the one before; an agent stays in its crew."""

    pattern: Annotated[
        str | Annotated[list[str], Field(min_length=1, max_length=LONGEST_CYCLE)],
        BeforeValidator(_cycle),
        WithJsonSchema(
            {
                "anyOf": [{"enum": list(PATTERNS)}, {"type": "array", "items": {"type": "string"}, "minItems": 1}],
                "examples": ["three_shift", ["day", "day", "off"]],
            }
        ),
    ]
    """The days of the cycle, each a name of `shifts` or off, e.g. [early, early, late, late, night, night, off, off]; or a ready-made pattern by name."""
    shifts: dict[Name, WorkingHours]
    """When those work who have that shift, by the names in the pattern."""
    crews: Annotated[FromOne | None, Field(le=LONGEST_CYCLE)] = None
    """Crews that share the pattern; by default those of the ready-made pattern, or 1."""
    per_crew: Count
    """Agents in each crew."""
    apart: FromOne | None = None
    """Days by which each crew is behind the one before; by default the length of the cycle ÷ crews."""
    begins: dt.date | None = None
    """A date on which crew 1 begins the cycle; by default the Monday of the week in which the calendar starts."""
    on_holidays: bool = True
    """Whether it is worked on public holidays."""

    @property
    def cycle(self) -> Sequence[str]:
        """What each day of the cycle is."""
        return PATTERNS[self.pattern].cycle if isinstance(self.pattern, str) else self.pattern

    @property
    def crew_count(self) -> int:
        """How many crews there are."""
        return self.crews or (PATTERNS[self.pattern].crews if isinstance(self.pattern, str) else 1)

    @property
    def days_apart(self) -> int:
        """Days by which each crew is behind the one before."""
        return self.apart or len(self.cycle) // self.crew_count

    @property
    def agents(self) -> int:
        """Agents of all crews."""
        return self.crew_count * self.per_crew

    @model_validator(mode="after")
    def _days_are_known(self) -> Self:
        if not self.shifts:
            raise ValueError("has no shifts; write e.g. shifts: {day: {start: 08:00, end: 16:00}}")
        for day in self.cycle:
            if day != OFF and day not in self.shifts:
                known = nearest(day, [*self.shifts, OFF]) or next(iter(self.shifts))
                raise ValueError(
                    f"the pattern has '{day}', which shifts does not; write {known}, or say when it is worked"
                )
        for name in self.shifts:
            if name not in self.cycle:
                raise ValueError(f"the pattern never has the shift '{name}'; remove it, or write it into the pattern")
        if OFF in self.shifts:
            raise ValueError("'off' is a day without work; write another name for the shift")
        return self

    @model_validator(mode="after")
    def _crews_take_turns(self) -> Self:
        if self.apart is None and len(self.cycle) % self.crew_count:
            raise ValueError(
                f"a cycle of {len(self.cycle)} days does not part evenly among {self.crew_count} crews; write apart: "
                f"{max(1, len(self.cycle) // self.crew_count)}, or another number of crews"
            )
        return self

    @model_validator(mode="after")
    def _shifts_follow(self) -> Self:
        for today, tomorrow in pairwise([*self.cycle, self.cycle[0]]):
            if OFF not in (today, tomorrow):
                done = self.shifts[today].start + self.shifts[today].length
                if done > DAY + self.shifts[tomorrow].start:
                    raise ValueError(
                        f"a crew would begin '{tomorrow}' before '{today}' of the day before is over; write a day off in between"
                    )
        return self


class Meeting(Model):
    """A meeting of the agents of a team who are on shift."""

    days: Days
    """The weekdays on which it is held, holidays left out."""
    at: ClockTime
    """When it begins, e.g. 10:00. Who is on shift from its start to its end attends, but for the time of a break."""
    lasts: Duration
    """Its length. It ends when planned, however late an agent comes from a contact."""
    waves: FromOne = 1
    """Agents attend in so many waves, one after the other; 1: all at once."""
    every: FromOne = 1
    """Held every so many weeks, for the first time in the week in which the calendar starts."""

    @model_validator(mode="after")
    def _lasts(self) -> Self:
        if self.lasts <= 0:
            raise ValueError("a meeting takes time; write e.g. lasts: 30 min")
        return self


class TrainingHours(Model):
    """Hours of training that each agent takes, placed in its shifts."""

    each: Duration
    """How long each agent trains in a period, e.g. 4 h."""
    per: Literal["week", "month"] = "month"
    """The period: a calendar week or a calendar month."""
    session: Duration = 3600.0
    """The length of a session; what is left over makes a shorter one."""
    at: OpeningHours | None = None
    """Sessions lie within these hours, e.g. {tue-thu: 13:00-16:00}; by default in the quietest third of the agent's time on shift."""

    def lengths(self) -> list[float]:
        """The lengths of the sessions of a period (s)."""
        whole = int(self.each // self.session)
        rest = self.each - whole * self.session
        return [self.session] * whole + [rest] * (rest > 0)

    @model_validator(mode="after")
    def _are_some(self) -> Self:
        if self.session < 300:
            raise ValueError("a session of training lasts 5 min or more; write e.g. session: 1 h")
        if self.each > {"week": 40, "month": 170}[self.per] * 3600:
            raise ValueError(f"nobody has so many hours of work in a {self.per}; write e.g. each: 4 h")
        return self


class Late(Model):
    """Who is late, and by how much."""

    share: Share
    """The share of occasions on which an agent is late."""
    by: RandomDuration
    """By how much, where it is."""


class Adherence(Model):
    """How well agents keep to their plan: late starts, and late returns from breaks. Late time is paid."""

    share: Share | None = None
    """The share of a shift in which an agent who came does what is planned, e.g. 93 %; the rest goes to the start and the returns from breaks, each late by an exponential time of the same mean. Contacts that run over into a break come on top."""
    starts: Late | None = None
    """Late starts of shifts, instead of a share."""
    returns: Late | None = None
    """Late returns from breaks, instead of a share."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.share is None) == (self.starts is None and self.returns is None):
            raise ValueError("needs either a share, or starts and returns; write e.g. share: 93 %")
        if self.share == 0:
            raise ValueError("agents who never do what is planned are absent; write e.g. share: 93 %")
        return self
