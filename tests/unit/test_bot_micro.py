"""Bots on centers so small that every second can be worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest

from simulation.experiments.load import from_dict
from simulation.metrics import measure
from simulation.metrics.kpi import standard_metrics
from simulation.metrics.view import View
from simulation.record.recorder import CaseStatus, ContactKind, Outcome
from tests.laws.books import Books, observe
from tests.laws.micro import Call, agents, assert_story, center
from tests.laws.strategies import Data, constant


def with_bot(calls: list[Call], reach: str = "0 %", sessions: int = 5, **bot: Any) -> Data:
    """A phone line with an agent behind a bot whose sessions take 20 s of the customer."""
    helper = {"sessions": sessions, "session": constant(20), **bot}
    data = center(calls, bots={"helper": helper}, channels__phone__bot="helper")
    data["topics"]["any"]["reach"] = {"helper": reach}
    return data


def kpis(data: Data) -> dict[str, float]:
    """Every KPI on everything."""
    scenario = from_dict(data)
    found = measure(View(observe(scenario).record, scenario), standard_metrics(scenario))
    return {
        str(metric): sums.value if sums.over != sums.over else sums.value / sums.over if sums.over else float("nan")
        for (metric, segment), sums in found.items()
        if not segment
    }


def outcomes(books: Books) -> list[Outcome]:
    """How legs ended."""
    return [leg.outcome for leg in books.legs]


# -- understanding and silent failure -----------------------------------------------------------------------


def test_who_is_not_understood_is_handed_over() -> None:
    books = assert_story(
        with_bot([(0, 60)], reach="100 %", understanding="0 %"), "0: 0 0-20 helper\n0: 20 20-80 front/1"
    )
    assert outcomes(books) == [Outcome.ESCALATED, Outcome.SOLVED]


def test_understanding_is_that_of_the_topic() -> None:
    data = with_bot(
        [(0, 60, "phone", "any"), (100, 60, "phone", "odd")],
        reach="100 %",
        understanding={"odd": "0 %", "any": "100 %"},
    )
    data["topics"]["odd"] = data["topics"]["any"]
    assert_story(data, "0: 0 0-20 helper\n1: 100 100-120 helper\n1: 120 120-180 front/1")


def test_who_is_failed_silently_leaves_and_gives_up() -> None:
    books = assert_story(with_bot([(0, 60)], silent_failure="100 %"), "0: 0 0-20 helper")
    assert outcomes(books) == [Outcome.WRONG] and books.statuses == [CaseStatus.GIVEN_UP]
    assert books.record.cases["misled"].tolist() == [1] and books.record.cases["closed"].tolist() == [20]


def test_who_is_answered_wrongly_by_an_agent_was_not_misled_by_the_bot() -> None:
    data = with_bot([(0, 60)])
    data["teams"]["front"]["accuracy"] = "0 %"
    books = observe(data)
    assert outcomes(books) == [Outcome.ESCALATED, Outcome.WRONG] and books.record.cases["misled"].tolist() == [0]


@pytest.mark.parametrize("silent", ["0 %", "100 %"])
def test_who_leaves_the_bot_leaves_a_trunk(silent: str) -> None:
    """One trunk: the second caller finds it taken by the bot's session, the third one free."""
    reach = "100 %" if silent == "0 %" else "0 %"
    data = with_bot([(0, 60), (10, 60), (20, 60)], reach=reach, silent_failure=silent)
    data["channels"]["phone"]["trunks"] = 1
    books = assert_story(data, "0: 0 0-20 helper\n2: 20 20-40 helper")
    assert [contact.outcome for contact in books.contacts][1] is Outcome.BLOCKED


def test_who_is_failed_silently_returns_as_the_topic_says() -> None:
    data = with_bot([(0, 60)], silent_failure="100 %")
    data["topics"]["any"]["repeat"] = {"probability": "100 %", "after": constant(100), "most": 2}
    books = assert_story(data, "0: 0 0-20 helper\n0: 120 120-140 helper\n0: 240 240-260 helper")
    assert [contact.kind for contact in books.contacts] == [ContactKind.FIRST, ContactKind.REPEAT, ContactKind.REPEAT]
    assert books.record.cases["misled"].tolist() == [3] and books.record.cases["repeats"].tolist() == [2]


def test_who_is_failed_silently_returns_as_the_bot_says_elsewhere_and_asks_for_a_human() -> None:
    """A line with the same bot: the customer has learned and asks for a human."""
    back = {"probability": "100 %", "after": constant(40), "channels": {"line": "100 %"}, "asks_for_human": "100 %"}
    data = with_bot([(0, 60)], silent_failure="100 %", returns=back)
    data["channels"]["line"] = {"mode": "live", "bot": "helper"}
    data["topics"]["any"]["repeat"] = {"probability": "100 %", "after": constant(9999)}
    books = assert_story(data, "0: 0 0-20 helper\n0: 60 60-120 front/1")
    assert [contact.channel for contact in books.contacts] == ["phone", "line"]
    assert books.statuses == [CaseStatus.SOLVED] and books.record.cases["misled"].tolist() == [1]


