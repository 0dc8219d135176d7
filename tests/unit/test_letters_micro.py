"""Deferred work on centers so small that every second can be worked out by hand."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import numpy as np
import pytest

from simulation.experiments.load import from_dict
from simulation.metrics.kpi import KPIS, Ratio
from simulation.metrics.view import View
from simulation.record.recorder import CaseStatus, ContactKind, Outcome
from tests.laws.books import Books, observe
from tests.laws.micro import agents, assert_story, center, told
from tests.laws.strategies import Data, constant

ALWAYS = {"probability": "100 %"}


def letters(calls: list[tuple[float, int]], **parts: Any) -> Data:
    """Letters for one agent."""
    return center([(at, handling, "mail") for at, handling in calls], channels={"mail": mail()}, **parts)


def mail(**more: Any) -> Data:
    """A deferred channel."""
    return {"mode": "deferred", **more}


def pause(lasts: float, after: str = "40 %", **more: Any) -> Data:
    """A pause that always happens."""
    return {**ALWAYS, "lasts": constant(lasts), "after": after, **more}


def chasers(after: float, handling: float = 20, **more: Any) -> Data:
    """Customers who ask on the phone for as long as they have no answer."""
    return {"after": constant(after), "handling": constant(handling), "channel": "phone", **more}


def column(books: Books, table: str, name: str) -> list[float]:
    """A column of a table."""
    found: list[float] = books.record.tables[table][name].tolist()
    return found


def kpi(books: Books, name: str) -> float:
    """A KPI that is a ratio, over everything."""
    view = View(books.record, books.scenario)
    found = KPIS[name].of(view, KPIS[name].parameter)
    assert isinstance(found, Ratio)
    above, below = (sum(float(part.values.sum()) for part in parts) for parts in (found.numerator, found.denominator))
    return above / (below if found.denominator else found.over)


# -- waiting for others ---------------------------------------------------------------------------------------------


def test_the_work_is_cut_and_nobody_is_busy_meanwhile() -> None:
    """40 of 100 s, then the customer's answer takes 200 s; the rest stands in line while the letter of 230 s is read."""
    books = assert_story(
        letters([(0, 100), (10, 50), (230, 40)], topics__any__pauses={"customer": pause(200)}),
        """
        0: 0 0-40 front/1
        0: 240 246-306 front/1
        1: 10 40-60 front/1
        1: 260 306-336 front/1
        2: 230 230-246 front/1
        2: 446 446-470 front/1
        """,
    )
    assert [leg.outcome for leg in books.legs] == [Outcome.PAUSED, Outcome.SOLVED] * 3
    assert column(books, "contacts", "answered_by") == [40, 60, 246], "the question is the first answer"
    assert column(books, "cases", "closed") == [306, 336, 470]
    assert column(books, "cases", "paused") == [200, 200, 200] and column(books, "cases", "pauses") == [1, 1, 1]


def test_a_third_party_is_asked_behind_the_customers_back() -> None:
    books = assert_story(
        letters([(0, 100)], topics__any__pauses={"third_party": pause(200)}),
        "0: 0 0-40 front/1\n0: 240 240-300 front/1",
    )
    assert column(books, "contacts", "answered_by") == [300]
    assert column(books, "legs", "paused_for") == [1, -1]


def test_both_are_waited_for_in_turn_and_work_after_the_contact_comes_last() -> None:
    pauses = {"third_party": pause(100, "70 %"), "customer": pause(200, "20 %", resume=constant(7))}
    books = assert_story(
        letters([(0, 100)], topics__any__pauses=pauses, topics__any__wrap_up={"any": constant(9)}),
        "0: 0 0-20 front/1\n0: 220 220-277 front/1\n0: 377 377-416 front/1",
    )
    assert column(books, "cases", "paused") == [300] and column(books, "cases", "closed") == [407]
    assert column(books, "legs", "paused_for") == [0, 1, -1]


