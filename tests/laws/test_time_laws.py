"""Each second of an agent's shift is exactly one thing, whatever the center is like."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given

from simulation.record import time_balance
from simulation.record.audit import AuditError, _time_balance
from simulation.record.recorder import DUTY, Duty
from simulation.record.tables import Record
from simulation.record.time_balance import AWAY
from simulation.scenario.schema import Scenario
from tests.laws.books import EPSILON, Books, observe
from tests.laws.strategies import Data, deep, quick, scenarios

BESIDE = (Duty.SHIFT, Duty.ATTENTION)


def told_of(books: Books, agent: int) -> list[tuple[float, float, Duty]]:
    """What an agent did, in order, up to the end of the simulation."""
    end = books.scenario.duration
    mine = [(start, min(until, end), what) for who, what, start, until in books.duties if who == agent]
    return sorted(span for span in mine if span[2] not in BESIDE and span[0] < end)


def each_second_is_one_thing(books: Books) -> None:
    """Moment by moment: within a shift an agent does exactly one thing; outside it works on or is off."""
    duration = books.scenario.duration
    for agent, name in enumerate(books.agents):
        did, shifts = told_of(books, agent), books.spans(agent, Duty.SHIFT)
        edges = sorted(
            {0.0, duration} | {t for start, end, _ in did for t in (start, end)} | {t for s in shifts for t in s}
        )
        moments = [(a + b) / 2 for a, b in pairwise(edges) if b - a > EPSILON and b <= duration]
        for at in moments:
            doing = [what for start, end, what in did if start < at < end]
            on_shift = any(start < at < end for start, end in shifts)
            if on_shift:
                assert len(doing) == 1, f"{name} at {at}: {doing}"
            else:
                assert doing in ([], [Duty.ON]), f"{name} at {at}: {doing}"


def paid_time_is_split(record: Record, scenario: Scenario) -> None:
    """Paid time of each agent and hour = handling + idle + all that is done elsewhere, unpaid breaks apart."""
    rows = record.staffing
    idle = rows["signed_in"] - rows["handling"]
    split = rows["handling"] + idle + sum(rows[name] for name in AWAY) - rows["unpaid"]
    by_shift = np.array([team.headcount is None for team in scenario.teams.values()])[rows["team"]]
    early = rows["unpaid"] > rows["paid"] + 1e-3  # an unpaid break within overtime is none
    assert np.allclose(split[by_shift & ~early], rows["paid"][by_shift & ~early], atol=1e-3)


@quick(60)
@given(scenarios())
def test_each_second_is_one_thing_in_random_centers(data: Data) -> None:
    books = observe(data)
    each_second_is_one_thing(books)
    paid_time_is_split(books.record, books.scenario)


@pytest.mark.slow
@deep(300)
@given(scenarios())
def test_each_second_is_one_thing_in_many_random_centers(data: Data) -> None:
    books = observe(data)
    each_second_is_one_thing(books)
    paid_time_is_split(books.record, books.scenario)


# -- the audit sees what does not balance -------------------------------------------------------------------

WORKED = [(Duty.SHIFT, 0, 100), (Duty.ON, 0, 40), (Duty.BREAK, 40, 50), (Duty.ON, 50, 120), (Duty.ATTENTION, 60, 70)]


def rows(*spans: tuple[Duty, float, float], agent: int = 0) -> Any:
    return np.array([(agent, duty, start, end) for duty, start, end in spans], dtype=DUTY)


class OneDay:
    """All that the balance asks of a scenario."""

    duration = 1000.0


def test_a_day_that_balances_passes() -> None:
    _time_balance(rows(*WORKED), 1, OneDay)  # type: ignore[arg-type]
    assert time_balance.untold(rows(*WORKED), 2, 1000.0).tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    ("wrong", "law"),
    [
        ([*WORKED[:2], *WORKED[3:]], "each second of a shift is told of"),
        ([*WORKED, (Duty.SHRINKAGE, 40, 50)], "two things at once"),
        ([*WORKED[:3], (Duty.ON, 50, 100), (Duty.BREAK, 110, 120)], "within shifts only"),
        ([*WORKED[:3], (Duty.ON, 51, 100)], "each second"),
    ],
)
def test_a_day_that_does_not_balance_is_an_error(wrong: list[tuple[Duty, float, float]], law: str) -> None:
    with pytest.raises(AuditError, match=law):
        _time_balance(rows(*wrong), 1, OneDay)  # type: ignore[arg-type]


def test_two_agents_are_not_taken_for_one() -> None:
    both = np.concatenate([rows(*WORKED), rows(*WORKED[:2], agent=1)])
    assert time_balance.untold(both, 2, 1000.0).tolist() == [0.0, 60.0]
