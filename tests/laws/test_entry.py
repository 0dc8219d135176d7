"""The way in: what is off or of no account changes nothing, and what is on changes nothing before its time."""

from __future__ import annotations

from copy import deepcopy
from itertools import pairwise
from math import inf, isnan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.record.recorder import ContactKind, Outcome
from tests.laws.books import EPSILON, Books, Contact, observe
from tests.laws.strategies import Data, constant, deep, duration, fit, quick, scenarios
from tests.laws.test_common_numbers import births, stories, until

PLAIN = ("announced waits", "balking", "callbacks", "other channels")
WAITING = ("patience", "trunks", "hours", "redial", "channel outages")
LUCK = ("errors", "repeat", "misfiling", "registration", "pauses", "faulty bots", "persons")
"""What draws numbers for a contact, of which a call by the center is another."""
PREDICTORS = ("last_waiter", "head_of_line", "queue_length", "historic")


def with_entry(data: Data, **parts: Any) -> Data:
    """The same center with these keys on every live channel, and those that fit on chats."""
    more = deepcopy(data)
    for channel in more["channels"].values():
        if channel["mode"] != "deferred":
            own = {name: part for name, part in parts.items() if name != "callback" or channel["mode"] == "live"}
            channel.update(deepcopy(own))
    return fit(more)


def assert_same(data: Data, **parts: Any) -> None:
    """Nothing that anybody meets is different with these keys."""
    before, after = observe(data), observe(with_entry(data, **parts))
    assert births(before) == births(after)
    assert stories(before) == stories(after)


# -- off is off ---------------------------------------------------------------------------------------------


@quick(10)
@given(scenarios(without=PLAIN), st.sampled_from(PREDICTORS), st.integers(0, 120))
def test_an_announcement_that_nobody_heeds_changes_nothing(data: Data, predictor: str, above: int) -> None:
    assert_same(data, announces={"predictor": predictor, "above": duration(above), "margin": "x 1.5"})


@quick(10)
@given(scenarios(without=PLAIN))
def test_offers_that_nobody_takes_change_nothing(data: Data) -> None:
    callback = {"queue": 0, "accepts": "0 %", "place": "priority", "dialling": "1 min"}
    assert_same(data, balking={"probability": "0 %"}, callback=callback)


@quick(10)
@given(scenarios(without=PLAIN))
def test_boundless_tolerance_and_a_channel_that_nobody_prefers_change_nothing(data: Data) -> None:
    others = {name: {"when_closed": "0 %"} for name in data["channels"]}
    more = with_entry(data, announces={}, balking={"tolerance": constant(1e9)})
    for name, channel in more["channels"].items():
        if channel["mode"] != "deferred":
            channel["instead"] = {other: who for other, who in others.items() if other != name}
    before, after = observe(data), observe(fit(more))
    assert stories(before) == stories(after)


@quick(10)
@given(scenarios(without=PLAIN))
def test_no_share_on_another_channel_changes_nothing(data: Data) -> None:
    more = deepcopy(data)
    retries = [channel.get("redial") for channel in more["channels"].values()]
    retries += [topic.get("repeat") for topic in more["topics"].values()]
    for retry in filter(None, retries):
        retry["channels"] = dict.fromkeys(more["channels"], "0 %")
    assert stories(observe(data)) == stories(observe(fit(more)))


# -- what is on changes nothing before its time ----------------------------------------------------------------


@quick(14)
@given(scenarios(without=PLAIN), st.sampled_from(PREDICTORS), st.sampled_from(["keeps", "priority", "behind"]))
def test_before_the_first_who_leaves_or_asks_to_be_called_nothing_is_different(
    data: Data, predictor: str, place: str
) -> None:
    parts = {
        "announces": {"predictor": predictor},
        "balking": {"tolerance": constant(60)},
        "callback": {"queue": 2, "accepts": "50 %", "place": place},
    }
    before, after = observe(data), observe(with_entry(data, **parts))
    changed = (Outcome.BALKED, Outcome.CALLBACK)
    first = min((one.arrived for one in after.contacts if one.outcome in changed), default=inf)
    assert births(before) == births(after)
    assert until(before, first) == until(after, first)


# -- virtual hold -------------------------------------------------------------------------------------------------


@quick(14)
@given(scenarios(without=(*PLAIN, *WAITING, *LUCK)))
def test_who_keeps_the_place_in_line_is_answered_as_if_waiting_on_the_line(data: Data) -> None:
    """Nobody hangs up and everybody is reached at once: agents do the same, whether customers wait or are called."""
    callback = {"queue": 0, "accepts": "100 %", "place": "keeps"}
    before, after = observe(data), observe(with_entry(data, callback=callback))
    assert answers(before) == answers(after)
    calls = sum(one.kind is ContactKind.CALLBACK for one in after.contacts)
    assert calls == sum(one.outcome is Outcome.CALLBACK for one in after.contacts)


def answers(books: Books) -> list[tuple[object, ...]]:
    """Who answered which case when, and for how long."""
    served = (leg for leg in books.legs if leg.served)
    return sorted((leg.answered, leg.case, leg.agent, leg.ended, leg.outcome.name) for leg in served)


