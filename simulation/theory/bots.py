"""Exact answers for an automated first line in front of agents.

Difficulty is uniform on (0, 1); the bot understands a contact with probability ``understanding``, whatever its
difficulty, and then solves it if the difficulty lies below its ``reach``. Of the contacts that it does not
solve a share ``silent`` leaves believing it did; the others are handed over to agents.
"""

from dataclasses import dataclass

from simulation.theory.erlang import UnstableQueueError, require_positive, require_share


@dataclass(frozen=True)
class FirstLine:
    """Shares of the bot's contacts: truly solved, claimed to be, failed silently, handed over to agents."""

    contained: float
    claimed: float
    silent: float
    handed_over: float


def first_line(understanding: float, reach: float, silent: float = 0.0) -> FirstLine:
    """What becomes of contacts with a bot: contained = understanding * reach, of the others ``silent`` fail silently."""
    require_share(understanding=understanding, reach=reach, silent=silent)
    contained = understanding * reach
    failed = (1 - contained) * silent
    return FirstLine(contained, contained + failed, failed, 1 - contained - failed)


@dataclass(frozen=True)
class Remainder:
    """The contacts that a bot leaves to the agents: mean difficulty, mean of the factor of their handling time, and the
    share that the first tier can solve."""

    difficulty: float
    handling: float
    within_reach: float


def remainder(understanding: float, reach: float, tier_reach: float, hardest: float = 1.0) -> Remainder:
    """The selection effect: the easy cases are gone, but for those that the bot did not understand.

    Mean difficulty (1 - u * b**2) / (2 * (1 - u * b)); handling is multiplied by 1 + (hardest - 1) * (2 * difficulty - 1),
    which is linear, so its mean is that of the mean difficulty; within reach r are
    ((1 - u) * r + u * max(r - b, 0)) / (1 - u * b). With u = 1 these are (1 + b) / 2, 1 + (hardest - 1) * b and
    (r - b) / (1 - b).
    """
    require_share(understanding=understanding, reach=reach, tier_reach=tier_reach)
    left = 1 - understanding * reach
    require_positive(left=left)
    difficulty = (1 - understanding * reach**2) / (2 * left)
    solvable = (1 - understanding) * tier_reach + understanding * max(tier_reach - reach, 0.0)
    return Remainder(difficulty, 1 + (hardest - 1) * (2 * difficulty - 1), solvable / left)


@dataclass(frozen=True)
class Loop:
    """By case: contacts with the bot, those that it truly solves and that it hands over, and cases that are given up."""

    sessions: float
    contained: float
    handed_over: float
    given_up: float


def silent_loop(understanding: float, reach: float, silent: float, return_prob: float) -> Loop:
    """Contacts per case when those who were failed silently return to the same bot with ``return_prob``, else give up.

    A case keeps its difficulty, each contact is understood anew. So a case within reach fails silently with
    s1 = (1 - u) * s in each contact, one beyond it with s2 = s: a geometric number of sessions, 1 / (1 - s * p).
    """
    require_share(understanding=understanding, reach=reach, silent=silent, return_prob=return_prob)
    require_positive(some_end_with_the_bot=1 - silent * return_prob)
    sessions = contained = handed_over = given_up = 0.0
    for share, failed in ((reach, 1 - understanding), (1 - reach, 1.0)):
        visits = share / (1 - failed * silent * return_prob)
        sessions += visits
        contained += visits * (1 - failed)
        handed_over += visits * failed * (1 - silent)
        given_up += visits * failed * silent * (1 - return_prob)
    return Loop(sessions, contained, handed_over, given_up)


def slowed_sessions(rate: float, at_rest: float, full: float, places: int) -> float:
    """Mean sessions at once of a bot that gets slower with its load, and is never full.

    A session lasts ``at_rest`` + (``full`` - ``at_rest``) * others / (``places`` - 1), with those others who are there at
    its start. By PASTA their mean is that at any time, L, so by Little's law L = rate * (at_rest + (full - at_rest) * L /
    (places - 1)), whatever the law of the rest of the session.
    """
    require_positive(rate=rate, at_rest=at_rest, full=full, places_beside=places - 1)
    feedback = rate * (full - at_rest) / (places - 1)
    if feedback >= 1:
        raise UnstableQueueError(f"sessions get longer faster than they end: feedback {feedback:.3g}, must be below 1.")
    return rate * at_rest / (1 - feedback)
