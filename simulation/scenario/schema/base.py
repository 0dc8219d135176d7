"""Words and types that all parts of a scenario share."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, Literal, TypeVar
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from simulation.units import Share, nearest

DAY = 86_400.0


class Mode(StrEnum):
    """How a channel serves: see the four modes of contact in the documentation."""

    live = "live"
    concurrent = "concurrent"
    deferred = "deferred"


class Experiment(StrEnum):
    """What a simulation is to tell, and so what its intervals come from."""

    terminating = "terminating"
    """The time as it is, from its start to its end; intervals come from independent replications of it."""
    steady_state = "steady_state"
    """The long run, of a center that goes on as it is; intervals come from batches of the measured time."""


class Urgency(StrEnum):
    """How pressing a case is, from the least to the most."""

    low = "low"
    normal = "normal"
    high = "high"
    critical = "critical"


URGENCIES = tuple(Urgency)


@cache
def _zones() -> frozenset[str]:
    """All time zones; to find them takes reading hundreds of files."""
    return frozenset(available_timezones())


def _known_zone(name: str) -> str:
    if name not in _zones():
        raise ValueError(f"'{name}' is no time zone; write e.g. {nearest(name, _zones()) or 'Europe/Riga'}")
    return name


def _list_of_names(value: Any) -> Any:
    return [value] if isinstance(value, str) and value != "all" else value


def _names(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


TimeZone = Annotated[str, AfterValidator(_known_zone)]
LocalTime = Annotated[dt.datetime, Field(examples=["2026-03-04 10:00"])]
Count = Annotated[int, Field(ge=0, le=100_000, strict=True)]
FromOne = Annotated[int, Field(ge=1, le=1_000_000, strict=True)]
Selection = Annotated[
    Literal["all"] | list[str],
    BeforeValidator(_list_of_names),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]
Names = Annotated[
    list[str],
    BeforeValidator(_names),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]
"""One name, or several."""
Name = Annotated[str, Field(pattern=r"^[^\s][^\x00-\x1f]*$", max_length=200, examples=["phone"])]
"""A name in a collection: any text on one line."""
Shares = dict[str, Share]
Part = TypeVar("Part")


def within_whole(part: Part, shares: Shares) -> Part:
    """A part of a scenario, unless its shares of channels, beside which some stay, sum to more than 100 %."""
    if sum(shares.values()) > 1 + 1e-6:
        raise ValueError(f"the shares of channels sum to {100 * sum(shares.values()):g} %; make them 100 % at most")
    return part
