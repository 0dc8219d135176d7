"""Opinions and complaints worked out by hand; what is at the edge of sense; what is refused."""

from __future__ import annotations

from math import inf, isnan, log, nan
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulation import center as center_package
from simulation.center import opinion as formulas
from simulation.center.afterwards import judge
from simulation.errors import InputError
from simulation.experiments.load import from_dict
from simulation.metrics import measure
from simulation.metrics.kpi import standard_metrics
from simulation.metrics.view import View
from simulation.record import Record
from simulation.record.recorder import CaseStatus
from tests.laws.books import Books, observe
from tests.laws.micro import agents, assert_story, center
from tests.laws.strategies import Data, constant

COMPLAINT: Data = {"handling": {"any": constant(30)}}
BACK: Data = {"probability": "100 %", "after": constant(300)}


def kpis(books: Books) -> dict[str, float]:
    """Every KPI of one replication that the scenario has data for, on everything."""
    found = measure(View(books.record, books.scenario), standard_metrics(books.scenario))
    return {
        str(metric): sums.value / sums.over if sums.over else nan
        for (metric, segment), sums in found.items()
        if not segment
    }


# -- the score -----------------------------------------------------------------------------------------------


def score_of(books: Books, case: int) -> float:
    """The score behind an opinion: the mood taken away again."""
    u = books.births.draw("mood")[case]
    return float(books.record.cases["opinion"][case] + log(u / (1 - u)))


def test_a_score_by_hand() -> None:
    """The second caller hangs up after 120 s, calls again at 240, is answered at 300 and helped by an expert at 420."""
    redial = {"probability": "100 %", "after": constant(120)}
    data = center(
        [(0, 300), (0, 60)],
        topics__any={"handling": {"any": constant(60)}, "reach": {"tier1": "0 %"}},
        channels__phone={"mode": "live", "patience": constant(120), "redial": redial},
        teams__front=agents(1, courtesy="90 %"),
        teams__experts=agents(1, tier="tier2", courtesy="20 %"),
        escalation={"path": ["tier1", "tier2"]},
        opinion={
            "satisfied": "90 %", "expected": {"phone": "60 s"}, "late": 0.5, "contact": 1, "transfer": 0.25,
            "courtesy": 2, "anger": 3, "anger_half_life": "100 s",
        },
    )  # fmt: skip
    books = assert_story(
        data,
        """
        0: 0 0-300 front/1
        0: 300 300-360 experts/1
        1: 0 120 abandoned
        1: 240 300-360 front/1
        1: 360 360-420 experts/1
        """,
    )
    polite = 2 * (2 * (0.9 + 0.2) / 2 - 1)
    assert score_of(books, 0) == pytest.approx(log(9) - 0.25 + polite)
    angry = 3 * 2 ** -((420 - 120) / 100)
    assert score_of(books, 1) == pytest.approx(log(9) - 0.5 * log(300 / 60, 2) - 1 - 0.25 + polite - angry)


def test_courtesy_is_the_mean_over_the_agents_met() -> None:
    for courtesy, shift in (("100 %", 1.0), ("50 %", 0.0), ("0 %", -1.0), ("75 %", 0.5)):
        books = observe(center([(0, 30)], teams__front=agents(1, courtesy=courtesy), opinion={"satisfied": "80 %"}))
        assert score_of(books, 0) == pytest.approx(log(4) + shift)


@pytest.mark.parametrize(("wait", "doublings"), [(30, 0), (60, 0), (120, 1), (240, 2)])
def test_late_is_counted_in_doublings(wait: int, doublings: float) -> None:
    opinion = {"satisfied": "80 %", "expected": {"phone": "60 s"}, "late": 0.7}
    books = observe(center([(0, wait), (0, 10)], opinion=opinion))
    assert score_of(books, 1) == pytest.approx(log(4) - 0.7 * doublings)


def test_who_waits_in_vain_is_as_late_as_can_be_and_was_not_helped() -> None:
    opinion = {"satisfied": "80 %", "expected": {"phone": "60 s"}, "late": 0.7, "unsolved": 3}
    books = observe(center([(0, 600), (0, 10)], channels__phone__patience=constant(50), opinion=opinion))
    assert score_of(books, 1) == pytest.approx(log(4) - 0.7 * 10 - 3)


