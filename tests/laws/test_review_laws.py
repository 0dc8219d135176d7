"""What holds of reviews and coaching in every run: they take time and nothing else, and what takes none moves nobody."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.record.recorder import Duty, Outcome
from simulation.record.tables import DUTIES
from tests.laws.books import Books, observe
from tests.laws.strategies import Data, constant, fit, quick, scenarios
from tests.laws.test_conservation import LAWS
from tests.laws.test_escalation_laws import plenty

OF_TIME = ("review", "coaching", "writing")
BESIDE = [list(DUTIES).index(duty) for duty in (Duty.REVIEW, Duty.COACHING, Duty.WRITING)]
"""Numbers of the work beside contacts in the table of duties."""
COACHING = {"takes": constant(0), "accuracy": "0 %", "courtesy": "0 %"}


def with_review(data: Data, **more: Any) -> Data:
    """The same center, in which the first team reviews the answers of all."""
    other = deepcopy(data)
    teams = list(other["teams"])
    other["loops"] = {"review": {"team": teams[0], "teams": teams, "share": "50 %", "takes": constant(60), **more}}
    return fit(other)


def same_but_time(one: Books, other: Books) -> None:
    """All tables agree, but for what tells of persons and of the work beside contacts."""
    for name, table in one.record.tables.items():
        for column, values in table.items():
            if name not in ("tasks", "people") and column not in OF_TIME:
                there = other.record.tables[name]
                again = there[column][~np.isin(there["duty"], BESIDE)] if name == "duties" else there[column]
                np.testing.assert_array_equal(values, again, err_msg=f"{name}.{column}")


@quick(10)
@given(scenarios(), st.booleans())
def test_reviews_that_take_no_time_and_teach_nothing_move_nobody(data: Data, gives_way: bool) -> None:
    before = observe(data)
    after = observe(with_review(data, takes=constant(0), gives_way=gives_way, per_week=50, coaching=COACHING))
    same_but_time(before, after)


@quick(10)
@given(scenarios(), st.sampled_from([1.0, 600.0]))
def test_reviews_that_give_way_move_nobody(data: Data, takes: float) -> None:
    """However long they take: whoever has time for them is free for contacts all the same."""
    coaching = {"takes": constant(takes), "accuracy": "0 %", "courtesy": "0 %"}
    same_but_time(observe(data), observe(with_review(data, takes=constant(takes), gives_way=True, coaching=coaching)))


@quick(14)
@given(scenarios(), st.sampled_from([15.0, 60.0, 600.0]), st.booleans(), st.integers(0, 1))
def test_every_law_holds_with_reviews(data: Data, takes: float, gives_way: bool, reserve: int) -> None:
    most = min(
        sum(shift["headcount"] for shift in team["shifts"].values()) if "shifts" in team else 1
        for team in data["teams"].values()
    )
    coaching = {"takes": constant(takes), "accuracy": "30 %", "courtesy": "30 %", "fades": "2 h"}
    data = with_review(
        data, takes=constant(takes), gives_way=gives_way, reserve=min(reserve, most - 1), coaching=coaching
    )
    books = observe(data)
    for law in LAWS:
        law(books)
    assert_reviews_follow_answers(books)


def assert_reviews_follow_answers(books: Books) -> None:
    """Each review is of an answer given before; found wrong is what was wrong; nobody reviews off the floor."""
    tasks = books.record.tables["tasks"]
    reviews = tasks["work"] == 0
    given = sum(leg.agent >= 0 and leg.outcome in (Outcome.SOLVED, Outcome.WRONG) for leg in books.legs)
    assert reviews.sum() <= given and (tasks["asked"] <= tasks["done"]).all()
    assert (tasks["found"] <= tasks["wrong"]).all() and (tasks["found"][~reviews] == -1).all()


@pytest.mark.parametrize("what", ["accuracy", "courtesy"])
def test_coaching_betters_those_who_are_coached(what: str) -> None:
    none, some, much = (
        observe(with_review(plenty(), gives_way=True, coaching={**COACHING, what: gain}))
        for gain in ("0 %", "20 %", "90 %")
    )
    if what == "courtesy":
        means = [books.record.legs["courtesy"].mean() for books in (none, some, much)]
        assert means[0] == 0 < means[1] < means[2] <= 0.5
    wrong = [(books.record.legs["outcome"] == Outcome.WRONG).sum() for books in (none, some, much)]
    assert wrong[0] > wrong[1] > wrong[2] if what == "accuracy" else wrong[0] == wrong[1] == wrong[2]


def test_what_was_learned_is_forgotten_where_it_fades() -> None:
    """With a half-life of ten minutes little is left of it in the end."""
    kept, fading = (
        observe(with_review(plenty(), gives_way=True, coaching={**COACHING, "courtesy": "50 %", **fades}))
        for fades in ({}, {"fades": "10 min"})
    )
    late = [books.record.legs["courtesy"][-200:].mean() for books in (kept, fading)]
    assert late[1] < late[0] / 3
