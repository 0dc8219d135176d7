"""Why contacts waited: each stay's seconds in a queue, split over causes (see `causes` for the rule)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from simulation.demand.outages import outages
from simulation.metrics.causes import CAUSES, STEP, Why, beyond_usual, needed, planned, shares_along, split
from simulation.metrics.expected import Expected
from simulation.record.recorder import ContactKind, Duty, Outcome
from simulation.record.spans import union
from simulation.record.tables import DUTIES, Table
from simulation.routing import candidates
from simulation.scenario.schema import Mode, Scenario
from simulation.scenario.timeline import Span, Timeline

Array = npt.NDArray[Any]
AWAY: dict[Why, tuple[Duty, ...]] = {
    Why.BREAKS: (Duty.BREAK, Duty.UNPAID_BREAK),
    Why.MEETINGS: (
        Duty.MEETING,
        Duty.TRAINING,
        Duty.INDUCTION,
        Duty.SHRINKAGE,
        Duty.REVIEW,
        Duty.COACHING,
        Duty.WRITING,
    ),
    Why.ABSENCE: (Duty.ABSENT, Duty.LATE, Duty.VACANT),
    Why.TIME_OFF: (Duty.TIME_OFF,),
}
"""What keeps scheduled agents from contacts, by cause."""
TASKS = (Duty.REVIEW, Duty.COACHING, Duty.WRITING)
SOME_WORK = 300.0
"""Mean work of a contact (s) where none was answered."""
CHUNK = 100_000
"""Moments that are worked out at once."""


class Crowd:
    """Spans that overlap: how many of them, by weight, hold at a moment."""

    def __init__(self, start: Array, end: Array, weight: Array | float = 1.0) -> None:
        weights = np.broadcast_to(np.asarray(weight, dtype=float), start.shape)
        by_start, by_end = np.argsort(start, kind="stable"), np.argsort(end, kind="stable")
        self.start, self.end = start[by_start], end[by_end]
        self._came = np.concatenate([[0.0], np.cumsum(weights[by_start])])
        self._gone = np.concatenate([[0.0], np.cumsum(weights[by_end])])

    def at(self, times: Array) -> Array:
        """The weight of the spans that hold at each time (from the start on, not at the end)."""
        came = self._came[np.searchsorted(self.start, times, side="right")]
        made: Array = came - self._gone[np.searchsorted(self.end, times, side="right")]
        return np.maximum(np.round(made, 9), 0.0)

    @property
    def moments(self) -> Array:
        """When the number changes."""
        return np.concatenate([self.start, self.end])


class Member(NamedTuple):
    """A team that may take a queue's contacts, and the hours of its skill (None: always)."""

    team: int
    hours: tuple[Span, ...] | None


@dataclass(frozen=True)
class Queue:
    """Contacts of a tier and channel, in topics that the same teams take: the first ones, and those who help after a wait."""

    tier: int
    channel: int
    topics: tuple[int, ...]
    pool: tuple[Member, ...]
    helpers: tuple[Member, ...]


def queues_of(scenario: Scenario, timeline: Timeline) -> list[Queue]:
    """The queues of a scenario."""
    found: dict[tuple[Any, ...], list[int]] = {}
    teams = list(scenario.teams)
    for tier, tier_name in enumerate(scenario.escalation.path):
        for channel, channel_name in enumerate(scenario.channels):
            for topic, topic_name in enumerate(scenario.topics):
                stages = candidates(scenario, channel_name, topic_name, tier_name)
                if stages:
                    least = stages[0].after
                    members = [
                        (one.after == least, Member(teams.index(one.team), _hours(one.skill.hours, timeline)))
                        for one in stages
                    ]
                    pool = tuple(member for first, member in members if first)
                    helpers = tuple(member for first, member in members if not first)
                    found.setdefault((tier, channel, pool, helpers), []).append(topic)
    return [Queue(key[0], key[1], tuple(topics), key[2], key[3]) for key, topics in found.items()]


def _hours(hours: Any, timeline: Timeline) -> tuple[Span, ...] | None:
    spans = timeline.open_spans(hours)
    return None if spans == [(0.0, timeline.duration)] else tuple(spans)


