"""What a result must not depend on: the unit of time, the order in which a file names things; and what can only help.

Times on a grid make simultaneous events frequent; there an order that leaks from the file, or from who was
scheduled first, would show.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Callable
from copy import deepcopy
from math import isnan
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.laws.books import Books, observe
from tests.laws.strategies import START, Data, csv_file, deep, quick, scenarios

CALENDAR = ("hours", "shifts", "breaks", "steps", "shrinkage", "absence", "skill hours")
"""Features on the wall clock, which no unit of time can stretch."""


# -- the unit of time ---------------------------------------------------------------------------------------


def scaled(part: Any, factor: float) -> Any:
    """A scenario in which everything takes `factor` times as long, and so many fewer come in a unit of time."""
    if isinstance(part, dict):
        made = {key: scaled(value, factor) for key, value in part.items()}
        if "file" in part:
            made |= {"file": scaled_log(part["file"], factor), "unit": f"{factor!r} s"}
        if "starts" in part:
            made["starts"] = scaled_moment(part["starts"], factor)
        return made
    if isinstance(part, list):
        return [scaled(item, factor) for item in part]
    if isinstance(part, str) and (match := re.fullmatch(r"([0-9.]+) ?(s|min|/h)", part)):
        number = float(match[1]) / factor if match[2] == "/h" else float(match[1]) * factor
        return f"{number!r}{match[2]}"
    return part


def scaled_log(path: str, factor: float) -> str:
    """A log whose arrivals lie `factor` times as far from the start."""
    with open(path, encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    return csv_file(header, [[scaled_moment(row[0], factor), *row[1:]] for row in rows])


def scaled_moment(moment: str, factor: float) -> str:
    """A local time `factor` times as far from the start."""
    return (START + (dt.datetime.fromisoformat(moment) - START) * factor).isoformat(sep=" ")


def times(books: Books) -> np.ndarray:
    """Every recorded time of every leg, shape (legs, 4)."""
    return np.array([[leg.queued, leg.answered, leg.released, leg.ended] for leg in books.legs]).reshape(-1, 4)


def ways(books: Books) -> list[tuple[object, ...]]:
    """What happened to every leg, without the times."""
    return [leg[:10] for leg in books.legs]


def assert_scales(data: Data, factor: float) -> None:
    """Scaling scales the times, and changes nothing else."""
    as_is, other = observe(data), observe(scaled(data, factor))
    assert ways(as_is) == ways(other)
    np.testing.assert_allclose(times(other), times(as_is) * factor, rtol=1e-9, atol=1e-6)


TIMELESS = scenarios(without=CALENDAR)
FACTORS = st.sampled_from([0.25, 0.5, 2.0, 8.0])


def without_score(data: Data) -> Data:
    """Points per hour are on the clock too: first come, first served instead."""
    if data["routing"]["discipline"] == "score":
        data["routing"]["discipline"] = "fifo"
    return data


@quick(50)
@given(TIMELESS.map(without_score), FACTORS)
def test_the_unit_of_time_is_of_no_account(data: Data, factor: float) -> None:
    assert_scales(data, factor)


@pytest.mark.slow
@deep(500)
@given(TIMELESS.map(without_score), FACTORS)
def test_the_unit_of_time_is_of_no_account_in_many_centers(data: Data, factor: float) -> None:
    assert_scales(data, factor)


# -- the order of the file ----------------------------------------------------------------------------------


def shuffled(mapping: Data, chance: Random) -> Data:
    """The same entries in another order."""
    items = list(mapping.items())
    chance.shuffle(items)
    return dict(items)


def reordered(data: Data, chance: Random) -> Data:
    """The same center, written in another order wherever the order says nothing.

    It says something of routes (the first that fits holds), of the teams in a route, of teams that no route names
    (their order is that of the answer), of skills of one priority, and of the escalation path.
    """
    other = shuffled(deepcopy(data), chance)
    for name in ("channels", "topics", "bots", "customers"):
        other[name] = shuffled(other.get(name, {}), chance)
    other["demand"]["sources"] = shuffled(other["demand"]["sources"], chance)
    for topic in other["topics"].values():
        for name in ("handling", "urgency", "reach"):
            topic[name] = shuffled(topic.get(name, {}), chance) or None
    other["topics"] = {name: {k: v for k, v in one.items() if v} for name, one in other["topics"].items()}
    for team in other["teams"].values():
        for shift in team.get("shifts", {}).values():
            shift["breaks"] = shuffled(shift["breaks"], chance)
    return other


def in_words(books: Books) -> list[str]:
    """Everything that happened, in words, in an order of its own."""
    legs = [f"{books.agents[leg.agent] if leg.agent >= 0 else ''} {leg._replace(agent=0)}" for leg in books.legs]
    contacts = [str(contact) for contact in books.contacts]
    duties = [f"{books.agents[agent]} {duty.name} {start} {end}" for agent, duty, start, end in books.duties]
    return sorted(legs + contacts + duties)


@quick(40)
@given(scenarios(), st.integers(0, 2**32))
def test_the_order_of_the_file_is_of_no_account(data: Data, seed: int) -> None:
    assert in_words(observe(data)) == in_words(observe(reordered(data, Random(seed))))


@pytest.mark.slow
@deep(500)
@given(scenarios(), st.integers(0, 2**32))
def test_the_order_of_the_file_is_of_no_account_in_many_centers(data: Data, seed: int) -> None:
    assert in_words(observe(data)) == in_words(observe(reordered(data, Random(seed))))


EVERY_MINUTE = csv_file(["time"], [[f"2026-03-02 0{hour}:{minute:02}"] for hour in range(8) for minute in range(60)])
MIXED: Data = {
    "name": "mixed",
    "calendar": {"start": START.date().isoformat()},
    "horizon": "8 h",
    "demand": {
        "sources": {
            "log": {
                "topics": {"billing": "50 %", "tech": "50 %"},
                "channels": {"phone": "50 %", "chat": "50 %"},
                "replay": {"file": EVERY_MINUTE, "time": "time"},
            },
            "other": {"topic": "tech", "channel": "chat", "replay": {"file": EVERY_MINUTE, "time": "time"}},
        }
    },
    "channels": {"phone": {"mode": "live"}, "chat": {"mode": "live"}},
    "topics": {
        "billing": {"handling": {"any": {"constant": {"value": "3 min"}}}},
        "tech": {"handling": {"any": {"constant": {"value": "5 min"}}}},
    },
    "teams": {
        "front": {
            "skills": {"calls": {"channels": "phone"}, "chats": {"channels": "chat"}},
            "shifts": {
                "early": {"days": "daily", "start": "00:00", "end": "05:00", "headcount": 2},
                "late": {"days": "daily", "start": "00:00", "end": "08:00", "headcount": 2},
            },
        }
    },
}

ORDERS: dict[str, Callable[[Data], Data]] = {
    "sources": lambda data: data["demand"]["sources"],
    "topics of a source": lambda data: data["demand"]["sources"]["log"]["topics"],
    "channels of a source": lambda data: data["demand"]["sources"]["log"]["channels"],
    "skills that do not overlap": lambda data: data["teams"]["front"]["skills"],
    "shifts": lambda data: data["teams"]["front"]["shifts"],
}


@pytest.mark.parametrize("what", ORDERS)
def test_the_order_within_is_of_no_account(what: str) -> None:
    other = deepcopy(MIXED)
    inner = ORDERS[what](other)
    entries = list(reversed(inner.items()))
    inner.clear()
    inner.update(entries)
    assert in_words(observe(MIXED)) == in_words(observe(other))


# -- what can only help -------------------------------------------------------------------------------------


def queue(agents: int, speed: float = 1.0, handling: Data | None = None) -> Data:
    """One queue, first come, first served, nobody hangs up."""
    times = handling or {"lognormal": {"mean": "6 min", "cv": 1.2}}
    return {
        "name": "queue",
        "calendar": {"start": START.date().isoformat()},
        "horizon": "1 d",
        "demand": {"sources": {"calls": {"topic": "any", "channel": "phone", "volume": "20/h"}}},
        "channels": {"phone": {"mode": "live"}},
        "topics": {"any": {"handling": {"any": times}}},
        "teams": {"all": {"skills": {"all": {}}, "headcount": {"constant": agents}, "speed": speed}},
    }


def waits(data: Data, seed: int) -> np.ndarray:
    """Each customer's wait (s), of those not answered until the end; shape (cases,)."""
    books = observe(data, seed)
    return np.array(
        [(books.scenario.duration if isnan(leg.answered) else leg.answered) - leg.queued for leg in books.legs]
    )


