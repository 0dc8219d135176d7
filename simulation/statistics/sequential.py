"""Looking at the data again and again, and stopping when it says enough: without paying for it with wrong intervals.

Who looks at an ordinary 95 % interval after every batch, and stops as soon as it leaves a bound, is wrong far more often
than in 5 % of the cases: each look is another chance to err. Two ways to stop are valid, and here they are.

*A width.* The half-width of an interval depends on the spread, and hardly on where the mean lies: to stop when it is narrow
enough leaves Student's interval nearly exact, from a fair number of first replications on (Chow and Robbins 1965, Annals of
Mathematical Statistics 36:457-462; Law 2015, section 9.4.1; Hoad, Robinson and Davies 2010, Journal of the Operational
Research Society 61:1632-1644).

*A verdict.* The looks share out the error between them (Lan and DeMets 1983, Biometrika 70:659-663): what a look may spend
is `spent`, and the boundaries that spend it follow by numerical integration (Armitage, McPherson and Rowe 1969, Journal of the
Royal Statistical Society A 132:235-244). Intervals with these boundaries are *repeated confidence intervals*: all of them hold at once,
whatever makes somebody stop (Jennison and Turnbull 1989, Journal of the Royal Statistical Society B 51:305-361). When a quantity is
decided, its own interval is the set of all means that the way there does not contradict, where a way counts as higher than
another if it left the boundaries upwards sooner: the stagewise ordering (Tsiatis, Rosner and Mehta 1984, Biometrics
40:797-803; Jennison and Turnbull 2000, chapter 8). It covers as often as it says, and leaves out the bound exactly if the verdict
does. Student's statistics become normal ones of the same probability (the significance-level approach, ibid., section 3.3).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Generic, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from simulation.statistics.intervals import Interval, _special
from simulation.statistics.paired import Estimate

Array = npt.NDArray[np.float64]
FIRST, GROWTH = 20, 1.5
"""Replications up to the first look, and by how much each look has more than the one before."""
AT_FIRST = 0.5
"""The part of the error that the first look may spend."""
FARTHEST = 9.0
"""Standard errors beyond which nothing happens."""
NODES, WEIGHTS = np.polynomial.legendre.leggauss(96)
MANY = 100_000
"""Replications beyond which nobody is told how many there might have to be."""
V = TypeVar("V")


def looks(most: int, first: int = FIRST, growth: float = GROWTH) -> Iterator[int]:
    """After how many replications the data is looked at: 20, 30, 45, 68 … and at last `most`."""
    number = min(first, most)
    while number < most:
        yield number
        number = min(math.ceil(number * growth), most)
    yield most


def spent(n: int, first: int = FIRST) -> float:
    """The part of the error that looks up to `n` replications may have spent: 1 - sqrt(first / n) / 2.

    Half of it at the first look, three quarters after four times as many replications, all of it never. It knows no end, so
    the same looks come to the same verdicts under whatever budget.
    """
    return 1.0 - (1.0 - AT_FIRST) * math.sqrt(first / max(n, first))


class _State(NamedTuple):
    """After a look: its boundary, and the density of the standardized mean inside, at points times their weights."""

    boundary: float
    points: Array
    mass: Array


@lru_cache(maxsize=4096)
def _state(numbers: tuple[int, ...], errors: tuple[float, ...]) -> _State:
    *before, n = numbers
    earlier = _state(tuple(before), errors[:-1]) if before else None
    extra = errors[-1] - (errors[-2] if before else 0.0)
    if earlier is None:
        boundary = float(-_special().ndtri(extra / 2)) if extra > 0 else FARTHEST
    else:
        boundary = _falling(lambda u: _leaving(earlier, before[-1], n, -u, u) - extra)
    return _State(boundary, *_inside(earlier, before[-1] if before else 0, n, -boundary, boundary))


def boundary(numbers: tuple[int, ...], errors: tuple[float, ...]) -> float:
    """By how many standard errors the mean must be off at the last of the looks, so that up to there a false alarm has the
    given probability: two-sided, `errors` summed up look by look, `numbers` of replications ascending."""
    return _state(numbers, errors).boundary


def _leaving(earlier: _State, before: int, n: int, low: float, high: float) -> float:
    """How probable it is to get past `before` within the boundaries, and at `n` to lie outside low … high."""
    share, spread = _link(before, n)
    at = share * earlier.points
    outside = _special().ndtr((low - at) / spread) + _special().ndtr((at - high) / spread)
    return float(earlier.mass @ outside)


def _inside(earlier: _State | None, before: int, n: int, low: float, high: float) -> tuple[Array, Array]:
    """Points inside low … high, and the probability of being there having come through all earlier boundaries."""
    points = (low + high) / 2 + (high - low) / 2 * NODES
    if earlier is None:
        density = np.exp(-(points**2) / 2) / math.sqrt(2 * math.pi)
    else:
        share, spread = _link(before, n)
        apart = (points[:, None] - share * earlier.points) / spread
        density = np.exp(-(apart**2) / 2) @ earlier.mass / (spread * math.sqrt(2 * math.pi))
    return points, density * (high - low) / 2 * WEIGHTS


def _link(before: int, n: int) -> tuple[float, float]:
    """The correlation of the standardized means of two looks, and what of the later one's deviation is new."""
    return math.sqrt(before / n), math.sqrt(1 - before / n)


