"""Practices and the same agent on centers so small that every second can be worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest

from simulation.center.practices import Practices
from simulation.center.rules import answer_accuracy, gap_closed, handling_left, kept_after
from simulation.errors import InputError
from simulation.experiments.load import from_dict
from simulation.metrics.measure import Slicer
from simulation.metrics.targets import targets_of
from simulation.metrics.view import View
from simulation.record.recorder import Outcome
from simulation.reports.expected import expect
from tests.laws.books import Books, observe
from tests.laws.micro import agents, assert_story, center, told
from tests.laws.strategies import Data, constant
from tests.unit.test_explain import words_of

STEPS = {"analysis": "40 %", "solution": "30 %", "verification": "10 %", "informing": "20 %"}
BACK = {"probability": "100 %", "after": constant(1000), "most": 1}
"""Everybody comes back once, 1000 s after a wrong answer."""


def wrong(calls: list[Any], **parts: Any) -> Data:
    """A center in which nobody is right and everybody comes back once."""
    return center(calls, topics__any__repeat=BACK, **({"teams__front": agents(1, accuracy="0 %")} | parts))


# -- the rules ----------------------------------------------------------------------------------------------


def test_savings_of_a_step_multiply_and_steps_add() -> None:
    assert kept_after([]) == 1
    assert kept_after([0.5, 0.2]) == pytest.approx(0.4)
    assert handling_left([0.4, 0.3, 0.1, 0.2], [1, 1, 1, 1]) == 1
    assert handling_left([0.4, 0.3, 0.1, 0.2], [0.5, 1, 0, 0.25]) == pytest.approx(0.2 + 0.3 + 0 + 0.05)
    assert handling_left([0.1] * 10, [1] * 10) == 1, "exactly: a practice that saves nothing changes no time"
    assert handling_left([0.4, 0.3, 0.1, 0.2], [0, 0, 0, 0]) == 0


def test_gains_close_the_gap_and_factors_of_accuracy_multiply() -> None:
    assert gap_closed(0.8, [0.5]) == pytest.approx(0.9)
    assert gap_closed(0.8, [0.5, 0.5]) == pytest.approx(0.95)
    assert gap_closed(0.8, []) == gap_closed(0.8, [0.0]) == 0.8
    assert gap_closed(0.3, [1.0]) == 1
    assert answer_accuracy(0.9, 0.95, 0.8) == pytest.approx(0.684)


# -- steps and practices ------------------------------------------------------------------------------------


def test_a_practice_shortens_its_step_and_after_contact_work() -> None:
    data = center(
        [(0, 100)],
        handling_steps=STEPS,
        topics__any__wrap_up={"any": constant(30)},
        practices={"templates": {"saves": {"informing": "50 %", "wrap_up": "40 %"}}},
    )
    assert_story(data, "0: 0 0-108 front/1")  # 100 - 20 x 0.5, then 30 x 0.6


def test_steps_of_the_topic_come_before_those_of_the_scenario() -> None:
    data = center(
        [(0, 100)],
        handling_steps=STEPS,
        topics__any__steps={"informing": "100 %"},
        practices={"templates": {"saves": {"informing": "50 %"}}},
    )
    assert_story(data, "0: 0 0-50 front/1")


def test_two_practices_on_one_step_each_save_of_what_the_other_leaves() -> None:
    practices = {"one": {"saves": {"analysis": "50 %"}}, "two": {"saves": {"analysis": "50 %", "solution": "100 %"}}}
    assert_story(center([(0, 100)], handling_steps=STEPS, practices=practices), "0: 0 0-40 front/1")  # 10 + 0 + 10 + 20


@pytest.mark.parametrize(
    ("scope", "ends"),
    [
        ({"channels": "chat"}, 100),
        ({"topics": "other"}, 100),
        ({"teams": "back"}, 100),
        ({"channels": "phone", "topics": ["any"], "teams": "front"}, 60),
        ({"covers": "0 %"}, 100),
        ({"covers": {"other": "100 %"}}, 100),
        ({"covers": {"any": "0 %", "other": "100 %"}}, 100),
        ({"found": "0 %"}, 100),
        ({"contacts": "repeats"}, 100),
    ],
)
def test_a_practice_helps_only_where_it_is_used(scope: Data, ends: int) -> None:
    data = center(
        [(0, 100), (500, 1, "chat", "other")],
        channels={"phone": {"mode": "live"}, "chat": {"mode": "concurrent"}},
        topics={"any": {"handling": {"any": constant(60)}}, "other": {"handling": {"any": constant(60)}}},
        teams={"front": agents(1), "back": agents(1)},
        handling_steps=STEPS,
        practices={"crm": {"saves": {"analysis": "100 %"}, **scope}},
    )
    assert told(observe(data)).splitlines()[0] == f"0: 0 0-{ends} front/1"


def test_history_saves_on_repeats_only() -> None:
    """60 s by the topic: the log knows the first time only."""
    data = wrong(
        [(0, 100)], handling_steps=STEPS, practices={"crm": {"contacts": "repeats", "saves": {"analysis": "50 %"}}}
    )
    assert_story(data, "0: 0 0-100 front/1\n0: 1100 1100-1148 front/1")


def test_a_redial_after_hanging_up_is_no_repeat() -> None:
    """Case 1 hangs up at 20 s and calls again: no agent has handled it before."""
    data = center(
        [(0, 500), (10, 60)],
        channels__phone__patience=constant(10),
        channels__phone__redial={"probability": "100 %", "after": constant(600), "most": 1},
        practices={"crm": {"contacts": "repeats", "saves": {"analysis": "100 %"}}},
    )
    assert_story(data, "0: 0 0-500 front/1\n1: 10 20 abandoned\n1: 620 620-680 front/1")


def test_history_helps_at_a_tier_that_the_case_had_not_reached() -> None:
    """Tier 1 answers wrongly; the repeat is escalated: tier 2 has its first work, with the history known."""
    data = center(
        [(0, 100)],
        handling_steps=STEPS,
        topics__any={"handling": {"any": constant(100)}, "reach": {"tier1": "0 %"}, "repeat": BACK},
        teams={"front": agents(1), "experts": agents(1, tier="tier2")},
        escalation={"path": ["tier1", "tier2"], "recognition": "50 %"},
        practices={
            "crm": {"contacts": "repeats", "saves": {"analysis": "50 %"}},
            "base": {"saves": {"informing": "50 %"}, "teams": "experts"},
        },
    )
    for seed in range(40):
        legs = observe(data, seed).legs
        if [(leg.contact, leg.tier) for leg in legs] == [(0, "tier1"), (1, "tier1"), (1, "tier2")]:
            assert [leg.ended - leg.answered for leg in legs] == pytest.approx([100, 80, 70])
            break
    else:
        pytest.fail("no seed has that story")


def test_savings_that_leave_nothing_leave_zero_seconds() -> None:
    everything = {
        "analysis": "100 %",
        "solution": "100 %",
        "verification": "100 %",
        "informing": "100 %",
        "wrap_up": "100 %",
    }
    data = wrong(
        [(0, 100), (0, 100)],
        handling_steps={"analysis": "29.9 %", "solution": "45.07 %", "verification": "10.03 %", "informing": "15 %"},
        topics__any__wrap_up={"any": constant(30)},
        practices={"magic": {"saves": everything}, "crm": {"contacts": "repeats", "saves": {"analysis": "50 %"}}},
    )
    assert_story(data, "0: 0 0-0 front/1\n0: 1000 1000-1000 front/1\n1: 0 0-0 front/1\n1: 1000 1000-1000 front/1")


def test_reach_and_accuracy_of_what_it_helps_with() -> None:
    """Nobody can do it, and nobody is right; with articles that close the gap everybody is, unless they are stale."""
    alone = center([(0, 100)] * 5, topics__any__reach={"tier1": "0 %"}, teams__front=agents(5, accuracy="0 %"))
    assert outcomes(observe(alone)) == {Outcome.WRONG}
    for practice, outcome in (
        ({"reach": "100 %", "accuracy": "100 %"}, Outcome.SOLVED),
        ({"reach": "100 %"}, Outcome.WRONG),
        ({"accuracy": "100 %"}, Outcome.WRONG),
        ({"reach": "100 %", "accuracy": "100 %", "stale": "100 %"}, Outcome.WRONG),
        ({"reach": "100 %", "accuracy": "100 %", "found": "0 %"}, Outcome.WRONG),
    ):
        assert outcomes(observe(alone | {"practices": {"articles": practice}})) == {outcome}, practice


def outcomes(books: Books) -> set[Outcome]:
    """How the legs ended."""
    return {leg.outcome for leg in books.legs}


def test_the_easiest_are_covered_by_difficulty() -> None:
    data = center([(10 * n, 100) for n in range(60)], teams__front=agents(60), handling_steps=STEPS)
    data["practices"] = {"templates": {"covers": "50 %", "which": "easiest", "saves": {"informing": "100 %"}}}
    books = observe(data)
    for leg in books.legs:
        easy = books.births.difficulty[leg.case] < 0.5
        assert leg.ended - leg.answered == pytest.approx(80 if easy else 100)


# -- what is noted ------------------------------------------------------------------------------------------


def test_the_table_says_what_helped() -> None:
    data = wrong(
        [(0, 100)],
        routing={"sticky": {}},
        practices={
            "one": {"saves": {"analysis": "10 %"}},
            "history": {"contacts": "repeats", "saves": {"analysis": "10 %"}},
            "elsewhere": {"topics": [], "cost": {"per_day": "5 EUR"}},
        },
    )
    assert observe(data).record.legs["helped"].tolist() == [1, 1 + 2 + 8]


def test_what_came_with_the_contact_saves_analysis() -> None:
    practices = Practices(
        from_dict(center([(0, 1)], handling_steps=STEPS, practices={"crm": {"saves": {"analysis": "50 %"}}}))
    )
    assert practices.left(0, 0, saved=0.25).handling == pytest.approx(1 - 0.4 * 0.25)
    assert practices.left(0, 1, saved=0.25).handling == pytest.approx(0.4 * 0.5 * 0.75 + 0.6)


# -- the same agent -----------------------------------------------------------------------------------------


def test_who_comes_back_meets_the_agent_who_knows_the_case() -> None:
    """Without sticky the longest idle takes it."""
    plain = "0: 0 0-100 front/1\n0: 1100 1100-1160 front/{}\n1: 10 10-40 front/2\n1: 1040 1040-1100 front/{}"
    data = wrong([(0, 100), (10, 30)], teams__front=agents(3, accuracy="0 %"))
    assert_story(data, plain.format(2, 3))
    assert_story(data | {"routing": {"sticky": {}}}, plain.format(1, 2))


def test_and_that_agent_needs_less_analysis() -> None:
    sticky = {"saves": {"analysis": "50 %", "wrap_up": "50 %"}}
    data = wrong(
        [(0, 100)], topics__any__wrap_up={"any": constant(20)}, handling_steps=STEPS, routing={"sticky": sticky}
    )
    assert_story(data, "0: 0 0-120 front/1\n0: 1100 1100-1158 front/1")


def busy_for_who_comes_back(sticky: Data | None, **parts: Any) -> Data:
    """Two agents; when case 0 comes back at 1010 s, agent 1 is busy with case 1 until 1100 s and agent 2 is free."""
    calls = [(0, 10), (1000, 100)]
    data = wrong(calls, **({"teams__front": agents(2, accuracy="0 %"), "horizon": "1500 s"} | parts))
    return data | {"routing": {"agent": "lowest_number"} | ({} if sticky is None else {"sticky": sticky})}


@pytest.mark.parametrize(
    ("sticky", "who_comes_back"),
    [
        (None, "1010 1010-1070 front/2"),
        ({}, "1010 1010-1070 front/2"),
        ({"wait": "30 s"}, "1010 1040-1100 front/2"),
        ({"wait": "90 s"}, "1010 1100-1160 front/1"),  # the agent is free as the wait ends
        ({"wait": "3 min"}, "1010 1100-1160 front/1"),
        ({"wait": "3 min", "channels": []}, "1010 1010-1070 front/2"),
    ],
)
def test_waiting_for_the_agent_who_knows_the_case(sticky: Data | None, who_comes_back: str) -> None:
    assert f"0: {who_comes_back}" in told(observe(busy_for_who_comes_back(sticky))).splitlines()


@pytest.mark.parametrize(("wait", "answered"), [("30 s", 1090), ("2 min", 1100), ("85 s", 1095)])
def test_other_teams_help_as_late_as_if_it_had_waited_for_all(wait: str, answered: int) -> None:
    """The agent who knows case 0 is busy until 1100 s; the other team may help after 80 s, so from 1090 s on."""
    data = wrong(
        [(0, 10), (1000, 100)], horizon="1300 s", teams={"front": agents(1, accuracy="0 %"), "back": agents(1)}
    )
    data["routing"] = {
        "routes": {"all": {"teams": {"front": "0 s", "back": "80 s"}}},
        "sticky": {"wait": wait},
    }
    assert (
        f"0: 1010 {answered}-{answered + 60} {'front' if answered == 1100 else 'back'}/1"
        in told(observe(data)).splitlines()
    )


def test_patience_ends_while_waiting_for_one_agent() -> None:
    data = busy_for_who_comes_back({"wait": "3 min"}, channels__phone__patience=constant(20))
    assert "0: 1010 1030 abandoned" in told(observe(data)).splitlines()


def test_who_waits_for_one_agent_is_sent_away_at_closing_time() -> None:
    data = busy_for_who_comes_back(
        {"wait": "3 min"}, channels__phone={"mode": "live", "open": {"daily": "00:00-00:17"}, "at_close": "disconnect"}
    )
    assert "0: 1010 1020 disconnected" in told(observe(data)).splitlines()


def test_who_still_waits_for_one_agent_at_the_end_is_open() -> None:
    books = observe(busy_for_who_comes_back({"wait": "3 min"}, horizon="1050 s"))
    assert "0: 1010 open" in told(books).splitlines()


@pytest.mark.parametrize(("leaves", "taken"), [(1020, 1020), (1000, 1010)])
def test_nobody_waits_for_an_agent_who_goes(leaves: int, taken: int) -> None:
    """Agent 1 goes after the call in hand; from then on, nobody waits for that agent any longer."""
    clock = f"00:{leaves // 60:02}:{leaves % 60:02}"
    early = {"days": "daily", "start": "00:00", "end": clock, "headcount": 1}
    late = {"days": "daily", "start": "00:00", "end": "08:00", "headcount": 1}
    team = {"skills": {"all": {}}, "shifts": {"a": early, "b": late}, "accuracy": "0 %"}
    calls = [(0, 10), (999, 100)]
    data = wrong(calls, teams__front=team, routing={"agent": "lowest_number", "sticky": {"wait": "3 min"}})
    assert f"0: 1010 {taken}-{taken + 60} front/b/1" in told(observe(data)).splitlines()


def test_who_waits_for_one_agent_overtakes_nobody() -> None:
    """Agent 1 is busy until 1100 s; case 3 has waited since 1005 s, case 0 for agent 1 since 1010 s."""
    calls = [(0, 10), (1000, 100), (1000, 300), (1005, 50)]
    story = told(observe(busy_for_who_comes_back({"wait": "5 min"}) | {"demand": center(calls)["demand"]}))
    assert "3: 1005 1100-1150 front/1" in story.splitlines()
    assert "0: 1010 1150-1210 front/1" in story.splitlines()


def test_an_agent_of_a_team_without_the_skill_is_passed_by() -> None:
    """The case was escalated; at tier 2 agent 1 of experts knows it, at tier 1 agent 1 of front."""
    data = center(
        [(0, 100)],
        topics__any={"handling": {"any": constant(100)}, "reach": {"tier1": "0 %"}, "repeat": BACK},
        teams={"front": agents(3), "experts": agents(3, tier="tier2", accuracy="0 %")},
        escalation={"path": ["tier1", "tier2"]},
    )
    assert [leg.agent for leg in observe(data).legs] == [0, 3, 1, 4]
    assert [leg.agent for leg in observe(data | {"routing": {"sticky": {}}}).legs] == [0, 3, 0, 3]


def test_a_chat_goes_back_to_a_free_slot_only() -> None:
    """Agent 1 holds a chat when case 0 comes back, and has one more slot; then none."""
    chats = {"channels__phone": {"mode": "concurrent"}, "horizon": "1500 s"}
    team = agents(2, accuracy="0 %", concurrency={"slots": 2})
    for calls, who in (([(0, 10), (1000, 100)], 1), ([(0, 10), (1000, 100), (1000, 100), (1001, 100)], 2)):
        data = wrong(calls, teams__front=team, **chats)
        data["routing"] = {"agent": "lowest_number", "sticky": {}}
        legs = [leg for leg in observe(data).legs if leg.case == 0 and leg.contact == 1]
        assert [leg.agent + 1 for leg in legs] == [who]


def test_an_agent_with_a_chat_open_takes_no_call_back() -> None:
    """Agent 1 holds a chat and has a slot free when the caller of case 0 comes back."""
    data = wrong(
        [(0, 10), (1000, 100, "chat")],
        teams__front=agents(2, accuracy="0 %", concurrency={"slots": 2}),
        channels={"phone": {"mode": "live"}, "chat": {"mode": "concurrent"}},
    )
    data["routing"] = {"agent": "lowest_number", "sticky": {}}
    assert "0: 1010 1010-1070 front/2" in told(observe(data)).splitlines()


def test_a_reserve_holds_for_the_known_agent_too() -> None:
    team = agents(2, accuracy="0 %", skills={"all": {"reserve": 1}})
    data = wrong([(0, 10), (1000, 100)], teams__front=team, horizon="1500 s")
    data["routing"] = {"agent": "lowest_number", "sticky": {"wait": "30 s"}}
    assert "0: 1010 1100-1160 front/1" in told(observe(data)).splitlines()


# -- KPIs and explain ---------------------------------------------------------------------------------------


def kpi(data: Data, text: str) -> float:
    """A KPI of a run on everything, or on a segment as a target writes it."""
    unit = "EUR" if "cost" in text else "%" if text.partition("{")[0] in SHARES else "s"
    books = observe(data | {"targets": {"asked": f"{text} >= 0 {unit}"}})
    view = View(books.record, books.scenario)
    (target,) = targets_of(books.scenario)
    found = Slicer(view).on(target.metric, target.segment)
    return found.value / found.over


SHARES = ("quality", "same_agent", "helped", "fcr", "csat")


def test_time_by_step() -> None:
    """100 s and 60 s, of which the templates halve the informing, and the agent who knows the case the analysis."""
    data = wrong([(0, 100)], handling_steps=STEPS, routing={"sticky": {"saves": {"analysis": "50 %"}}})
    data["practices"] = {"templates": {"saves": {"informing": "50 %"}}}
    times = {step: kpi(data, f"{step}_time") for step in STEPS}
    assert times == pytest.approx(
        {"analysis": (40 + 12) / 2, "solution": (30 + 18) / 2, "verification": 8, "informing": 8}
    )
    assert kpi(data, "talk_time") == pytest.approx(sum(times.values()))


def test_time_by_step_of_work_that_takes_no_time() -> None:
    everything = {step: "100 %" for step in STEPS}
    data = center([(0, 100)], handling_steps=STEPS, practices={"magic": {"saves": everything}})
    assert [kpi(data, f"{step}_time") for step in STEPS] == [0, 0, 0, 0]


def test_the_same_agent_and_right_answers() -> None:
    """Case 0 meets agent 2 instead of 1 the second time, case 1 agent 3 instead of 2; all four answers are wrong."""
    data = wrong([(0, 100), (10, 30)], teams__front=agents(3, accuracy="0 %"))
    assert (kpi(data, "same_agent"), kpi(data, "quality")) == (0, 0)
    assert kpi(data | {"routing": {"sticky": {}}}, "same_agent") == 1


def test_quality_by_team() -> None:
    teams = {
        "good": agents(1, skills={"all": {"topics": "a"}}),
        "bad": agents(1, skills={"all": {"topics": "b"}}, accuracy="0 %"),
    }
    topics = {name: {"handling": {"any": constant(60)}} for name in "ab"}
    data = center([(0, 10, "phone", "a"), (0, 10, "phone", "b"), (100, 10, "phone", "a")], topics=topics, teams=teams)
    assert kpi(data, "quality") == pytest.approx(2 / 3)
    assert (kpi(data, "quality{team=good}"), kpi(data, "quality{team=bad}")) == (1, 0)


def test_tool_cost() -> None:
    """An hour, two teams of 2 and 1 agents: 24 EUR a day, 3 EUR an hour of front's agents, 0.5 EUR for each of 3 uses."""
    cost = {"all": {"cost": {"per_day": "24 EUR"}}, "seats": {"teams": "front", "cost": {"per_agent_hour": "3 EUR"}}}
    calls = [(0, 10, "phone", "any"), (0, 10, "phone", "any"), (0, 10, "phone", "other"), (0, 10, "phone", "any")]
    data = center(
        calls,
        topics={name: {"handling": {"any": constant(60)}} for name in ("any", "other")},
        teams={"front": agents(2), "back": agents(1)},
        practices=cost | {"uses": {"topics": "any", "cost": {"per_use": "0.5 EUR"}}},
    )
    day = 24.0
    assert kpi(data, "tool_cost") == pytest.approx((1 + 6 + 1.5) * day)
    assert kpi(data, "cost") == pytest.approx((1 + 6 + 1.5) * day)
    assert kpi(data, "cost_per_contact") == pytest.approx(8.5 / 4)
    by_team = [kpi(data, f"tool_cost{{team={team}}}") for team in ("front", "back")]
    assert sum(by_team) == pytest.approx(8.5 * day) and by_team[0] >= (2 / 3 + 6) * day


