"""Laws of handling: practices that do nothing change nothing, savings never lengthen, nobody is forgotten for one agent."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.center.practices import Practices
from simulation.record.recorder import Outcome
from tests.laws.books import Books, Leg, Stage, observe
from tests.laws.strategies import Data, constant, deep, fit, quick, scenarios
from tests.laws.test_common_numbers import births, duties, stories
from tests.laws.test_conservation import LAWS

EVERYTHING = {
    "analysis": "100 %",
    "solution": "100 %",
    "verification": "100 %",
    "informing": "100 %",
    "wrap_up": "100 %",
}
STRONG: Data = {"saves": EVERYTHING, "reach": "100 %", "accuracy": "100 %", "stale": "50 %"}
WEAK: Data = {"saves": {"analysis": "0 %"}, "reach": "0 %", "accuracy": "0 %", "stale": "0 %"}
BACK: Data = {"probability": "100 %", "after": constant(300), "most": 3}


def with_practices(data: Data, **practices: Data) -> Data:
    """The same center with practices."""
    return data | {"practices": practices}


def returning(data: Data) -> Data:
    """The same center, in which half of the answers are wrong and everybody comes back."""
    more = deepcopy(data)
    for topic in more["topics"].values():
        topic["repeat"] = BACK
    for team in more["teams"].values():
        team["accuracy"] = "50 %"
    return more


def with_sticky(data: Data, **sticky: Any) -> Data:
    """The same center with the same agent for who comes back."""
    return data | {"routing": data["routing"] | {"sticky": sticky}}


def assert_same(before: Data, after: Data) -> None:
    """Births, stories and duties are the same."""
    one, other = observe(before), observe(after)
    assert (births(one), stories(one), duties(one)) == (births(other), stories(other), duties(other))


# -- what does nothing changes nothing ----------------------------------------------------------------------


NOTHING: dict[str, Data] = {
    "never covers": STRONG | {"covers": "0 %"},
    "covers no easy one": STRONG | {"covers": "0 %", "which": "easiest"},
    "never found": STRONG | {"found": "0 %", "which": "easiest"},
    "saves nothing": WEAK | {"covers": "50 %"},
    "saves nothing again": WEAK | {"contacts": "repeats"},
    "for nobody": STRONG | {"teams": []},
    "costs": {"cost": {"per_day": "5 EUR"}},
}


@quick(10)
@given(scenarios())
def test_practices_that_do_nothing_change_no_case(data: Data) -> None:
    assert_same(returning(data), with_practices(returning(data), **NOTHING))


@pytest.mark.slow
@deep(80)
@given(scenarios())
def test_practices_that_do_nothing_change_no_case_in_many_centers(data: Data) -> None:
    assert_same(returning(data), with_practices(returning(data), **NOTHING))


@quick(8)
@given(scenarios(without=["repeat", "redial", "pauses"]))
def test_what_helps_on_repeats_changes_nothing_where_nobody_returns(data: Data) -> None:
    assert_same(data, with_sticky(with_practices(data, crm=STRONG | {"contacts": "repeats"}), saves=EVERYTHING))


@quick(10)
@given(
    scenarios(without=["slots", "reserve", "shifts", "steps", "routes", "misfiling"]),
    st.sampled_from(["0 s", "30 s", "1 h"]),
)
def test_a_single_agent_is_always_the_same(data: Data, wait: str) -> None:
    alone = returning(data)
    alone["teams"] = {"team0": alone["teams"]["team0"] | {"headcount": {"constant": 1}, "concurrency": {"slots": 1}}}
    for skill in alone["teams"]["team0"]["skills"].values():
        skill["reserve"] = 0
    assert_same(fit(alone), with_sticky(alone, wait=wait))


# -- what practices move, and what they leave ---------------------------------------------------------------


@quick(6)
@given(scenarios())
def test_practices_move_no_birth_and_one_more_no_coverage_of_another(data: Data) -> None:
    one = {"templates": {"covers": "40 %", "saves": {"informing": "50 %"}}}
    two = {"more": {"covers": "50 %", "which": "easiest", "found": "50 %", "reach": "1 %"}, **one}
    alone, beside = (observe(with_practices(data, **practices)) for practices in (one, two))
    assert births(observe(data)) == births(alone) == births(beside)
    assert (covered(alone) == covered(beside) >> 1).all()


def covered(books: Books) -> np.ndarray:
    """Practices (bits) that cover each case."""
    return Practices(books.scenario).covered(books.births)


@quick(8)
@given(
    scenarios(without=["slowdown", "persons"]), st.permutations(["analysis", "solution", "verification", "informing"])
)
def test_more_saving_never_lengthens_a_first_service(data: Data, steps: list[str]) -> None:
    some = {"covers": "50 %", "saves": {steps[0]: "50 %"}}
    more = {"covers": "80 %", "saves": {steps[0]: "70 %", steps[1]: "20 %"}}
    runs = [first_services(observe(with_practices(data, tool=tool))) for tool in ({"saves": {}}, some, more)]
    for shorter, longer in ((runs[1], runs[0]), (runs[2], runs[1])):
        assert all(seconds <= longer[who] + 1e-6 for who, seconds in shorter.items() if who in longer)


def first_services(books: Books) -> dict[tuple[int, str, str], float]:
    """How long the first service of a case at a tier by a team took, where it is not cut by the end."""
    found: dict[tuple[int, str, str], float] = {}
    seen: set[tuple[int, str]] = set()
    for leg in sorted((leg for leg in books.legs if leg.agent >= 0), key=lambda leg: leg.answered):
        if (leg.case, str(leg.tier)) not in seen and leg.released < books.scenario.duration:
            found[leg.case, str(leg.tier), str(leg.handler)] = leg.released - leg.answered
        seen.add((leg.case, str(leg.tier)))
    return found


ONE_LINE: Data = {
    "name": "line",
    "calendar": {"start": "2026-03-02"},
    "horizon": "20 h",
    "demand": {"sources": {"calls": {"topic": "any", "channel": "phone", "volume": "25/h"}}},
    "channels": {"phone": {"mode": "live"}},
    "topics": {"any": {"handling": {"any": {"lognormal": {"mean": "2 min", "cv": 1}}}}},
    "teams": {"front": {"skills": {"all": {}}, "headcount": {"constant": 1}}},
    "routing": {},
}


def test_nobody_waits_longer_for_a_single_agent_who_works_less() -> None:
    """By Lindley's recursion, customer by customer."""
    waits = []
    for saves in ("0 %", "20 %", "60 %"):
        legs = observe(with_practices(ONE_LINE, tool={"covers": "70 %", "saves": {"solution": saves}})).record.legs
        waits.append(np.nan_to_num(legs["wait"], nan=np.inf))
    assert (waits[1] <= waits[0] + 1e-9).all() and (waits[2] <= waits[1] + 1e-9).all()
    known = np.isfinite(waits[0])
    assert waits[2][known].sum() < 0.5 * waits[0][known].sum()