# -- who leaves, and what was promised ----------------------------------------------------------------------------


def tolerance_decides(books: Books) -> None:
    """With a constant tolerance, who balks has heard of a longer wait, and nobody waits who has."""
    for one, heard in announced(books):
        balking = books.scenario.channels[one.channel].balking
        constant_one = balking is not None and balking.tolerance is not None and "constant" in balking.tolerance.kinds()
        if one.outcome is Outcome.BALKED and balking is not None and balking.tolerance is not None:
            assert not isnan(heard), str(one)
        if constant_one and not isnan(heard) and one.outcome is not Outcome.CALLBACK:
            assert (heard > balking.tolerance.constant.value) == (one.outcome is Outcome.BALKED), (str(one), heard)  # type: ignore[union-attr]


def promises_are_judged_right(books: Books) -> None:
    """Kept if the agent was there, or called, in time; broken if that time has passed; else nobody knows."""
    rows = books.record.contacts
    calls = {(one.case, one.contact): one for one in books.contacts if one.kind is ContactKind.CALLBACK}
    for one, by, kept in zip(books.contacts, rows["promised"].tolist(), rows["promise_kept"].tolist(), strict=True):
        if isnan(by):
            assert kept == -1
            continue
        asked = one.outcome is Outcome.CALLBACK
        answering = calls.get((one.case, one.contact + 1)) if asked else one
        met = inf if answering is None else first_agent(books, answering)
        left = books.scenario.duration if asked or isnan(one.ended) else one.ended
        assert kept == (1 if met <= by else 0 if min(met, left) > by else -1), str(one)


def announced(books: Books) -> list[tuple[Contact, float]]:
    """Contacts with the wait that the customer was told."""
    return list(zip(books.contacts, books.record.contacts["announced"].tolist(), strict=True))


def first_agent(books: Books, one: Contact) -> float:
    """When a contact first met an agent; infinite if never."""
    return min(
        (leg.answered for leg in books.of_contact[one.case, one.contact] if leg.human and leg.served), default=inf
    )


@quick(30)
@given(scenarios())
def test_tolerance_and_promises_in_random_centers(data: Data) -> None:
    books = observe(data)
    tolerance_decides(books)
    promises_are_judged_right(books)


@pytest.mark.slow
@deep(300)
@given(scenarios())
def test_tolerance_and_promises_in_many_random_centers(data: Data) -> None:
    books = observe(data)
    tolerance_decides(books)
    promises_are_judged_right(books)


# -- what can only help ---------------------------------------------------------------------------------------------


def queue(callback: Data | None, agents: int = 3) -> Data:
    """One queue, first come, first served; nobody hangs up."""
    phone: Data = {"mode": "live"} | ({"callback": callback} if callback else {})
    return {
        "name": "queue",
        "calendar": {"start": "2026-03-02"},
        "horizon": "8 h",
        "demand": {"sources": {"calls": {"topic": "any", "channel": "phone", "volume": "28/h"}}},
        "channels": {"phone": phone},
        "topics": {"any": {"handling": {"any": {"lognormal": {"mean": "6 min", "cv": 1.2}}}}},
        "teams": {"all": {"skills": {"all": {}}, "headcount": {"constant": agents}}},
    }


@quick(6)
@given(st.integers(0, 2**32))
def test_callbacks_behind_the_line_make_no_caller_wait_longer(seed: int) -> None:
    """Callers see those ahead of them go; a call in hand may be that of a customer who was called, who came earlier."""
    offer = {"queue": 0, "accepts": "50 %", "place": "behind"}
    before, after = observe(queue(None), seed), observe(queue(offer), seed)
    callers = {leg.case for leg in after.legs if not after.is_call(leg) and leg.outcome is not Outcome.CALLBACK}
    called = {leg.case for leg in after.legs if after.is_call(leg)}
    assert callers and called and callers.isdisjoint(called) and len(callers | called) == len(after.births)
    assert time_waited(after, callers) < time_waited(before, callers)


def time_waited(books: Books, cases: set[int]) -> float:
    """How long cases waited on the line, all in all (s)."""
    legs = (leg for leg in books.legs if leg.case in cases and not books.is_call(leg))
    return sum(min(leg.until, books.scenario.duration) - leg.queued for leg in legs)


@quick(6)
@given(st.integers(0, 2**32))
def test_the_more_agents_are_kept_free_the_later_customers_are_called(seed: int) -> None:
    delays = []
    for reserve in (0, 1, 2):
        books = observe(queue({"queue": 0, "accepts": "50 %", "place": "behind", "reserve": reserve}, 4), seed)
        called = [after.arrived for before, after in pairwise(books.contacts) if after.kind is ContactKind.CALLBACK]
        legs = [leg for leg in books.legs if books.is_call(leg)]
        assert len(called) == len(legs)
        delays.append(sum(min(leg.until, books.scenario.duration) - leg.queued for leg in legs) / max(len(legs), 1))
    assert delays == sorted(delays) or delays[0] <= delays[2] + EPSILON
