"""Lists of what there is: shipped scenarios and KPIs."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from simulation.errors import InputError
from simulation.metrics import Kpi
from simulation.reports.console import new_table
from simulation.scenario.load import read
from simulation.scenario.tree import plain as values
from simulation.units import duration_text

SENTENCE = re.compile(r".*?[^.\s]{2}[.!?](?=\s|$)")
"""The first full stop after two letters, so that "e.g." and "M. Erlang" end no sentence."""
TARGET = (
    "A target holds one against a bound, e.g. service_level(20s){channel=phone} >= 80 %, wait.p90 <= 5 min, "
    "cost <= 9000 EUR."
)
BETTER = {"higher": "higher is better", "lower": "lower is better", "": ""}


def scenario_table(shipped: Mapping[str, Path], what: str = "Scenario") -> RenderableType:
    """The shipped scenarios by name, one line each: as much of the description's first sentence as fits."""
    table = new_table(what, "what it is")
    table.columns[0].no_wrap, table.columns[0].min_width = True, max(map(len, shipped))
    table.columns[1].no_wrap, table.columns[1].overflow = True, "ellipsis"
    for name, path in shipped.items():
        table.add_row(name, summary_of(path))
    return table


def summary_of(path: Path) -> str:
    """The first sentence of a scenario file's description, else what it extends."""
    try:
        data = values(read(path))
    except InputError:
        return "(cannot be read; see supportsim validate)"
    described = first_sentence(str(data.get("description") or ""))
    return described or (f"Extends {data['extends']}." if "extends" in data else "")


def first_sentence(text: str) -> str:
    """The text up to the end of its first sentence, on one line."""
    line = " ".join(text.split())
    found = SENTENCE.match(line)
    return found[0] if found else line


def kpi_list(kpis: Iterable[Kpi]) -> RenderableType:
    """Every KPI by field: how a target writes it, its unit and better direction, its definition."""
    fields: dict[str, list[Kpi]] = {}
    for one in kpis:
        fields.setdefault(one.definition.__module__, []).append(one)
    blocks = [block for name, those in fields.items() for block in (_heading(name), *map(_entry, those), Text())]
    return Group(*blocks, Text(TARGET))


def _heading(module: str) -> Text:
    return Text((sys.modules[module].__doc__ or "").partition("\n")[0], "bold underline")


def _entry(one: Kpi) -> RenderableType:
    parameter = "" if one.parameter is None else f"({duration_text(one.parameter).replace(' ', '')})"
    facts = [
        unit_words(one.unit),
        BETTER[one.better],
        " ".join(f".{statistic}" for statistic in one.statistics),
    ]
    head = Text.assemble((f"{one.name}{parameter}", "bold"), ("  " + ", ".join(filter(None, facts)), "dim"))
    return Group(head, Padding(Text(one.doc), (0, 0, 0, 4)))


def unit_words(unit: str) -> str:
    """A KPI's unit in words: time for s, contacts a day for contacts/day."""
    return "time" if unit == "s" else unit.replace("/", " a ")
