"""Who comes back meets the agent who knows the case: a desk that keeps in mind who handled what.

At each tier the agent is the one who handled the case there last, in an earlier contact (or before the work had to
pause). Free, that agent takes the contact at once. Busy, the contact may wait for that agent alone for a while, in a
line that nobody else sees; the agent looks at it as at the team's lines, so nobody is overtaken. Then, or when the
agent leaves the floor, it stands where it would have stood from the start, with the time that it has waited.
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappush
from math import inf

import simpy

from simulation.center.clock import OVERFLOW, PATIENCE, Clock
from simulation.center.desk import Agent, Desk, Line, Looks, Stage, Team
from simulation.center.leg import Leg
from simulation.center.plan import Plan, TeamPlan
from simulation.record.recorder import ContactKind, Recorder
from simulation.routing import FreeAgent
from simulation.routing.routes import selects


class KnowingTeam(Team):
    """A team whose agents may each have a line of their own. `kept` are those who wait for one agent alone, by tag."""

    def __init__(self, index: int, plan: TeamPlan, choice: Callable[[FreeAgent], float] | None) -> None:
        super().__init__(index, plan, choice)
        self.kept: dict[int, tuple[Leg, Agent]] = {}
        self.own: dict[Agent, dict[tuple[int, int, bool], Line]] = {}

    def is_free(self, agent: Agent, leg: Leg) -> bool:
        """Whether an agent can take a contact now: free for it, and not held in reserve."""
        if agent.load >= len(self.free) or (agent.load and not leg.shared):
            return False
        free = self.free[agent.load]
        return agent in free and (agent.load > 0 or len(free) > self.plan.skills[leg.place].reserve)

    def takes(self, agent: Agent, leg: Leg) -> bool:
        """Whether an agent takes a contact now. Then it is no longer free."""
        if not self.is_free(agent, leg):
            return False
        del self.free[agent.load][agent]
        return True

    def line_of(self, agent: Agent, leg: Leg) -> Line:
        """The agent's own line for contacts like this one."""
        skill = self.plan.skills[leg.place]
        lines = self.own.setdefault(agent, {})
        return lines.setdefault((skill.priority, skill.reserve, leg.shared), Line(leg.shared))

    def is_asked(self) -> bool:
        """Whether anybody may be waiting for the team or one of its agents (a quick look)."""
        return bool(self.kept) or super().is_asked()

    def next_for(self, agent: Agent, looks: Looks | None = None) -> Leg | None:
        """The waiting contact that an agent who can take one should take."""
        return super().next_for(agent, self._with_own(agent) if agent in self.own else None)

    def _with_own(self, agent: Agent) -> Looks:
        """What the team looks at, and the agent's own lines beside, by priority."""
        levels = {priority: list(lines) for priority, lines in self.looks}
        for (priority, reserve, _), line in self.own[agent].items():
            levels.setdefault(priority, []).append((reserve, line))
        return sorted(levels.items())


