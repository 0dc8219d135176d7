"""The arithmetic of `explain` against numbers worked out by hand, theory and a simulation; and its words."""

from __future__ import annotations

import copy
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

import simulation as sim
from simulation.center.plan import Plan
from simulation.experiments.load import from_dict
from simulation.reports.by_hour import DayType, day_types
from simulation.reports.expected import Expectation, expect
from simulation.reports.explain import explanation
from simulation.reports.second_look import closed_shares, findings, stretches
from simulation.reports.staff_hours import HOUR, Hours
from simulation.reports.workload import Flow, share_out, shares_by_tier, written

CENTER: dict[str, Any] = {
    "name": "center",
    "calendar": {"start": "2026-03-02"},
    "horizon": "1 d",
    "demand": {"sources": {"calls": {"topic": "q", "channel": "phone", "volume": "60/h"}}},
    "channels": {"phone": {"mode": "live"}},
    "topics": {"q": {"handling": {"any": {"exponential": {"mean": "3 min"}}}}},
    "teams": {"desk": {"skills": {"calls": {"channels": "phone"}}, "headcount": {"constant": 5}}},
}


def center(changes: dict[str, Any] | None = None) -> dict[str, Any]:
    """The center, with some dotted entries changed."""
    data = copy.deepcopy(CENTER)
    for path, value in (changes or {}).items():
        *above, last = path.split(".")
        part = data
        for key in above:
            part = part.setdefault(key, {})
        part[last] = value
    return data


def expected(**changes: Any) -> Expectation:
    return expect(from_dict(center({path.replace("__", "."): value for path, value in changes.items()})))


def noted(found: Expectation) -> list[str]:
    return [f"{mark} {words}" for mark, words in findings(found, day_types(found))]


def words_of(data: dict[str, Any], width: int = 100) -> str:
    console = Console(file=io.StringIO(), width=width, highlight=False)
    for block in explanation(from_dict(data), width):
        console.print(block)
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


# -- the way through bot and tiers ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reaches", "bot", "recognition", "shares"),
    [
        ([1.0], 0.0, 1.0, [1.0]),
        ([0.7, 1.0], 0.0, 1.0, [1.0, 0.3]),
        ([0.7, 1.0], 0.0, 0.5, [1.0, 0.15]),
        ([0.7, 1.0], 0.4, 1.0, [0.6, 0.3]),
        ([0.3, 1.0], 0.4, 1.0, [0.6, 0.6]),  # the bot has solved all that tier 1 could
        ([0.7, None, 0.9, 1.0], 0.0, 1.0, [1.0, 0.0, 0.3, 0.1]),
        ([0.3, 0.7, 1.0], 0.4, 1.0, [0.6, 0.6, 0.3]),
        ([0.8, 0.5, 0.9, 1.0], 0.0, 1.0, [1.0, 0.2, 0.2, 0.1]),  # tier 2 can no more than tier 1
        ([0.5, 1.0], 1.0, 1.0, [0.0, 0.0]),
    ],
)
def test_shares_by_tier(reaches: list[float | None], bot: float, recognition: float, shares: list[float]) -> None:
    assert shares_by_tier(reaches, bot, recognition) == pytest.approx(shares)


# -- whom the work falls to -------------------------------------------------------------------------


def flow(load: float, *stages: tuple[int, ...], letters: bool = False) -> Flow:
    return Flow(stages, letters, np.array([load]))


def shared(flows: list[Flow], *floor: float) -> list[float]:
    agents = np.array([[number] for number in floor])
    taken: list[float] = share_out(flows, agents, np.zeros_like(agents))[:, 0].tolist()
    return taken


def test_teams_that_share_work_are_equally_busy() -> None:
    assert shared([flow(6.0, (0, 1))], 2.0, 4.0) == pytest.approx([2.0, 4.0])


def test_work_of_ones_own_moves_shared_work_to_the_other_team() -> None:
    assert shared([flow(2.0, (0,)), flow(4.0, (0, 1))], 3.0, 3.0) == pytest.approx([3.0, 3.0], rel=1e-3)


