"""The registry of experiments: `@covers`, `@at_least` and `@at_most` make a function one of them.

The function draws from the generator that it is given and returns one truth value an experiment. Its docstring is what the
table says of it. At least 1,000 experiments each; cheap exact models, so that all together take a minute.
"""

from __future__ import annotations

import math
import pkgutil
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from itertools import islice

import numpy as np

import tests.coverage
from simulation.chance import stream

Function = Callable[[np.random.Generator], Iterable[bool]]
LEAST_EXPERIMENTS = 1000
DOUBT = 3.0
"""Standard errors by which luck may put a share on the wrong side of its nominal value."""


@dataclass(frozen=True)
class Found:
    """How often it was so, in how many experiments."""

    share: float
    experiments: int


@dataclass(frozen=True)
class Experiment:
    """Something that must happen in a share of `least` to `most` of the cases."""

    group: str
    name: str
    what: str
    asked: str
    least: float
    most: float
    strict: bool
    function: Function

    def run(self, first: int | None = None) -> Found:
        """Do all of its experiments, or the first of them; the same each time."""
        seen = np.fromiter(islice(self.function(stream(1, 0, self.name)), first), dtype=bool)
        return Found(float(seen.mean()), len(seen))

    def passes(self, found: Found) -> bool:
        """Whether the share is as it must be: in the band; of a nominal value, not beyond it by more than luck may explain."""
        return found.experiments >= LEAST_EXPERIMENTS and self._within(found, 0.0 if self.strict else DOUBT)

    def may_pass(self, found: Found) -> bool:
        """Whether so few experiments do not speak against it."""
        return self._within(found, DOUBT)

    def _within(self, found: Found, doubt: float) -> bool:
        slack = doubt * math.sqrt(self.nominal * (1 - self.nominal) / found.experiments)
        return self.least - slack <= found.share <= self.most + slack

    @property
    def nominal(self) -> float:
        """The share that a one-sided claim names."""
        return self.least if self.most == 1 else self.most


REGISTRY: list[Experiment] = []


def covers(group: str, least: float = 0.93, most: float = 0.97) -> Callable[[Function], Function]:
    """The exact value lies within the 95 % interval about as often as it says: in 93 to 97 % of the experiments."""
    return _register(group, f"{100 * least:g}–{100 * most:g} %", least, most, True)


def at_least(group: str, share: float) -> Callable[[Function], Function]:
    """Something happens at least so often: the right choice is made, cautious intervals cover."""
    return _register(group, f"≥ {100 * share:g} %", share, 1.0, False)


def at_most(group: str, share: float) -> Callable[[Function], Function]:
    """Something happens at most so often: a false verdict."""
    return _register(group, f"≤ {100 * share:g} %", 0.0, share, False)


def _register(group: str, asked: str, least: float, most: float, strict: bool) -> Callable[[Function], Function]:
    def register(function: Function) -> Function:
        what = " ".join((function.__doc__ or function.__name__).split()).removesuffix(".")
        REGISTRY.append(Experiment(group, function.__name__, what, asked, least, most, strict, function))
        return function

    return register


def experiments() -> list[Experiment]:
    """All experiments of this folder, file by file."""
    for module in pkgutil.iter_modules(tests.coverage.__path__):
        if not module.name.startswith(("test_", "__")):
            import_module(f"tests.coverage.{module.name}")
    return sorted(REGISTRY, key=lambda one: int(one.group.partition(".")[0]))


def told(name: str) -> Found:
    """Do all experiments of a name, and say on standard error what came of them."""
    (one,) = (one for one in experiments() if one.name == name)
    started = time.perf_counter()
    found = one.run()
    print(
        f"{one.group}: {name}: {found.share:.4f} ({time.perf_counter() - started:.1f} s)", file=sys.stderr, flush=True
    )
    return found
