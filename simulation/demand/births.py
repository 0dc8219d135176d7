"""The birth table: every case of a replication, with the random numbers of its own.

Cases come in *streams*: one per source and topic, one more for the extra cases of each event, one per
replayed log. Number *i* of a stream is the same case in every scenario; a new stream moves no other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from simulation.chance import keys_of, stream
from simulation.demand.arrivals import arrival_times
from simulation.demand.busyness import factors
from simulation.demand.rates import Steps, event_span, moments, source_rate, within
from simulation.scenario.files import read_column, read_numbers
from simulation.scenario.schema import DAY, URGENCIES, Dispersion, Scenario, Source
from simulation.scenario.timeline import Timeline

Array = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Births:
    """One row per case, by time of arrival (ties: by stream and number). All arrays have one length.

    `arrived` in seconds since the start; `source`, `topic`, `channel`, `urgency` are codes in the order of
    the scenario (urgency: low 0 … critical 3); `handling` is the replayed handling time in seconds, NaN
    where none is known.
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
    urgency: Codes
    difficulty: Array
    handling: Array
    counts: tuple[int, ...] = field(default=())

    def __len__(self) -> int:
        return len(self.arrived)

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
class _Stream:
    """A stream before its cases are drawn."""

    name: str
    source: int
    topic: int | None
    steps: Steps | None = None
    replayed: _Replayed | None = None
    thinned: tuple[tuple[str, tuple[float, float], float], ...] = ()


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
        self.streams: list[_Stream] = []
        for index, source in enumerate(scenario.demand.sources.values()):
            self.streams += self._streams_of(index, source)
        self.streams.sort(key=lambda one: one.name)

    def expected(self) -> Iterable[tuple[int, int, Steps]]:
        """Source, topic and expected cases per second of every drawn stream, events included, random factors left out."""
        for one in self.streams:
            if one.steps is not None and one.topic is not None:
                steps = one.steps
                for _, span, factor in one.thinned:
                    cut = steps.refined(np.asarray(span))
                    inside = (cut.edges[:-1] >= span[0]) & (cut.edges[:-1] < span[1])
                    steps = cut.times(np.where(inside, factor, 1.0))
                yield one.source, one.topic, steps

    def replays(self) -> Iterable[tuple[int, Array]]:
        """Source and arrival times of every replayed log."""
        for one in self.streams:
            if one.replayed is not None:
                yield one.source, one.replayed.arrived

    def births(self, seed: int, replication: int) -> Births:
        """The birth table of one replication."""
        drawn = [self._arrivals(one, seed, replication) for one in self.streams]
        counts = tuple(count for _, _, count in drawn)
        of = np.repeat(np.arange(len(drawn)), [len(times) for times, _, _ in drawn])
        number = np.concatenate([numbers for _, numbers, _ in drawn])
        arrived = np.concatenate([times for times, _, _ in drawn])
        key = np.concatenate(
            [keys_of(one.name, n)[numbers] for one, (_, numbers, n) in zip(self.streams, drawn, strict=True)]
        )
        names = tuple(one.name for one in self.streams)

        def draw(purpose: str) -> Array:
            return _drawn(seed, replication, names, counts, of, number, purpose)

        topic, channel = self._topics(of, number, draw), self._channels(of, number, draw)
        table: dict[str, npt.NDArray[np.generic]] = {
            "stream": of,
            "number": number,
            "key": key,
            "arrived": arrived,
            "source": np.array([one.source for one in self.streams], dtype=np.int64)[of],
            "topic": topic,
            "channel": channel,
            "urgency": self._urgencies(topic, draw),
            "difficulty": draw("difficulty"),
            "handling": self._handling(of, number),
        }
        order = np.argsort(arrived, kind="stable")
        rows = {name: column[order] for name, column in table.items()}
        return Births(seed=seed, replication=replication, streams=names, counts=counts, **rows)  # type: ignore[arg-type]

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
                extra = within(steps, event_span(event, self.timeline))
                more = extra.times(np.full(len(extra.rates), factor - 1))
                yield _Stream(f"{source!r}/{topic!r}+{name!r}", index, self.topics.index(topic), more)

    def _reductions(self, topic: str) -> Iterable[tuple[str, tuple[float, float], float]]:
        for name, event in self.scenario.demand.events.items():
            if event.topics.get(topic, 1.0) < 1:
                yield name, event_span(event, self.timeline), event.topics[topic]

    def _arrivals(self, one: _Stream, seed: int, replication: int) -> tuple[Array, Codes, int]:
        """Arrival times, each case's number in the stream, and how many numbers were given.

        Those whom a campaign or an incident keeps away have a number too, so that the others keep theirs.
        """
        if one.replayed is not None:
            times = one.replayed.arrived
            return times, np.arange(len(times)), len(times)
        assert one.steps is not None
        steps = self._dispersed(one, seed, replication)
        times = arrival_times(steps, stream(seed, replication, f"arrivals/{one.name}"))
        comes = np.ones(len(times), dtype=bool)
        for name, (start, end), factor in one.thinned:
            u = stream(seed, replication, f"thinned by {name!r}/{one.name}").random(len(times))
            comes &= (u < factor) | (times < start) | (times >= end)
        return times[comes], np.flatnonzero(comes), len(times)

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
        if (topic < 0).any():
            self._choose(topic, of, draw("topic"), self.topics, lambda source: source.topic_shares())
        return topic

    def _channels(self, of: Codes, number: Codes, draw: Callable[[str], Array]) -> Codes:
        channel = np.full(len(of), -1, dtype=np.int64)
        self._fill_replayed(channel, of, number, "channel")
        if (channel < 0).any():
            self._choose(channel, of, draw("channel"), self.channels, lambda source: source.channel_shares())
        return channel

    def _fill_replayed(self, codes: Codes, of: Codes, number: Codes, what: str) -> None:
        for index, one in enumerate(self.streams):
            known = getattr(one.replayed, what) if one.replayed is not None else None
            if known is not None:
                codes[of == index] = known[number[of == index]]

    def _choose(
        self, codes: Codes, of: Codes, u: Array, names: list[str], shares_of: Callable[[Source], dict[str, float]]
    ) -> None:
        """Fill the codes that are still -1, stream by stream, by the source's shares."""
        for index, one in enumerate(self.streams):
            mine = (of == index) & (codes < 0)
            shares = dict(sorted(shares_of(self.scenario.demand.sources[self.sources[one.source]]).items()))
            ends = np.cumsum(list(shares.values()))
            chosen = np.minimum(np.searchsorted(ends, u[mine], side="right"), len(ends) - 1)
            codes[mine] = np.array([names.index(name) for name in shares], dtype=np.int64)[chosen]

    def _urgencies(self, topic: Codes, draw: Callable[[str], Array]) -> Codes:
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


def _picked(codes: Codes | None, order: Codes) -> Codes | None:
    return None if codes is None else codes[order]
