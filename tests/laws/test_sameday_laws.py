"""Laws of the day: a threshold that is never reached changes nothing, staying on loses nobody and only takes from the queue."""

from __future__ import annotations

from math import isnan
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.record.recorder import Duty
from tests.laws.books import EPSILON, Books, joined, observe
from tests.laws.micro import center, on_shift, told
from tests.laws.strategies import Data, constant, deep, fit, quick, scenarios
from tests.laws.test_common_numbers import births, duties, stories
from tests.laws.test_conservation import LAWS, idle_agents_are_there_as_planned, shifts_and_breaks_are_kept

BY_PLAN = (shifts_and_breaks_are_kept, idle_agents_are_there_as_planned)
"""Laws of those who come and go by the plan alone."""


def with_rule(data: Data, **rules: Data) -> Data:
    """The same center, with rules for every team on shifts."""
    teams = {name: team | rules if "shifts" in team else team for name, team in data["teams"].items()}
    return data | {"teams": teams}


def going_home(data: Data) -> Data:
    """The same center, in which all go home in the middle of it; half an hour later others come."""
    half = int(data["horizon"].removesuffix(" s").split(".")[0]) // 7200 * 3600 or 1800
    clock = [f"{at // 3600:02}:{at // 60 % 60:02}" for at in (half, half + 1800)]
    early = {"days": "daily", "start": "00:00", "end": clock[0], "headcount": 2}
    shifts = {"early": early, "late": {**early, "start": clock[1], "end": "12:00"}}
    teams = {name: without_schedule(team) | {"shifts": shifts} for name, team in data["teams"].items()}
    return fit(data | {"teams": teams})


def without_schedule(team: Data) -> Data:
    """A team without its shifts or headcount, and without absence."""
    return {key: value for key, value in team.items() if key not in ("shifts", "headcount", "absence")}


def assert_same(before: Data, after: Data) -> None:
    """Births, stories and duties are the same."""
    one, other = observe(before), observe(after)
    assert (births(one), stories(one), duties(one)) == (births(other), stories(other), duties(other))


NEVER: Data = {
    "overtime": {"over": 100_000, "wait": "300 d"},
    "time_off": {"idle": 10_000, "occupancy": "0.001 %"},
    "nights": {"dislike": "0 %"},
}


@quick(12)
@given(scenarios())
def test_a_threshold_that_is_never_reached_changes_nothing(data: Data) -> None:
    assert_same(going_home(data), with_rule(going_home(data), **NEVER))


@quick(15)
@given(scenarios())
def test_disliking_hours_alone_changes_no_case(data: Data) -> None:
    one, other = observe(data), observe(with_rule(data, nights={"dislike": "100 %", "hours": "always"}))
    assert (births(one), stories(one)) == (births(other), stories(other))


OVERTIME = st.fixed_dictionaries(
    {
        "over": st.integers(0, 4),
        "most": st.sampled_from(["1 min", "10 min", "2 h"]),
        "every": st.sampled_from(["1 min", "15 min"]),
    }
)


def holds(books: Books) -> None:
    """Every law but those of the plan; overtime follows the shift, lies on the floor, and is not longer than allowed."""
    for law in LAWS:
        if law not in BY_PLAN:
            law(books)
    for agent in range(len(books.agents)):
        team = books.scenario.teams[books.team_of(agent)]
        for start, end in books.spans(agent, Duty.OVERTIME):
            assert team.overtime is not None
            assert any(abs(start - shift_end) < EPSILON for _, shift_end in books.spans(agent, Duty.SHIFT))
            assert any(on <= start and end <= off + EPSILON for on, off in books.on[agent])
            late = [leg for leg in books.of_agent[agent] if leg.answered > start + team.overtime.most + EPSILON]
            assert not any(start < leg.answered < end for leg in late), "a contact was begun after the limit"


@quick(20)
@given(scenarios(), OVERTIME)
def test_every_law_holds_with_overtime(data: Data, rule: Data) -> None:
    holds(observe(with_rule(going_home(data), overtime=rule)))


@pytest.mark.slow
@deep(150)
@given(scenarios(), OVERTIME)
def test_every_law_holds_with_much_overtime(data: Data, rule: Data) -> None:
    holds(observe(with_rule(going_home(data), overtime=rule)))


# -- on call ------------------------------------------------------------------------------------------------


ON_CALL = st.fixed_dictionaries(
    {
        "agents": st.integers(1, 3),
        "over": st.integers(0, 3),
        "each": st.integers(1, 2),
        "delay": st.sampled_from([constant(0), constant(300), {"exponential": {"mean": "10 min"}}]),
        "at_least": st.sampled_from(["0 s", "5 min", "1 h"]),
        "wait": st.sampled_from(["1 min", "30 min"]),
    }
)


def on_call_holds(books: Books) -> None:
    """Every law but those of the plan; who is on call is at home, on the way or on the floor, each second of it."""
    for law in LAWS:
        if law not in BY_PLAN:
            law(books)
    for agent, name in enumerate(books.agents):
        if "/on_call/" in name:
            spans = [(a, b) for duty in ALL_DAY for a, b in books.spans(agent, duty)]
            assert joined(sorted(spans)) == [(0, books.scenario.duration)]
            assert sum(b - a for a, b in spans) == pytest.approx(books.scenario.duration), "no second twice"


ALL_DAY = (Duty.ON_CALL, Duty.ON_THE_WAY, Duty.ON)


