"""Each second of an agent's shift is exactly one thing, whatever the center is like."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from itertools import pairwise
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.record import time_balance
from simulation.record.audit import AuditError, _time_balance
from simulation.record.recorder import DUTY, Duty
from simulation.record.tables import Record
from simulation.record.time_balance import AWAY
from simulation.scenario.schema import Scenario
from tests.laws.books import EPSILON, Books, observe
from tests.laws.micro import center
from tests.laws.strategies import Data, clock, deep, quick, scenarios

BESIDE = (
    Duty.SHIFT, Duty.ATTENTION, Duty.OVERTIME, Duty.PLANNED, Duty.REVIEW, Duty.COACHING, Duty.WRITING
)  # fmt: skip


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


@quick(35)
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


# -- meetings, training, lateness, spells, rotations ---------------------------------------------------------


def timed(data: Data, seed: int) -> Data:
    """A center in which those who work shifts have meetings and training, are late and sick for days, or rotate."""
    chance, made = Random(seed), deepcopy(data)
    for team in made["teams"].values():
        if "shifts" not in team:
            continue
        if chance.random() < 0.4:
            team["rotations"] = {f"r {name}": rotated(shift, chance) for name, shift in team.pop("shifts").items()}
        if chance.random() < 0.7:
            team["meetings"] = {name: meeting(chance) for name in ("one", "two")}
        if chance.random() < 0.7:
            each = chance.choice(["20 min", "3 h", "30 h"])
            team["training_hours"] = {"each": each, "per": "week", "session": chance.choice(["10 min", "25 min"])}
        if chance.random() < 0.7:
            late = {"share": "60 %", "by": {"exponential": {"mean": chance.choice(["1 min", "40 min"])}}}
            team["adherence"] = chance.choice([{"share": "80 %"}, {"starts": late}, {"starts": late, "returns": late}])
        if chance.random() < 0.5:
            team["absence"] = "30 %"
            team |= chance.choice(
                [{"absence_spells": "3 d"}, {"absence_together": "20 %"}, {"absence_by_load": {"strength": 2}}]
            )
    return made


def rotated(shift: Data, chance: Random) -> Data:
    """A rotation with the hours of a shift."""
    hours = {key: shift[key] for key in ("start", "end", "breaks", "waves")}
    pattern, crews = chance.choice([(["day"], 1), (["day", "off"], 2), (["day", "day", "off"], 3)])
    return {"pattern": pattern, "crews": crews, "per_crew": shift["headcount"], "shifts": {"day": hours}}


def meeting(chance: Random) -> Data:
    """A daily meeting in the first hours of the day."""
    at, lasts = 300 * chance.randint(0, 48), 60 * chance.randint(1, 40)
    return {"days": "daily", "at": clock(at), "lasts": f"{lasts} s", "waves": chance.randint(1, 3)}


TIMED = st.builds(timed, scenarios(), st.integers(0, 2**32))


@quick(35)
@given(TIMED)
def test_each_second_is_one_thing_whatever_is_planned(data: Data) -> None:
    books = observe(data)
    each_second_is_one_thing(books)
    paid_time_is_split(books.record, books.scenario)
    rows = books.record.staffing
    assert (rows["adherent"] <= rows["planned"] + 1e-3).all()


@pytest.mark.slow
@deep(300)
@given(TIMED)
def test_each_second_is_one_thing_whatever_is_planned_in_many_centers(data: Data) -> None:
    books = observe(data)
    each_second_is_one_thing(books)
    paid_time_is_split(books.record, books.scenario)
    rows = books.record.staffing
    assert (rows["adherent"] <= rows["planned"] + 1e-3).all()


NOTHING: dict[str, Data] = {
    "meetings when nobody is there": {"meetings": {"late": {"days": "daily", "at": "23:50", "lasts": "20 min"}}},
    "meetings on no day of the run": {"meetings": {"sunday": {"days": "sun", "at": "01:00", "lasts": "20 min"}}},
    "no training": {"training_hours": {"each": "0 h"}},
    "training at no time": {"training_hours": {"each": "4 h", "at": {"sun": "01:00-02:00"}}},
    "nobody is late": {"adherence": {"share": "100 %"}},
    "late by nothing": {"adherence": {"returns": {"share": "100 %", "by": {"constant": {"value": "0 s"}}}}},
}


@pytest.mark.parametrize("lever", NOTHING)
@quick(5)
@given(data=scenarios(without=["steps"]))
def test_what_takes_no_time_changes_nothing(lever: str, data: Data) -> None:
    other = deepcopy(data)
    for team in other["teams"].values():
        if "shifts" in team:
            team.update(NOTHING[lever])
    as_is, changed = observe(data), observe(other)
    assert str(as_is.legs) == str(changed.legs)
    assert as_is.duties == tuple(duty for duty in changed.duties if duty[1] is not Duty.PLANNED)


# -- each agent's time is its own -----------------------------------------------------------------------------

FULL: Data = {
    "skills": {"all": {}},
    "absence": "20 %",
    "shrinkage": "10 %",
    "meetings": {"team": {"days": "mon, thu", "at": "10:00", "lasts": "30 min", "waves": 2}},
    "training_hours": {"each": "2 h", "per": "week"},
    "adherence": {"share": "90 %"},
}


def week_with(agents: int, **team: Any) -> Books:
    """A week of a shift of so many agents, whom nobody calls."""
    breaks = {"lunch": {"after": "3 h", "lasts": "30 min"}}
    shift = {"days": "mon-fri", "start": "08:00", "end": "16:00", "headcount": agents, "breaks": breaks, "waves": 3}
    return observe(center([(0, 1)], teams__front={**FULL, "shifts": {"day": shift}, **team}, horizon="14 d"))


@pytest.mark.parametrize(
    "how", [{}, {"absence_spells": "3 d"}, {"absence_together": "30 %"}, {"absence_by_load": {"strength": 2}}]
)
def test_hiring_agent_13_leaves_the_twelve_as_they_were(how: Data) -> None:
    few, more = week_with(12, **how), week_with(13, **how)
    assert {duty for _, duty, _, _ in few.duties} >= {
        Duty.ON, Duty.BREAK, Duty.SHRINKAGE, Duty.ABSENT, Duty.SHIFT, Duty.MEETING, Duty.TRAINING, Duty.LATE, Duty.PLANNED
    }  # fmt: skip
    assert few.duties == tuple(row for row in more.duties if row[0] < 12)


def test_lateness_moves_nobody_s_absence_meetings_and_training() -> None:
    full, punctual = week_with(5), week_with(5, adherence=None)
    for agent in range(5):
        for duty in (Duty.ABSENT, Duty.MEETING, Duty.TRAINING):
            assert punctual.spans(agent, duty) == full.spans(agent, duty)


def renamed(data: Data, name: Callable[[str], str]) -> Data:
    """The same center with other names of its teams, in the same order."""
    made = deepcopy(data)
    made["teams"] = {name(team): spec for team, spec in made["teams"].items()}
    for route in made["routing"].get("routes", {}).values():
        route["teams"] = {name(team): wait for team, wait in route["teams"].items()}
    return made


@quick(25)
@given(scenarios(without=["absence", "shrinkage", "persons"]), st.sampled_from(["zz {}", "{}/x", "A{}"]))
def test_names_of_teams_are_of_no_account(data: Data, name: str) -> None:
    """But for their agents' chance, which goes by the name: here they have none."""
    as_is, other = observe(data), observe(renamed(data, name.format))
    assert as_is.duties == other.duties
    for table in ("cases", "contacts", "legs", "staffing"):
        for column, values in as_is.record.tables[table].items():
            assert np.array_equal(values, other.record.tables[table][column], equal_nan=values.dtype.kind == "f"), (
                column
            )


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
