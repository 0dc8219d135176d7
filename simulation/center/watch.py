"""What waits for a team, for rules that look at it during the day."""

from __future__ import annotations

from collections.abc import Callable
from math import inf

from simulation.center.desk import Agent, Desk, Team
from simulation.center.leg import Leg
from simulation.routing.routes import selects
from simulation.scenario.schema import Selection

Asks = dict[Agent, Callable[[Agent], bool]]
"""Agents who may go whenever they have finished a contact, and who is to be asked whether they go now."""
TINY = 1e-9
"""Seconds by which a moment that was worked out may miss its time."""


class Watch:
    """What waits that a team has a skill for, on some channels."""

    def __init__(self, desk: Desk, team: Team, channels: Selection) -> None:
        self.desk = desk
        self.team = team
        chosen = {index for index, name in enumerate(desk.plan.channel_names) if selects(channels, name)}
        self.places = [place for place, _, way, _ in desk.plan.places() if place in team.plan.skills and way in chosen]
        self.channels = chosen

    def waiting(self) -> int:
        """Contacts that wait for a skill that holds now."""
        return sum(self.desk.queue[place] for place in self.places if self.desk.holds(self.team, place))

    def oldest(self) -> float:
        """How long the one of them that the team may take has waited that has waited longest (s); minus infinity without any."""
        lines = (line.waiting for line in self.team.lines)
        since = [leg.queued for line in lines for _, tag, leg in line if self._counts(leg, tag)]
        return self.desk.clock._now - min(since, default=inf)

    def _counts(self, leg: Leg, tag: int) -> bool:
        return leg.waiting == tag and leg.channel in self.channels
