"""How narrow the intervals of a run are to be: relative to the figures, or in the unit of a metric."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from simulation.metrics.kpi import Metric
from simulation.metrics.measure import Measures, Segment, estimate, interval_of, metric_text, unit_of
from simulation.metrics.targets import amount_of, metric_on
from simulation.scenario.schema import Scenario
from simulation.statistics.paired import interval
from simulation.units import parse_share

FINEST_SHARE = 0.001
"""A tenth of a percentage point: of shares, no more precision than this is asked for by a relative half-width."""
EXAMPLE = "write e.g. 5 %, or asa.mean{channel=phone}=10 s"
Asked = float | str | Sequence[str] | Mapping[str, float | str]
Key = tuple[Metric, Segment]


@dataclass(frozen=True)
class Width:
    """Half of a metric's interval, and what was asked for, in its unit."""

    metric: Metric
    segment: Segment
    mean: float
    half: float
    wanted: float

    @property
    def reached(self) -> bool:
        """Whether it is narrow enough; not while it is unknown."""
        return self.half <= self.wanted

    @property
    def name(self) -> str:
        """The metric as a target would name it."""
        return metric_text(self.metric, self.segment)


@dataclass(frozen=True)
class Precision:
    """Half-widths of 95 % intervals that are wanted: `relative` to the figure (None: of nothing), and in a metric's own unit."""

    relative: float | None
    absolute: tuple[tuple[Key, float], ...] = ()

    @classmethod
    def parse(cls, asked: Asked, scenario: Scenario) -> Precision:
        """Read what was asked for: 0.05, "5 %", "asa.mean=5 s", several of them, {"asa.mean": "5 s"}. ValueError says what is wrong."""
        if isinstance(asked, Mapping):
            texts = [f"{name}={value}" for name, value in asked.items()]
        elif isinstance(asked, int | float):
            texts = [f"{100 * asked:g} %"]
        else:
            texts = [asked] if isinstance(asked, str) else list(asked)
        parts = [text for text in texts if "=" not in text]
        if len(parts) > 1:
            raise ValueError(f"a relative half-width is given twice: {' and '.join(parts)}; {EXAMPLE}")
        absolute = tuple(_absolute(text, scenario) for text in texts if "=" in text)
        return cls(_relative(parts[0]) if parts else None, absolute)

    @property
    def keys(self) -> list[Key]:
        """The metrics that are asked for by name."""
        return [key for key, _ in self.absolute]

    def widths(self, measures: Sequence[Measures], usual: Iterable[Key], level: float = 0.95) -> list[Width]:
        """How narrow the intervals are; `usual` is what the relative half-width is about. What of the usual has no data at all,
        or is not measured, is left out; what is asked for by name and has none yet is not narrow enough."""
        named = [_width(measures, key, None, wanted, level) for key, wanted in self.absolute]
        keys = [] if self.relative is None else list(usual)
        found = [_width(measures, key, self.relative, math.nan, level) for key in keys]
        return named + [one for one in found if not math.isnan(one.mean)]


def _relative(text: str) -> float:
    try:
        share = parse_share(text)
    except ValueError:
        raise ValueError(f"'{text}' is not a precision; {EXAMPLE}") from None
    if not 0 < share < 1:
        raise ValueError(f"a relative half-width lies between 0 and 100 %, not at {text}; {EXAMPLE}")
    return share


def _absolute(text: str, scenario: Scenario) -> tuple[Key, float]:
    name, _, value = text.rpartition("=")
    metric, segment = metric_on(name, scenario)
    amount = amount_of(metric, value.strip(), scenario)
    if not amount > 0:
        raise ValueError(f"'{text}': a half-width is more than 0; {EXAMPLE}")
    return (metric, segment), amount


def _width(measures: Sequence[Measures], key: Key, relative: float | None, wanted: float, level: float) -> Width:
    sums = [one.get(key) for one in measures]
    found = interval(estimate(key[0], sums), level)
    half = max(found.half_width, interval_of(key[0], sums, level).half_width)
    if math.isnan(wanted) and relative is not None:
        least = FINEST_SHARE if unit_of(key[0], "") == "share" else 0.0
        wanted = max(relative * abs(found.mean), least)
    return Width(*key, found.mean, half, wanted)
