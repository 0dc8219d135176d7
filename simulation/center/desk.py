"""Where waiting contacts and free agents meet.

A *line* is a list of waiting contacts that the same teams see. A contact stands in the line of its first teams;
after each overflow wait also in the line of the teams that may then help. It leaves a line only when its turn
would come: whoever has been served or has gone is passed over.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from heapq import heappop, heappush
from math import inf
from typing import TYPE_CHECKING, Protocol

import simpy

from simulation.center.clock import DONE, OVERFLOW, PATIENCE, Clock
from simulation.center.hours import Gate
from simulation.center.leg import Leg
from simulation.center.modes import Board
from simulation.center.people import Person
from simulation.center.plan import Plan, TeamPlan
from simulation.center.turns import Turns
from simulation.record.recorder import Duty, Recorder
from simulation.routing import AGENT_CHOICES, FreeAgent
from simulation.routing import Stage as PlannedStage
from simulation.scenario.timeline import Span

if TYPE_CHECKING:
    from simulation.center.beside import Beside
    from simulation.center.journey import Journey

NO_DEADLINE = 1e9
HURRY = 1e12
"""What a contact whose clock has run out is ahead of all others of the same skill priority."""
BESIDE = {"priority": -0.5, "behind": 0.5}
"""By how much the skill priority of callbacks differs from that of those on the line: between two whole numbers."""
Entry = tuple[float, int, Leg]


class Agent:
    """One person. `load` is how many contacts it holds; `busy_seconds` the time with at least one;
    `on_seconds` the time on the floor until it last left."""

    person: Person
    """Who sits in the seat; see people.py."""

    def __init__(self, index: int, name: str, number: int, team: Team, clock: Clock) -> None:
        self.index = index
        self.name = name
        self.number = number
        self.team = team
        self.load = 0
        self.busy_since = 0.0
        self.busy_seconds = 0.0
        self.on_since = 0.0
        self.on_seconds = 0.0
        self.off_until = -inf
        """Until when nobody in the place can serve: it is empty, or the newcomer learns."""
        self.signed_in = False
        self.leaving = False
        self.gone: simpy.Event | None = None
        self.trained: list[tuple[float, float]] = []
        """Sessions of training, the one that goes on included: from when to when (s)."""
        self.board = Board(clock, team.plan.rates) if team.plan.slowed else None

    def spends(self, recorder: Recorder, duty: Duty, since: float, until: float) -> None:
        """Note what the agent does off the floor."""
        recorder.duty(self.index, duty, since, until)
        if duty is Duty.TRAINING:
            self.trained.append((since, until))


class Line:
    """Waiting contacts in the order of their discipline."""

    def __init__(self, shared: bool) -> None:
        self.shared = shared
        self.waiting: list[Entry] = []

    def head(self) -> Entry | None:
        """The next contact that still waits."""
        waiting = self.waiting
        while waiting:
            entry = waiting[0]
            if entry[2].waiting == entry[1]:
                return entry
            heappop(waiting)
        return None


Looks = list[tuple[float, list[tuple[int, Line]]]]
"""Lines by skill priority, each with the team's reserve for it."""


