"""Ranges of values as a study writes them: 10..20, 10..20 step 2, 10 %..30 % step 5 %."""

from __future__ import annotations

import re
from decimal import Decimal

NUMBER = r"[-+]?\d+(?:\.\d+)?"
UNIT = r"[^\s\d.+-][^\d.]*?"
RANGE = re.compile(
    rf"\s*({NUMBER})\s*({UNIT})?\s*\.\.\s*({NUMBER})\s*({UNIT})?(?:\s+step\s+({NUMBER})\s*({UNIT})?)?\s*"
)
EXAMPLE = "write e.g. 10..20, 10..20 step 2, or 10 %..30 % step 5 %"
MOST = 10_000
"""Values of one range."""


def values_of(text: str) -> list[int | float | str]:
    """The values from the first to the last, both included where the step meets it, with the unit if there is one.

    The step is 1 if none is given, which only whole numbers without a unit may leave out. ValueError says what is wrong.
    """
    match = RANGE.fullmatch(text)
    if match is None:
        raise ValueError(f"'{text}' is not a range; {EXAMPLE}, or a list such as [10, 12]")
    first, last = Decimal(match[1]), Decimal(match[3])
    unit = _one_unit([match[2], match[4], match[6]], text)
    step = _step(match[5], first, last, unit, text)
    if last < first:
        raise ValueError(f"'{text}' runs backwards; write the smaller value first")
    if (last - first) / step >= MOST:
        raise ValueError(f"'{text}' has more than {MOST:,} values; write a larger step")
    return [_value(first + step * number, unit) for number in range(int((last - first) / step) + 1)]


def _one_unit(said: list[str | None], text: str) -> str:
    units = {unit.strip() for unit in said if unit}
    if len(units) > 1:
        raise ValueError(f"'{text}' has several units ({', '.join(sorted(units))}); write one for all")
    return units.pop() if units else ""


def _step(said: str | None, first: Decimal, last: Decimal, unit: str, text: str) -> Decimal:
    if said is None and (unit or first % 1 or last % 1):
        raise ValueError(f"'{text}' needs a step; {EXAMPLE}")
    step = Decimal(said or 1)
    if step <= 0:
        raise ValueError(f"the step of '{text}' must be above 0; {EXAMPLE}")
    return step


def _value(number: Decimal, unit: str) -> int | float | str:
    if unit:
        return f"{number.normalize():f}{'' if unit.startswith('/') else ' '}{unit}"
    return int(number) if number == number.to_integral_value() else float(number)
