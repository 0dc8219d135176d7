"""Laws of conversations by turns: what they must not change, what can only grow, and where they are something else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from copy import deepcopy
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given

from simulation.record.recorder import CaseStatus, ContactKind, Duty, Outcome
from simulation.record.tables import DICTIONARY, DUTIES
from tests.laws.books import EPSILON, Books, observe
from tests.laws.strategies import Data, constant, quick, scenarios

BESIDE = ("attention", "replies", "reply_time")
"""What the table of legs says of conversations alone."""


def lognormal(mean: float, cv: float = 1.0) -> Data:
    return {"lognormal": {"mean": f"{mean} s", "cv": cv}}


def spacious(**chat: Any) -> Data:
    """Chats for which there is always an agent; nobody waits for anything."""
    channel = {"mode": "concurrent", "turns": {"mean": 4}, "think": lognormal(60), **chat}
    return {
        "name": "spacious",
        "calendar": {"start": "2026-03-02"},
        "horizon": "12 h",
        "run_out": "4 h",
        "demand": {"sources": {"chats": {"topic": "any", "channel": "chat", "volume": "40/h"}}},
        "channels": {"chat": channel},
        "topics": {"any": {"handling": {"any": lognormal(120)}, "wrap_up": {"any": lognormal(20)}}},
        "teams": {"front": {"skills": {"all": {}}, "headcount": {"constant": 60}}},
    }


def by_case(books: Books, column: str) -> dict[int, float]:
    """A column of legs summed over each case that was solved, by the case's key."""
    sums: dict[int, float] = defaultdict(float)
    for case, value in zip(books.record.legs["case"].tolist(), books.record.legs[column].tolist(), strict=True):
        sums[case] += value
    keys = books.births.key.tolist()
    solved = [case for case, status in enumerate(books.statuses) if status is CaseStatus.SOLVED]
    return {keys[case]: sums[case] for case in solved}


def reopened(books: Books) -> dict[int, int]:
    """How often each case's thread was reopened, by the case's key."""
    counts = dict.fromkeys(books.births.key.tolist(), 0)
    for one in books.contacts:
        counts[int(books.births.key[one.case])] += one.kind is ContactKind.REOPEN
    return counts


def assert_same(before: Books, after: Books, but: tuple[str, ...] = ()) -> None:
    """All tables are the same, bit for bit; when an agent attends is noted of conversations alone."""
    for table, columns in DICTIONARY.items():
        for column in set(columns) - set(but):
            left, right = (_but_attention(table, books)[column] for books in (before, after))
            np.testing.assert_array_equal(left, right, err_msg=f"{table}.{column}")


def _but_attention(table: str, books: Books) -> dict[str, Any]:
    rows = books.record.tables[table]
    if table != "duties":
        return rows
    told = np.flatnonzero(rows["duty"] != DUTIES.index(Duty.ATTENTION))
    return {name: column[told] for name, column in rows.items()}


# -- where they are something else --------------------------------------------------------------------------


@quick(20)
@given(scenarios(modes=("live",), without=("slots", "slowdown", "turns", "callbacks")))
def test_one_reply_on_one_slot_is_a_call(data: Data) -> None:
    """Case by case and bit by bit, whatever else the center has."""
    chats = deepcopy(data)
    for channel in chats["channels"].values():
        channel |= {"mode": "concurrent", "turns": {"mean": 1}}
    assert_same(observe(data), observe(chats), but=BESIDE)


def test_replies_without_thinking_on_one_slot_are_a_call() -> None:
    """Cut in many replies, handling takes as long in all."""
    call = spacious() | {"teams": {"front": {"skills": {"all": {}}, "headcount": {"constant": 2}}}}
    call["channels"] = {"chat": {"mode": "live", "patience": lognormal(200)}}
    chat = deepcopy(call)
    chat["channels"]["chat"] |= {"mode": "concurrent", "turns": {"mean": 7}, "think": constant(0)}
    before, after = observe(call), observe(chat)
    assert after.record.legs["replies"].mean() > 4
    for column in ("queued", "answered", "released", "ended", "attention"):
        np.testing.assert_allclose(after.record.legs[column], before.record.legs[column], atol=1e-6, err_msg=column)
    np.testing.assert_array_equal(after.record.legs["agent"], before.record.legs["agent"])


