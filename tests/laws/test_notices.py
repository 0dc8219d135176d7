"""A notice of an incident keeps some of its extra cases away, and moves nobody else."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from simulation.experiments.load import from_dict
from simulation.metrics import measure
from simulation.metrics.kpi import KPIS, Metric
from simulation.metrics.view import View
from tests.laws.books import Books, observe, rows_of
from tests.laws.strategies import Data
from tests.laws.test_common_numbers import CENTER, births

FROM, TO = 3600.0, 3600.0 + 1800.0
INCIDENT: Data = {"starts": "2026-03-02 01:00", "lasts": "30 min", "topics": {"billing": "x 50"}}


def center(**notice: str) -> Data:
    """A center with an incident, and a notice of it."""
    event = INCIDENT | ({"notice": notice} if notice else {})
    return CENTER | {"demand": CENTER["demand"] | {"events": {"outage": event}}}


def keys(books: Books, table: str) -> set[int]:
    return set(books.record.tables[table]["key"].tolist())


@cache
def base() -> Books:
    """The incident without a notice."""
    return observe(center())


def same(one: Books, other: Books, table: str) -> bool:
    """Whether a table is the same to the last bit."""
    pairs = [(column, other.record.tables[table][name]) for name, column in one.record.tables[table].items()]
    return all(np.array_equal(a, b, equal_nan=a.dtype.kind == "f") for a, b in pairs)


def test_a_notice_that_prevents_nothing_changes_nothing() -> None:
    books = observe(center(after="10 min", prevents="0 %"))
    assert all(same(books, base(), table) for table in ("contacts", "legs", "staffing"))
    assert births(books) == births(base())
    assert not keys(books, "prevented")


def test_what_it_prevents_are_extra_cases_after_it_and_the_others_stay() -> None:
    books = observe(center(after="10 min", prevents="40 %"))
    assert births(books).items() < births(base()).items()
    assert keys(books, "prevented") == keys(base(), "cases") - keys(books, "cases")
    assert not keys(books, "prevented") & keys(observe(CENTER), "cases")
    prevented = books.record.tables["prevented"]
    assert ((prevented["arrived"] >= FROM + 600) & (prevented["arrived"] < TO)).all()
    assert set(prevented["topic"]) == {books.record.names["topic"].index("billing")}
    assert set(prevented["event"]) == {books.record.names["event"].index("outage")}


def test_a_prevented_case_is_the_one_that_arises_without_the_notice() -> None:
    prevented = list(rows_of(observe(center(prevents="40 %")).record.tables["prevented"]))
    arisen = {case["key"]: case for case in rows_of(base().record.cases)}
    assert prevented
    for case in prevented:
        same = [name for name in case if name not in ("event", "case")]
        assert {name: case[name] for name in same} == {name: arisen[case["key"]][name] for name in same}


def test_a_stronger_notice_prevents_the_same_cases_and_more() -> None:
    some, more, all_ = (keys(observe(center(prevents=share)), "prevented") for share in ("20 %", "60 %", "100 %"))
    assert some < more < all_
    assert all_ == keys(base(), "cases") - keys(observe(CENTER), "cases")


def test_an_earlier_notice_prevents_the_same_cases_and_more() -> None:
    late, early = (keys(observe(center(after=after, prevents="50 %")), "prevented") for after in ("20 min", "5 min"))
    assert late < early


def test_a_notice_after_the_incident_prevents_nothing() -> None:
    assert not keys(observe(center(after="30 min", prevents="100 %")), "prevented")


def test_who_could_read_it_and_comes_all_the_same_is_noted() -> None:
    cases = observe(center(after="10 min", prevents="40 %")).record.cases
    extra = ~np.isin(cases["key"], observe(CENTER).record.cases["key"])
    assert (cases["noticed"] == (extra & (cases["arrived"] >= FROM + 600))).all()
    assert not base().record.cases["noticed"].any()


def test_the_kpi_counts_what_was_prevented_by_topic() -> None:
    scenario = from_dict(center(prevents="40 %"))
    view = View(observe(scenario).record, scenario)
    found = measure(view, [Metric("prevented")])
    count = len(view.record.tables["prevented"]["key"])
    assert found[Metric("prevented"), ()].value == count > 100
    assert found[Metric("prevented"), (("topic", "billing"),)].value == count
    assert KPIS["prevented"].needs(from_dict(center())) is not None


@pytest.mark.parametrize("after", [0, 900])
def test_as_many_as_thinning_says(after: int) -> None:
    """Extra cases are Poisson: those prevented too, with mean share x rate x (factor - 1) x time left (Kingman 1993, 5.1)."""
    rate = 40 / 3600 * 49 * (1800 - after)
    plan_of = center(after=f"{after} s", prevents="40 %")
    counts = [len(observe(plan_of, replication=n).record.tables["prevented"]["key"]) for n in range(6)]
    deviation = np.sqrt(0.4 * rate / len(counts))
    assert np.mean(counts) == pytest.approx(0.4 * rate, abs=4 * deviation)
    assert 4 * deviation < 0.12 * 0.4 * rate
