"""Words that several parts of `explain` use."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from simulation.reports import number_text
from simulation.reports.console import length_text

SIZES = (("d", 86_400.0), ("h", 3600.0), ("min", 60.0))


def mean_text(seconds: float) -> str:
    """A mean length of time in a unit of its size, whether it is a whole number of them or not: 150 weeks, 45.5 d."""
    text = length_text(round(seconds))
    if not text.endswith(" s") or seconds < 60:
        return text
    unit, size = next((unit, size) for unit, size in SIZES if seconds >= size)
    return f"{number_text(seconds / size)} {unit}"


def listed(names: Sequence[str]) -> str:
    """Names in a sentence: a, b and c."""
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last


def spans_words(written: dict[Any, Any]) -> Iterator[str]:
    """Opening hours, each line days and spans."""
    for days, span in written.items():
        yield f"{days} {', '.join(map(str, span if isinstance(span, list) else [span]))}"
