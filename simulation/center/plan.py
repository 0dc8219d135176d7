"""The scenario on flat arrays: what the model looks up, worked out once for all replications.

A *place* is a number for tier x channel x topic: `(tier * channels + channel) * topics + topic`.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, replace
from math import inf
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from simulation.center.letters_plan import LettersPlan
from simulation.center.overdue import late_stages
from simulation.center.practices import Practices
from simulation.center.rules import difficulty_factor, handling_time, patience_time
from simulation.center.self_service import SelfService
from simulation.chance import Distribution
from simulation.demand.births import Births, DemandPlan
from simulation.demand.outages import less, outages
from simulation.routing import DISCIPLINES, Stage, candidates
from simulation.routing.disciplines import Key
from simulation.routing.routes import route_for
from simulation.scenario.schema import (
    URGENCIES,
    Announcement,
    Callback,
    Channel,
    HandOver,
    Instead,
    Latency,
    Mode,
    Redial,
    Repeat,
    Scenario,
    Skill,
    Topic,
)
from simulation.scenario.timeline import Span, Timeline

Array = npt.NDArray[Any]
Packed: TypeAlias = "array[float]"


@dataclass(frozen=True)
class Work:
    """Handling and after-contact work of a place with a team: distributions (at speed 1), and the number of the
    columns that hold them (at the team's speed) for first services."""

    handling: Distribution
    wrap_up: Distribution | None
    speed: float
    column: int

    @property
    def mean(self) -> float:
        """Mean agent-seconds of a contact."""
        return handling_time(self.handling.mean + (0.0 if self.wrap_up is None else self.wrap_up.mean), self.speed)


@dataclass(frozen=True)
class Column:
    """Work drawn at birth for first services at a tier: one column serves all places (channel, topic) of equal work.

    `helped` are the practices (bits) that help with it, where they cover the case.
    """

    tier: int
    handling: Distribution
    wrap_up: Distribution | None
    speed: float
    helped: int
    places: set[tuple[int, int]]


@dataclass(frozen=True)
class Retry:
    """Redialling or returning: probability, delay, limit; other channels with their shares."""

    probability: float
    after: Distribution
    most: int | None
    keeps_patience: bool
    channels: tuple[int, ...]
    shares: tuple[float, ...]


@dataclass(frozen=True)
class TurnsPlan:
    """Conversations by turns: mean replies, the customer's thinking after each, time-out (infinite: none), the share
    that never writes again, and attention to read up on a reopened thread."""

    mean: float
    think: Distribution | None
    timeout: float
    walks_off: float
    catch_up: float


@dataclass(frozen=True)
class EntryPlan:
    """What customers hear before they wait and may do then; `instead` are channels, `others` who goes there."""

    announces: Announcement | None
    balks: float
    tolerance: Distribution | None
    callback: Callback | None
    instead: tuple[int, ...]
    others: tuple[Instead, ...]


@dataclass(frozen=True)
class ChannelPlan:
    """A channel as the model needs it. `spans` is None where the door never closes; `outages` are holes in them, `closings` the
    ends of opening hours where there are outages too."""

    name: str
    shared: bool
    deferred: bool
    patience: Distribution | None
    trunks: int | None
    spans: list[Span] | None
    outages: list[Span]
    closings: frozenset[float]
    disconnects: bool
    redial: Retry | None
    bot: int
    deadline: tuple[float, ...]
    turns: TurnsPlan | None
    entry: EntryPlan | None


@dataclass(frozen=True)
class BotPlan:
    """A bot: sessions at once, length of a session, reach and understanding by topic, and how it fails.

    `outages` are spans in which it takes nobody; `asks_for_human_again` is the share among those whom a bot misled.
    """

    name: str
    sessions: int
    session: Distribution
    reach: tuple[float, ...]
    understanding: tuple[float, ...]
    latency: Latency | None
    asks_for_human: float
    asks_for_human_again: float
    silent_failure: float
    returns: Retry | None
    hand_over: HandOver | None
    outages: list[Span]


@dataclass(frozen=True)
class TeamPlan:
    """A team: reach by topic, speed, concurrency, and its work by place; `hours` of skills that do not always hold."""

    name: str
    tier: int
    slots: int
    switching: float
    rates: tuple[float, ...]
    slowed: bool
    speed: float
    accuracy: float
    reach: tuple[float, ...]
    work: dict[int, Work]
    skills: dict[int, Skill]
    hours: dict[int, tuple[Span, ...]]


@dataclass(frozen=True)
class ComplaintPlan:
    """Complaints: their topic and channel (-1: that of the case), after so many failed contacts (infinite: only on giving
    up) and how much later."""

    topic: int
    channel: int
    after_failures: float
    after: Distribution | None


class Plan:
    """All that a run looks up. Raises ValueError with a plain message where a data file does not fit."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.timeline = Timeline.of(scenario)
        self.demand = DemandPlan(scenario)
        self.topics = list(scenario.topics)
        self.channel_names = list(scenario.channels)
        self.tiers = scenario.escalation.path
        self.recognition = scenario.escalation.recognition
        self.practices = Practices.of(scenario)
        self.absence_by_load = any(team.absence_by_load is not None for team in scenario.teams.values())
        self.self_service = None if scenario.self_service is None else SelfService(scenario)
        self._built: dict[int, Distribution] = {}
        self.columns: list[Column] = []
        self.channels = [self._channel(name) for name in self.channel_names]
        self.bots = [self._bot(name) for name in scenario.bots]
        self.stages = self._all_stages()
        self.late = late_stages(self)
        self.teams = [self._team(name) for name in scenario.teams]
        self.team_index = {name: index for index, name in enumerate(scenario.teams)}
        self.patience = [[self._patience(tier, channel) for channel in self.channels] for tier in self.tiers]
        self.patience_factors = [segment.patience for segment in scenario.customers.values()]
        self.repeats = [self._retry(topic.repeat) for topic in scenario.topics.values()]
        self.keys = self._keys()
        self.letters = LettersPlan.of(self)
        self.complaints = self._complaints()

    def place(self, tier: int, channel: int, topic: int) -> int:
        """The number of a place."""
        return (tier * len(self.channel_names) + channel) * len(self.topics) + topic

    def channel_of(self, place: int) -> int:
        """The channel of a place."""
        return place // len(self.topics) % len(self.channel_names)

    def places(self) -> list[tuple[int, int, int, int]]:
        """Every (place, tier, channel, topic)."""
        return [
            (self.place(tier, channel, topic), tier, channel, topic)
            for tier in range(len(self.tiers))
            for channel in range(len(self.channel_names))
            for topic in range(len(self.topics))
        ]

    def handler_names(self) -> list[str]:
        """Names by handler number: teams first, then bots."""
        return [*self.scenario.teams, *self.scenario.bots]

    def _distribution(self, spec: object) -> Distribution:
        if id(spec) not in self._built:
            self._built[id(spec)] = spec.build()  # type: ignore[attr-defined]
        return self._built[id(spec)]

    def _maybe(self, spec: object | None) -> Distribution | None:
        return None if spec is None else self._distribution(spec)

    def _channel(self, name: str) -> ChannelPlan:
        channel = self.scenario.channels[name]
        deferred = channel.mode is Mode.deferred
        down = outages(self.scenario, "channels", name)
        always = [(0.0, self.timeline.duration)]
        hours = always if deferred else self.timeline.open_spans(channel.open)
        spans = less(hours, down)
        return ChannelPlan(
            name=name,
            shared=channel.mode is Mode.concurrent,
            deferred=deferred,
            patience=self._maybe(channel.patience),
            trunks=channel.trunks,
            spans=None if spans == always else spans,
            outages=down,
            closings=frozenset(shuts for _, shuts in hours if down and hours != always),
            disconnects=channel.at_close == "disconnect",
            redial=self._retry(channel.redial),
            bot=-1 if channel.bot is None else list(self.scenario.bots).index(channel.bot),
            deadline=tuple(channel.deadline.get(level, inf) for level in URGENCIES),
            turns=self._turns(channel),
            entry=self._entry(channel),
        )

    def _turns(self, channel: Channel) -> TurnsPlan | None:
        if channel.turns is None:
            return None
        timeout = inf if channel.idle_timeout is None else channel.idle_timeout
        think = self._maybe(channel.think)
        return TurnsPlan(channel.turns.mean, think, timeout, channel.walks_off, channel.catch_up)

    def _entry(self, channel: Channel) -> EntryPlan | None:
        balking, others = channel.balking, sorted(channel.instead)
        if not (channel.announces or balking or channel.callback or others):
            return None
        return EntryPlan(
            announces=channel.announces,
            balks=(balking and balking.probability) or 0.0,
            tolerance=self._maybe(balking and balking.tolerance),
            callback=channel.callback,
            instead=tuple(self.channel_names.index(name) for name in others),
            others=tuple(channel.instead[name] for name in others),
        )

    def callback(self, channel: int) -> Callback | None:
        """The offer of a callback on a channel."""
        entry = self.channels[channel].entry
        return None if entry is None else entry.callback

    def _patience(self, tier: str, channel: ChannelPlan) -> Distribution | None:
        if channel.deferred:
            return None
        return self._maybe(self.scenario.escalation.patience.get(tier)) or channel.patience

    def _retry(self, spec: Redial | Repeat | None) -> Retry | None:
        if spec is None:
            return None
        kept = getattr(spec, "patience", "anew") == "kept"
        others = sorted(spec.channels)
        return Retry(
            spec.probability,
            self._distribution(spec.after),
            spec.most,
            kept,
            tuple(self.channel_names.index(name) for name in others),
            tuple(spec.channels[name] for name in others),
        )

    def _bot(self, name: str) -> BotPlan:
        bot = self.scenario.bots[name]
        back = bot.returns
        again = None if back is None else back.asks_for_human
        return BotPlan(
            name=name,
            sessions=bot.sessions,
            session=self._distribution(bot.session),
            reach=tuple(topic.reach.get(name, 0.0) for topic in self.scenario.topics.values()),
            understanding=tuple(map(bot.understands, self.topics)),
            latency=bot.latency,
            asks_for_human=bot.asks_for_human,
            asks_for_human_again=bot.asks_for_human if again is None else again,
            silent_failure=bot.silent_failure,
            returns=self._retry(back),
            hand_over=bot.hand_over,
            outages=outages(self.scenario, "bots", name),
        )

    def _all_stages(self) -> dict[int, list[Stage]]:
        return {
            place: candidates(self.scenario, self.channel_names[channel], self.topics[topic], self.tiers[tier])
            for place, tier, channel, topic in self.places()
        }

    def _team(self, name: str) -> TeamPlan:
        team = self.scenario.teams[name]
        rates = team.concurrency.rates()
        laid = [*self.late.items(), *self.stages.items()]
        skills = {place: s.skill for place, stages in laid for s in stages if s.team == name}
        work = {
            place: made
            for place, tier, channel, topic in self.places()
            if place in skills and (made := self._work(name, skills[place], tier, channel, topic)) is not None
        }
        return TeamPlan(
            name=name,
            tier=self.tiers.index(team.tier),
            slots=team.concurrency.slots,
            switching=team.concurrency.switching,
            rates=rates,
            slowed=team.concurrency.slowed,
            speed=team.speed,
            accuracy=team.accuracy,
            reach=tuple(topic.reach.get(team.tier, 1.0) for topic in self.scenario.topics.values()),
            work=work,
            skills=skills,
            hours={place: spans for place, skill in skills.items() if (spans := self._hours(skill)) is not None},
        )

    def _hours(self, skill: Skill) -> tuple[Span, ...] | None:
        """When a skill holds; None for always."""
        spans = self.timeline.open_spans(skill.hours)
        return None if spans == [(0.0, self.timeline.duration)] else tuple(spans)

    def _work(self, team: str, skill: Skill, tier: int, channel: int, topic: int) -> Work | None:
        spec = self.scenario.topics[self.topics[topic]]
        handling = skill.handling or by_channel(spec, "handling", self.channel_names[channel])
        wrap_up = skill.wrap_up or by_channel(spec, "wrap_up", self.channel_names[channel])
        if handling is None:
            return None
        made, after, speed = self._distribution(handling), self._maybe(wrap_up), self.scenario.teams[team].speed
        helped = self._helped(team, channel, topic)
        return Work(made, after, speed, self._column(Column(tier, made, after, speed, helped, {(channel, topic)})))

    def _helped(self, team: str, channel: int, topic: int) -> int:
        if self.practices is None:
            return 0
        return self.practices.scope(team, self.channel_names[channel], self.topics[topic]).always

    def _column(self, wanted: Column) -> int:
        """The number of the column for some work; one with the same work is shared."""
        for index, column in enumerate(self.columns):
            if replace(column, places=wanted.places) == wanted:
                column.places.update(wanted.places)
                return index
        self.columns.append(wanted)
        return len(self.columns) - 1

    def _complaints(self) -> ComplaintPlan | None:
        spec = self.scenario.complaints
        if spec is None:
            return None
        channel = -1 if spec.channel == "same" else self.channel_names.index(spec.channel)
        most = inf if spec.after_failures is None else spec.after_failures
        return ComplaintPlan(self.topics.index(spec.topic), channel, most, self._maybe(spec.after))

    def _keys(self) -> list[Key]:
        routing = self.scenario.routing
        keys = []
        for _, tier, channel, topic in self.places():
            route = route_for(self.scenario, self.channel_names[channel], self.topics[topic], self.tiers[tier])
            discipline = (route and route.discipline) or routing.discipline
            keys.append(DISCIPLINES[discipline](routing.score))
        return keys


def by_channel(topic: Topic, what: str, channel: str) -> object | None:
    """A topic's distribution for a channel, or the one for `any`."""
    specs = getattr(topic, what)
    found: object | None = specs.get(channel, specs.get("any"))
    return found


@dataclass(frozen=True)
class Drawn:
    """The random numbers of first ways, as Python lists by case (fast to index); patience by tier.

    `covered` are the practices (bits) that cover each case, an array; None without practices.
    """

    patience: list[list[float] | None]
    handling: list[Packed]
    wrap_up: list[Packed | None]
    session: list[float] | None
    covered: Array | None
    difficulty_factor: list[float] | None


def draw(plan: Plan, births: Births) -> Drawn:
    """Work out patience, handling times, after-contact work and bot sessions of all cases at once."""
    covered = None if plan.practices is None else plan.practices.covered(births)
    harder = _difficulty_factor(plan, births)
    return Drawn(
        _patience(plan, births),
        *_work(plan, births, harder, covered),
        _sessions(plan, births),
        covered,
        None if harder is None else harder.tolist(),
    )


def _difficulty_factor(plan: Plan, births: Births) -> Array | None:
    """What handling is multiplied by for each case's difficulty; None where no topic says that hard cases take longer."""
    hardest = np.array([topic.hardest_takes for topic in plan.scenario.topics.values()])
    return difficulty_factor(births.difficulty, hardest[births.topic]) if (hardest != 1).any() else None


def _patience(plan: Plan, births: Births) -> list[list[float] | None]:
    return [_patience_at(plan, births, tier) for tier in range(len(plan.tiers))]


def _patience_at(plan: Plan, births: Births, tier: int) -> list[float] | None:
    """Patience of the first wait at a tier; None where nobody ever hangs up."""
    if not any(plan.patience[tier]):
        return None
    u, patience = births.draw(f"patience/{tier}"), np.full(len(births), inf)
    for channel, made in enumerate(plan.patience[tier]):
        if made is not None:
            mine = births.channel == channel
            patience[mine] = made.ppf(u[mine])
    for segment, factor in enumerate(plan.patience_factors):
        waits = (births.segment == segment) & (patience < inf)
        patience[waits] = patience_time(patience[waits], factor)
    return patience.tolist()


def _work(
    plan: Plan, births: Births, harder: Array | None, covered: Array | None
) -> tuple[list[Packed], list[Packed | None]]:
    handling: list[Packed] = []
    wrap_ups: list[Packed | None] = []
    place = births.channel * len(plan.topics) + births.topic
    for column in plan.columns:
        mine = np.isin(place, [channel * len(plan.topics) + topic for channel, topic in column.places])
        base = _filled(births, mine, column.handling, f"handling/{column.tier}")
        if harder is not None:
            base *= harder
        known = mine & ~np.isnan(births.handling)
        if column.tier == 0 and known.any():
            base[known] = births.handling[known]
        after = None if column.wrap_up is None else _filled(births, mine, column.wrap_up, f"wrap_up/{column.tier}")
        if covered is not None and column.helped:
            _shorten(plan, births, mine, covered & column.helped, base, after)
        handling.append(_packed(handling_time(base, column.speed)))
        wrap_ups.append(None if after is None else _packed(handling_time(after, column.speed)))
    return handling, wrap_ups


def _packed(values: Array) -> Packed:
    """Numbers by case in a quarter of the room that a list takes: most columns hold for few cases."""
    return array("d", values.tobytes())


def _shorten(plan: Plan, births: Births, mine: Array, helped: Array, base: Array, after: Array | None) -> None:
    """Take off what practices save of some first services (and of their after-contact work)."""
    assert plan.practices is not None
    left, left_after = plan.practices.lefts(births.topic[mine], helped[mine])
    base[mine] *= left
    if after is not None:
        after[mine] *= left_after


def _filled(births: Births, mine: Array, made: Distribution, purpose: str) -> Array:
    values = np.zeros(len(births))
    values[mine] = made.ppf(births.draw(purpose)[mine])
    return values


def _sessions(plan: Plan, births: Births) -> list[float] | None:
    if not plan.bots:
        return None
    u, sessions = births.draw("bot session"), np.zeros(len(births))
    for index, channel in enumerate(plan.channels):
        if channel.bot >= 0:
            mine = births.channel == index
            sessions[mine] = plan.bots[channel.bot].session.ppf(u[mine])
    return sessions.tolist()
