"""Every KPI of the registry: documented, worked out from the tables that it names, and sliced without loss."""

from __future__ import annotations

import warnings
from copy import deepcopy

import numpy as np
import pytest

from simulation.experiments.load import from_dict
from simulation.metrics import measure
from simulation.metrics.kpi import KPIS, Amount, Kpi, Metric, Ratio
from simulation.metrics.measure import Measures, Sums, summarize
from simulation.metrics.view import DIMENSIONS, View
from simulation.scenario.schema import Scenario
from simulation.units import Money
from tests.laws.books import observe
from tests.laws.rich import RICH
from tests.laws.strategies import Data

EVERY = pytest.mark.parametrize("one", KPIS.values(), ids=KPIS.keys())
BOUNDS = {"share": "50 %", "share/year": "35 %/year", "s": "20 s", "money/day": "5 EUR", "money": "5 EUR"}


def metrics_of(one: Kpi) -> list[Metric]:
    """The KPI with each of its statistics."""
    return [Metric(one.name, one.parameter, statistic) for statistic in one.statistics or ("",)]


def view_of(data: Data) -> View:
    """One replication of a scenario, as KPIs see it."""
    scenario = from_dict(data)
    return View(observe(scenario).record, scenario)


@pytest.fixture(scope="module")
def rich() -> View:
    """A center with everything."""
    return view_of(RICH)


@pytest.fixture(scope="module")
def sliced(rich: View) -> Measures:
    """Every KPI on everything and on each value of each dimension."""
    return measure(rich, [metric for one in KPIS.values() for metric in metrics_of(one)])


def empty() -> Data:
    """The same center without a customer."""
    data = deepcopy(RICH)
    data["demand"]["sources"] = {"all": data["demand"]["sources"]["all"] | {"volume": "1e-9/week"}}
    data["demand"].pop("events")
    return data


@pytest.fixture(scope="module")
def deserted() -> View:
    """A center with everything but customers."""
    return view_of(empty())


def amounts(rich: View, one: Kpi) -> list[Amount]:
    """What the KPI sums up."""
    definition = one.of(rich, one.parameter)
    if isinstance(definition, Ratio):
        return [*definition.numerator, *definition.denominator]
    return [Amount(definition.table, np.nan_to_num(definition.values))]


@EVERY
def test_it_is_documented(one: Kpi) -> None:
    assert one.doc.endswith(".") and len(one.doc.split()) >= 3, one.doc
    assert one.unit and one.better in ("higher", "lower", "")


@EVERY
def test_it_uses_the_tables_that_it_names_and_their_rows(one: Kpi, rich: View) -> None:
    used = {amount.table for amount in amounts(rich, one)}
    assert used == set(one.tables)
    for amount in amounts(rich, one):
        assert len(amount.values) == len(getattr(rich, amount.table)[next(iter(getattr(rich, amount.table)))])


@EVERY
def test_a_center_with_everything_has_data_for_it(one: Kpi, rich: View, sliced: Measures) -> None:
    assert one.needs(rich.scenario) is None
    for metric in metrics_of(one):
        sums = sliced[metric, ()]
        assert np.isfinite(sums.value) and (np.isnan(sums.over) or sums.over > 0), metric


@EVERY
def test_it_is_possible(one: Kpi, rich: View, sliced: Measures) -> None:
    for (metric, segment), sums in sliced.items():
        if metric.kpi == one.name:
            value = sums.value if np.isnan(sums.over) else sums.value / sums.over if sums.over else 0.0
            assert value >= (-100 if one.unit == "points" or one.root else 0), (metric, segment)
            assert one.unit != "share" or "staffing" in one.tables or value <= 1, (metric, segment, value)


@EVERY
def test_its_slices_sum_up_to_the_whole(one: Kpi, rich: View, sliced: Measures) -> None:
    """But for rows that have no value in the dimension (an unanswered leg has no team, a bot's no tier), and for
    values below whose line there is nothing (the cost of an hour in which no contact came)."""
    for metric in metrics_of(one):
        for dimension in one.dimensions if metric.statistic in ("", "mean") else ():
            labels = rich.labels(dimension)
            parts = {
                label: sliced[metric, ((dimension, label),)]
                for label in labels
                if (metric, ((dimension, label),)) in sliced
            }
            above, below = sums_over(rich, one, dimension, [labels.index(label) for label in parts])
            assert sum(part.value for part in parts.values()) == pytest.approx(above, rel=1e-9, abs=1e-9), (
                metric,
                dimension,
            )
            if below is not None:
                assert sum(part.over for part in parts.values()) == pytest.approx(below, rel=1e-9, abs=1e-9), (
                    metric,
                    dimension,
                )
                missing = sums_over(
                    rich, one, dimension, [code for code, label in enumerate(labels) if label not in parts]
                )
                assert missing[1] == 0, (metric, dimension)


