"""Words that several parts of `explain` use."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def spans_words(written: dict[Any, Any]) -> Iterator[str]:
    """Opening hours, each line days and spans."""
    for days, span in written.items():
        yield f"{days} {', '.join(map(str, span if isinstance(span, list) else [span]))}"
