"""Our side: the whole pipeline of one replication — draw, simulate, record, work out every KPI."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from benchmarks.models import CENTER, ERLANG_A, Outcome, Stream, Waits
from simulation.center import simulate
from simulation.center.plan import Plan
from simulation.experiments.load import from_dict
from simulation.metrics import measure
from simulation.metrics.kpi import standard_metrics
from simulation.metrics.view import View
from simulation.record import Record
from simulation.record.recorder import Outcome as Ended


def _exponential(mean: float) -> dict[str, Any]:
    return {"exponential": {"mean": f"{mean!r} s"}}


def _source(topic: str, channel: str, stream: Stream) -> dict[str, Any]:
    return {"topic": topic, "channel": channel, "volume": f"{stream.arrival_rate!r}/s"}


def _channel(mode: str, patience: float) -> dict[str, Any]:
    return {"mode": mode, "patience": _exponential(patience)}


def _scenario(name: str, seconds: float, **sections: Any) -> dict[str, Any]:
    return {"name": name, "calendar": {"start": "2026-01-05"}, "horizon": f"{seconds!r} s", **sections}


def erlang_a_scenario(contacts: int) -> dict[str, Any]:
    """The Erlang A model as a scenario that lasts as long as `contacts` take on average."""
    work = ERLANG_A.work
    return _scenario(
        "erlang-a",
        contacts / work.arrival_rate,
        demand={"sources": {"calls": _source("any", "phone", work)}},
        channels={"phone": _channel("live", work.mean_patience)},
        topics={"any": {"handling": {"phone": _exponential(work.mean_handling)}}},
        teams={"desk": {"skills": {"calls": {}}, "headcount": {"constant": ERLANG_A.agents}}},
    )


def center_scenario(contacts: int) -> dict[str, Any]:
    """The multi-skill center as a scenario that lasts as long as `contacts` take on average."""
    reach = {"tier1": f"{100 * (1 - CENTER.escalation_share)!r} %"}
    tier_2 = {"handling": _exponential(CENTER.tier_2_mean_handling)}

    def topic(stream: Stream) -> dict[str, Any]:
        return {"handling": {"any": _exponential(stream.mean_handling)}, "reach": reach}

    def team(agents: int, skills: dict[str, Any], **more: Any) -> dict[str, Any]:
        return {"skills": skills, "headcount": {"constant": agents}, **more}

    return _scenario(
        "center",
        contacts / CENTER.arrival_rate,
        demand={
            "sources": {
                "one": _source("one", "phone", CENTER.topic_1),
                "two": _source("two", "phone", CENTER.topic_2),
                "chats": _source("written", "chat", CENTER.chat),
            }
        },
        channels={
            "phone": _channel("live", CENTER.topic_1.mean_patience),
            "chat": _channel("concurrent", CENTER.chat.mean_patience),
        },
        topics={"one": topic(CENTER.topic_1), "two": topic(CENTER.topic_2), "written": topic(CENTER.chat)},
        teams={
            "a": team(CENTER.team_a, {"one": {"channels": "phone", "topics": "one"}}),
            "b": team(CENTER.team_b, {"both": {"channels": "phone", "topics": ["one", "two"]}}),
            "chat": team(
                CENTER.chat_agents, {"chats": {"channels": "chat"}}, concurrency={"slots": CENTER.chats_per_agent}
            ),
            "experts": team(CENTER.tier_2_agents, {"all": tier_2}, tier="tier2"),
        },
        routing={"routes": {"one": {"topics": "one", "teams": {"a": "0 s", "b": "0 s"}}}},
        escalation={"path": ["tier1", "tier2"], "patience": {"tier2": _exponential(CENTER.tier_2_mean_patience)}},
    )


@cache
def _plan(make: Callable[[int], dict[str, Any]], contacts: int) -> Plan:
    return Plan(from_dict(make(contacts)))


def _run(make: Callable[[int], dict[str, Any]], contacts: int, seed: int) -> Record:
    plan = _plan(make, contacts)
    record = simulate(plan, seed, 0)
    measure(View(record, plan.scenario), standard_metrics(plan.scenario))
    return record


def _waits(record: Record, rows: Any) -> Waits:
    legs = record.legs
    done = rows & (legs["outcome"] != Ended.OPEN)
    order = np.argsort(legs["queued"][done], kind="stable")
    return Waits(legs["wait"][done][order], (legs["outcome"] == Ended.ABANDONED)[done][order])


def erlang_a(contacts: int, seed: int) -> Outcome:
    """Waits in the Erlang A model."""
    record = _run(erlang_a_scenario, contacts, seed)
    return Outcome(len(record.contacts["case"]), {"phone": _waits(record, record.legs["tier"] == 0)})


def center(contacts: int, seed: int) -> Outcome:
    """Waits in the multi-skill center."""
    record = _run(center_scenario, contacts, seed)
    legs = record.legs
    queues = {"topic 1": 0, "topic 2": 1, "chat": 2}
    waits = {name: _waits(record, (legs["tier"] == 0) & (legs["topic"] == topic)) for name, topic in queues.items()}
    return Outcome(len(record.contacts["case"]), {**waits, "tier 2": _waits(record, legs["tier"] == 1)})


OURS: dict[str, Callable[[int, int], Outcome]] = {"erlang_a": erlang_a, "center": center}
