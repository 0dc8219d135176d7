"""Work beside contacts: reviews, coaching, articles. Agents do it when nobody waits whom they could take.

A *task* belongs to a team (whoever of it has time) or to one agent. Some tasks give way as soon as a contact comes, so
that contacts notice nothing of them; others are finished first. What is left of a task when its agent leaves the floor,
or gives way, is done later by whoever takes it up.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import nan

from simulation.center.clock import DONE, DUTY, Clock
from simulation.center.desk import Agent, Desk, Team
from simulation.center.people import Scene
from simulation.record.recorder import Duty, Recorder
from simulation.scenario.timeline import Span

BESIDE = 1 << 59
"""Among simultaneous events of their kind, those of tasks come after those of contacts."""


@dataclass(frozen=True)
class Terms:
    """When tasks of a kind are done: so many agents of the team stay free; whether they give way to contacts; within
    spans of time (None: always)."""

    reserve: int = 0
    gives_way: bool = False
    spans: Sequence[Span] | None = None

    def hold(self, now: float) -> bool:
        """Whether such tasks may be begun now (s)."""
        return self.spans is None or any(start <= now < end for start, end in self.spans)


class Task:
    """A piece of work of so many seconds, for a team or for one agent; `done` is told who has done it."""

    __slots__ = ("done", "duty", "left", "of", "since", "terms")

    def __init__(
        self, duty: Duty, of: Team | Agent, seconds: float, terms: Terms, done: Callable[[Agent], None]
    ) -> None:
        self.duty = duty
        self.of = of
        self.left = seconds
        self.terms = terms
        self.done = done
        self.since = nan


class Beside:
    """Who does what beside contacts. The desk asks it whenever an agent has time, begins a contact or leaves."""

    def __init__(self, clock: Clock, desk: Desk, recorder: Recorder) -> None:
        self.clock = clock
        self.desk = desk
        self.recorder = recorder
        self.of_team: list[deque[Task]] = [deque() for _ in desk.teams]
        self.own: dict[Agent, deque[Task]] = {}
        self.at_work: dict[Agent, Task] = {}
        desk.beside = self

    @classmethod
    def of(cls, scene: Scene) -> Beside:
        """That of a run, which all loops share."""
        return scene.desk.beside or cls(scene.clock, scene.desk, scene.recorder)

    def opens(self, team: Team, terms: Terms) -> None:
        """Tasks of a team are done within hours only: when these begin, who has time begins."""
        for start, _ in terms.spans or ():
            self.clock.call(start, DUTY + BESIDE + team.index, self._offers, team)

    # -- tasks come ---------------------------------------------------------------------------------

    def ask(self, task: Task) -> None:
        """Somebody is to do a task."""
        self._tasks(task.of).append(task)
        if isinstance(task.of, Agent):
            self._offer(task.of)
        else:
            self._offers(task.of)

    def _tasks(self, of: Team | Agent) -> deque[Task]:
        """What is to be done by a team, or by an agent alone."""
        return self.own.setdefault(of, deque()) if isinstance(of, Agent) else self.of_team[of.index]

    def _offers(self, team: Team) -> None:
        """Those who are free, first who would be the last to get a contact, begin a task, as long as there are any."""
        for agent in reversed(team.idle_first()):
            if not self.of_team[team.index]:
                return
            self._offer(agent)

    def _offer(self, agent: Agent) -> None:
        """An agent, if free, begins a task, if there is one."""
        if agent in agent.team.free[0] and self.takes(agent):
            del agent.team.free[0][agent]

    # -- agents have time ---------------------------------------------------------------------------

    def takes(self, agent: Agent) -> bool:
        """Whether an agent without contacts begins a task for which contacts have to wait.

        One that gives way to contacts is begun too, but then the agent stays free for them.
        """
        if agent in self.at_work:
            return False
        while (task := self._next(agent)) is not None:
            if task.left:
                return self._begins(agent, task)
            task.done(agent)  # it takes no time, so the agent keeps the place among the free
        return False

    def _next(self, agent: Agent) -> Task | None:
        """The task that an agent would begin now: own ones before the team's."""
        free = agent.team.free[0]
        others = len(free) - (agent in free)
        for tasks in (self.own.get(agent), self.of_team[agent.team.index]):
            if tasks and tasks[0].terms.hold(self.clock._now) and others >= tasks[0].terms.reserve:
                return tasks.popleft()
        return None

    def _begins(self, agent: Agent, task: Task) -> bool:
        task.since = self.clock._now
        self.at_work[agent] = task
        self.clock.call(task.left, DONE + BESIDE + agent.index, self._done, (agent, task, task.since))
        return not task.terms.gives_way

    def _done(self, what: tuple[Agent, Task, float]) -> None:
        agent, task, since = what
        if self.at_work.get(agent) is not task or task.since != since:
            return
        self._notes(agent, task)
        del self.at_work[agent]
        task.left = 0.0
        task.done(agent)
        if agent in self.at_work:
            return
        if task.terms.gives_way:
            self._offer(agent)
        else:
            self.desk.has_time(agent)

    def stops(self, agent: Agent) -> None:
        """An agent begins a contact, or leaves the floor: the rest of the task is done later, before those that came after."""
        task = self.at_work.pop(agent, None)
        if task is None:
            return
        self._notes(agent, task)
        task.left = max(task.left - (self.clock._now - task.since), 0.0)
        self._tasks(task.of).appendleft(task)

    def _notes(self, agent: Agent, task: Task) -> None:
        if self.clock.now > task.since:
            self.recorder.duty(agent.index, task.duty, task.since, self.clock.now)

    def cut_off(self) -> None:
        """Note what is under way when the simulation ends."""
        for agent, task in self.at_work.items():
            self._notes(agent, task)
