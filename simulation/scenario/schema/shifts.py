"""When the agents of a team work: weekly shifts, and crews that rotate through a cycle of days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, Any, NamedTuple, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from simulation.scenario.model import Model
from simulation.scenario.schema.base import DAY, Count, FromOne, Name
from simulation.units import ClockTime, Days, Duration, nearest

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