def test_a_contact_a_repeat_and_a_transfer_by_hand() -> None:
    """Out of reach of all, two returns: three calls of two legs each; effort by the same counts."""
    data = center(
        [(0, 30)],
        topics__any={"handling": {"any": constant(60)}, "reach": {"tier1": "0 %", "tier2": "0 %"}, "repeat": {**BACK, "most": 2}},
        teams__experts=agents(1, tier="tier2"),
        escalation={"path": ["tier1", "tier2"]},
        opinion={"satisfied": "80 %", "contact": 0.5, "transfer": 0.25, "unsolved": 1, "effort": {"contact": 1, "repeat": 0.5, "transfer": 0.1, "unsolved": 2}},
    )  # fmt: skip
    books = observe(data)
    cases = books.record.cases
    assert (cases["contacts"][0], cases["legs"][0], cases["repeats"][0]) == (3, 6, 2)
    assert score_of(books, 0) == pytest.approx(log(4) - 0.5 * 2 - 0.25 * 3 - 1)
    assert cases["effort"][0] == pytest.approx(1 + 2 + 0.5 * 2 + 0.1 * 3 + 2)


def test_effort_of_a_wait() -> None:
    """60 s in the queue where 20 s are expected: log2(1 + 3) = 2 doublings."""
    opinion = {"expected": {"phone": "20 s"}, "effort": {"wait": 0.4}}
    books = observe(center([(0, 60), (0, 10)], opinion=opinion))
    assert books.record.cases["effort"].tolist() == pytest.approx([1, 1 + 0.4 * 2])


def test_waiting_for_a_letter_is_no_effort() -> None:
    data = center([(0, 60, "mail"), (0, 10, "mail")], opinion={"expected": {"mail": "1 s"}})
    data["channels"] = {"mail": {"mode": "deferred"}}
    assert observe(data).record.cases["effort"].tolist() == [1, 1]


# -- what other levers tell the customer ---------------------------------------------------------------------


def told(**columns: list[float]) -> float:
    """The score of a caller answered after 240 s (60 s are expected) whose contact has further columns."""
    opinion = {"satisfied": "80 %", "expected": {"phone": "60 s"}, "late": 1, "trust": "50 %", "acknowledged": 2}
    books = observe(center([(0, 240), (0, 10)], opinion=opinion))
    contacts = {**books.record.contacts, **{name: np.array(values) for name, values in columns.items()}}
    record = Record(**{**vars(books.record), "tables": {**books.record.tables, "contacts": contacts}})
    judge(record, books.births, books.scenario)
    return score_of(Books(books.scenario, record, books.births, ()), 1)


def test_what_the_customer_is_told_moves_the_score() -> None:
    assert told() == pytest.approx(log(4) - 2)
    assert told(announced=[nan, nan], acknowledged=[nan, nan], promise_kept=[-1, -1]) == pytest.approx(log(4) - 2)
    assert told(announced=[nan, 240]) == pytest.approx(log(4) - 1)  # halfway from 60 s to 240 s: 120 s
    assert told(announced=[nan, 15]) == pytest.approx(log(4) - 3)
    assert told(acknowledged=[nan, 1]) == pytest.approx(log(4) - 1)
    assert told(promise_kept=[-1, 1]) == pytest.approx(log(4) - 2 + 0.2)
    assert told(promise_kept=[-1, 0]) == pytest.approx(log(4) - 2 - 0.8)


# -- complaints ----------------------------------------------------------------------------------------------


def complaining(**more: Any) -> Data:
    """What customers do who always complain."""
    return {"topic": "complaint", "probability": "100 %", **more}


def test_who_hangs_up_complains_later() -> None:
    data = center(
        [(0, 300), (10, 60)],
        topics__complaint=COMPLAINT,
        channels__phone__patience=constant(50),
        complaints=complaining(after=constant(1000), urgency="high"),
    )
    books = assert_story(data, "0: 0 0-300 front/1\n1: 10 60 abandoned\n2: 1060 1060-1090 front/1")
    cases = books.record.cases
    assert cases["parent"].tolist() == [-1, -1, 1] and cases["complaint"].tolist() == [-1, 2, -1]
    assert cases["status"].tolist() == [CaseStatus.SOLVED, CaseStatus.GIVEN_UP, CaseStatus.SOLVED]
    assert cases["arrived"].tolist() == [0, 10, 1060] and cases["urgency"][2] == 2
    assert books.record.audit["cases"] == 3


def test_a_complaint_that_fails_is_followed_by_none() -> None:
    data = center(
        [(0, 60)], topics__complaint=COMPLAINT, teams__front=agents(1, accuracy="0 %"), complaints=complaining()
    )
    books = assert_story(data, "0: 0 0-60 front/1\n1: 60 60-90 front/1")
    assert books.record.cases["status"].tolist() == [CaseStatus.GIVEN_UP] * 2


