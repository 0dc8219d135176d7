"""The lines of `explain` on deferred work: intake and its errors, waiting for others, questions for news, threads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from rich.text import Text

from simulation.center.letters_plan import IntakePlan
from simulation.reports import number_text, seconds_text
from simulation.reports.console import plain
from simulation.reports.expected import Expectation
from simulation.reports.explain_tables import Blocks
from simulation.reports.workload import stages_of
from simulation.routing.letters import intake_channels
from simulation.scenario.schema import Channel, Pause, Scenario
from simulation.units import duration_text, share_text


def letters(found: Expectation) -> Blocks:
    """Deferred work in a line for each part of it; nothing where there is none."""
    lines = [*_intake(found), *_pauses(found.plan.scenario), *_channels(found.plan.scenario)]
    yield from map(Text, lines)
    if lines:
        yield Text()


# -- intake -----------------------------------------------------------------------------------------


def _intake(found: Expectation) -> Iterator[str]:
    plan, spec = found.plan, found.plan.scenario.intake
    intake = next((one for one in plan.letters.intake if one is not None), None)
    if intake is None:
        return
    told = []
    if spec.registration is not None:
        told.append(f"it takes {_mean(spec.registration)} until a contact stands in the queue")
    if spec.topic_accuracy < 1:
        told.append(f"{share_text(spec.topic_accuracy)} are filed under the right topic")
    if spec.urgency_accuracy < 1:
        told.append(f"{share_text(spec.urgency_accuracy)} with the right urgency")
    where = ", ".join(intake_channels(plan.scenario))
    yield f"Intake of {where}: {', '.join(told)}."
    if spec.topic_accuracy < 1:
        yield _astray(found, intake)


def _astray(found: Expectation, intake: IntakePlan) -> str:
    """How many contacts a day come to a wrong place, how many of them are handed over, and the work in vain."""
    plan, days = found.plan, found.hours.days
    wrong = handed_over = in_vain = 0.0
    for (channel, topic), (others, shares) in intake.confusions.items():
        astray = float(found.let_in[:, channel, topic].sum()) / days * (1 - intake.topic_accuracy)
        wrong += astray
        true = plan.place(0, channel, topic)
        for other, share in zip(others, shares, strict=True):
            believed = plan.place(0, channel, other)
            strangers = [index for index in stages_of(plan, believed)[0] if true not in plan.teams[index].work]
            many = astray * share * len(strangers) / len(stages_of(plan, believed)[0])
            handed_over += many
            in_vain += many * _loss(found, intake, strangers, believed)
    return (
        f"So {number_text(wrong)} first contacts a day are misfiled; about {number_text(handed_over)} come to a team without "
        f"the skill and are handed over, after {plain(seconds_text(in_vain))} of work in vain in all."
    )


def _loss(found: Expectation, intake: IntakePlan, teams: list[int], place: int) -> float:
    """Mean seconds in vain of teams that take a contact for one of a place."""
    if not teams:
        return 0.0
    works = [found.plan.teams[index].work[place] for index in teams]
    if isinstance(intake.loss, float):
        return float(np.mean([work.handling.mean / work.speed for work in works])) * intake.loss
    return float(np.mean([intake.loss.mean / work.speed for work in works]))


# -- waiting for others -----------------------------------------------------------------------------


def _pauses(scenario: Scenario) -> Iterator[str]:
    """Topics of which the same is to be said, together."""
    told: dict[str, list[str]] = {}
    for name, topic in scenario.topics.items():
        causes = (("the customer", topic.pauses.customer), ("a third party", topic.pauses.third_party))
        words = "; ".join(_pause(whom, spec) for whom, spec in causes if spec is not None and spec.probability)
        told.setdefault(words, []).append(name)
    for words, names in told.items():
        if words:
            yield f"Letters about {', '.join(names)}: {words}."


def _pause(whom: str, spec: Pause) -> str:
    where = "" if spec.channels in (None, "all") else f" on {', '.join(spec.channels or ())}"
    stops = ", and the deadline waits too" if spec.stops_deadline else ""
    share = f"{share_text(spec.probability)}{where} wait for {whom}"
    return f"{share} after {share_text(spec.after)} of the work, {_mean(spec.lasts)} on average{stops}"


# -- channels ---------------------------------------------------------------------------------------


def _channels(scenario: Scenario) -> Iterator[str]:
    for name, channel in scenario.channels.items():
        told = list(_threads(channel))
        if told:
            yield f"{name}: {'; '.join(told)}."


def _threads(channel: Channel) -> Iterator[str]:
    if channel.acknowledgement is not None:
        yield f"an automatic note goes out after {duration_text(channel.acknowledgement.after)}"
    asks = channel.chasers
    if asks is not None and asks.probability:
        where = "there" if asks.channel is None else f"on {asks.channel}"
        again = "once" if asks.most == 1 else f"up to {asks.most} times"
        yield (
            f"{share_text(asks.probability)} of customers without an answer after {_mean(asks.after)} (on average) ask "
            f"{where} for news, {again}"
        )
    if channel.status_notices is not None:
        yield f"status notices keep {share_text(channel.status_notices.prevents)} from asking"
    if channel.reopening is not None:
        yield f"who comes back within {duration_text(channel.reopening.within)} reopens the thread"
    if channel.solution_deadline:
        limits = ", ".join(f"{duration_text(time)} ({level})" for level, time in channel.solution_deadline.items())
        yield f"solutions are due within {limits}"
    if (channel.deadline or channel.solution_deadline) and channel.deadline_clock == "opening_hours":
        yield "deadlines run in opening hours only"


def _mean(spec: Any) -> str:
    return plain(seconds_text(float(spec.build().mean)))
