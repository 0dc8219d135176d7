"""Quantities as people write them ("12 min", "120/h", "40 %"), for use as pydantic field types.

Each type reads text, holds a plain number in the internal unit, and writes canonical text back that
reads as exactly the same number. Every `parse_…` raises ValueError only; its message says what is wrong
and what to write.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, ClassVar, Self

from pydantic import (
    BeforeValidator,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, core_schema

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR
WEEK = 7 * DAY

_WORDS: dict[Fraction, tuple[str, ...]] = {
    Fraction(1, 1000): ("ms", "millisecond", "milliseconds"),
    Fraction(1): ("s", "sec", "secs", "second", "seconds"),
    Fraction(MINUTE): ("min", "mins", "minute", "minutes"),
    Fraction(HOUR): ("h", "hr", "hrs", "hour", "hours"),
    Fraction(DAY): ("d", "day", "days"),
    Fraction(WEEK): ("week", "weeks"),
}
_SECONDS = {word: size for size, words in _WORDS.items() for word in words}

_NUMBER = r"(?:[0-9]{1,20}(?:\.[0-9]{0,30})?|\.[0-9]{1,30})(?:[eE][-+]?[0-9]{1,3})?"
_TIMES_SIGN = "[x\u00d7]"
_DASH = "[-\u2013]"
_MINUS = ("-", "\u2212")
_TIME_UNIT = "(?:" + "|".join(_SECONDS) + ")"
_LETTERS = r"[^\W\d_]+"
_PART = re.compile(rf"({_NUMBER})\s*({_LETTERS})\s*")
_PARTS = re.compile(rf"(?:(?>{_NUMBER})\s*{_LETTERS}\s*)+")  # atomic: "1e5e5e5…" must not be tried in every way
_PER = re.compile(rf"({_NUMBER})\s*/\s*({_LETTERS})")
_PERCENT = re.compile(rf"({_NUMBER})\s*%")
_TIMES = re.compile(rf"(?:{_TIMES_SIGN}\s*)?({_NUMBER})")
_BARE = re.compile(_NUMBER)
_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?")
_DAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY_NUMBERS = {
    name: number
    for number, names in enumerate(
        zip(
            _DAY_NAMES,
            ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
            strict=True,
        )
    )
    for name in names
}


def nearest(word: str, words: Iterable[str]) -> str | None:
    """Return the one of `words` that `word` was probably meant to be, whatever its case."""
    by_lower = {candidate.lower(): candidate for candidate in words}
    close = difflib.get_close_matches(word.lower(), by_lower, n=1)
    return by_lower[close[0]] if close else None


def shown(value: object) -> str:
    """Return `value` as an error message quotes it: short, on one line, in the words of YAML."""
    if value is None or isinstance(value, bool):
        return {None: "empty", True: "true", False: "false"}[value]
    if isinstance(value, float) and not math.isfinite(value):
        return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    return _shortened(value)


def _shortened(value: object) -> str:
    if isinstance(value, str):
        return repr(value if len(value) <= 40 else value[:37] + "...")
    try:
        text = repr(value)
    except ValueError:  # a whole number of more digits than Python will print
        return "a very long number"
    return text if len(text) <= 40 else text[:37] + "..."


def number_text(value: float) -> str:
    """Return the shortest decimal text that reads as exactly `value`; ValueError unless it is finite."""
    if not math.isfinite(value):
        raise ValueError(f"{shown(value)} cannot be written as a quantity")
    return _decimal_text(Decimal(repr(float(value))))


def _decimal_text(number: Decimal) -> str:
    number = number.normalize()
    return format(number, "f") if -10 < number.adjusted() < 16 else str(number)


def _written(value: object, example: str) -> str:
    """Return the text to parse: YAML hands "12 min" over as text and a bare 12 as a number."""
    if isinstance(value, str) and value.strip():
        return value.strip()
    if isinstance(value, int | float) and not isinstance(value, bool):
        with suppress(ValueError, OverflowError):
            return number_text(value)
    raise ValueError(f"must be text such as {example}, not {shown(value)}")


def _is_zero(text: str) -> bool:
    return bool(_BARE.fullmatch(text)) and Fraction(text) == 0


def _as_float(number: Fraction, text: str) -> float:
    try:
        return float(number)
    except OverflowError:
        raise ValueError(f"{shown(text)} is too large") from None


def _refuse_common_slips(text: str, unit: str, example: str) -> None:
    if text.startswith(_MINUS):
        raise ValueError(f"{shown(text)} is negative; write e.g. {example}")
    if _BARE.fullmatch(text):
        raise ValueError(f"{shown(text)} has no unit; write e.g. {text}{unit}")
    if re.match(r"[0-9]+,[0-9]", text):
        raise ValueError(f"{shown(text)} has a decimal comma; write a point: {text.replace(',', '.', 1)}")


def _unit_size(word: str, text: str, example: str) -> Fraction:
    size = _SECONDS.get(word)
    if size is None:
        cure = f"write s, min, h, d or week, e.g. {example}"
        raise ValueError(f"{shown(word)} in {shown(text)} is no unit of time; {cure}")
    return size


def parse_duration(value: object) -> float:
    """Return the seconds of "90 s", "12 min", "1.5 h", "2 d", "1 week" or "1 h 30 min"; 0 needs no unit."""
    example = "12 min"
    text = _written(value, example)
    if _is_zero(text):
        return 0.0
    _refuse_common_slips(text, " min", example)
    if not _PARTS.fullmatch(text):
        raise ValueError(f"{shown(text)} is not a duration; write e.g. {example} or 1 h 30 min")
    return _as_float(sum(_duration_parts(text, example), Fraction(0)), text)


def _duration_parts(text: str, example: str) -> Iterator[Fraction]:
    seen = set()
    for number, word in _PART.findall(text):
        size = _unit_size(word, text, example)
        if size in seen:
            raise ValueError(f"{shown(text)} has the unit {word} twice; write e.g. 1 h 30 min")
        seen.add(size)
        yield Fraction(number) * size


def duration_text(seconds: float) -> str:
    """Return seconds as text in the largest unit of which they are a whole number."""
    for unit, size in (("week", WEEK), ("d", DAY), ("h", HOUR), ("min", MINUTE)):
        if seconds and seconds % size == 0 and seconds < 1e15:
            return f"{int(seconds // size)} {unit}"
    return f"{number_text(seconds)} s"


def parse_rate(value: object) -> float:
    """Return the events per second of "120/h", "900/day", "6300/week" or "2/min"; 0 needs no unit."""
    example = "120/h"
    text = _written(value, example)
    if _is_zero(text):
        return 0.0
    _refuse_common_slips(text, "/h", example)
    match = _PER.fullmatch(text)
    if not match:
        raise ValueError(f"{shown(text)} is not a rate; write e.g. {example} or 900/day")
    return _as_float(Fraction(match[1]) / _unit_size(match[2], text, example), text)


def rate_text(per_second: float) -> str:
    """Return a rate as text: per hour, day, week or minute where that gives a short exact number."""
    units = (("h", HOUR), ("day", DAY), ("week", WEEK), ("min", MINUTE))
    if 0 < per_second < 1e9:
        for digits in ("d", ".12g"):
            for unit, size in units:
                count = round(per_second * size) if digits == "d" else per_second * size
                text = f"{count:{digits}}/{unit}"
                if parse_rate(text) == per_second:
                    return text
    return f"{number_text(per_second)}/s"


def parse_share(value: object) -> float:
    """Return the number in [0, 1] of a text such as "40 %"; the sign is mandatory but for 0."""
    text = _written(value, "40 %")
    if _is_zero(text):
        return 0.0
    if _BARE.fullmatch(text) and Fraction(text) <= 1:
        raise ValueError(f"{shown(text)} has no unit; write e.g. {_percent(text)} %")
    _refuse_common_slips(text, " %", "40 %")
    match = _PERCENT.fullmatch(text)
    if not match:
        raise ValueError(f"{shown(text)} is not a share; write e.g. 40 %")
    if Fraction(match[1]) > 100:
        raise ValueError(f"{shown(text)} is more than 100 %; write e.g. 40 %")
    return float(Fraction(match[1]) / 100)


def _percent(number: str) -> str:
    return _decimal_text(Decimal(number) * 100)


def share_text(share: float) -> str:
    """Return a share as text in per cent."""
    return f"{_percent(number_text(share))} %"


def parse_factor(value: object) -> float:
    """Return the number >= 0 of "120 %", "x 1.2" or 1.2."""
    text = _written(value, "1.2")
    percent = _PERCENT.fullmatch(text)
    times = _TIMES.fullmatch(text)
    if percent:
        return _as_float(Fraction(percent[1]) / 100, text)
    if times:
        return _as_float(Fraction(times[1]), text)
    _refuse_common_slips(text, "", "1.2")
    raise ValueError(f"{shown(text)} is not a factor; write e.g. 1.2 or 120 %")


def factor_text(factor: float) -> str:
    """Return a factor as text, e.g. "x 1.2"."""
    return f"x {number_text(factor)}"


def parse_clock_time(value: object) -> float:
    """Return the seconds after midnight of "09:30", "9:30" or "09:30:15"; "24:00" is the day's end."""
    text = _written(value, "09:30")
    match = _CLOCK.fullmatch(text)
    if not match:
        raise ValueError(f"{shown(text)} is not a time of day; write e.g. 09:30")
    hour, minute, second = (int(part or 0) for part in match.groups())
    seconds = hour * HOUR + minute * MINUTE + second
    if minute > 59 or second > 59 or seconds > DAY:
        raise ValueError(f"{shown(text)} is no time between 00:00 and 24:00; write e.g. 09:30")
    return float(seconds)