@pytest.mark.parametrize(("after", "story"), [("0 %", "0-0 240-340"), ("100 %", "0-100 340-340")])
def test_a_pause_before_or_after_all_of_the_work(after: str, story: str) -> None:
    books = observe(letters([(0, 100)], topics__any__pauses={"customer": pause(240, after)}))
    assert " ".join(f"{leg.answered:g}-{leg.ended:g}" for leg in books.legs) == story


def test_a_team_of_another_speed_goes_on_at_its_own() -> None:
    """40 of 100 s by a team of half the speed, the other 60 and 10 s of after-contact work by one of twice the speed."""
    shift = {"days": "daily", "end": "01:00", "headcount": 1}
    team = {"skills": {"all": {}}}
    data = letters(
        [(0, 100)],
        topics__any__pauses={"customer": pause(100)},
        topics__any__wrap_up={"any": constant(10)},
        teams={
            "slow": team | {"speed": 0.5, "shifts": {"s": shift | {"start": "00:00", "end": "00:01"}}},
            "fast": team | {"speed": 2, "shifts": {"s": shift | {"start": "00:02"}}},
        },
    )
    assert_story(data, "0: 0 0-80 slow/s/1\n0: 180 180-215 fast/s/1")


def test_a_case_that_waits_at_the_end_is_open() -> None:
    books = assert_story(
        letters([(3500, 100)], topics__any__pauses={"customer": pause(200)}), "0: 3500 3500-3540 front/1"
    )
    assert books.statuses == [CaseStatus.OPEN] and books.contacts[0].outcome is Outcome.OPEN
    assert np.isnan(books.contacts[0].ended) and column(books, "cases", "paused") == [60]


def test_each_cause_is_waited_for_once_a_contact() -> None:
    """At the second tier the case does not wait again; a further contact of the case does."""
    data = letters(
        [(0, 100)],
        topics__any__pauses={"customer": pause(200)},
        topics__any__repeat={**ALWAYS, "after": constant(1000), "most": 1},
        teams={"front": agents(1), "experts": agents(1, tier="tier2", accuracy="0 %")},
        escalation={"path": ["tier1", "tier2"]},
    )
    data["topics"]["any"]["reach"] = {"tier1": "0 %"}
    data["teams"]["experts"]["skills"]["all"]["handling"] = constant(10)
    assert_story(
        data,
        """
        0: 0 0-40 front/1
        0: 240 240-300 front/1
        0: 300 300-310 experts/1
        0: 1310 1310-1334 front/1
        0: 1534 1534-1570 front/1
        0: 1570 1570-1580 experts/1
        """,
    )


# -- deadlines ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("stops", "due"), [(True, 320), (False, 120)])
def test_the_clock_stands_still_while_a_third_party_is_asked(stops: bool, due: float) -> None:
    data = letters([(0, 100)], topics__any__pauses={"third_party": pause(200, stops_deadline=stops)})
    data["channels"]["mail"]["deadline"] = {"normal": "2 min"}
    books = observe(data)
    assert column(books, "contacts", "due") == [due]
    assert kpi(books, "deadline_met") == (due >= 300)


@pytest.mark.parametrize(("customer", "third_party", "due"), [(0, 0, 400), (1, 0, 600), (0, 1, 500), (1, 1, 700)])
def test_the_solution_is_due_later_for_each_wait_that_stops_the_clock(
    customer: int, third_party: int, due: float
) -> None:
    """20 s of work, 200 s until the customer's answer, 50 s, 100 s until the bank's, 30 s: solved at 400."""
    pauses = {
        "customer": pause(200, "20 %", stops_deadline=bool(customer)),
        "third_party": pause(100, "70 %", stops_deadline=bool(third_party)),
    }
    data = letters([(0, 100)], topics__any__pauses=pauses)
    data["channels"]["mail"]["solution_deadline"] = {"normal": "400 s"}
    books = observe(data)
    assert column(books, "cases", "solution_due") == [due] and kpi(books, "solved_in_time") == 1
    data["channels"]["mail"]["solution_deadline"] = {"normal": "399 s"}
    assert kpi(observe(data), "solved_in_time") == bool(customer or third_party)
    data["channels"]["mail"] |= {"open": {"daily": "00:02-23:00"}, "deadline_clock": "opening_hours"}
    waited = 100 * customer + 100 * third_party  # of the customer's 200 s, 100 lie before the opening
    assert column(observe(data), "cases", "solution_due") == [120 + 399 + waited]