@quick(20)
@given(scenarios(), ON_CALL)
def test_every_law_holds_on_call(data: Data, rule: Data) -> None:
    on_call_holds(observe(with_rule(data, on_call=rule)))


@pytest.mark.slow
@deep(150)
@given(scenarios(), ON_CALL)
def test_every_law_holds_much_on_call(data: Data, rule: Data) -> None:
    on_call_holds(observe(with_rule(data, on_call=rule)))


@quick(12)
@given(scenarios())
def test_who_is_never_called_in_changes_nothing(data: Data) -> None:
    rule = {"agents": 2, "over": 100_000, "wait": "300 d"}
    one, other = observe(data), observe(with_rule(data, on_call=rule))
    assert (births(one), stories(one)) == (births(other), stories(other))
    assert told(one) == told(other)


@quick(30)
@given(st.integers(1, 3), st.integers(1, 3), st.integers(0, 2**32))
def test_on_call_at_once_for_whoever_waits_is_as_many_agents_more(staff: int, more: int, seed: int) -> None:
    """Call by call: with no delay, threshold and least stay, all wait as with more agents on the shift."""
    chance = Random(seed)
    calls = [(15 * chance.randrange(240), 15 * chance.randint(1, 40)) for _ in range(60)]
    shift, rule = on_shift("00:00", "01:00", staff), {"agents": more, "over": 0}
    called = observe(center(calls, teams__front=shift | {"on_call": rule}))
    there = observe(center(calls, teams__front=on_shift("00:00", "01:00", staff + more)))
    assert [leg.until for leg in called.legs] == [leg.until for leg in there.legs]


def test_one_more_on_call_changes_no_other_one() -> None:
    """Calls so far apart that each calls one in: the first of two is as long on the way each time as it is alone."""
    calls = [(at, 5) for at in range(0, 3600, 5)]
    rule = {"over": 0, "delay": {"exponential": {"mean": "4 min"}}, "at_least": "1 s"}
    parts = {"teams__front": on_shift("00:00", "00:01") | {"on_call": rule}}
    one, two = (observe(center(calls, **_many(parts, number))) for number in (1, 2))
    first, same = ([b - a for a, b in books.spans(1, Duty.ON_THE_WAY)] for books in (one, two))
    assert first[0] == pytest.approx(same[0])
    assert two.spans(2, Duty.ON_THE_WAY)[0][1] - two.spans(2, Duty.ON_THE_WAY)[0][0] != pytest.approx(first[0])


def _many(parts: Data, number: int) -> Data:
    team = parts["teams__front"]
    return {"teams__front": team | {"on_call": team["on_call"] | {"agents": number}}}


# -- time off -----------------------------------------------------------------------------------------------


TIME_OFF = st.fixed_dictionaries(
    {
        "idle": st.integers(0, 1),
        "every": st.sampled_from(["1 min", "10 min"]),
        "at_least": st.sampled_from(["0 s", "30 min"]),
        "keep": st.integers(0, 1),
    },
    optional={"lasts": st.sampled_from(["1 min", "20 min"]), "occupancy": st.just("70 %")},
)


def time_off_holds(books: Books) -> None:
    """Every law but those of the plan; time off lies within the shift, and nobody is sent home while anybody waits whom the
    team may take now."""
    for law in LAWS:
        if law not in BY_PLAN:
            law(books)
    for agent in range(len(books.agents)):
        shifts = books.spans(agent, Duty.SHIFT)
        for start, end in books.spans(agent, Duty.TIME_OFF):
            cut = min(end, books.scenario.duration)  # a gap may be noted that ends later
            assert any(a - EPSILON <= start and cut <= b + EPSILON for a, b in shifts)
            held = [leg for leg in books.of_agent[agent] if leg.answered < end - EPSILON and leg.over > start + EPSILON]
            assert not held, f"{books.agents[agent]} works in time off: {held}"


@quick(20)
@given(scenarios(), TIME_OFF)
def test_every_law_holds_with_time_off(data: Data, rule: Data) -> None:
    time_off_holds(observe(with_rule(data, time_off=rule)))


@pytest.mark.slow
@deep(150)
@given(scenarios(), TIME_OFF, OVERTIME, ON_CALL)
def test_every_law_holds_with_all_rules_together(data: Data, off: Data, on: Data, called: Data) -> None:
    books = observe(with_rule(going_home(data), time_off=off, overtime=on, on_call=called))
    time_off_holds(books)
    holds(books)
    on_call_holds(books)


# -- staying on loses nobody --------------------------------------------------------------------------------


PLAIN = ("bots", "redial", "repeat", "escalation", "errors", "announced waits", "balking", "callbacks", "turns",
         "pauses", "chasers", "misfiling", "slowdown", "slots", "trunks", "other channels", "known times")  # fmt: skip
"""Features by which more service may change who comes, or how long others take."""


@quick(12)
@given(scenarios(without=(*PLAIN, "patience", "hours", "channel outages"), modes=("live", "deferred")))
def test_who_stays_on_answers_more_and_loses_nobody(data: Data) -> None:
    """In a center whose customers wait: at no time have fewer been answered than without overtime."""
    data = going_home(data)
    plain, longer = observe(data), observe(with_rule(data, overtime={"over": 0, "most": "10 h"}))
    before, after = (sum(not isnan(leg.answered) for leg in books.legs) for books in (plain, longer))
    assert after >= before
    assert len(plain.contacts) == len(longer.contacts)
