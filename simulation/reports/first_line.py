"""What bots lead one to expect: whom they solve, how contacts come to the agents, how many sessions run at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from simulation.center.plan import BotPlan, Plan
from simulation.center.rules import bot_answer_time, session_time
from simulation.reports import seconds_text
from simulation.reports.before_contact import rests, within
from simulation.reports.console import plain
from simulation.theory.bots import FirstLine, first_line
from simulation.units import duration_text, share_text

Array = npt.NDArray[Any]
ROUNDS = 100
"""Steps towards the load at which sessions last as long as they do under it."""


class Way(NamedTuple):
    """A way in which a share of the contacts comes to the agents: a bot has `solved` the easiest share of the cases
    before, `saved` a share of the analysis, and lets the customer tell the story again for `retells` seconds."""

    share: float
    solved: float = 0.0
    saved: float = 0.0
    retells: float = 0.0


def bot_of(plan: Plan, channel: int) -> BotPlan | None:
    """The bot that answers first on a channel, if any."""
    bot = plan.channels[channel].bot
    return None if bot < 0 or not plan.bots[bot].sessions else plan.bots[bot]


def line_of(plan: Plan, bot: BotPlan, topic: int) -> FirstLine:
    """What becomes of a bot's contacts with a topic."""
    return first_line(bot.understanding[topic], within(plan, topic, bot.reach[topic]), bot.silent_failure)


def straight(plan: Plan, topic: int) -> list[Way]:
    """How contacts come to the agents past any bot."""
    return [Way(*rest) for rest in rests(plan, topic)]


def ways(plan: Plan, channel: int, topic: int) -> list[Way]:
    """How contacts come to the agents while a channel's bot, if there is one, is in order.

    Some ask for a human at once. Of the others come those whom the bot did not understand, whatever their difficulty,
    and those beyond its reach; but for those who leave believing the case solved. (Of the latter's share the bot's
    reach is taken by `solved`.)
    """
    bot = bot_of(plan, channel)
    if bot is None:
        return straight(plan, topic)
    told = bot.hand_over
    passed = (0.0, 0.0) if told is None else (told.context * told.saves, (1 - told.context) * told.repeats_story)
    fails = (1 - bot.asks_for_human) * (1 - bot.silent_failure)
    understood = bot.understanding[topic]
    found = [
        Way(bot.asks_for_human),
        Way(fails * (1 - understood), 0.0, *passed),
        Way(fails * understood, bot.reach[topic], *passed),
    ]
    return [
        way._replace(share=way.share * rest.share, solved=max(way.solved, rest.solved))
        for way in found
        for rest in rests(plan, topic)
        if way.share
    ]


def sessions_at_once(bot: BotPlan, coming: Array) -> Array:
    """Mean sessions of a bot to which so many contacts a second come (by hour), each as long as the load makes it.

    Not more than there may be, although who finds the bot full is not taken off.
    """
    rate = coming * (1 - bot.asks_for_human)
    load = rate * bot.session.mean
    for _ in range(ROUNDS if bot.latency else 0):
        load = (load + rate * np.array([_mean_session(bot, others) for others in load])) / 2
    made: Array = load
    return made


def _mean_session(bot: BotPlan, others: float) -> float:
    """Mean session beside so many others, as if answers went by the mean load."""
    slow = bot.latency
    assert slow is not None
    inside = min(others, bot.sessions - 1.0)
    answer = bot_answer_time(slow.at_rest, slow.full, slow.slows_from, inside, bot.sessions)
    return session_time(bot.session.mean, slow.turns, answer)


def words(plan: Plan, name: str, came: Array, peak: float) -> Iterator[str]:
    """What is to be expected of a bot, in a sentence or two; `came` are its contacts by topic, `peak` its sessions then."""
    number = list(plan.scenario.bots).index(name)
    bot = plan.bots[number]
    if all(channel.bot != number for channel in plan.channels):
        yield f"Bot {name}: answers on no channel."
        return
    yield f"Bot {name}: {'; '.join(_shares(plan, bot, came))}; {peak:.1f} of {bot.sessions} sessions at the peak."
    more = [*_answers(bot), *_told(bot), *_returns(bot)]
    if more:
        yield f"Bot {name}: {'; '.join(more)}."


def _shares(plan: Plan, bot: BotPlan, came: Array) -> Iterator[str]:
    lines = [line_of(plan, bot, topic) for topic in range(len(plan.topics))]
    if not came.sum():
        yield "has no contacts"
        return
    solved, silent, handed = (f"{100 * share:.1f} %" for share in np.average(lines_table(lines), axis=0, weights=came))
    yield f"truly solves {solved} of its contacts"
    if bot.silent_failure:
        yield f"{silent} leave believing it did"
        yield f"hands over {handed}"
    if bot.asks_for_human:
        yield f"{share_text(bot.asks_for_human)} of those who come ask for a human at once"


def _answers(bot: BotPlan) -> Iterator[str]:
    slow = bot.latency
    if slow is not None:
        knee = f"up to {share_text(slow.slows_from)} of its sessions" if slow.slows_from else "at rest"
        rest, full = duration_text(slow.at_rest), duration_text(slow.full)
        yield f"{slow.turns} answers a session, each {rest} {knee}, {full} when all are taken"


def _told(bot: BotPlan) -> Iterator[str]:
    told = bot.hand_over
    if told is not None:
        yield f"{share_text(told.context)} of hand-overs carry context, which saves {share_text(told.saves)} of the analysis"
        if told.repeats_story:
            yield f"without it the customer tells everything again, {duration_text(told.repeats_story)}"


def _returns(bot: BotPlan) -> Iterator[str]:
    back = bot.returns
    if back is not None:
        after = plain(seconds_text(float(back.after.mean)))
        yield f"{share_text(back.probability)} of those who believed it come back, after {after} on average"


def lines_table(lines: list[FirstLine]) -> Array:
    """Shares truly solved, failed silently and handed over, one row a topic."""
    return np.array([(line.contained, line.silent, line.handed_over) for line in lines])