def test_deadlines_in_opening_hours() -> None:
    """Open 00:10 to 00:20 and from 00:50: five minutes of it, from 0, 00:12, 00:16, 00:20 and 00:55."""
    calls = [(0.0, 1), (720.0, 1), (960.0, 1), (1200.0, 1), (3300.0, 1)]
    data = letters(calls)
    data["channels"]["mail"] |= {
        "open": {"daily": ["00:10-00:20", "00:50-02:00"]},
        "deadline": {"normal": "5 min"},
        "deadline_clock": "opening_hours",
    }
    assert column(observe(data), "contacts", "due") == [900, 1020, 3060, 3300, 3600]
    data["channels"]["mail"]["deadline_clock"] = "elapsed"
    assert column(observe(data), "contacts", "due") == [at + 300 for at, _ in calls]


@pytest.mark.parametrize(("clock", "order"), [("elapsed", [0, 1, 2]), ("opening_hours", [0, 2, 1])])
def test_the_queue_follows_the_clock_of_the_deadlines(clock: str, order: list[int]) -> None:
    """A letter that came before opening time is due after one of a channel without hours that came later."""
    data = center(
        [(0, 600, "always"), (10, 10, "mail"), (20, 10, "always")],
        channels={
            "always": mail(deadline={"normal": "10 min"}),
            "mail": mail(deadline={"normal": "10 min"}, deadline_clock=clock, open={"daily": "00:30-24:00"}),
        },
        routing={"discipline": "deadline"},
    )
    books = observe(data)
    assert sorted(range(3), key=lambda case: books.legs[case].answered) == order


def test_after_a_pause_the_deadline_that_stood_still_orders_the_queue() -> None:
    """Due at 100, and 200 later with the pause: behind a letter due at 250, before one due at 310."""
    stops = {"third_party": pause(200, "50 %", stops_deadline=True)}
    data = center(
        [(0, 20, "mail", "slow"), (30, 300, "mail", "any"), (150, 10, "mail", "any"), (210, 10, "mail", "any")],
        channels={"mail": mail(deadline={"normal": "100 s"})},
        topics={"slow": {"pauses": stops, "handling": {"any": constant(1)}}, "any": {"handling": {"any": constant(1)}}},
        routing={"discipline": "deadline"},
    )
    books = observe(data)
    order = sorted(books.legs, key=lambda leg: leg.answered)
    assert [leg.case for leg in order] == [0, 1, 2, 0, 3]


# -- the way in -----------------------------------------------------------------------------------------------------

DESKS = {
    "a": agents(1, skills={"own": {"topics": "a"}}),
    "b": agents(1, skills={"own": {"topics": "b"}}),
}


def filed(calls: list[tuple[float, int, str]], accuracy: str = "0 %", **parts: Any) -> Data:
    """Letters about a and b, for a desk each; handling of 60 s and 100 s where the log knows none."""
    data = center(
        [(at, handling, "mail", topic) for at, handling, topic in calls],
        channels={"mail": mail()},
        topics={"a": {"handling": {"any": constant(60)}}, "b": {"handling": {"any": constant(100)}}},
        teams=deepcopy(DESKS),
        intake={"topic_accuracy": accuracy, "loss": "30 %"},
    )
    for key, value in parts.items():
        data[key] = value
    return data


