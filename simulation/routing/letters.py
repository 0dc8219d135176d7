"""Deferred work in the light of demand and teams: which channels, which confusions, and what makes no sense of it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from simulation.routing.checks import Pair, demanded, first_contacts
from simulation.routing.routes import candidates, selects
from simulation.scenario.checks import Finding, unknown
from simulation.scenario.customers import channel_shares
from simulation.scenario.files import read_column
from simulation.scenario.schema import Intake, Mode, Pause, Scenario, Selection, Source
from simulation.units import share_text

TWO_TOPICS = "the demand of a classified channel needs two topics or more to be confused; write topic_accuracy: 100 %"


def deferred(scenario: Scenario) -> list[str]:
    """Names of the deferred channels."""
    return [name for name, channel in scenario.channels.items() if channel.mode is Mode.deferred]


def intake_channels(scenario: Scenario) -> list[str]:
    """Names of the channels whose contacts are registered and classified."""
    return _among(scenario.intake.channels, list(scenario.channels), deferred(scenario))


def pause_channels(pause: Pause, scenario: Scenario) -> list[str]:
    """Names of the channels on which a pause may happen."""
    return _among(pause.channels, deferred(scenario), deferred(scenario))


def _among(chosen: Selection | None, names: list[str], usual: list[str]) -> list[str]:
    return usual if chosen is None else [name for name in names if selects(chosen, name)]


def confusable(scenario: Scenario) -> dict[tuple[str, str], dict[str, float]]:
    """What each topic of a classified channel may be taken for: shares of the other topics in the channel's demand."""
    wanted = demanded(scenario, _first_contacts(scenario))
    found = {}
    for channel in intake_channels(scenario):
        topics = sorted(topic for there, topic in wanted if there == channel)
        for topic in topics:
            others = [other for other in topics if other != topic]
            if others:
                found[channel, topic] = _spread(scenario.intake, topic, others)
    return found


def _first_contacts(scenario: Scenario) -> set[Pair]:
    """(channel, topic) of first contacts; of a replayed log those that are in it, and not all that could be."""
    logged = {name for name, source in scenario.demand.sources.items() if source.replay is not None}
    drawn = {name: source for name, source in scenario.demand.sources.items() if name not in logged}
    others = scenario.model_copy(update={"demand": scenario.demand.model_copy(update={"sources": drawn})})
    return first_contacts(others).union(*(_in_log(scenario, scenario.demand.sources[name]) for name in logged))


def _in_log(scenario: Scenario, source: Source) -> set[Pair]:
    replay = source.replay
    assert replay is not None
    topics = list(source.topic_shares()) if replay.topic is None else read_column(replay.file, replay.topic)
    channels = (
        list(channel_shares(scenario, source)) if replay.channel is None else read_column(replay.file, replay.channel)
    )
    if replay.topic is None or replay.channel is None:
        return set(product(set(channels), set(topics)))
    return set(zip(channels, topics, strict=True))


def _spread(intake: Intake, topic: str, others: list[str]) -> dict[str, float]:
    """The confusions of a topic among the topics there; what is not said is spread evenly over those not named."""
    said = {name: share for name, share in intake.confusions.get(topic, {}).items() if name in others}
    silent, total = [name for name in others if name not in said], sum(said.values())
    if not silent:
        return {name: said[name] / total if total else 1 / len(others) for name in others}
    rest = max(0.0, 1 - total)
    return {name: said.get(name, rest / len(silent)) for name in others}


# -- what makes no sense ----------------------------------------------------------------------------


def check_letters(scenario: Scenario) -> Iterator[Finding]:
    """Every contradiction in intake, pauses, chasers and deadline clocks as (path, what is wrong and what to write)."""
    yield from _intake(scenario)
    for name, topic in scenario.topics.items():
        for cause in ("customer", "third_party"):
            pause = getattr(topic.pauses, cause)
            if pause is not None:
                yield from _pause(("topics", name, "pauses", cause), pause, scenario)
    for name in scenario.channels:
        yield from _channel(name, scenario)


def _intake(scenario: Scenario) -> Iterator[Finding]:
    intake = scenario.intake
    for name in intake.channels or () if intake.channels != "all" else ():
        yield from unknown(("intake", "channels"), name, scenario.channels, "channel")
    for topic, shares in intake.confusions.items():
        yield from unknown(("intake", "confusions", topic), topic, scenario.topics, "topic")
        for other in shares:
            yield from unknown(("intake", "confusions", topic, other), other, scenario.topics, "topic")
    works = intake.topic_accuracy < 1 or intake.urgency_accuracy < 1 or intake.registration is not None
    if works and not intake_channels(scenario):
        yield (
            ("intake",),
            (
                "no channel is deferred, so nothing is filed; write the channels whose contacts are, "
                f"e.g. channels: [{next(iter(scenario.channels))}]"
            ),
        )
    elif intake.topic_accuracy < 1:
        yield from _confusions(scenario)


def _confusions(scenario: Scenario) -> Iterator[Finding]:
    found = confusable(scenario)
    if not found:
        accuracy = share_text(scenario.intake.topic_accuracy)
        yield ("intake", "topic_accuracy"), f"{accuracy} of the contacts come under the right topic, but {TWO_TOPICS}"
        return
    for topic, shares in scenario.intake.confusions.items():
        for other in shares:
            if not any(other in others for (_, this), others in found.items() if this == topic):
                yield (
                    ("intake", "confusions", topic, other),
                    f"no classified channel has demand for both {topic} and {other}; remove it",
                )


def _pause(path: tuple[str, ...], pause: Pause, scenario: Scenario) -> Iterator[Finding]:
    letters = deferred(scenario)
    if not letters:
        yield path, "no channel is deferred, so no work waits for an answer; remove it, or write mode: deferred"
    elif isinstance(pause.channels, list):
        for name in pause.channels:
            yield from unknown((*path, "channels"), name, letters, "deferred channel")


def _channel(name: str, scenario: Scenario) -> Iterator[Finding]:
    channel = scenario.channels[name]
    if channel.deadline_clock == "opening_hours":
        at = ("channels", name, "deadline_clock")
        if channel.open.written == "always":
            yield (
                at,
                "the channel is always open; write its opening hours, e.g. open: {mon-fri: 08:00-18:00}, or elapsed",
            )
        elif not channel.open.ever():
            yield at, "the channel is never open, so nothing would ever be due; write opening hours, or elapsed"
    if channel.chasers is not None:
        there = channel.chasers.channel or name
        path = ("channels", name, "chasers", *(["channel"] if channel.chasers.channel else []))
        found = list(unknown(path, there, scenario.channels, "channel"))
        yield from found or _unanswered(path, name, there, scenario)


def _unanswered(path: tuple[str, ...], name: str, there: str, scenario: Scenario) -> Iterator[Finding]:
    """Questions for news that no team could answer."""
    for _, topic in sorted(pair for pair in demanded(scenario) if pair[0] == name):
        if not candidates(scenario, there, topic, scenario.escalation.path[0]):
            yield (
                path,
                (
                    f"no team can answer questions about {topic} on {there}; write another channel, "
                    "or add a skill for it to a team"
                ),
            )
