"""Why replications ended, and how a run stands while they go on, in words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from simulation.experiments.stopping import Ended, Standing
from simulation.metrics.measure import unit_of
from simulation.metrics.precision import Width
from simulation.reports.console import length_text, spoken
from simulation.statistics.sequential import Unsettled

NAMED = 6
"""How many are named before the rest is counted."""
ENDS = {"settled": "every verdict is settled", "precise": "every interval is as narrow as asked"}


def ending(ended: Ended, settled_after: Mapping[str, int] | None = None) -> Iterator[str]:
    """Why a run ended, what is still open, and how to repeat it; beside, the replications behind each verdict."""
    yield from ending_words(ended.summary() | {"settled_after": settled_after or {}})
    if ended.open:
        yield f"Still undecided, and how many more replications might tell: {_list(map(_more, ended.open))}."
    if ended.wide:
        yield f"Still wider than asked: {_list(map(_wide, ended.wide))}."
    if ended.reason == "seconds":
        yield f"The time depends on the machine; --replications {ended.replications} beside the same options repeats this run exactly."


def ending_words(ended: Mapping[str, Any]) -> Iterator[str]:
    """Why a run ended, as its summary tells, and the replications behind verdicts, where these differ."""
    yield f"Stopped after {_many(ended['replications'])}: {_reason(ended)}."
    after = ended.get("settled_after", {})
    if len(set(after.values())) > 1:
        yield f"Verdicts rest on the replications up to their own look: {_list(f'{name} {n}' for name, n in after.items())}."


def _reason(ended: Mapping[str, Any]) -> str:
    if ended["reason"] == "settled" and ended["until_precise"]:
        return " and ".join(ENDS.values())
    if ended["reason"] in ENDS:
        return ENDS[ended["reason"]]
    if ended["reason"] == "seconds":
        return f"the time is over ({length_text(ended['seconds'])})"
    return "that is the most it may take (--budget)"


def _many(replications: int) -> str:
    return "1 replication" if replications == 1 else f"{replications:,} replications"


def _list(words: Iterable[str]) -> str:
    """The first few, and how many there are beside."""
    said = list(words)
    rest = f" and {len(said) - NAMED} more" if len(said) > NAMED else ""
    return ", ".join(said[:NAMED]) + rest


def _more(one: Unsettled) -> str:
    return f"{one.name} ({'too many' if one.more is None else f'about {_rounded(one.more):,}'})"


def _rounded(number: int) -> int:
    """To two digits, upwards."""
    step = 10 ** max(0, math.floor(math.log10(number)) - 1)
    return math.ceil(number / step) * step


def _wide(one: Width) -> str:
    unit = unit_of(one.metric, "")
    return f"{one.name} ± {spoken(one.half, unit)} (asked {spoken(one.wanted, unit)})"


def standing_words(standing: Standing) -> str:
    """How a run stands after a look."""
    parts = []
    if standing.rule.settled:
        parts.append(_open(standing.open))
    if standing.rule.precision is not None:
        parts.append(
            f"too wide: {_list([_wide(one) for one in standing.wide][:1])}" if standing.wide else "narrow enough"
        )
    return "; ".join(parts)


def _open(still: Sequence[Unsettled]) -> str:
    if not still:
        return "all verdicts settled"
    count = "1 verdict" if len(still) == 1 else f"{len(still)} verdicts"
    first = still[0]
    half = first.interval.half_width
    width = "" if math.isnan(half) else f" at {spoken(first.interval.mean, first.unit)} ± {spoken(half, first.unit)}"
    return f"{count} open: {first.name}{width}{' …' if len(still) > 1 else ''}"
