"""Conversations by turns where theory knows the answer, and the formulas against each other."""

from __future__ import annotations

from itertools import pairwise
from math import exp
from typing import Any

import pytest

import simulation as sim
from simulation.statistics.intervals import t_quantile
from simulation.theory.conversations import full_slots, machine_repairman, throughputs, turns_queue
from simulation.theory.erlang import erlang_a

STANDARD_ERRORS = 3.5
WIDEST = 0.035
"""The relative half-width of a 95 % interval from which on agreement would say too little."""
ATTENTION, REPLIES, THINK = 150.0, 5.0, 45.0


def exponential(mean: float) -> dict[str, Any]:
    return {"exponential": {"mean": f"{mean} s"}}


def lognormal(mean: float, cv: float) -> dict[str, Any]:
    return {"lognormal": {"mean": f"{mean} s", "cv": cv}}


def swamped(
    slots: int, think: dict[str, Any], handling: dict[str, Any], wrap_up: dict[str, Any] | None = None, **chat: Any
) -> sim.Result:
    """One agent whose slots are always full: far more chats come than can be answered, and nobody hangs up."""
    data = {
        "name": "swamped",
        "calendar": {"start": "2026-03-02"},
        "warm_up": "2 h",
        "horizon": "50 h",
        "replications": 8,
        "demand": {"sources": {"chats": {"topic": "any", "channel": "chat", "volume": "45/h"}}},
        "channels": {"chat": {"mode": "concurrent", "turns": {"mean": REPLIES}, "think": think, **chat}},
        "topics": {"any": {"handling": {"chat": handling}, "wrap_up": {"chat": wrap_up} if wrap_up else {}}},
        "teams": {"desk": {"skills": {"all": {}}, "concurrency": {"slots": slots}, "headcount": {"constant": 1}}},
    }
    return sim.run(sim.from_dict(data), tables=False, jobs=1)


def assert_agrees(result: sim.Result, exact: dict[str, float]) -> None:
    """Within 3.5 standard errors of the exact value, with an interval narrow enough to mean something."""
    found = {str(one.metric): one.interval for one in result.summaries if not one.segment}
    for metric, value in exact.items():
        interval = found[metric]
        error = interval.half_width / t_quantile(interval.level, interval.n - 1)
        assert abs(interval.mean - value) <= STANDARD_ERRORS * error + 1e-9, f"{metric}: {interval}, exact {value}"
        assert interval.half_width <= WIDEST * interval.mean, f"{metric}: {interval} is too wide to mean something"


# -- the simulator ------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("slots", "think"), [(2, exponential(THINK)), (3, lognormal(THINK, 1.5)), (4, {"constant": {"value": "45 s"}})]
)
def test_full_slots_are_the_machine_repairman_whatever_the_law_of_thinking(slots: int, think: dict[str, Any]) -> None:
    """M/M/1//K: the delay station is insensitive."""
    exact = full_slots(slots, ATTENTION, REPLIES, THINK)
    assert_agrees(
        swamped(slots, think, exponential(ATTENTION)),
        {
            "focus": exact.utilization,
            "reply_time": exact.response,
            "handling_time.mean": slots * REPLIES / exact.throughput,
            "slots_taken": 1.0,
            "replies": REPLIES,
        },
    )


@pytest.mark.parametrize(("handling_cv", "wrap_up"), [(0.6, 0.0), (0.9, 40.0)])
def test_one_slot_alternates_between_attention_and_thinking(handling_cv: float, wrap_up: float) -> None:
    """A renewal process that alternates: any laws of attention and thinking, only means count."""
    after = exponential(wrap_up) if wrap_up else None
    result = swamped(1, lognormal(THINK, 1.2), lognormal(ATTENTION, handling_cv), after)
    attention = ATTENTION + wrap_up
    whole = attention + THINK * (REPLIES - 1)
    assert_agrees(
        result,
        {
            "focus": attention / whole,
            "occupancy": 1.0,
            "replies": REPLIES,
            "reply_time": ATTENTION / REPLIES,
            "attention_time.mean": attention,
            "handling_time.mean": whole,
        },
    )