class Blame:
    """The account of one replication: `legs`, `cases` and `duties` with the scenario's codes in the columns of names."""

    def __init__(self, scenario: Scenario, legs: Table, cases: Table, duties: Table) -> None:
        self.scenario = scenario
        self.timeline = Timeline.of(scenario)
        self.legs = legs
        self.duties = duties
        self.queues = queues_of(scenario, self.timeline)
        self.expected = Expected(scenario, self.timeline, cases)
        self.deferred = np.array([one.mode is Mode.deferred for one in scenario.channels.values()])
        self.team = np.where(legs["tier"] >= 0, legs["handler"], -1)
        shared = np.array([one.mode is Mode.concurrent for one in scenario.channels.values()])
        slots = np.array([team.concurrency.slots for team in scenario.teams.values()], dtype=float)
        self.weight = np.where(shared[legs["channel"]] & (self.team >= 0), 1 / slots[self.team], 1.0)
        self.left = legs["queued"] + waits(legs, self.timeline.duration)
        self.ended = np.where(np.isnan(legs["ended"]), self.timeline.duration, legs["ended"])
        self.queue = self._queue_of_legs()
        self._crowds: dict[Any, Crowd] = {}

    def _queue_of_legs(self) -> Array:
        """The number of the queue in which each leg stood; -1 for bots."""
        shape = (len(self.scenario.escalation.path), len(self.scenario.channels), len(self.scenario.topics))
        at = np.full(shape, -1)
        for number, one in enumerate(self.queues):
            at[one.tier, one.channel, list(one.topics)] = number
        tier = self.legs["tier"]
        found: Array = np.where(tier >= 0, at[tier, self.legs["channel"], self.legs["filed_topic"]], -1)
        return found

    def seconds(self, rows: Array) -> Array:
        """The seconds that some legs (by row) waited, by cause, shape (rows, causes): they add up to the waits."""
        found = np.zeros((len(rows), CAUSES))
        for number in np.unique(self.queue[rows]):
            mine = np.flatnonzero(self.queue[rows] == number)
            found[mine] = self._of_queue(int(number), rows[mine])
        back = self.legs["kind"][rows] == ContactKind.CALLBACK
        wait = self.left[rows] - self.legs["queued"][rows]
        found[back] = np.where(np.arange(CAUSES) == Why.CALLBACK, wait[back, None], 0.0)
        return found

    def _of_queue(self, number: int, rows: Array) -> Array:
        if number < 0:
            return np.zeros((len(rows), CAUSES))
        start, end = self.legs["queued"][rows], self.left[rows]
        before, after = np.zeros((len(rows), CAUSES)), np.zeros((len(rows), CAUSES))
        told = np.zeros(CAUSES)
        for moments, lasts, shares in self.account(number, float(end.max(initial=0.0))):
            until = moments[-1] + lasts[-1]
            sums = np.concatenate([told[None], told + np.cumsum(shares * lasts[:, None], axis=0)])
            for at, into in ((start, before), (end, after)):
                mine = (at >= moments[0]) & (at <= until)
                into[mine] = _read(at[mine], moments, lasts, sums, shares)
            told = sums[-1]
        return _exactly(np.maximum(after - before, 0.0), end - start)

    def account(self, number: int, last: float) -> Iterator[tuple[Array, Array, Array]]:
        """Of a queue, the moments when somebody waits (s), how long each lasts, and the shares of causes then: chunk by
        chunk, until `last`."""
        one = Floor(self, number)
        shares, before, reached = np.zeros(CAUSES), 0.0, -1.0
        for moments, lasts in one.moments(last):
            queue = one.waiting.at(moments)
            follows = np.concatenate([[reached], (moments + lasts)[:-1]]) >= moments
            earlier = np.where(follows, np.concatenate([[before], queue[:-1]]), 0.0)
            found = shares_along(one.lack(moments, queue), earlier, queue, lasts, one.work, shares)
            shares, before, reached = found[-1], float(queue[-1]), float(moments[-1] + lasts[-1])
            yield moments, lasts, found

    # -- crowds that several queues share -----------------------------------------------------------

    def duty(self, team: int, *duties: Duty) -> Crowd:
        """Agents of a team on some duties."""
        return self._crowd(("duty", team, duties), lambda: self._duty_spans(team, duties)[1:])

    def _duty_spans(self, team: int, duties: Sequence[Duty]) -> tuple[Array, Array, Array]:
        codes = [DUTIES.index(duty) for duty in duties]
        mine = (self.duties["team"] == team) & np.isin(self.duties["duty"], codes)
        mine &= self.duties["end"] > self.duties["start"]
        return self.duties["agent"][mine], self.duties["start"][mine], self.duties["end"][mine]

    def busy(self, team: int) -> Crowd:
        """Agents of a team with at least one contact, or at another task."""

        def spans() -> tuple[Array, Array]:
            tasks, mine = self._duty_spans(team, TASKS), self.handled & (self.team == team)
            held = (self.legs["agent"][mine], self.legs["answered"][mine], self.ended[mine])
            both = tuple(np.concatenate(pair) for pair in zip(held, tasks, strict=True))
            return union(*both)[1:]

        return self._crowd(("busy", team), spans)

    @cached_property
    def handled(self) -> Array:
        """Legs that an agent handled."""
        return (self.team >= 0) & ~np.isnan(self.legs["answered"])

    def _crowd(self, key: Any, spans: Any) -> Crowd:
        if key not in self._crowds:
            self._crowds[key] = Crowd(*spans())
        return self._crowds[key]

    def usual(self, teams: Sequence[int]) -> dict[Why, float]:
        """The share of the scheduled time of some teams that a plan allows agents to be away, by cause: breaks and meetings
        as they are on average over the run, absence as the scenario expects it; time off is a decision of the day."""
        scheduled = {team: self._time(team, (Duty.SHIFT, Duty.VACANT)) for team in teams}
        total = sum(scheduled.values())
        if not total:
            return dict.fromkeys(AWAY, 0.0)
        share = {why: sum(self._time(team, AWAY[why]) for team in teams) / total for why in AWAY}
        specs = list(self.scenario.teams.values())
        absence = sum(specs[team].absence * scheduled[team] for team in teams) / total
        return share | {Why.ABSENCE: min(share[Why.ABSENCE], absence), Why.TIME_OFF: 0.0}

    def _time(self, team: int, duties: Sequence[Duty]) -> float:
        _, start, end = self._duty_spans(team, duties)
        return float((end - start).sum())


