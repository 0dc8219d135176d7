"""Deferred work with common random numbers: a lever that is off is not there, and one that is on moves whom it concerns.

Small random centers with many simultaneous events, and one with agents enough, where nobody can be in another's way.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.record.recorder import ContactKind, Outcome
from tests.laws.books import Books, observe
from tests.laws.strategies import Data, constant, quick, scenarios

LEVERS = ("registration", "misfiling", "pauses", "chasers", "threads")
WITHOUT = scenarios(without=LEVERS, modes=["deferred", "deferred", "live"])


def story(books: Books) -> str:
    """Every leg and contact."""
    return str((books.legs, books.contacts, books.statuses))


def with_levers(data: Data, share: str, accuracy: str, **more: Any) -> Data:
    """Every lever of deferred work with these probabilities."""
    made = deepcopy(data)
    letters = [name for name, channel in made["channels"].items() if channel["mode"] == "deferred"]
    made["intake"] = {"urgency_accuracy": accuracy, "registration": constant(0), **more}
    for name in letters:
        asks = {"after": constant(60), "handling": constant(30), "probability": share, "most": 3}
        made["channels"][name] |= {"chasers": asks, "acknowledgement": {"after": "1 min"}}
    for topic in made["topics"].values() if letters else ():
        topic["pauses"] = {"customer": {"probability": share, "lasts": constant(90), "resume": constant(20)}}
    if not letters:
        del made["intake"]
    return made


@quick(20)
@given(WITHOUT)
def test_levers_that_are_off_are_not_there(data: Data) -> None:
    assert story(observe(with_levers(data, "0 %", "100 %"))) == story(observe(data))


@quick(12)
@given(scenarios(without=["chasers"], modes=["deferred"]), st.integers(1, 3))
def test_notices_that_prevent_all_are_as_good_as_customers_who_never_ask(data: Data, most: int) -> None:
    made = deepcopy(data)
    for name in made["channels"]:
        made["channels"][name] |= {
            "chasers": {"after": constant(30), "handling": constant(60), "most": most},
            "status_notices": {"prevents": "100 %"},
        }
    assert story(observe(made)) == story(observe(data))


# -- agents enough: whom does a lever concern? ----------------------------------------------------------------------


def plenty(**levers: Any) -> Data:
    """Two hundred letters about two topics, a desk each with agents enough, and a phone with agents of its own."""
    desk = {"headcount": {"constant": 200}}
    data: Data = {
        "name": "plenty",
        "calendar": {"start": "2026-03-02"},
        "horizon": "12 h",
        "demand": {"sources": {"all": {"topics": {"a": "60 %", "b": "40 %"}, "channel": "mail", "volume": "20/h"}}},
        "channels": {"mail": {"mode": "deferred"}, "phone": {"mode": "live"}},
        "topics": {
            name: {
                "handling": {"any": {"lognormal": {"mean": "30 min", "cv": 1}}},
                "repeat": {"probability": "50 %", "after": {"exponential": {"mean": "1 h"}}, "most": 2},
                "urgency": {"low": "30 %", "normal": "40 %", "high": "30 %"},
            }
            for name in "ab"
        },
        "teams": {
            **{
                name: desk | {"skills": {"own": {"channels": "mail", "topics": name}}, "accuracy": "80 %"}
                for name in "ab"
            },
            "phone": desk | {"skills": {"calls": {"channels": "phone"}}},
        },
    }
    data["demand"]["sources"]["calls"] = {"topic": "a", "channel": "phone", "volume": "1/h"}
    for path, value in levers.items():
        *above, last = path.split("__")
        inner = data
        for key in above:
            inner = inner.setdefault(key, {})
        inner[last] = value
    return data


def ways(books: Books) -> dict[int, list[tuple[object, ...]]]:
    """The cases' own way: legs without the numbers of contacts and agents."""
    asked = {(one.case, one.contact) for one in books.contacts if one.kind is ContactKind.CHASER}
    found: dict[int, list[tuple[object, ...]]] = {case: [] for case in range(len(books.births))}
    for leg in books.legs:
        if (leg.case, leg.contact) not in asked:
            found[leg.case].append(
                (leg.leg, leg.handler, leg.outcome, leg.queued, leg.answered, leg.released, leg.ended)
            )
    return found