def test_a_timeout_cuts_the_thinking_and_the_stay() -> None:
    """Slots are then taken by min(think, time-out); what is left of an exponential conversation is exponential again,
    so reopened threads are like new ones."""
    timeout, goes_on = 60.0, 1 - 1 / REPLIES
    late = exp(-timeout / THINK)
    exact = machine_repairman(3, ATTENTION / REPLIES, goes_on * THINK * (1 - late))
    stay = 1 / (1 - goes_on * (1 - late))
    assert_agrees(
        swamped(3, exponential(THINK), exponential(ATTENTION), idle_timeout="60 s"),
        {
            "focus": exact.utilization,
            "reply_time": exact.response,
            "replies": stay,
            "timed_out": stay * goes_on * late,
        },
    )


def test_the_form_with_a_pace_agrees_with_the_form_by_turns() -> None:
    """Two agents by turns, and by the throughputs that theory derives: the same answers to a few per cent."""
    by_turns = sim.load("theory/chat-turns", set={"replications": 2})
    alone = 150 + 4 * 40
    entries = {
        "channels.chat.turns": None,
        "channels.chat.think": None,
        "topics.question.handling.chat.exponential.mean": f"{alone} s",
        "teams.desk.concurrency.throughput": throughputs(3, 150, 5, 40),
    }
    by_pace = sim.load("theory/chat-turns", set={"replications": 2, **entries})
    results = [sim.run(scenario, tables=False, jobs=1) for scenario in (by_turns, by_pace)]
    for metric, tolerance in (
        ("abandonment", 0.08),
        ("handling_time.mean", 0.02),
        ("occupancy", 0.01),
        ("asa.mean", 0.08),
    ):
        turns, pace = (found(result, metric) for result in results)
        assert turns == pytest.approx(pace, rel=tolerance), metric


def found(result: sim.Result, metric: str) -> float:
    return next(one.interval.mean for one in result.summaries if str(one.metric) == metric and not one.segment)


# -- the formulas -------------------------------------------------------------------------------------------


def test_machine_repairman_by_hand() -> None:
    """Three machines, repair 1, running 1.5: weights 1, 2, 8/3, 16/9 of the numbers broken."""
    idle = 1 / (1 + 2 + 8 / 3 + 16 / 9)
    queue = machine_repairman(3, 1.0, 1.5)
    assert queue.utilization == queue.throughput == pytest.approx(1 - idle)
    assert queue.response == pytest.approx(3 / (1 - idle) - 1.5)


def test_machine_repairman_at_its_ends() -> None:
    """Alone nobody waits; without thinking the repairman is always busy; with a repairman each nobody waits."""
    assert machine_repairman(1, 2.0, 6.0).response == pytest.approx(2.0)
    assert machine_repairman(5, 2.0, 0.0).utilization == 1.0
    assert machine_repairman(5, 2.0, 0.0).response == pytest.approx(10.0)
    assert machine_repairman(4, 2.0, 6.0, servers=4).response == pytest.approx(2.0)
    with pytest.raises(ValueError, match="one customer or more"):
        machine_repairman(0, 1.0, 1.0)


def test_more_slots_get_more_done_up_to_all_of_the_attention() -> None:
    rates = throughputs(40, ATTENTION, REPLIES, THINK)
    assert rates[0] == 1.0
    assert all(fewer < more for fewer, more in pairwise(rates[:10]))
    assert rates[-1] == pytest.approx((ATTENTION + (REPLIES - 1) * THINK) / ATTENTION)


def test_agents_with_one_slot_who_need_not_wait_for_customers_are_erlang_a() -> None:
    exact = erlang_a(1 / 60, 1 / 100, 2, 1 / 90)
    queue = turns_queue(1 / 60, 2, 1, 25, 4, 1e-6, 1 / 90)
    assert queue.p_wait == pytest.approx(exact.p_wait)
    assert queue.p_abandon == pytest.approx(exact.p_abandon)
    assert queue.attention_share == pytest.approx(exact.utilization)
    assert queue.reply_time == pytest.approx(25)


def test_an_agent_who_is_swamped_has_full_slots() -> None:
    exact = full_slots(3, ATTENTION, REPLIES, THINK)
    queue = turns_queue(0.5, 1, 3, ATTENTION / REPLIES, REPLIES, THINK, 0.01)
    assert queue.attention_share == pytest.approx(exact.utilization, rel=1e-6)
    assert queue.reply_time == pytest.approx(exact.response, rel=1e-6)
    assert queue.slots == pytest.approx(3, rel=1e-6)
