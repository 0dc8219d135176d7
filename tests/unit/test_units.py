"""Quantities with units: what is read, what is refused and how, and that what is written reads the same."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from simulation import units

READ = [
    (units.Duration, "90 s", 90.0),
    (units.Duration, "20s", 20.0),
    (units.Duration, "300 ms", 0.3),
    (units.Duration, "12 min", 720.0),
    (units.Duration, "1.5 h", 5400.0),
    (units.Duration, "1.1 h", 3960.0),
    (units.Duration, ".5 min", 30.0),
    (units.Duration, "2 d", 172_800.0),
    (units.Duration, "1 week", 604_800.0),
    (units.Duration, "2 weeks", 1_209_600.0),
    (units.Duration, "1 h 30 min", 5400.0),
    (units.Duration, "1h30min 5 seconds", 5405.0),
    (units.Duration, "3 hours 2 minutes", 10_920.0),
    (units.Duration, "1 day", 86_400.0),
    (units.Duration, " 12\u00a0min ", 720.0),
    (units.Duration, 0, 0.0),
    (units.Duration, 0.0, 0.0),
    (units.Duration, "0", 0.0),
    (units.Rate, "120/h", 120 / 3600),
    (units.Rate, "900/day", 900 / 86_400),
    (units.Rate, "900 / d", 900 / 86_400),
    (units.Rate, "6300/week", 6300 / 604_800),
    (units.Rate, "2/min", 2 / 60),
    (units.Rate, "0.2/s", 0.2),
    (units.Rate, 0, 0.0),
    (units.Share, "40 %", 0.4),
    (units.Share, "40%", 0.4),
    (units.Share, "100 %", 1.0),
    (units.Share, "2.5 %", 0.025),
    (units.Share, 0, 0.0),
    (units.Factor, "120 %", 1.2),
    (units.Factor, "x 1.2", 1.2),
    (units.Factor, "×1.2", 1.2),
    (units.Factor, "1.2", 1.2),
    (units.Factor, 1.2, 1.2),
    (units.Factor, 3, 3.0),
    (units.ClockTime, "09:30", 34_200.0),
    (units.ClockTime, "9:30", 34_200.0),
    (units.ClockTime, "00:00", 0.0),
    (units.ClockTime, "24:00", 86_400.0),
    (units.ClockTime, "09:30:15", 34_215.0),
    (units.ClockRange, "09:30-17:00", (34_200.0, 61_200.0)),
    (units.ClockRange, "22:00 - 06:00", (79_200.0, 21_600.0)),
    (units.ClockRange, "00:00–24:00", (0.0, 86_400.0)),
    (units.Days, "mon", (0,)),
    (units.Days, "mon-fri", (0, 1, 2, 3, 4)),
    (units.Days, "Sat, Sunday", (5, 6)),
    (units.Days, "fri-mon", (0, 4, 5, 6)),
    (units.Days, "mon-wed, tue-thu", (0, 1, 2, 3)),
    (units.Days, "daily", (0, 1, 2, 3, 4, 5, 6)),
    (units.Days, ["sat", "sun"], (5, 6)),
    (units.Money, "0.04 EUR", units.Money(0.04, "EUR")),
    (units.Money, "25USD", units.Money(25.0, "USD")),
    (units.Wage, "18 EUR/h", units.Wage(18.0, "EUR")),
    (units.Wage, "18.5 EUR / hour", units.Wage(18.5, "EUR")),
]

REFUSED = [
    (units.Duration, 12, "'12' has no unit; write e.g. 12 min"),
    (units.Duration, "12", "'12' has no unit; write e.g. 12 min"),
    (units.Duration, 1.5, "'1.5' has no unit; write e.g. 1.5 min"),
    (units.Duration, "-5 min", "'-5 min' is negative; write e.g. 12 min"),
    (units.Duration, "1,5 h", "'1,5 h' has a decimal comma; write a point: 1.5 h"),
    (
        units.Duration,
        "5 m",
        "'m' in '5 m' is no unit of time; write s, min, h, d or week, e.g. 12 min",
    ),
    (
        units.Duration,
        "2 months",
        "'months' in '2 months' is no unit of time; write s, min, h, d or week, e.g. 12 min",
    ),
    (units.Duration, "1 h 2 hours", "'1 h 2 hours' has the unit hours twice; write e.g. 1 h 30 min"),
    (units.Duration, "soon", "'soon' is not a duration; write e.g. 12 min or 1 h 30 min"),
    (units.Duration, "1 h 30", "'1 h 30' is not a duration; write e.g. 12 min or 1 h 30 min"),
    (units.Duration, "1e999 s", "'1e999 s' is too large"),
    (units.Duration, None, "must be text such as 12 min, not empty"),
    (units.Duration, True, "must be text such as 12 min, not true"),
    (units.Duration, float("nan"), "must be text such as 12 min, not .nan"),
    (units.Duration, 10**400, "must be text such as 12 min, not 1000000000000000000000000000000000000..."),
    (units.Duration, [12], "must be text such as 12 min, not a list"),
    (units.Duration, {"min": 12}, "must be text such as 12 min, not a mapping"),
    (units.Duration, "  ", "must be text such as 12 min, not '  '"),
    (units.Rate, 120, "'120' has no unit; write e.g. 120/h"),
    (units.Rate, "120 h", "'120 h' is not a rate; write e.g. 120/h or 900/day"),
    (
        units.Rate,
        "120/month",
        "'month' in '120/month' is no unit of time; write s, min, h, d or week, e.g. 120/h",
    ),
    (units.Rate, "-1/h", "'-1/h' is negative; write e.g. 120/h"),
    (units.Share, 0.4, "'0.4' has no unit; write e.g. 40 %"),
    (units.Share, "0.07", "'0.07' has no unit; write e.g. 7 %"),
    (units.Share, 1, "'1' has no unit; write e.g. 100 %"),
    (units.Share, 40, "'40' has no unit; write e.g. 40 %"),
    (units.Share, "140 %", "'140 %' is more than 100 %; write e.g. 40 %"),
    (units.Share, "100.0000000000000001 %", "'100.0000000000000001 %' is more than 100 %; write e.g. 40 %"),
    (units.Share, "-4 %", "'-4 %' is negative; write e.g. 40 %"),
    (units.Share, "half", "'half' is not a share; write e.g. 40 %"),
    (units.Factor, "-1", "'-1' is negative; write e.g. 1.2"),
    (units.Factor, "double", "'double' is not a factor; write e.g. 1.2 or 120 %"),
    (units.ClockTime, "9.30", "'9.30' is not a time of day; write e.g. 09:30"),
    (units.ClockTime, 9, "'9' is not a time of day; write e.g. 09:30"),
    (units.ClockTime, "24:01", "'24:01' is no time between 00:00 and 24:00; write e.g. 09:30"),
    (units.ClockTime, "10:60", "'10:60' is no time between 00:00 and 24:00; write e.g. 09:30"),
    (units.ClockTime, "10:00:60", "'10:00:60' is no time between 00:00 and 24:00; write e.g. 09:30"),
    (units.ClockRange, "09:30", "'09:30' is not a span of the day; write e.g. 09:30-17:00"),
    (units.ClockRange, "24:00-08:00", "'24:00-08:00' starts at 24:00; write e.g. 00:00-08:00"),
    (units.ClockRange, "9-17", "'9' is not a time of day; write e.g. 09:30"),
    (units.Days, "weekdays", "'weekdays' is no weekday; write e.g. mon-fri, sat or daily"),
    (units.Days, "mon, ", "'' in 'mon,' is no weekday; write e.g. mon-fri, sat or daily"),
    (units.Days, "mon-tue-wed", "'mon-tue-wed' is no weekday; write e.g. mon-fri, sat or daily"),
    (units.Days, [], "must be text such as mon-fri, not a list"),
    (units.Days, 1, "'1' is no weekday; write e.g. mon-fri, sat or daily"),
    (units.Money, "12", "'12' has no unit; write e.g. 12 EUR"),
    (units.Money, "€ 12", "'€ 12' is not an amount of money; write e.g. 0.04 EUR"),
    (units.Money, "12 eur", "'12 eur' is not an amount of money; write e.g. 0.04 EUR"),
    (units.Money, "18 EUR/h", "'18 EUR/h' is not an amount of money; write e.g. 0.04 EUR"),
    (units.Money, "-1 EUR", "'-1 EUR' is negative; write e.g. 0.04 EUR"),
    (units.Wage, 18, "'18' has no unit; write e.g. 18 EUR/h"),
    (units.Wage, "18 EUR", "'18 EUR' is not a wage per hour; write e.g. 18 EUR/h"),
]

WRITTEN = [
    (units.Duration, 0.0, "0 s"),
    (units.Duration, 90.0, "90 s"),
    (units.Duration, 720.0, "12 min"),
    (units.Duration, 5400.0, "90 min"),
    (units.Duration, 129_600.0, "36 h"),
    (units.Duration, 172_800.0, "2 d"),
    (units.Duration, 604_800.0, "1 week"),
    (units.Duration, 0.25, "0.25 s"),
    (units.Duration, 1e-12, "1E-12 s"),
    (units.Rate, 0.0, "0/s"),
    (units.Rate, 120 / 3600, "120/h"),
    (units.Rate, 900 / 86_400, "900/day"),
    (units.Rate, 6300 / 604_800, "900/day"),
    (units.Rate, 100 / 604_800, "100/week"),
    (units.Rate, 37.5 / 60, "2250/h"),
    (units.Rate, 12.34 / 3600, "12.34/h"),
    (units.Share, 0.0, "0 %"),
    (units.Share, 0.07, "7 %"),
    (units.Share, 1.0, "100 %"),
    (units.Share, 1 / 3, "33.33333333333333 %"),
    (units.Factor, 1.2, "x 1.2"),
    (units.ClockTime, 34_200.0, "09:30"),
    (units.ClockTime, 34_215.0, "09:30:15"),
    (units.ClockTime, 86_400.0, "24:00"),
    (units.ClockRange, (79_200.0, 21_600.0), "22:00-06:00"),
    (units.Days, (0, 1, 2, 3, 4), "mon-fri"),
    (units.Days, (5, 6), "sat, sun"),
    (units.Days, (0, 4, 5, 6), "mon, fri-sun"),
    (units.Days, (0, 1, 2, 3, 4, 5, 6), "daily"),
    (units.Money, units.Money(0.04, "EUR"), "0.04 EUR"),
    (units.Wage, units.Wage(18.0, "EUR"), "18 EUR/h"),
]


def _message(kind: Any, value: object) -> str:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(kind).validate_python(value)
    (error,) = caught.value.errors()
    return str(error["ctx"]["error"])


@pytest.mark.parametrize(("kind", "text", "number"), READ)
def test_reads(kind: Any, text: object, number: object) -> None:
    assert TypeAdapter(kind).validate_python(text) == number


@pytest.mark.parametrize(("kind", "value", "message"), REFUSED)
def test_refuses_with_cause_and_cure(kind: Any, value: object, message: str) -> None:
    assert _message(kind, value) == message


@pytest.mark.parametrize(("kind", "number", "text"), WRITTEN)
def test_writes_canonical_text(kind: Any, number: object, text: str) -> None:
    assert TypeAdapter(kind).dump_python(number) == text
    assert TypeAdapter(kind).validate_python(text) == number


QUANTITIES: list[Any] = [units.Duration, units.Rate, units.Share, units.Factor, units.Money, units.Wage]
OTHERS: list[Any] = [units.ClockTime, units.ClockRange, units.Days]
clock = st.integers(0, 86_399).map(float)
days = st.sets(st.integers(0, 6), min_size=1).map(sorted).map(tuple)
amounts = st.floats(0, allow_infinity=False)


@given(st.floats(0, 1e305))
def test_quantities_read_back_exactly(number: float) -> None:
    for kind in (units.Duration, units.Rate, units.Factor):
        assert TypeAdapter(kind).validate_python(TypeAdapter(kind).dump_python(number)) == number


@given(st.integers(0, 10**6), st.sampled_from([1, 60, 3600, 86_400, 604_800]))
def test_round_durations_and_rates_read_back_exactly(count: int, unit: int) -> None:
    duration, rate = TypeAdapter(units.Duration), TypeAdapter(units.Rate)
    assert duration.validate_python(duration.dump_python(float(count * unit))) == count * unit
    assert rate.validate_python(rate.dump_python(count / unit)) == count / unit


@given(st.floats(0, 1))
def test_shares_read_back_exactly(share: float) -> None:
    adapter = TypeAdapter(units.Share)
    assert adapter.validate_python(adapter.dump_python(share)) == share


@given(amounts, st.sampled_from(["EUR", "USD", "JPY"]))
def test_money_reads_back_exactly(amount: float, currency: str) -> None:
    for kind in (units.Money, units.Wage):
        assert kind.parse(str(kind(amount, currency))) == kind(amount, currency)


@given(clock, clock, days)
def test_times_and_days_read_back_exactly(start: float, end: float, weekdays: tuple[int, ...]) -> None:
    assert units.parse_clock_time(units.clock_text(start)) == start
    assert units.parse_clock_range(units.clock_range_text((start, end))) == (start, end)
    assert units.parse_days(units.days_text(weekdays)) == weekdays


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
scraps = st.lists(
    st.sampled_from(["1", "09:30", ".5", "1e5", "e", "h", " ", "min", "-", "%", "/", "EUR", "mon", "x", ","]),
    max_size=8,
).map("".join)


@given(anything | scraps)
def test_nothing_but_a_validation_error_with_one_line(value: object) -> None:
    for kind in QUANTITIES + OTHERS:
        try:
            TypeAdapter(kind).validate_python(value)
        except ValidationError as error:
            assert all("\n" not in str(item["msg"]) for item in error.errors())


@pytest.mark.parametrize("text", ["1" + "e5" * 3000 + "!", "1 min " * 3000, "mon-" * 3000, "1" * 10_000])
def test_long_nonsense_is_refused_at_once_and_shortly(text: str) -> None:
    for kind in QUANTITIES + OTHERS:
        assert len(_message(kind, text)) < 200


def _patterns(schema: dict[str, Any]) -> list[str]:
    return [schema["pattern"]] if "pattern" in schema else _patterns(schema["anyOf"][0])


@given(scraps)
def test_the_schema_for_editors_allows_whatever_text_is_read(text: str) -> None:
    for kind in QUANTITIES + OTHERS:
        adapter = TypeAdapter(kind)
        try:
            adapter.validate_python(text)
        except ValidationError:
            continue
        assert re.search(_patterns(adapter.json_schema())[0], text)


@pytest.mark.parametrize(("kind", "value", "message"), REFUSED)
def test_the_schema_for_editors_refuses_text_of_a_wrong_form(kind: Any, value: object, message: str) -> None:
    (pattern,) = _patterns(TypeAdapter(kind).json_schema())
    about_values = ("twice", "too large", "more than 100 %", "starts at 24:00")
    if isinstance(value, str) and not any(words in message for words in about_values):
        assert not re.search(pattern, value)


@pytest.mark.parametrize("kind", QUANTITIES + OTHERS)
@pytest.mark.parametrize("mode", ["validation", "serialization"])
def test_the_schema_has_a_description_and_examples_that_are_read(kind: Any, mode: Any) -> None:
    schema = TypeAdapter(kind).json_schema(mode=mode)
    assert schema["description"]
    assert all(TypeAdapter(kind).validate_python(example) is not None for example in schema["examples"])


class Desk(BaseModel):
    patience: units.Duration
    fee: units.Money | None = None
    open: dict[units.Days, units.ClockRange]


def test_a_model_dumps_text_and_reads_it_back() -> None:
    desk = Desk.model_validate({"patience": "90 min", "fee": "0.04 EUR", "open": {"fri, sat": "9:00-24:00"}})
    written = {"patience": "90 min", "fee": "0.04 EUR", "open": {"fri, sat": "09:00-24:00"}}
    assert desk.model_dump() == desk.model_dump(mode="json") == written
    assert Desk.model_validate(written) == desk
    assert Desk.model_validate_json(desk.model_dump_json()) == desk


def test_infinity_cannot_be_written() -> None:
    with pytest.raises(ValueError, match=r"^\.inf cannot be written as a quantity$"):
        units.duration_text(float("inf"))


def test_money_is_a_value() -> None:
    assert {units.Money(1.0, "EUR"), units.Money(1.0, "EUR")} == {units.Money(1.0, "EUR")}
    assert units.Money(18.0, "EUR") != units.Wage(18.0, "EUR")


@pytest.mark.parametrize(("word", "near"), [("agnets", "agents"), ("AGENTS", "agents"), ("zzz", None), ("", None)])
def test_nearest(word: str, near: str | None) -> None:
    assert units.nearest(word, ["teams", "agents"]) == near