def test_explain_expects_the_work_that_is_simulated() -> None:
    """Random and easiest cases, found or not, two tiers: the mean handling time of each team."""
    data = center(
        [],
        horizon="20 h",
        demand={"sources": {"calls": {"topic": "any", "channel": "phone", "volume": "500/h"}}},
        handling_steps=STEPS,
        topics__any={"handling": {"any": constant(100)}, "wrap_up": {"any": constant(50)}, "reach": {"tier1": "60 %"}},
        teams={"front": agents(40), "experts": agents(40, tier="tier2")},
        escalation={"path": ["tier1", "tier2"]},
        practices={
            "templates": {
                "covers": "70 %",
                "which": "easiest",
                "found": "80 %",
                "saves": {"informing": "100 %", "wrap_up": "50 %"},
            },
            "short": {"covers": "30 %", "which": "easiest", "saves": {"informing": "50 %"}},
            "crm": {"covers": "50 %", "saves": {"analysis": "100 %"}, "reach": "50 %"},
            "later": {"contacts": "repeats", "saves": {"solution": "100 %"}},
        },
    )
    found, books = expect(from_dict(data)), observe(data)
    legs = books.record.legs
    for team, load in enumerate(found.loads):
        mine = legs["handler"] == team
        worked = float((legs["ended"] - legs["answered"])[mine].sum()) / (20 * 3600)
        assert load.all.mean() == pytest.approx(worked, rel=0.03), load.team