class Team:
    """A team on the floor: its free agents by load, and the lines that it looks at."""

    def __init__(self, index: int, plan: TeamPlan, choice: Callable[[FreeAgent], float] | None) -> None:
        self.index = index
        self.plan = plan
        self.choice = choice
        self.free: list[OrderedDict[Agent, None]] = [OrderedDict() for _ in range(plan.slots)]
        self.looks: Looks = []
        self.lines: list[Line] = []
        self.surplus = 0
        self.agents: list[Agent] = []
        self.present = 0

    def take(self, shared: bool, reserve: int) -> Agent | None:
        """A free agent for a new contact (no longer free for whole-agent work then), the least loaded first."""
        free = self.free[0]
        if len(free) > reserve:
            return free.popitem(last=False)[0] if self.choice is None else self._chosen(free)
        if shared:
            for free in self.free[1:]:
                if free:
                    return self._chosen(free)
        return None

    def has_room(self, shared: bool, reserve: int) -> bool:
        """Whether `take` would find an agent."""
        return len(self.free[0]) > reserve or (shared and any(self.free[1:]))

    def _chosen(self, free: OrderedDict[Agent, None]) -> Agent:
        if self.choice is None:
            return free.popitem(last=False)[0]
        agent = min(free, key=self.choice)
        del free[agent]
        return agent

    def is_asked(self) -> bool:
        """Whether anybody may be waiting for the team (a quick look)."""
        for line in self.lines:  # noqa: SIM110 - any() would make a generator on the busiest path
            if line.waiting:
                return True
        return False

    def shows(self, priority: float, reserve: int, line: Line) -> None:
        """The team looks at a line from now on."""
        self.lines.append(line)
        for seen, lines in self.looks:
            if seen == priority:
                lines.append((reserve, line))
                return
        self.looks.append((priority, [(reserve, line)]))
        self.looks.sort(key=lambda look: look[0])

    def hides(self, priority: float, reserve: int, line: Line) -> None:
        """The team looks at a line no more."""
        self.lines.remove(line)
        for seen, lines in self.looks:
            if seen == priority:
                lines.remove((reserve, line))

    def idle_first(self) -> list[Agent]:
        """Agents who can take a contact, in the order in which they would."""
        in_turn = [list(free) if self.choice is None else sorted(free, key=self.choice) for free in self.free]
        return [agent for free in in_turn for agent in free]

    def next_for(self, agent: Agent, looks: Looks | None = None) -> Leg | None:
        """The waiting contact that an agent who can take one should take; `looks` may be others than the team's."""
        others = len(self.free[0])
        for _, lines in self.looks if looks is None else looks:
            best: Entry | None = None
            for reserve, line in lines:
                if not line.waiting or (not line.shared if agent.load else others < reserve):
                    continue
                head = line.head()
                if head is not None and (best is None or head < best):
                    best = head
            if best is not None:
                return best[2]
        return None


class Loop(Protocol):
    """Something that learns from what becomes of contacts; told of the journey before it begins."""

    def joins(self, journey: Journey) -> None:
        """Take part in a journey."""


class Stage:
    """Teams that may help after the same wait, each with its reserve and the hours of its skill, and the line in which the
    contact then stands. `teams` are those that may help now."""

    def __init__(self, after: float, members: list[tuple[Team, int, Gate | None]], line: Line) -> None:
        self.after = after
        self.members = members
        self.teams = [(team, reserve) for team, reserve, gate in members if gate is None]
        self.line = line


