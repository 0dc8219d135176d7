"""What holds of the way up in every run: off is off, nobody untouched is moved, and every law of the center holds."""

from __future__ import annotations

from copy import deepcopy
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.record.recorder import Outcome
from tests.laws.books import Books, observe
from tests.laws.strategies import Data, constant, fit, quick, scenarios
from tests.laws.test_conservation import LAWS
from tests.laws.test_opinion_laws import same_tables

CLOCK = {level: "2 min" for level in ("low", "normal", "high", "critical")}


def with_boss(data: Data, **way_up: Any) -> Data:
    """The same center with one supervisor above all tiers, and more ways up."""
    other = deepcopy(data)
    other["escalation"]["path"] = [*other["escalation"]["path"], "boss"]
    other["escalation"] |= way_up
    skills = {"all": {"handling": constant(90)}}
    other["teams"]["boss"] = {"tier": "boss", "skills": skills, "headcount": {"constant": 1}}
    return fit(other)


# -- off is off ----------------------------------------------------------------------------------------------


@quick(8)
@given(scenarios())
def test_nobody_angry_and_no_clock_in_time_change_nothing(data: Data) -> None:
    late = {"after": {level: "30 d" for level in CLOCK}}
    plain = observe(with_boss(data))
    same_tables(plain, observe(with_boss(data, angry={"always": "0 %", "per_failure": "0 %"}, overdue=late)))
    same_tables(plain, observe(with_boss(data, angry={"after_failures": 99}, overdue={**late, "to": "front"})))


# -- every law, with angry customers and clocks --------------------------------------------------------------


@quick(16)
@given(scenarios(), st.sampled_from(["next", "front", "boss"]), st.sampled_from([0.0, 0.3, 1.0]))
def test_every_law_holds_with_angry_customers_and_clocks(data: Data, to: str, after: float) -> None:
    angry = {"always": "20 %", "per_failure": "50 %", "after_failures": 3, "to": None, "after": f"{after:%}"}
    deadlines = any(channel.get("deadline") for channel in data["channels"].values())
    overdue = {"after": CLOCK, "to": to, **({"before_due": "5 min"} if deadlines else {})}
    books = observe(with_boss(data, angry=angry, overdue=overdue))
    for law in LAWS:
        law(books)
    assert_passed_on_once(books)


def assert_passed_on_once(books: Books) -> None:
    """Who is angry goes up, once a contact; whose clock has run out has waited for it."""
    overdue = books.record.legs["overdue"].tolist()
    for leg, late in zip(books.legs, overdue, strict=True):
        assert not late or books.runs_out(leg) <= leg.until + 1e-6
    for legs in books.of_contact.values():
        assert sum(leg.angry for leg in legs) <= 1
        for leg, following in pairwise([*legs, None]):
            if leg is not None and leg.angry:
                up = leg.outcome is Outcome.ESCALATED and following is not None and following.tier != leg.tier
                assert up or leg.outcome is Outcome.OPEN, str(leg)


# -- more of it ----------------------------------------------------------------------------------------------


def plenty(**way_up: Any) -> Data:
    """A center where nobody ever waits: what is untouched can be compared second by second."""
    repeat = {"probability": "90 %", "after": {"exponential": {"mean": "1 h"}}}
    return {
        "name": "plenty",
        "calendar": {"start": "2026-03-02"},
        "horizon": "1 d",
        "demand": {"sources": {"all": {"topic": "any", "channel": "phone", "volume": "40/h"}}},
        "channels": {"phone": {"mode": "live"}},
        "topics": {"any": {"handling": {"any": {"exponential": {"mean": "5 min"}}}, "repeat": repeat}},
        "teams": {
            "front": {"skills": {"all": {}}, "headcount": {"constant": 40}, "accuracy": "60 %"},
            "boss": {"tier": "boss", "skills": {"all": {}}, "headcount": {"constant": 40}, "accuracy": "90 %"},
        },
        "escalation": {"path": ["tier1", "boss"], **way_up},
    }


def passed_on(books: Books) -> set[int]:
    return {leg.case for leg in books.legs if leg.angry}


@pytest.mark.parametrize("what", ["always", "per_failure"])
def test_the_angrier_pass_up_more_and_the_others_keep_their_story(what: str) -> None:
    runs = [observe(plenty(angry={what: f"{percent} %", "after": "50 %"})) for percent in (0, 10, 30, 100)]
    found = [passed_on(books) for books in runs]
    assert all(few < more for few, more in pairwise(found))
    for few, more in pairwise(runs):
        untouched = {case for case, *_ in few.legs} - passed_on(few) - passed_on(more)
        stories = [[str(leg._replace(agent=0)) for leg in books.legs if leg.case in untouched] for books in (few, more)]
        assert stories[0] == stories[1] and (untouched or what == "always")


def test_a_failure_long_ago_is_forgotten() -> None:
    soon, late = (
        passed_on(observe(plenty(angry={"per_failure": "50 %", "half_life": length}))) for length in ("1 min", "30 d")
    )
    assert soon < late
