"""Causes of waits, in centers so small that the cause is known by how they are made."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given

from simulation.center.plan import Plan
from simulation.center.run import simulate
from simulation.experiments.load import from_dict
from simulation.metrics.blame import AWAY, Blame, Crowd, Floor, waits
from simulation.metrics.causes import CAUSES, MEANINGS, TEXTS, Why, needed, planned, shares_along, split
from simulation.record.recorder import ContactKind, Duty
from tests.laws.micro import agents, center, on_shift
from tests.laws.strategies import Data, constant, deep, moment, quick, scenarios

HOUR = 3600.0
COFFEE = {"coffee": {"after": "10 min", "lasts": "10 min"}}
MAIL = {"mode": "deferred"}
Shares = dict[Why, float]


def account(data: Data, replication: int = 0) -> Blame:
    """The account of one replication."""
    scenario = from_dict(data)
    record = simulate(Plan(scenario), 1, replication)
    return Blame(scenario, record.legs, record.cases, record.tables["duties"])


def blamed(data: Data, replication: int = 0, channel: int | None = None, tier: int | None = None) -> Shares:
    """The share of each cause in all seconds waited (on a channel, at a tier); they add up to the waits, stay by stay."""
    blame = account(data, replication)
    legs = blame.legs
    mine = legs["tier"] >= 0 if tier is None else legs["tier"] == tier
    rows = np.flatnonzero(mine & (True if channel is None else legs["channel"] == channel))
    seconds, wait = blame.seconds(rows), waits(legs, blame.timeline.duration)[rows]
    np.testing.assert_allclose(seconds.sum(axis=1), wait, rtol=1e-12, atol=1e-9)
    assert (seconds >= 0).all() and wait.sum() > 0
    total = seconds.sum(axis=0) / wait.sum()
    return {why: float(total[why]) for why in Why if total[why] > 1e-9}


def only(why: Why) -> Any:
    return pytest.approx({why: 1.0})


# -- one cause each ---------------------------------------------------------------------------------------


def test_the_only_agent_is_on_a_break() -> None:
    """The break lasts from 600 to 1200 s; the call comes at 720 s and waits 480 s."""
    assert blamed(center([(720, 60)], teams__front=on_shift("00:00", "00:50", breaks=COFFEE))) == only(Why.BREAKS)


def test_what_a_break_leaves_behind_is_still_its_own_when_the_agent_is_back() -> None:
    """The second call comes at 700 s, in the break, and waits until the first is through, at 1500 s."""
    data = center([(650, 300), (700, 10)], teams__front=on_shift("00:00", "00:50", breaks=COFFEE))
    blame = account(data)
    seconds = blame.seconds(np.array([1]))[0]
    assert seconds.sum() == 800 and seconds[Why.BREAKS] / 800 > 0.75
    assert set(np.flatnonzero(seconds)) == {Why.BREAKS, Why.CHANCE}, "two at once are more than the plan has agents"


def test_one_of_several_breaks_is_as_usual_and_all_at_once_are_not() -> None:
    """Three agents are on a break for 20 of 60 min each: the plan counts on two of them."""
    long = {"coffee": {"after": "10 min", "lasts": "20 min"}}
    team = on_shift("00:00", "01:00", 3, waves=3, breaks={"coffee": {"after": "0 s", "lasts": "20 min"}})
    calls = [(100.0 + n, 500) for n in range(3)]
    in_turn = blamed(center(calls, teams__front=team))
    assert in_turn == only(Why.CHANCE), "one is always away, as planned: three calls at once are chance"
    at_once = blamed(center([(700 + n, 60) for n in range(2)], teams__front=on_shift("00:00", "01:00", 3, breaks=long)))
    assert at_once == only(Why.BREAKS)


def test_all_are_in_a_meeting() -> None:
    meeting = {"team": {"days": "mon", "at": "09:00", "lasts": "30 min"}}
    team = on_shift("08:00", "12:00") | {"meetings": meeting}
    assert blamed(center([(9.2 * HOUR, 60)], teams__front=team, horizon="1 d")) == only(Why.MEETINGS)


def test_one_of_two_is_absent() -> None:
    """Of two agents, each absent on one day of five, the plan counts on both."""
    data = center([(100, 600), (110, 60)], teams__front=on_shift("00:00", "01:00", 2) | {"absence": "20 %"})
    number = next(n for n in range(20) if absent(account(data, n)) == 1)
    assert blamed(data, number) == only(Why.ABSENCE)


def absent(blame: Blame) -> int:
    return int(blame.duty(0, Duty.ABSENT).at(np.array([100.0]))[0])


def test_others_are_idle_who_lack_the_skill() -> None:
    topics = {name: {"handling": {"any": constant(60)}} for name in ("cards", "loans")}
    teams = {name: {"skills": {"all": {"topics": name}}, "headcount": {"constant": 1}} for name in topics}
    data = center([(0, 600, "phone", "cards"), (10, 60, "phone", "cards")], topics=topics, teams=teams)
    assert blamed(data) == only(Why.SKILLS)
    busy = center(
        [(0, 900, "phone", "loans"), (0, 600, "phone", "cards"), (10, 60, "phone", "cards")], topics=topics, teams=teams
    )
    assert blamed(busy) == only(Why.CHANCE), "the others are not idle"


def test_others_of_another_tier_do_not_count_as_idle() -> None:
    data = center([(0, 600), (10, 60)], escalation__path=["tier1", "boss"], teams__boss=agents(1, tier="boss"))
    assert blamed(data) == only(Why.CHANCE)


def test_a_skill_does_not_hold_at_that_hour() -> None:
    team = {"skills": {"all": {"hours": {"daily": "00:30-24:00"}}}, "headcount": {"constant": 1}}
    assert blamed(center([(600, 60)], teams__front=team)) == only(Why.SKILLS)


def test_a_free_agent_may_help_only_after_a_while() -> None:
    routes = {"calls": {"teams": {"front": "0 s", "back": "2 min"}}}
    data = center([(0, 600), (10, 60)], teams__back=agents(1), routing={"routes": routes})
    assert blamed(data) == only(Why.ROUTING)


def test_the_agent_writes_a_letter() -> None:
    data = center([(0, 600, "mail"), (60, 60)], channels__mail=MAIL)
    assert blamed(data, channel=0) == only(Why.BLENDING)


def test_the_agent_is_busy_with_another_channel() -> None:
    """The video call takes 1000 s of the hour: 0.28 agents are expected on other channels, and chance is that it is one."""
    data = center([(0, 1000, "video"), (60, 60)], channels__video={"mode": "live"})
    found = blamed(data, channel=0)
    assert set(found) == {Why.OTHERS, Why.CHANCE} and found[Why.OTHERS] > 1 - 1000 / HOUR


def flat(per_hour: float, agents_there: int, handling: float = 300, **more: Any) -> Data:
    """Calls at random in one hour."""
    source = {"topic": "any", "channel": "phone", "volume": f"{24 * per_hour:g}/day"}
    data = center([], teams__front=agents(agents_there), topics__any={"handling": {"any": constant(handling)}})
    data["demand"] = {"sources": {"calls": source | more.pop("source", {})}, **more}
    return data


def test_the_plan_has_fewer_agents_than_the_load_needs() -> None:
    """A load of 4 needs 4 + 2 agents; there are two, and later five."""
    found = [blamed(flat(48, 2), number) for number in range(5)]
    assert np.mean([one[Why.UNDERSTAFFED] for one in found]) > 0.85
    some = [blamed(flat(48, 5), number) for number in range(5)]
    assert max(one.get(Why.UNDERSTAFFED, 0.0) for one in some) < 0.9 and any(Why.CHANCE in one for one in some)


def test_where_nobody_is_planned_the_plan_is_short() -> None:
    assert blamed(center([(600, 60)], teams__front=on_shift("00:30", "01:00"))) == only(Why.UNDERSTAFFED)


def test_letters_wait_for_the_next_shift() -> None:
    data = center([(2900, 60, "mail")], channels__mail=MAIL, teams__front=on_shift("00:00", "00:45"))
    assert blamed(data) == only(Why.CLOSED)


def test_two_calls_at_once_are_chance() -> None:
    assert blamed(center([(0, 60), (10, 60)])) == only(Why.CHANCE)


def test_a_long_call_is_chance() -> None:
    assert blamed(center([(0, 600), (500, 60)])) == only(Why.CHANCE)


def test_random_calls_with_staff_that_fits_wait_by_chance() -> None:
    """A load of 4 and eight agents: of the waits that there are no other cause is seen."""
    found = [shares for number in range(12) if (shares := maybe(flat(48, 7, busyness={"cv": "0 %"}), number))]
    assert found and np.mean([one.get(Why.CHANCE, 0.0) for one in found]) > 0.7


def maybe(data: Data, number: int) -> Shares | None:
    """The shares, where anybody waited."""
    blame = account(data, number)
    return blamed(data, number) if waits(blame.legs, blame.timeline.duration).any() else None


def test_an_incident_multiplies_the_calls() -> None:
    """A load of 1 and three agents; for ten minutes it is 10."""
    events = {"outage": {"starts": moment(1200), "lasts": "10 min", "topics": {"any": "x 10"}}}
    found = [blamed(flat(12, 3, events=events), number) for number in range(4)]
    print(found)
    assert min(one[Why.INCIDENT] for one in found) > 0.6


def test_the_bot_is_out_of_order() -> None:
    bot = {
        "bots": {"bot": {"sessions": 9, "session": constant(30)}},
        "channels": {"phone": {"mode": "live", "bot": "bot"}},
    }
    data = (
        center(
            [(600 + n, 100) for n in range(4)],
            topics__any={"handling": {"any": constant(60)}, "reach": {"bot": "100 %"}},
        )
        | bot
    )
    data["demand"]["events"] = {"down": {"starts": moment(500), "lasts": "10 min", "bots": ["bot"]}}
    assert blamed(data) == only(Why.INCIDENT)


def test_a_busy_day_brings_more_than_chance_makes() -> None:
    """The day's factor has a standard deviation of 80 %: a replication with twice the calls is found."""
    data = flat(48, 8, busyness={"cv": "80 %"})
    number = next(n for n in range(40) if len(account(data, n).legs["case"]) > 100)
    found = blamed(data, number)
    assert max(found, key=lambda why: found[why]) is Why.BUSY_DAY and found[Why.BUSY_DAY] > 0.5


