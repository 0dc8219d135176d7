"""Opening hours of a channel."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import core_schema

from simulation.units import parse_clock_range, parse_days

DAY = 86_400.0
EXAMPLE = "write e.g. always, or {mon-fri: 08:00-20:00, sat: 10:00-14:00, holidays: closed}"
Spans = tuple[tuple[float, float], ...]


def _spans(value: Any) -> Spans:
    if value in ("closed", None):
        return ()
    if value == "open":
        return ((0.0, DAY),)
    return tuple(sorted(_span(item) for item in (value if isinstance(value, list) else [value])))


def _span(text: Any) -> tuple[float, float]:
    start, end = parse_clock_range(text)
    return (start, end if end > start else end + DAY)


@dataclass(frozen=True)
class OpeningHours:
    """Open spans in seconds after midnight by weekday (0 = Monday); those of holidays apart (None: as the weekday)."""

    week: tuple[Spans, ...]
    holidays: Spans | None = None
    written: Any = "always"

    @classmethod
    def always(cls) -> Self:
        """Round the clock."""
        return cls((((0.0, DAY),),) * 7)

    @classmethod
    def parse(cls, value: Any) -> Self:
        """From what a scenario file says; ValueError says what to write."""
        if isinstance(value, cls):
            return value
        if value == "always":
            return cls.always()
        if not isinstance(value, dict):
            raise ValueError(f"'{value}' is not opening hours; {EXAMPLE}")
        week: list[Spans] = [()] * 7
        for days, spans in value.items():
            if days != "holidays":
                for day in parse_days(days):
                    week[day] = _spans(spans)
        holidays = _spans(value["holidays"]) if "holidays" in value else None
        return cls(tuple(week), holidays, {str(key): item for key, item in value.items()})

    def of_day(self, weekday: int, holiday: bool) -> Spans:
        """The open spans of one day."""
        return self.holidays if holiday and self.holidays is not None else self.week[weekday]

    def ever(self) -> bool:
        """Whether it opens at all."""
        return any(self.week) or bool(self.holidays)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls.parse, serialization=core_schema.plain_serializer_function_ser_schema(lambda hours: hours.written)
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"anyOf": [{"const": "always"}, {"type": "object"}], "examples": ["always", {"mon-fri": "08:00-20:00"}]}


def merged(spans: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """Overlapping and touching spans joined, in order."""
    joined: list[tuple[float, float]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
