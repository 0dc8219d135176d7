"""Sweeps: brackets of break-evens, sensitivity indices, and a choice out of many points."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from simulation.experiments.sweep import COST, Point, _surely
from simulation.metrics.targets import Judgement, Target
from simulation.statistics import Interval, mean_interval, ratio_interval
from simulation.statistics.bisection import Bracket, Plan, search
from simulation.statistics.designs import Saltelli, saltelli
from simulation.statistics.paired import mean_estimate
from simulation.statistics.sensitivity import Observed, of_function, sensitivity
from tests.coverage.registry import at_least, at_most

SWEEPS = "9. Sweeps, sensitivity, break-even"
MANY = 1000
Array = npt.NDArray[np.float64]
Judged = Callable[[int, int, int, float], dict[str, bool | None]]


def right(bracket: Bracket, holds: Callable[[int], bool]) -> bool:
    """Whether nothing that a bracket says is wrong."""
    said = bracket.monotone and (bracket.holds is None or holds(bracket.holds))
    return said and (bracket.fails is None or not holds(bracket.fails))


def below(found: Interval, bound: float) -> bool | None:
    """Whether a figure is surely at most its bound."""
    return True if found.high <= bound else False if found.low > bound else None


def waits(chance: np.random.Generator, load: float, days: int, customers: int) -> Array:
    """Waits in M/M/1 with service rate 1 from its stationary state on, shape (days, customers): Lindley's recursion is the
    distance of a random walk from its lowest point."""
    first = np.where(chance.random(days) < load, chance.exponential(1 / (1 - load), days), 0.0)
    steps = chance.exponential(1.0, (days, customers - 1)) - chance.exponential(1 / load, (days, customers - 1))
    walk = np.concatenate([np.zeros((days, 1)), np.cumsum(steps, axis=1)], axis=1)
    found: Array = walk - np.minimum(np.minimum.accumulate(walk, axis=1), -first[:, None])
    return found


def queue(chance: np.random.Generator) -> tuple[Judged, dict[str, Callable[[int], bool]]]:
    """M/M/1 at loads of 40 % to 90 %: the mean wait stays below 1 and below 4, four of five wait for at most 2."""
    seen: dict[int, Array] = {}

    def load(position: int) -> float:
        return 0.4 + position / 100

    def look(position: int, visit: int, replications: int, level: float) -> dict[str, bool | None]:
        held = seen.get(visit, np.empty((0, 200)))
        held = np.concatenate([held, waits(chance, load(position), replications - len(held), 200)])
        seen[visit] = held
        mean, late = mean_interval(held.mean(axis=1), level), (held > 2).sum(axis=1)
        share = ratio_interval(late, np.full(len(late), 200), level)
        return {"short": below(mean, 1.0), "bearable": below(mean, 4.0), "in time": below(share, 0.2)}

    exact: dict[str, Callable[[int], bool]] = {
        "short": lambda position: load(position) / (1 - load(position)) <= 1 + 1e-9,
        "bearable": lambda position: load(position) / (1 - load(position)) <= 4 + 1e-9,
        "in time": lambda position: load(position) * math.exp(-2 * (1 - load(position))) <= 0.2,
    }
    return look, exact


def lines(chance: np.random.Generator) -> tuple[Judged, dict[str, Callable[[int], bool]]]:
    """Three figures that grow or shrink along 71 positions, with normal noise and break-evens anywhere, also outside."""
    cuts, ways, seen = chance.uniform(-5, 75, 3), chance.choice([-1, 1], 3), dict[int, Array]()

    def look(position: int, visit: int, replications: int, level: float) -> dict[str, bool | None]:
        held = seen.get(visit, np.empty((0, 3)))
        more = chance.normal(0.1 * ways * (position - cuts), 1, (replications - len(held), 3))
        seen[visit] = np.concatenate([held, more])
        return {str(n): below(mean_interval(seen[visit][:, n], level), 0.0) for n in range(3)}

    def holds(n: int) -> Callable[[int], bool]:
        return lambda position: bool(ways[n] * (position - cuts[n]) <= 0)

    return look, {str(n): holds(n) for n in range(3)}


def all_right(model: tuple[Judged, dict[str, Callable[[int], bool]]], positions: int) -> bool:
    """Whether all brackets of a search are right."""
    look, exact = model
    brackets = search(list(exact), Plan(positions, 16, 10, 40), look).brackets()
    return all(right(brackets[name], holds) for name, holds in exact.items())


@at_least(SWEEPS, 0.95)
def break_even_of_a_queue(chance: np.random.Generator) -> Iterator[bool]:
    """All three brackets of a break-even right at once: M/M/1 along its load, days of 200 customers."""
    return (all_right(queue(chance), 51) for _ in range(MANY))


@at_least(SWEEPS, 0.95)
def break_even_of_lines(chance: np.random.Generator) -> Iterator[bool]:
    """All three brackets of a break-even right at once: normal figures, break-evens anywhere."""
    return (all_right(lines(chance), 71) for _ in range(MANY))


def ishigami(u: Array) -> Array:
    """Ishigami and Homma 1990, a = 7, b = 0.1, of three uniform numbers."""
    x = np.pi * (2 * u - 1)
    value: Array = np.sin(x[..., 0]) + 7 * np.sin(x[..., 1]) ** 2 + 0.1 * x[..., 2] ** 4 * np.sin(x[..., 0])
    return value


FIRST, BOTH = 0.5 * (1 + 0.1 * np.pi**4 / 5) ** 2, 0.01 * np.pi**8 * (1 / 18 - 1 / 50)
ISHIGAMI = np.array([[FIRST, 49 / 8, 0], [FIRST + BOTH, 49 / 8, BOTH]]) / (FIRST + 49 / 8 + BOTH)
SLOPES = np.array([1.0, 2.0, 3.0])


def noisy(design: Saltelli, chance: np.random.Generator) -> Observed:
    """A sum of three factors, whose slopes and level are a replication's own, and noise a point's own; 6 replications."""
    slopes, levels = SLOPES + 0.5 * chance.standard_normal((6, 3)), 10 * chance.standard_normal(6)

    def values(u: Array) -> Array:
        exact: Array = np.moveaxis(u @ slopes.T, -1, 0) + levels.reshape(-1, *[1] * (u.ndim - 1))
        return exact + 0.5 * chance.standard_normal(exact.shape)

    return Observed(*map(values, design))


def covered(observed: Observed, exact: Array, chance: np.random.Generator) -> Iterator[bool]:
    """Whether the interval of each index covers."""
    for factor, by in enumerate(sensitivity(observed, 0.95, chance).indices):
        for kind in range(2):
            yield by[kind].low - 1e-9 <= exact[kind, factor] <= by[kind].high + 1e-9


@at_least(SWEEPS, 0.95)
def indices_without_noise(chance: np.random.Generator) -> Iterator[bool]:
    """First-order and total indices of Ishigami's function, 128 rows (cautious, as rows are well spread)."""
    for _ in range(MANY):
        yield from covered(of_function(ishigami, *saltelli(128, 3, chance)), ISHIGAMI, chance)


