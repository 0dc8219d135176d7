"""Brackets of break-evens: exact without noise, honest with it, and true to the budget."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pytest

from simulation.statistics.bisection import Bracket, Look, Plan, Search, search
from tests.coverage.sweeps import all_right, lines, queue

Truth = Mapping[str, Callable[[int], bool | None]]


def seeing(truth: Truth, visited: list[int] | None = None, slow: int = 0) -> Look:
    """Eyes that see the truth, once there are more than `slow` replications."""

    def look(position: int, visit: int, replications: int, level: float) -> dict[str, bool | None]:
        if visited is not None and (not visited or visited[-1] != position):
            visited.append(position)
        return {name: holds(position) if replications > slow else None for name, holds in truth.items()}

    return look


def found(truth: Truth, positions: int = 64, visits: int = 30) -> dict[str, Bracket]:
    return search(list(truth), Plan(positions, visits, 5, 20), seeing(truth)).brackets()


def test_without_noise_neighbours_are_found_in_as_many_halves_as_it_takes() -> None:
    visited: list[int] = []
    for cut in range(1, 64):
        truth: Truth = {"it": lambda position, cut=cut: position < cut}  # type: ignore[misc]
        visited.clear()
        under_way = search(["it"], Plan(64, 30, 5, 20), seeing(truth, visited))
        assert under_way.brackets()["it"] == Bracket(cut - 1, cut, True)
        assert visited[:2] == [0, 63] and len(visited) <= 2 + 6
        assert set(under_way.spent.values()) == {5}


def test_several_share_their_looks() -> None:
    truth: Truth = {"first": lambda at: at < 20, "last": lambda at: at < 21, "falling": lambda at: at >= 40}
    brackets = found(truth)
    assert brackets == {
        "first": Bracket(19, 20, True),
        "last": Bracket(20, 21, True),
        "falling": Bracket(40, 39, False),
    }


def test_what_never_changes_has_no_bracket() -> None:
    brackets = found(
        {"good": lambda at: True, "bad": lambda at: False, "dark": lambda at: None, "cut": lambda at: at < 9}
    )
    assert brackets["good"] == Bracket(63, None, None)
    assert brackets["bad"] == Bracket(None, 0, None)
    assert brackets["dark"] == Bracket(None, None, None)
    assert brackets["cut"] == Bracket(8, 9, True)


def test_what_stays_undecided_is_closed_in_from_both_sides() -> None:
    truth: Truth = {"it": lambda at: True if at < 30 else False if at > 36 else None}
    assert found(truth)["it"] == Bracket(29, 37, True)


def test_an_undecided_end_is_where_it_breaks_if_anywhere() -> None:
    assert found({"it": lambda at: None if at > 50 else True})["it"] == Bracket(50, None, True)
    assert found({"it": lambda at: None if at < 9 else False})["it"] == Bracket(None, 9, True)
    assert found({"it": lambda at: None if at < 9 else True})["it"] == Bracket(9, None, False)
    assert found({"it": lambda at: None if at > 50 else False})["it"] == Bracket(None, 50, False)


def test_what_goes_up_and_down_has_no_break_even() -> None:
    truth: Truth = {"odd": lambda at: not 20 < at < 40, "cut": lambda at: at < 25}
    assert not found(truth)["odd"].monotone
    assert found(truth)["cut"] == Bracket(24, 25, True)


def test_the_budget_of_visits_is_kept() -> None:
    for visits in (2, 3, 6):
        under_way = search(["it"], Plan(1000, visits, 5, 20), seeing({"it": lambda at: at < 700}))
        assert len(under_way.verdicts) == visits
    bracket = under_way.brackets()["it"]
    assert bracket.holds is not None and bracket.fails is not None and bracket.holds < 700 <= bracket.fails


def test_replications_double_until_decided() -> None:
    under_way = search(["it"], Plan(8, 10, 5, 40), seeing({"it": lambda at: at < 4}, slow=15))
    assert set(under_way.spent.values()) == {20}
    assert Plan(8, 10, 5, 45).looks == [5, 10, 20, 40]


def test_who_does_not_matter_does_not_hold_up_a_visit() -> None:
    # `late` is met at both ends: in between nobody waits for it
    truth: Truth = {"cut": lambda at: at < 20, "late": lambda at: True if at in (0, 63) else None}
    under_way = search(["cut", "late"], Plan(64, 30, 5, 40), seeing(truth))
    assert set(under_way.spent.values()) == {5}
    assert under_way.brackets()["late"] == Bracket(63, None, None)


def test_the_error_is_shared_out_over_all_that_is_tested() -> None:
    plan = Plan(100, 16, 10, 40, 0.95)
    assert 1 - plan.level_of_each(3) == pytest.approx(2 * 0.05 / (3 * 16 * 3))
    assert 1 - Plan(8, 16, 10, 10, 0.9).level_of_each(1) == pytest.approx(2 * 0.1 / 8)


def test_replications_of_each_visit_are_its_own() -> None:
    visits: list[int] = []

    def look(position: int, visit: int, replications: int, level: float) -> dict[str, bool | None]:
        visits.append(visit)
        return {"it": position < 5}

    search(["it"], Plan(16, 10, 5, 20), look)
    assert visits == sorted(set(visits))


def test_brackets_are_right_on_noisy_models() -> None:
    chance = np.random.default_rng(4)
    assert sum(all_right(lines(chance), 71) for _ in range(10)) >= 9
    assert sum(all_right(queue(chance), 51) for _ in range(5)) >= 4


def test_a_search_can_be_looked_at_before_it_has_begun() -> None:
    assert Search(["it"], Plan(8, 4, 2, 4)).brackets() == {"it": Bracket(None, None, None)}


def test_what_is_undecided_at_both_ends_is_not_known_to_stay() -> None:
    """One verdict in the middle says nothing of the ends: it may break on either side."""
    for holds in (True, False):
        found = {0: {"a": None}, 2: {"a": holds}, 4: {"a": None}}
        assert Search(["a"], Plan(5, 5, 2, 2), found).brackets()["a"] == Bracket(None, None, None)
