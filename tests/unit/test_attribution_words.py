"""The sentence that a manager reads first: what each change brought, and no more than is shown."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from simulation.experiments.attribution import Attribution, Brought
from simulation.metrics.kpi import Metric
from simulation.reports.attribution import sentence
from simulation.reports.attribution_page import BAD, GOOD, UNSURE, waterfall
from simulation.statistics.intervals import Interval

WAIT, LEVEL, COST = Metric("asa", None, "mean"), Metric("service_level", 20.0), Metric("cost")
UNITS = {WAIT: ("asa", "s"), LEVEL: ("80/20", "share"), COST: ("cost", "EUR/day")}


def around(value: float, half: float) -> Interval:
    return Interval(value, value - half, value + half, 0.95, 10)


def brought(metric: Metric, before: float, parts: list[Interval], total: float) -> Brought:
    label, unit = UNITS[metric]
    whole = around(sum(one.mean for one in parts), total)
    return Brought(label, metric, (), unit, before, before + whole.mean, whole, parts, parts, parts, around(0, 1), {})


def said(one: Brought) -> str:
    changes = [SimpleNamespace(name=name) for name in "ABCDEFGH"[: len(one.brought)]]
    return sentence(cast(Attribution, SimpleNamespace(plan=SimpleNamespace(changes=changes))), one)


@pytest.mark.parametrize(
    ("metric", "before", "parts", "total", "words"),
    [
        (LEVEL, 0.761, [around(0.021, 0.005), around(0.011, 0.005)], 0.01,
         "Of the 3.2 points that 80/20 gained (76.1 % → 79.3 %), 2.1 came from A and 1.1 from B."),
        (LEVEL, 0.793, [around(-0.021, 0.005), around(-0.011, 0.005)], 0.01,
         "Of the 3.2 points that 80/20 lost (79.3 % → 76.1 %), 2.1 came from A and 1.1 from B."),
        (WAIT, 30, [around(60, 5), around(-25, 5), around(7, 2)], 10,
         "asa rose by 42 s (30 s → 1:12 min): +1:00 min from A, −25 s from B and +7.0 s from C."),
        (WAIT, 90, [around(-40, 5), around(-10, 5), around(-1, 2)], 10,
         "Of the 51 s by which asa fell (1:30 min → 39 s), 40 s came from A and 10 s from B; what C brought is not shown to "
         "differ from nothing."),
        (WAIT, 90, [around(-4, 5), around(3, 5)], 10,
         "asa is not shown to change (1:30 min → 1:29 min); of no change alone is it shown that it brought anything."),
        (WAIT, 90, [around(0, 0), around(0, 0)], 0, "Nothing changes asa (1:30 min)."),
        (COST, 2000, [around(120, 0), around(0, 0)], 0,
         "Of the 120.00 EUR by which cost rose (2,000 EUR a day → 2,120 EUR a day), 120.00 EUR came from A."),
        (WAIT, 20, [around(2.0 + one, 1) for one in range(8)], 5,
         "Of the 44 s by which asa rose (20 s → 1:04 min), 9.0 s came from H, 8.0 s from G, 7.0 s from F, 6.0 s from E and 5.0 s "
         "from D; what the other 3 brought is less, or not shown to differ from nothing."),
        (WAIT, 90, [Interval(-4, np.nan, np.nan, 0.95, 1), Interval(9, np.nan, np.nan, 0.95, 1)], np.nan,
         "asa rose by 5.0 s (1:30 min → 1:35 min): +9.0 s from B and −4.0 s from A."),
    ],
)  # fmt: skip
def test_the_sentence_says_what_is_shown(
    metric: Metric, before: float, parts: list[Interval], total: float, words: str
) -> None:
    assert said(brought(metric, before, parts, total)) == words


def test_bars_stand_where_the_one_above_ends() -> None:
    one = brought(WAIT, 30, [around(60, 5), around(-25, 5), around(1, 2)], 10)
    bars, marks = cast(Any, waterfall(one, ["more", "<b>hours</b>", "third"]).figure.data)
    assert list(bars.base) == [30, 90, 65] and list(bars.x) == [60, -25, 1]
    assert list(bars.marker.color) == [BAD, GOOD, UNSURE]
    assert list(marks.x) == [30, 66]
    assert list(bars.error_x.array) == [5, 5, 2] == list(bars.error_x.arrayminus)


def test_names_are_no_markup() -> None:
    one = brought(LEVEL, 0.5, [around(0.1, 0.01)], 0.01)
    drawn = waterfall(one, ["<script>alert(1)</script>"])
    assert "<script>" not in drawn.figure.to_json()