def _falling(excess: Callable[[float], float]) -> float:
    """Where a falling function of 0 … FARTHEST crosses zero."""
    low, high = 0.0, FARTHEST
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if excess(middle) > 0 else (low, middle)
    return high


class Passed(NamedTuple):
    """A look after which one went on: its replications, and between which standardized means (about the point) this was so."""

    n: int
    low: float
    high: float


def ordered_interval(estimate: Estimate, point: float, passed: tuple[Passed, ...], level: float) -> Interval:
    """The interval of a mean that was followed through earlier looks, by stagewise ordering.

    `point` is what the standardized means of earlier looks were counted from. Without earlier looks it is Student's.
    """
    tail = (1 - level) / 2
    low, high = (_mean_with(estimate, point, passed, part) for part in (tail, 1 - tail))
    return Interval(estimate.value, low, high, level, estimate.n)


def probability_above(mean: float, estimate: Estimate, point: float, passed: tuple[Passed, ...]) -> float:
    """With which probability a way counts as at least as high as what was seen, if the mean were `mean`.

    A way is higher if at the first look at which the two part it lies higher.
    """
    unit = estimate.error * math.sqrt(estimate.n)
    total, earlier, before = 0.0, None, 0
    for n, low, high in passed:
        off = (point - mean) * math.sqrt(n) / unit
        total += _beyond(earlier, before, n, high + off)
        earlier, before = _State(0.0, *_inside(earlier, before, n, low + off, high + off)), n
    return total + _beyond(
        earlier, before, estimate.n, normal_of((estimate.value - mean) / estimate.error, estimate.n - 1)
    )


def _beyond(earlier: _State | None, before: int, n: int, bound: float) -> float:
    """How probable it is to come through all earlier looks and at this one to lie above the bound."""
    if earlier is None:
        return float(_special().ndtr(-bound))
    share, spread = _link(before, n)
    return float(earlier.mass @ _special().ndtr((share * earlier.points - bound) / spread))


def _mean_with(estimate: Estimate, point: float, passed: tuple[Passed, ...], probability: float) -> float:
    """The mean under which what was seen is exceeded with that probability, which grows with the mean."""
    wanted = float(_special().ndtri(probability))

    def off(mean: float) -> float:
        seen = probability_above(mean, estimate, point, passed)
        return float(_special().ndtri(min(max(seen, 1e-300), 1 - 1e-16))) - wanted

    low = high = estimate.value
    step = 2 * estimate.error
    while off(low) > 0:
        low, step = low - step, 2 * step
    step = 2 * estimate.error
    while off(high) < 0:
        high, step = high + step, 2 * step
    return _root(off, low, high, 1e-9 * estimate.error)


def _root(rising: Callable[[float], float], low: float, high: float, enough: float) -> float:
    """Where a rising function crosses zero: secants, with the value of an end that stays put halved (the Illinois method)."""
    below, above, moved = rising(low), rising(high), 0
    while high - low > enough and above > below:
        middle = min(max(low - below * (high - low) / (above - below), low), high)
        found = rising(middle)
        if abs(found) < 1e-9:
            return middle
        if found < 0:
            low, below, above, moved = middle, found, above / 2 if moved < 0 else above, -1
        else:
            high, above, below, moved = middle, found, below / 2 if moved > 0 else below, 1
    return (low + high) / 2


def normal_of(statistic: float, df: int) -> float:
    """The normal value that is as improbable as Student's statistic."""
    return math.copysign(float(-_special().ndtri(_special().stdtr(df, -abs(statistic)))), statistic)


def student_of(normal: float, df: int) -> float:
    """Student's statistic that is as improbable as a normal value above 0."""
    return float(-_special().stdtrit(df, _special().ndtr(-normal)))


class Unsettled(NamedTuple):
    """What has no verdict yet: its name and unit, the interval on which a verdict would rest, and about how many more
    replications might bring one, if the estimate stays where it is (None: too many, or unknown)."""

    name: str
    unit: str
    interval: Interval
    more: int | None


