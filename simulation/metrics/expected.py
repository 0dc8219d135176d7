"""What a plan could expect at a moment: the load of a queue by the scenario's demand, and how busy other contacts keep its
teams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from simulation.demand.births import DemandPlan
from simulation.demand.outages import less, outages
from simulation.record.spans import spread
from simulation.record.tables import Table
from simulation.scenario.customers import channel_shares
from simulation.scenario.schema import Mode, Scenario
from simulation.scenario.timeline import Timeline

Array = npt.NDArray[Any]
GRID = 900.0
"""Wall-clock intervals on which the expected load is worked out (s)."""
SIGNIFICANT = 2.0
"""Standard deviations of a Poisson count beyond which a day is busier than chance makes it."""


@dataclass(frozen=True)
class Load:
    """The expected load of a queue in agents at a time: the usual one, and what events add to it.

    With steps of the rate of work r and a mean handling time m it is the mean of r over the last m seconds: the mean number in
    service at a queue of infinitely many servers with handling times of that length (Eick, Massey & Whitt 1993). `busy` is
    the share by which a day's cases exceed the expected number (0 where chance may do that).
    """

    edges: Array
    usual_work: Array
    extra_work: Array
    lasts: float
    busy_by_interval: Array

    def usual(self, times: Array) -> Array:
        """The load without events at some times."""
        return self._over_handling(self.usual_work, times)

    def extra(self, times: Array) -> Array:
        """What events add to it."""
        return self._over_handling(self.extra_work, times)

    def busy(self, times: Array) -> Array:
        """The share by which the day's cases exceed what is expected."""
        at = np.searchsorted(self.edges, times, side="right") - 1
        found: Array = self.busy_by_interval[np.clip(at, 0, len(self.busy_by_interval) - 1)]
        return found

    def _over_handling(self, told: Array, times: Array) -> Array:
        came = np.interp(times, self.edges, told) - np.interp(times - self.lasts, self.edges, told)
        made: Array = np.maximum(came / self.lasts, 0.0)
        return made


