"""Skills that hold at some hours only: what a team sees of the queue changes when they begin and end.

Outside its hours a team neither takes new contacts of the skill nor sees the line in which they wait, so nothing has to
be asked when contacts come or agents look. When the hours begin, free agents look at once.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING

from simulation.center.clock import DUTY, Clock, Due
from simulation.scenario.timeline import Span

if TYPE_CHECKING:
    from simulation.center.desk import Agent, Line, Stage, Team

TURN, LOOK = DUTY - (1 << 59), DUTY + (1 << 59)
"""Hours begin and end before agents come and go; agents who were free look just after that, so that nobody takes anything
in the moment of leaving, or before those who wait."""


class Gate:
    """The hours of a team's skills that share them."""

    def __init__(self, number: int, team: Team, spans: tuple[Span, ...]) -> None:
        self.number = number
        self.team = team
        self.spans = spans
        self.is_open = False
        self.stages: list[Stage] = []
        self.lines: list[tuple[float, int, Line]] = []

    def keeps(
        self, clock: Clock, look: Callable[[Agent], None], ends: Callable[[Team], None]
    ) -> Generator[Due, None, None]:
        """The process of the hours: `look` is told each agent who may now find something to do, `ends` that they end."""
        for opens, shuts in self.spans:
            yield Due(clock, opens - clock.now, TURN + self.number)
            self._turn(True)
            yield Due(clock, 0.0, LOOK + self.number)
            for agent in self.team.idle_first():
                look(agent)
            yield Due(clock, shuts - clock.now, TURN + self.number)
            self._turn(False)
            ends(self.team)

    def _turn(self, is_open: bool) -> None:
        self.is_open = is_open
        for stage in self.stages:
            stage.teams = [(team, reserve) for team, reserve, gate in stage.members if gate is None or gate.is_open]
        for priority, reserve, line in self.lines:
            if is_open:
                self.team.shows(priority, reserve, line)
            else:
                self.team.hides(priority, reserve, line)
