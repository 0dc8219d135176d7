"""Designs of a sweep: which values the factors take together, checked whole before anything is simulated."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from simulation.chance import stream
from simulation.errors import InputError, Problem
from simulation.experiments.load import changed
from simulation.scenario.factors import Factor
from simulation.scenario.factors import factor as factor_of
from simulation.scenario.hints import types_at
from simulation.scenario.marks import split_path
from simulation.scenario.schema import Scenario
from simulation.statistics.designs import grid, latin_hypercube, one_at_a_time, power_of_two, saltelli

KINDS = ("grid", "lhs", "sobol", "one-at-a-time")
MOST_POINTS = 10_000
LEVELS, SAMPLED = 5, 64
"""Values of a range without steps in a grid; points of a Latin hypercube, rows of a Sobol' design."""
MOST_PROBLEMS = 20


@dataclass(frozen=True)
class Design:
    """Points without repetition, each the values of the factors that it sets, by path; and the point of each row of the
    design. A Sobol' design has `sampled` rows in each of its samples."""

    kind: str
    factors: tuple[Factor, ...]
    points: list[dict[str, Any]]
    rows: list[int]
    sampled: int = 0


def factors_of(given: Mapping[str, Any]) -> list[Factor]:
    """Factors from paths with ranges, lists or texts such as `4 min..6 min`; InputError with all that is wrong."""
    found, problems = [], []
    for path, values in given.items():
        try:
            split_path(path)
            found.append(factor_of(path, values, whole(path)))
        except (TypeError, ValueError) as error:
            problems.append(Problem(path, "", str(error)))
    if problems:
        raise InputError(problems)
    return found


def whole(path: str) -> bool:
    """Whether only whole numbers may stand at a path, or nothing is known of it."""
    types = types_at(Scenario, split_path(path))
    return "number" not in types


def design_of(kind: str, factors: Sequence[Factor], points: int | None, levels: int, seed: int) -> Design:
    """A design of a kind; InputError where there is nothing to vary or too much of it."""
    if not factors:
        raise _refused("there is nothing to vary; write e.g. --set teams.front.shifts.day.headcount=10..20")
    if kind not in KINDS:
        raise _refused(f"there is no design '{kind}'; write one of {', '.join(KINDS)}")
    if levels < 2:
        raise _refused("a range needs two levels or more; write e.g. --levels 5")
    makers = {"grid": _grid, "one-at-a-time": _alone}
    if kind in makers:
        if points is not None:
            raise _refused(f"a design {kind} has as many points as its levels make; write --levels, or --design lhs")
        return makers[kind](tuple(one.stepped(levels) for one in factors))
    return (_hypercube if kind == "lhs" else _sobol)(tuple(factors), SAMPLED if points is None else points, seed)


def _grid(factors: tuple[Factor, ...]) -> Design:
    _check_size(prod(len(one.levels) for one in factors), "fewer levels, or --design lhs --points 200")
    codes = grid([len(one.levels) for one in factors])
    points = [{one.path: one.levels[code] for one, code in zip(factors, row, strict=True)} for row in codes.tolist()]
    return Design("grid", factors, points, list(range(len(points))))


def _alone(factors: tuple[Factor, ...]) -> Design:
    """The scenario as it is, then each factor's ends alone; of a list, which has no ends, all of its values."""
    _check_size(1 + sum(len(one.levels) if one.listed else 2 for one in factors), "shorter lists")
    points: list[dict[str, Any]] = [{}]
    for index, level in one_at_a_time([len(one.levels) for one in factors]):
        one = factors[index]
        if not one.listed:
            points.append({one.path: one.levels[level]})
        elif level == 0:
            points += [{one.path: value} for value in one.levels]
    return Design("one-at-a-time", factors, points, list(range(len(points))))


def _hypercube(factors: tuple[Factor, ...], points: int, seed: int) -> Design:
    _check_size(points, "fewer --points")
    if points < 2:
        raise _refused("a Latin hypercube needs two points or more; write e.g. --points 64")
    return _placed("lhs", factors, latin_hypercube(points, len(factors), stream(seed, 0, "design")).tolist())


def _sobol(factors: tuple[Factor, ...], rows: int, seed: int) -> Design:
    if rows < 2 or rows != power_of_two(rows):
        raise _refused(f"a Sobol' design needs a power of two of rows; write --points {power_of_two(rows)}")
    _check_size(rows * (len(factors) + 2), "fewer --points, or fewer factors")
    at = saltelli(rows, len(factors), stream(seed, 0, "design")).points.tolist()
    return _placed("sobol", factors, at, rows)


def _placed(kind: str, factors: tuple[Factor, ...], at: Iterable[Sequence[float]], sampled: int = 0) -> Design:
    """Points in the unit cube as values; rows that come to the same values are one point."""
    seen: dict[tuple[Any, ...], int] = {}
    rows = [
        seen.setdefault(tuple(one.at(share) for one, share in zip(factors, row, strict=True)), len(seen)) for row in at
    ]
    points = [{one.path: value for one, value in zip(factors, values, strict=True)} for values in seen]
    return Design(kind, factors, points, rows, sampled)


def _check_size(points: int, cure: str) -> None:
    if points > MOST_POINTS:
        raise _refused(f"the design asks for {points:,} points, and {MOST_POINTS:,} is the most; write {cure}")


def _refused(what: str) -> InputError:
    return InputError([Problem("", "", what)])


def check_points(base: Scenario, points: Sequence[Mapping[str, Any]]) -> None:
    """Raise InputError with all that is wrong with any point, each fault once, with the first point that has it."""
    faults: dict[tuple[str, str, str], tuple[Problem, Mapping[str, Any], int]] = {}
    for point in points:
        try:
            changed(base, point)
        except InputError as error:
            for problem in error.problems:
                key = (problem.where, problem.path, re.sub(r"\d[\d.,]*", "#", problem.what))
                first, where, many = faults.get(key, (problem, point, 0))
                faults[key] = first, where, many + 1
    if faults:
        raise InputError(_problems(list(faults.values()), len(points)))


def _problems(faults: Sequence[tuple[Problem, Mapping[str, Any], int]], points: int) -> list[Problem]:
    told = [
        Problem(one.where, one.path, f"{one.what}{_at(point, many, points)}")
        for one, point, many in faults[:MOST_PROBLEMS]
    ]
    more = len(faults) - len(told)
    return [*told, *([Problem("", "", f"and {more:,} more")] if more else [])]


def _at(point: Mapping[str, Any], many: int, points: int) -> str:
    if many == points:
        return " (at every point)"
    values = ", ".join(f"{path}={value}" for path, value in point.items())
    return f" (at {many:,} of {points:,} points, first at {values})"
