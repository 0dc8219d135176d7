"""Selection of the best of several systems, from replications with common random numbers; higher is better throughout.

Two procedures. `Race` guarantees the probability of a correct selection and takes as many replications as that needs
(Kim and Nelson 2001, A fully sequential procedure for indifference-zone selection in simulation, ACM Transactions on
Modeling and Computer Simulation 11:251-273). `allocation` spends a fixed number of replications where they tell most
(optimal computing budget allocation: Chen, Lin, Yücesan and Chick 2000, Discrete Event Dynamic Systems 10:251-270; Chen
and Lee 2011, Stochastic Simulation Optimization, chapter 3), and `Ranking` says what they tell.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from simulation.statistics.intervals import t_share
from simulation.statistics.paired import Estimate

Array = npt.NDArray[np.float64]


class Elimination(NamedTuple):
    """A system that left the race: which one, shown inferior (or equal to the last digit) to which other, after how many
    replications of each."""

    system: int
    by: int
    after: int
    equal: bool = False


class Race:
    """The procedure KN: after a first stage all systems in the race get one more replication at a time, and whoever is shown
    inferior to another leaves it.

    If the best is better than every other by at least `matters`, it is the one left with a probability of at least `level`.
    `first` are the estimates of the first stage, replication by replication: their paired differences give the variances,
    so common random numbers shorten the race and do no harm. The guarantee is exact for independent normal replications
    (means); for ratios the linearised numbers of the replications take their place, and it holds asymptotically (Kim and
    Nelson 2006, Operations Research 54:475-488). With `among`
    only these take part, and the guarantee is as of all, so whatever chose them from the same replications does it no harm.
    `ValueError` for fewer than two systems or replications, or `matters` not
    above zero.
    """

    def __init__(
        self, first: Sequence[Estimate], matters: float, level: float, among: Sequence[int] | None = None
    ) -> None:
        stage = len(first[0].influence) if first else 0
        if len(first) < 2 or stage < 2:
            raise ValueError("a selection needs two systems or more, and two replications or more of each")
        if not matters > 0 or not 0 < level < 1:
            raise ValueError("`matters` must be above 0 and `level` lie between 0 and 1")
        self.matters = matters
        self.left = list(range(len(first))) if among is None else list(among)
        self.gone: list[Elimination] = []
        self._reach = boundary(len(first), stage, level) * _variances(first)

    @property
    def most(self) -> int:
        """After how many replications of each the race is over at the latest, with the systems that are in it now."""
        widest = float(self._reach[np.ix_(self.left, self.left)].max())
        return math.floor(widest / self.matters**2) + 1

    @property
    def over(self) -> bool:
        """Whether one system only is left."""
        return len(self.left) == 1

    def look(self, values: Sequence[float], replications: int) -> list[Elimination]:
        """Who leaves now, given the estimate of each system from so many replications (of those gone any number).

        A system leaves if another one is ahead by more than max(0, h² S² / (2 d r) - d / 2), where S² is the variance of
        their difference in the first stage, d what matters and r the replications.
        """
        inside = np.ix_(self.left, self.left)
        allowed = np.maximum(0.0, self._reach[inside] / (2 * self.matters * replications) - self.matters / 2)
        now = np.asarray(values, dtype=np.float64)[self.left]
        spare = now[:, None] - now[None, :] + allowed
        found = [
            Elimination(self.left[index], self.left[int(spare[index].argmin())], replications)
            for index in np.flatnonzero(spare.min(axis=1) < 0)
        ]
        lost = {one.system for one in found}
        self.left = [system for system in self.left if system not in lost]
        if replications >= self.most and len(self.left) > 1:  # equal to the last digit
            first, *equals = self.left
            found += [Elimination(system, first, replications, True) for system in equals]
            self.left = [first]
        self.gone += found
        return found


def boundary(systems: int, stage: int, level: float) -> float:
    """The constant h² of Kim and Nelson: 2 η (n0 - 1) with η = ((2 a)^(-2 / (n0 - 1)) - 1) / 2 and a = (1 - level) / (k - 1),
    for k systems whose replications may be correlated and a first stage of n0."""
    share = (1 - level) / (systems - 1)
    return ((2 * share) ** (-2 / (stage - 1)) - 1) * (stage - 1)


def _variances(first: Sequence[Estimate]) -> Array:
    """Of the difference of each two systems, from one replication to the next."""
    apart = np.array([one.by_replication for one in first])
    squares = [(apart - one) ** 2 for one in apart]
    return np.array([each.sum(axis=1) for each in squares]) / (apart.shape[1] - 1)


# -- a fixed budget -----------------------------------------------------------------------------------


def allocation(gaps: Array, own: Array, shared: Array, best: int) -> Array:
    """Shares of the replications, by system, that make a correct selection most probable (asymptotically).

    `gaps` by how much the best is ahead of each (above zero), `own` the variance of each given the best, `shared` the
    variance that the difference owes to the best; the entries of the best itself are not looked at. With β the slope of a
    system on the best, own = σ² (1 - ρ²) and shared = (1 - β)² σ_b²; without correlation these are the variances of the
    system and of the best, and the rule is that of Chen et al. (2000): n_i / n_j = (own_i / gap_i²) / (own_j / gap_j²), and
    n_b = sqrt(Σ n_i² shared_i / own_i). With common random numbers the best gets no fewer than any other, as replications
    that the best lacks cannot be paired.
    """
    others = np.arange(len(gaps)) != best
    shares = np.where(others, own / np.where(others, gaps, 1.0) ** 2, 0.0)
    beside = np.where(others, own * shared / np.where(others, gaps, 1.0) ** 4, 0.0)
    shares[best] = math.sqrt(float(beside.sum()))
    if (shared[others] < own[others]).any():
        shares[best] = max(shares[best], float(shares[others].max()))
    total = float(shares.sum())
    return shares / total if total > 0 else np.full(len(gaps), 1 / len(gaps))


class Ranking:
    """What replications of several systems tell, of some more than of others; replication r of each on the same numbers.

    The means are adjusted for the replications that only some systems took, by regression on the system that took most (a
    control variate; of two systems the maximum likelihood estimate for jointly normal replications), so that nobody is ahead for having met
    easier days. `ValueError` for fewer than three replications of a system.
    """

    def __init__(self, estimates: Sequence[Estimate]) -> None:
        if min(len(one.influence) for one in estimates) < 3:
            raise ValueError("a ranking needs three replications or more of each system")
        self.rows = [one.value + one.by_replication for one in estimates]
        self.taken = np.array([len(row) for row in self.rows])
        raw = np.array([one.value for one in estimates])
        self.anchor = max(range(len(raw)), key=lambda system: (self.taken[system], raw[system]))
        reference = self.rows[self.anchor]
        self.slopes = np.array([_slope(row, reference) for row in self.rows])
        missed = np.array([raw[self.anchor] - reference[:n].mean() for n in self.taken])
        self.means = raw + self.slopes * missed
        self.best = int(self.means.argmax())

    def error(self, one: int, other: int) -> float:
        """The standard error of the difference of two adjusted means."""
        n = int(min(self.taken[one], self.taken[other]))
        first, second = self._rest(one), self._rest(other)
        alone = _variance(first) / len(first) + _variance(second) / len(second)
        joint = float(np.cov(first[:n], second[:n])[0, 1]) / max(len(first), len(second))
        reference = self.rows[self.anchor]
        beside = (self.slopes[one] - self.slopes[other]) ** 2 * _variance(reference) / len(reference)
        return math.sqrt(max(alone - 2 * joint + beside, 0.0))

    def probability(self, slack: float = 0.0) -> float:
        """The approximate probability that the best is the best, or worse than none by more than `slack`: Bonferroni's lower
        bound, 1 - Σ P(another one is better), with Student's t for each difference (Chen et al. 2000; Branke, Chick and
        Schmidt 2007)."""
        wrong = 0.0
        for other in range(len(self.rows)):
            if other != self.best:
                ahead = float(self.means[self.best] - self.means[other]) + slack
                wrong += 1 - _certainty(
                    ahead, self.error(self.best, other), int(self.taken[[self.best, other]].min()) - 1
                )
        return max(0.0, 1 - wrong)

    def shares(self) -> Array:
        """How further replications are best given out: `allocation`, with what is known now.

        A gap that cannot be told from none counts as a quarter of its standard error, so that no tie takes all.
        """
        gaps, own, shared = np.ones(len(self.rows)), np.zeros(len(self.rows)), np.zeros(len(self.rows))
        for system, row in enumerate(self.rows):
            if system != self.best:
                gaps[system] = max(self.means[self.best] - self.means[system], self.error(self.best, system) / 4)
                own[system], shared[system] = _split(row, self.rows[self.best])
        gaps[gaps <= 0] = 1.0  # the very same numbers: nothing to tell, and own is zero
        return allocation(gaps, own, shared, self.best)

    def _rest(self, system: int) -> Array:
        """What the reference does not explain of a system's replications."""
        row = self.rows[system]
        return row - self.slopes[system] * self.rows[self.anchor][: len(row)]


