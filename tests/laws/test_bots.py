"""Laws of bots: what is off changes nothing, what changes touches only its cases, and more helps no less.

Compared case by case, on random small centers with the same customers (common random numbers).
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from math import inf, isnan
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.errors import InputError
from simulation.experiments.load import from_dict
from simulation.record.recorder import CaseStatus, Outcome
from simulation.record.tables import DICTIONARY
from tests.laws.books import Books, Leg, observe
from tests.laws.micro import agents, center
from tests.laws.strategies import FEATURES, Data, constant, fit, quick, scenarios

PLAIN = scenarios(without=("bots", "faulty bots"))
NEVER_FULL = scenarios(without=("bots", "faulty bots", "trunks"))
SIMPLE = scenarios(
    without=set(FEATURES)
    - {"patience", "hours", "urgency", "wrap_up", "escalation", "speed", "own times", "random times"}
)
SHARES = st.sampled_from(["0 %", "30 %", "60 %", "100 %"])
OFF: list[Data] = [
    {"understanding": "100 %"},
    {"latency": {"full": "0 s", "turns": 5}},
    {"asks_for_human": "0 %"},
    {"silent_failure": "0 %"},
    {"hand_over": {"context": "100 %"}},
    {"hand_over": {"context": "50 %", "saves": "0 %"}},
    {"hand_over": {"context": "0 %", "saves": "100 %"}},
    {"hand_over": {"context": "100 %", "repeats_story": "10 min"}},
]


def with_bot(data: Data, reach: str = "50 %", **bot: Any) -> Data:
    """The center with a bot before every channel, that has room for all."""
    more = deepcopy(data)
    more["bots"] = {"bot": {"sessions": 1000, "session": constant(60), **bot}}
    for channel in more["channels"].values():
        channel["bot"] = "bot"
    for topic in more["topics"].values():
        topic["reach"] = topic.get("reach", {}) | {"bot": reach}
    return fit(more)


def unhurried(data: Data) -> Data:
    """The center with agents enough at all times and without trunks, alike, so that no case is in another one's way."""
    more = deepcopy(data)
    for team in more["teams"].values():
        for name in ("shifts", "headcount"):
            team.pop(name, None)
        team.pop("people", None)
        team.update(headcount={"constant": 150}, absence="0 %", shrinkage="0 %", concurrency={"slots": 1})
    for channel in more["channels"].values():
        channel.pop("trunks", None)
        channel.pop("catch_up", None)  # only another agent has to read a thread again, and who that is hangs on all
    return more


def out_of_order(data: Data, starts: str = "2026-03-02", lasts: str = "1 d") -> Data:
    """The center without its bot for a time."""
    more = deepcopy(data)
    event = {"starts": f"{starts} 00:00", "lasts": lasts, "bots": ["bot"]}
    more["demand"]["events"] = more["demand"].get("events", {}) | {"out": event}
    return more


def assert_same(left: Books, right: Books) -> None:
    """Every number of every table is the same."""
    for table, columns in DICTIONARY.items():
        for column in columns:
            one, other = left.record.tables[table][column], right.record.tables[table][column]
            assert np.array_equal(one, other, equal_nan=one.dtype.kind == "f"), f"{table}.{column}"


def ways(books: Books) -> dict[int, list[Leg]]:
    """The legs of each case; whoever the agents are, and without unknown times (which equal nothing)."""
    told: dict[int, list[Leg]] = {case: [] for case in range(len(books.births))}
    for leg in books.legs:
        known = [inf if isinstance(value, float) and isnan(value) else value for value in leg]
        told[leg.case].append(Leg(*known)._replace(agent=0))
    return told


def first_sessions(books: Books) -> Mapping[int, Leg]:
    """The session of each case's first contact."""
    return {leg.case: leg for leg in books.legs if leg.handler == "bot" and leg.contact == 0}


def cases_with(books: Books, outcome: Outcome) -> set[int]:
    """Cases whose first contact ended so with the bot."""
    return {case for case, leg in first_sessions(books).items() if leg.outcome is outcome}


# -- off ----------------------------------------------------------------------------------------------------


@quick(5)
@given(PLAIN, st.integers(0, len(OFF) - 1))
def test_what_is_off_changes_nothing(data: Data, index: int) -> None:
    assert_same(observe(with_bot(data)), observe(with_bot(data, **OFF[index])))


@quick(5)
@given(PLAIN)
def test_cases_of_which_none_takes_longer_change_nothing(data: Data) -> None:
    same = deepcopy(data)
    for topic in same["topics"].values():
        topic["hardest_takes"] = 1
    for topic in data["topics"].values():
        topic.pop("hardest_takes", None)
    assert_same(observe(data), observe(same))


@quick(5)
@given(PLAIN, st.sampled_from(["no sessions", "everybody asks for a human", "out of order"]))
def test_a_bot_that_takes_nobody_is_none(data: Data, why: str) -> None:
    """Whatever else is said of it."""
    talk = {"silent_failure": "50 %", "hand_over": {"saves": "50 %"}, "latency": {"full": "9 s"}}
    bot: Data = {"no sessions": {"sessions": 0}, "everybody asks for a human": {"asks_for_human": "100 %"}}.get(why, {})
    useless = with_bot(data, **talk, **bot)
    assert_same(observe(data), observe(out_of_order(useless) if why == "out of order" else useless))