def test_many_come_up_from_below_at_once() -> None:
    data = center(
        [(600 + n, 60) for n in range(5)], teams__front=agents(5), teams__boss=agents(1, tier="boss"),
        escalation__path=["tier1", "boss"], topics__any={"handling": {"any": constant(60)}, "reach": {"tier1": 0}},
    )  # fmt: skip
    assert blamed(data, tier=1) == only(Why.ESCALATIONS)


def test_many_call_again_at_once() -> None:
    """Six find the agent busy, hang up after 100 s, and call again after 15 min: all at once."""
    redial = {"probability": "100 %", "after": constant(900), "most": 1}
    phone = {"mode": "live", "patience": constant(100), "redial": redial}
    blame = account(center([(0, 600)] + [(10.0 + n, 60) for n in range(6)], channels__phone=phone))
    for kind, why in ((ContactKind.FIRST, Why.CHANCE), (ContactKind.REDIAL, Why.AGAIN)):
        seconds = blame.seconds(np.flatnonzero(blame.legs["kind"] == kind)).sum(axis=0)
        assert seconds[why] > 0.6 * seconds.sum() > 0


def test_the_center_is_to_call_back() -> None:
    phone = {"mode": "live", "callback": {"queue": 1, "accepts": "100 %"}}
    data = center([(0, 300), (10, 60), (20, 60)], channels__phone=phone)
    blame = account(data)
    back = np.flatnonzero(blame.legs["kind"] == ContactKind.CALLBACK)
    assert blame.seconds(back).sum(axis=0)[Why.CALLBACK] == waits(blame.legs, 3600.0)[back].sum() > 0


