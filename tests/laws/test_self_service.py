"""Self-service decides at birth: it changes its own customers, moves nobody else's luck, and more of it never helps less."""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from typing import Any

import numpy as np
import pytest

from simulation.record import Record
from simulation.record.recorder import CaseStatus, SelfService
from tests.laws.books import observe
from tests.laws.strategies import Data

SOLVES = {"knowledge_base": "50 %", "community": "40 %", "helper": "30 %", "tier1": "80 %"}
BASE = {"looks": "60 %", "findability": "80 %", "reading": {"exponential": {"mean": "4 min"}}}
COMMUNITY = {"asks": "50 %", "answers": "70 %", "after": {"exponential": {"mean": "20 min"}}, "accuracy": "90 %"}
ROOMY = {"skills": {"all": {}}, "headcount": {"constant": 400}}


def center(service: Data | None, agents: int = 4, **topic: Any) -> Data:
    """A center with a bot, tiers, redials and repeats."""
    try_again = {"probability": "70 %", "after": {"exponential": {"mean": "10 min"}}}
    made: Data = {
        "name": "self",
        "calendar": {"start": "2026-03-02"},
        "horizon": "6 h",
        "run_out": "2 h",
        "demand": {"sources": {"calls": {"topic": "a", "channels": {"phone": "60 %", "chat": "40 %"}, "volume": "60/h"}}},
        "channels": {
            "phone": {"mode": "live", "patience": {"exponential": {"mean": "3 min"}}, "redial": try_again},
            "chat": {"mode": "concurrent", "bot": "helper"},
        },
        "bots": {"helper": {"sessions": 1000, "session": {"exponential": {"mean": "1 min"}}}},
        "topics": {
            "a": {
                "handling": {"any": {"exponential": {"mean": "5 min"}}},
                "reach": {name: share for name, share in SOLVES.items() if service or name not in ("knowledge_base", "community")},
                "repeat": try_again | {"most": 3},
                **topic,
            }
        },
        "teams": {"desk": {"skills": {"all": {}}, "headcount": {"constant": agents}}},
    }  # fmt: skip
    return made | ({"self_service": service} if service else {})


@cache
def ran(service: str = "", article: str = "", agents: int = 4, reach: str = "50 %") -> Record:
    """A run with self-service in words: base, community, both; and with an article in words."""
    parts = {"base": {"knowledge_base": BASE}, "community": {"community": COMMUNITY}, "both": {"knowledge_base": BASE, "community": COMMUNITY}, "nobody": {"knowledge_base": BASE | {"looks": "0 %"}}}  # fmt: skip
    data = center(deepcopy(parts.get(service)), agents)
    if service == "base" or service == "nobody":
        del data["topics"]["a"]["reach"]["community"]
    if service == "community":
        del data["topics"]["a"]["reach"]["knowledge_base"]
    else:
        data["topics"]["a"]["reach"]["knowledge_base"] = reach
    if not service:
        data["topics"]["a"]["reach"].pop("knowledge_base")
    if article:
        coverage, stale = article.split("/")
        data["topics"]["a"]["article"] = {"coverage": coverage, "stale": stale}
    return observe(data).record


def differing(one: Record, other: Record) -> set[str]:
    """Columns in which two runs differ."""
    return {
        f"{table}.{name}"
        for table in ("cases", "contacts", "legs", "staffing")
        for name, column in one.tables[table].items()
        if len(column) != len(other.tables[table][name])
        or not np.array_equal(column, other.tables[table][name], equal_nan=column.dtype.kind == "f")
    }


def keys(record: Record, *came_of: SelfService) -> set[int]:
    """Keys of the cases of which that came."""
    return set(record.cases["key"][np.isin(record.cases["self_service"], came_of)].tolist())


def test_where_nobody_looks_nothing_changes() -> None:
    assert differing(ran(), ran("nobody")) == set()


