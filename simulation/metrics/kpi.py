"""The registry of KPIs: what a KPI is, and how it is written."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from simulation.metrics.view import DIMENSIONS, View
from simulation.scenario.schema import Scenario
from simulation.units import duration_text, share_text

Array = npt.NDArray[Any]
Better = Literal["higher", "lower", ""]
COMPARISONS = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt}


class Amount(NamedTuple):
    """So much per row of a table, to be summed."""

    table: str
    values: Array


@dataclass(frozen=True)
class Ratio:
    """A ratio of sums: of amounts over amounts, or over a constant (such as measured days)."""

    numerator: list[Amount]
    denominator: list[Amount] = field(default_factory=list)
    over: float = 1.0


@dataclass(frozen=True)
class Values:
    """A distribution of values: rows of a table, NaN where a row does not count. Has a mean, quantiles, a maximum."""

    table: str
    values: Array


Definition = Callable[..., Ratio | Values]


@dataclass(frozen=True)
class Kpi:
    """A KPI: the tables that it is worked out from, its unit ("share", "s", "money" or a plain word), the better
    direction and its definition."""

    name: str
    tables: tuple[str, ...]
    unit: str
    better: Better
    definition: Definition
    parameter: float | None
    statistics: tuple[str, ...]
    needs: Callable[[Scenario], str | None]
    root: bool = False
    """Whether it is the square root of what the definition gives (a standard deviation, of variances)."""

    @property
    def dimensions(self) -> list[str]:
        """By what it can be sliced."""
        return [name for name in DIMENSIONS[self.tables[0]] if all(name in DIMENSIONS[table] for table in self.tables)]

    @property
    def doc(self) -> str:
        """The definition in words."""
        return " ".join((self.definition.__doc__ or "").split())

    @property
    def has_values(self) -> bool:
        """Whether it is a distribution (mean, quantiles) and not a ratio."""
        return bool(self.statistics)

    def of(self, view: View, parameter: float | None) -> Ratio | Values:
        """Evaluate it on a replication."""
        return self.definition(view) if self.parameter is None else self.definition(view, parameter)


class Held(NamedTuple):
    """A bound (s, a share, a plain number) that a metric is held against in each period: each day, or each hour."""

    operator: str
    bound: float
    periods: str

    def __call__(self, values: Array) -> npt.NDArray[np.bool_]:
        """Whether each value keeps to the bound."""
        met: npt.NDArray[np.bool_] = COMPARISONS[self.operator](values, self.bound)
        return met


class Metric(NamedTuple):
    """A KPI with its parameter (seconds) and statistic, e.g. wait.p90 or service_level(20 s); or, with `held`, the share of
    days or hours on which it keeps to a bound."""

    kpi: str
    parameter: float | None = None
    statistic: str = ""
    held: Held | None = None

    @property
    def unit(self) -> str:
        """The unit ("money" for any currency)."""
        return KPIS[self.kpi].unit if self.held is None else "share"

    @property
    def better(self) -> Better:
        """Which direction is the better one: to keep to a bound is."""
        return KPIS[self.kpi].better if self.held is None else "higher"

    @property
    def root(self) -> bool:
        """Whether it is the square root of what is averaged."""
        return KPIS[self.kpi].root and self.held is None

    @property
    def alone(self) -> Metric:
        """The metric that is held against a bound."""
        return self._replace(held=None)

    def __str__(self) -> str:
        parameter = "" if self.parameter is None else f"({duration_text(self.parameter).replace(' ', '')})"
        alone = f"{self.kpi}{parameter}{'.' + self.statistic if self.statistic else ''}"
        return alone if self.held is None else f"{alone} {_held_text(self.held, KPIS[self.kpi].unit)}"


def _held_text(held: Held, unit: str) -> str:
    if unit in ("share", "share/year"):
        bound = share_text(held.bound)
    elif unit == "s":
        bound = duration_text(held.bound)
    else:
        bound = f"{held.bound:g}"
    return f"{held.operator} {bound} on {held.periods}"


KPIS: dict[str, Kpi] = {}


def _nothing(scenario: Scenario) -> str | None:
    return None


def kpi(
    tables: str,
    unit: str,
    better: Better = "",
    *,
    parameter: float | None = None,
    statistics: tuple[str, ...] = (),
    needs: Callable[[Scenario], str | None] = _nothing,
    root: bool = False,
) -> Callable[[Definition], Definition]:
    """Enter a function into the registry under its name.

    `tables` are the tables (in one text) that it looks at, so what it can be sliced by is known before a run;
    `parameter` is the default of its one parameter (seconds); `statistics` are reported of a distribution;
    `needs` says what a scenario lacks for the KPI to have data, or None; with `root` the definition gives its square.
    """

    def register(definition: Definition) -> Definition:
        name = definition.__name__
        KPIS[name] = Kpi(name, tuple(tables.split()), unit, better, definition, parameter, statistics, needs, root)
        return definition

    return register


def share(table: str, part: Array, of: Array) -> Ratio:
    """Rows of `part` among rows of `of` (booleans); only those in both count above the line."""
    return Ratio([Amount(table, part & of)], [Amount(table, of)])


def values(table: str, column: Array, where: Array | None = None) -> Values:
    """The values of a column on some rows."""
    return Values(table, column if where is None else np.where(where, column, np.nan))


def standard_metrics(scenario: Scenario) -> list[Metric]:
    """What every run reports: all KPIs that the scenario has data for, with their default parameters."""
    return [
        Metric(one.name, one.parameter, statistic)
        for one in KPIS.values()
        if one.needs(scenario) is None
        for statistic in (one.statistics or ("",))
    ]