def test_a_case_of_the_topic_of_complaints_is_one_already() -> None:
    data = center([(0, 60, "phone", "complaint")], topics__complaint=COMPLAINT, complaints=complaining())
    data["teams"]["front"]["accuracy"] = "0 %"
    del data["topics"]["any"]
    assert_story(data, "0: 0 0-60 front/1")


def test_the_second_failure_is_the_reason_and_the_case_goes_on() -> None:
    """Wrong at 60 and again at 420; the complaint comes as the customer calls for the third time."""
    data = center(
        [(0, 60)],
        topics__any={"handling": {"any": constant(60)}, "repeat": {**BACK, "most": 2}},
        topics__complaint=COMPLAINT,
        teams__front=agents(2, accuracy="0 %"),
        complaints=complaining(after_failures=2, after=constant(5)),
    )
    story = """
        0: 0 0-60 front/1
        0: 360 360-420 front/2
        0: 720 720-780 front/1
        1: 725 725-755 front/2
        """
    assert_story(data, story)


def test_a_complaint_comes_on_the_channel_of_the_last_contact_or_on_one_of_its_own() -> None:
    redial = {"probability": "100 %", "after": constant(100), "most": 1, "channels": {"chat": "100 %"}}
    data = center(
        [(0, 1500), (10, 60)],
        topics__complaint=COMPLAINT,
        channels={
            "phone": {"mode": "live", "patience": constant(50), "redial": redial},
            "chat": {"mode": "concurrent", "patience": constant(70)},
            "mail": {"mode": "deferred"},
        },
        complaints=complaining(after=constant(2000)),
    )
    same = assert_story(
        data, "0: 0 0-1500 front/1\n1: 10 60 abandoned\n1: 160 230 abandoned\n2: 2230 2230-2260 front/1"
    )
    assert same.contacts[-1].channel == "chat" and same.record.cases["channel"].tolist() == [0, 0, 1]
    data["complaints"]["channel"] = "mail"
    other = observe(data)
    assert other.contacts[-1].channel == "mail" and other.record.cases["channel"].tolist() == [0, 0, 2]


def test_a_complaint_on_another_channel_meets_its_patience_and_its_bot() -> None:
    data = center(
        [(0, 1500), (10, 60)],
        topics__complaint=COMPLAINT,
        channels={
            "phone": {"mode": "live", "patience": constant(50)},
            "chat": {"mode": "concurrent", "patience": constant(70), "bot": "bot"},
        },
        bots={"bot": {"sessions": 1, "session": constant(20)}},
        complaints=complaining(channel="chat", after=constant(40)),
    )
    assert_story(data, "0: 0 0-1500 front/1\n1: 10 60 abandoned\n2: 100 100-120 bot\n2: 120 190 abandoned")


def test_failures_are_remembered_through_a_callback() -> None:
    """Wrong at 60; called back, and wrong again at 310: the complaint comes as the customer calls again at 410."""
    phone = {"mode": "live", "callback": {"queue": 0, "accepts": "100 %"}}
    data = center(
        [(0, 60), (150, 100, "phone", "complaint")],
        topics__any={"handling": {"any": constant(60)}, "repeat": {"probability": "100 %", "after": constant(100), "most": 2}},
        topics__complaint=COMPLAINT,
        channels={"phone": phone, "mail": {"mode": "deferred"}},
        teams__front=agents(1, accuracy="0 %"),
        complaints=complaining(after_failures=2, after=constant(5), channel="mail"),
    )  # fmt: skip
    story = """
        0: 0 0-60 front/1
        0: 160 160 callback
        0: 160 250-310 front/1
        0: 410 410-470 front/1
        1: 150 150-250 front/1
        2: 415 470-500 front/1
        """
    assert_story(data, story)


def test_who_walks_off_from_a_chat_may_complain() -> None:
    chat = {
        "mode": "concurrent",
        "turns": {"mean": 50},
        "think": constant(60),
        "idle_timeout": "25 s",
        "walks_off": "100 %",
    }
    data = center(
        [(0, 600, "chat")],
        topics__complaint=COMPLAINT,
        channels={"chat": chat, "phone": {"mode": "live"}},
        complaints=complaining(channel="phone", after=constant(300)),
    )
    cases = observe(data).record.cases
    assert cases["status"].tolist() == [CaseStatus.GIVEN_UP, CaseStatus.SOLVED]
    assert cases["arrived"][1] == cases["closed"][0] + 300


def test_giving_up_has_one_place_in_the_model_so_that_nobody_does_so_without_a_chance_to_complain() -> None:
    texts = [path.read_text(encoding="utf-8") for path in Path(center_package.__file__).parent.glob("*.py")]
    assert sum(text.count("recorder.given_up(") for text in texts) == 1


