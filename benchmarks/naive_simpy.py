"""SimPy the way its tutorials teach it.

A process a customer, `simpy.Resource`, patience as `request | timeout`, one random number at a time from
`random.expovariate`, results appended to lists: the pattern of "Bank Renege" in SimPy's documentation.
"""

from __future__ import annotations

import random
from collections.abc import Generator
from typing import Any

import simpy

from benchmarks.models import CENTER, ERLANG_A, Outcome, Simulate, Stream, Waits

Process = Generator[simpy.Event, Any, None]
Results = list[tuple[float, bool]]


def caller(env: simpy.Environment, agents: simpy.Resource, results: Results) -> Process:
    """Wait for an agent, give up when patience ends, be served."""
    arrival = env.now
    with agents.request() as request:
        outcome = yield request | env.timeout(random.expovariate(1 / ERLANG_A.work.mean_patience))
        abandoned = request not in outcome
        results.append((env.now - arrival, abandoned))
        if not abandoned:
            yield env.timeout(random.expovariate(1 / ERLANG_A.work.mean_handling))


def callers(env: simpy.Environment, number: int, agents: simpy.Resource, results: Results) -> Process:
    """Send `number` callers."""
    for _ in range(number):
        yield env.timeout(random.expovariate(ERLANG_A.work.arrival_rate))
        env.process(caller(env, agents, results))


def erlang_a(contacts: int, seed: int) -> Outcome:
    """One run of the Erlang-A model."""
    random.seed(seed)
    env = simpy.Environment()
    agents = simpy.Resource(env, capacity=ERLANG_A.agents)
    results: Results = []
    env.process(callers(env, contacts, agents, results))
    env.run()
    return Outcome(contacts, {"phone": Waits.of(results)})


class SupportCenter:
    """The teams of the center, and what its customers met."""

    def __init__(self, env: simpy.Environment) -> None:
        self.env = env
        self.team_a = simpy.Resource(env, capacity=CENTER.team_a)
        self.team_b = simpy.Resource(env, capacity=CENTER.team_b)
        self.chat_team = simpy.Resource(env, capacity=CENTER.chat_slots)
        self.tier_2 = simpy.Resource(env, capacity=CENTER.tier_2_agents)
        self.results: dict[str, Results] = {"topic 1": [], "topic 2": [], "chat": [], "tier 2": []}

    def phone_call(self, topic: str, stream: Stream, teams: list[simpy.Resource]) -> Process:
        """Take a free agent of the first team that has one; else queue for all of them, first one wins."""
        arrival = self.env.now
        free = [team for team in teams if team.count < team.capacity]
        requests = [team.request() for team in free[:1] or teams]
        patience = self.env.timeout(random.expovariate(1 / stream.mean_patience))
        outcome = yield self.env.any_of([*requests, patience])
        answer = next((request for request in requests if request in outcome), None)
        withdraw([request for request in requests if request is not answer])
        self.results[topic].append((self.env.now - arrival, answer is None))
        if answer is not None:
            yield self.env.timeout(random.expovariate(1 / stream.mean_handling))
            answer.resource.release(answer)
            yield from self.maybe_escalate()

    def chat(self) -> Process:
        """Wait for a slot of any chat agent, give up when patience ends, be served."""
        arrival = self.env.now
        with self.chat_team.request() as request:
            outcome = yield request | self.env.timeout(random.expovariate(1 / CENTER.chat.mean_patience))
            abandoned = request not in outcome
            self.results["chat"].append((self.env.now - arrival, abandoned))
            if not abandoned:
                yield self.env.timeout(random.expovariate(1 / CENTER.chat.mean_handling))
        if not abandoned:
            yield from self.maybe_escalate()

    def maybe_escalate(self) -> Process:
        """Go on to tier 2 with the chance of an escalation."""
        if random.random() >= CENTER.escalation_share:
            return
        arrival = self.env.now
        with self.tier_2.request() as request:
            outcome = yield request | self.env.timeout(random.expovariate(1 / CENTER.tier_2_mean_patience))
            abandoned = request not in outcome
            self.results["tier 2"].append((self.env.now - arrival, abandoned))
            if not abandoned:
                yield self.env.timeout(random.expovariate(1 / CENTER.tier_2_mean_handling))

    def customer(self, kind: str) -> Process:
        """The process of a new customer of this kind."""
        if kind == "topic 1":
            return self.phone_call(kind, CENTER.topic_1, [self.team_a, self.team_b])
        if kind == "topic 2":
            return self.phone_call(kind, CENTER.topic_2, [self.team_b])
        return self.chat()


def withdraw(requests: list[Any]) -> None:
    """Leave the queues of the other teams; hand back an agent that was granted in the same moment."""
    for request in requests:
        if request.triggered:
            request.resource.release(request)
        else:
            request.cancel()


def customers(env: simpy.Environment, number: int, center: SupportCenter) -> Process:
    """Send `number` customers of all kinds."""
    kinds = list(CENTER.streams)
    rates = [stream.arrival_rate for stream in CENTER.streams.values()]
    total_rate = sum(rates)
    for _ in range(number):
        yield env.timeout(random.expovariate(total_rate))
        kind = random.choices(kinds, rates)[0]
        env.process(center.customer(kind))


def center(contacts: int, seed: int) -> Outcome:
    """One run of the multi-skill center."""
    random.seed(seed)
    env = simpy.Environment()
    support_center = SupportCenter(env)
    env.process(customers(env, contacts, support_center))
    env.run()
    return Outcome(contacts, {queue: Waits.of(rows) for queue, rows in support_center.results.items()})


MODELS: dict[str, Simulate] = {"erlang_a": erlang_a, "center": center}
