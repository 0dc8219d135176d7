"""The birth table: every case of a replication, with the random numbers of its own.

Cases come in *streams*: one per source and topic, one more for the extra cases of each event, one per
replayed log. Number *i* of a stream is the same case in every scenario; a new stream moves no other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields
from math import inf
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from simulation.chance import keys_of, stream
from simulation.demand.arrivals import arrival_times
from simulation.demand.busyness import factors
from simulation.demand.rates import Steps, event_span, moments, source_rate, within
from simulation.scenario.customers import channels_of, segment_shares
from simulation.scenario.files import read_column, read_numbers
from simulation.scenario.schema import DAY, URGENCIES, DemandEvent, Dispersion, Scenario, Shares, Source
from simulation.scenario.timeline import Timeline

Array = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Births:
    """One row per case, by time of arrival (ties: by stream and number). All arrays have one length.

    `arrived` in seconds since the start; `source`, `topic`, `channel`, `urgency` are codes in the order of
    the scenario (urgency: low 0 … critical 3); `handling` is the replayed handling time in seconds, NaN
    where none is known; `noticed` says who could have read the notice of the incident that the case is about.
    `segment` is -1 where customers are all alike; `prevented` has the cases that a notice kept from arising. `parent` is
    the row of the case that a complaint is about, -1 for cases that arose by themselves; complaints come last (without
    `parent` there are none).
    """

    seed: int
    replication: int
    streams: tuple[str, ...]
    stream: Codes
    number: Codes
    key: npt.NDArray[np.uint64]
    arrived: Array
    source: Codes
    topic: Codes
    channel: Codes
    segment: Codes
    urgency: Codes
    difficulty: Array
    handling: Array
    noticed: Flags
    counts: tuple[int, ...] = field(default=())
    prevented: Prevented | None = None
    parent: Codes | None = None

    def __len__(self) -> int:
        return len(self.arrived)

    @property
    def arisen(self) -> int:
        """How many cases arose by themselves."""
        return len(self) if self.parent is None else int((self.parent < 0).sum())

    def columns(self) -> dict[str, npt.NDArray[Any]]:
        """What there is by case."""
        found = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: column for name, column in found.items() if isinstance(column, np.ndarray)}

    def draw(self, purpose: str) -> Array:
        """One uniform number per case for a purpose, the same whatever else is drawn; shape (cases,)."""
        return _drawn(self.seed, self.replication, self.streams, self.counts, self.stream, self.number, purpose)


def _drawn(
    seed: int,
    replication: int,
    streams: tuple[str, ...],
    counts: tuple[int, ...],
    of: Codes,
    number: Codes,
    purpose: str,
) -> Array:
    """`number[i]`-th uniform of the stream `of[i]`."""
    starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    drawn = np.empty(int(starts[-1]))
    for index, name in enumerate(streams):
        if counts[index]:
            drawn[starts[index] : starts[index + 1]] = stream(seed, replication, f"{purpose}/{name}").random(
                counts[index]
            )
    return np.maximum(drawn[starts[of] + number], 2.0**-54)


@dataclass(frozen=True)
class Prevented:
    """Cases that a notice kept from arising, one row each by time: when they would have come, and as what."""

    key: npt.NDArray[np.uint64]
    arrived: Array
    event: Codes
    source: Codes
    topic: Codes
    channel: Codes
    segment: Codes
    urgency: Codes


class _Thinned(NamedTuple):
    """A share of a stream's cases `stays` within a span (s); the others are kept away by the event `name`."""

    name: str
    span: tuple[float, float]
    stays: float
    notice: bool = False

    def keeps(self, times: Array, seed: int, replication: int, of: str) -> Flags:
        """Whether each case of the stream `of` comes."""
        label = f"prevented by {self.name!r}/{of}" if self.notice else f"thinned by {self.name!r}/{of}"
        u = stream(seed, replication, label).random(len(times))
        return (u < self.stays) | (times < self.span[0]) | (times >= self.span[1])


class _Arrivals(NamedTuple):
    """The cases of a stream by number: when each would arise (s), whether it does, whether a notice prevents it.

    Those whom a campaign or a notice keeps away have a number too, so that the others keep theirs.
    """

    times: Array
    comes: Flags
    prevented: Flags


def _noticed(name: str, event: DemandEvent, span: tuple[float, float]) -> tuple[_Thinned, ...]:
    """What the notice of an incident does to its extra cases."""
    notice = event.notice
    return () if notice is None else (_Thinned(name, (span[0] + notice.after, span[1]), 1 - notice.prevents, True),)


