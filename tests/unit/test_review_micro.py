"""Reviews and coaching in centers so small that every second is known."""

from __future__ import annotations

from typing import Any

import pytest

from simulation.center.rules import accuracy_factor, gap_left, share_gained
from simulation.errors import InputError
from simulation.experiments.load import from_dict
from simulation.record.recorder import Duty
from tests.laws.books import Books, observe
from tests.laws.micro import assert_story, center, on_shift
from tests.laws.strategies import Data, constant

RED = {"skills": {"calls": {"channels": "red"}}, "headcount": {"constant": 1}}
"""The reviewer has calls of a line of their own."""
BLUE = {"skills": {"calls": {"channels": "phone"}}, "headcount": {"constant": 1}}


def reviewed(calls: list[Any], *, front: Data | None = None, boss: Data | None = None, **review: Any) -> Data:
    """A team of one, and a reviewer who looks at all answers for 100 s each."""
    spec = {"team": "boss", "share": "100 %", "takes": constant(100), **review}
    teams = {"front": BLUE | (front or {}), "boss": RED | (boss or {})}
    return center(calls, channels__red={"mode": "live"}, teams=teams, loops__review=spec)


def done(books: Books, duty: Duty) -> list[tuple[str, float, float]]:
    """Who did that, from when until when."""
    return [(books.agents[agent], start, end) for agent, what, start, end in books.duties if what is duty]


def test_a_review_is_done_in_a_lull_and_finished_first() -> None:
    data = reviewed([(0.0, 50), (10.0, 30, "red"), (60.0, 20), (120.0, 10, "red")])
    books = assert_story(
        data,
        """
        0: 0 0-50 front/1
        1: 10 10-40 boss/1
        2: 60 60-80 front/1
        3: 120 150-160 boss/1
        """,
    )
    assert done(books, Duty.REVIEW) == [("boss/1", 50.0, 150.0), ("boss/1", 160.0, 260.0)]
    tasks = books.record.tables["tasks"]
    assert tasks["asked"].tolist() == [50.0, 80.0] and tasks["done"].tolist() == [150.0, 260.0]
    assert tasks["found"].tolist() == [0, 0] and books.record.staffing["review"].sum() == 200


def test_a_review_that_gives_way_goes_on_later() -> None:
    data = reviewed([(0.0, 50), (10.0, 30, "red"), (120.0, 10, "red")], gives_way=True)
    books = assert_story(
        data,
        """
        0: 0 0-50 front/1
        1: 10 10-40 boss/1
        2: 120 120-130 boss/1
        """,
    )
    assert done(books, Duty.REVIEW) == [("boss/1", 50.0, 120.0), ("boss/1", 130.0, 160.0)]


def test_reviews_have_hours_and_end_with_the_shift() -> None:
    data = reviewed(
        [(0.0, 50), (1900.0, 10)], hours={"daily": "00:10-01:00"},
        boss={"headcount": None} | on_shift("00:00", "00:11"),
    )  # fmt: skip
    data["teams"]["boss"].pop("headcount")
    data["teams"]["boss"]["skills"] = RED["skills"]
    books = observe(data)
    assert done(books, Duty.REVIEW) == [("boss/s/1", 600.0, 660.0)]
    assert len(books.record.tables["tasks"]["done"]) == 0


def test_an_error_found_leads_to_coaching_of_both() -> None:
    """The reviewer prepares it for 40 s, then the agent takes it as soon as there is time: at 260, after the call."""
    data = reviewed(
        [(0.0, 50), (180.0, 80)], front={"accuracy": "0 %", "courtesy": "50 %"},
        coaching={"takes": constant(40), "courtesy": "20 %"},
    )  # fmt: skip
    books = observe(data)
    assert done(books, Duty.REVIEW) == [("boss/1", 50.0, 150.0), ("boss/1", 260.0, 360.0)]
    assert done(books, Duty.COACHING)[:2] == [("boss/1", 150.0, 190.0), ("front/1", 260.0, 300.0)]
    assert books.record.tables["tasks"]["wrong"].tolist() == [1, -1, 1, -1]


def test_what_was_learned_holds_from_the_coaching_on() -> None:
    data = reviewed(
        [(0.0, 50), (200.0, 10), (400.0, 10)], front={"accuracy": "0 %"}, gives_way=True,
        coaching={"takes": constant(40), "courtesy": "20 %", "after": 1},
    )  # fmt: skip
    books = observe(data)
    assert books.record.legs["courtesy"].tolist() == pytest.approx([0.0, 0.0, 0.5 * (1 - 0.8**2)])


