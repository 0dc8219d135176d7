"""What pages are made of: tables and figures in one frame, and the templates that show them.

Everything that comes from a scenario is escaped. A content security policy that names the page's own two
scripts by their hash, and no address at all, keeps anything else from running and from asking the network.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from simulation.reports import figures
from simulation.reports.figures import Drawing

if TYPE_CHECKING:
    from markupsafe import Markup

MANY_ROWS = 12
"""Longer tables are folded."""
TOO_MANY_ROWS = 100
"""Still longer ones stay folded on paper."""
GLUE = "\u00a0"
"""Stands between a number and its unit, so that no line breaks there."""


class Cell(NamedTuple):
    """A value of a table, with what stands below it in small letters."""

    text: str
    below: str = ""

    @property
    def parts(self) -> tuple[str, str]:
        """Number and unit."""
        number, _, unit = self.text.partition(" ")
        return number, unit


@dataclass(frozen=True)
class Table:
    """A table: its caption, the headers of its columns, and rows that begin with their own header."""

    caption: str
    columns: Sequence[str]
    rows: Sequence[tuple[Cell, Sequence[Cell]]]

    @property
    def folded(self) -> bool:
        """Whether it is too long to stand open."""
        return len(self.rows) > MANY_ROWS

    @property
    def printed(self) -> bool:
        """Whether it is unfolded on paper."""
        return len(self.rows) <= TOO_MANY_ROWS


@dataclass(frozen=True)
class Shown:
    """A figure on the page: its anchor, title, how to read it, and tables of what it shows."""

    anchor: str
    title: str
    reading: str
    drawing: Drawing
    chooser: str = ""
    tables: Sequence[Table] = field(default_factory=list)
    opened: bool = False
    """Whether its tables stand open (unless they are long)."""

    @property
    def script(self) -> str:
        """Data and layout as JSON that no text in it can end early."""
        return _in_script(self.drawing.json())


def render(template: str, **content: Any) -> str:
    """A template of this folder with its content, as HTML."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    loader = FileSystemLoader(Path(__file__).parent)
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.filters.update(sha256=_sha256, glue=_glued, whole_bound=_whole_bound)
    frame = {"library": figures.library(), "config": _in_script(json.dumps(figures.CONFIG)), "font": figures.FONT}
    return environment.get_template(template).render(**frame, **content)


def _sha256(text: str) -> str:
    """The hash of a script as a content security policy names it."""
    return base64.b64encode(hashlib.sha256(str(text).encode()).digest()).decode()


def _whole_bound(target: str) -> Markup:
    """The expression of a target, whose bound stays on one line."""
    from markupsafe import Markup

    at = max(target.rfind("<"), target.rfind(">"))
    return Markup('{}<span class="whole">{}</span>').format(target[:at], target[at:])


def _glued(text: str) -> str:
    """A text whose numbers stay with what follows them."""
    return re.sub(r"(?<=\d) (?=\S)", GLUE, text)


def _in_script(text: str) -> str:
    """JSON that can stand in a script element: nothing in it can close the element."""
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
