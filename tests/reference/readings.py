"""What is read off a replication: sums that add up over replications, and the number that their total stands for.

Everything is read from the tables of a `Record` alone, in the case's own unit of time, and independently of the
KPIs of the product.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from simulation.record import Record
from simulation.record.recorder import CaseStatus, ContactKind, Outcome

Array = npt.NDArray[Any]
Amount = Callable[["Look"], float]
WAIT_EDGES = np.concatenate([[0.0], np.geomspace(1e-6, 1e6, 6001)])
"""Edges of the histogram from which quantiles of waits are read: 0 apart, then 500 a decade."""


@dataclass(frozen=True)
class Frame:
    """When is measured: from `start` to `end` (s), of each `period` (s) only the first `length`; `unit` s make 1."""

    unit: float
    start: float
    end: float
    period: float = np.inf
    length: float = np.inf

    @property
    def windows(self) -> float:
        """How many periods are measured."""
        return (self.end - self.start) / self.period

    def elapsed(self, times: Array) -> Array:
        """Measured time (s) before each of `times`."""
        since = np.clip(times, self.start, self.end) - self.start
        if np.isinf(self.period):
            return since
        whole, rest = np.divmod(since, self.period)
        return whole * self.length + np.minimum(rest, self.length)

    def total(self) -> float:
        """Measured time in units."""
        return float(self.elapsed(np.array([self.end]))[0]) / self.unit


@dataclass(frozen=True)
class Look:
    """One replication as the statistics see it: all stays with agents, or those of a channel, tier or team, and calls
    by the center alone or without them."""

    record: Record
    frame: Frame
    channel: int | None = None
    tier: int | None = None
    team: int | None = None
    calls: bool | None = None

    def only(self, **codes: int) -> Look:
        """The stays (contacts, agents) with these codes alone."""
        key = tuple(codes.items())
        if key not in self._parts:
            self._parts[key] = replace(self, **codes)  # type: ignore[arg-type]
        return self._parts[key]

    @cached_property
    def _parts(self) -> dict[tuple[tuple[str, int], ...], Look]:
        return {}

    @cached_property
    def stays(self) -> dict[str, Array]:
        """Stays in a queue for agents and what came of them, whenever they began."""
        rows = self.record.legs
        chosen = rows["tier"] >= 0 if self.tier is None else rows["tier"] == self.tier
        if self.channel is not None:
            chosen &= rows["channel"] == self.channel
        if self.team is not None:
            chosen &= rows["handler"] == self.team
        if self.calls is not None:
            chosen &= (rows["kind"] == ContactKind.CALLBACK) == self.calls
        return {name: values[chosen] for name, values in rows.items()}

    @cached_property
    def measured(self) -> dict[str, Array]:
        """Stays that began in measured time and whose wait came to its end."""
        inside = self.stays["measured"] & ~np.isnan(self.stays["wait"])
        return {name: values[inside] for name, values in self.stays.items()}

    @cached_property
    def wait(self) -> Array:
        """Wait of each measured stay, in units."""
        waits: Array = self.measured["wait"] / self.frame.unit
        return waits

    @cached_property
    def served(self) -> Array:
        """Whether each measured stay met an agent."""
        return ~np.isnan(self.measured["answered"])

    @cached_property
    def abandoned(self) -> Array:
        """Whether each measured stay ended by the customer's hanging up."""
        abandoned: Array = self.measured["outcome"] == Outcome.ABANDONED
        return abandoned

    def ended(self, *outcomes: Outcome) -> Array:
        """Whether each measured stay ended so."""
        ended: Array = np.isin(self.measured["outcome"], outcomes)
        return ended

    @cached_property
    def contacts(self) -> dict[str, Array]:
        """Contacts (busy signals included) that came in measured time."""
        rows = self.record.contacts
        chosen = rows["measured"] if self.channel is None else rows["measured"] & (rows["channel"] == self.channel)
        return {name: values[chosen] for name, values in rows.items()}

    @cached_property
    def first(self) -> Array:
        """Whether each measured contact is its case's first."""
        first: Array = self.contacts["kind"] == ContactKind.FIRST
        return first

    @cached_property
    def queue_spans(self) -> tuple[Array, Array]:
        """Start and end (s) of every wait; the end is infinite where it never came."""
        rows = self.stays
        return rows["queued"], np.where(np.isnan(rows["wait"]), np.inf, rows["queued"] + rows["wait"])

    @cached_property
    def service_spans(self) -> tuple[Array, Array]:
        """Start and end (s) of every handling."""
        rows = self.stays
        begun = ~np.isnan(rows["answered"])
        return rows["answered"][begun], rows["ended"][begun]

    @cached_property
    def away_spans(self) -> tuple[Array, Array]:
        """Start and end (s) of every pause of a case between two contacts, whether known to be over or not."""
        rows = self.record.contacts
        again = np.append(rows["case"][1:] == rows["case"][:-1], False)
        pending = ~again & ~np.isnan(rows["ended"]) & (self.record.cases["status"][rows["case"]] == CaseStatus.OPEN)
        following = np.append(rows["arrived"][1:], np.inf)
        pause = again | pending
        return rows["ended"][pause], np.where(again, following, np.inf)[pause]

    def time_in(self, spans: tuple[Array, Array]) -> float:
        """Measured time within the spans, summed, in units."""
        start, end = (self.frame.elapsed(times) for times in spans)
        return float((end - start).sum()) / self.frame.unit

    def staff(self, column: str) -> float:
        """Agents' measured seconds of a column of the staffing table."""
        rows = self.record.staffing
        chosen = rows["measured"] if self.team is None else rows["measured"] & (rows["team"] == self.team)
        return float(rows[column][chosen].sum())