def moved(data: Data, off: Data | None = None) -> tuple[Books, set[int]]:
    """The run, and the cases whose way differs from that in the center without the lever."""
    books, plain = observe(data), observe(off or plenty())
    mine, usual = ways(books), ways(plain)
    return books, {case for case in mine if str(mine[case]) != str(usual[case])}


PAUSE: Data = {"probability": "30 %", "lasts": {"exponential": {"mean": "1 h"}}}
ASKS: Data = {
    "after": {"exponential": {"mean": "20 min"}},
    "handling": constant(60),
    "channel": "phone",
    "probability": "70 %",
    "most": 3,
}


def test_pauses_move_those_who_pause() -> None:
    books, others = moved(plenty(topics__a__pauses={"customer": PAUSE}))
    paused = {leg.case for leg in books.legs if leg.outcome is Outcome.PAUSED}
    assert others == paused and 20 < len(paused) < 80
    assert all(books.births.topic[case] == 0 for case in paused)


def test_misfiling_moves_those_who_are_misfiled() -> None:
    books, others = moved(plenty(intake={"topic_accuracy": "80 %", "loss": "50 %"}))
    handed_over = {leg.case for leg in books.legs if leg.outcome is Outcome.TRANSFERRED}
    assert others == handed_over and 20 < len(handed_over) < 90


def test_a_wrong_urgency_moves_nobody_where_nobody_waits() -> None:
    books, others = moved(plenty(intake={"urgency_accuracy": "50 %"}))
    assert not others
    wrong = books.record.contacts["filed_urgency"] != books.record.contacts["urgency"]
    assert 0.4 < wrong.mean() < 0.6


def test_questions_leave_the_way_of_their_case_as_it_is() -> None:
    books, others = moved(plenty(channels__mail__chasers=ASKS))
    assert not others
    assert sum(one.kind is ContactKind.CHASER for one in books.contacts) > 50
    assert any(one.kind is ContactKind.REPEAT and one.contact > 1 for one in books.contacts)


def test_an_acknowledgement_and_a_clock_move_nobody() -> None:
    data = plenty(channels__mail__deadline={"normal": "1 h"}, routing={"discipline": "deadline"})
    clocked = deepcopy(data)
    clocked["channels"]["mail"] |= {
        "open": {"daily": "06:00-18:00"},
        "deadline_clock": "opening_hours",
        "acknowledgement": {"after": "1 min"},
    }
    assert not moved(clocked, data)[1]


def test_a_reopened_thread_comes_back_when_the_return_would() -> None:
    books, others = moved(plenty(channels__mail__reopening={"within": "1 h"}))
    assert not others, "with a single tier only the name of the contact differs"
    kinds = {kind: sum(one.kind is kind for one in books.contacts) for kind in (ContactKind.REPEAT, ContactKind.REOPEN)}
    assert min(kinds.values()) > 5


# -- more of it -----------------------------------------------------------------------------------------------------


def chased(books: Books) -> set[tuple[int, float]]:
    """Every question for news: by whom and when."""
    return {(one.case, one.arrived) for one in books.contacts if one.kind is ContactKind.CHASER}


@quick(6)
@given(st.integers(0, 2**32), st.integers(0, 9), st.integers(1, 10))
def test_more_notices_never_make_more_questions(seed: int, less: int, more: int) -> None:
    found = []
    for tenths in (less, min(10, less + more)):
        notices = {"prevents": f"{10 * tenths} %"}
        found.append(observe(plenty(channels__mail__chasers=ASKS, channels__mail__status_notices=notices), seed))
    assert chased(found[1]) <= chased(found[0])
    assert str(ways(found[0])) == str(ways(found[1]))


@quick(5)
@given(st.integers(0, 2**32), st.sampled_from(["40 %", "70 %"]))
def test_who_asks_more_readily_asks_at_the_same_times_and_more(seed: int, probability: str) -> None:
    few = observe(plenty(channels__mail__chasers=ASKS | {"probability": probability}), seed)
    all_of_them = observe(plenty(channels__mail__chasers=ASKS | {"probability": "100 %"}), seed)
    assert chased(few) <= chased(all_of_them)