def test_a_wrong_desk_works_in_vain_and_hands_over() -> None:
    """Letter 0 (about a) stands at b for 30 of the 100 s that b would take; letter 1 (about b) at a for 18 of 60 s."""
    books = assert_story(
        filed([(0, 50, "a"), (0, 40, "b"), (5, 70, "a")]),
        """
        0: 0 0-30 b/1
        0: 30 30-80 a/1
        1: 0 0-18 a/1
        1: 18 60-100 b/1
        2: 5 30-60 b/1
        2: 60 80-150 a/1
        """,
    )
    assert [leg.outcome for leg in books.legs] == [Outcome.TRANSFERRED, Outcome.SOLVED] * 3
    assert column(books, "legs", "filed_topic") == [1, 0, 0, 1, 1, 0] and column(books, "legs", "topic") == [
        0,
        0,
        1,
        1,
        0,
        0,
    ]
    assert column(books, "contacts", "filed_topic") == [1, 0, 1]
    assert column(books, "contacts", "answered_by") == [80, 100, 150], "who hands over tells the customer nothing"
    assert (kpi(books, "misclassified"), kpi(books, "transfers"), kpi(books, "one_touch")) == (1, 1, 0)


def test_who_can_do_it_anyway_goes_on_without_loss() -> None:
    generalists = {"all": agents(1, skills={"own": {}})}
    books = assert_story(filed([(0, 50, "a"), (5, 70, "b")], teams=generalists), "0: 0 0-50 all/1\n1: 5 50-120 all/1")
    assert (kpi(books, "misclassified"), kpi(books, "transfers"), kpi(books, "one_touch")) == (1, 0, 1)


def test_work_in_vain_may_be_a_time() -> None:
    assert_story(
        filed([(0, 50, "a"), (100, 50, "b")], intake={"topic_accuracy": "0 %", "loss": constant(7)}),
        "0: 0 0-7 b/1\n0: 7 7-57 a/1\n1: 100 100-107 a/1\n1: 107 107-157 b/1",
    )


@pytest.mark.parametrize(("said", "times"), [({}, 1.0), ({"b": "100 %"}, 0.0), ({"c": "60 %"}, 0.6)])
def test_confusions_say_what_a_topic_is_taken_for(said: Data, times: float) -> None:
    rows = [(float(n), 1, "a") for n in range(2000)]
    data = filed([*rows, (0.0, 1, "b"), (0.0, 1, "c")])
    data["topics"]["c"] = data["topics"]["b"]
    data["teams"]["c"] = agents(1, skills={"own": {"topics": "c"}})
    data["intake"]["confusions"] = {"a": said} if said else {}
    contacts = observe(data).record.contacts
    as_c = (contacts["filed_topic"][contacts["topic"] == 0] == 2).mean()
    assert as_c == pytest.approx(times if said else 0.5, abs=0.04)


def test_a_wrong_urgency_orders_the_queue_but_not_the_books() -> None:
    """All are normal; about half are taken for low, which come last, and are still due as normal ones."""
    calls = [(0.0, 100), *((1.0 + n, 10) for n in range(40))]
    data = letters(calls, intake={"urgency_accuracy": "0 %"}, routing={"discipline": "urgency"})
    data["channels"]["mail"]["deadline"] = {"low": "40 min", "normal": "5 min", "high": "1 min"}
    books = observe(data)
    contacts = books.record.contacts
    low = contacts["filed_urgency"] == 0
    assert set(contacts["filed_urgency"].tolist()) == {0, 2} and 8 < low.sum() < 33
    assert (contacts["urgency"] == 1).all() and (contacts["due"] == contacts["arrived"] + 300).all()
    answered = books.record.legs["answered"]
    assert answered[1:][low[1:]].min() > answered[1:][~low[1:]].max()


