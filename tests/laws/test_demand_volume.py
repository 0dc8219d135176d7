"""More or less of everything: `demand.volume` multiplies every source, and moves nobody's luck."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import numpy as np
import pytest

import simulation as sim
from simulation.errors import InputError
from simulation.experiments.load import from_dict
from tests.laws.books import observe
from tests.laws.micro import center
from tests.laws.strategies import Data


def calls(**demand: Any) -> Data:
    """Two sources, one of them with a shape and an incident."""
    data = center([], horizon="2 d", calendar__start="2026-01-01")
    source = {"topic": "any", "channel": "phone", "volume": "100/day"}
    sources = {"calls": source, "others": source | {"volume": "30/h", "weekdays": {"fri": 2}, "trend": 1.3}}
    event = {"starts": "2026-01-01 12:00", "lasts": "3 h", "topics": {"any": 4}}
    data["demand"] = {"sources": sources, "events": {"failure": event}, **demand}
    return data


def test_a_volume_of_100_per_cent_changes_nothing() -> None:
    plain, same = (observe(data).record for data in (calls(), calls(volume="100 %")))
    for table, columns in plain.tables.items():
        for name, column in columns.items():
            np.testing.assert_array_equal(column, same.tables[table][name], err_msg=f"{table}.{name}")


def test_it_is_as_if_every_source_said_so() -> None:
    by_source = calls()
    by_source["demand"]["sources"]["calls"]["volume"] = "150/day"
    by_source["demand"]["sources"]["others"] = by_source["demand"]["sources"]["others"] | {"volume": "45/h"}
    together, apart = (observe(data).record.cases for data in (calls(volume=1.5), by_source))
    np.testing.assert_array_equal(together["key"], apart["key"])
    np.testing.assert_allclose(together["arrived"], apart["arrived"], rtol=1e-12)


def test_the_same_cases_come_earlier_and_others_follow() -> None:
    few, many = (observe(calls(volume=volume)).record.cases for volume in ("100 %", "110 %"))
    sooner = dict(zip(many["key"].tolist(), many["arrived"], strict=True))
    assert all(sooner[key] <= at for key, at in zip(few["key"].tolist(), few["arrived"], strict=True))
    assert len(many["key"]) > 1.05 * len(few["key"])


def test_no_volume_is_no_demand() -> None:
    assert len(observe(calls(volume="0 %")).record.cases["key"]) == 0


def test_a_replay_cannot_be_multiplied() -> None:
    data = deepcopy(center([(0, 1)]))
    data["demand"]["volume"] = 1.2
    with pytest.raises(
        InputError, match=r"demand\.volume: the source log replays a log, whose cases cannot be multiplied"
    ):
        from_dict(data)
    data["demand"]["volume"] = 1
    assert from_dict(data).demand.volume == 1


def test_explain_says_so() -> None:
    from simulation.reports.explain import explanation

    said = "\n".join(str(block) for block in explanation(sim.load("baseline", {"demand.volume": "120 %"}), 100))
    assert "The volume of every source is multiplied by 1.20 (demand.volume)." in said
