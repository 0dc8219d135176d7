"""Self-service on centers so small that every second can be worked out by hand."""

from __future__ import annotations

from math import isnan
from typing import Any

import numpy as np
import pytest

from simulation.errors import InputError
from simulation.experiments.load import from_dict
from simulation.metrics import measure
from simulation.metrics.kpi import Metric
from simulation.metrics.view import View
from simulation.record.audit import AuditError
from simulation.record.recorder import CaseStatus, ContactKind, SelfService
from tests.laws.books import Books, observe
from tests.laws.micro import assert_story, center, told
from tests.laws.strategies import Data, constant

CALLS = [(0, 100), (10, 60), (200, 60)]
ALL_OF_IT = {"knowledge_base": "100 %", "community": "100 %"}


def reading(seconds: int = 30, looks: str = "100 %", **more: Any) -> Data:
    """A knowledge base that takes everybody so many seconds."""
    return {"looks": looks, "reading": constant(seconds), **more}


def asking(seconds: int = 50, asks: str = "100 %", **more: Any) -> Data:
    """A community that everybody asks, and that answers after so many seconds."""
    return {"asks": asks, "after": constant(seconds), **more}


def with_self_service(
    base: Data | None = None, community: Data | None = None, reach: Data = ALL_OF_IT, calls: Any = CALLS, **parts: Any
) -> Data:
    """One agent, and self-service before that; it solves what `reach` says."""
    there = {name: part for name, part in (("knowledge_base", base), ("community", community)) if part}
    parts = {
        "self_service": there,
        "topics__any__reach": {name: reach[name] for name in there if name in reach},
    } | parts
    return center(calls, **parts)


def came_of(books: Books) -> list[str]:
    """What came of each case's self-service, and the case's end."""
    cases = books.record.cases
    return [
        f"{SelfService(what).name.lower()} {CaseStatus(status).name.lower()} {closed:g}"
        for what, status, closed in zip(cases["self_service"], cases["status"], cases["closed"], strict=True)
    ]


# -- the knowledge base --------------------------------------------------------------------------------------


def test_a_knowledge_base_that_solves_everything_keeps_everybody_away() -> None:
    books = assert_story(with_self_service(reading()), "")
    assert came_of(books) == ["solved solved 30", "solved solved 40", "solved solved 230"]
    cases = books.record.cases
    assert cases["resolution"].tolist() == [30, 30, 30]
    assert (
        (cases["contacts"] == 0).all() and np.isnan(cases["entered"]).all() and np.isnan(cases["first_response"]).all()
    )
    assert books.record.audit["contacts"] == 0


def test_whom_it_does_not_help_calls_after_reading() -> None:
    books = assert_story(
        with_self_service(reading(), reach={"knowledge_base": "0 %"}),
        """
        0: 30 30-130 front/1
        1: 40 130-190 front/1
        2: 230 230-290 front/1
        """,
    )
    assert came_of(books) == ["unhelped solved 130", "unhelped solved 190", "unhelped solved 290"]
    cases, contacts = books.record.cases, books.record.contacts
    assert cases["arrived"].tolist() == [0, 10, 200] and cases["entered"].tolist() == [30, 40, 230]
    assert cases["resolution"].tolist() == [130, 180, 90] and cases["first_response"].tolist() == [0, 90, 0]
    assert contacts["arrived"].tolist() == [30, 40, 230]


def test_who_does_not_look_may_come_before_who_came_earlier_and_looks() -> None:
    """The first customer reads for 30 s; the second one, of another segment, calls at once."""
    shares = {"readers": {"share": "50 %", "looks": "100 %"}, "callers": {"share": "50 %"}}
    calls = [(at, 20) for at in range(0, 400, 25)]
    books = observe(
        with_self_service(reading(looks="0 %"), reach={"knowledge_base": "0 %"}, calls=calls, customers=shares)
    )
    cases = books.record.cases
    readers = cases["segment"] == 0
    assert 0 < readers.sum() < len(calls)
    assert (cases["looked"] == readers).all()
    assert (cases["entered"] - cases["arrived"] == np.where(readers, 30, 0)).all()
    assert (np.diff(cases["entered"]) < 0).any()


@pytest.mark.parametrize(
    "lack", [{"topics__any__article": {"coverage": "0 %"}}, {"findability": "0 %"}, {"looks": "0 %"}]
)
def test_what_is_not_there_not_found_or_not_looked_for_helps_nobody(lack: Data) -> None:
    parts = {key: value for key, value in lack.items() if "__" in key}
    base = reading() | {key: value for key, value in lack.items() if "__" not in key}
    books = observe(with_self_service(base, **parts))
    later = 0 if "looks" in lack else 30
    assert [one.arrived for one in books.contacts] == [later, 10 + later, 200 + later]
    assert not (books.record.cases["self_service"] == SelfService.SOLVED).any()