def following(shares: Array, taken: Array, more: int) -> Array:
    """How many of `more` replications each system gets next, so that all together come as near to the shares as they can."""
    lacking = np.maximum(shares * (taken.sum() + more) - taken, 0.0)
    exact = lacking * more / lacking.sum()
    given = np.floor(exact).astype(np.int64)
    for system in np.argsort(given - exact, kind="stable")[: more - int(given.sum())]:
        given[system] += 1
    return given


def _certainty(ahead: float, error: float, df: int) -> float:
    if error == 0:
        return 1.0 if ahead >= 0 else 0.0
    return t_share(ahead / error, df)


def _slope(row: Array, reference: Array) -> float:
    """Of a row on the reference, over the replications that both took."""
    n = min(len(row), len(reference))
    spread = _variance(reference[:n])
    return float(np.cov(row[:n], reference[:n])[0, 1]) / spread if spread > 0 else 0.0


def _split(row: Array, best: Array) -> tuple[float, float]:
    """The variance of a system given the best, and what the difference owes to the best."""
    n, slope = min(len(row), len(best)), _slope(row, best)
    return _variance(row[:n] - slope * best[:n]), (1 - slope) ** 2 * _variance(best)


def _variance(row: Array) -> float:
    return 0.0 if row.min() == row.max() else float(row.var(ddof=1))