class Desk:
    """All teams and lines. `hangs_up`, `talk_over` and `work_of` are told by the journey."""

    team_type: Callable[[int, TeamPlan, Callable[[FreeAgent], float] | None], Team] = Team
    line_type: type[Line] = Line

    def __init__(self, clock: Clock, plan: Plan, recorder: Recorder) -> None:
        self.clock = clock
        self.plan = plan
        self.recorder = recorder
        choice = AGENT_CHOICES[plan.scenario.routing.agent]
        self.teams = [self.team_type(index, team, choice) for index, team in enumerate(plan.teams)]
        self.gates: dict[tuple[int, tuple[Span, ...]], Gate] = {}
        self.stages = self._stages()
        self.aside = self._aside()
        self.late_lines: dict[object, Line] = {}
        self.late = {place: self._late(place, stages) for place, stages in plan.late.items()}
        for gate in self.gates.values():
            clock.process(gate.keeps(clock, self._looks_again, self.hours_end))
        self.keys = plan.keys
        places = len(plan.stages)
        self.queue = [0] * places
        self.queue_area = [0.0] * places
        self.queue_since = [0.0] * places
        self.hangs_up: Callable[[Leg], None]
        self.talk_over: Callable[[Leg], None]
        self.work_of: Callable[[Leg, int], float]
        self.turns: Turns
        self.waits: Callable[[Leg], None] | None = None
        self.beside: Beside | None = None
        self.loops: list[Loop] = []
        self.by_turns = [channel.turns is not None for channel in plan.channels]

    def disconnect(self) -> None:
        """Let go of the journey, so that the memory of the run is free at once and not when cycles are looked for."""
        del self.hangs_up, self.talk_over, self.work_of, self.turns, self.waits, self.beside, self.loops

    def knows(self, leg: Leg) -> bool:
        """Whether the leg's agent has handled the case in an earlier contact; nobody keeps that in mind here."""
        return False

    # -- contacts come ------------------------------------------------------------------------------

    def join(self, leg: Leg, stages: list[Stage] | None = None) -> None:
        """A contact wants an agent: now, or after waiting; in the line of its place unless it has `stages` of its own."""
        leg.queued = now = self.clock._now
        if stages is None:
            stages = self.stages[leg.place]
        for team, reserve in stages[0].teams:
            agent = team.take(leg.shared, reserve)
            if agent is not None:
                self._begin(leg, agent)
                return
        self._count(leg.place, 1, now)
        leg.waiting = leg.tag
        self._stand(leg, stages[0])
        for stage in stages[1:]:
            self.clock.call(stage.after, OVERFLOW + leg.tag, self._overflow, (leg, stage))
        if leg.patience < inf:
            self.clock.call(leg.patience, PATIENCE + leg.tag, self._impatient, leg)
        if self.waits is not None:
            self.waits(leg)

    def must_wait(self, leg: Leg) -> bool:
        """Whether nobody would answer a contact at once."""
        return not any(team.has_room(leg.shared, reserve) for team, reserve in self.stages[leg.place][0].teams)

    def _stand(self, leg: Leg, stage: Stage) -> None:
        heappush(stage.line.waiting, self._entry(leg))

    def _entry(self, leg: Leg) -> Entry:
        due = leg.due if leg.due < inf else leg.queued + NO_DEADLINE
        key = self.keys[leg.place](leg.queued, due, leg.urgency)
        return key - HURRY if leg.hurried else key, leg.tag, leg

    def _overflow(self, who: tuple[Leg, Stage]) -> None:
        leg, stage = who
        if leg.waiting != leg.tag:
            return
        for team, reserve in stage.teams:
            agent = team.take(leg.shared, reserve)
            if agent is not None:
                self._unqueue(leg)
                self._begin(leg, agent)
                return
        self._stand(leg, stage)

    def hurry(self, leg: Leg) -> None:
        """The clock of a waiting contact has run out: it stands before the others, and in the lines of those who may
        take it from now on."""
        now = self.clock._now
        leg.hurried = leg.place not in self.late
        for stage in self.stages[leg.place] if leg.hurried else ():
            if stage.after <= now - leg.queued:
                self._stand(leg, stage)
        for stage in self.late.get(leg.place, ()):
            if leg.waiting != leg.tag:
                return
            if stage.after:
                self.clock.call(stage.after, OVERFLOW + leg.tag, self._overflow, (leg, stage))
            else:
                self._overflow((leg, stage))

    def _impatient(self, leg: Leg) -> None:
        if leg.waiting == leg.tag:
            self._unqueue(leg)
            self.hangs_up(leg)

    def leave(self, leg: Leg) -> None:
        """A waiting contact is sent away."""
        self._unqueue(leg)

    def waiting(self) -> list[Leg]:
        """Everybody who waits, in canonical order."""
        laid = [*self.stages.values(), *self.aside.values()]
        lines = {id(stage.line): stage.line for stages in laid for stage in stages}
        found = {leg.tag: leg for line in lines.values() for _, tag, leg in line.waiting if leg.waiting == tag}
        return [found[tag] for tag in sorted(found)]

    def _unqueue(self, leg: Leg) -> None:
        leg.waiting = -1
        self._count(leg.place, -1, self.clock._now)

    def _count(self, place: int, change: int, now: float) -> None:
        """Keep the integral of the queue's length, for Little's law."""
        self.queue_area[place] += self.queue[place] * (now - self.queue_since[place])
        self.queue_since[place] = now
        self.queue[place] += change

    # -- agents take --------------------------------------------------------------------------------

    def _begin(self, leg: Leg, agent: Agent) -> None:
        leg.answered = now = self.clock._now
        leg.agent = agent
        load = agent.load
        agent.load = load + 1
        if not load:
            agent.busy_since = now
            if self.beside is not None:
                self.beside.stops(agent)
        work = self.work_of(leg, agent.team.index)
        if leg.shared:
            self._beside_others(leg, agent, work)
        else:
            self.clock.call(work, DONE + leg.tag, self._talked, leg)

    def _beside_others(self, leg: Leg, agent: Agent, work: float) -> None:
        """A chat: the agent may take more, and they may slow each other or wait for the agent's attention."""
        if agent.load < len(agent.team.free) and not agent.leaving:
            agent.team.free[agent.load][agent] = None
        if self.by_turns[leg.channel]:
            self.turns.begin(leg, work)
        elif agent.board is not None:
            agent.board.add(leg, work, self._talked_on_board)
        else:
            self.clock.call(work, DONE + leg.tag, self._talked, leg)

    def _talked(self, leg: Leg) -> None:
        self.talk_over(leg)
        if leg.wrap_up:
            self.clock.call(leg.wrap_up, DONE + leg.tag, self._finish, leg)
        else:
            self._finish(leg)

    def _talked_on_board(self, leg: Leg) -> None:
        self.talk_over(leg)
        if leg.wrap_up:
            board: Board = leg.agent.board  # type: ignore[assignment]
            board.add(leg, leg.wrap_up, self._finish)
        else:
            self._finish(leg)

    def _finish(self, leg: Leg) -> None:
        """The agent has done all about the leg, and looks for the next."""
        agent, now = leg.agent, self.clock._now
        self.recorder.leg(leg, agent.team.index, agent.index, leg.tier, now)
        if leg.shared:
            self._unlist(agent)
        agent.load = load = agent.load - 1
        if not load:
            agent.busy_seconds += now - agent.busy_since
        self._look(agent)

    def finish(self, leg: Leg) -> None:
        """The agent of a conversation by turns is through with it."""
        self._finish(leg)

    def _unlist(self, agent: Agent) -> None:
        if agent.load < len(agent.team.free):
            agent.team.free[agent.load].pop(agent, None)

    def _look(self, agent: Agent) -> None:
        """An agent who can take contacts takes those that wait; else it is free."""
        team = agent.team
        if agent.leaving or team.surplus:
            if not agent.load:
                self._go(agent)
                return
            if agent.leaving:
                return
        while team.is_asked() and (leg := team.next_for(agent)) is not None:
            if agent.load:
                self._unlist(agent)
            self._unqueue(leg)
            self._begin(leg, agent)
            if not leg.shared or agent.load >= len(team.free):
                return
        if self.beside is None or agent.load or not self.beside.takes(agent):
            team.free[agent.load][agent] = None

    def has_time(self, agent: Agent) -> None:
        """An agent is through with work beside contacts, and looks for the next."""
        self._look(agent)

    def _go(self, agent: Agent) -> None:
        if not agent.leaving:
            agent.team.surplus -= 1
        if agent.gone is not None:
            agent.gone.succeed()
        self.sign_off(agent)

    def handled(self) -> list[Leg]:
        """Every leg that an agent holds."""
        timed = [leg for leg in self.clock.pending(DONE) if isinstance(leg, Leg) and leg.agent is not None]
        boards = (agent.board for team in self.teams for agent in team.agents if agent.board is not None)
        by_turns = [talk.leg for talk in self.turns.open.values()]
        return timed + [leg for board in boards for _, _, leg, _ in board.chats] + by_turns

    # -- agents come and go -------------------------------------------------------------------------

    def sign_in(self, agent: Agent) -> None:
        """An agent comes on the floor and takes what waits."""
        agent.signed_in = True
        agent.team.present += 1
        agent.leaving = False
        agent.on_since = self.clock._now
        self._look(agent)

    def sign_off(self, agent: Agent) -> None:
        """An agent without contacts leaves the floor."""
        agent.team.free[0].pop(agent, None)
        if self.beside is not None:
            self.beside.stops(agent)
        agent.team.present -= 1
        agent.on_seconds += self.clock._now - agent.on_since
        agent.signed_in = agent.leaving = False
        agent.gone = None
        self.recorder.duty(agent.index, Duty.ON, agent.on_since, self.clock._now)

    def stay(self, agent: Agent) -> None:
        """An agent who was to leave after the contacts in hand stays after all."""
        agent.leaving = False
        agent.gone = None
        if all(leg.shared for leg in self.held_by(agent)) and agent.load < agent.team.plan.slots:
            self._look(agent)

    def held_by(self, agent: Agent) -> list[Leg]:
        """The legs that an agent holds."""
        return [leg for leg in self.handled() if leg.agent is agent]

    def ask_to_leave(self, agent: Agent) -> simpy.Event | None:
        """Let an agent go: at once (None), or when what it holds is finished (the event)."""
        if not agent.load:
            self.sign_off(agent)
            return None
        self._unlist(agent)
        agent.leaving = True
        agent.gone = self.clock.event()
        return agent.gone

    # -- how the floor is laid out ------------------------------------------------------------------

    def _stages(self) -> dict[int, list[Stage]]:
        """Stages by place. Places whose stages are seen by the same teams in the same way share a line."""
        lines: dict[object, Line] = {}
        laid: dict[int, list[Stage]] = {}
        for place, _, channel, _ in self.plan.places():
            shared = self.plan.channels[channel].shared
            laid[place] = [
                self._stage(place, after, shared, lines) for after in sorted({s.after for s in self.plan.stages[place]})
            ] or [Stage(0.0, [], self.line_type(shared))]
            if laid[place][0].after > 0:
                laid[place].insert(0, Stage(0.0, [], self.line_type(shared)))
        return laid

    def _aside(self) -> dict[int, list[Stage]]:
        """Stages by place for callbacks that come before all who wait on the line, or behind them."""
        lines: dict[object, Line] = {}
        laid: dict[int, list[Stage]] = {}
        for place, tier, channel, _ in self.plan.places():
            callback = self.plan.callback(channel)
            if tier == 0 and callback is not None and callback.place != "keeps":
                waits = sorted({s.after for s in self.plan.stages[place]})
                step = BESIDE[callback.place]
                laid[place] = [self._stage(place, after, False, lines, step, callback.reserve) for after in waits]
                if not laid[place] or laid[place][0].after > 0:
                    laid[place].insert(0, Stage(0.0, [], self.line_type(False)))
        return laid

    def _late(self, place: int, stages: list[PlannedStage]) -> list[Stage]:
        """Stages for contacts of a place whose clock has run out."""
        lines: dict[object, Line] = self.late_lines
        shared = self.plan.channels[self.plan.channel_of(place)].shared
        waits = sorted({s.after for s in stages})
        return [self._stage(place, after, shared, lines, among=stages) for after in waits]

    def _stage(
        self, place: int, after: float, shared: bool, lines: dict[object, Line], step: float = 0.0, reserve: int = 0,
        among: list[PlannedStage] | None = None,
    ) -> Stage:  # fmt: skip
        members = [
            (self.teams[self.plan.team_index[s.team]], s.skill.priority + step, max(s.skill.reserve, reserve))
            for s in (self.plan.stages[place] if among is None else among)
            if s.after == after
        ]
        gates = [self._gate(team, place) for team, _, _ in members]
        seen = sorted(
            (t.index, p, r, -1 if g is None else g.number) for (t, p, r), g in zip(members, gates, strict=True)
        )
        seen_as = (tuple(seen), shared)
        if seen_as not in lines:
            lines[seen_as] = self.line_type(shared)
            for (team, priority, reserve), gate in zip(members, gates, strict=True):
                if gate is None:
                    team.shows(priority, reserve, lines[seen_as])
                else:
                    gate.lines.append((priority, reserve, lines[seen_as]))
        stage = Stage(after, [(t, r, g) for (t, _, r), g in zip(members, gates, strict=True)], lines[seen_as])
        for gate in gates:
            if gate is not None:
                gate.stages.append(stage)
        return stage

    def _gate(self, team: Team, place: int) -> Gate | None:
        """The hours of a team's skill for a place; None where it always holds."""
        spans = team.plan.hours.get(place)
        if spans is None:
            return None
        return self.gates.setdefault((team.index, spans), Gate(len(self.gates), team, spans))

    def holds(self, team: Team, place: int) -> bool:
        """Whether a team's skill for a place holds now."""
        spans = team.plan.hours.get(place)
        return spans is None or self.gates[team.index, spans].is_open

    def hours_end(self, team: Team) -> None:
        """Some skills of a team hold no more."""

    def _looks_again(self, agent: Agent) -> None:
        """An agent who can take contacts sees more of them than before."""
        if agent.load < len(agent.team.free) and agent in agent.team.free[agent.load]:
            self._unlist(agent)
            self._look(agent)
