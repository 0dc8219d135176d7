"""Laws of the day: a threshold that is never reached changes nothing, staying on loses nobody and only takes from the queue."""

from __future__ import annotations

from math import isnan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.record.recorder import Duty
from tests.laws.books import EPSILON, Books, observe
from tests.laws.strategies import Data, deep, fit, quick, scenarios
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


NEVER: Data = {"overtime": {"over": 100_000, "wait": "300 d"}}


@quick(25)
@given(scenarios())
def test_a_threshold_that_is_never_reached_changes_nothing(data: Data) -> None:
    assert_same(going_home(data), with_rule(going_home(data), **NEVER))


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


@quick(40)
@given(scenarios(), OVERTIME)
def test_every_law_holds_with_overtime(data: Data, rule: Data) -> None:
    holds(observe(with_rule(going_home(data), overtime=rule)))


@pytest.mark.slow
@deep(300)
@given(scenarios(), OVERTIME)
def test_every_law_holds_with_much_overtime(data: Data, rule: Data) -> None:
    holds(observe(with_rule(going_home(data), overtime=rule)))


PLAIN = ("bots", "redial", "repeat", "escalation", "errors", "announced waits", "balking", "callbacks", "turns",
         "pauses", "chasers", "misfiling", "slowdown", "slots", "trunks", "other channels", "known times")  # fmt: skip
"""Features by which more service may change who comes, or how long others take."""


@quick(25)
@given(scenarios(without=(*PLAIN, "patience", "hours", "channel outages"), modes=("live", "deferred")))
def test_who_stays_on_answers_more_and_loses_nobody(data: Data) -> None:
    """In a center whose customers wait: at no time have fewer been answered than without overtime."""
    data = going_home(data)
    plain, longer = observe(data), observe(with_rule(data, overtime={"over": 0, "most": "10 h"}))
    before, after = (sum(not isnan(leg.answered) for leg in books.legs) for books in (plain, longer))
    assert after >= before
    assert len(plain.contacts) == len(longer.contacts)
