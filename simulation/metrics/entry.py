"""KPIs of the way in: announced waits, customers who leave at once, callbacks, changes of channel, promises."""

from __future__ import annotations

import numpy as np

from simulation.metrics.kpi import Amount, Ratio, Values, kpi, share, values
from simulation.metrics.service import SPREAD
from simulation.metrics.view import View, calls_of
from simulation.record.recorder import Outcome
from simulation.scenario.schema import Scenario


def _nobody_balks(scenario: Scenario) -> str | None:
    return None if any(channel.balking for channel in scenario.channels.values()) else "no channel has balking"


def _nothing_announced(scenario: Scenario) -> str | None:
    return None if any(channel.announces for channel in scenario.channels.values()) else "no channel announces a wait"


def _no_callback(scenario: Scenario) -> str | None:
    return None if any(channel.callback for channel in scenario.channels.values()) else "no channel offers a callback"


def _no_promise(scenario: Scenario) -> str | None:
    offers = [channel.callback for channel in scenario.channels.values() if channel.callback]
    promised = any(offer.promised is not None for offer in offers)
    return None if promised else _nothing_announced(scenario)


def _one_channel_each(scenario: Scenario) -> str | None:
    retries = [channel.redial for channel in scenario.channels.values()]
    retries += [topic.repeat for topic in scenario.topics.values()]  # type: ignore[misc]
    moves = any(retry and retry.channels for retry in retries)
    moves |= any(channel.instead for channel in scenario.channels.values())
    return None if moves else "no customer ever changes channel"


@kpi("legs", "share", "lower", needs=_nobody_balks)
def balking(view: View) -> Ratio:
    """Balked ÷ offered: left at once instead of waiting. Who balks is offered, and neither answered nor abandoned."""
    return share("legs", view.legs["outcome"] == Outcome.BALKED, view.first)


@kpi("contacts", "s", "lower", needs=_nothing_announced, statistics=SPREAD)
def announced_wait(view: View) -> Values:
    """The wait that customers were told, over those who were told one."""
    return values("contacts", view.contacts["announced"])


@kpi("contacts", "s", "lower", needs=_nothing_announced, statistics=("mean",))
def announcement_error(view: View) -> Values:
    """How far the announced wait was from the real one, either way, over those who were told one and were answered."""
    return values("contacts", np.abs(view.contacts["announced"] - view.waited))


@kpi("contacts", "share", "higher", needs=_no_promise)
def promises_kept(view: View) -> Ratio:
    """Promises kept ÷ kept or broken. An announced wait is kept if an agent was there within it and its leeway, a
    callback if the first call was made in time. Who left before the wait was over that was promised counts for neither."""
    kept = view.contacts["promise_kept"]
    return share("contacts", kept == 1, kept >= 0)


@kpi("legs", "share", needs=_no_callback)
def callback_share(view: View) -> Ratio:
    """Customers who left a number ÷ offered."""
    return share("legs", view.legs["outcome"] == Outcome.CALLBACK, view.first)


@kpi("contacts", "s", "lower", needs=_no_callback, statistics=SPREAD)
def callback_delay(view: View) -> Values:
    """From a customer's leaving a number to the first call of an agent."""
    return values("contacts", view.contacts["called_back"] - view.contacts["ended"])


@kpi("legs", "share", "higher", needs=_no_callback)
def callback_reached(view: View) -> Ratio:
    """Calls that the customer answered ÷ calls made by the center."""
    made = view.calls & ~np.isnan(view.legs["answered"])
    return share("legs", view.legs["outcome"] != Outcome.UNREACHED, made)


@kpi("all_legs", "contacts", "lower", needs=_no_callback)
def callback_backlog(view: View) -> Ratio:
    """Mean number of customers waiting to be called, over the measured time; not those whose call is not due yet."""
    legs = view.all_legs
    seconds = view.overlap(legs["queued"], legs["queued"] + legs["wait"])
    return Ratio([Amount("all_legs", np.where(calls_of(legs), seconds, 0.0))], over=view.seconds)


@kpi("contacts", "share", needs=_one_channel_each)
def channel_changes(view: View) -> Ratio:
    """Contacts on another channel than the one before (the first: than the one preferred) ÷ contacts by customers."""
    return share("contacts", view.contacts["changed"], view.by_customers)
