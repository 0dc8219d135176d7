"""From a reference case to scenarios and to what is read off their records, by the case's ``system``.

What cannot be said in a scenario is refused with the reason (`NotExpressible`), an input that is not known included.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tests.reference import changing, steady
from tests.reference.laws import NotExpressible
from tests.reference.study import DAY, HOUR, SYSTEMS, Asked, Known, Study, Translation

__all__ = ["NotExpressible", "Study", "Translation", "changing", "flat", "steady", "translate"]

UNITS = {"s": 1.0, "sec": 1.0, "min": 60.0, "h": HOUR, "hour": HOUR, "d": DAY, "day": DAY}
REFUSED = {
    "priority_preemptive_mmc": "agents finish what they have begun: there is no preemption",
    "multiskill_delayed_overflow": "the inputs refer to a case that the file does not hold",
}


def translate(case: Mapping[str, Any]) -> Translation:
    """Studies and facts of a case; NotExpressible says what the model lacks."""
    known = known_system(case["system"])
    strange = sorted(set(case["inputs"]) - known.inputs)
    if strange:
        raise NotExpressible(f"the input '{strange[0]}' is not known for this system")
    try:
        return known.translate(Asked(case["inputs"], list(flat(case["expected"])), UNITS[case["time_unit"]]))
    except KeyError as missing:
        raise NotExpressible(f"the case does not say {missing}") from missing


def known_system(name: str) -> Known:
    """How a system is translated; any design of skills is one system."""
    if name in REFUSED:
        raise NotExpressible(REFUSED[name])
    word = name.split()[0]
    if word not in SYSTEMS and word.startswith("multiskill_"):
        word = "multiskill"
    if word not in SYSTEMS:
        raise NotExpressible(f"nothing is known of a system '{name}'")
    return SYSTEMS[word]


def flat(expected: Any, name: str = "") -> dict[str, float]:
    """Expected values by name, lists element by element; true stands for 1."""
    if isinstance(expected, dict):
        parts: Iterable[tuple[str, Any]] = expected.items()
    elif isinstance(expected, list):
        parts = ((f"{name}[{index}]", value) for index, value in enumerate(expected))
    else:
        return {name: float(expected)}
    return {inner: number for part, value in parts for inner, number in flat(value, part).items()}