def test_who_hands_over_has_seen_the_true_urgency() -> None:
    """Forty letters about a, all misfiled and misjudged, pass by desk b while desk a is busy: then the urgent ones come first."""
    data = filed([(0.0, 5, "b"), (1.0, 500, "a"), *((2.0 + n, 10, "a") for n in range(40))])
    data["topics"]["a"]["urgency"] = {"low": "50 %", "high": "50 %"}
    data["intake"] = {"topic_accuracy": "0 %", "urgency_accuracy": "0 %", "loss": constant(1)}
    data["routing"] = {"discipline": "urgency"}
    data["channels"]["mail"]["deadline"] = {"low": "40 min", "normal": "1 min", "high": "5 min"}
    books = observe(data)
    second = sorted(
        (leg for leg in books.legs if leg.handler == "a" and leg.leg and leg.case > 1), key=lambda leg: leg.answered
    )
    assert [leg.urgency for leg in second] == sorted((leg.urgency for leg in second), reverse=True) and len(
        second
    ) == 40


def test_registration_takes_time_and_no_agent() -> None:
    data = letters([(0, 60), (10, 20), (3590, 5)], intake={"registration": constant(30)})
    data["channels"]["mail"]["deadline"] = {"normal": "100 s"}
    books = assert_story(data, "0: 30 30-90 front/1\n1: 40 90-110 front/1")
    assert column(books, "contacts", "arrived") == [0, 10, 3590] and column(books, "contacts", "due") == [
        100,
        110,
        3690,
    ]
    assert (
        books.contacts[2].outcome is Outcome.OPEN and books.contacts[2].legs == 0 and np.isnan(books.contacts[2].ended)
    )
    assert column(books, "contacts", "registered")[:2] == [30, 40]


def test_an_acknowledgement_is_noted_and_is_no_answer() -> None:
    data = letters([(0, 60), (10, 100), (3590, 5)])
    data["channels"]["mail"]["acknowledgement"] = {"after": "20 s"}
    books = observe(data)
    assert column(books, "contacts", "acknowledged")[:2] == [20, 30]
    assert column(books, "contacts", "first_response")[:2] == [60, 150]
    assert kpi(books, "acknowledged") == pytest.approx(2 / 3)
    reaction = KPIS["reaction_time"].of(View(books.record, books.scenario), None)
    assert reaction.values.tolist() == [20, 20, 5]  # type: ignore[union-attr]


# -- where is my ticket? --------------------------------------------------------------------------------------------


def asked(calls: list[tuple[float, int, str]], asks: Data, phone: Data | None = None, **parts: Any) -> Data:
    """Letters and a phone, for one agent who takes calls first."""
    skills = {"calls": {"channels": "phone"}, "mail": {"channels": "mail", "priority": 2}}
    return center(
        [(at, handling, channel) for at, handling, channel in calls],
        channels={"mail": mail(chasers=asks), "phone": {"mode": "live", **(phone or {})}},
        teams={"front": agents(1, skills=skills)},
        **parts,
    )


def test_who_waits_for_an_answer_calls_and_is_told_how_things_stand() -> None:
    """The second letter waits from 10 to 220: its customer calls at 110, is answered at 200, and asks no more."""
    books = assert_story(
        asked([(0, 200, "mail"), (10, 60, "mail")], chasers(100)),
        """
        0: 0 0-200 front/1
        0: 100 200-220 front/1
        1: 10 240-300 front/1
        1: 110 220-240 front/1
        """,
    )
    kinds = [(one.case, one.contact, one.kind, one.outcome) for one in books.contacts]
    assert kinds == [
        (0, 0, ContactKind.FIRST, Outcome.SOLVED),
        (0, 1, ContactKind.CHASER, Outcome.INFORMED),
        (1, 0, ContactKind.FIRST, Outcome.SOLVED),
        (1, 1, ContactKind.CHASER, Outcome.INFORMED),
    ]
    assert (kpi(books, "chasers"), kpi(books, "fcr"), kpi(books, "one_touch"), kpi(books, "fcr_measured")) == (
        1,
        1,
        1,
        1,
    )
    assert (kpi(books, "contacts_per_case"), kpi(books, "repeats")) == (2, 0)
    assert column(books, "cases", "first_response") == [200, 290], "news are no answer"


