"""The shipped scenarios: each loads and runs, those of theory agree with it, the baseline is fit to plan with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import pytest

import simulation as sim
from simulation import Result, Scenario, Verdict
from simulation.statistics.intervals import t_quantile
from simulation.theory import erlang, queues

SHIPPED = [name for name in sim.shipped() if not name.startswith("bank")]
WHATIFS = [name for name in SHIPPED if name.startswith("whatif/")]
THEORY = [name.removeprefix("theory/") for name in SHIPPED if name.startswith("theory/")]
HOUR, MINUTE, DAY = 3600.0, 60.0, 86_400.0
STANDARD_ERRORS = 3.5


@cache
def ran(name: str, replications: int | None = None) -> Result:
    """A shipped scenario as it is, without its tables; run once for all tests."""
    return sim.run(sim.load(name), replications=replications, tables=False, jobs=1)


def observed(result: Result, metric: str, segment: str = "") -> tuple[float, float]:
    """Estimate and standard error of a KPI."""
    rows = result.kpis.set_index(["metric", "segment"])
    row = rows.loc[(metric, segment)]
    half_width = (row["high"] - row["low"]) / 2
    return float(row["mean"]), float(half_width / t_quantile(row["level"], result.replications - 1))


# ---------------------------------------------------------------------------------------------- theory


@dataclass(frozen=True)
class Exact:
    """What theory says of a KPI, in seconds or as a share, and how its scenario's description writes it."""

    metric: str
    value: float
    segment: str = ""

    @property
    def quoted(self) -> str:
        if self.metric.endswith(".mean"):
            return f"{self.value:.1f} s"
        return f"{self.value:.2f}" if self.metric in PER_CASE else f"{100 * self.value:.1f} %"


PER_CASE = {"concurrency", "redials", "contacts_per_case"}


def mm1() -> list[Exact]:
    queue = erlang.erlang_c(60 / HOUR, 1 / 36, 1)
    return [
        Exact("waiting_probability", queue.p_wait),
        Exact("asa.mean", queue.wait),
        Exact("service_level(20s)", queue.service_level(20)),
        Exact("resolution_time.mean", queue.sojourn),
        Exact("occupancy", queue.utilization),
    ]


def erlang_b() -> list[Exact]:
    load, servers = 120 / HOUR * 4 * MINUTE, 10
    blocked = erlang.blocking(load, servers)
    return [Exact("blocking", blocked), Exact("occupancy", load * (1 - blocked) / servers)]


def erlang_c() -> list[Exact]:
    queue = erlang.erlang_c(60 / HOUR, 1 / (2 * MINUTE), 3)
    return [
        Exact("waiting_probability", queue.p_wait),
        Exact("asa.mean", queue.wait),
        Exact("service_level(20s)", queue.service_level(20)),
        Exact("occupancy", queue.utilization),
    ]


def impatient(queue: erlang.ImpatientQueue) -> list[Exact]:
    return [
        Exact("waiting_probability", queue.p_wait),
        Exact("abandonment", queue.p_abandon),
        Exact("queue_time.mean", queue.wait),
        Exact("asa.mean", queue.wait_served),
        Exact("service_level(20s)", queue.service_level(20)),
        Exact("occupancy", queue.utilization),
    ]


def erlang_a() -> list[Exact]:
    return impatient(erlang.erlang_a(100 / HOUR, 1 / (3 * MINUTE), 5, 1 / (2 * MINUTE)))


def mmn_plus_g() -> list[Exact]:
    patience = 2 * MINUTE
    law = erlang.fixed_patience(patience)
    return impatient(erlang.mmn_g(100 / HOUR, 1 / (3 * MINUTE), 5, law, kinks=[patience]))


def mg1() -> list[Exact]:
    queue = queues.mg1(60 / HOUR, 36, 0.8**2)
    return [
        Exact("waiting_probability", queue.p_wait),
        Exact("asa.mean", queue.wait),
        Exact("resolution_time.mean", queue.sojourn),
    ]


