"""What holds of opinion, survey and complaints in every run: who is asked changes nothing, who complains only adds."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from itertools import pairwise
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from simulation.center import opinion as formulas
from simulation.center.afterwards import FAILED
from simulation.record.recorder import CaseStatus, ContactKind
from tests.laws.books import EPSILON, Books, observe
from tests.laws.strategies import Data, constant, fit, quick, scenarios
from tests.laws.test_common_numbers import births
from tests.laws.test_conservation import LAWS
from tests.laws.test_invariance import TIMELESS, assert_scales, in_words, reordered, without_score

OPINION: Data = {"expected": {}, "churn": {"satisfied": "1 %", "unsatisfied": "30 %"}, "value": "100 EUR"}
SURVEY: Data = {"asked": "70 %", "answers": {"satisfied": "30 %", "unsatisfied": "80 %"}}
COLUMNS = ("satisfied", "opinion", "stars", "recommends", "effort", "churn", "lost")
TIMES = st.floats(0, 1e7)


def complaining(data: Data, **more: Any) -> Data:
    """The same center, whose customers complain about everything that goes wrong."""
    other = deepcopy(data)
    other["topics"]["grievance"] = {"handling": {"any": constant(90)}, "urgency": {"low": "50 %", "high": "50 %"}}
    other["complaints"] = {"topic": "grievance", "probability": "100 %", **more}
    return fit(other)


def same_tables(one: Books, other: Books, but: tuple[str, ...] = ()) -> None:
    """All tables agree, but for some columns of the cases."""
    for name, table in one.record.tables.items():
        for column, values in table.items():
            if name != "cases" or column not in but:
                np.testing.assert_array_equal(values, other.record.tables[name][column], err_msg=f"{name}.{column}")


# -- asking changes nothing ----------------------------------------------------------------------------------


@quick(5)
@given(scenarios())
def test_an_opinion_and_a_survey_move_nothing_in_the_center(data: Data) -> None:
    thinking = observe({**data, "opinion": OPINION})
    same_tables(observe(data), thinking, but=COLUMNS)
    same_tables(thinking, observe({**data, "opinion": OPINION, "survey": SURVEY}), but=("survey",))


def test_a_survey_that_asks_nobody_is_none() -> None:
    data = {**ROUGH, "opinion": OPINION, "survey": {**SURVEY, "asked": "0 %"}}
    asked = observe(data).record.cases["survey"]
    assert (asked == -1).all()
    assert (observe({**data, "survey": SURVEY}).record.cases["survey"] >= 0).any()


def test_who_answers_was_asked_and_who_is_asked_came_to_an_end() -> None:
    cases = observe({**ROUGH, "opinion": OPINION, "survey": {**SURVEY, "channels": "chat"}}).record.cases
    known = cases["satisfied"] >= 0
    chat = cases["channel"] == 1
    assert (known == (cases["status"] != CaseStatus.OPEN)).all()
    assert (cases["survey"][~known | ~chat] == -1).all() and (cases["survey"][known & chat] >= 0).any()


# -- complaints only add -------------------------------------------------------------------------------------


@quick(8)
@given(scenarios())
def test_nobody_who_complains_is_as_without_complaints(data: Data) -> None:
    assert_same_but_columns(observe(data), observe(complaining(data, probability="0 %")))


def assert_same_but_columns(one: Books, other: Books) -> None:
    same_tables(one, other)
    assert one.record.audit == other.record.audit


@quick(8)
@given(scenarios(), st.sampled_from([None, 1, 2]))
def test_complaints_leave_the_births_alone(data: Data, failures: int | None) -> None:
    before, after = observe(data), observe(complaining(data, after_failures=failures))
    assert births(before).items() <= births(after).items()
    assert (after.record.cases["parent"][: len(before.births)] == -1).all()


@quick(16)
@given(scenarios(), st.sampled_from([None, 1, 2]), st.sampled_from([0, 60, 600]))
def test_every_law_holds_with_complaints(data: Data, failures: int | None, after: int) -> None:
    books = observe(complaining(data, after_failures=failures, after=constant(after)))
    for law in LAWS:
        law(books)
    for parent, child in pairs(books):
        assert_complaint(books, parent, child, failures, after)


def pairs(books: Books) -> Iterator[tuple[int, int]]:
    """Cases and the complaints about them."""
    about, of = books.record.cases["parent"], books.record.cases["complaint"]
    assert sorted(of[of >= 0].tolist()) == np.flatnonzero(about >= 0).tolist()
    for parent in np.flatnonzero(of >= 0).tolist():
        assert about[of[parent]] == parent, "each leads to the other"
        yield parent, int(of[parent])


def assert_complaint(books: Books, parent: int, child: int, failures: int | None, after: float) -> None:
    """It comes after its reason, on the channel of the case, and is no complaint about a complaint."""
    cases = books.record.cases
    grievance = books.record.names["topic"].index("grievance")
    assert cases["parent"][parent] == -1 and cases["topic"][child] == grievance != cases["topic"][parent]
    contacts = [one for one in books.contacts if one.case == parent]
    moments = [cases["closed"][parent]] if cases["status"][parent] == CaseStatus.GIVEN_UP else []
    if failures is not None:
        own = [one for one in contacts if one.kind is not ContactKind.CHASER]
        tries = [after for before, after in pairwise(own) if before.outcome in FAILED]
        moments += [one.arrived for one in tries if one.kind is not ContactKind.CALLBACK][failures - 1 :]
    reason = min(moments, default=cases["arrived"][child] - after)  # the next try may lie beyond the end
    assert cases["arrived"][child] == pytest.approx(reason + after, abs=EPSILON)
    there = {one.channel for one in contacts}
    assert books.record.names["channel"][cases["channel"][child]] in there or len(moments) == 0


@quick(10)
@given(scenarios(), st.sampled_from([None, 1, 2]))
def test_all_who_have_a_reason_complain(data: Data, failures: int | None) -> None:
    books = observe(complaining(data, after_failures=failures))
    cases = books.record.cases
    least = np.inf if failures is None else failures
    tries = cases["redials"] + cases["repeats"] >= least
    reason = ((cases["status"] == CaseStatus.GIVEN_UP) | tries) & (cases["parent"] < 0)
    reason &= cases["contacts"] > 0  # who was misled by an article and never wrote does not complain
    assert (reason <= (cases["complaint"] >= 0)).all()


@quick(5)
@given(TIMELESS.map(without_score), st.sampled_from([None, 1, 2]), st.sampled_from([0.25, 8.0]))
def test_the_unit_of_time_is_of_no_account_to_complaints(data: Data, failures: int | None, factor: float) -> None:
    assert_scales(complaining(data, after_failures=failures, after=constant(60)), factor)


@quick(8)
@given(scenarios(), st.sampled_from([None, 1, 2]), st.integers(0, 2**32))
def test_the_order_of_the_file_is_of_no_account_to_complaints(data: Data, failures: int | None, seed: int) -> None:
    grumbling = complaining(data, after_failures=failures, after=constant(60))
    assert in_words(observe(grumbling)) == in_words(observe(reordered(grumbling, Random(seed))))


ROUGH: Data = {
    "name": "rough",
    "calendar": {"start": "2026-03-02"},
    "horizon": "10 h",
    "demand": {"sources": {"all": {"topic": "any", "channels": {"phone": "60 %", "chat": "40 %"}, "volume": "60/h"}}},
    "channels": {"phone": {"mode": "live"}, "chat": {"mode": "concurrent"}},
    "topics": {"any": {"handling": {"any": constant(60)}}, "complaint": {"handling": {"any": constant(300)}}},
    "teams": {"front": {"skills": {"all": {}}, "headcount": {"constant": 60}, "accuracy": "60 %"}},
}


def desk(probability: str, agents: int = 60) -> Books:
    """A center in which a wrong answer is often followed by a complaint."""
    after = {"exponential": {"mean": "20 min"}}
    front = {**ROUGH["teams"]["front"], "headcount": {"constant": agents}}
    complaints = {"topic": "complaint", "probability": probability, "after": after}
    return observe({**ROUGH, "teams": {"front": front}, "complaints": complaints, "opinion": OPINION})


def test_where_nobody_waits_complaints_move_no_other_case() -> None:
    without = observe({**ROUGH, "opinion": OPINION})
    before, after = without, desk("50 %")
    assert len(after.births) > len(before.births) + 50
    assert births(before).items() <= births(after).items()
    early = after.record.cases["parent"] < 0
    for column in ("status", "closed", "satisfied", "opinion", "contacts", "legs"):
        np.testing.assert_array_equal(before.record.cases[column], after.record.cases[column][early])


def keys(books: Books) -> dict[int, tuple[object, ...]]:
    """What complaints are born with, by their own key: the key of their case, topic, urgency, difficulty, arrival."""
    cases = books.record.cases
    rows = np.flatnonzero(cases["parent"] >= 0)
    columns = [cases["key"][cases["parent"][rows]], *(cases[name][rows] for name in ("topic", "urgency", "difficulty"))]
    return dict(zip(cases["key"][rows].tolist(), zip(*(one.tolist() for one in columns), strict=True), strict=True))


def test_who_complains_at_twenty_percent_does_so_at_fifty_with_the_same_complaint() -> None:
    few, many, all_of_them = keys(desk("20 %")), keys(desk("50 %")), keys(desk("100 %"))
    assert few.items() < many.items() < all_of_them.items()
    assert len(set(all_of_them)) == len(all_of_them)


def test_a_complaint_is_the_same_in_a_busier_center() -> None:
    calm, busy = keys(desk("80 %")), keys(desk("80 %", agents=2))
    common = calm.keys() & busy.keys()
    assert len(common) > 20 and all(calm[key] == busy[key] for key in common)


def test_a_complaint_is_as_difficult_as_any_case_though_the_case_was_a_hard_one() -> None:
    data = {**ROUGH, "complaints": {"topic": "complaint", "probability": "100 %"}}
    data["topics"] = {**ROUGH["topics"], "any": {**ROUGH["topics"]["any"], "reach": {"tier1": "60 %"}}}
    data["teams"] = {"front": {**ROUGH["teams"]["front"], "accuracy": "100 %"}}
    cases = observe(data).record.cases
    hard, own = (cases["difficulty"][cases[name] >= 0] for name in ("complaint", "parent"))
    assert len(own) > 150 and hard.min() >= 0.6 and own.min() < 0.05
    assert own.mean() == pytest.approx(0.5, abs=4 * 0.29 / len(own) ** 0.5)
    assert abs(np.corrcoef(hard, own)[0, 1]) < 4 / len(own) ** 0.5


# -- opinion -------------------------------------------------------------------------------------------------


def judged(**opinion: Any) -> Books:
    """The rough center with repeats and some weights."""
    data = deepcopy(ROUGH)
    data["topics"]["any"]["repeat"] = {"probability": "70 %", "after": constant(1800)}
    data["teams"]["front"]["courtesy"] = "90 %"
    return observe({**data, "opinion": {**OPINION, **opinion}})


def opinions(books: Books) -> np.ndarray:
    """Opinions of cases that came to an end."""
    found: np.ndarray = books.record.cases["opinion"]
    return found[~np.isnan(found)]


def test_weights_of_zero_are_without_effect() -> None:
    plain = deepcopy(ROUGH)
    plain["topics"]["any"]["repeat"] = {"probability": "70 %", "after": constant(1800)}
    same_tables(observe({**plain, "opinion": OPINION}), judged(courtesy=0, anger=0))
    plain_minds, angry, rude = (opinions(judged(**weights)) for weights in ({}, {"anger": 1}, {"courtesy": 0}))
    assert (angry <= plain_minds).all() and (angry < plain_minds).any() and (rude < plain_minds).all()


def test_stars_and_satisfaction_say_the_same() -> None:
    cases = judged(unsolved=2).record.cases
    assert ((cases["stars"] >= 4) == (cases["satisfied"] == 1)).all()
    assert set(cases["stars"].tolist()) == {-1, 1, 2, 3, 4, 5}
    order = np.argsort(cases["opinion"])[: len(opinions(judged(unsolved=2)))]
    assert (np.diff(cases["stars"][order]) >= 0).all() and (np.diff(cases["recommends"][order]) >= 0).all()


ONE = arrays.arrays(float, 1, elements=TIMES)
WEIGHTS = {name: 0.7 for name in ("late", "contact", "transfer", "unsolved", "courtesy", "misled", "anger")}


@quick(100)
@given(TIMES, TIMES, st.floats(1, 1e6), st.floats(0.01, 0.99))
def test_a_longer_wait_never_satisfies_more(one: float, other: float, expected: float, base: float) -> None:
    late = formulas.lateness(np.sort([one, other]), np.full(2, expected))
    quick_, slow = formulas.score(base, WEIGHTS, {"late": late})
    assert slow <= quick_ and formulas.satisfaction(np.array([slow])) <= formulas.satisfaction(np.array([quick_]))
    effort = formulas.effort({"wait": 0.5}, {"wait": formulas.waiting(np.sort([one, other]), np.full(2, expected))})
    assert 1 <= effort[0] <= effort[1] <= 7


@quick(60)
@given(st.sampled_from(sorted(WEIGHTS)), st.floats(0, 20), st.floats(0, 20), st.floats(0.01, 0.99))
def test_no_burden_ever_satisfies_more(name: str, one: float, other: float, base: float) -> None:
    light, heavy = formulas.score(base, WEIGHTS, {name: np.sort([one, other])})
    assert heavy <= light


@quick(60)
@given(st.floats(1, 1e6), st.floats(1, 1e6), st.floats(0, 1))
def test_an_announced_wait_moves_the_expectation_towards_it(usual: float, announced: float, trust: float) -> None:
    moved = formulas.expectation(np.array([usual]), np.array([announced]), trust, np.array([False]), 1.5)[0]
    assert min(usual, announced) * (1 - 1e-9) <= moved <= max(usual, announced) * (1 + 1e-9)


def test_anger_on_the_way_is_anger_afterwards() -> None:
    """The rule for one leg and the arrays over all cases agree."""
    books = judged(anger=1, anger_half_life="1 h", courtesy=0)
    without = judged(courtesy=0).record.cases["opinion"]
    cases = books.record.cases
    for case in np.flatnonzero((cases["contacts"] > 1) & (cases["satisfied"] >= 0)).tolist():
        failed = [one.ended for one in books.contacts if one.case == case and one.outcome in FAILED]
        earlier = failed[: int(cases["contacts"][case]) - 1]
        carried = formulas.anger(earlier, cases["closed"][case], 3600.0)
        assert without[case] - cases["opinion"][case] == pytest.approx(carried)
