"""Laws of those who leave: nobody at no rate, each by luck of its own, and newcomers know less."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.center import turnover as model
from simulation.experiments.load import from_dict
from simulation.metrics.kpi import Metric
from simulation.metrics.measure import EVERYTHING, Slicer
from simulation.metrics.scorecards import cards
from simulation.metrics.scorecards import rows as rows_of
from simulation.metrics.view import View
from tests.laws.books import Books, observe
from tests.laws.micro import center, on_shift
from tests.laws.strategies import Data, deep, quick, scenarios
from tests.laws.test_common_numbers import births, duties, stories
from tests.laws.test_conservation import LAWS

HOUR, DAY = 3600.0, 86_400.0
AT_ONCE = {"constant": {"value": "0"}}


def leaving(data: Data, **spec: Any) -> Data:
    """The same center, whose agents may leave."""
    return data | {"strain": {"turnover": {"hire_after": AT_ONCE, **spec}}}


def by_shift(data: Data) -> bool:
    return any("shifts" in team for team in data["teams"].values())


@quick(15)
@given(scenarios().filter(by_shift))
def test_where_nobody_leaves_nothing_changes(data: Data) -> None:
    one, other = observe(data), observe(leaving(data, per_year="0 %"))
    assert (births(one), stories(one), duties(one)) == (births(other), stories(other), duties(other))


@quick(15)
@given(scenarios().filter(by_shift), st.sampled_from(["0", "3 h", "9 d"]))
def test_every_law_holds_while_agents_leave(data: Data, training: str) -> None:
    books = observe(leaving(data, per_year=1000, training=training))
    for law in LAWS:
        law(books)


@pytest.mark.slow
@deep(150)
@given(scenarios().filter(by_shift), st.sampled_from(["0", "3 h", "9 d"]))
def test_every_law_holds_while_many_agents_leave(data: Data, training: str) -> None:
    books = observe(leaving(data, per_year=1000, training=training))
    for law in LAWS:
        law(books)


def weeks(agents: int = 12, **spec: Any) -> Data:
    """Places with a daily shift over two months."""
    data = center([], teams__desk=on_shift("08:00", "16:00", agents), horizon="60 d")
    data["demand"] = {"sources": {"calls": {"topic": "any", "channel": "phone", "volume": "10/day"}}}
    del data["teams"]["front"]
    return leaving(data, **{"per_year": 4, "hire_after": {"exponential": {"mean": "20 d"}}} | spec)


@cache
def left(agents: int = 12, per_year: int = 4, teams: str = "all") -> dict[str, tuple[float, ...]]:
    """When persons left each place."""
    return leavers(weeks(agents, per_year=per_year, teams=teams))


def leavers(data: Data) -> dict[str, tuple[float, ...]]:
    """When persons left each place."""
    books = observe(data)
    people = books.record.tables["people"]
    return {
        name: tuple(people["left"][(people["agent"] == index) & ~np.isnan(people["left"])].tolist())
        for index, name in enumerate(books.agents)
    }


def test_hiring_one_more_changes_nobody_elses_luck() -> None:
    assert sum(map(len, left().values())) > 3
    assert left(agents=13).items() >= left().items()
    with_others = weeks() | {"teams": {"a": on_shift("00:00", "08:00", 5), **weeks()["teams"]}}
    assert leavers(with_others).items() >= left().items()


def test_a_higher_rate_makes_nobody_leave_later() -> None:
    first, sooner = left(), left(per_year=8)
    for name, moments in first.items():
        if moments:
            assert sooner[name][0] <= moments[0]
    assert sum(map(len, sooner.values())) > sum(map(len, first.values()))


def test_persons_leave_at_the_end_of_a_shift() -> None:
    assert {moment % DAY for moments in left().values() for moment in moments} == {16 * HOUR}


def test_the_day_after_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first person leaves on the first day, the second is found within 30 h, learns on the third day and stays."""
    limits = iter([0.0, np.inf])
    monkeypatch.setattr(model, "bears", lambda u: next(limits))
    pause = {"tea": {"after": "1 h", "lasts": "30 min"}}
    data = center([(9 * HOUR, 60)], teams__front=on_shift("08:00", "12:00", breaks=pause), horizon="5 d")
    spec = {"per_year": 1, "hire_after": {"constant": {"value": "30 h"}}, "training": "1 d", "cost": "500 EUR"}
    books = observe(leaving(data, **spec))
    people, rows = books.record.tables["people"], books.record.staffing
    assert people["person"].tolist() == [0, 1]
    assert people["left"].tolist() == pytest.approx([12 * HOUR, np.nan], nan_ok=True)
    assert people["hired"].tolist() == pytest.approx([np.nan, 2 * DAY + 8 * HOUR], nan_ok=True)
    day = rows["start"] // DAY
    by_day = {name: np.bincount(day.astype(int), rows[name], 5).tolist() for name in ("paid", "vacant", "induction", "break", "signed_in", "left", "hired")}  # fmt: skip
    assert by_day["vacant"] == [0, 4 * HOUR, 0, 0, 0]
    assert by_day["induction"] == [0, 0, 4 * HOUR, 0, 0]
    assert by_day["paid"] == [4 * HOUR, 0, 4 * HOUR, 4 * HOUR, 4 * HOUR]
    assert by_day["break"] == [0.5 * HOUR, 0, 0, 0.5 * HOUR, 0.5 * HOUR]
    assert by_day["signed_in"] == [3.5 * HOUR, 0, 0, 3.5 * HOUR, 3.5 * HOUR]
    assert (by_day["left"], by_day["hired"]) == ([1, 0, 0, 0, 0], [0, 0, 1, 0, 0])
    found = cards(View(books.record, books.scenario))
    assert (found["agent"].tolist(), found["person"].tolist()) == ([0, 0], [0, 1])
    assert found["paid"].tolist() == [4 * HOUR, 12 * HOUR]
    assert found["stays"].tolist() == [1, 0]
    assert [row["name"] for row in rows_of([found], books.agents, books.scenario) if row["level"] == "agent"] == [
        "front/s/1",
        "front/s/1 (2)",
    ]
    assert kpi(books, "vacancies") == pytest.approx(4 / 20)
    assert kpi(books, "hiring_cost") == pytest.approx(100)
    assert kpi(books, "tenure") == pytest.approx((2 * 4 + 26 * 4 + 50 * 4) / 12 * HOUR)


