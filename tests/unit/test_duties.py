"""The table of duties: what the staffing table sums by hour, span by span."""

from __future__ import annotations

import numpy as np
import pytest

from simulation.center.plan import Plan
from simulation.center.run import simulate
from simulation.experiments.load import from_dict
from simulation.record.recorder import Duty
from simulation.record.tables import DUTIES, Table
from tests.laws.micro import center, on_shift

BREAKS = {"coffee": {"after": "10 min", "lasts": "5 min"}}


@pytest.fixture(scope="module")
def tables() -> dict[str, Table]:
    team = on_shift("00:00", "00:50", 2, waves=2, breaks=BREAKS)
    return simulate(Plan(from_dict(center([(0, 60)], teams__front=team | {"shrinkage": "10 %"}))), 1, 0).tables


def test_spans_add_up_to_the_hours(tables: dict[str, Table]) -> None:
    duties = tables["duties"]
    seconds = duties["end"] - duties["start"]
    for column, duty in (("signed_in", Duty.ON), ("break", Duty.BREAK), ("shrinkage", Duty.SHRINKAGE)):
        mine = duties["duty"] == DUTIES.index(duty)
        assert seconds[mine].sum() == pytest.approx(tables["staffing"][column].sum()) and mine.any()


def test_spans_come_by_agent_and_time(tables: dict[str, Table]) -> None:
    duties = tables["duties"]
    breaks = duties["duty"] == DUTIES.index(Duty.BREAK)
    assert duties["agent"][breaks].tolist() == [0, 1] and duties["team"][breaks].tolist() == [0, 0]
    assert (np.diff(duties["agent"]) >= 0).all() and duties["measured"].all()
