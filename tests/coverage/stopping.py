"""Replications that go on until an interval is narrow, or a verdict settles: with the classes that runs use."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from simulation.metrics.differences import verdict
from simulation.statistics import Interval
from simulation.statistics.paired import (
    Estimate,
    difference,
    interval,
    joint_level,
    mean_estimate,
    ratio_estimate,
)
from simulation.statistics.sequential import Followed, looks, repeated_interval, spent
from tests.coverage import models
from tests.coverage.fixed import holds
from tests.coverage.registry import at_least, at_most, covers

WIDTH = "2. After stopping once the interval is narrow enough"
VERDICT = "3. After stopping once the verdict is settled"
FALSE = "4. False verdicts"
MOST = 230
STUDIES = 1000


# -- until the interval is narrow -------------------------------------------------------------------


def narrow(estimates: Callable[[int], Estimate], relative: float, most: int = 1000) -> Interval:
    """Student's interval at the first look at which it is narrow enough."""
    for n in looks(most):
        found = interval(estimates(n), 0.95)
        if found.half_width <= relative * abs(found.mean):
            break
    return found


def until_narrow(
    exact: float, relative: float, draw: Callable[[int], tuple[np.ndarray, ...]], of: Callable[..., Estimate]
) -> bool:
    data = draw(1000)
    return holds(exact, narrow(lambda n: of(*(part[:n] for part in data)), relative))


@covers(WIDTH)
def narrow_normal_means(chance: np.random.Generator) -> Iterator[bool]:
    """Mean of normal figures, half-width 5 % of it."""
    for _ in range(STUDIES):
        yield until_narrow(5, 0.05, lambda n: (chance.normal(5, 1, n),), mean_estimate)


@covers(WIDTH)
def narrow_skewed_means(chance: np.random.Generator) -> Iterator[bool]:
    """Mean of skewed figures (gamma, skewness 1), half-width 10 %."""
    for _ in range(STUDIES):
        yield until_narrow(1, 0.1, lambda n: (models.skewed(chance, n),), mean_estimate)


@covers(WIDTH)
def narrow_ratios(chance: np.random.Generator) -> Iterator[bool]:
    """Ratio of sums, half-width 1 %."""
    for _ in range(STUDIES):
        yield until_narrow(models.RATIO, 0.01, lambda n: models.shares(chance, n), ratio_estimate)


@covers(WIDTH)
def narrow_quantiles(chance: np.random.Generator) -> Iterator[bool]:
    """90 % quantile by replication, half-width 2 %."""
    for _ in range(STUDIES):
        data = models.quantiles(chance, 300)
        yield holds(models.QUANTILE, narrow(lambda n, data=data: mean_estimate(data[:n]), 0.02, 300))


@covers(WIDTH)
def narrow_differences(chance: np.random.Generator) -> Iterator[bool]:
    """Paired difference of skewed figures, half-width 20 %."""
    for _ in range(STUDIES):
        one, other = models.paired(chance, 1000, 0.5)
        yield holds(0.5, narrow(lambda n, a=one, b=other: difference(mean_estimate(b[:n]), mean_estimate(a[:n])), 0.2))


@covers(WIDTH)
def narrow_simultaneous_differences(chance: np.random.Generator) -> Iterator[bool]:
    """Six correlated paired differences at once, once the widest of them is 0.25 standard deviations."""
    changes = np.linspace(0.5, 1, 6)
    for _ in range(STUDIES):
        base, other = models.many_paired(chance, 150, changes)
        for n in looks(150):
            apart = [difference(mean_estimate(b[:n]), mean_estimate(a[:n])) for a, b in zip(base, other, strict=True)]
            single = joint_level(apart, 0.95, chance, draws=300)
            found = [interval(one, 0.95, single) for one in apart]
            if max(one.half_width for one in found) <= 0.25:
                break
        yield all(map(holds, changes, found))


# -- until the verdict is settled -------------------------------------------------------------------


def side(bound: float) -> Callable[[Interval], str | None]:
    """On which side of a bound an interval lies."""
    return lambda found: "above" if found.low > bound else "below" if found.high < bound else None


