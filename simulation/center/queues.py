"""What can be seen of each queue for agents, for predictors of the wait."""

from __future__ import annotations

from math import inf

from simulation.center.desk import Desk, Line, Stage, Team
from simulation.center.leg import Leg
from simulation.center.plan import Plan


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

    def __init__(self, queues: Queues, place: int, patience: float) -> None:
        self.queues = queues
        self.desk = queues.desk
        self.place = place
        self.patience = patience
        stages = self.desk.stages[place]
        self.line = stages[0].line
        self.stages = [[team for team, _ in stage.teams] for stage in stages]
        self.places = _places_ahead(self.desk, _first(stages))
        self.history = queues.histories.setdefault(id(self.line), History())

    @property
    def ahead(self) -> int:
        """Contacts that wait and come before a new one."""
        return sum(self._waiting(place) for place in self.places)

    @property
    def pace(self) -> float:
        """Contacts that the first teams with anybody there get done per second: each takes the mean work of those ahead
        and the new one."""
        teams = next((teams for teams in self.stages if any(team.present for team in teams)), [])
        return sum(team.present * team.plan.rates[-1] / self._mean_work(team) for team in teams)

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

    def _mean_work(self, team: Team) -> float:
        """Agent-seconds a contact takes of a team."""
        seconds, many = team.plan.work[self.place].mean, 1
        for place in self.places:
            waiting = self._waiting(place)
            if waiting and place in team.plan.work:
                seconds += waiting * team.plan.work[place].mean
                many += waiting
        return max(seconds / many, TINY)


TINY = 1e-9
"""Seconds of work that stand for none."""


class Queues:
    """All queues that are looked at. `behind` counts by place the callbacks that wait behind those on the line."""

    def __init__(self, desk: Desk, plan: Plan) -> None:
        self.desk = desk
        self.behind = [0] * len(plan.stages)
        self.histories: dict[int, History] = {}
        self.seen = {
            place: Seen(self, place, _mean_patience(plan, channel))
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


def _first(stages: list[Stage]) -> Stage:
    """The stage of the first teams that may help."""
    return next((stage for stage in stages if stage.teams), stages[0])


def _places_ahead(desk: Desk, stage: Stage) -> list[int]:
    """Places whose contacts the stage's teams take no later than its own."""
    lines = {id(stage.line)}
    for team, _ in stage.teams:
        own = _priority(team, stage.line)
        lines |= {id(line) for priority, looks in team.looks if priority <= own for _, line in looks}
    return [place for place, stages in desk.stages.items() if id(_first(stages).line) in lines]


def _priority(team: Team, line: Line) -> float:
    return min(priority for priority, looks in team.looks for _, one in looks if one is line)