def test_who_leaves_while_still_learning_makes_room_for_the_next_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first leaves on the first day, the second on the first of three days of learning, the third learns and stays."""
    limits = iter([0.0, 0.0, np.inf])
    monkeypatch.setattr(model, "bears", lambda u: next(limits))
    data = center([(9 * HOUR, 60)], teams__front=on_shift("08:00", "12:00"), horizon="7 d")
    books = observe(leaving(data, per_year=1, training="3 d"))
    rows = books.record.staffing
    day = (rows["start"] // DAY).astype(int)
    by_day = {name: np.bincount(day, rows[name], 7).tolist() for name in ("induction", "signed_in", "left", "hired")}
    assert by_day["induction"] == [0, 4 * HOUR, 4 * HOUR, 4 * HOUR, 4 * HOUR, 0, 0]
    assert by_day["signed_in"] == [4 * HOUR, 0, 0, 0, 0, 4 * HOUR, 4 * HOUR]
    assert (by_day["left"], by_day["hired"]) == ([1, 1, 0, 0, 0, 0, 0], [0, 1, 1, 0, 0, 0, 0])
    assert rows["paid"].sum() == 7 * 4 * HOUR


def kpi(books: Books, name: str) -> float:
    """The value of a KPI."""
    sums = Slicer(View(books.record, books.scenario)).on(Metric(name, None, ""), EVERYTHING)
    return sums.value / sums.over


def test_cards_of_persons_add_up_to_those_of_seats() -> None:
    books = observe(weeks(6, per_year=12))
    view = View(books.record, books.scenario)
    found, staffing = cards(view), view.staffing
    assert found["person"].max() >= 1
    by_seat = np.bincount(found["agent"], found["paid"], 6)
    assert by_seat == pytest.approx(np.bincount(staffing["agent"], staffing["paid"], 6))
    assert found["stays"].sum() == (view.answered & (view.legs["outcome"] != 7)).sum()
    there = (found["person"] > 0) & (found["stays"] > 0)
    assert there.any()


def test_turnover_costs_tenure_and_with_it_answers_and_customers() -> None:
    """The same customers, the same agents at first: whoever follows has to learn."""
    data = weeks(4)
    data["demand"]["sources"]["calls"]["volume"] = "150/day"
    data["topics"]["any"] |= {"repeat": {"probability": "50 %", "after": {"constant": {"value": "1 d"}}}}
    curve = {"starts_at": "50 %", "half_life": "60 d"}
    data["teams"]["desk"]["people"] = {
        "tenure": {"constant": {"value": "300 d"}},
        "learning": {"accuracy": curve, "speed": curve},
    }
    data["opinion"] = {"churn": {"satisfied": "2 %", "unsatisfied": "30 %"}}
    stay, leave = (observe(leaving(data, per_year=rate)) for rate in (0, 6))
    for name in ("tenure", "fcr", "csat", "retention"):
        assert kpi(leave, name) < kpi(stay, name), name
    assert kpi(leave, "tenure") < 0.7 * kpi(stay, "tenure")
    assert kpi(leave, "fcr") < kpi(stay, "fcr") - 0.03


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (leaving(center([]), per_year=1), "no team works shifts"),
        (
            leaving(center([], teams__desk=on_shift("08:00", "09:00")), per_year=1, disliked=2),
            "hours that agents dislike",
        ),
        (leaving(center([]), per_year=1, teams=["nobody"]), "there is no team 'nobody'"),
        (leaving(center([], teams__desk=on_shift("08:00", "09:00")), per_year=1, teams="front"), "names no persons"),
    ],
)
def test_what_makes_no_sense_is_refused(data: Data, message: str) -> None:
    with pytest.raises(Exception, match=message):
        from_dict(data)