@pytest.mark.parametrize(("most", "times"), [(1, [100]), (2, [100, 200]), (9, [100, 200, 300, 400])])
def test_who_still_waits_asks_again(most: int, times: list[float]) -> None:
    books = observe(
        asked(
            [(0, 450, "mail")],
            chasers(100, 0, most=most),
            teams__back=agents(1, skills={"calls": {"channels": "phone"}}),
        )
    )
    assert [one.arrived for one in books.contacts if one.kind is ContactKind.CHASER] == times


def test_who_has_the_answer_does_not_ask() -> None:
    books = observe(asked([(0, 100, "mail"), (200, 99, "mail")], chasers(100)))
    assert [one.kind for one in books.contacts] == [ContactKind.FIRST] * 2, "the answer comes before the question"


def test_a_question_may_be_given_up_or_meet_a_closed_door() -> None:
    """Nobody redials a question; the next one comes when its own time has passed."""
    redial = {**ALWAYS, "after": constant(1), "most": 3}
    books = observe(asked([(0, 350, "mail")], chasers(100, most=5), {"patience": constant(30), "redial": redial}))
    assert [one.outcome for one in books.contacts] == [Outcome.SOLVED, *[Outcome.ABANDONED] * 3]
    assert [one.arrived for one in books.contacts] == [0, 100, 200, 300] and books.statuses == [CaseStatus.SOLVED]
    closed = observe(
        asked([(0, 350, "mail")], chasers(100, most=5), {"open": {"daily": "01:00-02:00"}, "redial": redial})
    )
    assert [one.outcome for one in closed.contacts] == [Outcome.SOLVED, *[Outcome.CLOSED] * 3]
    busy = observe(asked([(0, 350, "mail")], chasers(100, most=5), {"trunks": 0, "redial": redial}))
    assert [one.outcome for one in busy.contacts] == [Outcome.SOLVED, *[Outcome.BLOCKED] * 3]


def test_who_is_asked_a_question_does_not_ask_one() -> None:
    """The customer is asked at 40 and answers at 440; from then on the wait for the solution begins anew."""
    data = asked([(0, 100, "mail"), (430, 400, "mail")], chasers(100, 0, most=9))
    data["topics"]["any"]["pauses"] = {"customer": pause(400)}
    books = observe(data)
    assert told(books).splitlines()[:2] == ["0: 0 0-40 front/1", "0: 440 590-650 front/1"]
    assert [one.arrived for one in books.contacts if one.kind is ContactKind.CHASER and one.case == 0] == [540, 640]


def test_who_waits_for_a_third_party_asks() -> None:
    data = asked([(0, 100, "mail")], chasers(100, 0, most=9))
    data["topics"]["any"]["pauses"] = {"third_party": pause(200)}
    assert [one.arrived for one in observe(data).contacts] == [0, 100, 200]


def test_questions_may_come_on_the_same_channel() -> None:
    asks = {"after": constant(100), "handling": constant(20)}
    books = assert_story(
        asked([(0, 150, "mail"), (10, 60, "mail")], asks),
        """
        0: 0 0-150 front/1
        0: 100 210-230 front/1
        1: 10 150-210 front/1
        1: 110 230-250 front/1
        """,
    )
    assert [one.channel for one in books.contacts] == ["mail"] * 4
    assert column(books, "contacts", "answered_by") == [150, 230, 210, 250]


def test_a_solved_case_keeps_no_question_and_a_wrong_answer_begins_anew() -> None:
    """Wrong at 150, asked at 100; back at 450 as the third contact, which is asked about 100 s later again."""
    data = asked(
        [(0, 150, "mail")], chasers(100, 0, most=9), topics__any__repeat={**ALWAYS, "after": constant(300), "most": 1}
    )
    data["topics"]["any"]["handling"]["any"] = constant(130)
    data["teams"]["front"]["accuracy"] = "0 %"
    books = observe(data)
    assert [(one.contact, one.kind, one.arrived) for one in books.contacts] == [
        (0, ContactKind.FIRST, 0),
        (1, ContactKind.CHASER, 100),
        (2, ContactKind.REPEAT, 450),
        (3, ContactKind.CHASER, 550),
    ]
    assert books.statuses == [CaseStatus.GIVEN_UP] and column(books, "cases", "second_contact") == [300]


