"""The section of cost on the page: its kinds add up, and parts stand below the kind that holds them."""

from __future__ import annotations

from typing import Any

import pytest

from simulation.metrics.cost import KINDS, WITHIN
from simulation.metrics.kpi import KPIS
from simulation.reports import costs


def rows(**means: float) -> dict[tuple[str, str], dict[str, Any]]:
    """Rows of KPIs of everything."""
    return {(metric, ""): {"mean": mean, "unit": "EUR/day"} for metric, mean in means.items()}


FOUND = rows(
    cost=200,
    wages=150,
    premium_pay=30,
    outsourcing=40,
    bot_cost=10,
    site_cost=0,
    cost_per_contact=4,
    cost_per_solved_case=5,
)


def test_kinds_add_up_and_parts_stand_below_their_kind() -> None:
    found = costs.kinds(FOUND)
    assert [kind.metric for kind in found] == ["wages", "premium_pay", "outsourcing", "bot_cost"]
    whole = [kind for kind in found if not kind.part]
    assert sum(kind.per_day for kind in whole) == 200
    assert sum(kind.share for kind in whole) == pytest.approx(1)
    assert sum(kind.per_contact or 0 for kind in whole) == pytest.approx(4)
    assert sum(kind.per_solved or 0 for kind in whole) == pytest.approx(5)
    assert [kind.part for kind in found] == [False, True, False, False]


def test_nothing_is_shown_of_a_center_without_prices() -> None:
    assert costs.kinds(rows(contacts=5)) == costs.kinds(rows(cost=0)) == []


def test_without_contacts_there_is_no_cost_per_contact() -> None:
    (kind,) = costs.kinds(rows(cost=100, wages=100))
    assert kind.per_contact is None and kind.per_solved is None


def test_the_waterfall_ends_at_all_cost() -> None:
    drawing = costs.waterfall(costs.kinds(FOUND), 200, "EUR/day")
    (bars,) = drawing.figure.data
    assert list(bars.x) == [150, 40, 10, 200] and bars.measure[-1] == "total"
    assert "Wages 150.00 EUR a day (75 %)" in drawing.says and "all cost 200.00 EUR a day" in drawing.says


def test_kinds_are_costs_of_a_day() -> None:
    for metric in (*KINDS, *(part for parts in WITHIN.values() for part in parts)):
        assert KPIS[metric].unit == "money/day" and KPIS[metric].better == "lower"
