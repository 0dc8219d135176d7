"""What makes no sense in intake, pauses, questions for news and clocks is told with place, cause and cure."""

from __future__ import annotations

from typing import Any

import pytest

from simulation.errors import InputError
from simulation.experiments.load import from_dict
from tests.laws.strategies import Data, constant

ASKS: Data = {"after": constant(60), "handling": constant(30)}
PAUSE: Data = {"probability": "30 %", "lasts": constant(600)}


def center(**parts: Any) -> Data:
    """A letter box and a phone, two topics, a team each; `parts` replace entries by dotted path (two underscores for a dot)."""
    data: Data = {
        "name": "input",
        "calendar": {"start": "2026-03-02"},
        "horizon": "1 h",
        "demand": {
            "sources": {
                "all": {
                    "topics": {"a": "50 %", "b": "50 %"},
                    "channels": {"mail": "50 %", "phone": "50 %"},
                    "volume": "9/h",
                }
            }
        },
        "channels": {"mail": {"mode": "deferred"}, "phone": {"mode": "live"}},
        "topics": {name: {"handling": {"any": constant(60)}} for name in "ab"},
        "teams": {
            "writers": {"skills": {"letters": {"channels": "mail"}}, "headcount": {"constant": 1}},
            "callers": {"skills": {"calls": {"channels": "phone"}}, "headcount": {"constant": 1}},
        },
    }
    for path, value in parts.items():
        *above, last = path.split("__")
        inner = data
        for key in above:
            inner = inner.setdefault(key, {})
        inner[last] = value
    return data


CASES: list[tuple[Data, str, str]] = [
    (
        {"channels__phone": {"mode": "live", "chasers": ASKS}},
        "channels.phone",
        "chasers belong to a deferred channel, where a case stays open; remove them",
    ),
    (
        {"channels__phone": {"mode": "live", "acknowledgement": {}}},
        "channels.phone",
        "a live channel has no acknowledgement",
    ),
    (
        {"channels__phone": {"mode": "live", "reopening": {"within": "1 d"}}},
        "channels.phone",
        "a live channel has no reopening: there is no thread of messages; remove it",
    ),
    ({"channels__mail__status_notices": {"prevents": "50 %"}}, "channels.mail", "but none asks; write chasers:"),
    (
        {"channels__mail__chasers": ASKS | {"channel": "fone"}},
        "channels.mail.chasers.channel",
        "there is no channel 'fone'; write e.g. phone",
    ),
    (
        {"channels__mail__chasers": ASKS | {"channel": "phone"}, "teams__callers__skills": {"calls": {"channels": "phone", "topics": "a"}},
         "demand__sources__all__channels": {"mail": "100 %", "phone": "0 %"}},
        "channels.mail.chasers.channel",
        "no team can answer questions about b on phone; write another channel, or add a skill for it to a team",
    ),
    ({"channels__mail__chasers": ASKS | {"most": 101}}, "channels.mail.chasers.most", "must be at most 100"),
    ({"intake": {"channels": "male"}}, "intake.channels", "there is no channel 'male'; write e.g. mail"),
    ({"intake": {"confusions": {"c": {"a": "50 %"}}}}, "intake.confusions.c", "there is no topic 'c'; write e.g. a"),
    (
        {"intake": {"confusions": {"a": {"b": "60 %", "c": "60 %"}}}},
        "intake",
        "the confusions of 'a' sum to 120 %; write shares that sum to 100 % or less",
    ),
    ({"intake": {"confusions": {"a": {"a": "50 %"}}}}, "intake", "is no confusion; name another topic"),
    ({"intake": {"loss": "30"}}, "intake.loss", "has no unit; write e.g. 30 %"),
    (
        {"intake": {"topic_accuracy": "0 %"}, "demand__sources__all__topics": {"a": "100 %"}},
        "intake.topic_accuracy",
        "0 % of the contacts come under the right topic, but the demand of a classified channel needs two topics or more",
    ),
    (
        {"intake": {"topic_accuracy": "90 %", "confusions": {"a": {"c": "10 %"}}}, "topics__c": {"handling": {"any": constant(1)}}},
        "intake.confusions.a.c",
        "no classified channel has demand for both a and c; remove it",
    ),
    (
        {"intake": {"registration": constant(60)}, "channels__mail": {"mode": "live"}},
        "intake",
        "no channel is deferred, so nothing is filed; write the channels whose contacts are, e.g. channels: [mail]",
    ),
    (
        {"topics__a__pauses": {"customer": PAUSE}, "channels__mail": {"mode": "live"}},
        "topics.a.pauses.customer",
        "no channel is deferred, so no work waits for an answer; remove it, or write mode: deferred",
    ),
    (
        {"topics__a__pauses": {"customer": PAUSE | {"channels": "phone"}}},
        "topics.a.pauses.customer.channels",
        "there is no deferred channel 'phone'; write e.g. mail",
    ),
    (
        {"topics__a__pauses": {"customer": PAUSE, "third_party": PAUSE}},
        "topics.a.pauses",
        "both pauses come after the same share of the work; write another `after`",
    ),
    (
        {"channels__mail__deadline_clock": "opening_hours", "channels__mail__deadline": {"normal": "1 h"}},
        "channels.mail.deadline_clock",
        "the channel is always open; write its opening hours, e.g. open: {mon-fri: 08:00-18:00}, or elapsed",
    ),
    (
        {"channels__mail__deadline_clock": "opening_hours", "channels__mail__open": {"daily": "closed"}},
        "channels.mail.deadline_clock",
        "the channel is never open, so nothing would ever be due; write opening hours, or elapsed",
    ),
    (
        {"channels__mail__status_notices": {"prevents": "50 %", "cost": "1 USD"}, "channels__mail__chasers": ASKS, "teams__callers__wage": "9 EUR/h"},
        "channels.mail.status_notices.cost",
        "is in USD, but teams.callers.wage is in EUR; write all prices in one currency",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("parts", "place", "words"), CASES, ids=[words[:40] for _, _, words in CASES])
def test_it_is_refused(parts: Data, place: str, words: str) -> None:
    with pytest.raises(InputError) as refused:
        from_dict(center(**parts))
    told = str(refused.value).splitlines()
    assert len(told) == 1 and f": {place}: " in told[0] and words in told[0], told


GOOD: list[Data] = [
    {"intake": {"topic_accuracy": "0 %"}},
    {"intake": {"channels": ["phone"], "urgency_accuracy": "0 %"}},
    {"intake": {"topic_accuracy": "50 %", "confusions": {"a": {"b": "0 %"}}}},
    {"channels__mail__chasers": ASKS | {"probability": "0 %"}},
    {"topics__a__pauses": {"customer": PAUSE | {"after": "0 %"}, "third_party": PAUSE | {"after": "100 %"}}},
    {"channels__mail": {"mode": "deferred", "open": {"holidays": "08:00-18:00"}, "deadline": {"normal": "1 h"}, "deadline_clock": "opening_hours"}},
]  # fmt: skip


@pytest.mark.parametrize("parts", GOOD)
def test_it_is_allowed(parts: Data) -> None:
    from_dict(center(**parts))


def test_a_team_that_only_answers_questions_has_work() -> None:
    data = center(channels__mail__chasers=ASKS | {"channel": "phone"})
    data["demand"]["sources"]["all"]["channels"] = {"mail": "100 %"}
    data["targets"] = {"questions": "asa{channel=phone} <= 60 s"}
    from_dict(data)