@quick(5)
@given(st.integers(0, 2**32), st.sampled_from([(50, 80), (80, 95), (0, 100)]))
def test_a_better_classification_errs_in_fewer_of_the_same_contacts(seed: int, shares: tuple[int, int]) -> None:
    worse, better = (observe(plenty(intake={"topic_accuracy": f"{share} %", "loss": "20 %"}), seed) for share in shares)
    first = [
        {
            (leg.case, leg.contact): leg.filed_topic
            for leg in books.legs
            if leg.filed_topic != leg.topic and leg.contact == 0
        }
        for books in (worse, better)
    ]
    assert first[1].items() <= first[0].items() and len(first[1]) < len(first[0])


@quick(5)
@given(st.integers(0, 2**32), st.sampled_from([(20, 60), (60, 100), (0, 10)]))
def test_who_must_wait_more_often_waits_for_the_same_and_more(seed: int, shares: tuple[int, int]) -> None:
    few, many = (
        observe(plenty(topics__a__pauses={"third_party": PAUSE | {"probability": f"{share} %"}}), seed)
        for share in shares
    )
    paused = [
        {leg.case for leg in books.legs if leg.outcome is Outcome.PAUSED and leg.contact == 0} for books in (few, many)
    ]
    assert paused[0] <= paused[1] and len(paused[0]) < len(paused[1])


@quick(5)
@given(st.integers(0, 2**32), st.sampled_from(["0 %", "30 %", "100 %"]))
def test_pauses_neither_add_nor_lose_work(seed: int, after: str) -> None:
    """Handling of each contact that came to its end is as long as without the pause."""
    plain, cut = (
        observe(plenty(), seed),
        observe(plenty(topics__a__pauses={"customer": PAUSE | {"after": after}}), seed),
    )
    spent = [
        {
            key: sum(leg.ended - leg.answered for leg in legs)
            for key, legs in books.of_contact.items()
            if legs and key[1] == 0 and legs[-1].outcome in (Outcome.SOLVED, Outcome.WRONG)
        }
        for books in (plain, cut)
    ]
    both = spent[0].keys() & spent[1].keys()
    assert len(both) > 100
    for key in both:
        assert spent[1][key] == pytest.approx(spent[0][key])


# -- corners --------------------------------------------------------------------------------------------------------


def test_everything_misfiled_is_handed_over_and_solved() -> None:
    books = observe(plenty(intake={"topic_accuracy": "0 %", "loss": "100 %"}))
    firsts = [leg for leg in books.legs if leg.leg == 0 and leg.channel == "mail"]
    assert all(leg.filed_topic != leg.topic for leg in firsts)
    assert all(leg.outcome in (Outcome.TRANSFERRED, Outcome.OPEN) for leg in firsts)
    assert sum(leg.outcome is Outcome.SOLVED for leg in books.legs) > 100


@pytest.mark.parametrize("lasts", [0, 1e9])
def test_pauses_of_no_time_and_of_more_than_there_is(lasts: float) -> None:
    books = observe(plenty(topics__a__pauses={"customer": {"probability": "100 %", "lasts": constant(lasts)}}))
    paused = [leg for leg in books.legs if leg.outcome is Outcome.PAUSED]
    assert len(paused) > 80
    solved = {
        leg.case for leg in books.legs if leg.outcome is Outcome.SOLVED and (leg.topic, leg.channel) == ("a", "mail")
    }
    assert bool(solved) == (lasts == 0)


def test_customers_who_ask_all_the_time_stop_at_the_most() -> None:
    asks = ASKS | {"after": constant(0), "probability": "100 %", "most": 100}
    books = observe(plenty(channels__mail__chasers=asks, demand__sources__all__volume="2/h", horizon="2 h"))
    counts = books.record.cases["chasers"][books.record.cases["channel"] == 0]
    assert len(counts) and set(counts.tolist()) == {100}


def test_a_horizon_shorter_than_any_of_it() -> None:
    data = plenty(
        intake={"registration": constant(3600), "topic_accuracy": "50 %"},
        channels__mail__chasers=ASKS | {"after": constant(600)},
        horizon="50 min",
    )
    books = observe(data)
    own = [one for one in books.contacts if one.kind is ContactKind.FIRST and one.channel == "mail"]
    assert own and all(one.outcome is Outcome.OPEN and not one.legs for one in own)
    assert any(one.kind is ContactKind.CHASER for one in books.contacts)
