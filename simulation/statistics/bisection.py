"""Where something breaks, along a factor on which it depends in one direction, when each look at it is noisy.

A bracket is reported, not a point: a position at which it surely holds still and one at which it surely fails. A position
is looked at with replications that double until a two-sided test decides or a budget is reached; the error is shared out over
all tests that there can be (names x positions visited x looks), so with the probability `level` no verdict of all is
wrong, and every bracket holds. Replications of a position are its own, so a verdict errs no more often where it was earlier
verdicts that led to the position.

Probabilistic bisection (Waeber, Frazier and Henderson 2013, Bisection search with noisy responses, SIAM Journal on Control and
Optimization 51:2261-2279) needs fewer looks for one unknown, but keeps a belief about one point; here several unknowns share
their looks, and a verdict on a position is of use by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

Look = Callable[[int, int, int, float], Mapping[str, bool | None]]
"""What a look at (position, number of the visit, replications, level of each interval) shows of each name: whether it surely
holds there; None where that is undecided."""


@dataclass(frozen=True)
class Bracket:
    """What is known of a name: the nearest positions to its break at which it `holds` and `fails`; None where no position
    shows that. `rising` says whether it fails towards higher positions (None: it is the same at both ends, or undecided at both;
    then both positions are None, and it may break anywhere). `monotone` is false where verdicts contradict that it depends
    on the factor in one direction."""

    holds: int | None
    fails: int | None
    rising: bool | None
    monotone: bool = True


@dataclass(frozen=True)
class Plan:
    """How much may be looked at: `positions` from 0 on, of which `visits` at most; `first` replications of each, doubled
    up to `most`; all verdicts right with the probability `level`."""

    positions: int
    visits: int
    first: int
    most: int
    level: float = 0.95

    @property
    def looks(self) -> list[int]:
        """Replications after each look at a position."""
        found = [self.first]
        while found[-1] * 2 <= self.most:
            found.append(found[-1] * 2)
        return found

    def level_of_each(self, names: int) -> float:
        """The level of each two-sided interval. A wrong verdict needs the interval on the wrong side, and only one side is
        wrong; so each may err twice as often as its share of the joint error."""
        return 1 - 2 * (1 - self.level) / (names * min(self.visits, self.positions) * len(self.looks))


@dataclass
class Search:
    """A search under way: verdicts by position and name, and replications spent on each position."""

    names: Sequence[str]
    plan: Plan
    verdicts: dict[int, dict[str, bool | None]] = field(default_factory=dict)
    spent: dict[int, int] = field(default_factory=dict)

    def brackets(self) -> dict[str, Bracket]:
        """What is known of each name."""
        return {name: _bracket(self._of(name)) for name in self.names}

    def next_position(self) -> int | None:
        """The middle of the widest gap between neighbours that differ in a verdict; None when there is nothing to gain."""
        if len(self.verdicts) >= self.plan.visits:
            return None
        ends = [one for one in dict.fromkeys((0, self.plan.positions - 1)) if one not in self.verdicts]
        if ends:
            return ends[0]
        gaps = [(low, high) for name in self.names for low, high in self._gaps(name)]
        low, high = max(gaps, key=lambda gap: (gap[1] - gap[0], -gap[0]), default=(0, 0))
        return (low + high) // 2 if high - low > 1 else None

    def visit(self, position: int, look: Look) -> None:
        """Look at a position until it is decided for all names to whom it matters, or the budget of a position is spent."""
        matters = [name for name in self.names if self._matters(name, position)]
        number = len(self.verdicts)
        found: dict[str, bool | None] = dict.fromkeys(self.names)
        for replications in self.plan.looks:
            seen = look(position, number, replications, self.plan.level_of_each(len(self.names)))
            found = {name: seen[name] if found[name] is None else found[name] for name in self.names}
            self.spent[position] = replications
            if all(found[name] is not None for name in matters):
                break
        self.verdicts[position] = found

    def _of(self, name: str) -> list[tuple[int, bool | None]]:
        return [(position, self.verdicts[position][name]) for position in sorted(self.verdicts)]

    def _gaps(self, name: str) -> list[tuple[int, int]]:
        seen = _telling(self._of(name))
        return [(low, high) for (low, one), (high, other) in pairwise(seen) if one != other]

    def _matters(self, name: str, position: int) -> bool:
        around = [low for low, high in self._gaps(name) if low < position < high]
        return bool(around) or position in (0, self.plan.positions - 1)


def search(names: Sequence[str], plan: Plan, look: Look, done: Callable[[int], None] = lambda position: None) -> Search:
    """Where each of `names` breaks, as narrowly as neighbouring positions or the plan allow; `done` is told of each position that
    has been looked at for long enough.

    First both ends, then by halves. A name that is undecided at a position stays so: its bracket closes in from both sides.
    """
    under_way = Search(names, plan)
    while (position := under_way.next_position()) is not None:
        under_way.visit(position, look)
        done(position)
    return under_way


def _telling(seen: Sequence[tuple[int, bool | None]]) -> list[tuple[int, bool | None]]:
    """Without what is undecided between two equal verdicts: it does not break there."""
    decided = [(position, holds) for position, holds in seen if holds is not None]

    def tells(position: int, holds: bool | None) -> bool:
        below = next((other for at, other in reversed(decided) if at < position), None)
        above = next((other for at, other in decided if at > position), None)
        return holds is not None or below is None or below != above

    return [one for one in seen if tells(*one)]


def _bracket(seen: Sequence[tuple[int, bool | None]]) -> Bracket:
    decided = [(position, holds) for position, holds in seen if holds is not None]
    changes = sum(one[1] != other[1] for one, other in pairwise(decided))
    holding, failing = ([position for position, holds in decided if holds is wanted] for wanted in (True, False))
    if not holding or not failing:
        if not seen or (seen[0][1] is None and seen[-1][1] is None):
            return Bracket(None, None, None)
        rising = _leaning(seen)
        return Bracket(_nearest(holding, rising, True), _nearest(failing, rising, False), rising)
    rising = holding[0] < failing[0]
    if changes > 1:
        return Bracket(None, None, rising, monotone=False)
    return Bracket(_nearest(holding, rising, True), _nearest(failing, rising, False), rising)


def _leaning(seen: Sequence[tuple[int, bool | None]]) -> bool | None:
    """The direction if only one verdict occurs and one end is undecided: it breaks at that end, if anywhere."""
    (_, first), (_, last) = seen[0], seen[-1]
    if first is None and last is not None:
        return not last
    if last is None and first is not None:
        return first
    return None


def _nearest(positions: Sequence[int], rising: bool | None, holds: bool) -> int | None:
    """The position nearest to the break, of those on one side of it."""
    if not positions:
        return None
    return max(positions) if (rising is not False) == holds else min(positions)
