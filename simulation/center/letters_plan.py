"""Deferred work on flat arrays: what its mechanisms look up, worked out once for all replications."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulation.chance import Distribution
from simulation.record.recorder import CAUSES
from simulation.routing.letters import confusable, intake_channels, pause_channels
from simulation.scenario.open_clock import OpenClock, deadline_clocks
from simulation.scenario.schema import Chasers, Pause

if TYPE_CHECKING:
    from simulation.center.plan import Plan


@dataclass(frozen=True)
class IntakePlan:
    """Registration and classification. `confusions` has the other topics of a (channel, topic), with their shares."""

    registration: Distribution | None
    topic_accuracy: float
    urgency_accuracy: float
    confusions: dict[tuple[int, int], tuple[tuple[int, ...], tuple[float, ...]]]
    loss: float | Distribution


@dataclass(frozen=True)
class PausePlan:
    """A wait for somebody else's answer, `after` a share of the work."""

    cause: int
    probability: float
    lasts: Distribution
    after: float
    resume: Distribution | None
    stops_deadline: bool


@dataclass(frozen=True)
class ChasersPlan:
    """Questions for news: where (channel), when, how often, and whom notices keep from asking."""

    channel: int
    after: Distribution
    probability: float
    handling: Distribution
    most: int
    prevented: float


@dataclass(frozen=True)
class LettersPlan:
    """All of it, by channel, or by (channel, topic).

    `intake` and `chasers` are None on channels without them; `reopening` is the window in seconds (-1: none);
    `clocks` are None where deadlines run all the time.
    """

    intake: list[IntakePlan | None]
    pauses: dict[tuple[int, int], tuple[PausePlan, ...]]
    chasers: list[ChasersPlan | None]
    reopening: list[float]
    clocks: list[OpenClock | None]

    @classmethod
    def of(cls, plan: Plan) -> LettersPlan:
        """What a scenario says of deferred work."""
        return cls(_intake(plan), _pauses(plan), _chasers(plan), _reopening(plan), deadline_clocks(plan.scenario))

    @property
    def comes(self) -> bool:
        """Whether anything happens to contacts on their way in."""
        return any(self.intake) or any(self.chasers) or any(self.clocks) or max(self.reopening) >= 0

    @property
    def works(self) -> bool:
        """Whether anything happens to contacts in handling."""
        return any(self.intake) or any(self.chasers) or bool(self.pauses)


# -- intake -----------------------------------------------------------------------------------------


def _intake(plan: Plan) -> list[IntakePlan | None]:
    spec = plan.scenario.intake
    sure = spec.topic_accuracy == 1 and spec.urgency_accuracy == 1
    names = [] if sure and spec.registration is None else intake_channels(plan.scenario)
    if not names:
        return [None] * len(plan.channel_names)
    confusions = confusable(plan.scenario)
    numbered = {
        (plan.channel_names.index(channel), plan.topics.index(topic)): (
            tuple(plan.topics.index(other) for other in shares),
            tuple(shares.values()),
        )
        for (channel, topic), shares in confusions.items()
    }
    loss = spec.loss if isinstance(spec.loss, float) else plan._distribution(spec.loss)
    made = IntakePlan(
        registration=None if spec.registration is None else plan._distribution(spec.registration),
        topic_accuracy=spec.topic_accuracy,
        urgency_accuracy=spec.urgency_accuracy,
        confusions=numbered,
        loss=loss,
    )
    return [made if name in names else None for name in plan.channel_names]


# -- pauses, chasers, threads -----------------------------------------------------------------------


def _pauses(plan: Plan) -> dict[tuple[int, int], tuple[PausePlan, ...]]:
    found = {}
    for topic, spec in enumerate(plan.scenario.topics.values()):
        for channel, name in enumerate(plan.channel_names):
            made = [
                _pause(plan, cause, pause)
                for cause, what in enumerate(CAUSES)
                if (pause := getattr(spec.pauses, what)) is not None
                and pause.probability > 0
                and name in pause_channels(pause, plan.scenario)
            ]
            if made:
                found[channel, topic] = tuple(sorted(made, key=lambda pause: pause.after))
    return found


def _pause(plan: Plan, cause: int, spec: Pause) -> PausePlan:
    resume = None if spec.resume is None else plan._distribution(spec.resume)
    return PausePlan(cause, spec.probability, plan._distribution(spec.lasts), spec.after, resume, spec.stops_deadline)


def _chasers(plan: Plan) -> list[ChasersPlan | None]:
    return [
        _chaser(plan, channel.chasers, name, channel.status_notices.prevents if channel.status_notices else 0.0)
        if channel.chasers is not None and channel.chasers.probability > 0
        else None
        for name, channel in plan.scenario.channels.items()
    ]


def _chaser(plan: Plan, spec: Chasers, own: str, prevented: float) -> ChasersPlan | None:
    if prevented >= 1:
        return None
    return ChasersPlan(
        channel=plan.channel_names.index(spec.channel or own),
        after=plan._distribution(spec.after),
        probability=spec.probability,
        handling=plan._distribution(spec.handling),
        most=spec.most,
        prevented=prevented,
    )


def _reopening(plan: Plan) -> list[float]:
    windows = (channel.reopening for channel in plan.scenario.channels.values())
    return [-1.0 if window is None else window.within for window in windows]