def test_nobody_gets_a_negative_share_of_work_that_cannot_be_levelled() -> None:
    assert shared([flow(5.0, (0,)), flow(1.0, (0, 1))], 2.0, 3.0) == pytest.approx([5.0, 1.0], rel=1e-3)


def test_overflow_gets_the_excess_and_nothing_before_it() -> None:
    assert shared([flow(2.0, (0,), (1,))], 3.0, 5.0) == pytest.approx([2.0, 0.0])
    assert shared([flow(4.0, (0,), (1,))], 3.0, 5.0) == pytest.approx([3.0, 1.0])


def test_the_excess_stays_where_no_later_team_is_there() -> None:
    assert shared([flow(4.0, (0,), (1,))], 3.0, 0.0) == pytest.approx([4.0, 0.0])


def test_work_for_which_nobody_is_there_falls_to_those_who_come_first() -> None:
    assert shared([flow(4.0, (0,), (1,)), flow(1.0, (1,))], 0.0, 0.0) == pytest.approx([4.0, 1.0])


def test_no_work_gets_lost() -> None:
    generator = np.random.default_rng(5)
    flows = [
        Flow(stages, False, generator.random(24) * 4)
        for stages in (((0, 1), (2,)), ((1,),), ((2, 3), (0,), (1,)), ((3,), (2,)))
    ]
    floor = np.round(generator.random((4, 24)) * 3) * (generator.random((4, 24)) > 0.2)
    taken = share_out(flows, floor, np.zeros_like(floor))
    assert taken.sum(axis=0) == pytest.approx(sum(one.load for one in flows))
    assert taken.min() >= 0


def test_letters_are_written_when_nothing_presses() -> None:
    pressing, letters = np.array([2.0, 2.0, 1.0, 0.0]), np.array([1.0, 0.5, 0.0, 0.0])
    done = written(pressing, letters, np.array([2.0, 2.25, 1.5, 3.0]), np.full(4, HOUR))
    assert done == pytest.approx([0.0, 0.25, 0.5, 0.75])


def test_letters_that_nobody_has_time_for_stay() -> None:
    assert written(np.ones(2), np.ones(2), np.ones(2), np.full(2, HOUR)).sum() == 0


# -- contacts, work, agents -------------------------------------------------------------------------


def test_load_is_rate_times_mean_work() -> None:
    load = expected(topics__q__wrap_up={"phone": {"constant": {"value": "30 s"}}}).loads[0]
    assert load.all == pytest.approx(np.full(24, 3.5))  # 60/h x 3.5 min
    assert load.floor == pytest.approx(np.full(24, 5.0))


def test_a_fast_team_has_less_work() -> None:
    assert expected(teams__desk__speed=1.5).loads[0].all == pytest.approx(np.full(24, 2.0))


def test_chats_count_with_the_work_of_full_slots() -> None:
    chat = {"slots": 3, "throughput": [1, 1.6, 2.0]}
    found = expected(channels__phone__mode="concurrent", teams__desk__concurrency=chat)
    assert found.loads[0].all == pytest.approx(np.full(24, 1.5))


BY_TURNS: dict[str, Any] = {
    "channels.phone.mode": "concurrent",
    "channels.phone.turns.mean": 4,
    "channels.phone.think": {"exponential": {"mean": "90 s"}},
    "teams.desk.concurrency.slots": 2,
}


def test_conversations_by_turns_count_with_the_attention_of_full_slots() -> None:
    """A reply takes 45 s and 67.5 s pass until the next (a quarter of the replies are the last). With both slots taken the
    agent idles with a probability of 1 / (1 + 2/1.5 + 2/1.5²) = 1 / 3.2222; 60 chats an hour are 3 Erlangs of attention."""
    busy = 1 - 1 / (1 + 2 / 1.5 + 2 / 1.5**2)
    assert expect(from_dict(center(BY_TURNS))).loads[0].all == pytest.approx(np.full(24, 3 / busy))
    alone = BY_TURNS | {"teams.desk.concurrency.slots": 1}
    assert expect(from_dict(center(alone))).loads[0].all == pytest.approx(np.full(24, 3 + 60 * 3 * 90 / 3600))


