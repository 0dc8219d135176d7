"""The story of one contact's case, told line by line from the tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from simulation.errors import InputError, Problem
from simulation.metrics.blame import Blame, Floor
from simulation.metrics.causes import TEXTS, Why
from simulation.record.recorder import ContactKind, Duty, Outcome
from simulation.record.tables import DUTIES
from simulation.scenario.schema import Mode
from simulation.units import HOUR, MINUTE

if TYPE_CHECKING:
    from simulation.experiments.why import Book

Array = npt.NDArray[Any]
Line = tuple[float, str]
COMES = {
    ContactKind.FIRST: "", ContactKind.REDIAL: " again, as nobody answered", ContactKind.REPEAT: " again, as it was not solved",
    ContactKind.CALLBACK: "", ContactKind.REOPEN: " again: the thread is reopened", ContactKind.CHASER: " to ask for news",
}  # fmt: skip
ENDS = {
    Outcome.SOLVED: "solved", Outcome.ESCALATED: "passed up to the next tier", Outcome.WRONG: "a wrong answer, taken for right",
    Outcome.ABANDONED: "hangs up", Outcome.BLOCKED: "gets a busy signal", Outcome.CLOSED: "meets a closed door",
    Outcome.DISCONNECTED: "is cut off as the channel closes", Outcome.OPEN: "is not over when the simulation ends",
    Outcome.BALKED: "hears the announced wait, and leaves", Outcome.CALLBACK: "leaves a number, to be called back",
    Outcome.TRANSFERRED: "handed over to another team", Outcome.PAUSED: "waits for somebody else's answer",
    Outcome.INFORMED: "gets the news", Outcome.TIMED_OUT: "the customer does not write on",
    Outcome.UNREACHED: "is not reached",
}  # fmt: skip
DOES = {
    Duty.BREAK: "on a break", Duty.UNPAID_BREAK: "on a break", Duty.MEETING: "in a meeting", Duty.TRAINING: "in training",
    Duty.SHRINKAGE: "away for other work", Duty.ABSENT: "absent", Duty.LATE: "late", Duty.TIME_OFF: "sent home",
    Duty.INDUCTION: "learning the job", Duty.VACANT: "missing: the place is empty",
}  # fmt: skip
GOES = (*(duty for duty in DOES if duty not in (Duty.ABSENT, Duty.VACANT)),)
MOST_CHANGES = 8
LEAST_SHARE = 0.02


def story(book: Book, case: int, contact: int | None = None) -> list[tuple[str, str]]:
    """Time and words, line by line: all contacts of a case, or one of them."""
    mine = (book.legs["case"] == case) & (True if contact is None else book.legs["contact"] == contact)
    rows = np.flatnonzero(mine)
    if not len(rows):
        raise InputError([Problem(book.run.name, "", _nothing(book, case))])
    teller = Teller(book)
    lines = [line for row in rows for line in teller.leg(int(row))]
    return [(_clock(book, at), words) for at, words in lines]


def _nothing(book: Book, case: int) -> str:
    last = len(book.cases["case"]) - 1
    if 0 <= case <= last:
        return f"case {case} met neither an agent nor a queue nor a bot; choose another one"
    return f"replication {book.replication} has no case {case}; write a number from 0 to {last}"


def _clock(book: Book, at: float) -> str:
    return book.timeline.wall(at).strftime("%a %H:%M:%S")


def spoken(seconds: float) -> str:
    """A length of time as one says it: 45 s, 7 min 29 s, 3 h 5 min."""
    whole = round(seconds)
    if whole < MINUTE:
        return f"{whole} s"
    if whole < HOUR:
        minutes, rest = divmod(whole, MINUTE)
        return f"{minutes} min" + (f" {rest} s" if rest else "")
    hours, rest = divmod(round(seconds / MINUTE), 60)
    return f"{hours:,} h" + (f" {rest} min" if rest else "")


class Teller:
    """Tells what happened on the stays of a replication."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.blame: Blame = book.blame
        self.legs = book.legs
        self.names = book.run.names
        self.scenario = book.run.scenario

    def leg(self, row: int) -> Iterator[Line]:
        """The lines of one stay."""
        legs = self.legs
        at, left = float(legs["queued"][row]), float(self.blame.left[row])
        if legs["leg"][row] == 0:
            yield at, self._comes(row)
        if legs["tier"][row] < 0:
            yield from self._with_bot(row)
            return
        if left > at:
            yield from sorted(self._waits(row, at, left), key=lambda line: line[0])
        yield from self._ends(row, at, left)

    def _comes(self, row: int) -> str:
        legs = self.legs
        kind, channel = ContactKind(int(legs["kind"][row])), int(legs["channel"][row])
        topic, name = self.names["topic"][legs["topic"][row]], self.names["channel"][channel]
        if kind is ContactKind.CALLBACK:
            return f"the center is to call back about {topic}"
        live = self.scenario.channels[name].mode is Mode.live
        urgency = self.names["urgency"][legs["urgency"][row]]
        return f"{'calls' if live else 'writes'} by {name} about {topic}{COMES[kind]} (urgency {urgency})"

    def _with_bot(self, row: int) -> Iterator[Line]:
        legs = self.legs
        bot, began = self.names["handler"][legs["handler"][row]], float(legs["answered"][row])
        over = float(legs["released"][row])
        yield began, f"talks to the bot {bot}" + ("" if np.isnan(over) else f" for {spoken(over - began)}")
        if not np.isnan(over):
            outcome = Outcome(int(legs["outcome"][row]))
            yield over, "the bot hands over" if outcome is Outcome.ESCALATED else f"{ENDS[outcome]} by the bot"

    # -- waiting ------------------------------------------------------------------------------------

    def _waits(self, row: int, at: float, left: float) -> Iterator[Line]:
        floor = Floor(self.blame, int(self.blame.queue[row]))
        legs = self.legs
        ahead = floor.mine & (legs["queued"] < at) & (self.blame.left > at)
        yield at, f"joins the queue; {_many(int(ahead.sum()), 'waits', 'wait')} before"
        for member in floor.queue.pool:
            yield at, self._team(member.team, at)
        for after, team in self._helpers(row):
            if after < left - at:
                yield at + after, f"from now on may help {self._team(team, at + after)}"
        idle = [(team, float(floor._idle_of(team, np.array([at]))[0])) for team in floor.others_of_tier]
        if free := ", ".join(f"{n:.0f} of {self.names['team'][team]}" for team, n in idle if n):
            yield at, f"idle, but without the skill: {free}"
        yield from self._changes([member.team for member in floor.queue.pool], at, left)

    def _helpers(self, row: int) -> list[tuple[float, int]]:
        from simulation.routing import candidates

        names, legs = self.names, self.legs
        stages = candidates(
            self.scenario,
            names["channel"][legs["channel"][row]],
            names["topic"][legs["filed_topic"][row]],
            names["tier"][legs["tier"][row]],
        )
        return [(one.after, names["team"].index(one.team)) for one in stages if one.after > stages[0].after]

    def _team(self, team: int, at: float) -> str:
        """What the agents of a team do at a time."""
        name, doing = self.names["team"][team], self._doing(team, at)
        scheduled = sum(doing.values())
        if not scheduled:
            return f"{name}: nobody there"
        return f"{name}, {_many(scheduled, 'agent', 'agents')}: " + ", ".join(
            f"{n} {what}" for what, n in doing.items() if n
        )

    def _doing(self, team: int, at: float) -> dict[str, int]:
        """How many agents of a team do what."""
        found: dict[str, int] = {}
        legs, blame = self.legs, self.blame
        held = blame.handled & (blame.team == team) & (legs["answered"] <= at) & (blame.ended > at)
        first: dict[int, int] = {}
        for at_row in np.flatnonzero(held).tolist():
            first.setdefault(int(legs["agent"][at_row]), at_row)
        for row in first.values():
            what = f"on {self.names['channel'][legs['channel'][row]]}"
            found[what] = found.get(what, 0) + 1
        for agent, duty, _ in self._duties(team, at, (Duty.REVIEW, Duty.COACHING, Duty.WRITING)):
            if agent not in first:
                found[f"at {duty.name.lower()}"] = found.get(f"at {duty.name.lower()}", 0) + 1
        there = int(blame.duty(team, Duty.ON).at(np.array([at]))[0])
        found["free"] = max(0, there - sum(found.values()))
        for _, duty, until in self._duties(team, at, tuple(DOES)):
            planned = f"{DOES[duty]} (until {_clock(self.book, until)[4:9]})" if duty in GOES else DOES[duty]
            found[planned] = found.get(planned, 0) + 1
        return found

    def _duties(self, team: int, at: float, duties: Sequence[Duty]) -> Iterator[tuple[int, Duty, float]]:
        rows = self.blame.duties
        mine = (rows["team"] == team) & (rows["start"] <= at) & (rows["end"] > at)
        for row in np.flatnonzero(mine):
            duty = DUTIES[int(rows["duty"][row])]
            if duty in duties:
                yield int(rows["agent"][row]), duty, float(rows["end"][row])

    def _changes(self, teams: Sequence[int], at: float, left: float) -> Iterator[Line]:
        """Who comes and goes while the contact waits."""
        rows, found = self.blame.duties, []
        mine = np.isin(rows["team"], teams) & (rows["end"] > rows["start"])
        for row in np.flatnonzero(mine & (rows["start"] < left) & (rows["end"] > at)):
            duty, who = DUTIES[int(rows["duty"][row])], self.names["agent"][rows["agent"][row]]
            start, end = float(rows["start"][row]), float(rows["end"][row])
            if duty in GOES and at < start < left:
                found.append((start, f"{who} is {DOES[duty]} until {_clock(self.book, end)[4:9]}"))
            if duty is Duty.ON and at < start < left:
                found.append((start, f"{who} is there"))
        found.sort()
        yield from found[:MOST_CHANGES]
        if len(found) > MOST_CHANGES:
            yield found[MOST_CHANGES][0], f"and {len(found) - MOST_CHANGES} more come or go until the wait ends"

    def _ends(self, row: int, at: float, left: float) -> Iterator[Line]:
        legs, outcome = self.legs, Outcome(int(self.legs["outcome"][row]))
        after = f" after {spoken(left - at)}" if left > at else " at once"
        if np.isnan(legs["answered"][row]):
            yield left, f"{ENDS[outcome]}{after}"
        else:
            who = self.names["agent"][legs["agent"][row]] if legs["agent"][row] >= 0 else "an agent"
            yield left, f"answered by {who}{after}"
        yield from self._why(row, left)
        if not np.isnan(legs["answered"][row]):
            over = float(self.blame.ended[row])
            released = float(legs["released"][row])
            yield (over if np.isnan(released) else released), f"{ENDS[outcome]} ({spoken(over - left)} of work in all)"

    def _why(self, row: int, left: float) -> Iterator[Line]:
        seconds = self.blame.seconds(np.array([row]))[0]
        total = seconds.sum()
        if not total:
            return
        order = [Why(int(n)) for n in np.argsort(-seconds, kind="stable") if seconds[n] >= LEAST_SHARE * total]
        yield (
            left,
            "why: "
            + ", ".join(f"{TEXTS[one]} {spoken(seconds[one])} ({100 * seconds[one] / total:.0f} %)" for one in order),
        )


def _many(n: int, one: str, more: str) -> str:
    return f"{n if n else 'nobody'} {one if n <= 1 else more}"
