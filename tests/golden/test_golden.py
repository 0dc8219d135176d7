"""Nothing moves unnoticed: the same scenario and seed give the numbers on file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.golden.fingerprint import SCENARIOS, UPDATE, differences, fingerprint, stored


@pytest.mark.parametrize("path", SCENARIOS, ids=[path.stem for path in SCENARIOS])
def test_the_run_is_as_on_file(path: Path) -> None:
    moved = differences(stored(path), fingerprint(path))
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