@dataclass(frozen=True)
class _Stream:
    """A stream before its cases are drawn."""

    name: str
    source: int
    topic: int | None
    steps: Steps | None = None
    replayed: _Replayed | None = None
    thinned: tuple[_Thinned, ...] = ()
    extra: bool = False
    """Whether these are the extra cases of an event."""

    @property
    def notice(self) -> _Thinned | None:
        """The notice of the incident whose extra cases these are."""
        return next((one for one in self.thinned if one.notice), None)

    @property
    def noticed_from(self) -> float:
        """When the customers of its cases could read a notice (s)."""
        return inf if self.notice is None else self.notice.span[0]


@dataclass(frozen=True)
class _Replayed:
    arrived: Array
    topic: Codes | None
    channel: Codes | None
    handling: Array


class DemandPlan:
    """What of the demand does not depend on the replication, worked out once.

    Raises ValueError with a plain message where a data file does not fit.
    """

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.timeline = Timeline.of(scenario)
        self.topics = list(scenario.topics)
        self.channels = list(scenario.channels)
        self.sources = list(scenario.demand.sources)
        self.segments = list(scenario.customers)
        self.streams: list[_Stream] = []
        for index, source in enumerate(scenario.demand.sources.values()):
            self.streams += self._streams_of(index, source)
        self.streams.sort(key=lambda one: one.name)

    def expected(self) -> Iterable[tuple[int, int, Steps]]:
        """Source, topic and expected cases per second of every drawn stream, events included, random factors left out."""
        for one in self.streams:
            if one.steps is not None and one.topic is not None:
                steps = one.steps
                for _, span, factor, _ in one.thinned:
                    cut = steps.refined(np.asarray(span))
                    inside = (cut.edges[:-1] >= span[0]) & (cut.edges[:-1] < span[1])
                    steps = cut.times(np.where(inside, factor, 1.0))
                yield one.source, one.topic, steps

    def usual(self) -> Iterable[Steps]:
        """Expected cases per second of every drawn stream, without events and random factors."""
        return (one.steps for one in self.streams if one.steps is not None and not one.extra)

    def replays(self) -> Iterable[tuple[int, Array]]:
        """Source and arrival times of every replayed log."""
        for one in self.streams:
            if one.replayed is not None:
                yield one.source, one.replayed.arrived

    def births(self, seed: int, replication: int) -> Births:
        """The birth table of one replication."""
        drawn = [self._arrivals(one, seed, replication) for one in self.streams]
        names, counts = tuple(one.name for one in self.streams), tuple(len(one.times) for one in drawn)

        def rows(selected: list[Flags]) -> dict[str, Any]:
            of = np.repeat(np.arange(len(drawn)), [int(one.sum()) for one in selected])
            number = np.concatenate([np.flatnonzero(one) for one in selected])
            table = self._table(
                of, number, drawn, lambda what: _drawn(seed, replication, names, counts, of, number, what)
            )
            order = np.argsort(table["arrived"], kind="stable")
            return {name: column[order] for name, column in table.items()}

        away = [one.prevented for one in drawn]
        prevented = self._prevented(rows(away)) if any(one.any() for one in away) else None
        return Births(
            seed, replication, names, counts=counts, prevented=prevented, **rows([one.comes for one in drawn])
        )

    def _table(
        self, of: Codes, number: Codes, drawn: list[_Arrivals], draw: Callable[[str], Array]
    ) -> dict[str, npt.NDArray[Any]]:
        """The columns of cases `number` of the streams `of`."""
        starts = np.concatenate([[0], np.cumsum([len(one.times) for one in drawn])]).astype(np.int64)[of]
        arrived = np.concatenate([one.times for one in drawn])[starts + number]
        keys = np.concatenate([keys_of(one.name, len(its.times)) for one, its in zip(self.streams, drawn, strict=True)])
        topic, segment = self._topics(of, number, draw), self._segments(of, draw)
        return {
            "stream": of,
            "number": number,
            "key": keys[starts + number],
            "arrived": arrived,
            "source": np.array([one.source for one in self.streams], dtype=np.int64)[of],
            "topic": topic,
            "channel": self._channels(of, number, segment, draw),
            "segment": segment,
            "urgency": self.urgencies(topic, draw),
            "difficulty": draw("difficulty"),
            "handling": self._handling(of, number),
            "noticed": arrived >= np.array([one.noticed_from for one in self.streams])[of],
        }

    def _prevented(self, rows: dict[str, Any]) -> Prevented:
        """The cases that a notice kept from arising, as a part of the columns of those that arose."""
        events = list(self.scenario.demand.events)
        of = [-1 if one.notice is None else events.index(one.notice.name) for one in self.streams]
        rows["event"] = np.array(of, dtype=np.int64)[rows["stream"]]
        return Prevented(**{one.name: rows[one.name] for one in fields(Prevented)})

    def _streams_of(self, index: int, source: Source) -> Iterable[_Stream]:
        name = self.sources[index]
        if source.replay is not None:
            yield _Stream(repr(name), index, None, replayed=self._read(name, source))
            return
        base = source_rate(source, self.scenario.demand, self.timeline)
        for topic, share in source.topic_shares().items():
            steps = base.times(np.full(len(base.rates), share))
            yield _Stream(
                f"{name!r}/{topic!r}", index, self.topics.index(topic), steps, thinned=tuple(self._reductions(topic))
            )
            yield from self._extra(name, index, topic, steps)

    def _extra(self, source: str, index: int, topic: str, steps: Steps) -> Iterable[_Stream]:
        for name, event in self.scenario.demand.events.items():
            factor = event.topics.get(topic, 1.0)
            if factor > 1:
                span = event_span(event, self.timeline)
                extra = within(steps, span)
                more = extra.times(np.full(len(extra.rates), factor - 1))
                label = f"{source!r}/{topic!r}+{name!r}"
                yield _Stream(
                    label, index, self.topics.index(topic), more, thinned=_noticed(name, event, span), extra=True
                )

    def _reductions(self, topic: str) -> Iterable[_Thinned]:
        for name, event in self.scenario.demand.events.items():
            if event.topics.get(topic, 1.0) < 1:
                yield _Thinned(name, event_span(event, self.timeline), event.topics[topic])

    def _arrivals(self, one: _Stream, seed: int, replication: int) -> _Arrivals:
        """The cases of a stream."""
        if one.replayed is not None:
            everybody = np.ones(len(one.replayed.arrived), dtype=bool)
            return _Arrivals(one.replayed.arrived, everybody, ~everybody)
        assert one.steps is not None
        steps = self._dispersed(one, seed, replication)
        times = arrival_times(steps, stream(seed, replication, f"arrivals/{one.name}"))
        comes, prevented = np.ones(len(times), dtype=bool), np.zeros(len(times), dtype=bool)
        for thinned in one.thinned:
            keeps = thinned.keeps(times, seed, replication, one.name)
            comes &= keeps
            if thinned.notice:
                prevented |= ~keeps
        return _Arrivals(times, comes, prevented)

    def _dispersed(self, one: _Stream, seed: int, replication: int) -> Steps:
        steps = one.steps
        assert steps is not None
        source = self.scenario.demand.sources[self.sources[one.source]]
        for label, dispersion, period in (
            ("busyness", self.scenario.demand.busyness, DAY),
            (f"busyness/{self.sources[one.source]!r}", source.busyness, DAY),
            (
                f"intraday/{self.sources[one.source]!r}",
                source.intraday,
                source.intraday.interval if source.intraday else DAY,
            ),
        ):
            if dispersion is not None:
                steps = self._multiplied(steps, dispersion, period, stream(seed, replication, label))
        return steps

    def _multiplied(self, steps: Steps, dispersion: Dispersion, period: float, generator: np.random.Generator) -> Steps:
        edges, _, _ = self.timeline.grid(period)
        made = factors(generator.standard_normal(len(edges) - 1), dispersion.cv, dispersion.lag1)
        cut = steps.refined(edges)
        return cut.times(made[np.searchsorted(edges, cut.edges[:-1], side="right") - 1])

    def _topics(self, of: Codes, number: Codes, draw: Callable[[str], Array]) -> Codes:
        topic = np.array([-1 if one.topic is None else one.topic for one in self.streams], dtype=np.int64)[of]
        self._fill_replayed(topic, of, number, "topic")
        u = draw("topic") if (topic < 0).any() else np.empty(0)
        for mine, source in self._unknown(topic, of):
            topic[mine] = _chosen(u[mine], source.topic_shares(), self.topics)
        return topic

    def _segments(self, of: Codes, draw: Callable[[str], Array]) -> Codes:
        segment = np.full(len(of), -1, dtype=np.int64)
        if self.segments:
            u = draw("segment")
            for mine, source in self._unknown(segment, of):
                segment[mine] = _chosen(u[mine], segment_shares(self.scenario, source), self.segments)
        return segment

    def _channels(self, of: Codes, number: Codes, segment: Codes, draw: Callable[[str], Array]) -> Codes:
        channel = np.full(len(of), -1, dtype=np.int64)
        self._fill_replayed(channel, of, number, "channel")
        u = draw("channel") if (channel < 0).any() else np.empty(0)
        for those, source in self._unknown(channel, of):
            for code, name in enumerate(self.segments) if self.segments else ((-1, None),):
                mine = those & (segment == code)
                channel[mine] = _chosen(u[mine], channels_of(self.scenario, source, name), self.channels)
        return channel

    def _unknown(self, codes: Codes, of: Codes) -> Iterable[tuple[Flags, Source]]:
        """Cases of which a code is still unknown, stream by stream, with their source."""
        for index, one in enumerate(self.streams):
            mine = (of == index) & (codes < 0)
            if mine.any():
                yield mine, self.scenario.demand.sources[self.sources[one.source]]

    def _fill_replayed(self, codes: Codes, of: Codes, number: Codes, what: str) -> None:
        for index, one in enumerate(self.streams):
            known = getattr(one.replayed, what) if one.replayed is not None else None
            if known is not None:
                codes[of == index] = known[number[of == index]]

    def urgencies(self, topic: Codes, draw: Callable[[str], Array]) -> Codes:
        """Urgency by the shares of each case's topic; `draw` gives a uniform number per case for a purpose."""
        urgency = np.empty(len(topic), dtype=np.int64)
        u = draw("urgency")
        for index, name in enumerate(self.topics):
            shares = self.scenario.topics[name].urgency
            ordered = [level for level in URGENCIES if level in shares]
            ends = np.cumsum([shares[level] for level in ordered])
            mine = topic == index
            chosen = np.minimum(np.searchsorted(ends, u[mine], side="right"), len(ends) - 1)
            urgency[mine] = np.array([URGENCIES.index(level) for level in ordered], dtype=np.int64)[chosen]
        return urgency

    def _handling(self, of: Codes, number: Codes) -> Array:
        handling = np.full(len(of), np.nan)
        for index, one in enumerate(self.streams):
            if one.replayed is not None:
                handling[of == index] = one.replayed.handling[number[of == index]]
        return handling

    def _read(self, name: str, source: Source) -> _Replayed:
        replay = source.replay
        assert replay is not None
        arrived = moments(read_column(replay.file, replay.time), replay.file, self.timeline)
        handling = np.full(len(arrived), np.nan)
        if replay.handling is not None:
            handling = read_numbers(replay.file, replay.handling, blank=np.nan) * replay.unit
            if (handling < 0).any():
                raise ValueError(f"the file {replay.file} has a negative handling time; write times of zero or more")
        topic = self._coded(replay.file, replay.topic, self.topics, "topic")
        channel = self._coded(replay.file, replay.channel, self.channels, "channel")
        inside = (arrived >= 0) & (arrived < self.timeline.duration)
        if not inside.any():
            raise ValueError(
                f"the file {replay.file} has no arrival within the simulated time; write another calendar.start or horizon"
            )
        order = np.flatnonzero(inside)[np.argsort(arrived[inside], kind="stable")]
        return _Replayed(arrived[order], _picked(topic, order), _picked(channel, order), handling[order])

    def _coded(self, file: str, column: str | None, names: list[str], what: str) -> Codes | None:
        if column is None:
            return None
        cells = read_column(file, column)
        for line, cell in enumerate(cells, start=2):
            if cell not in names:
                raise ValueError(
                    f"{file} line {line}: '{cell}' is no {what} of the scenario; write one of: {', '.join(names)}"
                )
        return np.array([names.index(cell) for cell in cells], dtype=np.int64)


def _chosen(u: Array, shares: Shares, names: list[str]) -> Codes:
    """The code of the name that each uniform number chooses by shares."""
    ordered = sorted(shares)
    ends = np.cumsum([shares[name] for name in ordered])
    chosen = np.minimum(np.searchsorted(ends, u, side="right"), len(ends) - 1)
    return np.array([names.index(name) for name in ordered], dtype=np.int64)[chosen]


def _picked(codes: Codes | None, order: Codes) -> Codes | None:
    return None if codes is None else codes[order]
