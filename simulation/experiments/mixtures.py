"""Scenarios in which some of several changes are made; changes that hold only together become one."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simulation.chance import stream
from simulation.errors import InputError, Problem
from simulation.experiments.changes import Change, changes_of, differing, hybrid, only_change
from simulation.experiments.compare import on_the_same
from simulation.experiments.load import by_name, check, find, from_dict, load
from simulation.scenario.duration_spec import KINDS
from simulation.scenario.extends import Family
from simulation.scenario.load import load_tree, validate
from simulation.scenario.prices import currency
from simulation.scenario.schema import Scenario, Standards
from simulation.statistics.shapley import Design, design

Some = frozenset[int]
UNSAID: dict[str, Any] = {"targets": {}, "industry": {}, "standards": Standards()}
"""What of a scenario is held against its results, and is no part of what is simulated."""


@dataclass(frozen=True)
class Joined:
    """Changes that hold only together, and what is wrong where they are made apart."""

    names: tuple[str, ...]
    why: str


class Mixtures:
    """Two scenarios, the changes from the first to the second, and how to make only some of them.

    `make` builds the scenario in which some of the `units` are made; InputError where they do not hold without the others.
    """

    def __init__(
        self, base: Scenario, other: Scenario, units: Sequence[Change], make: Callable[[Some], Scenario]
    ) -> None:
        self.base, self.other = base, other
        self.units = list(units)
        self.make = make
        self._faults: list[tuple[Some, str]] = []
        self.parts: list[tuple[int, ...]] = [(one,) for one in range(len(self.units))]
        self._made: dict[Some, Scenario | InputError] = {}

    @property
    def changes(self) -> list[Change]:
        """The changes that are told apart."""
        return [self._part(part) for part in self.parts]

    @property
    def joined(self) -> list[Joined]:
        """Changes that hold only together, and what was found to be wrong first where they are made apart."""
        return [
            Joined(
                tuple(self.units[one].name for one in part), next(why for some, why in self._faults if some <= {*part})
            )
            for part in self.parts
            if len(part) > 1
        ]

    def mixture(self, mask: int) -> Scenario:
        """The base with those parts of the changes that the bits of a mask name."""
        made = self.mixed(self._of(mask))
        assert isinstance(made, Scenario)
        return made

    def settle(self, most: int) -> Design:
        """Which mixtures are to be simulated, at most so many where that is possible; changes that hold only together are
        joined before."""
        while True:
            asked = design(len(self.parts), most, stream(self.base.seed, 0, "orders of changes"))
            bad = next((mask for mask in asked.coalitions if not self._holds(mask)), None)
            if bad is None:
                return asked
            self._join(bad)

    def _join(self, bad: int) -> None:
        """Make one of the fewest parts without which what is wrong in a mixture would not be, and what they need."""
        core = self._shrunk(bad, lambda mask: not self._holds(mask))
        needed = self._shrunk((1 << len(self.parts)) - 1, lambda mask: mask & core == core and self._holds(mask))
        inside = [one for one in range(len(self.parts)) if needed >> one & 1]
        whole = tuple(sorted(unit for one in inside for unit in self.parts[one]))
        self._faults.append((frozenset(whole), self._fault(core)))
        kept = [part for one, part in enumerate(self.parts) if one not in inside]
        self.parts = sorted([*kept, whole])

    def _fault(self, mask: int) -> str:
        made = self.mixed(self._of(mask))
        problem = made.problems[0] if isinstance(made, InputError) else Problem("", "", "")
        return ": ".join(filter(None, (problem.path, problem.what)))

    def _shrunk(self, mask: int, still: Callable[[int], bool]) -> int:
        for one in range(len(self.parts)):
            less = mask & ~(1 << one)
            if less != mask and still(less):
                mask = less
        return mask

    def _part(self, part: tuple[int, ...]) -> Change:
        its = [self.units[one] for one in part]
        if len(its) == 1:
            return its[0]
        entries = tuple(entry for one in its for entry in one.entries)
        mechanisms = tuple(dict.fromkeys(name for one in its for name in one.mechanisms))
        first, *others = (one.name for one in its)
        name = f"{first} + {others[0]}" if len(others) == 1 else f"{first} and {len(others)} more"
        return Change(name, entries, mechanisms)

    def _of(self, mask: int) -> Some:
        return frozenset(unit for one, part in enumerate(self.parts) if mask >> one & 1 for unit in part)

    def _holds(self, mask: int) -> bool:
        return isinstance(self.mixed(self._of(mask)), Scenario)

    def mixed(self, which: Some) -> Scenario | InputError:
        """The base with some of the units, or what is wrong with that."""
        if which not in self._made:
            try:
                self._made[which] = self._bare(which)
            except InputError as fault:
                self._made[which] = fault
        return self._made[which]

    def _bare(self, which: Some) -> Scenario:
        """Under the base's name and seed, without what it is held against: mixtures of which nothing differs are the same."""
        ends = {0: self.base, len(self.units): self.other}
        made = ends.get(len(which)) or self.make(which)
        kept = ("name", "description", "seed", "replications")
        return made.model_copy(update=UNSAID | {key: getattr(self.base, key) for key in kept})


