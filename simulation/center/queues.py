"""What can be seen of each queue for agents, for predictors of the wait."""

from __future__ import annotations

from math import inf

from simulation.center.desk import Desk, Stage, Team
from simulation.center.leg import Leg
from simulation.center.plan import Plan

TINY = 1e-9
"""Seconds of work that stand for none."""


class History:
    """Waits in a line so far (s)."""

    def __init__(self) -> None:
        self.last = 0.0
        self.waited = 0.0
        self.count = 0

    def note(self, wait: float) -> None:
        """Somebody who had waited so long was answered."""
        self.last = wait
        if wait > 0:
            self.waited += wait
            self.count += 1


class Seen:
    """A queue as one sees it who joins it at a place: a `predictors.Queue`.

    Ahead are all who wait for the place's first teams and come no later by skill priority, as if in the order of
    arrival. Callbacks that wait behind everybody on the line are not ahead.
    """

    def __init__(self, queues: Queues, place: int, channel: int) -> None:
        plan = queues.desk.plan
        self.queues = queues
        self.desk = queues.desk
        self.place = place
        self.patience = _mean_patience(plan, channel)
        self.thinking = _mean_thinking(plan, channel)
        self.stages = self.desk.stages[place]
        self.line = self.stages[0].line
        self.places = _places_ahead(self.desk, place)
        self.history = queues.histories.setdefault(id(self.line), History())

    @property
    def ahead(self) -> int:
        """Contacts that wait and come before a new one."""
        return sum(self._waiting(place) for place in self.places)

    @property
    def pace(self) -> float:
        """Contacts that the first teams with anybody there get done per second while all are busy."""
        for stage in self.stages:
            there = [team for team, _ in stage.teams if team.present]
            if there:
                return sum(team.present * self._pace_of_one(team) for team in there)
        return 0.0

    @property
    def head(self) -> float:
        """How long the first in line has waited (s)."""
        entry = self.line.head()
        return 0.0 if entry is None else self.desk.clock._now - entry[2].queued

    @property
    def last(self) -> float:
        """The wait of the last one answered (s)."""
        return self.history.last

    @property
    def mean(self) -> float:
        """The mean wait of those answered who had to wait (s)."""
        return self.history.waited / self.history.count if self.history.count else 0.0

    def _waiting(self, place: int) -> int:
        return self.desk.queue[place] - self.queues.behind[place]

    def _pace_of_one(self, team: Team) -> float:
        """Contacts that one agent of a team gets done per second, with all slots taken."""
        work = self._mean_work(team)
        if self.thinking == 0:
            return team.plan.rates[-1] / work
        return min(team.plan.slots / (work + self.thinking), 1 / work)

    def _mean_work(self, team: Team) -> float:
        """Agent-seconds that a contact takes of a team: the mean of those ahead and the new one."""
        seconds, many = team.plan.work[self.place].mean, 1
        for place in self.places:
            waiting = self._waiting(place)
            if waiting and place in team.plan.work:
                seconds += waiting * team.plan.work[place].mean
                many += waiting
        return max(seconds / many, TINY)


class Queues:
    """All queues that are looked at. `behind` counts by place the callbacks that wait behind those on the line."""

    def __init__(self, desk: Desk, plan: Plan) -> None:
        self.desk = desk
        self.behind = [0] * len(plan.stages)
        self.histories: dict[int, History] = {}
        self.seen = {
            place: Seen(self, place, channel)
            for place, tier, channel, _ in plan.places()
            if tier == 0 and plan.channels[channel].entry is not None
        }
        lines = {place: id(stages[0].line) for place, stages in desk.stages.items()}
        self.history_of = {place: self.histories[line] for place, line in lines.items() if line in self.histories}

    def answered(self, leg: Leg) -> None:
        """Take note of a wait that ended with an answer."""
        history = self.history_of.get(leg.place)
        if history is not None:
            history.note(leg.answered - leg.queued)


def _mean_patience(plan: Plan, channel: int) -> float:
    patience = plan.channels[channel].patience
    return inf if patience is None else patience.mean


def _mean_thinking(plan: Plan, channel: int) -> float:
    """Mean seconds of a conversation by turns in which its customer thinks, and the agent may attend to others."""
    turns = plan.channels[channel].turns
    return 0.0 if turns is None or turns.think is None else (turns.mean - 1) * turns.think.mean


def _places_ahead(desk: Desk, place: int) -> list[int]:
    """Places whose contacts the first teams of a place take no later than its own."""
    teams = _first(desk.stages[place])
    return [
        other
        for other, stages in desk.stages.items()
        if any(_no_later(team, other, place) for team in _first(stages) if team in teams)
    ]


def _first(stages: list[Stage]) -> list[Team]:
    """The first teams that may help, at whatever hours."""
    return next(([team for team, _, _ in stage.members] for stage in stages if stage.members), [])


def _no_later(team: Team, other: int, place: int) -> bool:
    """Whether a team takes contacts of another place before those of a place, or in turn with them."""
    return team.plan.skills[other].priority <= team.plan.skills[place].priority