@quick(20)
@given(scenarios(modes=("concurrent", "concurrent", "live"), without=("timeouts",)))
def test_a_timeout_that_nobody_needs_changes_nothing(data: Data) -> None:
    by_turns = [channel for channel in data["channels"].values() if "turns" in channel]
    assume(by_turns)
    for channel in by_turns:
        channel["think"] = constant(60)
    late = deepcopy(data)
    for channel in late["channels"].values():
        if "turns" in channel:
            channel |= {"idle_timeout": "60 s", "catch_up": "30 s"}
    assert_same(observe(data), observe(late))


# -- attention ----------------------------------------------------------------------------------------------


@quick(20)
@given(scenarios(modes=("concurrent", "live", "deferred")))
def test_an_agent_attends_to_one_contact_at_a_time(data: Data) -> None:
    books = observe(data)
    attended = defaultdict(float)
    for leg, by_turns, seconds in zip(
        books.legs, books.record.legs["by_turns"].tolist(), books.record.legs["attention"].tolist(), strict=True
    ):
        if by_turns:
            attended[leg.agent] += seconds
    for agent in range(len(books.agents)):
        spans = books.spans(agent, Duty.ATTENTION)
        assert all(before[1] <= after[0] + EPSILON for before, after in pairwise(spans))
        assert sum(end - start for start, end in spans) == pytest.approx(attended[agent], abs=1e-6)
        held = [(leg.answered, min(leg.over, books.scenario.duration)) for leg in books.of_agent[agent]]
        for start, end in spans:
            assert end - start <= sum(max(0.0, min(end, b) - max(start, a)) for a, b in held) + EPSILON


@pytest.mark.parametrize("changes", [{"think": lognormal(300)}, {"idle_timeout": "30 s"}, {"idle_timeout": "0 s"}])
def test_thinking_and_timeouts_leave_attention_as_it_is(changes: Data) -> None:
    """Case by case, over all contacts of a thread."""
    before, after = (by_case(observe(spacious(**change)), "attention") for change in ({}, changes))
    both = before.keys() & after.keys()
    assert len(both) > 400
    assert all(after[key] == pytest.approx(before[key], abs=1e-6) for key in both)


def test_a_faster_agent_writes_the_same_replies_sooner() -> None:
    slow, fast = spacious(), spacious()
    fast["teams"]["front"]["speed"] = 1.25
    before, after = observe(slow), observe(fast)
    over = before.record.legs["ended"] < before.scenario.duration
    assert over.mean() > 0.95
    for column, factor in (("replies", 1), ("attention", 1.25), ("reply_time", 1.25)):
        slower, faster = before.record.legs[column][over], after.record.legs[column][over]
        np.testing.assert_allclose(slower, factor * faster, rtol=1e-9, atol=1e-6, err_msg=column)


# -- what can only grow -------------------------------------------------------------------------------------


def assert_grows(measure: Callable[[Books], dict[int, float]], channels: list[Data]) -> None:
    """Case by case, and somewhere really."""
    for few, many in pairwise([measure(observe(spacious(**channel))) for channel in channels]):
        both = few.keys() & many.keys()
        assert all(few[key] <= many[key] + 1e-6 for key in both)
        assert sum(few[key] + 1e-6 < many[key] for key in both) > 10


def test_a_shorter_timeout_reopens_more_threads() -> None:
    assert_grows(reopened, [{}, *({"idle_timeout": f"{seconds} s"} for seconds in (240, 90, 20, 0))])


def test_more_turns_are_more_replies() -> None:
    assert_grows(lambda books: by_case(books, "replies"), [{"turns": {"mean": mean}} for mean in (1, 2, 4, 9)])