def followed_to(estimates: Callable[[int], Estimate], bound: float) -> Followed[str]:
    """A quantity held against a bound, until there is a verdict."""
    followed: Followed[str] = Followed(bound)
    for n in looks(MOST):
        followed.look(estimates(n), 0.95, 1.0 if n == MOST else spent(n), side(bound))
        if followed.verdict is not None:
            break
    return followed


def settled(estimates: Callable[[int], Estimate], bound: float) -> Interval:
    """The interval that goes with the verdict."""
    return followed_to(estimates, bound).interval(0.95, side(bound))


def settled_means(chance: np.random.Generator, off: float) -> Iterator[bool]:
    """Normal figures whose mean is so many standard deviations above the bound."""
    for _ in range(STUDIES):
        data = chance.normal(off, 1, MOST)
        yield holds(off, settled(lambda n, data=data: mean_estimate(data[:n]), 0.0))


@covers(VERDICT)
def far_from_the_bound(chance: np.random.Generator) -> Iterator[bool]:
    """Mean of normal figures, 0.6 standard deviations from the bound."""
    return settled_means(chance, 0.6)


@covers(VERDICT)
def at_some_distance(chance: np.random.Generator) -> Iterator[bool]:
    """The same, 0.3 standard deviations from the bound."""
    return settled_means(chance, 0.3)


@covers(VERDICT)
def near_the_bound(chance: np.random.Generator) -> Iterator[bool]:
    """The same, 0.15 standard deviations from the bound (often undecided after 230 replications)."""
    return settled_means(chance, 0.15)


@covers(VERDICT)
def on_the_bound(chance: np.random.Generator) -> Iterator[bool]:
    """The same, right on the bound."""
    return settled_means(chance, 0.0)


@covers(VERDICT)
def settled_skewed_means(chance: np.random.Generator) -> Iterator[bool]:
    """Mean of skewed figures (gamma, skewness 1), half a standard deviation below the bound."""
    for _ in range(STUDIES):
        data = models.skewed(chance, MOST)
        yield holds(1, settled(lambda n, data=data: mean_estimate(data[:n]), 1.25))


@covers(VERDICT)
def settled_ratios(chance: np.random.Generator) -> Iterator[bool]:
    """Ratio of sums (79.9 %) against a bound of 78 %."""
    for _ in range(STUDIES):
        x, y = models.shares(chance, MOST)
        yield holds(models.RATIO, settled(lambda n, x=x, y=y: ratio_estimate(x[:n], y[:n]), 0.78))


@covers(VERDICT)
def settled_quantiles(chance: np.random.Generator) -> Iterator[bool]:
    """90 % quantile by replication, half a standard deviation from the bound."""
    for _ in range(STUDIES):
        data = models.quantiles(chance, MOST)
        yield holds(models.QUANTILE, settled(lambda n, data=data: mean_estimate(data[:n]), 2.2))


@covers(VERDICT)
def settled_differences(chance: np.random.Generator) -> Iterator[bool]:
    """Paired difference of skewed figures, better or worse."""
    for _ in range(STUDIES):
        one, other = models.paired(chance, MOST, 0.15)
        found = settled(lambda n, a=one, b=other: difference(mean_estimate(b[:n]), mean_estimate(a[:n])), 0.0)
        yield holds(0.15, found)


MOST_OF_MANY = 68
CHANGES = np.array([0.6, 0.35, 0.35, 0.0, 0.0, -0.5])