def test_explain_tells_of_practices_and_the_same_agent() -> None:
    data = center(
        [(0, 100)],
        handling_steps=STEPS,
        routing={"sticky": {"wait": "5 min", "channels": "phone", "saves": {"analysis": "30 %"}}},
        practices={
            "articles": {
                "covers": {"any": "70 %"}, "found": "80 %", "which": "easiest", "reach": "30 %", "accuracy": "40 %", "stale": "1 %",
                "saves": {"solution": "15 %"}, "cost": {"per_day": "300 EUR", "per_use": "0.02 EUR"},
            },
            "crm": {"contacts": "repeats", "teams": "front", "saves": {"wrap_up": "20 %"}, "cost": {"per_agent_hour": "1.2 EUR"}},
        },
    )  # fmt: skip
    words = words_of(data, 120)
    for said in (
        "the easiest 70 %", "found 80 %", "solution -15 %", "reach gap -30 %", "errors -40 %", "1 % stale", "300 EUR/day",
        "0.02 EUR/use", "1.2 EUR/agent h", "front", "repeats", "wrap-up -20 %",
        "Steps of the handling time: analysis 40 %, solution 30 %, verification 10 %, informing 20 %.",
        "Practices cost 329 EUR a day, uses apart.",
        "Who comes back on phone meets the agent who knows the case if free within 5 min: analysis -30 %.",
    ):  # fmt: skip
        assert said in words
    assert "Practice" not in words_of(center([(0, 100)]), 120)