@quick(5)
@given(PLAIN)
def test_what_is_not_understood_is_beyond_reach(data: Data) -> None:
    deaf, dumb = with_bot(data, "80 %", understanding="0 %"), with_bot(data, "0 %")
    assert ways(observe(deaf)) == ways(observe(dumb))


# -- more ---------------------------------------------------------------------------------------------------


@quick(5)
@given(NEVER_FULL, SHARES, st.sampled_from([("0 %", "30 %"), ("30 %", "60 %"), ("60 %", "100 %")]))
def test_more_reach_never_contains_fewer(data: Data, understanding: str, reaches: tuple[str, str]) -> None:
    few, more = (observe(with_bot(data, reach, understanding=understanding)) for reach in reaches)
    assert cases_with(few, Outcome.SOLVED) <= cases_with(more, Outcome.SOLVED)


@quick(5)
@given(NEVER_FULL, SHARES, st.sampled_from([("0 %", "30 %"), ("30 %", "60 %"), ("60 %", "100 %")]))
def test_more_understanding_never_contains_fewer(data: Data, silent: str, shares: tuple[str, str]) -> None:
    few, more = (observe(with_bot(data, understanding=share, silent_failure=silent)) for share in shares)
    assert cases_with(few, Outcome.SOLVED) <= cases_with(more, Outcome.SOLVED)
    assert cases_with(few, Outcome.WRONG) >= cases_with(more, Outcome.WRONG)


@quick(5)
@given(NEVER_FULL, st.sampled_from([("0 %", "30 %"), ("30 %", "60 %"), ("60 %", "100 %")]))
def test_more_silence_contains_as_many_and_claims_more(data: Data, shares: tuple[str, str]) -> None:
    few, more = (observe(with_bot(data, understanding="80 %", silent_failure=share)) for share in shares)
    assert cases_with(few, Outcome.SOLVED) == cases_with(more, Outcome.SOLVED)
    assert cases_with(few, Outcome.WRONG) <= cases_with(more, Outcome.WRONG)
    assert cases_with(few, Outcome.ESCALATED) >= cases_with(more, Outcome.ESCALATED)


@quick(5)
@given(NEVER_FULL)
def test_slower_answers_make_no_session_shorter(data: Data) -> None:
    slow = {"at_rest": "1 s", "full": "60 s", "turns": 3}
    quick_ones, slow_ones = (first_sessions(observe(with_bot(data, **bot))) for bot in ({}, {"latency": slow}))
    end = from_dict(data).duration
    for case in quick_ones.keys() & slow_ones.keys():
        mine, other = quick_ones[case], slow_ones[case]
        if mine.queued == other.queued:
            assert other.ended >= min(mine.ended + 3, end), str(other)


# -- only what it must --------------------------------------------------------------------------------------


@quick(5)
@given(PLAIN, st.sampled_from(["understanding", "silent_failure", "hand_over", "hardest_takes", "asks_for_human"]))
def test_a_case_that_is_not_concerned_keeps_its_record(data: Data, what: str) -> None:
    """With agents enough: a case to whom the lever does nothing has the very same legs."""
    calm = with_bot(unhurried(data), "60 %")
    changed = deepcopy(calm)
    if what == "hardest_takes":
        next(iter(changed["topics"].values()))["hardest_takes"] = 2
    else:
        changed["bots"]["bot"][what] = (
            {"saves": "50 %", "repeats_story": "1 min", "context": "50 %"} if (what == "hand_over") else "50 %"
        )
    before, after = observe(calm), observe(changed)
    then, now = ways(before), ways(after)
    for case in then:
        if not concerned(what, int(before.births.topic[case]), then[case], now[case]):
            assert then[case] == now[case], f"case {case}"
    assert what != "silent_failure" or cases_with(before, Outcome.SOLVED) == cases_with(after, Outcome.SOLVED)


def concerned(what: str, topic: int, then: list[Leg], now: list[Leg]) -> bool:
    """Whether the lever may have done something to a case with these legs without and with it."""
    if what == "hardest_takes":
        return topic == 0 and any(leg.human and leg.served for leg in then)
    if what == "asks_for_human":
        return any(leg.handler != "bot" for leg in now if leg.leg == 0)
    if what == "hand_over":
        return any(leg.human for leg in then)
    missed = {Outcome.WRONG, Outcome.ESCALATED} if what == "understanding" else {Outcome.WRONG}
    return any(leg.handler == "bot" and leg.outcome in missed for leg in now)


@quick(5)
@given(SIMPLE)
def test_hard_cases_take_longer_by_their_factor_and_nothing_else_changes(data: Data) -> None:
    """With agents enough, nobody who comes again and no turns: the first service of each case is factor times as long."""
    calm = unhurried(data)
    hard = deepcopy(calm)
    for topic in hard["topics"].values():
        topic["hardest_takes"] = 1.5
    before, after = observe(calm), observe(hard)
    for one, other in zip(before.legs, after.legs, strict=False):
        if one.case != other.case or one.outcome is Outcome.OPEN or other.outcome is Outcome.OPEN:
            break
        if one.served and other.served and one.handler == other.handler:
            factor = 1 + 0.5 * (2 * before.births.difficulty[one.case] - 1)
            assert other.released - other.answered == pytest.approx((one.released - one.answered) * factor, abs=1e-6)