def clock_text(seconds: float) -> str:
    """Return seconds after midnight as "09:30", with seconds only where there are any."""
    hour, rest = divmod(round(seconds), HOUR)
    minute, second = divmod(rest, MINUTE)
    return f"{hour:02}:{minute:02}" + (f":{second:02}" if second else "")


def parse_clock_range(value: object) -> tuple[float, float]:
    """Return (start, end) in seconds after midnight of "09:30-17:00"; end <= start runs past midnight."""
    text = _written(value, "09:30-17:00")
    ends = re.split(rf"\s*{_DASH}\s*", text)
    if len(ends) != 2:
        raise ValueError(f"{shown(text)} is not a span of the day; write e.g. 09:30-17:00")
    start, end = (parse_clock_time(part) for part in ends)
    if start == DAY:
        raise ValueError(f"{shown(text)} starts at 24:00; write e.g. 00:00-08:00")
    return start, end


def clock_range_text(span: tuple[float, float]) -> str:
    """Return (start, end) in seconds after midnight as "09:30-17:00"."""
    return f"{clock_text(span[0])}-{clock_text(span[1])}"


def parse_days(value: object) -> tuple[int, ...]:
    """Return ascending weekday numbers, 0 = Monday, of "mon-fri", "sat, sun", "daily" or a list of such."""
    example = "mon-fri"
    if isinstance(value, list | tuple) and value and all(isinstance(part, str) for part in value):
        value = ", ".join(value)
    text = _written(value, example)
    if text.lower() == "daily":
        return tuple(range(7))
    return tuple(sorted({day for part in text.split(",") for day in _day_span(part.strip().lower(), text)}))