def test_a_timeout_and_switching_change_the_work_of_full_slots() -> None:
    plain, early, switching = (
        float(expect(from_dict(center(BY_TURNS | change))).loads[0].all[0])
        for change in ({}, {"channels.phone.idle_timeout": "20 s"}, {"teams.desk.concurrency.switching": "10 s"})
    )
    assert early < plain < switching


def test_words_say_how_conversations_go_by_turns() -> None:
    channel = {
        "channels.phone.idle_timeout": "5 min",
        "channels.phone.walks_off": "2 %",
        "channels.phone.catch_up": "20 s",
    }
    text = " ".join(words_of(center(BY_TURNS | channel)).split())
    assert (
        "Conversations on phone go by turns: 4 replies on average; customers think for 1:30 min on average; after 5 min the slot "
        "is free, and a later message reopens the thread; 2 % of the messages never come; another agent reads up for 20 s."
    ) in text
    assert (
        "Agents of desk hold up to 2 conversations at once, which then take 69 % of their attention on phone (40 % with one)."
        in text
    )


def test_the_bot_takes_its_share_and_sessions() -> None:
    bots = {"helper": {"sessions": 1, "session": {"constant": {"value": "2 min"}}}}
    found = expected(bots=bots, channels__phone__bot="helper", topics__q__reach={"helper": "40 %"})
    assert found.loads[0].all == pytest.approx(np.full(24, 1.8))
    assert found.bots["helper"] == pytest.approx(np.full(24, 2.0))
    assert "✗ helper: 2.0 sessions at once in the busiest hour, but it takes only 1." in noted(found)


def test_escalated_work_is_the_upper_tiers() -> None:
    upper = {"tier": "tier2", "skills": {"all": {}}, "headcount": {"constant": 2}, "speed": 0.5}
    changes = {
        "teams.experts": upper,
        "topics.q.reach": {"tier1": "70 %"},
        "escalation": {"path": ["tier1", "tier2"], "recognition": "50 %"},
    }
    desk, experts = expect(from_dict(center(changes))).loads
    assert desk.all == pytest.approx(np.full(24, 3.0))
    assert experts.all == pytest.approx(np.full(24, 60 * 0.3 * 0.5 * 6 / 60))


def test_volume_follows_profile_sources_and_shares() -> None:
    weights = [0.0] * 8 + [1.0, 3.0] + [0.0] * 14
    data = center(
        {
            "horizon": "7 d",
            "topics.other": CENTER["topics"]["q"],
            "channels.mail": {"mode": "deferred"},
            "teams.desk.skills": {"all": {}},
            "demand.profiles": {"two-hours": {"interval": "60 min", "weights": {"mon-fri": weights}}},
            "demand.sources": {
                "a": {
                    "topics": {"q": "75 %", "other": "25 %"},
                    "channels": {"phone": "60 %", "mail": "40 %"},
                    "volume": "700/week",
                    "profile": "two-hours",
                }
            },
        }
    )
    cases = expect(from_dict(data)).cases
    assert cases.sum() == pytest.approx(700)
    assert cases.sum(axis=0) / 700 == pytest.approx(np.array([[0.45, 0.15], [0.30, 0.10]]))
    assert cases[8].sum() == pytest.approx(35)  # Monday, 08:00
    assert cases[9].sum() == pytest.approx(105)
    assert cases[120:].sum() == 0  # the weekend


def test_events_count() -> None:
    event = {"starts": "2026-03-02 10:00", "lasts": "2 h", "topics": {"q": "x 3"}}
    cases = expected(demand__events={"failure": event}).cases.sum(axis=(1, 2))
    assert cases[8:14] == pytest.approx([60, 60, 180, 180, 60, 60])


