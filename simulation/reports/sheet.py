"""A plain page of headings, paragraphs, figures and tables: what an experiment says, in one file that opens offline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from simulation.experiments.folder import circumstances
from simulation.reports.markup import Cell, Shown, Table, render

if TYPE_CHECKING:
    import pandas as pd

NAME = "report.html"


@dataclass(frozen=True)
class Section:
    """A part of a sheet: its title, paragraphs, figures (with tables of their own), and further tables."""

    title: str
    texts: Sequence[str] = ()
    shown: Sequence[Shown] = ()
    tables: Sequence[Table] = field(default_factory=list)


def write_sheet(
    path: Path,
    over: str,
    title: str,
    lead: str,
    sections: Iterable[Section],
    again: str,
    facts: Mapping[str, str] | None = None,
) -> None:
    """Write a page. `over` says what kind of page it is (Comparison), `lead` the outcome in a sentence or two, `again` how to
    make the page again. The anchors of its figures must differ."""
    parts = list(sections)
    text = render(
        "sheet.html.j2",
        over=over,
        title=title,
        lead=lead,
        facts=facts or {},
        sections=parts,
        figures=any(part.shown for part in parts),
        again=again,
        versions=circumstances()["versions"],
    )
    path.write_text(text, encoding="utf-8")


def table(caption: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """A table of texts: the header of each column, and rows whose first text is their own header."""
    return Table(caption, columns, [(Cell(first), [Cell(text) for text in others]) for first, *others in rows])


def frame_table(caption: str, frame: pd.DataFrame) -> Table:
    """A frame whose values are texts as a table."""
    return table(caption, list(frame.columns), ([str(value) for value in row] for row in frame.itertuples(index=False)))