@dataclass(frozen=True)
class Statistic:
    """How a number is read: sums of each replication, and the value of their total (or of a part of them)."""

    sums: Callable[[Look], Array]
    value: Callable[[Array], float]

    def of(self, **codes: int) -> Statistic:
        """The same for one channel, tier or team."""
        return Statistic(lambda look: self.sums(look.only(**codes)), self.value)

    def times(self, factor: float) -> Statistic:
        """The same, multiplied."""
        return Statistic(self.sums, lambda sums: factor * self.value(sums))


def ratio(top: Amount, bottom: Amount) -> Statistic:
    """A ratio of sums."""
    return Statistic(lambda look: np.array([top(look), bottom(look)], dtype=float), _quotient)


def _quotient(sums: Array) -> float:
    return float(sums[0] / sums[1]) if sums[1] else float("nan")


# -------------------------------------------------------------------------------------------- amounts


def offered(look: Look) -> float:
    """Measured stays in the queue."""
    return len(look.wait)


def served(look: Look) -> float:
    """Those who met an agent."""
    return float(look.served.sum())


def abandoned(look: Look) -> float:
    """Those who hung up."""
    return float(look.abandoned.sum())


def delayed(look: Look) -> float:
    """Those who found no agent free: they waited, left at once, or left a number."""
    return float(((look.wait > 0) | look.abandoned | look.ended(Outcome.BALKED, Outcome.CALLBACK)).sum())


def lost(look: Look) -> float:
    """Those who hung up or left at once."""
    return float((look.abandoned | look.ended(Outcome.BALKED)).sum())


def left_number(look: Look) -> float:
    """Those who asked to be called."""
    return float(look.ended(Outcome.CALLBACK).sum())


def waited(look: Look) -> float:
    """Time waited by all."""
    return float(look.wait.sum())


def waited_served(look: Look) -> float:
    """Time waited by those who met an agent."""
    return float(look.wait[look.served].sum())


def waited_abandoned(look: Look) -> float:
    """Time waited by those who hung up."""
    return float(look.wait[look.abandoned].sum())


def waited_no_longer(time: float) -> Amount:
    """Those who waited at most `time`, served or not."""
    return lambda look: float((look.wait <= time).sum())


def waited_longer(time: float) -> Amount:
    """Those who waited more than `time`, served or not."""
    return lambda look: float((look.wait > time).sum())


def served_within(time: float) -> Amount:
    """Those who met an agent after at most `time`."""
    return lambda look: float((look.served & (look.wait <= time)).sum())


def abandoned_within(time: float) -> Amount:
    """Those who hung up after at most `time`."""
    return lambda look: float((look.abandoned & (look.wait <= time)).sum())


def queue_time(look: Look) -> float:
    """Integral of the number waiting over measured time."""
    return look.time_in(look.queue_spans)


def service_time(look: Look) -> float:
    """Integral of the number in service over measured time."""
    return look.time_in(look.service_spans)