@quick(15)
@given(st.integers(0, 2**32), st.integers(1, 4))
def test_another_agent_makes_nobody_wait_longer(seed: int, agents: int) -> None:
    """Kiefer and Wolfowitz 1955: with the same births every wait in a first come, first served queue falls in the servers."""
    few, more = waits(queue(agents), seed), waits(queue(agents + 1), seed)
    assert (more <= few + 1e-6).all() and more.sum() < few.sum()


@quick(15)
@given(st.integers(0, 2**32), st.integers(1, 4), st.sampled_from([1.0, 1.1, 2.0]))
def test_shorter_handling_makes_nobody_wait_longer(seed: int, agents: int, speed: float) -> None:
    slow, fast = waits(queue(agents), seed), waits(queue(agents, speed), seed)
    assert (fast <= slow + 1e-6).all() and (fast.sum() < slow.sum() or speed == 1)


@quick(10)
@given(st.integers(0, 2**32), st.integers(1, 4))
def test_more_demand_brings_the_same_cases_earlier(seed: int, agents: int) -> None:
    less, more = queue(agents), queue(agents)
    more["demand"]["sources"]["calls"]["volume"] = "25/h"
    before, after = observe(less, seed).births, observe(more, seed).births
    count = len(before)
    assert (after.arrived[:count] <= before.arrived).all()
    assert np.array_equal(after.difficulty[:count], before.difficulty)