def test_coaching_may_wait_for_a_second_error() -> None:
    data = reviewed(
        [(0.0, 10), (200.0, 10), (400.0, 10)], front={"accuracy": "0 %"}, coaching={"takes": constant(40), "after": 2}
    )
    assert observe(data).record.tables["tasks"]["work"].tolist() == [0, 0, 1, 0]


def test_reviews_per_week_are_of_the_first_answers_after_a_moment() -> None:
    """Nobody of three weeks' worth of an agent comes sooner than in its part of the week."""
    data = reviewed([(0.0, 10), (1000.0, 10)], share="0 %", per_week=7 * 24, takes=constant(1))
    data["horizon"] = "1 h"
    books = observe(data)
    assert len(books.record.tables["tasks"]["done"]) <= 1


def test_a_reserve_keeps_reviewers_free() -> None:
    """Of two reviewers one stays free: the reviews are done one after the other, not side by side."""
    data = reviewed([(0.0, 50), (60.0, 20)], boss=RED | {"headcount": {"constant": 2}}, reserve=1)
    spans = done(observe(data), Duty.REVIEW)
    assert [(start, end) for _, start, end in spans] == [(50.0, 150.0), (150.0, 250.0)]
    data["loops"]["review"]["reserve"] = 0
    assert [(start, end) for _, start, end in done(observe(data), Duty.REVIEW)] == [(50.0, 150.0), (80.0, 180.0)]


def test_reviewers_do_not_look_at_their_own_answers_unless_they_are_named() -> None:
    calls = [(0.0, 50), (10.0, 30, "red")]
    assert len(observe(reviewed(calls)).record.tables["tasks"]["work"]) == 1
    assert len(observe(reviewed(calls, teams=["front", "boss"])).record.tables["tasks"]["work"]) == 2
    assert len(observe(reviewed(calls, channels="red", teams=["boss"])).record.tables["tasks"]["work"]) == 1


def test_so_many_answers_of_an_agent_are_looked_at_in_a_week() -> None:
    """Twenty a week, of an agent who answers all the time: in each twentieth of the week one, give or take the last."""
    calls = [(300.0 * n, 10) for n in range(14 * 288)]
    data = reviewed(calls, share="0 %", per_week=20, takes=constant(1))
    data["horizon"] = "14 d"
    asked = observe(data).record.tables["tasks"]["asked"]
    weeks = asked // (7 * 86_400 / 20)
    assert 39 <= len(asked) <= 40 and len(set(weeks.tolist())) >= 38


def test_the_gap_that_is_left() -> None:
    inf = float("inf")
    assert gap_left(1.0, 100, inf, 0.2) == 0.8 and gap_left(0.8, 100, inf, 0.5) == 0.4
    assert gap_left(0.4, 100, 100) == pytest.approx(0.7) and gap_left(1.0, 100, 100) == 1.0
    assert accuracy_factor(0.8, 1.0) == 1.0 and accuracy_factor(0.8, 0.5) == pytest.approx(0.9 / 0.8)
    assert accuracy_factor(0.0, 0.5) == 1.0 and share_gained(0.6, 0.25) == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("review", "words"),
    [
        ({"team": "bos"}, "write e.g. boss"),
        ({"teams": ["frnt"]}, "write e.g. front"),
        ({"share": "200 %"}, "review.share"),
        ({"coaching": {"accuracy": "5 %"}}, "coaching.takes"),
        ({"hours": {"daily": "closed"}}, "nothing is ever reviewed"),
    ],
)
def test_what_makes_no_sense_is_refused(review: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        from_dict(reviewed([(0.0, 10), (5.0, 10, "red")], **review))


def test_a_reviewer_needs_no_contacts_but_others_to_look_at() -> None:
    only = center([(0.0, 10)], loops__review={"team": "front", "share": "10 %", "takes": constant(1)})
    with pytest.raises(InputError, match="no others"):
        from_dict(only)
    idle = {"skills": {"none": {"channels": []}}, "headcount": {"constant": 1}}
    from_dict(
        center([(0.0, 10)], teams__boss=idle, loops__review={"team": "boss", "share": "10 %", "takes": constant(1)})
    )
