"""Segments of customers: who they are changes their ways and nobody else's luck."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from simulation.errors import InputError
from simulation.experiments.load import from_dict
from simulation.metrics import measure
from simulation.metrics.kpi import Metric
from simulation.metrics.view import View
from simulation.record import Record
from simulation.record.recorder import Outcome
from simulation.reports.expected import expect
from tests.laws.books import observe
from tests.laws.strategies import Data

SHARES = {"phone": "50 %", "chat": "30 %", "mail": "20 %"}


def center(customers: Data | None = None, **source: Any) -> Data:
    """A center with three channels, impatient customers and repeats."""
    calls = {"topics": {"a": "60 %", "b": "40 %"}, "channels": SHARES, "volume": "60/h", **source}
    redial = {"probability": "60 %", "after": {"exponential": {"mean": "5 min"}}, "most": 3}
    return {
        "name": "segments",
        "calendar": {"start": "2026-03-02"},
        "horizon": "10 h",
        "demand": {"sources": {"calls": {key: value for key, value in calls.items() if value is not None}}},
        "customers": customers or {},
        "channels": {
            "phone": {"mode": "live", "patience": {"exponential": {"mean": "2 min"}}, "redial": redial},
            "chat": {"mode": "concurrent", "patience": {"exponential": {"mean": "4 min"}}},
            "mail": {"mode": "deferred"},
        },
        "topics": {name: {"handling": {"any": {"exponential": {"mean": "5 min"}}}} for name in ("a", "b")},
        "teams": {"desk": {"skills": {"all": {}}, "headcount": {"constant": 4}}},
    }


@cache
def base() -> Record:
    """Everybody alike."""
    return observe(center()).record


def differing(one: Record, other: Record) -> set[str]:
    """Columns in which two runs differ, by table."""
    return {
        f"{table}.{name}"
        for table in ("cases", "contacts", "legs", "staffing")
        for name, column in one.tables[table].items()
        if not np.array_equal(column, other.tables[table][name], equal_nan=column.dtype.kind == "f")
    }


TWO = {"young": {"share": "40 %"}, "old": {"share": "60 %"}}


def test_without_segments_nobody_has_one() -> None:
    assert (base().cases["segment"] == -1).all() and base().names["segment"] == []


def test_segments_without_ways_of_their_own_change_nothing_but_their_name() -> None:
    record = observe(center(TWO)).record
    assert differing(base(), record) == {"cases.segment", "contacts.segment"}
    assert np.bincount(record.cases["segment"]) / len(record.cases["case"]) == pytest.approx([0.4, 0.6], abs=0.08)


def test_the_same_channels_written_at_a_segment_change_nothing() -> None:
    assert (
        differing(
            observe(center(TWO)).record, observe(center({**TWO, "young": {"share": "40 %", "channels": SHARES}})).record
        )
        == set()
    )


def test_channels_of_a_segment_change_the_first_channel_of_its_cases_only() -> None:
    before = observe(center(TWO)).record.cases
    after = observe(center({**TWO, "young": {"share": "40 %", "channels": {"chat": "100 %"}}})).record.cases
    young = before["segment"] == 0
    assert (after["segment"] == before["segment"]).all()
    assert (after["channel"][~young] == before["channel"][~young]).all()
    assert set(after["channel"][young]) == {1} < set(before["channel"][young])
    for column in ("key", "arrived", "topic", "urgency", "difficulty"):
        assert (after[column] == before[column]).all()


def test_who_comes_by_a_channel_still_comes_by_it_when_its_share_grows() -> None:
    """Channels are chosen by one number of the case, those of the first name first."""
    some, more = (
        observe(center({**TWO, "young": {"share": "40 %", "channels": {"chat": chat, "phone": phone}}})).record.cases
        for chat, phone in (("30 %", "70 %"), ("50 %", "50 %"))
    )
    young = some["segment"] == 0
    assert set(np.flatnonzero(young & (some["channel"] == 1))) < set(np.flatnonzero(young & (more["channel"] == 1)))


def test_a_source_of_one_channel_keeps_it() -> None:
    posts = center({"young": {"share": "100 %", "channels": {"chat": "100 %"}}})
    posts["demand"]["sources"]["posts"] = {"topic": "a", "channel": "mail", "volume": "20/h"}
    cases = observe(posts).record.cases
    assert set(cases["channel"][cases["source"] == 0]) == {1}
    assert set(cases["channel"][cases["source"] == 1]) == {2}


def test_a_source_may_have_shares_of_its_own() -> None:
    cases = observe(center(TWO, segments={"young": "100 %"})).record.cases
    assert set(cases["segment"]) == {0}


def test_who_is_in_a_segment_stays_when_it_grows() -> None:
    few, many = (
        observe(center({"a": {"share": share}, "b": {"share": rest}})).record.cases["segment"]
        for share, rest in (("30 %", "70 %"), ("60 %", "40 %"))
    )
    assert set(np.flatnonzero(few == 0)) < set(np.flatnonzero(many == 0))


def deserted(customers: Data) -> Data:
    """Nobody answers for days: everybody waits as long as the patience lasts."""
    data = center(customers, volume="2/h") | {"horizon": "2 d"}
    sunday = {"days": "sun", "start": "23:00", "end": "24:00", "headcount": 1}
    data["teams"]["desk"] = {"skills": {"all": {}}, "shifts": {"s": sunday}}
    return data


def hang_ups(record: Record) -> dict[tuple[int, int], float]:
    """How long everybody waited who hung up, by case and contact."""
    legs = record.legs
    gone = legs["outcome"] == Outcome.ABANDONED
    columns = (legs[name][gone].tolist() for name in ("case", "contact", "wait"))
    return {(case, contact): wait for case, contact, wait in zip(*columns, strict=True)}


def test_patience_is_multiplied_on_every_contact_of_a_segment() -> None:
    alike = observe(deserted(TWO)).record
    before = hang_ups(alike)
    after = hang_ups(observe(deserted({**TWO, "young": {"share": "40 %", "patience": 0.5}})).record)
    both = before.keys() & after.keys()
    assert max(contact for _, contact in both) > 0 and len(both) > 50
    for case, contact in both:
        factor = 0.5 if alike.cases["segment"][case] == 0 else 1.0
        assert after[case, contact] == pytest.approx(factor * before[case, contact], abs=1e-6)


def test_no_patience_at_all() -> None:
    record = observe(center({"hasty": {"share": "100 %", "patience": 0}})).record
    unanswered = np.isnan(record.legs["answered"]) & (record.legs["channel"] < 2)
    assert unanswered.any() and (record.legs["wait"][unanswered] == 0).all()


def test_kpis_are_sliced_by_segment() -> None:
    scenario = from_dict(center(TWO))
    view = View(observe(scenario).record, scenario)
    metrics = [Metric("cases"), Metric("asa", None, "mean"), Metric("wait", None, "p90"), Metric("contacts")]
    found = measure(view, metrics)
    for metric in metrics:
        parts = [found[metric, (("segment", name),)] for name in TWO]
        if metric.statistic != "p90":
            assert sum(part.value for part in parts) == pytest.approx(found[metric, ()].value)
    assert not any(
        segment and segment[0][0] == "segment" for _, segment in measure(View(base(), from_dict(center())), metrics)
    )


def test_targets_on_a_segment() -> None:
    data = center(TWO)
    data["targets"] = {"t": "abandonment{segment=young} <= 5 %"}
    assert from_dict(data).targets
    data["targets"] = {"t": "abandonment{segment=yuong} <= 5 %"}
    with pytest.raises(InputError, match="no data has segment=yuong; write e"):
        from_dict(data)


def test_expected_cases_follow_the_segments() -> None:
    found = expect(
        from_dict(center({"young": {"share": "40 %", "channels": {"chat": "100 %"}}, "old": {"share": "60 %"}}))
    )
    assert found.cases.sum(axis=(0, 2)) == pytest.approx([600 * 0.3, 600 * (0.4 + 0.18), 600 * 0.12])


@pytest.mark.parametrize(
    ("customers", "source", "words"),
    [
        ({"a": {"share": "50 %"}}, {}, "customers: the shares of the segments sum to 50 %; make them sum to 100 %"),
        ({"a": {"share": "100 %", "channels": {"chat": "50 %"}}}, {}, "customers.a: the shares of channels sum to 50 %"),
        ({"a": {"share": "100 %", "channels": {"chta": "100 %"}}}, {}, "customers.a.channels.chta: there is no channel 'chta'; write e.g. chat"),
        ({"a": {"share": "100 %", "channels": {"chat": "100 %"}}}, {"channels": None, "channel": "phone"}, "customers.a.channels: no source lets its customers choose"),
        (TWO, {"segments": {"yung": "100 %"}}, "demand.sources.calls.segments.yung: there is no segment of customers 'yung'; write e.g. young"),
        (TWO, {"segments": {"young": "90 %"}}, "the shares of segments sum to 90 %"),
        ({}, {"segments": {"young": "100 %"}}, "there is no segment of customers 'young'"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_told(customers: Data, source: Data, words: str) -> None:
    with pytest.raises(InputError) as told:
        from_dict(center(customers, **source))
    assert words in str(told.value)


def test_a_segment_needs_somebody_who_answers_its_channel() -> None:
    data = center({"a": {"share": "100 %", "channels": {"chat": "100 %"}}})
    data["teams"]["desk"]["skills"] = {"some": {"channels": ["phone", "mail"]}}
    with pytest.raises(InputError, match="no team can take its contacts on chat"):
        from_dict(data)