def away_time(look: Look) -> float:
    """Integral of the number of cases between two contacts over measured time."""
    return look.time_in(look.away_spans)


def time(look: Look) -> float:
    """Measured time in units."""
    return look.frame.total()


def windows(look: Look) -> float:
    """Measured days (or whatever repeats)."""
    return look.frame.windows


def contacts(look: Look) -> float:
    """Measured contacts, busy signals included."""
    return len(look.first)


def first_contacts(look: Look) -> float:
    """Measured cases."""
    return float(look.first.sum())


def blocked(look: Look) -> float:
    """Contacts that met a busy signal."""
    return float((look.contacts["outcome"] == Outcome.BLOCKED).sum())


def stayed(look: Look) -> float:
    """Time from coming to going of all contacts."""
    return float(np.nansum(look.contacts["ended"] - look.contacts["arrived"])) / look.frame.unit


def handling(look: Look) -> float:
    """Seconds in which agents handled something."""
    return look.staff("handling")


def signed_in(look: Look) -> float:
    """Seconds in which agents were on the floor."""
    return look.staff("signed_in")


def held(look: Look) -> float:
    """Contact-seconds that agents held."""
    return look.staff("slots")


def less(first: Amount, second: Amount) -> Amount:
    """A difference of amounts."""
    return lambda look: first(look) - second(look)


def plus(first: Amount, second: Amount) -> Amount:
    """A sum of amounts."""
    return lambda look: first(look) + second(look)


# ------------------------------------------------------------------- the usual numbers of a queue, by name


def _service_level(threshold: float) -> Statistic:
    return ratio(waited_no_longer(threshold), offered)


def _served_share_within(threshold: float) -> Statistic:
    return ratio(served_within(threshold), offered)


def _longer_share(threshold: float) -> Statistic:
    return ratio(waited_longer(threshold), offered)


def _abandoned_share_within(threshold: float) -> Statistic:
    return ratio(abandoned_within(threshold), offered)


def _quantile(percent: float) -> Statistic:
    return wait_quantile(percent / 100)


def wait_quantile(share: float) -> Statistic:
    """The wait that a share of the customers does not exceed."""
    return Statistic(_histogram, lambda counts: _quantile_of(counts, share))


def _histogram(look: Look) -> Array:
    bins = np.searchsorted(WAIT_EDGES, look.wait, side="left")
    return np.bincount(bins, minlength=len(WAIT_EDGES) + 1).astype(float)


def _quantile_of(counts: Array, share: float) -> float:
    reached = np.cumsum(counts)
    bin_ = int(np.searchsorted(reached, share * reached[-1] - 1e-9))
    if bin_ == 0:
        return 0.0
    low, high = WAIT_EDGES[bin_ - 1], WAIT_EDGES[min(bin_, len(WAIT_EDGES) - 1)]
    return float(low + (high - low) * (share * reached[-1] - reached[bin_ - 1]) / counts[bin_])


def wait_variance() -> Statistic:
    """Variance of the wait."""
    return Statistic(lambda look: _powers(look.wait), variance_of)


def _powers(values: Array) -> Array:
    return np.array([len(values), values.sum(), (values**2).sum()], dtype=float)


def mean_of(powers: Array) -> float:
    """Mean from count, sum and sum of squares."""
    return float(powers[1] / powers[0])


def variance_of(powers: Array) -> float:
    """Unbiased variance from count, sum and sum of squares."""
    return float((powers[2] - powers[1] ** 2 / powers[0]) / (powers[0] - 1))


QUEUE: dict[str, Statistic] = {
    "P_wait": ratio(delayed, offered),
    "P_wait_offered": ratio(delayed, offered),
    "P_wait_accepted": ratio(delayed, offered),
    "P_abandon": ratio(abandoned, contacts),
    "P_block": ratio(blocked, contacts),
    "E_wait": ratio(waited, offered),
    "E_wait_accepted": ratio(waited, offered),
    "E_wait_served": ratio(waited_served, served),
    "E_wait_abandoned": ratio(waited_abandoned, abandoned),
    "E_wait_given_wait": ratio(waited, delayed),
    "E_sojourn": ratio(stayed, contacts),
    "L_queue": ratio(queue_time, time),
    "L_system": ratio(plus(queue_time, service_time), time),
    "carried_load": ratio(service_time, time),
    "E_busy": ratio(service_time, time),
    "utilization": ratio(handling, signed_in),
}
"""Statistics of the whole of a queue by the names that the cases use."""