def test_warm_up_and_run_out_are_left_out() -> None:
    found = expected(warm_up="2 h 30 min", run_out="5 h")
    assert found.hours.clock.tolist() == list(range(2, 24))
    assert found.cases.sum() == pytest.approx(21.5 * 60)
    assert found.loads[0].all == pytest.approx(np.full(22, 3.0))


def test_a_replayed_log_counts_as_it_is(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    rows = ["at,topic,took", "2026-03-02 08:10,q,120", "2026-03-02 08:50,q,", "2026-03-02 09:05,p,240"]
    log.write_text("\n".join(rows) + "\n", encoding="utf-8")
    replay = {"file": str(log), "time": "at", "topic": "topic", "handling": "took", "unit": "1 s"}
    source = {"channel": "phone", "replay": replay}
    data = center({"demand.sources": {"log": source}, "topics.p": CENTER["topics"]["q"]})
    found = expect(from_dict(data))
    assert found.cases.sum(axis=(1, 2))[8:10] == pytest.approx([2, 1])
    assert found.cases.sum(axis=(0, 1)) == pytest.approx([2, 1])
    assert found.loads[0].all[8:10] * HOUR == pytest.approx([120 + 180, 240])  # one time unknown: the mean


def test_contacts_at_a_closed_door_are_no_work() -> None:
    found = expected(channels__phone__open={"daily": "06:00-12:30"})
    assert found.loads[0].all[[5, 6, 11, 12, 13]] == pytest.approx([0, 3, 3, 1.5, 0])
    assert closed_shares(found)["phone"] == pytest.approx(17.5 / 24)
    assert "✗ phone: 73 % of its contacts come while it is closed." in noted(found)


def test_who_finds_the_phone_closed_and_writes_is_work_at_night() -> None:
    """60 calls an hour take 3 min each; of those that come while the phone is closed 40 % become letters of 6 min."""
    phone = {"mode": "live", "open": {"daily": "06:00-12:30"}, "instead": {"mail": {"when_closed": "40 %"}}}
    found = expected(
        channels={"phone": phone, "mail": {"mode": "deferred"}},
        topics__q__handling={"phone": {"constant": {"value": "3 min"}}, "mail": {"constant": {"value": "6 min"}}},
        teams__desk__skills={"all": {}},
    )
    assert found.loads[0].pressing[[5, 6, 12, 13]] == pytest.approx([0, 3, 1.5, 0])
    assert found.loads[0].letters[[5, 6, 12, 13]] == pytest.approx([2.4, 0, 1.2, 2.4])
    assert closed_shares(found)["phone"] == pytest.approx(0.6 * 17.5 / (24 - 0.4 * 17.5))
    assert found.let_in.sum() == pytest.approx(60 * (6.5 + 0.4 * 17.5))


def test_words_say_what_customers_hear_and_may_do() -> None:
    phone = {
        "mode": "live",
        "redial": {"probability": "40 %", "after": {"constant": {"value": "10 min"}}, "most": 3, "channels": {"chat": "20 %"}},
        "announces": {"predictor": "queue_length", "above": "30 s", "margin": "x 1.2", "rounding": "1 min", "patience": "x 1.5"},
        "balking": {"tolerance": {"exponential": {"mean": "4 min"}}},
        "callback": {"above": "2 min", "accepts": "50 %", "place": "behind", "reserve": 1, "promised": "2 h",
                     "reached": "80 %", "dialling": "20 s", "attempts": 3},
        "instead": {"chat": {"when_closed": "40 %", "when_wait_above": "5 min", "share": "30 %"}},
    }  # fmt: skip
    repeat = {"probability": "80 %", "after": {"constant": {"value": "1 h"}}, "channels": {"phone": "30 %"}}
    data = center({"channels": {"phone": phone, "chat": {"mode": "concurrent"}}, "topics.q.repeat": repeat})
    data["channels"]["chat"]["balking"] = {"probability": "10 %"}
    data["teams"]["desk"]["skills"] = {"all": {}}
    text = " ".join(words_of(data).split())
    for words in (
        "phone: 40 % of those who got no answer try again after 10:00 min on average, at most 3 times in a row; of these, 20 % on chat.",
        "phone: the wait is announced where it is above 30 s, by queue_length, x 1.2, in steps of 1 min; who stays is 1.5 times as patient.",
        "phone: who hears of a longer wait than tolerated leaves at once (tolerated are 4:00 min on average).",
        "phone: a callback is offered above 2 min; 50 % take it; it waits behind those on the line, and one agent of the team is kept free.",
        "phone: up to 3 calls with 20 s of dialling, 80 % of them answered, promised within 2 h.",
        "phone: 40 % of those who find it closed and 30 % of those who see a wait above 5 min take chat at once.",
        "chat: 10 % of those who would have to wait leave at once.",
        "q: of those who come back, 30 % on phone.",
    ):
        assert words in text, words


def test_letters_come_in_while_closed() -> None:
    found = expected(channels__phone={"mode": "deferred", "open": {"daily": "06:00-12:30"}})
    assert found.loads[0].letters == pytest.approx(np.full(24, 3.0))
    assert closed_shares(found)["phone"] == 0


# -- staff ------------------------------------------------------------------------------------------

SHIFT = {
    "days": "mon-fri", "start": "22:00", "end": "06:00", "headcount": 5, "waves": 2,
    "breaks": {
        "meal": {"after": "2 h", "lasts": "30 min", "paid": False},
        "tea": {"after": "5 h", "lasts": "15 min"},
    },
}  # fmt: skip


def night(**changes: Any) -> Expectation:
    desk = {"skills": {"all": {}}, "shifts": {"night": SHIFT}, "shrinkage": "10 %", "absence": "20 %"}
    return expect(from_dict(center({"teams.desk": desk, "horizon": "7 d", **changes})))


def test_hours_of_a_night_shift() -> None:
    staff = night().staff["desk"]
    assert staff.planned.sum() / HOUR == pytest.approx(5 * 5 * 8)
    unpaid, paid_breaks = 5 * 5 * 0.5, 5 * 5 * 0.25
    assert staff.paid.sum() / HOUR == pytest.approx(200 - 0.8 * unpaid)
    assert staff.floor.sum() / HOUR == pytest.approx((200 - unpaid - paid_breaks) * 0.9 * 0.8)


def test_breaks_are_taken_in_waves() -> None:
    floor = night().staff["desk"].floor / HOUR / 0.72
    tuesday = floor[24:48]
    assert tuesday[0] == pytest.approx(5 - 0.5 * 3 - 0.5 * 2)  # both waves' meals, three agents and two
    assert tuesday[3] == pytest.approx(5 - 0.25 * 3 - 0.25 * 2)
    assert tuesday[[1, 2, 4, 5, 6, 22]] == pytest.approx([5, 5, 5, 5, 0, 5])


def test_the_shift_of_the_eve_is_there_on_the_first_morning() -> None:
    assert night(calendar={"start": "2026-03-03"}).staff["desk"].planned[:7] / HOUR == pytest.approx([5] * 6 + [0])


def test_headcounts_lose_shrinkage_only() -> None:
    staff = expected(teams__desk__shrinkage="20 %").staff["desk"]
    assert (staff.planned / HOUR).tolist() == [5.0] * 24
    assert staff.floor / HOUR == pytest.approx(np.full(24, 4.0))
    assert staff.paid == pytest.approx(staff.floor)


def test_overlapping_spans_add_up() -> None:
    hours = Hours.of(Plan(from_dict(center())))
    covered = hours.covered([(0.0, 5400.0, 2.0), (3600.0, 7200.0, 1.0), (-900.0, 1800.0, 4.0)])
    assert covered[:3] == pytest.approx([2 * 3600 + 4 * 1800, 2 * 1800 + 3600, 0])
    assert hours.covered([]).sum() == 0


# -- against theory and simulation ------------------------------------------------------------------


def test_erlang_a_has_the_load_that_its_file_says() -> None:
    scenario = sim.load("theory/erlang-a")
    load = expect(scenario).loads[0]
    volume, handling = scenario.demand.sources["calls"].volume, scenario.topics["question"].handling["phone"]
    assert volume is not None
    assert load.all == pytest.approx(np.full(len(load.all), volume * handling.build().mean))


def test_a_simulation_without_queues_does_the_work_that_is_expected() -> None:
    """Many mechanisms at once: bot, chats, letters, wrap-up, escalation, breaks, shrinkage, absence."""
    shift = {"days": "daily", "start": "00:00", "end": "24:00", "headcount": 40, "waves": 5}
    meal = {"meal": {"after": "6 h", "lasts": "30 min", "paid": False}}
    desk = {
        "skills": {"all": {}},
        "shifts": {"day": {**shift, "breaks": meal}},
        "shrinkage": "10 %",
        "absence": "5 %",
    }
    experts = {"tier": "tier2", "skills": {"all": {}}, "headcount": {"constant": 20}, "speed": 0.8}
    data = center(
        {
            "horizon": "4 d",
            "run_out": "6 h",
            "replications": 4,
            "demand.sources.calls": {
                "topic": "q", "volume": "100/h",
                "channels": {"phone": "50 %", "chat": "30 %", "mail": "20 %"},
            },
            "channels.chat": {"mode": "concurrent", "bot": "helper"},
            "channels.mail": {"mode": "deferred"},
            "bots.helper": {"sessions": 100, "session": {"exponential": {"mean": "2 min"}}},
            "topics.q": {
                "handling": {"any": {"exponential": {"mean": "6 min"}}},
                "wrap_up": {"phone": {"constant": {"value": "1 min"}}},
                "reach": {"helper": "30 %", "tier1": "80 %"},
            },
            "teams": {"desk": desk, "experts": experts},
            "escalation": {"path": ["tier1", "tier2"], "recognition": "90 %"},
        }
    )  # fmt: skip
    scenario = from_dict(data)
    found = expect(scenario)
    result = sim.run(scenario, tables=False, jobs=1)
    days = found.hours.days * scenario.replications
    names = list(scenario.teams)
    for index, load in enumerate(found.loads):
        handled = result.curves["staff/handling"][:, names.index(load.team)].sum()
        on_floor = result.curves["staff/signed_in"][:, index].sum()
        assert (load.all * found.hours.seconds).sum() / found.hours.days == pytest.approx(handled / days, rel=0.04)
        assert found.staff[load.team].floor.sum() / found.hours.days == pytest.approx(on_floor / days, rel=0.08)


# -- days and findings ------------------------------------------------------------------------------


def types(**changes: Any) -> list[DayType]:
    return day_types(expected(horizon="7 d", **changes))


def test_days_that_are_alike_are_one_type() -> None:
    (every,) = types()
    assert every.name == "daily"
    assert every.dates == 7


def test_a_day_that_is_measured_in_part_is_no_type_of_its_own() -> None:
    (every,) = types(warm_up="31 h")
    assert (every.name, every.dates, every.clock.tolist()) == ("tue-sun", 6, list(range(24)))
    assert every.contacts == pytest.approx(np.full(24, 60.0))


def test_days_of_another_volume_are_another_type() -> None:
    assert [kind.name for kind in types(demand__sources__calls__weekdays={"sat-sun": 0.3})] == [
        "mon-fri",
        "sat, sun",
    ]


def test_holidays_are_days_of_their_own() -> None:
    calendar = {"start": "2026-03-02", "holidays": {"2026-03-04": "Day of Rest"}}
    kinds = types(calendar=calendar, demand__sources__calls__holidays=0.2)
    assert [(kind.name, kind.dates) for kind in kinds] == [("mon, tue, thu-sun", 6), ("holidays", 1)]


def test_means_of_a_day_type_are_over_its_days() -> None:
    monday_busier = {"mon": 1.2, "tue-fri": 1, "sat-sun": 0.5}
    week, end = types(demand__sources__calls__weekdays=monday_busier)
    per_weight = 7 * 24 * 60 / (1.2 + 4 + 1)
    assert (week.dates, end.dates) == (5, 2)
    assert week.contacts.sum() == pytest.approx((1.2 + 4) / 5 * per_weight)
    assert end.contacts.sum() == pytest.approx(0.5 * per_weight)


def test_a_working_week_may_begin_on_sunday() -> None:
    kinds = types(demand__sources__calls__weekdays={"sun-thu": 1, "fri": 0.6, "sat": 0.2})
    assert [kind.name for kind in kinds] == ["mon-thu, sun", "fri", "sat"]


def test_a_slip_of_the_pen_is_noted_in_both_directions() -> None:
    assert noted(expected(teams__desk__headcount={"constant": 1}))[:2] == [
        "✗ desk: work for 72.0 agent hours, only 24.0 are on the floor.",
        "✗ desk (mon): more live work than agents 00–24 (3.0 for 1.0).",
    ]
    assert noted(expected(teams__desk__headcount={"constant": 50})) == ["○ desk (mon): less than 30 % busy 00–24."]
    assert noted(expected()) == []


def test_a_lack_on_some_days_says_on_how_many() -> None:
    event = {"starts": "2026-03-04 10:00", "lasts": "2 h", "topics": {"q": "x 3"}}
    assert noted(expected(horizon="5 d", demand__events={"failure": event})) == [
        "✗ desk (mon-fri): more live work than agents 10–12 (9.0 for 5.0, on 1 of 5 days)."
    ]


def test_hours_without_anybody_are_noted() -> None:
    shifts = {"day": {"days": "daily", "start": "08:00", "end": "20:00", "headcount": 5}}
    found = expect(from_dict(center({"teams.desk": {"skills": {"all": {}}, "shifts": shifts}})))
    assert "✗ desk (mon): more live work than agents 00–08 (3.0 for nobody), 20–24 (3.0 for nobody)." in noted(found)


def test_letters_at_night_are_nothing_to_note() -> None:
    shifts = {"day": {"days": "daily", "start": "08:00", "end": "20:00", "headcount": 8}}
    changes = {
        "teams.desk": {"skills": {"all": {}}, "shifts": shifts},
        "channels.phone": {"mode": "deferred"},
    }
    assert noted(expect(from_dict(center(changes)))) == []


def test_work_that_can_wait_makes_no_hour_too_busy() -> None:
    sources = {
        "calls": {"topic": "q", "channel": "phone", "volume": "60/h"},
        "mails": {"topic": "q", "channel": "mail", "volume": "60/h"},
    }
    changes = {
        "channels.mail": {"mode": "deferred"},
        "demand.sources": sources,
        "teams.desk.skills": {"all": {}},
    }
    assert noted(expect(from_dict(center(changes)))) == ["✗ desk: work for 144 agent hours, only 120 are on the floor."]


@pytest.mark.parametrize(
    ("starts", "words"),
    [
        (
            "2026-03-01 20:00",
            ["✗ event failure: wholly before the start of the simulated time, so it changes nothing."],
        ),
        ("2026-03-03 02:00", ["✗ event failure: wholly after the end of the simulated time, so it changes nothing."]),
        ("2026-03-02 00:00", ["○ event failure: outside the measured time, so its own cases are not measured."]),
        ("2026-03-02 22:00", ["○ event failure: outside the measured time, so its own cases are not measured."]),
        ("2026-03-02 03:00", []),
    ],
)
def test_an_event_outside_the_time_is_noted(starts: str, words: list[str]) -> None:
    """Simulated until 2 o'clock of the next day, measured from 4 to 22."""
    event = {"starts": starts, "lasts": "4 h", "topics": {"q": "x 1.01"}}
    found = noted(expected(warm_up="4 h", horizon="22 h", run_out="4 h", demand__events={"failure": event}))
    assert found == words


def test_an_outage_keeps_calls_out_and_letters_back() -> None:
    event = {"starts": "2026-03-02 10:00", "lasts": "30 min", "channels": ["phone"]}
    found = expected(demand__events={"failure": event})
    assert found.let_in[9:12, 0, 0] == pytest.approx([60, 30, 60])
    letters = expected(demand__events={"failure": event}, channels__phone={"mode": "deferred"})
    assert letters.let_in[9:12, 0, 0] == pytest.approx([60, 60, 60])


def test_a_notice_prevents_a_part_of_what_the_incident_adds() -> None:
    event = {
        "starts": "2026-03-02 10:00", "lasts": "2 h", "topics": {"q": "x 3"}, "notice": {"after": "30 min", "prevents": "40 %"},
    }  # fmt: skip
    found = expected(demand__events={"failure": event})
    assert found.cases[9:13, 0, 0] == pytest.approx([60, 60 + 60 + 0.6 * 60, 60 + 0.6 * 120, 60])


def test_words_say_what_an_event_does() -> None:
    event = {
        "starts": "2026-03-02 10:00", "lasts": "2 h", "topics": {"q": "x 3"}, "notice": {"after": "30 min", "prevents": "40 %"},
    }  # fmt: skip
    down = {"starts": "2026-03-02 15:00", "lasts": "30 min", "channels": "phone"}
    text = " ".join(words_of(center({"demand.events": {"failure": event, "line": down}}), 140).split())
    assert (
        "Event failure: q x 3 for 2 h from Mon 2 March 2026 10:00; "
        "a notice 30 min later prevents 40 % of the extra cases." in text
    )
    assert "Event line: phone out of order for 30 min from Mon 2 March 2026 15:00." in text


def test_stretches_do_not_bridge_hours_that_were_not_measured() -> None:
    clock, flagged = np.array([1, 2, 5, 6, 7]), np.array([True, True, True, False, True])
    assert stretches(clock, flagged) == [(0, 1), (2, 2), (4, 4)]


# -- words ------------------------------------------------------------------------------------------


def test_words_say_when_how_often_and_what() -> None:
    text = words_of(
        center(
            {
                "warm_up": "6 h",
                "run_out": "2 h",
                "seed": 9,
                "description": "A center.\nFor tests.",
                "targets": {"quick": "service_level(20s){channel=phone} >= 80 %"},
                "teams.desk.wage": "15 EUR/h",
            }
        )
    )
    for part in (
        "A center. For tests.",
        "18 h from Mon 2 March 2026 06:00 (UTC)",
        "6 h of warm-up before it and 2 h of run-out after it",
        "until all verdicts settle, at most 200 replications, seed 9",
        "15 EUR/h",
        "Service level (20 s), channel phone  at least 80 %",
        "No hour has more live work than agents",
    ):
        assert part in text, part


def test_a_constant_center_is_one_row() -> None:
    lines = [" ".join(line.split()) for line in words_of(center()).splitlines()]
    assert "00–24 60.0 3.0 / 5.0" in lines
    assert "in all 1,440 72.0 / 120" in lines


def test_columns_without_anything_to_say_are_left_out() -> None:
    text = words_of(center())
    assert "patience" not in text
    assert "bot" not in text
    assert "wage" not in text


def test_many_teams_are_shown_below_each_other_within_the_width() -> None:
    teams = {f"team-number-{n}": CENTER["teams"]["desk"] for n in range(9)}
    text = words_of(center({"teams": teams}), width=80)
    assert max(map(len, text.splitlines())) <= 80
    assert all(text.count(name) >= 2 for name in teams)


def test_names_that_look_like_markup_are_shown_as_they_are() -> None:
    from simulation.reports.console import PlainConsole

    console = PlainConsole(file=io.StringIO(), width=100, markup=False, emoji=False, highlight=False)
    for block in explanation(from_dict(center({"description": "[bold]Not bold[/] :smile: [1]."})), 100):
        console.print(block)
    assert "[bold]Not bold[/] :smile: [1]." in console.file.getvalue()  # type: ignore[attr-defined]
