"""`explain` on deferred work, against numbers by hand."""

from __future__ import annotations

from simulation.experiments.load import from_dict
from simulation.reports.expected import expect
from simulation.reports.explain_letters import letters
from tests.laws.strategies import Data, constant


def told(data: Data) -> list[str]:
    """What is said of deferred work."""
    return [str(block) for block in letters(expect(from_dict(data))) if str(block)]


def center() -> Data:
    """Sixty letters about a and forty about b a day; a desk each, and generalists beside that of b."""
    return {
        "name": "explained",
        "calendar": {"start": "2026-03-02"},
        "horizon": "2 d",
        "demand": {"sources": {"all": {"topics": {"a": "60 %", "b": "40 %"}, "channel": "mail", "volume": "100/day"}}},
        "channels": {"mail": {"mode": "deferred"}},
        "topics": {"a": {"handling": {"any": constant(600)}}, "b": {"handling": {"any": constant(300)}}},
        "teams": {
            "a": {"skills": {"own": {"topics": "a"}}, "headcount": {"constant": 2}},
            "b": {"skills": {"own": {"topics": "b"}}, "headcount": {"constant": 1}, "speed": 2},
            "all": {"skills": {"any": {}}, "headcount": {"constant": 1}},
        },
        "routing": {
            "routes": {
                "a": {"topics": "a", "teams": {"a": "0 s"}},
                "b": {"topics": "b", "teams": {"b": "0 s", "all": "0 s"}},
            }
        },
    }


def test_nothing_is_said_where_there_is_nothing() -> None:
    assert told(center()) == []


def test_misfiled_letters_and_work_in_vain() -> None:
    """10 % are 10 a day. Six of a come to b's desk, or to generalists, whom a's route does not name; four of b come to a.
    A half of 150 s and of 300 s (mean 112.5) six times, and of 600 s four times, is 1875 s."""
    data = center() | {"intake": {"topic_accuracy": "90 %", "loss": "50 %", "registration": constant(90)}}
    assert told(data) == [
        "Intake of mail: it takes 1:30 min until a contact stands in the queue, 90 % are filed under the right topic.",
        "So 10.0 first contacts a day are misfiled; about 10.0 come to a team without the skill and are handed over, after "
        "31:15 min of work in vain in all.",
    ]


def test_pauses_questions_and_threads() -> None:
    data = center()
    wait = {"probability": "30 %", "lasts": constant(7200), "after": "40 %", "stops_deadline": True}
    for topic in data["topics"].values():
        topic["pauses"] = {"customer": wait}
    data["channels"]["mail"] |= {
        "acknowledgement": {"after": "1 min"},
        "chasers": {"after": constant(3600), "handling": constant(60), "probability": "25 %", "most": 2},
        "status_notices": {"prevents": "60 %"},
        "reopening": {"within": "7 d"},
        "open": {"mon-fri": "08:00-18:00"},
        "deadline": {"normal": "4 h"},
        "solution_deadline": {"normal": "2 d", "high": "1 d"},
        "deadline_clock": "opening_hours",
    }
    assert told(data) == [
        "Letters about a, b: 30 % wait for the customer after 40 % of the work, 2.0 h on average, and the deadline waits too.",
        "mail: an automatic note goes out after 1 min; 25 % of customers without an answer after 1.0 h (on average) ask there "
        "for news, up to 2 times; status notices keep 60 % from asking; who comes back within 1 week reopens the thread; "
        "solutions are due within 2 d (normal), 1 d (high); deadlines run in opening hours only.",
    ]
