"""SimPy written for speed, still one process a customer.

No resources and no conditions: a customer who must wait makes one plain event; patience is a timeout that is
left in the schedule and does nothing once the customer was answered. All random numbers are drawn in bulk.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator
from typing import Any

import numpy as np
import simpy

from benchmarks.models import CENTER, ERLANG_A, Outcome, Simulate, Waits

Process = Generator[simpy.Event, Any, None]
Results = list[tuple[float, bool]]


class Team:
    """Free agents, and the lines that these agents serve."""

    def __init__(self, agents: int) -> None:
        self.free = agents
        self.lines: list[Line] = []

    def release(self) -> None:
        """An agent is free: answer the customer who has waited longest, or stand by."""
        longest: Turn | None = None
        for line in self.lines:
            turn = line.head()
            if turn is not None and (longest is None or turn.arrival < longest.arrival):
                longest = turn
        if longest is None:
            self.free += 1
        else:
            longest.succeed(self)


class Turn(simpy.Event):
    """Fires with the team that answers, or with None when the customer gives up."""

    def __init__(self, env: simpy.Environment) -> None:
        super().__init__(env)
        self.arrival = env.now


class Line:
    """Customers waiting with one kind of work, and the teams that can do it, best first."""

    def __init__(self, env: simpy.Environment, *teams: Team) -> None:
        self.env = env
        self.teams = teams
        self.turns: deque[Turn] = deque()
        self.results: Results = []
        for team in teams:
            team.lines.append(self)

    def head(self) -> Turn | None:
        """The first who still waits; those answered elsewhere or gone are dropped."""
        turns = self.turns
        while turns:
            if not turns[0].triggered:
                return turns[0]
            turns.popleft()
        return None

    def take_free(self) -> Team | None:
        """Occupy an agent of the first team that has a free one."""
        for team in self.teams:
            if team.free:
                team.free -= 1
                return team
        return None

    def join(self, patience: float) -> Turn:
        """Wait for a turn, `patience` seconds at most."""
        turn = Turn(self.env)
        self.turns.append(turn)
        callbacks = self.env.timeout(patience, turn).callbacks
        assert callbacks is not None
        callbacks.append(_give_up)
        return turn


def _give_up(patience: simpy.Event) -> None:
    turn: Any = patience.value
    if not turn.triggered:
        turn.succeed(None)


def visit(env: simpy.Environment, line: Line, patience: float, handling: float) -> Generator[Any, Any, bool]:
    """Wait in `line` and be served; True if served, False if given up."""
    team = line.take_free()
    if team is not None:
        line.results.append((0.0, False))
    else:
        arrival = env.now
        answer: Team | None = yield line.join(patience)
        line.results.append((env.now - arrival, answer is None))
        if answer is None:
            return False
        team = answer
    yield env.timeout(handling)
    team.release()
    return True


def erlang_a(contacts: int, seed: int) -> Outcome:
    """One run of the Erlang-A model."""
    env = simpy.Environment()
    phone = Line(env, Team(ERLANG_A.agents))
    env.process(callers(env, phone, np.random.default_rng(seed), contacts))
    env.run()
    return Outcome(contacts, {"phone": Waits.of(phone.results)})


def callers(env: simpy.Environment, phone: Line, rng: np.random.Generator, number: int) -> Process:
    """Send `number` callers."""
    work = ERLANG_A.work
    gaps = rng.exponential(1 / work.arrival_rate, number).tolist()
    patiences = rng.exponential(work.mean_patience, number).tolist()
    handlings = rng.exponential(work.mean_handling, number).tolist()
    for gap, patience, handling in zip(gaps, patiences, handlings, strict=True):
        yield env.timeout(gap)
        env.process(visit(env, phone, patience, handling))


def open_lines(env: simpy.Environment) -> dict[str, Line]:
    """The center's lines with their teams."""
    team_b = Team(CENTER.team_b)
    return {
        "topic 1": Line(env, Team(CENTER.team_a), team_b),
        "topic 2": Line(env, team_b),
        "chat": Line(env, Team(CENTER.chat_slots)),
        "tier 2": Line(env, Team(CENTER.tier_2_agents)),
    }


def draw_customers(rng: np.random.Generator, number: int) -> Iterator[tuple[Any, ...]]:
    """Yield (gap, kind, patience, handling, escalates, patience at tier 2, handling at tier 2)."""
    streams = list(CENTER.streams.values())
    kinds = rng.choice(len(streams), number, p=[s.arrival_rate / CENTER.arrival_rate for s in streams])
    columns = (
        rng.exponential(1 / CENTER.arrival_rate, number),
        kinds,
        rng.exponential(np.array([s.mean_patience for s in streams])[kinds]),
        rng.exponential(np.array([s.mean_handling for s in streams])[kinds]),
        rng.random(number) < CENTER.escalation_share,
        rng.exponential(CENTER.tier_2_mean_patience, number),
        rng.exponential(CENTER.tier_2_mean_handling, number),
    )
    return zip(*(column.tolist() for column in columns), strict=True)


def customer(
    env: simpy.Environment, line: Line, tier_2: Line, patience: float, handling: float, then: tuple[Any, ...]
) -> Process:
    """Be served in `line`; if `then` says so, escalate to tier 2."""
    served = yield from visit(env, line, patience, handling)
    escalates, next_patience, next_handling = then
    if served and escalates:
        yield from visit(env, tier_2, next_patience, next_handling)


def customers(env: simpy.Environment, lines: dict[str, Line], rng: np.random.Generator, number: int) -> Process:
    """Send `number` customers of all kinds."""
    entries = [lines[queue] for queue in CENTER.streams]
    tier_2 = lines["tier 2"]
    for gap, kind, patience, handling, *then in draw_customers(rng, number):
        yield env.timeout(gap)
        env.process(customer(env, entries[kind], tier_2, patience, handling, tuple(then)))


def center(contacts: int, seed: int) -> Outcome:
    """One run of the multi-skill center."""
    env = simpy.Environment()
    lines = open_lines(env)
    env.process(customers(env, lines, np.random.default_rng(seed), contacts))
    env.run()
    return Outcome(contacts, {queue: Waits.of(line.results) for queue, line in lines.items()})


MODELS: dict[str, Simulate] = {"erlang_a": erlang_a, "center": center}