def priorities() -> list[Exact]:
    high, normal = queues.priority_waits([24 / HOUR, 36 / HOUR], 1 / (2 * MINUTE), 3)
    together = erlang.erlang_c(60 / HOUR, 1 / (2 * MINUTE), 3)
    return [
        Exact("waiting_probability", together.p_wait, "urgency=high"),
        Exact("waiting_probability", together.p_wait, "urgency=normal"),
        Exact("asa.mean", high, "urgency=high"),
        Exact("asa.mean", normal, "urgency=normal"),
        Exact("asa.mean", together.wait),
    ]


def chat_sharing() -> list[Exact]:
    work = 6 * MINUTE
    queue = queues.chat_queue(36 / HOUR, 2, [0, 1 / work, 1.6 / work, 2 / work], 1 / (10 * MINUTE))
    return [
        Exact("waiting_probability", queue.p_wait),
        Exact("queue_time.mean", queue.wait),
        Exact("abandonment", queue.p_abandon),
        Exact("handling_time.mean", queue.duration),
        Exact("occupancy", queue.busy_share),
        Exact("concurrency", queue.concurrency_when_busy),
    ]


def n_model() -> list[Exact]:
    served, gives_up = 1 / (3 * MINUTE), 1 / (6 * MINUTE)
    center = queues.SkillCenter(
        rates=(80 / HOUR, 70 / HOUR),
        service_rates=((served, 0), (served, served)),
        abandon_rates=(gives_up, gives_up),
        servers=(4, 4),
        groups_of_type=((0, 1), (1,)),
        types_of_group=((0,), (1, 0)),
    )
    queue = queues.skill_queue(center)
    by_topic = zip(("sales", "technical"), queue.wait, queue.p_abandon, strict=True)
    by_team = zip(("juniors", "experts"), queue.utilization, strict=True)
    return [
        *(Exact("occupancy", busy, f"team={team}") for team, busy in by_team),
        *(
            exact
            for topic, wait, left in by_topic
            for exact in (
                Exact("queue_time.mean", wait, f"topic={topic}"),
                Exact("abandonment", left, f"topic={topic}"),
            )
        ),
    ]


def tandem_escalation() -> list[Exact]:
    rates = [1 / (2 * MINUTE), 1 / (3 * MINUTE)]
    chain = queues.escalation_tandem(60 / HOUR, [0.4], rates, [3, 2])
    first, second = chain.tiers
    return [
        Exact("wait.mean", first.wait, "tier=tier1"),
        Exact("wait.mean", second.wait, "tier=tier2"),
        Exact("occupancy", first.utilization, "team=generalists"),
        Exact("occupancy", second.utilization, "team=specialists"),
        Exact("resolution_time.mean", chain.sojourn),
    ]


def retrials() -> list[Exact]:
    rate, handling, retrial_rate = 24 / HOUR, MINUTE, 1 / (2 * MINUTE)
    queue = queues.retrial_queue(rate, 1 / handling, 1, retrial_rate)
    redials = queue.orbit * retrial_rate / rate
    return [
        Exact("redials", redials),
        Exact("blocking", redials / (1 + redials)),  # every case is let in once, after so many busy signals
        Exact("resolution_time.mean", queue.wait + handling),
        Exact("occupancy", queue.utilization),
    ]


def erlang_r() -> list[Exact]:
    away = 10 * MINUTE
    queue = queues.erlang_r(30 / HOUR, 1 / (2 * MINUTE), 3, 0.5, 1 / away)
    return [
        Exact("contacts_per_case", queue.visits),
        Exact("waiting_probability", queue.visit.p_wait),
        Exact("asa.mean", queue.visit.wait),
        Exact("occupancy", queue.visit.utilization),
        Exact("resolution_time.mean", queue.total_time_needy + (queue.visits - 1) * away),
    ]


EXACT: dict[str, Callable[[], list[Exact]]] = {
    "mm1": mm1,
    "erlang-b": erlang_b,
    "erlang-c": erlang_c,
    "erlang-a": erlang_a,
    "mmn-plus-g": mmn_plus_g,
    "mg1": mg1,
    "priorities": priorities,
    "chat-sharing": chat_sharing,
    "n-model": n_model,
    "tandem-escalation": tandem_escalation,
    "retrials": retrials,
    "erlang-r": erlang_r,
}
SEED = {name: number for number, name in enumerate(EXACT, start=1)}