STALE = {"topics__any__article": {"stale": "100 %"}}


def test_a_stale_article_misleads_and_who_finds_out_comes_back() -> None:
    repeat = {"probability": "100 %", "after": constant(120)}
    books = assert_story(
        with_self_service(reading(), topics__any__repeat=repeat, **STALE),
        """
        0: 150 150-250 front/1
        1: 160 250-310 front/1
        2: 350 350-410 front/1
        """,
    )
    assert came_of(books) == ["misled solved 250", "misled solved 310", "misled solved 410"]
    assert all(one.kind is ContactKind.FIRST and one.contact == 0 for one in books.contacts)
    assert books.record.cases["resolution"].tolist() == [250, 300, 210]


def test_who_was_misled_and_does_not_come_back_has_given_up() -> None:
    books = assert_story(with_self_service(reading(), **STALE), "")
    assert came_of(books) == ["misled given_up 30", "misled given_up 40", "misled given_up 230"]
    assert np.isnan(books.record.cases["resolution"]).all()


def test_a_return_from_a_stale_article_counts_among_the_returns() -> None:
    """Nobody can solve it; with at most two returns the customer calls twice, and not three times."""
    repeat = {"probability": "100 %", "after": constant(120), "most": 2}
    reach = {"knowledge_base": "100 %", "tier1": "0 %"}
    books = observe(
        with_self_service(reading(), topics__any__repeat=repeat, **STALE, topics__any__reach=reach, calls=[(0, 10)])
    )
    assert [(one.kind.name, one.arrived) for one in books.contacts] == [("FIRST", 150), ("REPEAT", 280)]
    assert books.statuses == [CaseStatus.GIVEN_UP]


def test_who_was_misled_may_come_back_on_another_channel() -> None:
    channels = {"phone": {"mode": "live"}, "mail": {"mode": "deferred"}}
    repeat = {"probability": "100 %", "after": constant(120), "channels": {"mail": "100 %"}}
    books = observe(with_self_service(reading(), channels=channels, topics__any__repeat=repeat, **STALE))
    assert {one.channel for one in books.contacts} == {"mail"}
    assert set(books.record.cases["channel"]) == {1}


# -- the community -------------------------------------------------------------------------------------------


def test_the_community_answers_late_and_then_nobody_calls() -> None:
    books = assert_story(with_self_service(community=asking()), "")
    assert came_of(books) == ["solved solved 50", "solved solved 60", "solved solved 250"]
    assert books.record.cases["asked"].all() and not books.record.cases["looked"].any()


@pytest.mark.parametrize("part", [{"answers": "0 %"}, {"reach": "0 %"}])
def test_who_gets_no_answer_that_helps_calls_then(part: Data) -> None:
    reach = {"community": part.pop("reach", "100 %")}
    books = observe(with_self_service(community=asking(**part), reach=reach))
    assert [one.arrived for one in books.contacts] == [50, 60, 250]


def test_who_waits_no_longer_calls_before_the_answer_comes() -> None:
    books = observe(with_self_service(community=asking(patience=constant(20))))
    assert [one.arrived for one in books.contacts] == [20, 30, 220]
    hasty = {"hasty": {"share": "100 %", "patience": 0.5}}
    books = observe(with_self_service(community=asking(patience=constant(20)), customers=hasty))
    assert [one.arrived for one in books.contacts] == [10, 20, 210]
    books = observe(with_self_service(community=asking(patience=constant(50))))
    assert not books.contacts


def test_a_wrong_answer_of_the_community_misleads() -> None:
    books = observe(with_self_service(community=asking(accuracy="0 %")))
    assert came_of(books) == ["misled given_up 50", "misled given_up 60", "misled given_up 250"]


def test_the_community_is_asked_after_the_knowledge_base() -> None:
    books = observe(with_self_service(reading(), asking(), reach={"knowledge_base": "0 %", "community": "100 %"}))
    assert came_of(books) == ["solved solved 80", "solved solved 90", "solved solved 280"]
    assert books.record.cases["looked"].all() and books.record.cases["asked"].all()


def test_whom_the_knowledge_base_has_helped_or_misled_does_not_ask() -> None:
    for parts in ({}, STALE):
        assert not observe(with_self_service(reading(), asking(), **parts)).record.cases["asked"].any()


# -- the ends ------------------------------------------------------------------------------------------------


def test_who_still_reads_at_the_end_is_open() -> None:
    books = observe(with_self_service(reading(90), horizon="2 min"))
    assert came_of(books)[:2] == ["solved solved 90", "solved solved 100"]
    books = observe(with_self_service(reading(200), calls=[(0, 10), (10, 10), (20, 10)], horizon="205 s"))
    assert came_of(books) == ["solved solved 200", *["open open nan"] * 2]
    assert books.record.audit["open"] == 2


