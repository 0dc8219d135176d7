"""What all output on a terminal shares: the console, tables and numbers."""

from __future__ import annotations

import math
import re
from typing import NoReturn

from rich import box
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table

from simulation.reports import possible, value_text
from simulation.units import duration_text

GLUED = {0xA0: " ", 0x202F: " "}
"""Spaces at which no line may break."""


class PlainConsole(Console):
    """A console that leaves a broken pipe to its caller."""

    def on_broken_pipe(self) -> NoReturn:
        """Pass the error on, which is being handled when this is called."""
        raise


def new_table(*headings: str) -> Table:
    """A table without frame; a heading that begins with > is of a column of numbers."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for index, heading in enumerate(headings):
        number = heading.startswith(">")
        table.add_column(
            heading.removeprefix(">"), justify="right" if number else "left", no_wrap=number or not index,
            overflow="fold", vertical="top",
        )  # fmt: skip
    return table


def fits(table: Table, console: Console) -> bool:
    return Measurement.get(console, console.options.update(max_width=10_000), table).maximum <= console.width


def compact(low: float, high: float, unit: str) -> str:
    """An interval, cut at what is possible, with its unit said once: 38.9–46.0 %; empty for none."""
    if math.isnan(low) or math.isnan(high):
        return ""
    first, second = (spoken(possible(end, unit), unit) for end in (low, high))
    number, _, said = first.partition(" ")
    same = number == "0" or not said or second.endswith(f" {said}")
    return f"{number}–{second}" if same else f"{first} – {second}"


def spoken(value: float, unit: str) -> str:
    """A value with its unit, e.g. 74.4 %."""
    return plain(value_text(value, unit))


def signed(value: float, unit: str) -> str:
    """A change with its sign: shares in percentage points; a rate a day without saying so, as its base does."""
    if value == 0:
        return "0"
    if value != value:
        return "unknown"
    much = size(value, unit)
    sign = "" if not re.search("[1-9]", much) else "+" if value > 0 else "−"
    return sign + much


def size(value: float, unit: str) -> str:
    """How large a change is, whatever its sign."""
    if unit == "share":
        points = abs(100 * value)
        return f"{points:.{1 if points >= 1 else 2}f} pp"
    return spoken(abs(value), unit).removesuffix(" a day")


def plain(text: str) -> str:
    """A text with common spaces only, as tools that read the output expect."""
    return text.translate(GLUED)


def length_text(seconds: float) -> str:
    """A length of time as a scenario would write it, with weeks in the plural."""
    text = duration_text(seconds)
    return f"{text}s" if text.endswith(" week") and text != "1 week" else text