class StickyDesk(Desk):
    """A desk that leads contacts back to the agent who knows the case."""

    team_type: Callable[[int, TeamPlan, Callable[[FreeAgent], float] | None], Team] = KnowingTeam

    def __init__(self, clock: Clock, plan: Plan, recorder: Recorder) -> None:
        super().__init__(clock, plan, recorder)
        sticky = plan.scenario.routing.sticky
        assert sticky is not None
        self.patiently = sticky.wait
        self.channels = [selects(sticky.channels, name) for name in plan.channel_names]
        self.last: dict[tuple[int, int], tuple[Agent, int]] = {}

    def knows(self, leg: Leg) -> bool:
        """Whether the leg's agent was the last to handle the case at this tier, in an earlier contact."""
        last = self.last.get((leg.case, leg.tier))
        return last is not None and last[0] is leg.agent and last[1] < leg.contact

    def must_wait(self, leg: Leg) -> bool:
        """Whether nobody would answer a contact at once; who waits for one agent alone is not answered by others."""
        agent = self._acquainted(leg)
        if agent is None:
            return super().must_wait(leg)
        return not _team_of(agent).is_free(agent, leg) and (self.patiently > 0 or super().must_wait(leg))

    def join(self, leg: Leg, stages: list[Stage] | None = None) -> None:
        """A contact wants an agent: the one who knows the case, or any; a callback with `stages` of its own wants any."""
        agent = self._acquainted(leg) if stages is None else None
        if agent is None:
            super().join(leg, stages)
            return
        leg.queued = self.clock._now
        if _team_of(agent).takes(agent, leg):
            self._begin(leg, agent)
        elif self.patiently:
            self._keep(leg, agent)
        else:
            super().join(leg)

    def _acquainted(self, leg: Leg) -> Agent | None:
        """The agent who knows the case, if on the floor and able to take it."""
        comes_back = leg.contact or leg.parts is not None
        if not comes_back or not self.channels[leg.channel]:
            return None
        agent, contact = self.last.get((leg.case, leg.tier), (None, 0))
        known = contact < leg.contact or leg.parts is not None  # or the leg goes on where that agent had to pause
        if agent is None or not known or not agent.signed_in or agent.leaving:
            return None
        able = leg.place in agent.team.plan.skills and self.holds(agent.team, leg.place)
        return agent if able else None

    def _begin(self, leg: Leg, agent: Agent) -> None:
        _team_of(agent).kept.pop(leg.tag, None)
        super()._begin(leg, agent)
        if leg.kind != ContactKind.CHASER:
            self.last[leg.case, leg.tier] = agent, leg.contact

    # -- waiting for one agent alone ----------------------------------------------------------------

    def _keep(self, leg: Leg, agent: Agent) -> None:
        team = _team_of(agent)
        self._count(leg.place, 1, leg.queued)
        leg.waiting = leg.tag
        team.kept[leg.tag] = leg, agent
        heappush(team.line_of(agent, leg).waiting, self._entry(leg))
        self.clock.call(self.patiently, OVERFLOW + leg.tag, self._let_go, (leg, team))
        if leg.patience < inf:
            self.clock.call(leg.patience, PATIENCE + leg.tag, self._impatient, leg)
        if self.waits is not None:
            self.waits(leg)

    def hurry(self, leg: Leg) -> None:
        """The clock of a waiting contact has run out: nobody waits for one agent alone any longer."""
        for team in self.teams:
            if isinstance(team, KnowingTeam) and leg.tag in team.kept:
                self._let_go((leg, team))
        if leg.waiting == leg.tag:
            super().hurry(leg)

    def _let_go(self, who: tuple[Leg, KnowingTeam]) -> None:
        """Now anybody may take it, as if it had waited for all from the start."""
        leg, team = who
        if team.kept.pop(leg.tag, None) is None or leg.waiting != leg.tag:
            return
        waited = self.clock._now - leg.queued
        for stage in self.stages[leg.place]:
            if stage.after <= waited:
                self._overflow((leg, stage))
            else:
                self.clock.call(stage.after - waited, OVERFLOW + leg.tag, self._overflow, (leg, stage))

    def waiting(self) -> list[Leg]:
        """Everybody who waits, in canonical order."""
        kept = [leg for team in self.teams if isinstance(team, KnowingTeam) for leg, _ in team.kept.values()]
        found = {leg.tag: leg for leg in (*super().waiting(), *kept) if leg.waiting == leg.tag}
        return [found[tag] for tag in sorted(found)]

    # -- the agent leaves ---------------------------------------------------------------------------

    def sign_off(self, agent: Agent) -> None:
        """An agent without contacts leaves the floor; nobody waits for that agent any longer."""
        super().sign_off(agent)
        self._disappoint(agent)

    def ask_to_leave(self, agent: Agent) -> simpy.Event | None:
        """Let an agent go: at once (None), or when what it holds is finished (the event)."""
        finishing = super().ask_to_leave(agent)
        if finishing is not None:
            self._disappoint(agent)
        return finishing

    def hours_end(self, team: Team) -> None:
        """Nobody waits for an agent whose skill holds no more."""
        assert isinstance(team, KnowingTeam)
        for leg, _ in list(team.kept.values()):
            if not self.holds(team, leg.place):
                self._let_go((leg, team))

    def _disappoint(self, agent: Agent) -> None:
        team = _team_of(agent)
        for leg, expected in list(team.kept.values()):
            if expected is agent:
                self._let_go((leg, team))


def _team_of(agent: Agent) -> KnowingTeam:
    assert isinstance(agent.team, KnowingTeam)
    return agent.team