def sums_over(rich: View, one: Kpi, dimension: str, codes: list[int]) -> tuple[float, float | None]:
    """The KPI's sums over the rows with some values of a dimension (below None: a constant)."""
    definition = one.of(rich, one.parameter)
    if isinstance(definition, Ratio):
        above, below = definition.numerator, definition.denominator
    else:
        above = [Amount(definition.table, np.nan_to_num(definition.values))]
        below = [Amount(definition.table, ~np.isnan(definition.values))]
    sums = [
        sum(float(part.values[np.isin(rich.codes(part.table, dimension), codes)].sum()) for part in parts)
        for parts in (above, below)
    ]
    return sums[0], sums[1] if below else None


@EVERY
def test_a_slice_is_what_its_rows_give(one: Kpi, rich: View, sliced: Measures) -> None:
    """Slices of all are gathered from sums by cell; one asked for alone looks at its rows."""
    mine = [(metric, segment) for metric, segment in sliced if metric.kpi == one.name]
    assert {len(segment) for _, segment in mine} == {0, 1}
    alone = measure(rich, [], mine)
    for key in mine:
        assert alone[key] == pytest.approx(sliced[key], rel=1e-9, abs=1e-9, nan_ok=True), key


@EVERY
def test_it_is_well_defined_when_nobody_comes(one: Kpi, deserted: View) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = measure(deserted, metrics_of(one))
        for summary in summarize([found, found], deserted.scenario):
            assert not np.isinf(summary.interval.mean), summary


@EVERY
def test_it_can_be_a_target_on_everything_and_on_each_dimension(one: Kpi, rich: View) -> None:
    data = deepcopy(RICH)
    bound = BOUNDS.get(one.unit, "1")
    labels = {
        "channel": "phone",
        "topic": "tech",
        "segment": "young",
        "urgency": "high",
        "source": "all",
        "team": "front",
        "tier": "tier1",
        "bot": "helper",
        "site": "abroad",
        "employer": "helpers",
    }
    segments = [
        "",
        *(f"{{{name}={labels.get(name, 'mon' if name == 'weekday' else '10')}}}" for name in one.dimensions),
    ]
    data["targets"] = {f"t{n}": f"{one.name}{segment} <= {bound}" for n, segment in enumerate(segments)}
    assert len(from_dict(data).targets) == len(segments) >= 1


@EVERY
def test_what_it_needs_is_told_or_nothing(one: Kpi) -> None:
    bare: Data = {
        "name": "bare",
        "calendar": {"start": "2026-03-02"},
        "horizon": "1 h",
        "demand": {"sources": {"all": {"topic": "any", "channel": "line", "volume": "10/h"}}},
        "channels": {"line": {"mode": "live"}},
        "topics": {"any": {"handling": {"any": {"exponential": {"mean": "5 min"}}}}},
        "teams": {"all": {"skills": {"all": {}}, "headcount": {"constant": 1}}},
    }
    scenario: Scenario = from_dict(bare)
    lack = one.needs(scenario)
    assert lack is None or len(lack.split()) > 3
    measure(View(observe(scenario).record, scenario), metrics_of(one))


def test_a_replication_without_data_counts_as_nothing_of_nothing() -> None:
    solved_at_three = (Metric("solved"), (("hour", "3"),))
    one_of_one: Measures = {solved_at_three: Sums(1.0, 1.0)}
    (summary,) = summarize([one_of_one, one_of_one, {}], from_dict(RICH))
    assert summary.interval.mean == 1.0


def test_a_replication_without_calls_counts_for_a_rate_per_day() -> None:
    calls_at_three = (Metric("contacts"), (("hour", "3"),))
    (summary,) = summarize(
        [{calls_at_three: Sums(6.0, 2.0, True)}, {calls_at_three: Sums(3.0, 2.0, True)}, {}], from_dict(RICH)
    )
    assert summary.interval.mean == 1.5


def test_every_dimension_belongs_to_a_column(rich: View) -> None:
    for table, dimensions in DIMENSIONS.items():
        for dimension in dimensions:
            codes = rich.codes(table, dimension)
            assert codes.min() >= -1 and codes.max() < len(rich.labels(dimension))


def test_prices_in_the_example_are_in_its_currency() -> None:
    assert Money.parse(BOUNDS["money"]).currency == "EUR"