@at_least(SWEEPS, 0.95)
def indices_with_noise(chance: np.random.Generator) -> Iterator[bool]:
    """Indices of a noisy sum on common random numbers, 64 rows, 6 replications."""
    exact = np.array([SLOPES**2, SLOPES**2]) / (SLOPES**2).sum()
    for _ in range(MANY):
        yield from covered(noisy(saltelli(64, 3, chance), chance), exact, chance)


def point(number: int, values: Array, cost: float) -> Point:
    """A point whose one target, at most 10, observed these values."""
    target = Target.parse("short", "asa <= 10 s")
    seen = {(target.metric, target.segment): mean_estimate(values), COST: mean_estimate(np.full(len(values), cost))}
    held = mean_interval(values)
    return Point(number, {}, [], [Judgement(target, held, target.verdict(held))], seen)


@at_most(SWEEPS, 0.05)
def sure_choices(chance: np.random.Generator) -> Iterator[bool]:
    """A point called the cheapest that surely meets its target, out of 20 of which each just misses it."""
    for _ in range(MANY):
        day = chance.normal(0, 0.5, 6)
        points = [point(n, 10.001 + day + chance.normal(0, 1, 6), n) for n in range(20)]
        cheapest = next((one for one in points if one.meets_all), None)
        yield cheapest is not None and _surely(cheapest, points, 0.95, 1)
