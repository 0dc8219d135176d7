"""What a scenario file may say: frozen data without behaviour.

Every duration is in seconds, every rate per second and every share between 0 and 1 once loaded; files write
them with units. Collections are keyed by name, so that an extending file or ``--set`` can change one entry.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Annotated, Any, Literal, Self
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from simulation.scenario.duration_spec import RandomDuration
from simulation.scenario.hours import OpeningHours
from simulation.scenario.model import Model
from simulation.units import ClockTime, Days, Duration, Factor, Money, Rate, Share, Wage, nearest

DAY = 86_400.0


class Mode(StrEnum):
    """How a channel serves: see the four modes of contact in the documentation."""

    live = "live"
    concurrent = "concurrent"
    deferred = "deferred"


class Urgency(StrEnum):
    """How pressing a case is, from the least to the most."""

    low = "low"
    normal = "normal"
    high = "high"
    critical = "critical"


URGENCIES = tuple(Urgency)


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(
            f"'{name}' is no time zone; write e.g. {nearest(name, available_timezones()) or 'Europe/Riga'}"
        )
    return name


def _list_of_names(value: Any) -> Any:
    return [value] if isinstance(value, str) and value != "all" else value


TimeZone = Annotated[str, AfterValidator(_known_zone)]
LocalTime = Annotated[dt.datetime, Field(examples=["2026-03-04 10:00"])]
Count = Annotated[int, Field(ge=0, le=100_000, strict=True)]
FromOne = Annotated[int, Field(ge=1, le=1_000_000, strict=True)]
Selection = Annotated[
    Literal["all"] | list[str],
    BeforeValidator(_list_of_names),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]
Name = Annotated[str, Field(pattern=r"^[^\s][^\x00-\x1f]*$", max_length=200, examples=["phone"])]
"""A name in a collection: any text on one line."""
Shares = dict[str, Share]


class Calendar(Model):
    """When and where the simulated days lie."""

    start: Annotated[dt.date, Field(ge=dt.date(1900, 1, 1), le=dt.date(2200, 1, 1))]
    """The first simulated day (midnight in the center's time zone)."""
    time_zone: TimeZone = "UTC"
    """The center's time zone: shifts and opening hours are on its clock."""
    holidays: dict[dt.date, str] = {}
    """Public holidays by date, each with its name."""


class Dispersion(Model):
    """A random factor with mean 1 that makes volume vary more than Poisson (gamma distributed)."""

    cv: Share
    """Coefficient of variation of the factor; 0 for none."""
    lag1: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """Correlation of the factor of one period with that of the next."""

    @model_validator(mode="after")
    def _noticeable(self) -> Self:
        if 0 < self.cv < 1e-4:
            raise ValueError("the cv is too small to matter; write 0, or 0.01 % or more")
        return self


class IntradayDispersion(Dispersion):
    """A random factor per interval of the day."""

    interval: Duration = 1800.0
    """The period that one factor covers, e.g. 30 min; it divides a day."""

    @model_validator(mode="after")
    def _divides_a_day(self) -> Self:
        if self.interval < 60 or self.interval > DAY or DAY % self.interval:
            raise ValueError("the interval must be 1 min or more and divide a day; write e.g. 30 min")
        return self


class Profile(Model):
    """The shape of demand through the week: relative weights per interval of the day."""

    interval: Duration
    """The length of an interval, 5 to 60 minutes."""
    weights: dict[Days, list[Annotated[float, Field(ge=0, le=1e12)]]]
    """Weights of a day's intervals from midnight, by days, e.g. {mon-fri: [...], sat-sun: [...]}; other days have none."""

    @model_validator(mode="after")
    def _covers_a_day(self) -> Self:
        if not 300 <= self.interval <= 3600 or DAY % self.interval:
            raise ValueError("the interval must be 5 to 60 min and divide a day; write e.g. 30 min")
        seen: set[int] = set()
        for days, weights in self.weights.items():
            if len(weights) != round(DAY / self.interval):
                raise ValueError(
                    f"has {len(weights)} weights for a day of {round(DAY / self.interval)} intervals; "
                    f"write {round(DAY / self.interval)} weights, or another interval"
                )
            if seen & set(days):
                raise ValueError("names a weekday twice; write each weekday once, e.g. mon-fri and sat-sun")
            seen |= set(days)
        if not any(sum(weights) for weights in self.weights.values()):
            raise ValueError("has no weight above zero; write e.g. 1 for a busy interval")
        return self


class Counts(Model):
    """Expected volumes per interval, read from a CSV file beside the scenario."""

    file: str
    """The CSV file (may be .gz)."""
    time: str
    """The column of interval starts, ISO local times such as 2026-03-04 10:00."""
    count: str
    """The column of expected contacts in the interval."""
    interval: Annotated[Duration, Field(ge=60)]
    """The length of an interval, 1 min or more."""


class Replay(Model):
    """Arrivals of a real log, used as they are (and their handling times where the log has them)."""

    file: str
    """The CSV file (may be .gz), one row per case."""
    time: str
    """The column of arrival times: ISO local times such as 1999-08-01 10:00:12."""
    topic: str | None = None
    """The column that names the topic; without it the source's topics are drawn."""
    channel: str | None = None
    """The column that names the channel; without it the source's channels are drawn."""
    handling: str | None = None
    """The column of handling times; blank cells are drawn from the topic's distribution."""
    unit: Duration = 1.0
    """What 1 in the handling column means, e.g. 1 s."""


class Source(Model):
    """Where cases come from: topics and channels, a volume and its shape."""

    topic: str | None = None
    """The topic of all cases, or `topics` with shares."""
    topics: Shares = {}
    """The share of each topic."""
    channel: str | None = None
    """The channel of first contact of all cases, or `channels` with shares."""
    channels: Shares = {}
    """The share of each channel of first contact."""
    volume: Rate | None = None
    """Mean cases, averaged over a week, e.g. 900/day."""
    counts: Counts | None = None
    """Expected cases per interval from a file, instead of volume and profile."""
    replay: Replay | None = None
    """Arrivals of a real log, instead of volume and profile."""
    profile: str | None = None
    """The name of a profile; without one, demand is the same round the clock."""
    weekdays: dict[Days, Annotated[Factor, Field(le=1e12)]] = {}
    """Multiplies the profile on some weekdays; the weekly volume stays."""
    holidays: Factor = 1.0
    """Multiplies demand on public holidays."""
    time_zone: TimeZone | None = None
    """The customers' time zone (the profile is on their clock); the center's by default."""
    busyness: Dispersion | None = None
    """Day-level factor of this source alone, besides the common one."""
    intraday: IntradayDispersion | None = None
    """Factor per interval within the day."""

    @model_validator(mode="after")
    def _one_of_each(self) -> Self:
        given = [name for name in ("volume", "counts", "replay") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(
                f"needs one of volume, counts or replay, has {' and '.join(given) or 'none'}; write e.g. volume: 900/day"
            )
        for one, many in (("topic", self.topics), ("channel", self.channels)):
            said = (getattr(self, one) is not None) + bool(many)
            logged = self.replay is not None and getattr(self.replay, one) is not None
            if said > 1 or (said == 0 and not logged):
                raise ValueError(
                    f"needs either {one} or {one}s; write e.g. {one}: {'billing' if one == 'topic' else 'phone'}"
                )
            if many and abs(sum(many.values()) - 1) > 1e-6:
                raise ValueError(f"the shares of {one}s sum to {100 * sum(many.values()):g} %; make them sum to 100 %")
        return self

    def topic_shares(self) -> Shares:
        """Share of each topic; empty where a replayed log names it."""
        return self.topics or ({} if self.topic is None else {self.topic: 1.0})

    def channel_shares(self) -> Shares:
        """Share of each channel of first contact; empty where a replayed log names it."""
        return self.channels or ({} if self.channel is None else {self.channel: 1.0})


class DemandEvent(Model):
    """An incident or a campaign: multiplies the demand of topics for a time."""

    starts: LocalTime
    """Local time in the center's time zone, e.g. 2026-03-04 10:00."""
    lasts: Duration
    """How long it lasts."""
    topics: dict[str, Annotated[Factor, Field(le=1e12)]]
    """What the demand of each topic is multiplied by, e.g. {payments: x 3}."""


class Demand(Model):
    """Cases by source through the week."""

    sources: dict[Name, Source]
    """The streams of cases."""
    profiles: dict[str, Profile] = {}
    """Shapes of the week, by name."""
    busyness: Dispersion | None = None
    """Day-level factor that all sources share (days correlate across topics and intervals)."""
    events: dict[str, DemandEvent] = {}
    """Incidents and campaigns."""


class Redial(Model):
    """What a customer does who abandoned, met a busy signal or a closed door."""

    probability: Share
    """The share that tries again."""
    after: RandomDuration
    """How much later."""
    most: FromOne | None = None
    """At most so many further tries in a row; unlimited by default."""
    patience: Literal["anew", "kept"] = "anew"
    """Whether patience is drawn anew for the next try, or the same number is kept."""


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

    @model_validator(mode="after")
    def _nobody_hangs_up_a_letter(self) -> Self:
        if self.mode is Mode.deferred:
            for name in ("patience", "trunks", "redial"):
                if getattr(self, name) is not None:
                    raise ValueError(
                        f"a deferred channel has no {name}: its contacts wait in a backlog; remove it, or write mode: live"
                    )
        return self


class Repeat(Model):
    """The customer's return with a case that was believed solved but was not."""

    probability: Share
    """The share that comes back; the others give up."""
    after: RandomDuration
    """How much later."""
    most: FromOne | None = None
    """At most so many returns per case; unlimited by default."""


class Topic(Model):
    """A kind of problem: what it takes and who can solve it."""

    handling: dict[str, RandomDuration] = {}
    """Handling time by channel, or `any` for all others; a team's skill may state its own."""
    wrap_up: dict[str, RandomDuration] = {}
    """After-contact work by channel, or `any`."""
    urgency: dict[Urgency, Share] = {Urgency.normal: 1.0}
    """Shares of urgency."""
    reach: dict[str, Share] = {}
    """The share of cases, from the easiest, that each tier or bot can solve (tiers: 100 % by default, bots: 0 %)."""
    repeat: Repeat | None = None
    """Return when not solved; without it the customer gives up."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if abs(sum(self.urgency.values()) - 1) > 1e-6:
            raise ValueError(
                f"the shares of urgency sum to {100 * sum(self.urgency.values()):g} %; make them sum to 100 %"
            )
        return self


class Bot(Model):
    """An automated first line: takes many sessions at once, hands over what is beyond its reach."""

    sessions: Count
    """Sessions at once; further contacts go straight to the agents."""
    session: RandomDuration
    """How long a session lasts, solved or handed over."""
    cost: Money | None = None
    """Price of a session."""


class Break(Model):
    """A break within a shift."""

    after: Duration
    """Time from the start of the shift."""
    lasts: Duration
    """Its length; it starts late when the agent must finish a contact, and keeps its length."""
    paid: bool = True
    """Whether the break is paid time."""


class Shift(Model):
    """A weekly shift of a team."""

    days: Days
    """The weekdays on which it starts, e.g. mon-fri."""
    start: ClockTime
    """Start on the center's clock, e.g. 08:00."""
    end: ClockTime
    """End; at or before the start means the next day."""
    headcount: Count
    """Agents on the shift."""
    breaks: dict[str, Break] = {}
    """Breaks by name."""
    waves: FromOne = 1
    """Agents take turns in so many waves: each wave's breaks start one length later than the one before."""
    on_holidays: bool = True
    """Whether the shift is worked on public holidays."""

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
    """Chats' worth of work done per unit of time with 1, 2, … chats open, e.g. [1, 1.6, 2.0]; without it chats do not slow each other."""

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


class Team(Model):
    """Agents who share skills, schedule, tier and wage."""

    skills: dict[str, Skill]
    """What its agents can take."""
    tier: str = "tier1"
    """The tier of the escalation path that it belongs to."""
    shifts: dict[str, Shift] = {}
    """Weekly shifts by name."""
    headcount: Headcount | None = None
    """Agents on the floor per interval, instead of shifts."""
    shrinkage: Annotated[Share, Field(lt=1)] = 0.0
    """Share of signed-in time lost to meetings, training and the like."""
    absence: Share = 0.0
    """Probability that an agent does not come on a day."""
    speed: Annotated[float, Field(gt=0)] = 1.0
    """1.25 works a quarter faster than the handling times say."""
    accuracy: Share = 1.0
    """Share of answers that are right, for cases within reach."""
    concurrency: Concurrency = Concurrency(slots=1)
    """Chats side by side."""
    wage: Wage | None = None
    """Pay per hour, e.g. 18 EUR/h."""

    @model_validator(mode="after")
    def _one_schedule(self) -> Self:
        if bool(self.shifts) == (self.headcount is not None):
            raise ValueError("needs either shifts or headcount; write e.g. headcount: {constant: 5}")
        if self.headcount is not None and self.absence:
            raise ValueError(
                "absence needs shifts (a headcount names no persons); lower the headcount, or write shifts"
            )
        return self


class Discipline(StrEnum):
    """Which waiting contact comes first, within the same skill priority."""

    fifo = "fifo"
    lifo = "lifo"
    urgency = "urgency"
    deadline = "deadline"
    score = "score"


class AgentChoice(StrEnum):
    """Which of several equally loaded free agents of a team takes a contact."""

    longest_idle = "longest_idle"
    least_busy = "least_busy"
    lowest_number = "lowest_number"


class Score(Model):
    """Weights of the score discipline: the waiting contact with the highest score comes first."""

    age: Annotated[float, Field(ge=0)] = 1.0
    """Points per hour waited."""
    deadline: Annotated[float, Field(ge=0)] = 0.0
    """Points per hour by which the deadline is nearer."""
    urgency: dict[Urgency, float] = {}
    """Points by urgency."""


class Route(Model):
    """Where contacts of some channels and topics may go, and after which wait."""

    channels: Selection = "all"
    """Channels, or all."""
    topics: Selection = "all"
    """Topics, or all."""
    tier: str | None = None
    """The tier at which the route holds; the first by default."""
    teams: dict[str, Duration]
    """Teams in order, each with the wait after which it may help: {north: 0 s, overflow: 2 min}."""
    discipline: Discipline | None = None
    """The order of these waiting contacts; that of routing by default."""


class Routing(Model):
    """Which free agent for this contact, which waiting contact for this agent."""

    discipline: Discipline = Discipline.fifo
    """The order of waiting contacts."""
    agent: AgentChoice = AgentChoice.longest_idle
    """Which of several equally loaded free agents of a team (the least loaded always come first)."""
    score: Score = Score()
    """Weights of the score discipline."""
    routes: dict[str, Route] = {}
    """Routes by name; the first that fits holds. Contacts without a route go to every skilled team of their tier at once."""


class Escalation(Model):
    """The way up for want of competence."""

    path: Annotated[list[str], Field(min_length=1)] = ["tier1"]
    """Tiers from the first to the last."""
    recognition: Share = 1.0
    """How often an agent sees that a case is beyond the tier's reach, and escalates; otherwise the answer is wrong."""
    patience: dict[str, RandomDuration] = {}
    """Patience while waiting for a tier, drawn anew; without one, that of the channel. Nobody hangs up a letter."""


class Opinion(Model):
    """The customer's satisfaction, first form: a logistic score (see docs/reference/rules.md)."""

    satisfied: Share = 0.95
    """Share of positive answers when everything goes well."""
    expected: dict[str, Duration] = {}
    """First response that customers expect, by channel."""
    late: Annotated[float, Field(ge=0)] = 0.5
    """Weight of each doubling of the first response beyond the expectation."""
    contact: Annotated[float, Field(ge=0)] = 1.0
    """Weight of each further contact."""
    transfer: Annotated[float, Field(ge=0)] = 0.2
    """Weight of each further leg."""
    unsolved: Annotated[float, Field(ge=0)] = 4.0
    """Weight of a case that was not solved."""


class Premium(Model):
    """Extra pay on the wage at some hours."""

    share: Share
    """The extra share of the wage."""
    days: Days = (0, 1, 2, 3, 4, 5, 6)
    """On these weekdays."""
    start: ClockTime = 0.0
    """From this time of day."""
    end: ClockTime = DAY
    """To this time; at or before the start means the next day."""


class ChannelCost(Model):
    """What a channel costs besides wages."""

    per_contact: Money | None = None
    """Price of a contact."""
    per_minute: Money | None = None
    """Price of a minute of conversation, waiting included (telephony)."""


class Cost(Model):
    """Prices besides wages and bot sessions."""

    premiums: dict[str, Premium] = {}
    """Night, weekend … premiums; where several hold, they add up."""
    channels: dict[str, ChannelCost] = {}
    """Prices by channel."""


class Scenario(Model):
    """A support center, its demand and what is asked of it."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=80)]
    """Short name: letters, digits, dot, dash, underscore; names the results folder."""
    description: str = ""
    """One or more sentences."""
    calendar: Calendar
    horizon: Duration
    """Where measuring ends, counted from the start; less warm_up, this is the measured time, e.g. 7 d."""
    warm_up: Duration = 0.0
    """Simulated but not measured at the start."""
    run_out: Duration = 0.0
    """Simulated but not measured after the horizon, so that late cases can come to their end."""
    replications: FromOne = 10
    """Independent repetitions; more make the intervals narrower."""
    seed: Annotated[int, Field(ge=0, strict=True)] = 1
    """Where the random numbers start: the same seed gives the same numbers."""
    demand: Demand
    channels: dict[Name, Channel]
    topics: dict[Name, Topic]
    bots: dict[Name, Bot] = {}
    teams: dict[Name, Team]
    routing: Routing = Routing()
    escalation: Escalation = Escalation()
    opinion: Opinion | None = None
    cost: Cost = Cost()
    targets: dict[str, str] = {}
    """Metric expressions by name, e.g. {phone-80-20: 'service_level(20s){channel=phone} >= 80 %'}."""

    @property
    def duration(self) -> float:
        """Simulated seconds in all."""
        return self.horizon + self.run_out