def test_a_complaint_after_the_end_is_no_case() -> None:
    data = center(
        [(0, 60)],
        topics__complaint=COMPLAINT,
        teams__front=agents(1, accuracy="0 %"),
        complaints=complaining(after=constant(4000)),
    )
    books = assert_story(data, "0: 0 0-60 front/1")
    assert books.record.cases["complaint"].tolist() == [-1]


def test_complaints_are_counted_and_held_against_their_deadline() -> None:
    data = center(
        [(0, 60, "mail"), (100, 60, "mail"), (200, 60, "mail"), (300, 600, "mail")],
        topics__complaint={**COMPLAINT, "urgency": {"high": "100 %"}},
        teams__front=agents(1, accuracy="0 %"),
        complaints=complaining(),
    )
    data["channels"] = {"mail": {"mode": "deferred", "deadline": {"high": "100 s"}}}
    found = kpis(observe(data))
    assert found["complaint_rate"] == 1
    assert found["complaints"] == pytest.approx(4 * 24)
    assert found["complaints_in_time"] == 1
    assert found["cases"] == pytest.approx(8 * 24)
    data["channels"]["mail"]["deadline"]["high"] = "20 s"
    assert kpis(observe(data))["complaints_in_time"] == 0


def test_who_complains_decides_after_the_complaint() -> None:
    """One customer is helped; the other complains: two customers, and the complaint decides for one."""
    opinion = {
        "churn": {"satisfied": "0 %", "unsatisfied": "100 %"},
        "value": "50 EUR",
        "unsolved": 1000,
        "satisfied": "100 %",
    }
    data = center(
        [(0, 60), (10, 60)],
        topics__complaint=COMPLAINT,
        channels__phone__patience=constant(20),
        complaints=complaining(after=constant(1000)),
        opinion={**opinion, "satisfied": "99.9999 %"},
    )
    cases = observe(data).record.cases
    assert cases["lost"].tolist() == [0, -1, 0] and cases["satisfied"].tolist() == [1, 0, 1]
    del data["complaints"], data["topics"]["complaint"]
    found = kpis(observe(data))
    assert found["retention"] == 0.5 and found["value_at_risk"] == pytest.approx(50 * 24)
    data["opinion"]["churn"]["unsatisfied"] = "40 %"
    assert kpis(observe(data))["value_at_risk"] == pytest.approx(0.4 * 50 * 24)  # a risk, not a count


def test_segments_expect_leave_and_are_worth_differently() -> None:
    """All calls are of one segment or the other by its share; nobody is answered in time."""
    data = center(
        [(0, 240), (0, 10)],
        opinion={
            "satisfied": "80 %",
            "expected": {"phone": "60 s"},
            "late": 1,
            "churn": {"unsatisfied": "10 %"},
            "value": "10 EUR",
        },
    )
    score, risk = {}, {}
    for segment, own in (
        ("usual", {}),
        ("calm", {"expects": 2}),
        ("dear", {"value": "1000 EUR"}),
        ("fickle", {"churn": {"satisfied": "50 %", "unsatisfied": "50 %"}}),
    ):
        books = observe({**data, "customers": {segment: {"share": "100 %", **own}}})
        score[segment], risk[segment] = score_of(books, 1), kpis(books)["value_at_risk"]
    late = log(4) - 2
    assert score == pytest.approx({"usual": late, "calm": late + 1, "dear": late, "fickle": late})
    assert risk["dear"] == pytest.approx(100 * risk["usual"]) and risk["fickle"] == pytest.approx(24 * 2 * 0.5 * 10)


def test_a_complaint_inherits_the_anger_of_its_case() -> None:
    """Hung up at 60 s; the complaint is answered at 1030: more than nine half-lives of 100 s later."""
    opinion = {"satisfied": "80 %", "anger": 5, "anger_half_life": "100 s"}
    data = center(
        [(0, 300), (10, 60)],
        topics__complaint=COMPLAINT,
        channels__phone__patience=constant(50),
        complaints=complaining(after=constant(940)),
        opinion=opinion,
    )
    books = observe(data)
    assert books.record.cases["closed"].tolist() == [300, 60, 1030]
    assert score_of(books, 0) == pytest.approx(log(4))
    assert score_of(books, 1) == pytest.approx(log(4) - 4)  # its own failure is the end, not a memory
    assert score_of(books, 2) == pytest.approx(log(4) - 5 * 2 ** -((1030 - 60) / 100))


# -- at the edge ---------------------------------------------------------------------------------------------