def test_who_asks_for_a_human_meets_no_bot() -> None:
    data = with_bot([(0, 60)], reach="100 %", asks_for_human="100 %")
    assert_story(data, "0: 0 0-60 front/1")


# -- answers take longer under load -------------------------------------------------------------------------


def test_answers_slow_down_as_sessions_fill() -> None:
    """Three answers of 1 s at rest and 7 s with all three sessions taken: 3 s, 12 s, 21 s more; then full."""
    data = with_bot(
        [(0, 60), (5, 60), (10, 60), (15, 60)],
        reach="100 %",
        sessions=3,
        latency={"at_rest": "1 s", "full": "7 s", "turns": 3},
    )
    assert_story(
        data,
        """
        0: 0 0-23 helper
        1: 5 5-37 helper
        2: 10 10-51 helper
        3: 15 15-75 front/1
        """,
    )


def test_answers_slow_down_from_the_knee_only() -> None:
    """Of five sessions the second is as fast as the first (load 1/4), the fourth half way (3/4), the fifth full."""
    latency = {"at_rest": "1 s", "full": "9 s", "slows_from": "50 %"}
    data = with_bot([(second, 60) for second in range(5)], reach="100 %", latency=latency)
    books = observe(data)
    assert [leg.ended - leg.answered for leg in books.legs] == [21, 21, 21, 25, 29]


# -- context ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("context", "lasts"), [("100 %", 51), ("0 %", 90)])
def test_context_saves_and_its_lack_costs(context: str, lasts: int) -> None:
    """Half of the analysis, which is 30 % of 60 s, or half a minute more."""
    told = {"context": context, "saves": "50 %", "repeats_story": "30 s"}
    data = with_bot([(0, 60)], hand_over=told)
    data["topics"]["any"]["wrap_up"] = {"any": constant(10)}
    assert_story(data, f"0: 0 0-20 helper\n0: 20 20-{20 + lasts + 10} front/1")


def test_context_is_for_the_first_agent_only() -> None:
    data = with_bot([(0, 60)], hand_over={"saves": "50 %"}, sessions=1)
    data["topics"]["any"]["reach"] |= {"tier1": "0 %"}
    data["escalation"] = {"path": ["tier1", "tier2"]}
    data["teams"]["experts"] = agents(1, tier="tier2")
    books = observe(data)
    assert [leg.ended - leg.answered for leg in books.legs] == [20, 51, 60]
    assert books.record.legs["saved"].tolist() == [0, 0.5, 0]


def test_who_was_not_with_the_bot_has_nothing_to_repeat() -> None:
    data = with_bot([(0, 60), (5, 60)], sessions=1, hand_over={"context": "0 %", "repeats_story": "30 s"})
    data["teams"]["front"] = agents(2)
    assert_story(data, "0: 0 0-20 helper\n0: 20 20-110 front/2\n1: 5 5-65 front/1")


# -- outages ------------------------------------------------------------------------------------------------


def out_of_order(start: str, lasts: str) -> Data:
    """An event without the bot."""
    return {"out": {"starts": f"2026-03-02 {start}", "lasts": lasts, "bots": ["helper"]}}


def test_an_outage_breaks_sessions_off_and_takes_nobody() -> None:
    """From 60 to 120 s: who is inside at 60 is handed over without context, who comes before 120 meets no bot."""
    data = with_bot(
        [(30, 10), (45, 10), (60, 10), (100, 10), (120, 10)],
        reach="100 %",
        hand_over={"saves": "50 %", "repeats_story": "5 s"},
    )
    data["demand"]["events"] = out_of_order("00:01", "1 min")
    books = assert_story(
        data,
        """
        0: 30 30-50 helper
        1: 45 45-60 helper
        1: 60 60-75 front/1
        2: 60 75-85 front/1
        3: 100 100-110 front/1
        4: 120 120-140 helper
        """,
    )
    assert outcomes(books)[:3] == [Outcome.SOLVED, Outcome.ESCALATED, Outcome.SOLVED]


def test_outages_that_overlap_are_one() -> None:
    data = with_bot([(30, 10), (150, 10), (250, 10)], reach="100 %")
    data["demand"]["events"] = out_of_order("00:01", "2 min") | {"b": out_of_order("00:02", "2 min")["out"]}
    assert_story(data, "0: 30 30-50 helper\n1: 150 150-160 front/1\n2: 250 250-270 helper")


