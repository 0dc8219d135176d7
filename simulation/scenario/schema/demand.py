"""When the simulated days lie, and which cases arise."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal, Self, get_args

from pydantic import Field, model_validator

from simulation.scenario.model import Model
from simulation.scenario.schema.base import DAY, LocalTime, Name, Names, Shares, TimeZone
from simulation.units import Days, Duration, Factor, Rate, Share


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


Month = Literal["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
MONTHS: tuple[str, ...] = get_args(Month)


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
    segments: Shares = {}
    """The share of each segment of customers, instead of the segments' own."""
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
    trend: Annotated[Factor, Field(gt=0, le=1000)] = 1.0
    """What the volume is multiplied by a year after the start, growing (or falling) day by day on the way, e.g. 106 %."""
    months: dict[Month, Factor] = {}
    """Multiplies the volume in some months, e.g. {nov: x 1.2, dec: x 1.4}."""
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
        if self.segments and abs(sum(self.segments.values()) - 1) > 1e-6:
            raise ValueError(
                f"the shares of segments sum to {100 * sum(self.segments.values()):g} %; make them sum to 100 %"
            )
        return self

    def topic_shares(self) -> Shares:
        """Share of each topic; empty where a replayed log names it."""
        return self.topics or ({} if self.topic is None else {self.topic: 1.0})

    def channel_shares(self) -> Shares:
        """Share of each channel of first contact; empty where a replayed log names it."""
        return self.channels or ({} if self.channel is None else {self.channel: 1.0})


class Notice(Model):
    """News of an incident, on a status page or by message: some who would have asked about it need not any more."""

    after: Duration = 0.0
    """How long after the start of the incident the news are out."""
    prevents: Share
    """The share of the incident's extra cases that do not arise from then on."""


class DemandEvent(Model):
    """An incident or a campaign: multiplies the demand of topics for a time, or puts channels or bots out of order."""

    starts: LocalTime
    """Local time in the center's time zone, e.g. 2026-03-04 10:00."""
    lasts: Duration
    """How long it lasts."""
    topics: dict[str, Annotated[Factor, Field(le=1e12)]] = {}
    """What the demand of each topic is multiplied by, e.g. {payments: x 3}."""
    notice: Notice | None = None
    """News of it that prevent a share of its extra cases, e.g. {after: 10 min, prevents: 40 %}."""
    channels: Names = []
    """Channels that are out of order for the time: callers meet a closed door and whoever waits is cut off; letters arrive when it is over."""
    bots: Names = []
    """Bots that are out of order for the time: contacts go straight to the agents, running sessions are handed over."""

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if not (self.topics or self.channels or self.bots):
            raise ValueError("changes nothing; write e.g. topics: {payments: x 3}, or channels: [phone]")
        if self.notice is not None and not any(factor > 1 for factor in self.topics.values()):
            raise ValueError(
                "has a notice, but no extra cases that it could prevent; write e.g. topics: {payments: x 3}, or remove the notice"
            )
        return self


class Demand(Model):
    """Cases by source through the week."""

    sources: dict[Name, Source]
    """The streams of cases."""
    volume: Annotated[Factor, Field(le=1e12)] = 1.0
    """Multiplies the volume (or the counts) of every source, e.g. 120 % for a fifth more of everything."""
    profiles: dict[str, Profile] = {}
    """Shapes of the week, by name."""
    busyness: Dispersion | None = None
    """Day-level factor that all sources share (days correlate across topics and intervals)."""
    events: dict[str, DemandEvent] = {}
    """Incidents, outages and campaigns."""