def test_nobody_answers_and_everybody_does() -> None:
    data = center([(0, 60), (70, 60)], opinion={})
    for share, answered in (("0 %", 0), ("100 %", 2)):
        found = kpis(observe({**data, "survey": {"answers": {"satisfied": share, "unsatisfied": share}}}))
        assert found["survey_answers"] == 24 * answered and isnan(found["csat_measured"]) == (not answered)
        assert isnan(found["nps_measured"]) == (not answered)


@pytest.mark.parametrize(("satisfied", "stars", "recommends"), [("0 %", 1, 0), ("100 %", 5, 10)])
def test_nobody_is_ever_satisfied_and_everybody_always(satisfied: str, stars: int, recommends: int) -> None:
    cases = observe(center([(0, 60), (10, 60)], opinion={"satisfied": satisfied})).record.cases
    assert cases["stars"].tolist() == [stars] * 2 and cases["recommends"].tolist() == [recommends] * 2


def test_weights_beyond_reason_still_give_an_answer() -> None:
    weights = {
        "courtesy": 1e6,
        "misled": 1e6,
        "anger": 1e6,
        "anger_half_life": "1e-9 s",
        "late": 1e308,
        "unsolved": 1e308,
    }
    data = center(
        [(0, 60), (10, 60)], channels__phone__patience=constant(5), opinion={**weights, "expected": {"phone": 0}}
    )
    cases = observe(data).record.cases
    assert cases["satisfied"].tolist() == [1, 0] and cases["stars"][1] == 1


def test_nothing_is_expected_and_anything_is_late() -> None:
    late = formulas.lateness(np.array([0.0, 1.0, nan]), np.array([0.0, 0.0, 0.0]))
    assert late.tolist() == [0, 10, 10]
    assert formulas.lateness(np.array([5.0, nan]), np.array([inf, inf])).tolist() == [0, 0]
    assert formulas.waiting(np.array([0.0, 5.0, 5.0]), np.array([0.0, 0.0, inf])).tolist() == [0, 10, 0]


def test_anger_fades() -> None:
    assert formulas.anger([], 100.0, 50.0) == 0
    assert formulas.anger([100.0], 100.0, 50.0) == 1
    assert formulas.anger([0.0, 50.0], 100.0, 50.0) == pytest.approx(0.25 + 0.5)


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"survey": {"answers": {"satisfied": "1 %", "unsatisfied": "2 %"}}}, "opinion that nobody has"),
        ({"opinion": {"value": "5 EUR"}}, "nobody leaves"),
        ({"customers": {"all": {"share": "100 %", "value": "5 EUR"}}}, "opinion that nobody has"),
        ({"opinion": {"stars": [1, 2, 3]}}, "ascend around 0"),
        ({"opinion": {"stars": [-1, -2, 3]}}, "ascend around 0"),
        ({"opinion": {"expected": {"fone": "1 min"}}}, "no channel 'fone'"),
        ({"opinion": {"recommend": {"zero": 11}}}, "recommend"),
        ({"opinion": {"acknowledged": 0.5}}, "acknowledged"),
        ({"opinion": {"anger_half_life": 0}}, "anger_half_life"),
        ({"complaints": complaining(topic="grudge")}, "no topic 'grudge'"),
        ({"complaints": complaining(topic="any", channel="fone")}, "no channel 'fone'"),
        ({"complaints": complaining(topic="any", channel="mail"), "channels": {"phone": {"mode": "live"}, "mail": {"mode": "deferred"}}, "teams": {"front": {"skills": {"calls": {"channels": "phone"}}, "headcount": {"constant": 1}}}}, "no team can take"),
        ({"opinion": {"churn": {"unsatisfied": "5 %"}, "value": "5 EUR"}, "teams": {"front": agents(1, wage="5 USD/h")}}, "one currency"),
        ({"targets": {"t": "csat_measured >= 80 %"}}, "no survey"),
        ({"targets": {"t": "retention >= 80 %"}, "opinion": {}}, "who leaves"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(parts: Data, words: str) -> None:
    with pytest.raises(InputError, match=words):
        from_dict({**center([(0, 60)]), **parts})


def test_targets_may_ask_for_points_below_zero_and_for_complaints() -> None:
    data = center([(0, 60)], topics__complaint=COMPLAINT, complaints=complaining(urgency="critical"), opinion={})
    data["targets"] = {
        "points": "nps >= 10 points", "below": "nps >= -10", "effort": "effort <= 2 of 7",
        "topic": "complaints{topic=complaint} <= 3", "urgent": "csat{urgency=critical} >= 50 %",
    }  # fmt: skip
    assert len(from_dict(data).targets) == 5
