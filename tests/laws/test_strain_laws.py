"""Laws of tired agents: what tires nobody, or moves nothing, leaves every case as it was; more work tires more."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.laws.books import Books, observe
from tests.laws.micro import agents, center, on_shift
from tests.laws.strategies import Data, deep, quick, scenarios
from tests.laws.test_common_numbers import births, duties, stories
from tests.laws.test_conservation import LAWS

STRONG = {"builds": "30 min", "recovers": "20 min", "rests": "5 min", "slows": "40 %", "errs": "50 %"}


def tiring(data: Data, **fatigue: Any) -> Data:
    """The same center, whose agents tire."""
    return data | {"strain": {"fatigue": fatigue}}


def same(one: Books, other: Books) -> bool:
    return (births(one), stories(one), duties(one)) == (births(other), stories(other), duties(other))


@quick(15)
@given(scenarios())
def test_who_recovers_at_once_or_is_not_affected_changes_no_case(data: Data) -> None:
    fresh = observe(data)
    assert same(fresh, observe(tiring(data, **STRONG | {"recovers": "0"})))
    assert same(fresh, observe(tiring(data, **STRONG | {"slows": "0 %", "errs": "0 %"})))
    assert same(fresh, observe(tiring(data, **STRONG | {"teams": []})))


@quick(15)
@given(scenarios())
def test_every_law_holds_with_tired_agents(data: Data) -> None:
    books = observe(tiring(data, **STRONG))
    for law in LAWS:
        law(books)


@pytest.mark.slow
@deep(150)
@given(scenarios(), st.sampled_from(["1 s", "1 h"]))
def test_every_law_holds_with_many_tired_agents(data: Data, builds: str) -> None:
    books = observe(tiring(data, **STRONG | {"builds": builds}))
    for law in LAWS:
        law(books)


@cache
def busy(volume: int) -> Books:
    """A line with so many calls an hour, the first of which are those of every smaller number."""
    data = center([(3600 / volume * n, 60) for n in range(volume)], teams__front=agents(1))
    return observe(tiring(data, **STRONG))


def served_when(books: Books) -> Any:
    """How tired agents were at the begin of each stay."""
    legs = books.record.legs
    return legs["fatigue"][legs["agent"] >= 0]


def test_more_work_tires_more() -> None:
    levels = [served_when(busy(volume)).mean() for volume in (10, 30, 60, 120, 300)]
    assert levels == sorted(levels)
    assert levels[0] < 0.1 < 0.5 < levels[-1]


def test_levels_lie_between_fresh_and_exhausted() -> None:
    for volume in (10, 300):
        level = busy(volume).record.legs["fatigue"]
        assert (level >= 0).all()
        assert (level <= 1).all()


def test_the_tired_are_slower_by_their_tiredness() -> None:
    legs = busy(300).record.legs
    served = np.flatnonzero(legs["agent"] >= 0)
    lasted = (legs["ended"] - legs["answered"])[served]
    whole = lasted < 3600 - legs["answered"][served] - 1  # not cut off by the end
    assert lasted[whole] == pytest.approx((60 / (1 - 0.4 * legs["fatigue"][served]))[whole])


def test_the_exhausted_are_a_slower_team() -> None:
    """Who tires in no time and never recovers is, from the second contact on, a team of that speed and accuracy."""
    calls = [(0, 10), *((100 + 60 * n, 45, "phone", "any") for n in range(50))]
    tired = observe(tiring(center(calls), builds="1 ms", recovers="7000 d", slows="50 %"))
    slow = observe(center(calls, teams__front=agents(1, speed=0.5)))
    assert [leg.answered for leg in tired.legs][2:] == pytest.approx(
        [leg.answered for leg in slow.legs][2:], nan_ok=True
    )


def test_other_teams_stay_fresh() -> None:
    calls = [(n * 20, 60, ("phone", "chat")[n % 2]) for n in range(100)]
    parts: Data = {"teams__front": {**agents(1), "skills": {"all": {"channels": "phone"}}}, "teams__back": {**agents(1), "skills": {"all": {"channels": "chat"}}}, "channels__chat": {"mode": "concurrent"}}  # fmt: skip
    fresh, tired = (
        observe(center(calls, **parts)),
        observe(tiring(center(calls, **parts), **STRONG | {"teams": "front"})),
    )
    for books, other in ((fresh, tired),):
        chats = [
            [(leg.case, leg.answered, leg.ended) for leg in one.legs if leg.handler == "back"] for one in (books, other)
        ]
        assert chats[0] == chats[1]
        assert chats[0]
    assert (tired.record.legs["fatigue"][tired.record.legs["channel"] == 1] == 0).all()
    assert tired.record.legs["fatigue"].max() > 0.3


def test_by_hand() -> None:
    """Work, a wait, a break, work: each with its own time constant."""
    pause = {"tea": {"after": "10 min", "lasts": "10 min"}}
    data = center([(0, 300), (400, 100), (1210, 60)], teams__front=on_shift("00:00", "01:00", breaks=pause))
    books = observe(tiring(data, builds="10 min", recovers="20 min", rests="5 min"))
    first = 1 - np.exp(-300 / 600)
    second = first * np.exp(-100 / 1200)
    after = 1 - (1 - second) * np.exp(-100 / 600)
    third = after * np.exp(-(100 + 10) / 1200) * np.exp(-600 / 300)
    assert books.record.legs["fatigue"] == pytest.approx([0, second, third], abs=1e-12)
    assert books.record.legs["shift_hour"].tolist() == [0, 0, 0]