def many_followed(
    chance: np.random.Generator, changes: np.ndarray, margin: float
) -> list[tuple[Followed[str], float, Callable[[Interval], str | None]]]:
    """Several differences, followed at one joint level as comparisons do, until each has a verdict; each with the level of its
    own, and what its interval means."""

    def decide(found: Interval) -> str | None:
        said = verdict(found, "higher", margin).value
        return None if said == "undecided" else said

    followed: list[Followed[str]] = [Followed(0.0) for _ in changes]
    levels = [0.95] * len(changes)
    base, other = models.many_paired(chance, MOST_OF_MANY, changes)
    for n in looks(MOST_OF_MANY):
        apart = [difference(mean_estimate(b[:n]), mean_estimate(a[:n])) for a, b in zip(base, other, strict=True)]
        single = joint_level(apart, 0.95, chance, draws=250)
        for index, (one, estimate) in enumerate(zip(followed, apart, strict=True)):
            if one.verdict is None:
                levels[index] = single
                one.look(estimate, single, 1.0 if n == MOST_OF_MANY else spent(n), decide, margin)
        if all(one.verdict for one in followed):
            break
    return [(one, level, decide) for one, level in zip(followed, levels, strict=True)]


@covers(VERDICT)
def settled_simultaneous_differences(chance: np.random.Generator) -> Iterator[bool]:
    """Six correlated paired differences at one joint level, each at its own look."""
    for _ in range(STUDIES):
        found = many_followed(chance, CHANGES, 0.4)
        yield all(map(holds, CHANGES, (one.interval(level, decide) for one, level, decide in found)))


@at_least(VERDICT, 0.95)
def other_figures(chance: np.random.Generator) -> Iterator[bool]:
    """A figure without target (correlation 0.8 with the one whose verdict stopped the run): the wider interval of the table of figures."""
    for _ in range(STUDIES):
        data = chance.normal(0.15, 1, MOST)
        beside = 0.8 * (data - 0.15) + 0.6 * chance.standard_normal(MOST)
        followed: Followed[str] = Followed(0.0)
        for n in looks(MOST):
            followed.look(mean_estimate(data[:n]), 0.95, 1.0 if n == MOST else spent(n), side(0.0))
            if followed.verdict is not None:
                break
        yield holds(0.0, repeated_interval(mean_estimate(beside[:n]), boundary_after(n), 0.95))


def boundary_after(n: int) -> float:
    """The boundary of the look after `n` replications."""
    from simulation.statistics.sequential import boundary

    seen = tuple(looks(n))
    return boundary(seen, tuple(0.05 * spent(one) for one in seen))


# -- false verdicts ---------------------------------------------------------------------------------


@at_most(FALSE, 0.05)
def verdicts_on_the_bound(chance: np.random.Generator) -> Iterator[bool]:
    """Met or missed though the mean is right on the bound, up to seven looks."""
    for _ in range(4 * STUDIES):
        data = chance.normal(0, 1, MOST)
        yield followed_to(lambda n, data=data: mean_estimate(data[:n]), 0.0).verdict is not None


@at_most(FALSE, 0.06)
def skewed_verdicts_on_the_bound(chance: np.random.Generator) -> Iterator[bool]:
    """The same of skewed figures (gamma, skewness 1; Student's own interval leaves out the mean in 6 % there)."""
    for _ in range(4 * STUDIES):
        data = models.skewed(chance, MOST)
        yield followed_to(lambda n, data=data: mean_estimate(data[:n]), 1.0).verdict is not None


@at_most(FALSE, 0.025)
def wrong_side(chance: np.random.Generator) -> Iterator[bool]:
    """Missed though it is met (0.05 standard deviations inside)."""
    for _ in range(4 * STUDIES):
        data = chance.normal(0.05, 1, MOST)
        yield followed_to(lambda n, data=data: mean_estimate(data[:n]), 0.0).verdict == "below"


@at_most(FALSE, 0.05)
def false_differences(chance: np.random.Generator) -> Iterator[bool]:
    """Any of six differences called better or worse though there is none, at one joint level."""
    for _ in range(STUDIES):
        yield bool({"better", "worse"} & {one.verdict for one, *_ in many_followed(chance, np.zeros(6), 0.3)})


@at_most(FALSE, 0.05)
def false_sameness(chance: np.random.Generator) -> Iterator[bool]:
    """Any of six differences called none though each just matters."""
    for _ in range(STUDIES):
        yield "no difference" in {one.verdict for one, *_ in many_followed(chance, np.full(6, 0.3), 0.3)}
