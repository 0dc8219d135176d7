"""What holds of articles in every run: those that add nothing move nobody, and more of them mislead and escalate no more."""

from __future__ import annotations

from copy import deepcopy
from itertools import pairwise
from typing import Any
from unittest import mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.center.hears import Hears
from simulation.center.leg import Leg
from simulation.record.recorder import Outcome, SelfService
from tests.laws.books import observe
from tests.laws.strategies import Data, constant, fit, quick, scenarios
from tests.laws.test_conservation import LAWS
from tests.laws.test_escalation_laws import plenty
from tests.laws.test_review_laws import same_but_time

NOTHING = {"coverage": "0 %", "renews": "0 %"}
BASE = {"looks": "60 %", "findability": "90 %", "reading": constant(75)}


def with_articles(data: Data, **more: Any) -> Data:
    """The same center, with a knowledge base for customers and one for agents, to which the first team adds articles."""
    other = deepcopy(data)
    other["self_service"] = other.get("self_service", {}) | {"knowledge_base": BASE}
    for topic in other["topics"].values():
        topic["reach"] = topic.get("reach", {}) | {"knowledge_base": "60 %"}
        topic.setdefault("article", {"coverage": "30 %", "stale": "40 %"})
    other["practices"] = {
        "known": {"covers": "30 %", "found": "90 %", "reach": "30 %", "accuracy": "30 %", "stale": "10 %"}
    }
    if more:
        counts = {"returned": 1, "escalated": 1, "gave_up": 1}
        spec = {
            "team": next(iter(other["teams"])),
            "takes": constant(60),
            "after": 2,
            "counts": counts,
            "practice": "known",
        }
        other["loops"] = {"articles": spec | more}
    return fit(other)


@quick(12)
@given(scenarios(), st.sampled_from([0.0, 600.0]))
def test_articles_that_add_nothing_move_nobody(data: Data, takes: float) -> None:
    same_but_time(
        observe(with_articles(data)), observe(with_articles(data, takes=constant(takes), gives_way=True, **NOTHING))
    )


@quick(12)
@given(scenarios(), st.sampled_from([15.0, 600.0]), st.booleans())
def test_every_law_holds_with_articles(data: Data, takes: float, gives_way: bool) -> None:
    data = with_articles(data, takes=constant(takes), gives_way=gives_way, coverage="50 %", stale_after="30 min")
    del data["practices"], data["loops"]["articles"]["practice"]  # laws of the answer know no practices
    books = observe(data)
    for law in LAWS:
        law(books)
    tasks = books.record.tables["tasks"]
    assert (tasks["work"] == 2).all() and (tasks["asked"] <= tasks["done"]).all()


def center(**more: Any) -> Data:
    """A center where nobody waits, with articles of two hours' life."""
    data = plenty()
    data["topics"]["any"] |= {"reach": {"tier1": "60 %"}, "article": {"coverage": "40 %", "stale": "30 %"}}
    return with_articles(data, **more)


def came_of(data: Data, what: SelfService) -> int:
    return int((observe(data).record.cases["self_service"] == what).sum())


def test_more_coverage_helps_more_customers() -> None:
    found = [came_of(center(coverage=gain, renews="0 %"), SelfService.SOLVED) for gain in ("0 %", "5 %", "50 %")]
    assert all(less < more for less, more in pairwise(found))


def test_renewing_misleads_fewer_and_going_out_of_date_more() -> None:
    found = [
        came_of(center(coverage="0 %", **more), SelfService.MISLED)
        for more in ({"renews": "100 %"}, {"renews": "0 %"}, {"renews": "0 %", "stale_after": "4 h"})
    ]
    assert all(few < many for few, many in pairwise(found))


@pytest.mark.parametrize("customers", [True, False])
def test_agents_read_them_too(customers: bool) -> None:
    """With more of their cases covered, agents escalate fewer; what is written for customers only leaves them as they are."""
    none, some = (
        observe(center(customers=customers, coverage=gain, renews="0 %", practice="known")) for gain in ("0 %", "80 %")
    )
    escalated = [
        {leg.case for leg in books.legs if leg.outcome is Outcome.ESCALATED and leg.contact == 0}
        for books in (none, some)
    ]
    if not customers:
        assert escalated[1] < escalated[0]
        assert (none.record.cases["self_service"] == some.record.cases["self_service"]).all()
    else:
        assert len(escalated[1]) < len(escalated[0])


# -- what the center hears -------------------------------------------------------------------------------------

QUIET = (
    "bots", "faulty bots", "callbacks", "announced waits", "balking", "self-service", "turns", "timeouts", "misfiling",
    "pauses", "chasers", "other channels",
)  # fmt: skip
"""What the center does not look at when it hears its customers."""


@quick(12)
@given(scenarios(without=QUIET))
def test_the_center_hears_just_those_who_say_in_the_survey_that_they_are_unhappy(data: Data) -> None:
    """What is counted while it runs is what the tables say of it afterwards."""
    data["opinion"] = {"expected": {name: "60 s" for name in data["channels"]}, "anger": 0.7, "courtesy": 2}
    data["survey"] = {"asked": "90 %", "answers": {"satisfied": "70 %", "unsatisfied": "90 %"}}
    data = with_articles(data, customers=False, counts={"unhappy": 1}, coverage="0 %", renews="0 %", gives_way=True)
    data["self_service"] = {"knowledge_base": BASE | {"looks": "0 %"}}
    heard: list[int] = []
    unhappy = Hears.unhappy

    def noted(self: Hears, leg: Leg, solved: bool) -> bool:
        found = unhappy(self, leg, solved)
        heard.extend([leg.case] * found)
        return found

    with mock.patch.object(Hears, "unhappy", noted):
        cases = observe(fit(data)).record.cases
    assert sorted(heard) == np.flatnonzero((cases["survey"] == 1) & (cases["satisfied"] == 0)).tolist()


def test_every_signal_leads_to_articles() -> None:
    """Each kind of feedback alone brings articles, in a center where all of it occurs."""
    data = center(customers=True)
    del data["loops"]
    data["topics"]["gripe"] = {"handling": {"any": constant(60)}}
    data |= {
        "opinion": {"expected": {"phone": "10 s"}},
        "survey": {"answers": {"satisfied": "50 %", "unsatisfied": "90 %"}},
        "complaints": {"topic": "gripe", "probability": "100 %", "channel": "phone"},
    }
    review = {"team": "boss", "share": "100 %", "takes": constant(1)}
    signals = ("returned", "escalated", "gave_up", "unhappy", "complained", "found_wrong")
    for signal in signals:
        counts = {name: float(name == signal) for name in signals}
        spec = {"team": "boss", "takes": constant(1), "after": 3, "counts": counts, "practice": "known"}
        tasks = observe(fit({**data, "loops": {"review": review, "articles": spec}})).record.tables["tasks"]
        assert (tasks["work"] == 2).sum() > 1, signal
