"""What explain expects before the first contact: against numbers by hand, and against the simulation."""

from __future__ import annotations

import copy
import io
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from simulation.center.plan import Plan
from simulation.center.run import simulate
from simulation.experiments.load import from_dict
from simulation.reports.before_contact import answered, arriving, looks, rests, within
from simulation.reports.expected import expect, letter_hours
from simulation.reports.explain import explanation
from simulation.reports.staff_hours import Hours
from tests.laws.strategies import Data, constant

BASE: Data = {"looks": "50 %", "findability": "80 %", "reading": constant(60)}
CENTER: Data = {
    "name": "before",
    "calendar": {"start": "2026-03-02"},
    "horizon": "1 d",
    "demand": {"sources": {"calls": {"topic": "q", "channel": "phone", "volume": "100/h"}}},
    "self_service": {"knowledge_base": BASE},
    "channels": {"phone": {"mode": "live"}},
    "topics": {
        "q": {"handling": {"any": constant(180)}, "reach": {"knowledge_base": "60 %", "tier1": "80 %"}, "article": {"coverage": "90 %", "stale": "10 %"}},
    },
    "teams": {
        "desk": {"skills": {"all": {}}, "headcount": {"constant": 10}},
        "experts": {"tier": "tier2", "skills": {"all": {}}, "headcount": {"constant": 10}},
    },
    "escalation": {"path": ["tier1", "tier2"]},
}  # fmt: skip
AWAY = 0.5 * 0.8 * 0.9 * 0.6


def center(**parts: Any) -> Data:
    """The center with some entries changed, by dotted path (two underscores for a dot)."""
    data = copy.deepcopy(CENTER)
    for path, value in parts.items():
        *above, last = path.split("__")
        inner = data
        for key in above:
            inner = inner.setdefault(key, {})
        inner[last] = value
    return data


def plan(**parts: Any) -> Plan:
    return Plan(from_dict(center(**parts)))


def words_of(data: Data) -> str:
    console = Console(file=io.StringIO(), width=160, highlight=False)
    for block in explanation(from_dict(data), 160):
        console.print(block)
    return " ".join(console.file.getvalue().split())  # type: ignore[attr-defined]


def test_who_is_kept_away_does_not_arrive() -> None:
    found = expect(from_dict(center()))
    assert found.cases[:, 0, 0] == pytest.approx(100)
    assert found.contacts[:, 0, 0] == pytest.approx(100 * (1 - AWAY)) == found.let_in[:, 0, 0]
    assert found.loads[0].pressing == pytest.approx(100 * (1 - AWAY) / 20)


def test_more_of_the_rest_is_escalated() -> None:
    """Of all cases a fifth is beyond tier 1, whether self-service has kept others away or not."""
    found = expect(from_dict(center()))
    assert found.loads[1].pressing == pytest.approx(100 * 0.2 / 20)
    assert within(plan(), 0, 0.8) == pytest.approx((0.8 - AWAY) / (1 - AWAY))


def test_parts_of_the_rest_sum_to_one_before_anything_else_is_solved() -> None:
    community = {"asks": "30 %", "answers": "70 %", "after": constant(60)}
    one = plan(
        self_service={"knowledge_base": BASE, "community": community},
        topics__q__reach={"knowledge_base": "60 %", "community": "20 %"},
    )
    assert sum(rest.share * (1 - rest.solved) for rest in rests(one, 0)) == pytest.approx(1)
    assert arriving(one)[0] == pytest.approx(0.2 * (1 - 0.36) * (1 - 0.21) + 0.4 * (1 - 0.36) + 0.4)


def test_a_bot_meets_the_rest() -> None:
    bot = {"helper": {"sessions": 100, "session": constant(60)}}
    reach = {"knowledge_base": "60 %", "helper": "50 %", "tier1": "80 %"}
    parts = {"bots": bot, "channels__phone__bot": "helper", "topics__q__reach": reach}
    found = expect(from_dict(center(**parts)))
    left_for_agents = 1 - 0.5 - (0.6 - 0.5) * 0.36
    assert found.loads[0].pressing == pytest.approx(100 * left_for_agents / 20)
    assert found.bots["helper"] == pytest.approx(100 * (1 - AWAY) / 60)
    contained = (0.5 * (1 - 0.36)) / (1 - AWAY)
    assert f"Bot helper: truly solves {100 * contained:.1f} % of its contacts" in words_of(center(**parts))


