"""Common random numbers: a change moves what it touches and nothing else.

One more customer, one more agent or a part of the center that nobody uses leave every other birth, shift and
story as they were, so that two scenarios can be compared case by case.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.record.recorder import Duty
from tests.laws.books import EPSILON, Books, observe, rows_of
from tests.laws.strategies import START, Data, constant, csv_file, deep, fit, moment, quick, scenarios

PURPOSES = ("patience/0", "handling/0", "wrap_up/0", "difficulty", "mood", "bot session", "topic", "channel")
Story = dict[str, Any]


def births(books: Books) -> dict[int, tuple[object, ...]]:
    """Every number that a case is born with, by the case's key."""
    table = books.births
    columns = [table.arrived, table.difficulty, table.urgency, *(table.draw(purpose) for purpose in PURPOSES)]
    names = [[books.record.names[what][code] for code in getattr(table, what)] for what in ("topic", "channel")]
    known = np.nan_to_num(table.handling, nan=-1.0)
    rows = zip(known.tolist(), *(column.tolist() for column in columns), *names, strict=True)
    return dict(zip(table.key.tolist(), rows, strict=True))


def stories(books: Books) -> dict[int, list[str]]:
    """All that happened to each case, by the case's key: its contacts and legs in words, without its number."""
    keys = books.births.key.tolist()
    told: dict[int, list[str]] = {key: [] for key in keys}
    for contact in books.contacts:
        told[keys[contact.case]].append(str(contact._replace(case=0)))
    for leg in books.legs:
        agent = books.agents[leg.agent] if leg.agent >= 0 else "nobody"
        told[keys[leg.case]].append(f"{agent}: {leg._replace(case=0, agent=0)}")
    for case, row in enumerate(rows_of({name: books.record.cases[name] for name in ("status", "satisfied", "closed")})):
        told[keys[case]].append(str(row))
    return told


def duties(books: Books) -> dict[str, list[tuple[Duty, float, float]]]:
    """All that each agent did besides handling, by the agent's name."""
    told: dict[str, list[tuple[Duty, float, float]]] = {name: [] for name in books.agents}
    for agent, duty, start, end in sorted(books.duties):
        told[books.agents[agent]].append((duty, start, end))
    return told


def with_customer(data: Data, at: float, channel: str, topic: str, name: str = "extra") -> Data:
    """The same center with one more customer."""
    more = deepcopy(data)
    file = csv_file(["time"], [[moment(at)]])
    more["demand"]["sources"][name] = {"topic": topic, "channel": channel, "replay": {"file": file, "time": "time"}}
    return more


def with_annex(data: Data) -> Data:
    """The same center with a channel, topic, team and customer of their own."""
    more = deepcopy(data)
    more["channels"]["annex"] = {"mode": "live", "patience": constant(30)}
    more["topics"]["annexed"] = {"handling": {"any": constant(300)}}
    more["teams"]["apart"] = {"skills": {"only": {"channels": "annex"}}, "headcount": {"constant": 1}}
    routes = more["routing"].setdefault("routes", {})
    more["routing"]["routes"] = {"own": {"channels": "annex", "teams": {"apart": "0 s"}}, **routes}
    return fit(with_customer(more, 60, "annex", "annexed", "visitor"))


def assert_unmoved(before: Books, after: Books) -> None:
    """Births, stories and duties of all in `before` are the same in `after`."""
    assert births(before).items() <= births(after).items()
    now, then = stories(after), stories(before)
    assert {key: now[key] for key in then} == then
    busy = duties(after)
    assert {name: busy[name] for name in duties(before)} == duties(before)


@pytest.mark.slow
@quick(35)
@given(scenarios())
def test_a_part_that_others_cannot_see_moves_nobody(data: Data) -> None:
    before, beside = observe(data), observe(with_annex(data))
    assert_unmoved(before, beside)
    if "self_service" not in data:  # before which a later customer may come first
        assert_unmoved(beside, observe(with_customer(with_annex(data), 61, "annex", "annexed")))


@quick(25)
@given(scenarios(), st.integers(0, 240))
def test_one_more_customer_moves_nothing_earlier_and_no_birth(data: Data, minute: int) -> None:
    at = 60.0 * minute % (float(data["horizon"].split()[0]) - 1)
    channel, topic = next(iter(data["channels"])), next(iter(data["topics"]))
    before, after = observe(data), observe(with_customer(data, at, channel, topic))
    assert births(before).items() <= births(after).items()
    assert until(before, at) == [one for one in until(after, at) if one[0] in births(before)]


def until(books: Books, at: float) -> list[tuple[object, ...]]:
    """All that was decided before a time: who queued when, who answered whom when, and who was gone."""
    keys = books.births.key.tolist()
    told: list[tuple[object, ...]] = []
    for leg in books.legs:
        for what, time in (
            ("queued", leg.queued),
            ("answered", leg.answered),
            ("released", leg.released),
            ("ended", leg.ended),
        ):
            if time < at - EPSILON:
                agent = leg.agent if what == "answered" else -1
                told.append((keys[leg.case], leg.contact, leg.leg, what, time, agent))
    return sorted(told)