def _day_span(part: str, text: str) -> Iterator[int]:
    names = [name.strip() for name in re.split(_DASH, part)]
    if len(names) > 2 or any(name not in _DAY_NUMBERS for name in names):
        within = "" if part == text else f" in {shown(text)}"
        raise ValueError(f"{shown(part)}{within} is no weekday; write e.g. mon-fri, sat or daily")
    first, last = _DAY_NUMBERS[names[0]], _DAY_NUMBERS[names[-1]]
    yield from ((first + step) % 7 for step in range((last - first) % 7 + 1))


def days_text(days: tuple[int, ...]) -> str:
    """Return weekday numbers as text, runs of three and more as a span."""
    if len(days) == 7:
        return "daily"
    return ", ".join(_span_text(run) for run in _runs(days))


def _runs(days: tuple[int, ...]) -> list[list[int]]:
    runs: list[list[int]] = []
    for day in days:
        if runs and day == runs[-1][-1] + 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return runs


def _span_text(run: list[int]) -> str:
    if len(run) > 2:
        return f"{_DAY_NAMES[run[0]]}-{_DAY_NAMES[run[-1]]}"
    return ", ".join(_DAY_NAMES[day] for day in run)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount >= 0 in a currency named by its three-letter code (ISO 4217), written "0.04 EUR"."""

    amount: float
    currency: str

    _suffix: ClassVar[str] = ""
    _name: ClassVar[str] = "an amount of money"
    _examples: ClassVar[tuple[str, ...]] = ("0.04 EUR", "25 USD")

    @classmethod
    def parse(cls, value: object) -> Self:
        """Return the amount that `value` says; ValueError when it says none."""
        if type(value) is cls:
            return value
        text = _written(value, cls._examples[0])
        match = re.fullmatch(cls._pattern(), text)
        if match:
            return cls(_as_float(Fraction(match[1]), text), match[2])
        _refuse_common_slips(text, f" EUR{cls._suffix}", cls._examples[0])
        raise ValueError(f"{shown(text)} is not {cls._name}; write e.g. {cls._examples[0]}")

    @classmethod
    def _pattern(cls) -> str:
        slash = r"\s*/\s*h(?:our)?" if cls._suffix else ""
        return rf"({_NUMBER})\s*([A-Z]{{3}}){slash}"

    def __str__(self) -> str:
        return f"{number_text(self.amount)} {self.currency}{self._suffix}"

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: GetCoreSchemaHandler) -> CoreSchema:
        as_text = core_schema.plain_serializer_function_ser_schema(str, return_schema=core_schema.str_schema())
        return core_schema.no_info_plain_validator_function(cls.parse, serialization=as_text)

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> dict[str, Any]:
        text = f"{cls._name[0].upper()}{cls._name[1:]} with its currency."
        return _text_schema(cls._pattern(), text, *cls._examples)


@dataclass(frozen=True, slots=True)
class Wage(Money):
    """Money per hour, written "18 EUR/h"; `amount` stays per hour, as given."""

    _suffix: ClassVar[str] = "/h"
    _name: ClassVar[str] = "a wage per hour"
    _examples: ClassVar[tuple[str, ...]] = ("18 EUR/h", "21.5 USD/h")


def _text_schema(pattern: str, description: str, *examples: str) -> dict[str, Any]:
    return {
        "type": "string",
        "pattern": rf"^\s*{pattern}\s*$",
        "description": description,
        "examples": list(examples),
    }


def _or_zero(schema: dict[str, Any]) -> dict[str, Any]:
    pattern = schema["pattern"].removeprefix("^").removesuffix("$")
    bounds = {"type": ["string", "number"], "minimum": 0, "maximum": 0}
    return schema | bounds | {"pattern": rf"^(?:{pattern}|\s*0\s*)$"}


def _or_number(schema: dict[str, Any]) -> dict[str, Any]:
    return schema | {"type": ["string", "number"], "minimum": 0}


_DAY_WORD = "(?:" + "|".join(f"[{name[0]}{name[0].upper()}]{name[1:]}" for name in _DAY_NUMBERS) + ")"
_DAY_SPAN = rf"{_DAY_WORD}(?:\s*{_DASH}\s*{_DAY_WORD})?"
_DAYS_SCHEMA = _text_schema(
    rf"(?:[dD]aily|{_DAY_SPAN}(?:\s*,\s*{_DAY_SPAN})*)", "Days of the week.", "mon-fri", "sat, sun", "daily"
)
_CLOCK_PATTERN = r"(?:(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])?|24:00(?::00)?)"

_DURATION_PATTERN = rf"(?:{_NUMBER}\s*{_TIME_UNIT}\s*)+"
_RATE_PATTERN = rf"{_NUMBER}\s*/\s*{_TIME_UNIT}"
_SHARE_PATTERN = rf"{_NUMBER}\s*%"
_FACTOR_PATTERN = rf"(?:{_NUMBER}\s*%|(?:{_TIMES_SIGN}\s*)?{_NUMBER})"
_SPAN_PATTERN = rf"{_CLOCK_PATTERN}\s*{_DASH}\s*{_CLOCK_PATTERN}"

_DURATION_SCHEMA = _text_schema(_DURATION_PATTERN, "A duration with its unit.", "12 min", "90 s", "1 h 30 min")
_RATE_SCHEMA = _text_schema(_RATE_PATTERN, "Events per unit of time.", "120/h", "900/day", "6300/week")
_SHARE_SCHEMA = _text_schema(_SHARE_PATTERN, "A share of 0 % to 100 %.", "40 %", "2.5 %")
_FACTOR_SCHEMA = _text_schema(_FACTOR_PATTERN, "A factor; 1 or 100 % for no change.", "1.2", "120 %", "x 1.2")
_TIME_SCHEMA = _text_schema(_CLOCK_PATTERN, "A time of day, 00:00 to 24:00.", "09:30", "24:00")
_SPAN_SCHEMA = _text_schema(
    _SPAN_PATTERN,
    "A span of the day; an end at or before the start lies after midnight.",
    "09:30-17:00",
    "22:00-06:00",
)

Duration = Annotated[
    float,
    BeforeValidator(parse_duration),
    PlainSerializer(duration_text, return_type=str),
    WithJsonSchema(_or_zero(_DURATION_SCHEMA)),
]
"""A duration >= 0; seconds inside."""

Rate = Annotated[
    float,
    BeforeValidator(parse_rate),
    PlainSerializer(rate_text, return_type=str),
    WithJsonSchema(_or_zero(_RATE_SCHEMA)),
]
"""Events per time >= 0; per second inside."""

Share = Annotated[
    float,
    BeforeValidator(parse_share),
    PlainSerializer(share_text, return_type=str),
    WithJsonSchema(_or_zero(_SHARE_SCHEMA)),
]
"""A share; 0..1 inside."""

Factor = Annotated[
    float,
    BeforeValidator(parse_factor),
    PlainSerializer(factor_text, return_type=str),
    WithJsonSchema(_or_number(_FACTOR_SCHEMA)),
]
"""A factor >= 0, a plain number inside."""

ClockTime = Annotated[
    float,
    BeforeValidator(parse_clock_time),
    PlainSerializer(clock_text, return_type=str),
    WithJsonSchema(_TIME_SCHEMA),
]
"""A time of day; seconds after midnight inside."""

ClockRange = Annotated[
    tuple[float, float],
    BeforeValidator(parse_clock_range),
    PlainSerializer(clock_range_text, return_type=str),
    WithJsonSchema(_SPAN_SCHEMA),
]
"""A span of the day; (start, end) in seconds after midnight inside, end <= start runs past midnight."""

Days = Annotated[
    tuple[int, ...],
    BeforeValidator(parse_days),
    PlainSerializer(days_text, return_type=str),
    WithJsonSchema(
        {
            "anyOf": [_DAYS_SCHEMA, {"type": "array", "items": _DAYS_SCHEMA, "minItems": 1}],
            "description": _DAYS_SCHEMA["description"],
            "examples": _DAYS_SCHEMA["examples"],
        }
    ),
]
"""Days of the week; ascending numbers inside, 0 = Monday."""
