"""Articles, and training from the hours of the roster, in centers so small that every second is known."""

from __future__ import annotations

from typing import Any

import pytest

from simulation.center.rules import stale_share, training_left
from simulation.errors import InputError
from simulation.experiments.load import from_dict
from simulation.record.recorder import Duty, SelfService
from tests.laws.books import Books, observe
from tests.laws.micro import agents, center
from tests.laws.strategies import Data, constant

HOUR = 3600.0


def escalating(calls: list[Any], *, parts: dict[str, Any] | None = None, **articles: Any) -> Data:
    """The first tier solves the easy half; after one escalation somebody writes an article for 100 s."""
    usual = {
        "escalation__path": ["tier1", "tier2"],
        "topics__any__reach": {"knowledge_base": "100 %", "tier1": "0 %"},
        "teams__front": agents(9),
        "teams__boss": agents(9, tier="tier2"),
        "teams__author": {"skills": {"no": {"channels": []}}, "headcount": {"constant": 1}},
        "self_service": {"knowledge_base": {"looks": "100 %", "reading": constant(5)}},
        "loops__articles": {"team": "author", "takes": constant(100), "after": 1, **articles},
    }
    return center(calls, **usual | (parts or {}))


def came_of(books: Books) -> list[str]:
    return [SelfService(what).name.lower() for what in books.record.cases["self_service"].tolist()]


def test_who_looks_after_an_article_is_written_finds_it() -> None:
    """Nobody finds any at first; the first is escalated at 15, so an article is there at 115."""
    none = {"topics__any__article": {"coverage": "0 %"}}
    books = observe(escalating([(0, 10), (60, 10), (110, 10), (120, 10), (200, 10)], parts=none, coverage="100 %"))
    assert came_of(books) == ["unhelped", "unhelped", "unhelped", "solved", "solved"]
    tasks = books.record.tables["tasks"]
    assert tasks["asked"].tolist()[0] == 15.0 and tasks["done"].tolist()[0] == 115.0
    assert next(span for span in books.duties if span[1] is Duty.WRITING)[2:] == (15.0, 115.0)


def test_what_is_out_of_date_misleads_until_it_is_renewed() -> None:
    old = {
        "topics__any__article": {"coverage": "100 %", "stale": "100 %"},
        "topics__any__reach": {"knowledge_base": "50 %", "tier1": "0 %"},
    }
    calls = [(60 * n, 10) for n in range(40)]
    books = observe(escalating(calls, parts=old, coverage="0 %"))
    there = float(books.record.tables["tasks"]["done"][0])
    for arrived, came in zip(books.record.cases["arrived"].tolist(), came_of(books), strict=True):
        assert came in (("unhelped", "misled") if arrived < there else ("unhelped", "solved"))
    assert {"misled", "solved"} <= set(came_of(books))


def test_articles_are_on_chosen_topics_and_one_at_a_time() -> None:
    """All are escalated at once, while the first article is under way: no second one is asked for until then."""
    none = {
        "topics__any__article": {"coverage": "0 %"},
        "topics__other": {"handling": {"any": constant(10)}, "reach": {"tier1": "0 %"}},
    }
    calls: list[Any] = [(0, 10), (20, 10), (40, 10), (300, 10), (310, 10, "phone", "other")]
    books = observe(escalating(calls, parts=none, coverage="0 %", topics=["any"]))
    tasks = books.record.tables["tasks"]
    assert tasks["done"].tolist() == [115.0, 415.0] and set(tasks["topic"].tolist()) == {0}
    both = observe(escalating(calls, parts=none, coverage="0 %")).record.tables["tasks"]
    assert both["topic"].tolist() == [0, 0, 1]


def test_anger_asks_for_no_article() -> None:
    """Who is passed up for anger was not beyond the first tier."""
    angry = {"topics__any__reach": {"knowledge_base": "1 %"}, "escalation__angry": {"always": "100 %"}}
    books = observe(escalating([(0, 10), (20, 10)], parts=angry))
    assert books.record.legs["angry"].any() and not len(books.record.tables["tasks"]["work"])


def test_who_is_misled_and_comes_on_another_channel_takes_its_time_there() -> None:
    """The first article there is is out of date: who meets it returns on chat, where handling takes 77 s."""
    parts = {
        "channels__chat": {"mode": "concurrent"},
        "topics__any": {
            "handling": {"chat": constant(77), "any": constant(60)},
            "article": {"coverage": "0 %", "stale": "100 %"},
            "reach": {"knowledge_base": "100 %", "tier1": "0 %"},
            "repeat": {"probability": "100 %", "after": constant(30), "channels": {"chat": "100 %"}},
        },
    }
    books = observe(escalating([(0, 10), (200, 10)], parts=parts, coverage="100 %", renews="0 %"))
    assert came_of(books) == ["unhelped", "misled"]
    back = [leg for leg in books.legs if leg.case == 1]
    assert back[0].channel == "chat" and back[0].over - back[0].answered == 77


def test_an_article_that_goes_out_of_date() -> None:
    inf = float("inf")
    assert stale_share(0.2, 100, inf) == 0.2
    assert stale_share(0.0, 69.3147, 100) == pytest.approx(0.5, abs=1e-6) and stale_share(1.0, 5, 9) == 1.0


@pytest.mark.parametrize(
    ("articles", "words"),
    [
        ({"team": "autor"}, "write e.g. author"),
        ({"practice": "kb"}, "no practice 'kb'"),
        ({"customers": False}, "nobody reads the articles"),
        ({"topics": "al"}, "no topic 'al'"),
        ({"hours": {"daily": "closed"}}, "nothing is ever written"),
    ],
)
def test_what_makes_no_sense_is_refused(articles: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        from_dict(escalating([(0, 10)], **articles))


# -- training from the roster ------------------------------------------------------------------------------------


def on_training(**training: Any) -> Data:
    """Two weeks of an agent who trains for four hours in each, and answers a call in every half hour."""
    shift = {"days": "daily", "start": "08:00", "end": "16:00", "headcount": 1}
    data = center([(1800 * n + 1, 60) for n in range(2 * 7 * 48)], channels__phone={"mode": "deferred"})
    data |= {
        "horizon": "14 d",
        "loops": {"training": {"kinds": {"soft": {"courtesy": "80 %", "hours": "10 h"}}, **training}},
    }
    data["teams"]["front"] = {
        "skills": {"all": {}},
        "shifts": {"s": shift},
        "training_hours": {"each": "4 h", "per": "week"},
    }
    return data


def test_hours_of_the_roster_teach() -> None:
    """Eight hours by the end: the last answer is as courteous as that many hours make it, the first as none."""
    books = observe(on_training())
    hours = sum(end - start for _, duty, start, end in books.duties if duty is Duty.TRAINING) / HOUR
    courtesy = books.record.legs["courtesy"][~(books.record.legs["agent"] < 0)]
    assert hours == 8 and courtesy[0] < 0.05
    assert courtesy.max() == pytest.approx(0.5 * (1 - training_left(8.0, 0.8, 10.0)))
    assert (sorted(courtesy) == courtesy).all()


def test_training_without_hours_is_refused() -> None:
    data = on_training()
    del data["teams"]["front"]["training_hours"]
    with pytest.raises(InputError, match="nobody of its teams has any training"):
        from_dict(data)