def between(
    a: Scenario, b: Scenario, group: Sequence[str] = (), depth: int | None = None, by: str = "change"
) -> Mixtures:
    """The changes from one scenario to another, found by comparing them; see `changes_of` for how they are grouped.
    InputError where nothing differs, or prices are in two currencies."""
    _check_money(a, b)
    entries = differing(a, b)
    if not entries:
        where = a.name if a.name == b.name else f"{a.name} and {b.name}"
        raise InputError([Problem(where, "", "nothing differs of what is simulated; name two scenarios that differ")])
    changes = changes_of(entries, [*a.bots, *b.bots], group, depth, by)

    def make(which: Some) -> Scenario:
        data = hybrid(a, b, [entry for one in sorted(which) for entry in changes[one].entries])
        return from_dict({key: value for key, value in data.items() if key not in UNSAID})

    return Mixtures(a, b, changes, make)


def layered(
    path: str | os.PathLike[str],
    over: Sequence[str | os.PathLike[str]],
    settings: Mapping[str, Any] | None = None,
    replications: int | None = None,
    seed: int | None = None,
) -> Mixtures:
    """The changes that files bring which are laid over a scenario, each a change; all of them together make the other scenario.
    InputError where they change nothing of what is simulated, or one is named twice."""
    base, other = on_the_same([load(path, settings), load(path, settings, over)], replications, seed)
    _check_money(base, other)
    family = Family(KINDS, by_name)
    files = [find(layer) for layer in over]

    def make(which: Some) -> Scenario:
        some = [files[one] for one in sorted(which)]
        data, marks = load_tree(find(path), settings, KINDS, by_name, some, family)
        return validate({key: value for key, value in data.items() if key not in UNSAID}, Scenario, marks, check)

    if len(set(files)) < len(files):
        raise InputError([Problem(base.name, "", "the same file is laid over it twice; name each once")])
    if not differing(base, other):
        raise InputError([Problem(base.name, "", "the files laid over it change nothing of what is simulated")])
    stems = [file.stem for file in files]
    names = [stem if stems.count(stem) == 1 else str(file) for stem, file in zip(stems, files, strict=True)]
    mixtures = Mixtures(base, other, [Change(name, ()) for name in names], make)
    mixtures.units = [_alone(mixtures, one) for one in range(len(names))]
    return mixtures


def _alone(mixtures: Mixtures, one: int) -> Change:
    """A file as a change, with what it changes where it can be laid over alone."""
    made, name = mixtures.mixed(frozenset([one])), mixtures.units[one].name
    return Change(name, ()) if isinstance(made, InputError) else only_change(name, differing(mixtures.base, made), made)


def _check_money(a: Scenario, b: Scenario) -> None:
    first, second = currency(a), currency(b)
    if first and second and first != second:
        what = f"its prices are in {second}, those of {a.name} in {first}; write them in {first}"
        raise InputError([Problem(b.name, "cost", what)])
