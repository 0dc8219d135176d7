"""Ranges and lists of values as people write them."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from simulation.errors import InputError
from simulation.scenario.factors import factor, is_varied, split_settings


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("10..14", ["10", "11", "12", "13", "14"]),
        ("10..15:2", ["10", "12", "14"]),
        ("80 %..100 %:10 %", ["80 %", "90 %", "100 %"]),
        ("80%..100%:10%", ["80%", "90%", "100%"]),
        ("0..2 h:30 min", ["0 s", "30 min", "1 h", "90 min", "2 h"]),
        ("30 s..2 min:30 s", ["30 s", "1 min", "90 s", "2 min"]),
        ("18 EUR/h..20 EUR/h:0.5 EUR/h", ["18 EUR/h", "18.5 EUR/h", "19 EUR/h", "19.5 EUR/h", "20 EUR/h"]),
        ("x 1..x 1.2:0.1", ["x 1", "x 1.1", "x 1.2"]),
        ("60/h..90/h:15/h", ["60/h", "75/h", "90/h"]),
        ("10..15 step 2", ["10", "12", "14"]),
        ("07:00..08:00 step 30 min", ["07:00", "07:30", "08:00"]),
        ("07:00..08:00:30 min", ["07:00", "07:30", "08:00"]),
        ("07:00..09:00", ["07:00", "08:00", "09:00"]),
        ("fifo|deadline", ["fifo", "deadline"]),
        ("{fifo, deadline}", ["fifo", "deadline"]),
        ("{exponential: {mean: 2 min}}|{constant: 3 min}", ["{exponential: {mean: 2 min}}", "{constant: 3 min}"]),
        ('"a|b"|c', ['"a|b"', "c"]),
    ],
)
def test_values_of_a_text(text: str, levels: list[str]) -> None:
    assert is_varied(text)
    assert list(factor("a.b", text, whole=True).levels) == levels


@pytest.mark.parametrize(
    "text",
    ["12", "4 min", "{exponential: {mean: 2 min}}", '"a..b"', "../log.csv", "data/../log.csv", "service_level(20s) >= 80 %", "[1, 2]", "{}"],
)  # fmt: skip
def test_one_value_is_no_range(text: str) -> None:
    assert not is_varied(text)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("20..10", "begins above its end; write 10..20"),
        ("10..10", "begins and ends at '10'"),
        ("early..late", "'early..late' is not a range of numbers; write e.g. 10..20, or list the values: early|late"),
        ("10..", "lacks an end"),
        ("4 min..6 EUR", "mixes units"),
        ("10..20:0", "has a step of '0'; write one above zero"),
        ("10..20:30", "longer than the range"),
        ("0..1000000000:1", "has 1,000,000,001 values, and 10,000 is the most; write a longer step, e.g. 100000000"),
        ("0..1000000000", "has 1,000,000,001 values"),
        ("a|a", "has the value 'a' twice"),
        ("a||b", "has an empty value"),
        ("09:00..08:00", "begins above its end; write 08:00..09:00"),
    ],
)
def test_what_is_wrong_with_a_text(text: str, what: str) -> None:
    with pytest.raises(ValueError, match=what.replace("(", r"\(").replace(".", r"\.").replace("|", r"\|")):
        factor("a.b", text, whole=True)


def test_a_range_without_steps_takes_any_value() -> None:
    found = factor("a.b", "4 min..6 min")
    assert found.ends == (4, 6) and not found.levels
    assert list(found.stepped(5).levels) == ["4 min", "4.5 min", "5 min", "5.5 min", "6 min"]
    assert [found.at(share) for share in (0, 0.333, 1)] == ["4 min", "4.666 min", "6 min"]
    assert found.finely(50).levels[:3] == ("4 min", "4.02 min", "4.04 min")
    assert len(factor("a.b", "80%..150%").finely(50).levels) == 71


def test_shares_of_the_way_are_fair_to_all_levels() -> None:
    found = factor("a.b", range(10, 14))
    assert [found.at((n + 0.5) / 8) for n in range(8)] == [10, 10, 11, 11, 12, 12, 13, 13]
    assert found.at(1.0) == 13


@pytest.mark.parametrize(
    ("values", "listed"), [([1, 2, 5], False), ([5, 1], True), (["x", "y"], True), ([0.5, 0.75], False)]
)
def test_values_from_python(values: list[Any], listed: bool) -> None:
    found = factor("a.b", values)
    assert list(found.levels) == values and found.listed is listed


def test_settings_of_one_value_are_told_from_factors_and_the_last_of_an_entry_holds() -> None:
    plain, factors = split_settings(["a.b=1..3", "a.c=4", "a.d=1..2", "a.d=7", "a.c=x|y"], lambda path: True)
    assert plain == ["a.d=7"]
    assert {one.path: one.levels for one in factors} == {"a.b": ("1", "2", "3"), "a.c": ("x", "y")}


def test_all_faults_are_told_at_once_with_their_place() -> None:
    with pytest.raises(InputError) as error:
        split_settings(["a.b=3..1", "a.c=x..y"], lambda path: True)
    assert str(error.value).count("\n") == 1
    assert "--set a.b: begins above its end" in str(error.value) and "--set a.c: 'x..y' is not a range" in str(
        error.value
    )


def test_numbers_are_exact() -> None:
    found = factor("a.b", "0.1..0.3:0.1")
    assert found.levels == ("0.1", "0.2", "0.3")
    assert factor("a.b", "0..1").stepped(4).levels[1] == f"{float(Fraction(1, 3)):.12g}"


@pytest.mark.parametrize("value", [3, 0.5, None])
def test_one_value_from_python_is_no_range(value: Any) -> None:
    with pytest.raises(ValueError, match=r"is one value, not several; write e\.g\. 10\.\.20"):
        factor("a.b", value)