def test_time_off_in_a_lull_comes_too_early() -> None:
    """Of three idle agents two are sent home after 5 min; then three call at once."""
    team = on_shift("00:00", "01:00", 3) | {"time_off": {"idle": 1, "every": "5 min"}}
    assert blamed(center([(800, 300), (810, 60), (820, 60)], teams__front=team)) == only(Why.TIME_OFF)


@pytest.mark.parametrize("start", ["2026-03-28", "2026-10-24"])
def test_the_change_of_clocks_confuses_nothing(start: str) -> None:
    """On 29 March an hour is missing in Riga, on 25 October one comes twice."""
    data = flat(20, 2) | {"calendar": {"start": start, "time_zone": "Europe/Riga"}, "horizon": "3 d"}
    found = blamed(data)
    assert sum(found.values()) == pytest.approx(1) and found[Why.UNDERSTAFFED] > 0.3


# -- laws -------------------------------------------------------------------------------------------------


def holds_for(data: Data) -> None:
    """Each stay's seconds add up to its wait, whatever goes on."""
    blame = account(data)
    rows = np.flatnonzero(blame.legs["tier"] >= 0)
    seconds, wait = blame.seconds(rows), waits(blame.legs, blame.timeline.duration)[rows]
    np.testing.assert_allclose(seconds.sum(axis=1), wait, rtol=1e-9, atol=1e-6)
    assert np.isfinite(seconds).all() and (seconds >= 0).all()