def test_saving_as_much_of_every_step_is_working_faster() -> None:
    saves = {step: "20 %" for step in EVERYTHING}
    tool, speed = deepcopy(ONE_LINE), deepcopy(ONE_LINE)
    for data in (tool, speed):
        data["topics"]["any"]["wrap_up"] = {"any": {"exponential": {"mean": "20 s"}}}
        data["topics"]["any"]["repeat"] = BACK
        data["teams"]["front"]["accuracy"] = "80 %"
    speed["teams"]["front"]["speed"] = 1.25
    one, other = observe(with_practices(tool, tool={"saves": saves})).record.legs, observe(speed).record.legs
    for column in ("queued", "answered", "released", "ended"):
        np.testing.assert_allclose(one[column], other[column], rtol=1e-9)


def test_the_order_of_practices_and_the_unit_of_steps_are_of_no_account() -> None:
    """A topic's own steps, equal to those of all, are no change either."""
    one = {"covers": "50 %", "saves": {"analysis": "30 %"}, "reach": "10 %", "accuracy": "20 %"}
    two = {"covers": "70 %", "saves": {"analysis": "20 %", "informing": "40 %"}, "stale": "3 %"}
    steps = {"analysis": "60 %", "informing": "40 %"}
    data = returning(ONE_LINE) | {"handling_steps": steps}
    own = deepcopy(data) | {"handling_steps": {"solution": "100 %"}}
    own["topics"]["any"]["steps"] = steps
    told = [stories(observe(with_practices(center, **practices))) for center, practices in (
        (data, {"one": one, "two": two}), (data, {"two": two, "one": one}), (own, {"one": one, "two": two}),
    )]  # fmt: skip
    assert told[0] == told[1] == told[2]