@quick(25)
@given(scenarios(without=["redial", "trunks", "persons"]))
def test_with_agents_enough_one_more_customer_moves_nobody(data: Data) -> None:
    for team in data["teams"].values():
        team.pop("shifts", None)
        team.update(headcount={"constant": 300}, absence="0 %", shrinkage="0 %", concurrency={"slots": 1})
    for bot in data["bots"].values():
        bot["sessions"] = 0
    channel, topic = next(iter(data["channels"])), next(iter(data["topics"]))
    before, after = observe(data), observe(with_customer(data, 60, channel, topic))
    alone = [
        {key: [line.split(": ", 1)[-1] for line in told] for key, told in stories(one).items()}
        for one in (before, after)
    ]
    assert alone[0].items() <= alone[1].items()


CENTER: Data = {
    "name": "one",
    "calendar": {"start": START.date().isoformat()},
    "horizon": "4 h",
    "demand": {"sources": {"calls": {"topic": "billing", "channel": "phone", "volume": "40/h"}}},
    "channels": {"phone": {"mode": "live"}},
    "topics": {"billing": {"handling": {"any": {"exponential": {"mean": "3 min"}}}}},
    "teams": {"front": {"skills": {"all": {}}, "headcount": {"constant": 3}}},
}


def changed(**events: Data) -> Data:
    """The center with events of demand."""
    more = deepcopy(CENTER)
    more["demand"]["events"] = events
    return more


SHIFT = {
    "days": "daily",
    "start": "00:00",
    "end": "08:00",
    "headcount": 3,
    "breaks": {"lunch": {"after": "2 h", "lasts": "30 min"}},
    "waves": 2,
}


@quick(25)
@given(st.integers(0, 2**32), st.sampled_from(["early", "late"]), st.integers(1, 3))
def test_one_more_agent_moves_no_other_agents_shift(seed: int, where: str, hired: int) -> None:
    shifts = {"early": SHIFT, "late": SHIFT | {"start": "02:00", "end": "10:00"}}
    few = {"skills": {"all": {}}, "shifts": shifts, "shrinkage": "10 %", "absence": "30 %"}
    more = few | {"shifts": shifts | {where: shifts[where] | {"headcount": 3 + hired}}}
    before, after = (observe(quiet(team), seed) for team in (few, more))
    assert births(before) == births(after)
    assert len(after.agents) == len(before.agents) + hired
    assert duties(before).items() <= duties(after).items()


def quiet(team: Data) -> Data:
    """The center with that team and a single customer in the last second."""
    center = with_customer(CENTER | {"teams": {"front": team}, "horizon": "12 h"}, 12 * 3600 - 1, "phone", "billing")
    del center["demand"]["sources"]["calls"]
    return center


def test_an_incident_only_adds_cases() -> None:
    calm = observe(CENTER)
    incident = observe(
        changed(outage={"starts": "2026-03-02 01:00", "lasts": "30 min", "topics": {"billing": "x 100"}})
    )
    assert births(calm).items() <= births(incident).items()
    assert 1500 < len(incident.births) - len(calm.births) < 2500


def test_a_notice_that_prevents_cases_moves_no_other_case() -> None:
    notice = {"starts": "2026-03-02 01:00", "lasts": "30 min", "topics": {"billing": "x 0.5"}}
    assert births(observe(changed(notice=notice))).items() <= births(observe(CENTER)).items()


def test_the_order_of_two_notices_is_of_no_account() -> None:
    one = {"starts": "2026-03-02 01:00", "lasts": "30 min", "topics": {"billing": "x 0.5"}}
    two = {"starts": "2026-03-02 01:00", "lasts": "1 h", "topics": {"billing": "x 0.7"}}
    assert births(observe(changed(one=one, two=two))) == births(observe(changed(two=two, one=one)))


def test_seeds_and_replications_differ() -> None:
    tables = [births(observe(CENTER, seed, replication)) for seed, replication in ((1, 0), (1, 1), (2, 0))]
    assert len({str(sorted(table.values(), key=str)) for table in tables}) == 3


def test_streams_of_different_sources_are_different() -> None:
    twins = deepcopy(CENTER)
    twins["topics"] = {"c": CENTER["topics"]["billing"], "b/c": CENTER["topics"]["billing"]}
    one = {"channel": "phone", "volume": "40/h"}
    twins["demand"]["sources"] = {"a/b": one | {"topic": "c"}, "a": one | {"topic": "b/c"}}
    table = observe(twins).births
    assert not np.array_equal(table.arrived[table.source == 0], table.arrived[table.source == 1])


def test_agents_of_different_teams_are_different() -> None:
    team = {"skills": {"all": {}}, "absence": "50 %"}
    twins = CENTER | {"teams": {"a/b": team | {"shifts": {"c": SHIFT}}, "a": team | {"shifts": {"b/c": SHIFT}}}}
    absent = [
        len(observe(twins, seed).spans(0, Duty.ABSENT)) - len(observe(twins, seed).spans(3, Duty.ABSENT))
        for seed in range(8)
    ]
    assert any(absent)


@pytest.mark.slow
@deep(200)
@given(scenarios())
def test_a_part_that_others_cannot_see_moves_nobody_in_many_centers(data: Data) -> None:
    assert_unmoved(observe(data), observe(with_annex(data)))


def test_a_longer_horizon_moves_no_case() -> None:
    longer = CENTER | {"horizon": "8 h"}
    assert births(observe(CENTER)).items() <= births(observe(longer)).items()