@quick(15)
@given(scenarios())
def test_seconds_add_up_whatever_the_center(data: Data) -> None:
    holds_for(data)


@pytest.mark.slow
@deep(150)
@given(scenarios())
def test_seconds_add_up_whatever_the_center_deep(data: Data) -> None:
    holds_for(data)


@cache
def _a_day_before() -> tuple[float, Shares]:
    return hours_waited(a_day())


def hours_waited(data: Data, replications: int = 6) -> tuple[float, Shares]:
    """Hours waited in all, and those of each cause."""
    seconds = np.zeros(CAUSES)
    for number in range(replications):
        blame = account(data, number)
        seconds += blame.seconds(np.flatnonzero(blame.legs["tier"] >= 0)).sum(axis=0)
    return float(seconds.sum()) / HOUR, {why: float(seconds[why]) / HOUR for why in Why}


def a_day(**changes: Any) -> Data:
    """Calls from 8 to 16, a load of 3 for six agents, who have breaks in one wave and are absent on one day of ten; from
    10 to 10:30 a rush."""
    meal = {"meal": {"after": "3 h", "lasts": "30 min"}}
    shift = {"breaks": meal} | changes.pop("shift", {})
    team = on_shift("08:00", "16:00", changes.pop("agents", 6), **shift) | {"absence": changes.pop("absence", "10 %")}
    profile = {"day": {"interval": "60 min", "weights": {"daily": [0] * 8 + [1] * 8 + [0] * 8}}}
    rush = {"rush": {"starts": moment(10 * HOUR), "lasts": "30 min", "topics": {"any": changes.pop("rush", "x 4")}}}
    data = center(
        [], teams__front=team, topics__any={"handling": {"any": {"exponential": {"mean": "5 min"}}}}, horizon="1 d"
    )
    source = {"topic": "any", "channel": "phone", "volume": "288/day", "profile": "day"}
    return data | {"demand": {"profiles": profile, "sources": {"calls": source}, "events": rush}}


@pytest.mark.parametrize(
    ("why", "without"),
    [
        (Why.BREAKS, {"shift": {"breaks": {}}}),
        (Why.BREAKS, {"shift": {"waves": 6}}),
        (Why.ABSENCE, {"absence": "0 %"}),
        (Why.INCIDENT, {"rush": "x 1.0001"}),
    ],
)
def test_without_a_cause_its_seconds_go_and_waits_are_shorter(why: Why, without: Data) -> None:
    """And by at least what it was charged with: long waits need several causes together."""
    (before, causes), (after, left) = _a_day_before(), hours_waited(a_day(**without))
    assert causes[why] > 0.05 * before
    assert left[why] < 0.6 * causes[why] and before - after > causes[why] - left[why]


def test_fewer_agents_are_called_understaffing() -> None:
    shares = [hours_waited(a_day(agents=n)) for n in (6, 4, 3)]
    understaffed = [causes[Why.UNDERSTAFFED] / total for total, causes in shares]
    assert understaffed[0] < understaffed[1] < understaffed[2] and understaffed[2] > 0.5


def test_the_account_does_not_depend_on_how_it_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    data = flat(48, 4)
    whole = account(data)
    rows = np.arange(len(whole.legs["case"]))
    before = whole.seconds(rows)
    monkeypatch.setattr("simulation.metrics.blame.CHUNK", 7)
    np.testing.assert_allclose(account(data).seconds(rows), before, atol=1e-6)
    few = rows[::3]
    np.testing.assert_allclose(account(data).seconds(few), before[few], atol=1e-6)


# -- the rule ---------------------------------------------------------------------------------------------


