"""The same models in Ciw 3.

Reneging is Ciw's own. The two phone teams need what Ciw has no setting for, one queue whose servers differ in
skill; it is written with Ciw's documented means, a custom node class.
"""

from __future__ import annotations

from typing import Any

import ciw

from benchmarks.models import CENTER, ERLANG_A, Outcome, Simulate, Waits

PHONE, CHAT, TIER_2 = 1, 2, 3
ENTRY = {"topic 1": PHONE, "topic 2": PHONE, "chat": CHAT}


def exponential(mean: float) -> Any:
    """Ciw's exponential distribution with this mean."""
    return ciw.dists.Exponential(rate=1 / mean)


def run(network: Any, contacts: int, seed: int, node_class: Any = None) -> list[Any]:
    """Records of all visits until `contacts` customers have left, served or not."""
    ciw.seed(seed)
    simulation = ciw.Simulation(network, node_class=node_class)
    simulation.simulate_until_max_customers(contacts, method="Finish")
    return simulation.get_all_records()  # type: ignore[no-any-return]


def waits(records: list[Any]) -> Waits:
    """Waits of all who were served or gave up at one queue."""
    return Waits.of((record.waiting_time, record.record_type == "renege") for record in records)


def erlang_a(contacts: int, seed: int) -> Outcome:
    """One run of the Erlang-A model."""
    work = ERLANG_A.work
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(rate=work.arrival_rate)],
        service_distributions=[exponential(work.mean_handling)],
        reneging_time_distributions=[exponential(work.mean_patience)],
        number_of_servers=[ERLANG_A.agents],
    )
    return Outcome(contacts, {"phone": waits(run(network, contacts, seed))})


class PhoneTeams(ciw.Node):  # type: ignore[misc]
    """One queue before both phone teams: the first servers are team A, the others team B."""

    def find_free_server(self, ind: Any) -> Any:
        """The first free server with the skill: team A before team B."""
        first = 0 if ind.customer_class == "topic 1" else CENTER.team_a
        return next((server for server in self.servers[first:] if not server.busy), None)

    def choose_next_customer(self) -> Any:
        """The longest waiting customer for whom a skilled server is free."""
        waiting = (ind for ind in self.all_individuals if not ind.server)
        return next((ind for ind in waiting if self.find_free_server(ind) is not None), None)


def center_network() -> Any:
    """Phone, chat and tier 2 as a network of three nodes and three classes of customers."""
    escalates = CENTER.escalation_share
    routes = [[0.0, 0.0, escalates], [0.0, 0.0, escalates], [0.0, 0.0, 0.0]]
    arrivals, services, patiences = {}, {}, {}
    for kind, stream in CENTER.streams.items():
        arrival = ciw.dists.Exponential(rate=stream.arrival_rate)
        arrivals[kind] = [arrival if ENTRY[kind] == node else None for node in (PHONE, CHAT, TIER_2)]
        first_service, first_patience = exponential(stream.mean_handling), exponential(stream.mean_patience)
        services[kind] = [first_service, first_service, exponential(CENTER.tier_2_mean_handling)]
        patiences[kind] = [first_patience, first_patience, exponential(CENTER.tier_2_mean_patience)]
    return ciw.create_network(
        arrival_distributions=arrivals,
        service_distributions=services,
        reneging_time_distributions=patiences,
        number_of_servers=[CENTER.team_a + CENTER.team_b, CENTER.chat_slots, CENTER.tier_2_agents],
        routing={kind: routes for kind in CENTER.streams},
    )


def center(contacts: int, seed: int) -> Outcome:
    """One run of the multi-skill center."""
    queues: dict[str, list[Any]] = {"topic 1": [], "topic 2": [], "chat": [], "tier 2": []}
    for record in run(center_network(), contacts, seed, [PhoneTeams, ciw.Node, ciw.Node]):
        queues["tier 2" if record.node == TIER_2 else record.customer_class].append(record)
    return Outcome(contacts, {queue: waits(records) for queue, records in queues.items()})


MODELS: dict[str, Simulate] = {"erlang_a": erlang_a, "center": center}
