"""Who works, when, and on what."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from simulation.scenario.duration_spec import RandomDuration
from simulation.scenario.hours import OpeningHours
from simulation.scenario.model import Model
from simulation.scenario.schema.base import DAY, Count, FromOne, Selection
from simulation.scenario.schema.people import TeamPeople
from simulation.scenario.schema.sameday import Nights, OnCall, Overtime, TimeOff
from simulation.scenario.schema.shifts import Adherence, Meeting, Rotation, Shift, TrainingHours
from simulation.units import Days, Duration, Factor, Share, Wage


class HeadcountFile(Model):
    """Headcounts per interval by date, read from a CSV file beside the scenario."""

    file: str
    """The CSV file."""
    time: str
    """The column of interval starts, ISO local times; a headcount holds until the next row."""
    headcount: str
    """The column of agents."""


class Headcount(Model):
    """Agents on the floor per interval of the day, where no shifts are known."""

    interval: Duration = 3600.0
    """The length of an interval."""
    weekly: dict[Days, list[Count]] = {}
    """Headcounts of a day's intervals from midnight, by days."""
    dated: HeadcountFile | None = None
    """Headcounts by date from a file, instead of weekly."""
    constant: Count | None = None
    """The same headcount at all times, instead of weekly."""

    @model_validator(mode="after")
    def _covers_a_day(self) -> Self:
        given = sum((bool(self.weekly), self.dated is not None, self.constant is not None))
        if given != 1:
            raise ValueError("needs one of weekly, dated or constant; write e.g. weekly: {mon-fri: [...]}")
        if self.interval < 60 or DAY % self.interval:
            raise ValueError("the interval must be 1 min or more and divide a day; write e.g. 1 h")
        seen: set[int] = set()
        for days, counts in self.weekly.items():
            if len(counts) != round(DAY / self.interval):
                raise ValueError(
                    f"has {len(counts)} headcounts for a day of {DAY / self.interval:g} intervals; write one per interval"
                )
            if seen & set(days):
                raise ValueError("names a weekday twice; write each weekday once, e.g. mon-fri and sat-sun")
            seen |= set(days)
        return self


class Skill(Model):
    """What a team's agents can take, and in which order."""

    channels: Selection = "all"
    """Channels, or all."""
    topics: Selection = "all"
    """Topics, or all."""
    priority: FromOne = 1
    """A freed agent takes waiting contacts of the lowest number first."""
    hours: OpeningHours = OpeningHours.always()
    """The skill holds at these hours only, e.g. {mon-fri: 20:00-08:00} to work off letters at night; outside them the team leaves such contacts alone."""
    reserve: Count = 0
    """Taken only while more than so many agents of the team are free."""
    handling: RandomDuration | None = None
    """Handling time with this skill, instead of the topic's."""
    wrap_up: RandomDuration | None = None
    """After-contact work with this skill, instead of the topic's."""


class Concurrency(Model):
    """How an agent works on chats side by side."""

    slots: Annotated[int, Field(ge=1, le=100, strict=True)]
    """Chats at once."""
    throughput: list[Annotated[float, Field(gt=0)]] | None = None
    """Chats' worth of work done per unit of time with 1, 2, … chats open, e.g. [1, 1.6, 2.0]; without it chats do not slow each other, unless they go by turns (see channels)."""
    switching: Duration = 0.0
    """In conversations by turns, attention that it takes to get back into one after attending to another."""

    @model_validator(mode="after")
    def _one_each(self) -> Self:
        if self.throughput is not None and len(self.throughput) != self.slots:
            raise ValueError(
                f"throughput has {len(self.throughput)} numbers for {self.slots} slots; write {self.slots} numbers, e.g. [1, 1.6, 2.0]"
            )
        return self

    def rates(self) -> tuple[float, ...]:
        """Total work rate with 1, 2, … chats open."""
        return tuple(self.throughput or (float(n + 1) for n in range(self.slots)))

    @property
    def slowed(self) -> bool:
        """Whether several chats are done at another pace than one each."""
        return any(rate != n + 1 for n, rate in enumerate(self.rates()))


class AbsenceByLoad(Model):
    """Absence that rises on busy days, and falls on quiet ones."""

    strength: Annotated[Factor, Field(gt=0)]
    """By how many per cent absence rises for each per cent that a day is busier than usual, e.g. 2; 0.5 to 3 are sensible."""
    days_after: Annotated[int, Field(ge=0, le=28)] = 0
    """How many days later it shows: 0 for the busy day itself, 1 for the day after."""


