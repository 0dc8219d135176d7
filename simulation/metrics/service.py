"""KPIs of access and speed: what the customer meets."""

from __future__ import annotations

import numpy as np

from simulation.metrics.kpi import Amount, Ratio, Values, kpi, share, values
from simulation.metrics.view import View, calls_of
from simulation.record.recorder import Outcome
from simulation.scenario.schema import Mode, Scenario


def _one_tier(scenario: Scenario) -> str | None:
    return None if len(scenario.escalation.path) > 1 else "there is only one tier"


SPREAD = ("mean", "p50", "p90")


def _no_deadlines(scenario: Scenario) -> str | None:
    return None if any(channel.deadline for channel in scenario.channels.values()) else "no channel has a deadline"


def _no_trunks(scenario: Scenario) -> str | None:
    limited = any(channel.trunks is not None for channel in scenario.channels.values())
    return None if limited else "no channel has a trunk limit"


def _never_closed(scenario: Scenario) -> str | None:
    live = {name: channel for name, channel in scenario.channels.items() if channel.mode is not Mode.deferred}
    closes = any(channel.open.written != "always" for channel in live.values())
    down = any(name in live for event in scenario.demand.events.values() for name in event.channels)
    return None if closes or down else "no live channel ever closes"


def _nobody_hangs_up(scenario: Scenario) -> str | None:
    impatient = any(channel.patience is not None for channel in scenario.channels.values())
    return None if impatient else "no channel has a patience"


@kpi("contacts", "contacts/day")
def contacts(view: View) -> Ratio:
    """Contacts that came, busy signals and closed doors included, per measured day; not calls by the center."""
    return Ratio([Amount("contacts", view.by_customers)], over=view.days)


@kpi("legs", "contacts/day")
def answered(view: View) -> Ratio:
    """Contacts answered by an agent, per measured day."""
    return Ratio([Amount("legs", view.first & view.answered)], over=view.days)


@kpi("contacts", "s", "lower", statistics=SPREAD)
def first_response_time(view: View) -> Values:
    """From a contact's arrival to its first answer of substance, by an agent or a bot (an acknowledgement is none).
    A letter is answered when the reply is sent; a call or chat when it is taken. Elapsed time."""
    return values("contacts", view.contacts["first_response"])


@kpi("contacts", "s", "lower", statistics=SPREAD)
def first_response_time_open(view: View) -> Values:
    """First response time, counting only the opening hours of the channel."""
    return values("contacts", view.contacts["first_response_open"])


@kpi("legs", "s", "lower", statistics=SPREAD)
def wait(view: View) -> Values:
    """Time in queue of each stay with an agent that was answered (transfers and escalations included, callbacks not)."""
    return values("legs", view.legs["wait"], view.answered & ~view.calls)


@kpi("legs", "s", "lower", statistics=("mean",))
def asa(view: View) -> Values:
    """Average speed of answer: mean time in queue of answered contacts, until their first agent."""
    return values("legs", view.legs["wait"], view.first & view.answered)


@kpi("legs", "s", "lower", statistics=("mean",))
def queue_time(view: View) -> Values:
    """Time in the first queue of all offered contacts, answered or not."""
    return values("legs", view.legs["wait"], view.first)


@kpi("legs", "share", "lower")
def waiting_probability(view: View) -> Ratio:
    """Share of offered contacts that are not answered at once."""
    turned = (view.legs["outcome"] == Outcome.BALKED) | (view.legs["outcome"] == Outcome.CALLBACK)
    return share("legs", (view.legs["wait"] > 0) | turned, view.first)


@kpi("legs", "share", "higher", parameter=20.0)
def service_level(view: View, within: float) -> Ratio:
    """Answered within the time ÷ (offered - abandoned, balked or left a number within the time). Name a channel: over
    all of them, letters count too."""
    soon = view.legs["wait"] <= within
    return share("legs", view.answered & soon, view.first & ~(view.left & soon))


@kpi("legs", "share", "higher", parameter=20.0)
def service_level_offered(view: View, within: float) -> Ratio:
    """Answered within the time ÷ offered."""
    return share("legs", view.answered & (view.legs["wait"] <= within), view.first)


@kpi("legs", "share", "higher", parameter=20.0)
def service_level_answered(view: View, within: float) -> Ratio:
    """Answered within the time ÷ answered."""
    return share("legs", view.legs["wait"] <= within, view.first & view.answered)


@kpi("legs", "share", "higher", parameter=20.0)
def service_level_lenient(view: View, within: float) -> Ratio:
    """(Answered + abandoned, balked or left a number within the time) ÷ offered: who leaves early is not held against
    the center."""
    return share("legs", (view.answered | view.left) & (view.legs["wait"] <= within), view.first)


@kpi("legs", "share", "lower", needs=_nobody_hangs_up)
def abandonment(view: View) -> Ratio:
    """Abandoned ÷ offered, in the first queue; short abandons included. Who balks or leaves a number is offered too."""
    return share("legs", view.abandoned, view.first)


@kpi("legs", "share", needs=_nobody_hangs_up)
def short_abandonment(view: View) -> Ratio:
    """Abandoned within the channel's short-abandon time ÷ offered."""
    return share("legs", _short(view), view.first)


@kpi("legs", "share", "lower", needs=_nobody_hangs_up)
def abandonment_without_short(view: View) -> Ratio:
    """Abandoned later than the channel's short-abandon time ÷ (offered - short abandons)."""
    return share("legs", view.abandoned, view.first & ~_short(view))


@kpi("legs", "share", "lower", needs=_one_tier)
def abandonment_after_escalation(view: View) -> Ratio:
    """Abandoned ÷ stays in the queue of a higher tier: customers lost after they had been answered once."""
    higher = (view.legs["tier"] > 0) & ~view.legs["first"] & (view.legs["outcome"] != Outcome.OPEN)
    return share("legs", view.abandoned, higher)


def _short(view: View) -> np.ndarray:
    limits = np.array([channel.short_abandon for channel in view.scenario.channels.values()])
    return view.abandoned & (view.legs["wait"] <= limits[view.legs["channel"]])


@kpi("contacts", "share", "lower", needs=_no_trunks)
def blocking(view: View) -> Ratio:
    """Busy signals ÷ contacts that came while the channel was open."""
    outcome = view.contacts["outcome"]
    return share("contacts", outcome == Outcome.BLOCKED, view.by_customers & (outcome != Outcome.CLOSED))


@kpi("contacts", "share", "lower", needs=_never_closed)
def closed_door(view: View) -> Ratio:
    """Contacts that met a closed channel ÷ contacts that came."""
    return share("contacts", view.contacts["outcome"] == Outcome.CLOSED, view.by_customers)


@kpi("contacts", "share", "higher", needs=_no_deadlines)
def deadline_met(view: View) -> Ratio:
    """Answered by the deadline ÷ contacts with a deadline that were answered or whose deadline has passed."""
    due, by = view.contacts["due"], view.contacts["answered_by"]
    decided = np.isfinite(due) & (~np.isnan(by) | (due <= view.scenario.duration))
    return share("contacts", by <= due, decided)


@kpi("all_legs", "contacts", "lower")
def queue_length(view: View) -> Ratio:
    """Mean number of contacts waiting for an agent, over the measured time; callbacks apart."""
    legs = view.all_legs
    seconds = view.overlap(legs["queued"], legs["queued"] + legs["wait"])
    waiting = (legs["tier"] >= 0) & ~calls_of(legs)
    return Ratio([Amount("all_legs", np.where(waiting, seconds, 0.0))], over=view.seconds)
