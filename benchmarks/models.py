"""The two models every simulator here runs, what a run hands back, and what theory says of each queue.

Time is in seconds, rates are per second, shares are 0..1. All arrivals are Poisson; all handling times and
all patiences are exponential. Every queue is first come, first served.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from numpy.typing import ArrayLike

MINUTE = 60.0


class Waits(NamedTuple):
    """What the customers of one queue met, in order of time: one entry each, answered or not.

    `waits` holds seconds from joining the queue until answered or given up (exactly 0 if answered at once);
    `abandoned` holds whether the customer gave up.
    """

    waits: ArrayLike
    abandoned: ArrayLike

    @classmethod
    def of(cls, rows: Iterable[tuple[float, bool]]) -> Waits:
        """Columns from rows of (wait in seconds, abandoned). There must be at least one row."""
        waits, abandoned = zip(*rows, strict=True)
        return cls(waits, abandoned)


@dataclass(frozen=True)
class Outcome:
    """One run: how many contacts arrived from outside, and each queue's waits by the queue's name."""

    contacts: int
    queues: Mapping[str, Waits]


Simulate = Callable[[int, int], Outcome]
"""(number of contacts, seed) → Outcome."""


@dataclass(frozen=True)
class Stream:
    """One kind of work: arrivals per second, mean handling time and mean patience in seconds."""

    arrival_rate: float
    mean_handling: float
    mean_patience: float


@dataclass(frozen=True)
class ErlangA:
    """M/M/n+M: one kind of work and one team."""

    work: Stream
    agents: int


@dataclass(frozen=True)
class Center:
    """Phone with two topics, chat, and escalation of a share of all handled contacts to tier 2.

    Team A knows topic 1 only, team B both. A call of topic 1 goes to a free agent of team A, else of team B;
    a call of topic 2 to team B. A freed agent takes the call that has waited longest among those it knows.
    A chat agent holds up to `chats_per_agent` chats and is not slowed by holding several. Tier 2's own
    arrival rate follows from the rest. A customer waits for tier 2 with a fresh patience.
    """

    topic_1: Stream
    topic_2: Stream
    chat: Stream
    tier_2_mean_handling: float
    tier_2_mean_patience: float
    team_a: int
    team_b: int
    chat_agents: int
    chats_per_agent: int
    tier_2_agents: int
    escalation_share: float

    @property
    def chat_slots(self) -> int:
        """Chats that the whole chat team can hold at once."""
        return self.chat_agents * self.chats_per_agent

    @property
    def streams(self) -> dict[str, Stream]:
        """The kinds of work that arrive from outside, by the name of the queue they join."""
        return {"topic 1": self.topic_1, "topic 2": self.topic_2, "chat": self.chat}

    @property
    def arrival_rate(self) -> float:
        """Contacts per second from outside, all streams together."""
        return sum(stream.arrival_rate for stream in self.streams.values())


ERLANG_A = ErlangA(
    work=Stream(arrival_rate=48 / MINUTE, mean_handling=1 * MINUTE, mean_patience=2 * MINUTE),
    agents=50,
)

CENTER = Center(
    topic_1=Stream(arrival_rate=4.8 / MINUTE, mean_handling=4 * MINUTE, mean_patience=3 * MINUTE),
    topic_2=Stream(arrival_rate=2.2 / MINUTE, mean_handling=5 * MINUTE, mean_patience=3 * MINUTE),
    chat=Stream(arrival_rate=2.2 / MINUTE, mean_handling=10 * MINUTE, mean_patience=5 * MINUTE),
    tier_2_mean_handling=8 * MINUTE,
    tier_2_mean_patience=6 * MINUTE,
    team_a=16,
    team_b=18,
    chat_agents=8,
    chats_per_agent=3,
    tier_2_agents=16,
    escalation_share=0.2,
)


@dataclass(frozen=True)
class Answer:
    """Steady state of one queue; all who join count, answered or not. `mean_wait` is in seconds."""

    p_wait: float
    p_abandon: float
    mean_wait: float
    source: str


@dataclass(frozen=True)
class KnownQueue:
    """A queue that is M/M/n+M, at least nearly, and its answer worked out beforehand."""

    work: Stream
    servers: int
    answer: Answer


TIER_2_ARRIVAL_RATE = 1.7649 / MINUTE
"""0.2 × (4.8 × 0.9746 + 2.2 × 0.9443 + 2.2 × 0.9403) a minute: the handled share of chats is exact, those of
the two topics were simulated (four runs of 300,000 contacts)."""

KNOWN_QUEUES: Mapping[tuple[str, str], KnownQueue] = {
    ("erlang_a", "phone"): KnownQueue(
        ERLANG_A.work,
        ERLANG_A.agents,
        Answer(0.4677741, 0.03091225, 0.0618245 * MINUTE, "Erlang A (Garnett et al. 2002)"),
    ),
    ("center", "chat"): KnownQueue(
        CENTER.chat,
        CENTER.chat_slots,
        Answer(0.3094534, 0.0596716, 17.90148, "Erlang A, one server per slot"),
    ),
    ("center", "tier 2"): KnownQueue(
        Stream(TIER_2_ARRIVAL_RATE, CENTER.tier_2_mean_handling, CENTER.tier_2_mean_patience),
        CENTER.tier_2_agents,
        Answer(0.3225408, 0.0597737, 21.51854, "Erlang A, escalations taken as Poisson"),
    ),
}
"""By (model, queue); numbers by solving the birth-death chain. The topics of the phone are not here: teams
that share one topic and take the oldest call are outside Erlang A, so simulators are compared with each
other."""

MEAN_PATIENCE: Mapping[str, Mapping[str, float]] = {
    "erlang_a": {"phone": ERLANG_A.work.mean_patience},
    "center": {queue: stream.mean_patience for queue, stream in CENTER.streams.items()}
    | {"tier 2": CENTER.tier_2_mean_patience},
}
"""Mean patience in seconds by model and queue; its keys are all models and all queues there are."""