def test_switching_takes_attention() -> None:
    """Of those who are not alone with their agent; the others' conversations stay as they are."""
    books = []
    for seconds in (0, 5, 20):
        data = crowded(patience={"constant": {"value": "1 d"}})
        data["teams"]["front"]["concurrency"]["switching"] = f"{seconds} s"
        books.append(observe(data))
    sums = [one.record.staffing["attention"].sum() / one.record.legs["replies"].sum() for one in books]
    assert sums[0] + 2 < sums[1] and sums[1] + 8 < sums[2]
    assert sums[2] < sums[0] + 20


def test_who_thinks_longer_stays_longer() -> None:
    def stay(books: Books) -> dict[int, float]:
        keys, legs = books.births.key, books.record.legs
        ended = np.minimum(np.nan_to_num(legs["ended"], nan=np.inf), books.scenario.duration)
        return dict(zip(keys[legs["case"]].tolist(), (ended - legs["answered"]).tolist(), strict=True))

    assert_grows(stay, [{"think": lognormal(seconds)} for seconds in (0.001, 30, 60, 120)])


def test_more_who_walk_off_leave_more_cases_unsolved() -> None:
    def given_up(books: Books) -> dict[int, float]:
        return {
            int(key): status is CaseStatus.GIVEN_UP
            for key, status in zip(books.births.key, books.statuses, strict=True)
        }

    assert_grows(
        given_up, [{"idle_timeout": "10 min", "walks_off": share} for share in ("0 %", "5 %", "20 %", "100 %")]
    )


# -- corners ------------------------------------------------------------------------------------------------


def crowded(**chat: Any) -> Data:
    """Twice as many chats as two agents with three slots can answer."""
    data = spacious(**{"patience": lognormal(300), **chat})
    data["teams"]["front"] |= {"headcount": {"constant": 2}, "concurrency": {"slots": 3}}
    data["horizon"], data["run_out"] = "3 h", "0 s"
    data["demand"]["sources"]["chats"]["volume"] = "100/h"
    return data


@pytest.mark.parametrize(
    "chat",
    [
        {"idle_timeout": "0 s"},
        {"think": constant(0)},
        {"think": constant(1e7)},
        {"think": constant(1e7), "idle_timeout": "1 h", "walks_off": "100 %"},
        {"turns": {"mean": 100}, "think": constant(0.01)},
        {"turns": {"mean": 1}},
        {"idle_timeout": "1 min", "catch_up": "1 h"},
    ],
)
def test_the_books_of_extreme_chats_balance(chat: Data) -> None:
    books = observe(crowded(**chat))
    assert len(books.legs) > 50


def test_no_time_at_all() -> None:
    """Without handling, a conversation is one reply that takes no time."""
    data = crowded()
    data["topics"]["any"] = {"handling": {"any": constant(0)}}
    books = observe(data)
    assert set(books.record.legs["replies"].tolist()) == {1}
    assert books.record.legs["attention"].sum() == books.record.legs["reply_time"].sum() == 0


def test_the_run_may_be_shorter_than_a_reply() -> None:
    data = crowded()
    data["topics"]["any"]["handling"]["any"] = constant(1e6)
    data["horizon"] = "10 min"
    books = observe(data)
    busy = books.record.staffing["attention"].sum()
    assert set(books.statuses) <= {CaseStatus.OPEN, CaseStatus.GIVEN_UP}
    assert 0 < busy <= 2 * 600 and busy == pytest.approx(books.record.staffing["handling"].sum())


def test_many_slots_fill_the_attention_and_no_more() -> None:
    data = crowded()
    data["teams"]["front"]["concurrency"]["slots"] = 100
    books = observe(data)
    later = books.record.staffing["interval"] == 1
    assert books.record.staffing["attention"][later] == pytest.approx([3600, 3600])
    assert books.record.staffing["slots"][later].min() > 10 * 3600
    assert {one.outcome for one in books.contacts} <= {Outcome.SOLVED, Outcome.OPEN}