# -- letters ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("reach", "reply"), [("100 %", 20), ("0 %", 80)])
def test_a_letter_has_its_reply_from_who_ends_it(reach: str, reply: int) -> None:
    data = with_bot([(0, 60)], reach=reach)
    data["channels"]["phone"] = {"mode": "deferred", "bot": "helper", "deadline": {"normal": "1 min"}}
    books = observe(data)
    assert books.record.contacts["answered_by"].tolist() == books.record.cases["first_response"].tolist() == [reply]


# -- difficulty ---------------------------------------------------------------------------------------------


def test_hard_cases_take_longer_and_known_times_stay() -> None:
    """Without handling times in the log: 60 s by the topic, times 1/2 for the easiest to 3/2 for the hardest."""
    data = center([(100 * n, 60) for n in range(30)], topics__any__hardest_takes="x 1.5")
    assert {leg.ended - leg.answered for leg in observe(data).legs} == {60.0}
    del data["demand"]["sources"]["log"]["replay"]["handling"]
    books = observe(data)
    expected = 60 * (0.5 + books.births.difficulty)
    assert [leg.ended - leg.answered for leg in books.legs] == pytest.approx(expected.tolist())


def test_further_services_of_a_hard_case_take_longer_too() -> None:
    data = center([(0, 60)], topics__any__hardest_takes="x 2", teams__front__accuracy="0 %")
    data["topics"]["any"]["repeat"] = {"probability": "100 %", "after": constant(100), "most": 3}
    books = observe(data)
    lasts = 60 * 2 * books.births.difficulty[0]
    assert [leg.ended - leg.answered for leg in books.legs] == pytest.approx([60, lasts, lasts, lasts])


# -- KPIs ---------------------------------------------------------------------------------------------------


def test_kpis_by_hand() -> None:
    """Two solved by the bot, one failed silently, two handed over, one of them in an outage; one past the full bot."""
    data = with_bot(
        [(0, 60, "phone", "easy"), (5, 60, "phone", "easy"), (10, 60, "phone", "odd"), (300, 60, "phone", "odd"),
         (590, 60, "phone", "odd"), (1000, 60, "line", "odd")],
        sessions=2,
        cost="0.10 EUR",
        cost_per_minute="0.03 EUR",
        silent_failure="100 %",
    )  # fmt: skip
    data["bots"]["helper"] |= {"understanding": {"easy": "100 %", "odd": "0 %"}}
    data["bots"]["clerk"] = {"sessions": 1, "session": constant(40), "cost": "1 EUR"}
    data["channels"]["line"] = {"mode": "live", "bot": "clerk"}
    data["topics"] = {
        "easy": {"handling": {"any": constant(60)}, "reach": {"helper": "100 %"}},
        "odd": {"handling": {"any": constant(60)}},
    }
    data["demand"]["events"] = out_of_order("00:10", "20 min")
    found = kpis(data)
    # 0: 0-20 and 1: 5-25 solved; 2: past the full bot; 3: 300-320 failed silently; 4: 590-600 broken off; 5: 1000-1040
    assert found["bot_sessions"] == pytest.approx(5 * 24)
    assert found["containment"] == pytest.approx(2 / 5)
    assert found["containment_claimed"] == pytest.approx(3 / 5)
    assert found["silent_failures"] == pytest.approx(1 / 5)
    assert found["hand_overs"] == pytest.approx(2 / 5)
    assert found["bot_bypass"] == pytest.approx(1 / 6)
    assert found["session_time.mean"] == pytest.approx((20 + 20 + 20 + 10 + 40) / 5)
    assert found["sessions_at_once"] == pytest.approx(110 / 3600)
    assert found["bot_utilization"] == pytest.approx(110 / (2 * 2400 + 3600))
    per_hour = 4 * 0.10 + 70 / 60 * 0.03 + 1.00
    assert found["bot_cost"] == pytest.approx(24 * per_hour) and found["cost"] == pytest.approx(24 * per_hour)


def test_slices_by_bot() -> None:
    data = with_bot([(0, 60), (1000, 60, "line", "any")], reach="100 %")
    data["bots"]["clerk"] = {"sessions": 1, "session": constant(40)}
    data["channels"]["line"] = {"mode": "live", "bot": "clerk"}
    scenario = from_dict(data)
    view = View(observe(scenario).record, scenario)
    sliced = {
        (str(metric), segment): sums for (metric, segment), sums in measure(view, standard_metrics(scenario)).items()
    }
    shares = {name: sliced["containment", (("bot", name),)] for name in ("helper", "clerk")}
    assert {name: sums.value / sums.over for name, sums in shares.items()} == {"helper": 1, "clerk": 0}
    assert sliced["bot_utilization", (("bot", "clerk"),)][:2] == (40, 3600)