# -- what must be refused -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        (
            {"handling_steps": {"analysis": "50 %", "solution": "60 %"}},
            "the shares of the steps sum to 110 %; make them sum to 100 %",
        ),
        ({"topics__any__steps": {"analysis": "50 %"}}, "the shares of the steps sum to 50 %"),
        ({"practices": {"a": {}}}, "practices.a: changes nothing; write e.g. saves"),
        ({"practices": {"a": {"saves": {"informing": "110 %"}}}}, "'110 %' is more than 100 %"),
        ({"practices": {"a": {"covers": "60", "reach": "5 %"}}}, "'60' has no unit; write e.g. 60 %"),
        ({"practices": {"a": {"covers": {"alny": "6 %"}, "reach": "5 %"}}}, "there is no topic 'alny'; write e.g. any"),
        ({"practices": {"a": {"teams": "frnt", "reach": "5 %"}}}, "there is no team 'frnt'; write e.g. front"),
        ({"practices": {"a": {"channels": ["fone"], "reach": "5 %"}}}, "there is no channel 'fone'; write e.g. phone"),
        ({"practices": {f"p{n}": {"reach": "5 %"} for n in range(31)}}, "there are 31 practices; write at most 30"),
        (
            {
                "practices": {"a": {"teams": "front", "topics": "any", "channels": "chat", "reach": "5 %"}},
                "channels__chat": {"mode": "concurrent"},
                "teams": {"front": agents(1, skills={"calls": {"channels": "phone"}}), "back": agents(1)},
            },
            "practices.a: helps nobody: its teams get no contacts of its topics on its channels",
        ),
        ({"routing": {"sticky": {"channels": "fone"}}}, "there is no channel 'fone'; write e.g. phone"),
        (
            {"practices": {"a": {"cost": {"per_day": "5 EUR", "per_use": "5 USD"}}}},
            "is in USD, but practices.a.cost.per_day is in EUR",
        ),
    ],
)
def test_a_clear_error(parts: Data, told: str) -> None:
    with pytest.raises(InputError) as error:
        from_dict(center([(0, 1)], **parts))
    assert told in str(error.value)