def test_shares_follow_the_equation() -> None:
    """One agent short of a mean work of 100 s, two waiting: the earlier causes fade with exp(-t / 200 s)."""
    lack = np.zeros((3, CAUSES))
    lack[0, Why.BREAKS], lack[1:, Why.CHANCE] = 1.0, 1.0
    found = shares_along(
        lack, np.array([0.0, 2, 2]), np.array([2.0, 2, 2]), np.array([50.0, 50, 100]), 100.0, np.zeros(CAUSES)
    )
    assert found[:, Why.BREAKS] == pytest.approx([1, np.exp(-50 / 200), np.exp(-150 / 200)])
    assert found.sum(axis=1) == pytest.approx([1, 1, 1])


def test_shares_are_as_step_by_step() -> None:
    chance = np.random.default_rng(1)
    n = 200
    lack = chance.random((n, CAUSES)) * (chance.random((n, CAUSES)) < 0.2)
    queue = chance.integers(1, 5, n).astype(float)
    earlier = np.where(chance.random(n) < 0.1, 0.0, np.concatenate([[0.0], queue[:-1]]))
    lasts = chance.random(n) * 60
    found = shares_along(lack, earlier, queue, lasts, 90.0, np.zeros(CAUSES))
    x = np.zeros(CAUSES)
    for k in range(n):
        short = lack[k].sum()
        fresh = lack[k] / short if short else np.eye(CAUSES)[Why.CHANCE]
        if earlier[k] == 0:
            x = fresh
        elif short and queue[k] > earlier[k]:
            x = (earlier[k] * x + (queue[k] - earlier[k]) * fresh) / queue[k]
        x = fresh + (x - fresh) * np.exp(-short * lasts[k] / (90 * queue[k]))
        np.testing.assert_allclose(found[k], x, atol=1e-9)


def test_a_plan_counts_on_whole_persons_and_letters_need_no_margin() -> None:
    assert planned(np.array([1.0, 10, 10]), 0.21).tolist() == [1, 8, 8] and planned(np.array([4.0]), 0.0).tolist() == [
        4
    ]
    load, none = np.array([4.0]), np.zeros(1)
    assert (
        needed(load, none, False) == 6 and needed(load, none, True) == 4 and needed(load, np.array([5.0]), False) == 7
    )


def test_chance_takes_what_no_cause_explains() -> None:
    lack = np.zeros((3, CAUSES))
    split(
        np.array([5.0, 1.0, -1.0]),
        [(Why.UNDERSTAFFED, np.array([2.0, 2, 2])), (Why.INCIDENT, np.array([1.0, -1, 1]))],
        lack,
    )
    assert lack[:, [Why.UNDERSTAFFED, Why.INCIDENT, Why.CHANCE]].tolist() == [[2, 1, 2], [1, 0, 0], [0, 0, 0]]


def test_a_crowd_counts_spans_from_their_start_to_before_their_end() -> None:
    crowd = Crowd(np.array([0.0, 5]), np.array([10.0, 8]), np.array([1.0, 0.5]))
    assert crowd.at(np.array([-1.0, 0, 5, 7, 8, 10])).tolist() == [0, 1, 1.5, 1.5, 1, 0]


def test_every_cause_has_a_name_and_a_meaning() -> None:
    assert set(TEXTS) == set(MEANINGS) == set(Why) and set(AWAY) < set(Why)
    assert max(map(len, TEXTS.values())) <= 26, "tables on narrow terminals"


def test_the_expected_load_is_that_of_the_demand() -> None:
    """12 calls an hour of 300 s are one agent, once the first have come; an event doubles it; a replayed hour is even."""
    events = {"rush": {"starts": moment(1800), "lasts": "15 min", "topics": {"any": "x 2"}}}
    loads = [Floor(account(flat(12, 3, events=events), number), 0).load for number in range(30)]
    at = np.array([60.0, 1500.0, 1950.0, 2400.0])
    assert np.mean([one.usual(at) for one in loads], axis=0) == pytest.approx([0.2, 1, 1, 1], abs=0.05)
    assert np.mean([one.extra(at) for one in loads], axis=0) == pytest.approx([0, 0, 0.5, 1], abs=0.05)
    replayed = Floor(account(center([(0, 600), (10, 1200)])), 0).load
    assert replayed.usual(at[1:]) == pytest.approx([0.5] * 3) and not replayed.busy(at).any()


def test_the_documentation_tells_of_every_cause() -> None:
    page = (Path(__file__).parents[2] / "docs" / "explanation.md").read_text(encoding="utf-8")
    assert [why for why in Why if f"| {TEXTS[why]} | {MEANINGS[why]} |" not in page] == []