class Expected:
    """The demand of a scenario by channel and topic on a grid of wall-clock intervals, and the cases of a replication."""

    def __init__(self, scenario: Scenario, timeline: Timeline, cases: Table) -> None:
        self.scenario, self.timeline = scenario, timeline
        edges, slots, dates = timeline.grid(GRID)
        there = np.flatnonzero(np.diff(edges) > 0)  # the hour that the spring change of clocks skips is none
        self.edges, self.slots, dates = np.append(edges[there], edges[-1]), slots[there], [dates[row] for row in there]
        self.day = np.array([(date - timeline.start).days for date in dates])
        self.day -= self.day.min()
        self.weekend = np.array([date.weekday() >= 5 or date in timeline.holidays for date in dates])
        own = cases["parent"] < 0
        self.cases = {name: cases[name][own] for name in ("arrived", "channel", "topic", "source")}
        demand = scenario.demand
        without = scenario.model_copy(update={"demand": demand.model_copy(update={"events": {}})})
        self.base = self._cases_of(without)
        self.total = self._cases_of(scenario) if demand.events else self.base
        self.open = np.stack([self._open(name) for name in scenario.channels], axis=1)

    def _cases_of(self, scenario: Scenario) -> Array:
        """Expected cases by interval, channel and topic; of a replayed log those of the hour, evenly."""
        names, plan = list(scenario.channels), DemandPlan(scenario)
        found = np.zeros((len(self.edges) - 1, len(names), len(scenario.topics)))
        sources = list(scenario.demand.sources.values())
        for source, topic, steps in plan.expected():
            told = np.interp(self.edges, steps.edges, np.concatenate([[0.0], np.cumsum(steps.expected())]))
            shares = channel_shares(scenario, sources[source])
            found[:, :, topic] += np.outer(np.diff(told), [shares.get(name, 0.0) for name in names])
        for source, _ in plan.replays():
            found += self._replayed(source)
        return found

    def _replayed(self, source: int) -> Array:
        shape = (len(self.edges) - 1, len(self.scenario.channels), len(self.scenario.topics))
        mine = self.cases["source"] == source
        at = self._interval(self.cases["arrived"][mine])
        count = np.zeros(shape)
        np.add.at(count, (at, self.cases["channel"][mine], self.cases["topic"][mine]), 1.0)
        hour = self.day * 24 + self.slots // 4
        _, of = np.unique(hour, return_inverse=True)
        sums = np.zeros((of.max() + 1, *shape[1:]))
        np.add.at(sums, of, count)
        seconds = np.diff(self.edges)
        return sums[of] * (seconds / np.bincount(of, seconds)[of])[:, None, None]

    def _interval(self, times: Array) -> Array:
        return np.clip(np.searchsorted(self.edges, times, side="right") - 1, 0, len(self.edges) - 2)

    def _open(self, name: str) -> Array:
        """The share of each interval in which a channel lets contacts in; letters always get in."""
        channel = self.scenario.channels[name]
        if channel.mode is Mode.deferred:
            return np.ones(len(self.edges) - 1)
        spans = less(self.timeline.open_spans(channel.open), outages(self.scenario, "channels", name))
        start, end = np.array(spans, dtype=float).reshape(-1, 2).T
        seconds = spread(np.zeros(len(start), dtype=np.int64), start, end, 1, self.edges)[0]
        made: Array = seconds / np.diff(self.edges)
        return made

    def load(self, channel: int, topics: Sequence[int], work: float, lasts: float) -> Load:
        """The load that some work (agent-seconds of the whole replication) is by the expected cases of a channel and
        topics, of which it is the work, where handling `lasts` so long on average (s)."""
        mine = (self.cases["channel"] == channel) & np.isin(self.cases["topic"], topics)
        base, total = (one[:, channel][:, list(topics)].sum(axis=1) for one in (self.base, self.total))
        if not mine.any() or not total.any():
            mine, base, total = np.ones(len(mine), dtype=bool), self.base.sum(axis=(1, 2)), self.total.sum(axis=(1, 2))
        at = self._interval(self.cases["arrived"][mine])
        came = np.bincount(at, minlength=len(base)).astype(float)
        is_open = self.open[:, channel]
        let_in = float((came * is_open).sum())
        each = (work / let_in if let_in else 0.0) * is_open
        usual, extra = (_told(cases * each) for cases in (base, np.maximum(total - base, 0.0)))
        return Load(self.edges, usual, extra, lasts, self._busier(came, total))

    def _busier(self, came: Array, expected: Array) -> Array:
        """By what share each day's cases exceed the expected number, where chance does not explain it."""
        cases, usual = np.bincount(self.day, came), np.bincount(self.day, expected)
        excess = np.where(cases > usual + SIGNIFICANT * np.sqrt(usual), cases - usual, 0.0)
        made: Array = (excess / np.where(usual > 0, usual, 1.0))[self.day]
        return made

    def by_hour_of_week(self, start: Array, end: Array, weight: Array, times: Array) -> Array:
        """How many spans, by weight, hold on average in the hour of some times, over the working days or the others."""
        kind = self.weekend * 24 + self.slots // 4
        seconds = np.zeros(len(kind))
        for size in np.unique(weight):
            mine = weight == size
            none = np.zeros(int(mine.sum()), dtype=np.int64)
            seconds += size * spread(none, start[mine], end[mine], 1, self.edges)[0]
        mean = np.bincount(kind, seconds, minlength=48) / np.maximum(
            np.bincount(kind, np.diff(self.edges), minlength=48), 1.0
        )
        made: Array = mean[kind[self._interval(times)]]
        return made


def _told(parts: Array) -> Array:
    """Sums up to each edge."""
    return np.concatenate([[0.0], np.cumsum(parts)])
