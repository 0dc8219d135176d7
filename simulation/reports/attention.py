"""What conversations by turns lead one to expect of an agent's attention."""

from __future__ import annotations

from math import inf

from simulation.center.plan import ChannelPlan, TeamPlan, TurnsPlan
from simulation.chance import Capped
from simulation.theory.conversations import full_slots


def done_at_once(channel: ChannelPlan, team: TeamPlan, attention: float) -> float:
    """Work that an agent with all slots taken gets done, in conversations done one at a time; by turns, the share of
    time that is left for their `attention` (s) while customers think."""
    if not channel.shared:
        return 1.0
    if channel.turns is None:
        return team.rates[-1]
    total = with_returns(channel.turns, team, attention)
    return attention_share(channel.turns, team.slots, total) * (attention / total if total else 1.0)


def with_returns(turns: TurnsPlan, team: TeamPlan, attention: float) -> float:
    """Attention (s) of a conversation with the time to get back into it, as if each reply came after another one's."""
    return attention + (team.switching * (turns.mean - 1) if team.slots > 1 else 0.0)


def attention_share(turns: TurnsPlan, slots: int, attention: float) -> float:
    """The share of time that an agent who always holds `slots` conversations attends to one of them; each takes so
    many seconds of attention. As if replies were exponential: see `theory.conversations`."""
    if not attention or turns.think is None or turns.mean == 1:
        return 1.0
    return full_slots(slots, attention, turns.mean, thinking(turns)).utilization


def attention_of(team: TeamPlan, place: int) -> float:
    """Mean seconds of handling and after-contact work at a team's speed, without practices."""
    work = team.work[place]
    return (work.handling.mean + (0.0 if work.wrap_up is None else work.wrap_up.mean)) / team.speed


def thinking(turns: TurnsPlan) -> float:
    """Mean seconds for which a customer who thinks takes a slot."""
    if turns.think is None:
        return 0.0
    kept = turns.think if turns.timeout == inf else Capped(turns.think, turns.timeout)
    return float(kept.mean) * (1 - turns.walks_off) + (turns.timeout * turns.walks_off if turns.walks_off else 0.0)