FAMILIES: dict[str, Callable[[float], Statistic]] = {
    "SL_": _service_level,
    "wait_p": _quantile,
    "P_wait_gt_": _longer_share,
    "P_served_within_": _served_share_within,
    "P_abandon_within_": _abandoned_share_within,
}
"""Statistics whose names end in a number: a threshold in units, or a percentage."""


def service_levels(threshold: float | None) -> dict[str, Statistic]:
    """The usual formulas of the service level for a threshold in units."""
    if threshold is None:
        return {}
    good = served_within(threshold)
    late = less(abandoned, abandoned_within(threshold))
    return {
        "SL_served_over_(offered-ab_before_T)": ratio(good, less(offered, abandoned_within(threshold))),
        "SL_served_over_served": ratio(good, served),
        "SL_served_over_offered": ratio(good, offered),
        "SL_good_over_served": ratio(good, served),
        "SL_good_over_served_plus_late_abandons": ratio(good, plus(served, late)),
    }


def queue_statistic(name: str, threshold: float | None = None) -> Statistic | None:
    """The statistic of a name, or of the family that it belongs to; None where nothing is known by it."""
    known = {**QUEUE, **service_levels(threshold)}
    if name in known:
        return known[name]
    for family, made in FAMILIES.items():
        found = re.fullmatch(re.escape(family) + r"(\d+(?:[._]\d+)?)", name)
        if found:
            return made(float(found[1].replace("_", ".")))
    return None


# -------------------------------------------------------------------------------- numbers at an instant


def _number_at(spans: tuple[Array, Array], instants: Array) -> Array:
    begun, over = (np.searchsorted(np.sort(times), instants, side="right") for times in spans)
    return begun - over


def waiting_at(instants: Array) -> Callable[[Look], Array]:
    """How many wait at each instant (s)."""
    return lambda look: _number_at(look.queue_spans, instants)


def busy_at(instants: Array) -> Callable[[Look], Array]:
    """How many are in service at each instant (s)."""
    return lambda look: _number_at(look.service_spans, instants)


def inside_at(instants: Array) -> Callable[[Look], Array]:
    """How many wait or are in service at each instant (s)."""
    return lambda look: _number_at(look.queue_spans, instants) + _number_at(look.service_spans, instants)


def away_at(instants: Array) -> Callable[[Look], Array]:
    """How many cases are between two contacts at each instant (s)."""
    return lambda look: _number_at(look.away_spans, instants)


def mean_number(number: Callable[[Look], Array]) -> Statistic:
    """The mean of a number over instants (and replications)."""
    return Statistic(lambda look: _powers(number(look)), mean_of)


def share_of_at_least(number: Callable[[Look], Array], least: int) -> Statistic:
    """How often a number is at least `least`."""
    return Statistic(lambda look: _powers((number(look) >= least).astype(float)), mean_of)


def dispersion_of(numbers: Sequence[Callable[[Look], Array]]) -> Statistic:
    """Variance / mean of numbers at several phases of a cycle, averaged over the phases."""

    def value(sums: Array) -> float:
        return float(np.mean([variance_of(powers) / mean_of(powers) for powers in sums]))

    return Statistic(lambda look: np.array([_powers(number(look)) for number in numbers]), value)


# -------------------------------------------------------------------------------- counts of arrivals


def counts_within(starts: Array, length: float) -> Callable[[Look], Array]:
    """How many cases come within `length` s from each of `starts` (s)."""

    def counted(look: Look) -> Array:
        arrived = np.sort(look.record.cases["arrived"])
        return np.searchsorted(arrived, starts + length) - np.searchsorted(arrived, starts)

    return counted


def count_statistics(counted: Callable[[Look], Array]) -> dict[str, Statistic]:
    """Mean, variance and index of dispersion of counts."""

    def sums(look: Look) -> Array:
        return _powers(counted(look).astype(float))

    return {
        "mean": Statistic(sums, mean_of),
        "variance": Statistic(sums, variance_of),
        "index_of_dispersion": Statistic(sums, lambda powers: variance_of(powers) / mean_of(powers)),
    }