def test_more_reach_and_accuracy_solve_more_cases_at_once() -> None:
    """With the same customers: who was helped at once is helped at once still."""
    center = returning(ONE_LINE)
    center["topics"]["any"]["reach"] = {"tier1": "60 %"}
    solved = []
    for gain in ("0 %", "30 %", "90 %"):
        books = observe(with_practices(center, articles={"covers": "60 %", "reach": gain, "accuracy": gain}))
        solved.append({leg.case for leg in books.legs if leg.contact == 0 and leg.outcome == 0})
    assert solved[0] < solved[1] < solved[2]


# -- the same agent -----------------------------------------------------------------------------------------


def every_law_holds(data: Data, wait: int) -> None:
    """Also where contacts wait for one agent alone: after that wait the floor owes them what it owes to all."""
    books = observe(with_sticky(returning(data), wait=f"{wait} s"))
    patient = Patiently(**{field.name: getattr(books, field.name) for field in fields(Books)})
    patient.wait = wait
    for law in LAWS:
        law(books if law.__name__ == "handlers_are_entitled" else patient)


class Patiently(Books):
    """Who comes back, or goes on after a pause, may be kept for one agent: others are owed nothing before that wait is
    over."""

    wait = 0

    def stages(self, leg: Leg) -> list[Stage]:
        """Teams that may take a leg, each after its wait."""
        stages = super().stages(leg)
        goes_on = leg.leg and self.of_contact[leg.case, leg.contact][leg.leg - 1].outcome is Outcome.PAUSED
        kept = self.wait if leg.contact or goes_on else 0
        return [stage._replace(after=max(stage.after, kept)) for stage in stages]


@quick(20)
@given(scenarios(without=["routes"]), st.sampled_from([0, 15, 60, 600]))
def test_every_law_holds_with_the_same_agent(data: Data, wait: int) -> None:
    every_law_holds(data, wait)


@pytest.mark.slow
@deep(200)
@given(scenarios(without=["routes"]), st.sampled_from([0, 15, 60, 600]))
def test_every_law_holds_with_the_same_agent_in_many_centers(data: Data, wait: int) -> None:
    every_law_holds(data, wait)


@quick(8)
@given(scenarios(), st.sampled_from(["0 s", "2 min"]))
def test_all_levers_on_the_books_balance(data: Data, wait: str) -> None:
    practices = {
        "templates": {"covers": "50 %", "which": "easiest", "saves": {"informing": "80 %"}},
        "crm": {"contacts": "repeats", "saves": EVERYTHING},
        "articles": {"covers": "70 %", "found": "80 %", "reach": "50 %", "accuracy": "50 %", "stale": "10 %"},
    }
    books = observe(with_sticky(with_practices(returning(data), **practices), wait=wait, saves={"analysis": "100 %"}))
    assert int(books.record.legs["helped"].max(initial=0)) < 1 << 4