# -- the ends of the scale ----------------------------------------------------------------------------------


def test_a_bot_that_reaches_all_leaves_nothing_to_agents() -> None:
    books = observe(with_bot(center([(10 * n, 60) for n in range(50)]), "100 %"))
    assert all(leg.handler == "bot" and leg.outcome is Outcome.SOLVED for leg in books.legs)
    assert set(books.statuses) == {CaseStatus.SOLVED}


def test_a_bot_that_fails_all_in_silence_solves_nothing_and_tells_nobody() -> None:
    bot = {"silent_failure": "100 %", "understanding": "0 %"}
    data = with_bot(center([(10 * n, 60) for n in range(50)]), "100 %", **bot)
    books = observe(data)
    assert {leg.outcome for leg in books.legs} == {Outcome.WRONG} and set(books.statuses) == {CaseStatus.GIVEN_UP}
    data["bots"]["bot"]["returns"] = {"probability": "100 %", "after": constant(60), "most": 4}
    books = observe(data)
    assert books.record.cases["misled"].tolist() == [5] * 50 == books.record.cases["contacts"].tolist()


def test_a_bot_of_one_session_answers_as_at_rest() -> None:
    slow = {"at_rest": "1 s", "full": "1000 s"}
    books = observe(with_bot(center([(0, 60), (100, 60)]), "100 %", sessions=1, latency=slow))
    assert [leg.ended - leg.answered for leg in books.legs] == [61, 61]


def test_a_session_of_no_time_and_a_huge_one() -> None:
    books = observe(with_bot(center([(0, 60), (0, 60)]), "100 %", session=constant(0)))
    assert [leg.ended for leg in books.legs] == [0, 0]
    books = observe(with_bot(center([(0, 60), (0, 60)], teams__front=agents(2)), "100 %", session=constant(1e9)))
    assert [leg.outcome for leg in books.legs] == [Outcome.OPEN] * 2 and set(books.statuses) == {CaseStatus.OPEN}


# -- what makes no sense ------------------------------------------------------------------------------------

BACK: Data = {"probability": "50 %", "after": constant(60)}


@pytest.mark.parametrize(
    ("bot", "words"),
    [
        ({"returns": BACK}, "nobody returns without silent_failure"),
        ({"latency": {"at_rest": "3 s", "full": "1 s"}}, "a full bot is no faster than one at rest"),
        ({"latency": {"full": "1 s", "slows_from": "100 %"}}, "slows_from"),
        ({"understanding": {"payments": "50 %"}}, "there is no topic 'payments'"),
        ({"understanding": 0.5}, "'0.5' has no unit; write e.g. 50 %"),
        ({"silent_failure": "5 %", "returns": BACK | {"channels": {"fax": "50 %"}}}, "there is no channel 'fax'"),
        ({"cost": "1 EUR", "cost_per_minute": "1 USD"}, "write all prices in one currency"),
    ],
)
def test_what_makes_no_sense_is_refused(bot: Data, words: str) -> None:
    data = center([(0, 60)])
    data["bots"] = {"bot": {"sessions": 1, "session": constant(60), **bot}}
    with pytest.raises(InputError) as error:
        from_dict(data)
    assert words in str(error.value)


def test_returns_to_a_channel_that_nobody_serves_are_refused() -> None:
    data = with_bot(center([(0, 60)]), silent_failure="5 %")
    data["bots"]["bot"]["returns"] = BACK | {"channels": {"chat": "50 %"}}
    data["demand"]["sources"] = {"calls": {"topic": "any", "channel": "phone", "volume": "10/h"}}
    data["channels"]["chat"] = {"mode": "concurrent"}
    data["teams"]["front"]["skills"]["all"] = {"channels": "phone"}
    with pytest.raises(InputError, match=r"bots\.bot\.returns\.channels\.chat: no team can take returns"):
        from_dict(data)


@pytest.mark.parametrize("factor", ["x 0.9", "x 2.1"])
def test_hard_cases_take_once_to_twice_the_mean(factor: str) -> None:
    with pytest.raises(InputError, match="hardest_takes"):
        from_dict(center([(0, 60)], topics__any__hardest_takes=factor))


def test_an_event_must_do_something_and_name_bots_that_exist() -> None:
    event = {"starts": "2026-03-02 10:00", "lasts": "1 h"}
    data = with_bot(center([(0, 60)]))
    data["demand"]["events"] = {"nothing": event, "wrong": event | {"bots": ["bat"]}}
    with pytest.raises(InputError) as error:
        from_dict(data)
    assert "changes nothing" in str(error.value)
    data["demand"]["events"].pop("nothing")
    with pytest.raises(InputError, match=r"there is no bot 'bat'; write e.g. bot"):
        from_dict(data)
