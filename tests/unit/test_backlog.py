"""The backlog through time: curves against sums by hand, and what the figure says of them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from simulation.metrics.curves import _open_between, curves
from simulation.metrics.kpi import KPIS, Ratio
from simulation.metrics.view import View
from simulation.reports import figures
from tests.laws.books import observe
from tests.laws.micro import center
from tests.unit.test_page import MONDAY, lists
from tests.unit.test_page import curves as drawn


def test_spans_between_edges_by_hand() -> None:
    """Open 1 to 3 and 2 to 7, looked at from 0 to 2, 4 and 8: ages 0 to 1 (half), then 1 to 2 and 0 to 2, then 2 to 5."""
    number, age = _open_between(np.array([0.0, 2, 4, 8]), np.array([1.0, 2]), np.array([3.0, 7]))
    assert number.tolist() == [1, 1 + 2, 3]
    assert age.tolist() == [0.5, 1.5 + 2, 10.5]


def test_spans_between_edges_as_sums_over_all_of_them() -> None:
    chance = np.random.default_rng(1)
    edges = np.sort(chance.uniform(0, 100, 9))
    start = chance.integers(0, 90, 300).astype(float)
    end = start + chance.choice([0, 1, 5, 40.0], 300)
    number, age = _open_between(edges, start, end)
    for place, (low, high) in enumerate(pairwise(edges)):
        a, b = np.clip(start, low, high), np.clip(end, low, high)
        assert number[place] == pytest.approx((b - a).sum())
        assert age[place] == pytest.approx((((b - start) ** 2 - (a - start) ** 2) / 2).sum(), abs=1e-6)


def test_curves_add_up_to_the_metrics() -> None:
    data = center(
        [(30.0 * n, 45, "mail") for n in range(100)], channels={"mail": {"mode": "deferred"}}, warm_up="15 min"
    )
    books = observe(data)
    view = View(books.record, books.scenario)
    found = curves(view)
    measured = slice(int(np.searchsorted(books.record.edges, 900)), None)
    number, age = (found[f"hours/{name}"][measured].sum() for name in ("backlog", "backlog_age"))
    parts = {name: KPIS[name].of(view, None) for name in ("backlog", "backlog_age")}
    assert isinstance(parts["backlog"], Ratio) and isinstance(parts["backlog_age"], Ratio)
    assert number == pytest.approx(parts["backlog"].numerator[0].values.sum())
    assert age == pytest.approx(parts["backlog_age"].numerator[0].values.sum())


def test_the_figure_shows_how_many_and_says_how_old() -> None:
    known = drawn(
        MONDAY, 3, hours_backlog=[[3600], [14400], [0]], hours_backlog_age=[[3600 * 900], [14400 * 7200], [0]]
    )
    drawing = figures.backlog(known, figures.by_hour(known))
    (line,) = lists(drawing.figure)
    assert line["y"] == [0.5, 2.0, 0.0, 0.0]
    assert drawing.says == "phone: most Monday 2 March 1:00, 2.00, on average 2.0 h old."
