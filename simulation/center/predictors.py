"""Which wait to announce to a contact that joins a queue: pure functions of what the center can see of that queue.

All of them predict the wait of somebody who does not hang up, and draw nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from simulation.center.rules import drain_time
from simulation.scenario.schema import Predictor


class Queue(Protocol):
    """What a predictor may look at: numbers of contacts, times in seconds."""

    @property
    def ahead(self) -> int:
        """Contacts that wait and will be served before a new one."""

    @property
    def pace(self) -> float:
        """Contacts that the agents signed in get done per second while all of them are busy."""

    @property
    def patience(self) -> float:
        """Mean patience of those who wait; infinite if nobody hangs up."""

    @property
    def head(self) -> float:
        """How long the first in line has waited so far; 0 where nobody waits."""

    @property
    def last(self) -> float:
        """How long the last one waited who was answered; 0 before the first."""

    @property
    def mean(self) -> float:
        """Mean wait so far of those who had to wait and were answered; 0 before the first."""


def last_waiter(queue: Queue) -> float:
    """The wait of the last customer who was answered (LES, last to enter service; Ibrahim and Whitt 2009a). Needs no
    knowledge of handling times or staff."""
    return queue.last


def head_of_line(queue: Queue) -> float:
    """How long the first in line has waited so far (HOL; Ibrahim and Whitt 2009a). Needs no knowledge of handling times
    or staff, and follows a change sooner than last_waiter."""
    return queue.head


def queue_length(queue: Queue) -> float:
    """(Contacts ahead + 1) x mean handling time / agents signed in (QL; Whitt 1999). The mean of the wait exactly, if
    handling times are exponential, all agents are busy and nobody hangs up; too long where customers ahead do."""
    return drain_time(queue.ahead, queue.pace)


def queue_length_abandoning(queue: Queue) -> float:
    """The same, with those ahead hanging up at the rate 1 / mean patience (QLm; Whitt 1999, Ibrahim and Whitt 2009b).
    The mean of the wait exactly, if handling times and patience are exponential and all agents are busy."""
    return drain_time(queue.ahead, queue.pace, queue.patience)


def historic(queue: Queue) -> float:
    """The mean wait so far of those who had to wait and were answered, whatever the queue is now (NI, no information)."""
    return queue.mean


PREDICTORS: dict[Predictor, Callable[[Queue], float]] = {
    Predictor.last_waiter: last_waiter,
    Predictor.head_of_line: head_of_line,
    Predictor.queue_length: queue_length,
    Predictor.queue_length_abandoning: queue_length_abandoning,
    Predictor.historic: historic,
}