def test_a_knowledge_base_that_solves_everything_leaves_no_work() -> None:
    sure = {"looks": "100 %", "reading": constant(60)}
    data = center(
        self_service__knowledge_base=sure, topics__q__reach={"knowledge_base": "100 %"}, topics__q__article={}
    )
    found = expect(from_dict(data))
    assert found.contacts.sum() == 0 and all(load.all.sum() == 0 for load in found.loads)
    assert "It keeps 100.0 % of the cases away." in words_of(data)


def test_segments_look_each_in_their_own_way() -> None:
    shares = {"young": {"share": "40 %", "looks": "90 %"}, "old": {"share": "60 %"}}
    assert looks(from_dict(center(customers=shares))) == pytest.approx(0.4 * 0.9 + 0.6 * 0.5)


def test_answers_that_come_in_time() -> None:
    """Exponential times with means of 1 and 3 hours race each other: three of four answers come first."""
    spec = {"asks": "50 %", "after": {"exponential": {"mean": "1 h"}}, "patience": {"exponential": {"mean": "3 h"}}}
    service = from_dict(
        center(self_service={"community": spec}, topics__q__reach={"community": "1 %"}, topics__q__article=None)
    ).self_service
    assert service is not None
    assert answered(service.community) == pytest.approx(0.5 * 0.75, rel=0.005)


def test_it_is_what_the_simulation_shows() -> None:
    data = center(horizon="4 d")
    found, record = expect(from_dict(data)), simulate(plan(horizon="4 d"), 1, 0)
    assert len(record.contacts["case"]) == pytest.approx(found.contacts.sum(), rel=0.03)
    escalated = (record.legs["tier"] == 1).sum()
    assert escalated == pytest.approx(0.2 * found.cases.sum(), rel=0.06)


def test_words() -> None:
    text = words_of(center())
    assert (
        "Self-service: 50 % look into the knowledge base first. It keeps 21.6 % of the cases away (2.2 % are misled, and may come back)."
        in text
    )
    assert "The others make first contacts; redials and repeats come on top." in text
    assert "Topic can solve article date" in text and "q 60 % 90 % 10 %" in text
    assert "Self-service" not in words_of(
        {
            key: value
            for key, value in center(topics__q__reach={}, topics__q__article=None).items()
            if key != "self_service"
        }
    )


# -- hours of skills -----------------------------------------------------------------------------------------


def letters(hours: Any) -> Data:
    """Letters for one agent, at some hours."""
    return {
        "name": "letters",
        "calendar": {"start": "2026-03-02"},
        "horizon": "2 d",
        "demand": {"sources": {"mails": {"topic": "q", "channel": "mail", "volume": "10/h"}}},
        "channels": {"mail": {"mode": "deferred"}},
        "topics": {"q": {"handling": {"any": constant(90)}}},
        "teams": {"desk": {"skills": {"letters": {"channels": "mail", "hours": hours}}, "headcount": {"constant": 1}}},
    }


def test_letters_are_written_within_the_hours_of_the_skill() -> None:
    """A quarter of an Erlang comes in all day: four hours of work wait at 22 o'clock, and are done by 3:30."""
    load = expect(from_dict(letters({"daily": "22:00-06:00"}))).loads[0]
    assert load.letters == pytest.approx(0.25)
    assert load.written[6:22] == pytest.approx(0)
    assert load.written[22:30] == pytest.approx([1, 1, 1, 1, 1, 0.5, 0.25, 0.25])


def test_half_an_hour_counts_half() -> None:
    one = Plan(from_dict(letters({"daily": "22:30-06:00"})))
    shares = letter_hours(one, Hours.of(one))[0]
    assert shares[22] == 0.5 and shares[23] == 1 and shares[6] == 0
    assert (letter_hours(Plan(from_dict(letters("always"))), Hours.of(one)) == 1).all()
    assert np.isfinite(shares).all()


def test_hours_in_words() -> None:
    assert "Agents of desk take mail only mon-fri 20:00-08:00, sat 00:00-24:00." in words_of(
        letters({"mon-fri": "20:00-08:00", "sat": "00:00-24:00"})
    )
