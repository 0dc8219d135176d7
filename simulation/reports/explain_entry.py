"""The way in, in words: what customers of each channel hear, and what they may do then."""

from __future__ import annotations

from collections.abc import Iterator

from simulation.reports import seconds_text
from simulation.scenario.schema import Balking, Callback, Channel, Instead, Repeat, Scenario
from simulation.units import duration_text, factor_text, share_text

PLACES = {
    "keeps": "keeps the place in line",
    "priority": "comes before all who wait",
    "behind": "waits behind those on the line",
}


def entry_words(scenario: Scenario) -> Iterator[str]:
    """One sentence for each thing that is switched on."""
    for name, channel in scenario.channels.items():
        for words in _of_channel(channel):
            yield f"{name}: {words}."
    for name, topic in scenario.topics.items():
        if topic.repeat is not None and topic.repeat.channels:
            yield f"{name}: of those who come back, {_elsewhere(topic.repeat)}."


def _of_channel(channel: Channel) -> Iterator[str]:
    if channel.redial is not None:
        yield _redials(channel)
    if channel.announces is not None:
        yield _announces(channel)
    if channel.balking is not None:
        yield _balks(channel.balking)
    if channel.callback is not None:
        yield from _callback(channel.callback)
    for other, who in channel.instead.items():
        yield f"{_who(who)} take {other} at once"


def _redials(channel: Channel) -> str:
    redial = channel.redial
    assert redial is not None
    most = "" if redial.most is None else f", at most {redial.most} times in a row"
    others = f"; of these, {_elsewhere(redial)}" if redial.channels else ""
    after = seconds_text(float(redial.after.build().mean))
    return (
        f"{share_text(redial.probability)} of those who got no answer try again after {after} on average{most}{others}"
    )


def _elsewhere(retry: Repeat | object) -> str:
    """20 % on chat and 30 % by email."""
    channels: dict[str, float] = retry.channels  # type: ignore[union-attr]
    return " and ".join(f"{share_text(share)} on {name}" for name, share in channels.items())


def _announces(channel: Channel) -> str:
    told = channel.announces
    assert told is not None
    above = f" where it is above {duration_text(told.above)}" if told.above else ""
    margin = f", {factor_text(told.margin)}" if told.margin != 1 else ""
    steps = f", in steps of {duration_text(told.rounding)}" if told.rounding else ""
    patience = f"; who stays is {told.patience:g} times as patient" if told.patience != 1 else ""
    return f"the wait is announced{above}, by {told.predictor.value}{margin}{steps}{patience}"


def _balks(balking: Balking) -> str:
    if balking.tolerance is None:
        return f"{share_text(balking.probability or 0.0)} of those who would have to wait leave at once"
    longest = seconds_text(float(balking.tolerance.build().mean))
    return f"who hears of a longer wait than tolerated leaves at once (tolerated are {longest} on average)"


def _callback(offer: Callback) -> Iterator[str]:
    limit = f"above {duration_text(offer.above)}" if offer.above is not None else f"from {offer.queue} waiting on"
    yield (
        f"a callback is offered {limit}; {share_text(offer.accepts)} take it; it {PLACES[offer.place]}"
        f"{f', and {_agents(offer.reserve)} kept free' if offer.reserve else ''}"
    )
    calls = f"up to {offer.attempts} calls" if offer.attempts > 1 else "one call"
    promised = f", promised within {duration_text(offer.promised)}" if offer.promised is not None else ""
    dialling = f" with {duration_text(offer.dialling)} of dialling" if offer.dialling else ""
    yield f"{calls}{dialling}, {share_text(offer.reached)} of them answered{promised}"


def _who(who: Instead) -> str:
    """50 % of those who find it closed and 30 % of those who see a wait above 5 min."""
    parts = [f"{share_text(who.when_closed)} of those who find it closed"] if who.when_closed else []
    if who.when_wait_above is not None:
        parts.append(
            f"{share_text(who.share or 0.0)} of those who see a wait above {duration_text(who.when_wait_above)}"
        )
    return " and ".join(parts) or "None"


def _agents(number: int) -> str:
    return "one agent of the team is" if number == 1 else f"{number} agents of the team are"