def test_notices_cost_and_keep_customers_from_asking() -> None:
    data = asked([(0, 200, "mail")], chasers(100))
    data["channels"]["mail"]["status_notices"] = {"prevents": "100 %", "cost": "0.25 EUR"}
    books = observe(data)
    assert kpi(books, "chasers") == 0 and kpi(books, "cost_per_contact") == pytest.approx(0.25)


# -- threads --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("within", "kind"), [("99 s", ContactKind.REPEAT), ("100 s", ContactKind.REOPEN)])
def test_who_comes_back_soon_goes_on_with_the_thread(within: str, kind: ContactKind) -> None:
    """A reopened thread goes back to the tier that answered; a new one begins below."""
    data = letters(
        [(0, 60)],
        topics__any__repeat={**ALWAYS, "after": constant(100), "most": 1},
        teams={"front": agents(1), "experts": agents(1, tier="tier2", accuracy="0 %")},
        escalation={"path": ["tier1", "tier2"]},
    )
    data["topics"]["any"]["reach"] = {"tier1": "0 %"}
    data["channels"]["mail"]["reopening"] = {"within": within}
    books = observe(data)
    assert books.contacts[1].kind is kind
    tiers = [leg.tier for leg in books.legs if leg.contact == 1]
    assert tiers == (["tier2"] if kind is ContactKind.REOPEN else ["tier1", "tier2"])
    assert kpi(books, "repeats") == 1 and kpi(books, "reopened") == (kind is ContactKind.REOPEN)


def test_a_reopened_thread_is_not_filed_again() -> None:
    data = filed(
        [(0, 50, "a"), (3599, 50, "b")],
        teams={"a": agents(1, skills={"own": {"topics": "a"}}, accuracy="0 %"), "b": DESKS["b"]},
    )
    data["topics"]["a"]["repeat"] = {**ALWAYS, "after": constant(100), "most": 1}
    data["channels"]["mail"] |= {"reopening": {"within": "1 d"}, "acknowledgement": {}}
    books = observe(data)
    assert [leg.handler for leg in books.legs if leg.case == 0] == ["b", "a", "a"]
    assert np.isnan(column(books, "contacts", "acknowledged")).tolist() == [False, True, False]


def test_all_of_it_at_once_balances() -> None:
    """The self-audit runs over a center with every lever of deferred work on, many times over."""
    data = asked([(17.0 * n, 30, "mail") for n in range(200)], chasers(60, 5, most=3), {"patience": constant(50)})
    data["topics"]["other"] = {"handling": {"any": constant(40)}}
    data["topics"]["any"] |= {
        "pauses": {
            "customer": pause(90) | {"probability": "50 %"},
            "third_party": pause(70, "80 %") | {"probability": "50 %"},
        },
        "repeat": {"probability": "80 %", "after": constant(45), "most": 3},
    }
    data["intake"] = {
        "topic_accuracy": "60 %",
        "urgency_accuracy": "60 %",
        "loss": "20 %",
        "registration": constant(11),
    }
    data["channels"]["mail"] |= {"reopening": {"within": "1 h"}, "deadline": {"normal": "10 min"}}
    data["demand"]["sources"]["more"] = {"topic": "other", "channel": "mail", "volume": "60/h"}
    data["teams"] |= {"others": agents(2, skills={"own": {"topics": "other"}}, accuracy="70 %")}
    data["teams"]["front"] |= {"accuracy": "70 %", "headcount": {"constant": 2}}
    data["teams"]["front"]["skills"]["mail"]["topics"] = "any"
    books = observe(from_dict(data))
    kinds = {one.kind for one in books.contacts}
    assert kinds == {ContactKind.FIRST, ContactKind.REOPEN, ContactKind.CHASER}
    assert {Outcome.PAUSED, Outcome.TRANSFERRED} <= {leg.outcome for leg in books.legs}
