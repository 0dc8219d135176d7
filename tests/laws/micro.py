"""Centers so small that every second can be worked out by hand, and the story of a run in words.

A story is one line per leg: case, when it queued, when it was answered, when the agent was through, and by whom
(or how it ended unanswered). Times are seconds since the start.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from textwrap import dedent
from typing import Any

from tests.laws.books import Books, observe
from tests.laws.strategies import Data, constant, csv_file, moment

Call = tuple[float, int] | tuple[float, int, str] | tuple[float, int, str, str]
"""When, handling seconds, and perhaps channel and topic."""
FRONT: Data = {"skills": {"all": {}}, "headcount": {"constant": 1}}


def center(calls: Sequence[Call], **parts: Any) -> Data:
    """A phone line with one agent for an hour; `parts` replace entries by dotted path (two underscores for a dot)."""
    rows = [(moment(at), handling, *place, *("phone", "any")[len(place) :]) for at, handling, *place in calls]
    file = csv_file(["time", "handling", "channel", "topic"], rows)
    columns = {"time": "time", "handling": "handling", "channel": "channel", "topic": "topic"}
    data: Data = {
        "name": "micro",
        "calendar": {"start": "2026-03-02"},
        "horizon": "1 h",
        "demand": {"sources": {"log": {"replay": {"file": file, **columns}}}},
        "channels": {"phone": {"mode": "live"}},
        "topics": {"any": {"handling": {"any": constant(60)}}},
        "teams": {"front": deepcopy(FRONT)},
    }
    for path, value in parts.items():
        *above, last = path.split("__")
        inner = data
        for key in above:
            inner = inner.setdefault(key, {})
        inner[last] = value
    return data


def agents(number: int, **more: Any) -> Data:
    """A team with so many agents all the time."""
    return {"skills": {"all": {}}, "headcount": {"constant": number}, **more}


def on_shift(start: str, end: str, number: int = 1, **more: Any) -> Data:
    """A team on a daily shift."""
    return {
        "skills": {"all": {}},
        "shifts": {"s": {"days": "daily", "start": start, "end": end, "headcount": number, **more}},
    }


def told(books: Books) -> str:
    """The story of a run."""
    return "\n".join(_line(books, leg) for leg in books.legs)


def _line(books: Books, leg: Any) -> str:
    if leg.served:
        who = books.agents[leg.agent] if leg.agent >= 0 else leg.handler
        return f"{leg.case}: {leg.queued:g} {leg.answered:g}-{leg.ended:g} {who}"
    end = "" if leg.until == float("inf") else f" {leg.until:g}"
    return f"{leg.case}: {leg.queued:g}{end} {leg.outcome.name.lower()}"


def assert_story(data: Data, story: str) -> Books:
    """Run it, and hold it against the story."""
    books = observe(data)
    assert told(books) == dedent(story).strip()
    return books