class Team(Model):
    """Agents who share skills, schedule, tier and wage."""

    skills: dict[str, Skill]
    """What its agents can take."""
    tier: str = "tier1"
    """The tier of the escalation path that it belongs to."""
    shifts: dict[str, Shift] = {}
    """Weekly shifts by name."""
    rotations: dict[str, Rotation] = {}
    """Crews that rotate through a cycle of days, by name; instead of weekly shifts, or beside them."""
    headcount: Headcount | None = None
    """Agents on the floor per interval, instead of shifts."""
    shrinkage: Annotated[Share, Field(lt=1)] = 0.0
    """Share of signed-in time lost to meetings, training and the like."""
    meetings: dict[str, Meeting] = {}
    """Meetings by name."""
    training_hours: TrainingHours | None = None
    adherence: Adherence | None = None
    absence: Share = 0.0
    """Probability that an agent does not come on a day."""
    absence_spells: Duration | None = None
    """Absence comes in spells of this mean length in calendar days, e.g. 4 d (their length is geometric); the share of days stays that of absence. Without it each day is for itself."""
    absence_together: Share = 0.0
    """Correlation of the absences of two agents of the team on one day, e.g. 5 %: a flu, a strike, snow."""
    absence_by_load: AbsenceByLoad | None = None
    """Absence follows how busy the days are; over many days the share of days stays that of absence."""
    speed: Annotated[float, Field(gt=0)] = 1.0
    """1.25 works a quarter faster than the handling times say."""
    accuracy: Share = 1.0
    """Share of answers that are right, for cases within reach."""
    courtesy: Share = 0.5
    """How the customer feels treated: 50 % is neutral, less makes dissatisfied (see opinion.courtesy)."""
    concurrency: Concurrency = Concurrency(slots=1)
    """Chats side by side."""
    wage: Wage | None = None
    """Pay per hour, e.g. 18 EUR/h."""
    nights: Nights | None = None
    """Hours that some agents dislike, and what comes of it."""
    overtime: Overtime | None = None
    """Who is on the floor at the end of a shift stays on while much waits."""
    time_off: TimeOff | None = None
    """Idle agents are sent home in lulls."""
    on_call: OnCall | None = None
    """Agents at home who are called in while much waits, beside those on shifts or as a team of their own."""
    people: TeamPeople | None = None
    site: str | None = None
    """Where it works, one of `sites`."""
    employer: str | None = None
    """Who employs it, one of `employers`; we ourselves without it."""

    @model_validator(mode="after")
    def _one_schedule(self) -> Self:
        alone = self.on_call is not None and self.headcount is None
        if bool(self.shifts or self.rotations) == (self.headcount is not None) and not alone:
            raise ValueError("needs either shifts (or rotations) or headcount; write e.g. headcount: {constant: 5}")
        for name in self.shifts.keys() & self.rotations.keys():
            raise ValueError(f"has a shift and a rotation of the name '{name}'; write another name for one of them")
        if self.headcount is not None and self.absence:
            raise ValueError(
                "absence needs shifts (a headcount names no persons); lower the headcount, or write shifts"
            )
        return self

    @model_validator(mode="after")
    def _names_persons(self) -> Self:
        for key in ("nights", "overtime", "time_off", "on_call"):
            if self.headcount is not None and getattr(self, key) is not None:
                raise ValueError(f"{key} needs shifts (a headcount names no persons); write shifts, or remove {key}")
        if self.nights is not None and self.nights.absence != 1 and not self.absence:
            raise ValueError("nights.absence multiplies an absence of 0 %; write e.g. absence: 5 %, or remove it")
        if self.on_call is not None and any(
            name.split("/")[0] == "on_call" for name in (*self.shifts, *self.rotations)
        ):
            raise ValueError("on_call is what those on call are named by; write another name for the shift")
        return self

    @property
    def decides_on_the_day(self) -> bool:
        """Whether anything about its agents is decided during the day."""
        return any(rule is not None for rule in (self.overtime, self.time_off, self.on_call))

    @model_validator(mode="after")
    def _persons_have_plans(self) -> Self:
        planned = ("meetings", "training_hours", "adherence")
        for name in planned:
            if self.headcount is not None and getattr(self, name):
                raise ValueError(f"{name} needs shifts (a headcount names no persons); remove it, or write shifts")
        if self.absence_spells is not None and self.absence_together:
            raise ValueError("absence comes either in spells or together; remove absence_spells or absence_together")
        if self.absence_spells is not None and self.absence_spells < DAY:
            raise ValueError("a spell of absence lasts a day or more; write e.g. absence_spells: 4 d")
        if self.absence_spells is not None and self.absence * DAY > self.absence_spells * (1 - self.absence) > 0:
            raise ValueError("so much absence takes longer spells; write a longer absence_spells, or less absence")
        other = self.absence_spells is not None or bool(self.absence_together)
        if self.absence_by_load is not None and other:
            raise ValueError(
                "absence follows the load day by day; remove absence_spells and absence_together, or absence_by_load"
            )
        if (other or self.absence_by_load is not None) and not self.absence:
            raise ValueError("says how absence comes, but nobody is absent; write e.g. absence: 5 %")
        return self