def test_who_has_read_but_would_come_back_after_the_end_is_open() -> None:
    repeat = {"probability": "100 %", "after": constant(7200)}
    books = observe(with_self_service(reading(), topics__any__repeat=repeat, **STALE))
    assert came_of(books) == ["misled open nan"] * 3
    assert isnan(books.record.cases["entered"][0])


def test_reading_may_take_no_time() -> None:
    assert told(observe(with_self_service(reading(0), reach={"knowledge_base": "0 %"}))) == told(observe(center(CALLS)))


def test_kpis_by_hand() -> None:
    """Of eight cases the knowledge base helps the easy ones, misleads none, and the community nobody."""
    data = with_self_service(
        reading(),
        asking(),
        reach={"knowledge_base": "50 %", "community": "0 %"},
        calls=[(100 * n, 10) for n in range(8)],
    )
    scenario = from_dict(data)
    books = observe(scenario)
    easy = int((books.births.difficulty < 0.5).sum())
    assert 0 < easy < 8
    names = (
        "looks",
        "questions",
        "deflection",
        "deflection_claimed",
        "self_service_success",
        "fcr",
        "solved",
        "one_touch",
    )
    found = measure(View(books.record, scenario), [Metric(name) for name in names])
    assert {name: found[Metric(name), ()][:2] for name in names} == {
        "looks": (8, 8),
        "questions": (8 - easy, 8),
        "deflection": (easy, 8),
        "deflection_claimed": (easy, 8),
        "self_service_success": (easy, 8),
        "fcr": (8 - easy, 8 - easy),
        "solved": (8, 8),
        "one_touch": (8 - easy, 8 - easy),
    }


def test_claimed_deflection_counts_the_misled() -> None:
    scenario = from_dict(with_self_service(reading(), **STALE))
    found = measure(View(observe(scenario).record, scenario), [Metric("deflection"), Metric("deflection_claimed")])
    assert found[Metric("deflection"), ()][:2] == (0, 3) and found[Metric("deflection_claimed"), ()][:2] == (3, 3)


def test_customers_whom_self_service_helped_waited_for_nobody_and_bothered_nobody() -> None:
    """Neither lateness nor contacts weigh on them, so the weights are of no account; to have been misled is."""

    def opinions(stale: Data, **weights: float) -> list[float]:
        opinion = {"satisfied": "90 %", "expected": {"phone": "1 s"}, **weights}
        return observe(with_self_service(reading(), opinion=opinion, **stale)).record.cases["opinion"].tolist()

    assert opinions({}, late=0, contact=0) == opinions({}, late=5, contact=5)
    content, misled = opinions({}, misled=2, unsolved=0), opinions(STALE, misled=2, unsolved=0)
    assert misled == pytest.approx([one - 2 for one in content])


def test_the_audit_misses_a_first_contact(monkeypatch: pytest.MonkeyPatch) -> None:
    from simulation.record.visits import Visits

    monkeypatch.setattr(Visits, "order", lambda self, until: np.arange(len(self.enters))[1:])
    with pytest.raises(AuditError, match="first contacts"):
        observe(with_self_service(reading(), reach={"knowledge_base": "0 %"}))


# -- what makes no sense -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"self_service": {}}, "self_service: has neither a knowledge_base nor a community"),
        ({"self_service": None}, "topics.any.reach.knowledge_base: self_service has no knowledge_base; write one there"),
        ({"topics__any__reach": {}}, "self_service.knowledge_base: can solve nothing"),
        ({"topics__any__reach": {"knowledge_base": "1 %", "community": "1 %"}}, "topics.any.reach.community: self_service has no community"),
        ({"bots": {"knowledge_base": {"sessions": 1, "session": constant(1)}}}, "bots: 'knowledge_base' is the name of a part of self_service"),
        ({"self_service": {"community": asking()}, "topics__any__reach": {"community": "1 %"}, "topics__any__article": {"coverage": "1 %"}}, "topics.any.article: self_service has no knowledge_base"),
        ({"self_service": {"community": asking()}, "topics__any__reach": {"community": "1 %"}, "customers": {"a": {"share": "100 %", "looks": "1 %"}}}, "customers.a.looks: self_service has no knowledge_base"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_told(parts: Data, words: str) -> None:
    data = with_self_service(reading(), **{key: value for key, value in parts.items() if value is not None})
    if parts.get("self_service", 0) is None:
        del data["self_service"]
    with pytest.raises(InputError) as told:
        from_dict(data)
    assert words in str(told.value)