class Followed(Generic[V]):
    """A quantity that is looked at again and again until there is a verdict on it.

    `point` is the value that decides (a bound, or no difference). The verdict, and the interval that goes with it, are those
    of the look that brought it: what comes later changes neither.
    """

    def __init__(self, point: float) -> None:
        self.point = point
        self.verdict: V | None = None
        self._seen = Estimate(math.nan, np.zeros(0), 0)
        self._repeated = Interval(math.nan, math.nan, math.nan, 0.95, 0)
        self._trials = 0.0
        self._numbers: tuple[int, ...] = ()
        self._errors: tuple[float, ...] = ()
        self._passed: tuple[Passed, ...] = ()
        self._going_on: Passed | None = None

    def look(
        self,
        estimate: Estimate,
        level: float,
        part: float,
        decide: Callable[[Interval], V | None],
        margin: float = 0.0,
        trials: float = 0.0,
    ) -> None:
        """Look at an estimate over all replications so far; `decide` says what an interval means, None for nothing yet.

        `part` of the error of `level` may be spent up to here. `margin`: a verdict may also be that the quantity lies so close
        to the point. `trials` is the number of rows of a share (see `never_seen`). Without at least two replications that
        know something, and more of them than at the last look, nothing happens.
        """
        if self.verdict is not None or not self._is_news(estimate):
            return
        if self._going_on is not None:
            self._passed += (self._going_on,)
        self._seen, self._trials = estimate, trials
        self._numbers += (estimate.n,)
        self._errors += (max((1 - level) * part, 0.0, *self._errors),)
        critical = boundary(self._numbers, self._errors)
        self._repeated = repeated_interval(estimate, critical, level, trials)
        self._going_on = Passed(estimate.n, *_branch(estimate, self.point, critical, margin))
        self.verdict = decide(self._repeated)

    def interval(self, level: float, decide: Callable[[Interval], V | None]) -> Interval:
        """The interval of the settling (or the last) look: of stagewise ordering, where that says the same as the verdict; else the
        wider one on which the verdict rests. Bounds are NaN where nothing is known of the spread."""
        seen = self._seen
        if seen.n < 2:
            return Interval(seen.value, math.nan, math.nan, level, seen.n)
        error = max((1 - level, *self._errors))
        if not seen.error:
            ordered = never_seen(seen, 1 - error, self._trials)
        else:
            ordered = ordered_interval(seen, self.point, self._passed, 1 - error)
        return ordered if decide(ordered) == self.verdict else self._repeated

    @property
    def after(self) -> int:
        """Replications up to the settling (or the last) look, those that know nothing included."""
        return len(self._seen.influence)

    def unsettled(self, name: str, unit: str, margin: float = 0.0) -> Unsettled:
        """How it stands while there is no verdict; `margin` as at the look."""
        return Unsettled(name, unit, self._repeated, self._more(margin))

    def _more(self, margin: float) -> int | None:
        """More replications after which the interval might lie on one side of the point, or within the margin."""
        off = abs(self._seen.value - self.point)
        room, half = max(off, margin - off), self._repeated.half_width
        if not (room > 0 and half > 0 and room < math.inf):
            return None
        needed = self._seen.n * ((half / room) ** 2 if self._seen.error else 2 * half / room)
        return max(1, math.ceil(needed) - self._seen.n) if needed <= MANY else None

    def _is_news(self, estimate: Estimate) -> bool:
        if not self._numbers and math.isfinite(estimate.value) and estimate.n < 2:
            self._seen = estimate
        known = math.isfinite(estimate.value) and math.isfinite(estimate.error)
        return known and estimate.n > max((1, *self._numbers))


def repeated_interval(estimate: Estimate, critical: float, level: float, trials: float = 0.0) -> Interval:
    """The interval of a look among many, with the boundary that belongs to it; all of them hold at once with `level`."""
    if not estimate.error:
        return replace(never_seen(estimate, nominal(critical), trials), level=level)
    half = student_of(critical, estimate.n - 1) * estimate.error
    return Interval(estimate.value, estimate.value - half, estimate.value + half, level, estimate.n)


def nominal(critical: float) -> float:
    """The level of a single interval that reaches as far as a boundary."""
    return 1 - 2 * float(_special().ndtr(-critical))


def never_seen(estimate: Estimate, level: float, trials: float = 0.0) -> Interval:
    """The interval of what never varied: of no width, but for a share that was 0 or 1 in all of its `trials`.

    There is no spread then to judge by, and nothing seen is not nothing possible (see `unseen`). Of a difference of shares
    that were both 0 or 1 in all, `trials` is negative: it may lie on either side.
    """
    low = high = estimate.value
    if abs(trials) >= 1 and abs(estimate.value) in (0.0, 1.0):
        off = unseen(abs(trials), level)
        least = -1.0 if trials < 0 else 0.0
        low, high = max(estimate.value - off, least), min(estimate.value + off, 1.0)
    return Interval(estimate.value, low, high, level, estimate.n)


def unseen(trials: float, level: float) -> float:
    """The share that may be there though none of so many independent trials has shown it: not to see it would then have half
    the probability that `level` leaves (Clopper and Pearson 1934, Biometrika 26:404-413)."""
    return float(1 - ((1 - level) / 2) ** (1 / trials))


def _branch(estimate: Estimate, point: float, critical: float, margin: float) -> tuple[float, float]:
    """Between which standardized means about the point one goes on as here: within the boundaries, but on this side of where
    all of the interval would lie within the margin."""
    width = margin / estimate.error - critical if estimate.error else 0.0
    if width <= 0 or width >= critical:
        return -critical, critical
    return (width, critical) if estimate.value > point else (-critical, -width)


def share_of_looks(n: int, last: bool, first: int = FIRST) -> float:
    """The part of the error that may be spent up to `n` replications: all of it at the last look."""
    return 1.0 if last else spent(n, first)
