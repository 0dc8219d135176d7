"""Small turns of phrase that several error messages share."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from simulation.scenario.marks import one_line
from simulation.units import nearest

_MOST_LISTED = 12


def did_you_mean(word: str, words: Iterable[str]) -> str:
    """Return "; did you mean …?", or nothing when no word is near."""
    near = nearest(word, words)
    return f"; did you mean {one_line(near)}?" if near is not None else ""


def listed(words: Sequence[str]) -> str:
    """Return the words with commas, cut short when there are many."""
    rest = f" and {len(words) - _MOST_LISTED} more" if len(words) > _MOST_LISTED else ""
    return ", ".join(words[:_MOST_LISTED]) + rest


def as_yaml(value: Any) -> str:
    """Return an example value as one would type it into a scenario."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
