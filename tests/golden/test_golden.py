"""Nothing moves unnoticed: the same scenario and seed give the numbers on file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.golden.fingerprint import SCENARIOS, UPDATE, columns_of, differences, fingerprint, stored


@pytest.mark.parametrize("path", SCENARIOS, ids=[path.stem for path in SCENARIOS])
def test_the_run_is_as_on_file(path: Path) -> None:
    on_file = stored(path)
    moved = differences(on_file, fingerprint(path, columns_of(on_file)))
    if moved:
        pytest.fail(
            f"{len(moved)} numbers of {path.stem} moved; if that is meant, run `{UPDATE}`:\n" + "\n".join(moved[:30]),
            pytrace=False,
        )


def test_there_are_scenarios_and_each_fingerprint_belongs_to_one() -> None:
    assert (
        {path.stem for path in SCENARIOS}
        == {path.stem for path in Path(__file__).parent.glob("*.json")}
        >= {"calls", "ties"}
    )


def test_a_difference_is_found_and_told() -> None:
    old = {"a": {"x": 1, "y": [1.0, 2.0]}, "b": "same"}
    assert differences(old, {"a": {"x": 1, "y": [1.0, 2.5]}, "b": "same", "c": 3}) == [
        "/a/y/1: 2.0 -> 2.5",
        "/c: None -> 3",
    ]


def test_a_column_that_came_later_moves_nothing_and_one_that_went_is_missed() -> None:
    path = SCENARIOS[0]
    on_file = stored(path)
    fewer = {table: names.partition(" ")[2] for table, names in columns_of(on_file).items()}
    before = fingerprint(path, fewer)
    assert columns_of(before) == fewer
    assert not differences(before, fingerprint(path, columns_of(before)))
    with pytest.raises(KeyError):
        fingerprint(path, {**fewer, "cases": "gone"})