def waits(legs: Table, duration: float) -> Array:
    """How long each leg stood in its queue (s): to the end of the simulation, if it still did."""
    made: Array = np.where(np.isnan(legs["wait"]), duration - legs["queued"], legs["wait"])
    return np.maximum(made, 0.0)


def _read(at: Array, moments: Array, lasts: Array, sums: Array, shares: Array) -> Array:
    """Seconds by cause that have been told of by some times."""
    index = np.clip(np.searchsorted(moments, at, side="right") - 1, 0, len(moments) - 1)
    made: Array = sums[index] + shares[index] * np.minimum(at - moments[index], lasts[index])[:, None]
    return made


def _exactly(parts: Array, wait: Array) -> Array:
    """Parts that add up to the wait: what rounding leaves goes to the largest."""
    total = parts.sum(axis=1)
    parts = parts * np.where(total > 0, wait / np.where(total > 0, total, 1.0), 0.0)[:, None]
    largest = parts.argmax(axis=1)
    none = total <= 0
    largest[none] = Why.CHANCE
    rows = np.arange(len(parts))
    parts[rows, largest] += wait - parts.sum(axis=1)
    return parts


class Floor:
    """What goes on around one queue."""

    def __init__(self, blame: Blame, number: int) -> None:
        self.blame, self.number = blame, number
        self.queue = blame.queues[number]
        legs = blame.legs
        self.mine = blame.queue == number
        self.can_wait = bool(blame.deferred[self.queue.channel])
        self.teams = [member.team for member in self.queue.pool]
        waited = self.mine & (blame.left > legs["queued"])
        self.waiting = Crowd(legs["queued"][waited], blame.left[waited])
        self.offered_work()
        self.others_of_tier = self._others_of_tier()
        self.usual = blame.usual(self.teams)

    def offered_work(self) -> None:
        """What there would be to do if nobody waited: contacts in service, in agents."""
        blame, legs = self.blame, self.blame.legs
        mine = self.mine & (legs["outcome"] != Outcome.UNREACHED)
        served = blame.handled[mine]
        length = (blame.ended - legs["answered"])[mine]
        weight = np.where(served, blame.weight[mine], blame.weight[mine][served].mean() if served.any() else 1.0)
        self.mean = float(length[served].mean()) if served.any() else SOME_WORK
        self.mean = self.mean or SOME_WORK
        length = np.where(served, length, self.mean)
        self.work = float((length * weight).mean()) if len(length) else self.mean
        self.work = self.work or self.mean
        start = legs["queued"][mine]
        self.offered = Crowd(start, start + length, weight)
        self.steady = Crowd(start, start + self.mean, weight)
        again = ((legs["kind"][mine] != ContactKind.FIRST) | (legs["leg"][mine] > 0)) & (self.queue.tier == 0)
        again &= ~self._from_bot(mine)
        self.again = Crowd(start[again], (start + length)[again], weight[again])
        seconds, its = length * weight, (self.queue.channel, self.queue.topics)
        self.load = blame.expected.load(*its, float(seconds.sum()), self.mean)
        self.load_again = blame.expected.load(*its, float(seconds[again].sum()), self.mean)

    def _from_bot(self, mine: Array) -> Array:
        """Whether a leg comes from the bot, as its contact's first with an agent."""
        legs = self.blame.legs
        return (legs["kind"][mine] == ContactKind.FIRST) & legs["first"][mine]

    def _others_of_tier(self) -> list[int]:
        """Teams of the tier that may not take the queue's contacts."""
        scenario = self.blame.scenario
        may = {member.team for member in (*self.queue.pool, *self.queue.helpers)}
        tier = scenario.escalation.path[self.queue.tier]
        return [n for n, team in enumerate(scenario.teams.values()) if team.tier == tier and n not in may]

    # -- moments ------------------------------------------------------------------------------------

    def moments(self, last: float) -> Iterator[tuple[Array, Array]]:
        """When something changes while somebody waits (s), and how long nothing does then, in chunks."""
        points = [self.waiting.moments, self.blame.expected.edges, np.arange(0.0, last, STEP)]
        for team in {*self.teams, *(one.team for one in self.queue.helpers), *self.others_of_tier}:
            points += [self.blame.busy(team).moments, self.blame.duty(team, Duty.ON).moments]
        for team in self.teams:
            points += [self.blame.duty(team, *duties).moments for duties in AWAY.values()]
        points += [self.offered.moments, self.steady.moments]
        every = np.unique(np.concatenate(points))
        every = every[every <= last]
        lasts = np.diff(every, append=every[-1:])
        keep = (self.waiting.at(every) > 0) & (lasts > 0)
        every, lasts = every[keep], lasts[keep]
        for first in range(0, len(every), CHUNK):
            yield every[first : first + CHUNK], lasts[first : first + CHUNK]

    # -- agents short -------------------------------------------------------------------------------

    def lack(self, times: Array, queue: Array) -> Array:
        """Agents short by cause at some times, shape (times, causes)."""
        lack = np.zeros((len(times), CAUSES))
        scheduled = self._scheduled(times)
        usual = sum(self.usual.values())
        counted_on = planned(scheduled, usual)
        for why, duties in AWAY.items():
            away = self._of_pool(times, *duties)
            lack[:, why] = beyond_usual(away, scheduled, counted_on, self.usual[why], usual)
        others_load, others_now, letters = self._others(times)
        lack[:, Why.OTHERS] = np.maximum(others_now - others_load, 0.0)
        lack[:, Why.BLENDING] = np.minimum(letters, queue)
        idle_too, idle_elsewhere = self._idle(times)
        lack[:, Why.ROUTING] = np.minimum(idle_too, queue)
        lack[:, Why.SKILLS] = np.minimum(idle_elsewhere, queue - lack[:, Why.ROUTING])
        own = np.maximum(counted_on - others_load, 0.0)
        over = self.offered.at(times) - self._helped(times) - own - idle_elsewhere - idle_too
        self._excess(times, np.maximum(over, 0.0), own, others_load, lack)
        self._nobody(times, (scheduled == 0) & (idle_elsewhere == 0), lack)
        return lack

    def _excess(self, times: Array, over: Array, own: Array, others: Array, lack: Array) -> None:
        """What of the work beyond the agents counted on each cause takes."""
        load, extra = self.load.usual(times), self.load.extra(times)
        need = needed(load, others, self.can_wait)
        out = np.where(self._out_of_order(times), np.inf, 0.0)
        limits = [
            (Why.UNDERSTAFFED, need - own),
            (Why.INCIDENT, extra + out),
            (Why.BUSY_DAY, self.load.busy(times) * (load + extra)),
        ]
        if self.queue.tier:
            limits.append((Why.ESCALATIONS, self.steady.at(times) - np.maximum(need, own)))
        else:
            limits.append((Why.AGAIN, self.again.at(times) - self.load_again.usual(times)))
        split(over, limits, lack)

    def _nobody(self, times: Array, unplanned: Array, lack: Array) -> None:
        """Where nobody is planned who may take it, nor idle elsewhere, that is the cause: a plan without staff, or closed
        hours of letters."""
        helpers = sum((self._on(member, times) for member in self.queue.helpers), np.zeros(len(times)))
        there = sum((self._on(member, times) for member in self.queue.pool), np.zeros(len(times)))
        nobody = unplanned & (there == 0) & (helpers == 0)
        lack[nobody] = 0.0
        why = Why.CLOSED if self.can_wait else Why.UNDERSTAFFED
        lack[nobody, why] = np.maximum(self.offered.at(times[nobody]), 1.0)

    def _scheduled(self, times: Array) -> Array:
        """Agents of the pool whom a plan wants there: of teams without shifts those on the floor."""
        scenario, found = self.blame.scenario, np.zeros(len(times))
        for member, team in ((one, list(scenario.teams.values())[one.team]) for one in self.queue.pool):
            duties = (Duty.SHIFT, Duty.VACANT) if team.headcount is None else (Duty.ON,)
            found += self.blame.duty(member.team, *duties).at(times) * inside(member.hours, times)
        return found

    def _of_pool(self, times: Array, *duties: Duty) -> Array:
        crowds = [(self.blame.duty(one.team, *duties), one.hours) for one in self.queue.pool]
        return sum((crowd.at(times) * inside(hours, times) for crowd, hours in crowds), np.zeros(len(times)))

    def _on(self, member: Member, times: Array) -> Array:
        return self.blame.duty(member.team, Duty.ON).at(times) * inside(member.hours, times)

    def _idle(self, times: Array) -> tuple[Array, Array]:
        """Agents without a contact: of those who may take the queue's contacts, and of the tier's others."""
        may, others = np.zeros(len(times)), np.zeros(len(times))
        for member in (*self.queue.pool, *self.queue.helpers):
            holds, idle = inside(member.hours, times), self._idle_of(member.team, times)
            may += idle * holds
            others += idle * (1 - holds)
        for team in self.others_of_tier:
            others += self._idle_of(team, times)
        return may, others

    def _idle_of(self, team: int, times: Array) -> Array:
        there = self.blame.duty(team, Duty.ON).at(times)
        return np.maximum(there - self.blame.busy(team).at(times), 0.0)

    def _helped(self, times: Array) -> Array:
        """Agents of other teams who work on the queue's contacts."""
        crowd = self.blame._crowd(("helped", self.number), lambda: self._handled_by_others())
        return crowd.at(times)

    def _handled_by_others(self) -> tuple[Array, Array, Array]:
        blame = self.blame
        mine = self.mine & blame.handled & ~np.isin(blame.team, self.teams)
        return blame.legs["answered"][mine], blame.ended[mine], blame.weight[mine]

    def _others(self, times: Array) -> tuple[Array, Array, Array]:
        """Agents of the pool whom other contacts are expected to keep busy, those they do, and those on letters. To
        letters all else is other contacts; to others letters are not, as they can wait."""
        blame, legs = self.blame, self.blame.legs
        theirs = blame.handled & ~self.mine & np.isin(blame.team, self.teams)
        letters = theirs & blame.deferred[legs["channel"]] & (not self.can_wait)
        pressing = theirs & ~letters
        now, writing = (
            blame._crowd((name, self.number), lambda which=which: self._spans(which)).at(times)
            for name, which in (("pressing", pressing), ("letters", letters))
        )
        return self._expected_others(times, pressing), now, writing

    def _spans(self, which: Array) -> tuple[Array, Array, Array]:
        return self.blame.legs["answered"][which], self.blame.ended[which], self.blame.weight[which]

    def _expected_others(self, times: Array, pressing: Array) -> Array:
        """Agents of the pool whom other contacts keep busy on average at that hour of a day of that kind."""
        start, end, weight = self._spans(pressing)
        return self.blame.expected.by_hour_of_week(start, end, weight, times)

    def _out_of_order(self, times: Array) -> npt.NDArray[np.bool_]:
        """Whether the queue's channel or its bot is out of order, or has just been."""
        name = list(self.blame.scenario.channels)[self.queue.channel]
        bot = self.blame.scenario.channels[name].bot
        spans = outages(self.blame.scenario, "channels", name)
        spans += [] if bot is None else outages(self.blame.scenario, "bots", bot)
        return np.logical_or.reduce([(times >= a) & (times < b + self.mean) for a, b in spans] or [times < 0])


def inside(hours: tuple[Span, ...] | None, times: Array) -> Array:
    """One where a time lies in the hours, else zero."""
    if hours is None:
        return np.ones(len(times))
    return sum(((times >= a) & (times < b) for a, b in hours), np.zeros(len(times)))