@pytest.mark.parametrize("service", ["base", "community", "both"])
def test_births_are_the_same_with_and_without(service: str) -> None:
    for column in ("key", "arrived", "topic", "channel", "urgency", "difficulty", "interval"):
        assert (ran().cases[column] == ran(service).cases[column]).all()


@pytest.mark.parametrize("service", ["base", "community", "both"])
def test_with_agents_enough_who_does_not_try_it_notices_nothing(service: str) -> None:
    """And who was not helped has the same story, later by the time that it took."""
    before, after = ran(agents=400), ran(service, agents=400)
    cases = after.cases
    later = cases["entered"] - cases["arrived"]
    told = [
        {
            (case, contact, leg): (handler, outcome, queued, ended - queued)
            for case, contact, leg, handler, outcome, queued, ended in zip(
                *(
                    record.legs[name].tolist()
                    for name in ("case", "contact", "leg", "handler", "outcome", "queued", "ended")
                ),
                strict=True,
            )
            if queued < 6 * 3600
        }
        for record in (before, after)
    ]
    stay = np.isin(cases["self_service"], (SelfService.NONE, SelfService.UNHELPED))
    compared = 0
    for (case, contact, leg), (handler, outcome, queued, took) in told[0].items():
        if stay[case] and queued + later[case] < 6 * 3600:
            same = told[1][case, contact, leg]
            assert same[:2] == (handler, outcome)
            assert same[2:] == pytest.approx((queued + later[case], took), abs=1e-6)
            compared += 1
    assert compared > 100


def test_everything_that_arises_comes_to_its_end_once() -> None:
    cases = ran("both").cases
    helped = cases["self_service"] == SelfService.SOLVED
    assert (cases["status"][helped] == CaseStatus.SOLVED).all() and (cases["contacts"][helped] == 0).all()
    left = np.isin(cases["self_service"], (SelfService.NONE, SelfService.UNHELPED)) & ~np.isnan(cases["entered"])
    assert (cases["contacts"][left] > 0).all()
    assert (cases["entered"][left] >= cases["arrived"][left]).all()


def test_what_helps_is_easy_enough_and_met() -> None:
    cases = ran("both", "70 %/20 %").cases
    met = np.isin(cases["self_service"], (SelfService.SOLVED, SelfService.MISLED))
    assert (cases["difficulty"][met] < 0.5).all() and (cases["looked"] | cases["asked"])[met].all()
    assert {int(what) for what in cases["self_service"]} >= {0, 1, 2, 3}


@pytest.mark.parametrize(("less", "more"), [("20 %", "50 %"), ("50 %", "100 %"), ("0 %", "20 %")])
def test_more_reach_helps_the_same_customers_and_more(less: str, more: str) -> None:
    few, many = (keys(ran("base", reach=reach), SelfService.SOLVED) for reach in (less, more))
    assert few < many


def test_more_coverage_helps_the_same_customers_and_more() -> None:
    few, many = (keys(ran("base", f"{share} %/0 %"), SelfService.SOLVED) for share in (30, 80))
    assert few < many


def test_staleness_misleads_some_of_those_whom_it_would_have_helped_and_no_others() -> None:
    fresh, stale, staler = (ran("base", f"80 %/{share} %") for share in (0, 20, 60))
    would = keys(fresh, SelfService.SOLVED)
    for record in (stale, staler):
        assert keys(record, SelfService.SOLVED, SelfService.MISLED) == would
    assert keys(stale, SelfService.MISLED) < keys(staler, SelfService.MISLED)
    assert (fresh.cases["looked"] == staler.cases["looked"]).all()


def test_a_community_beside_the_knowledge_base_takes_nothing_from_it() -> None:
    alone, both = ran("base"), ran("both")
    assert keys(alone, SelfService.SOLVED) < keys(both, SelfService.SOLVED)
    assert (alone.cases["looked"] == both.cases["looked"]).all()


def test_the_same_however_often() -> None:
    again = observe(center({"knowledge_base": BASE, "community": COMMUNITY})).record
    assert differing(ran("both"), again) == set()
