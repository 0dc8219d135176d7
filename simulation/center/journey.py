"""The story of a case: it meets the door, the bot, the queue and the agents; is solved, comes back or is given up.

Each method is one step of the story; `rules` takes the decisions, `desk` and `bot` lend the handlers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from math import inf, nan

from simulation.center.bot import BotDesk
from simulation.center.calls_in import CallsIn
from simulation.center.clock import ARRIVAL, SERIAL_BITS, Clock
from simulation.center.complaints import Complaints
from simulation.center.desk import Desk
from simulation.center.door import Door
from simulation.center.handling import Handling
from simulation.center.leg import Leg, first_patience
from simulation.center.letters import Letters
from simulation.center.lobby import Lobby
from simulation.center.overdue import Overdue
from simulation.center.people import People
from simulation.center.plan import Drawn, Plan, Retry
from simulation.center.rules import (
    handling_time,
    is_reopened,
    is_right,
    one_of,
    patience_time,
    sees_limit,
    tries_again,
    with_story,
    within_reach,
)
from simulation.center.turns import Turns
from simulation.chance import Later
from simulation.demand.births import Births
from simulation.record.recorder import ContactKind, Outcome, Recorder
from simulation.record.visits import Visits

# What a draw after birth is for; part of its key.
PATIENCE, HANDLING, WRAP_UP, ACCURACY, RECOGNITION, REDIAL, REDIAL_AFTER, REPEAT, REPEAT_AFTER, SESSION = range(10)
REDIAL_CHANNEL, REPEAT_CHANNEL = 10, 11


class Journey:
    """Leads every contact of a replication on its way."""

    def __init__(
        self,
        clock: Clock,
        plan: Plan,
        births: Births,
        drawn: Drawn,
        desk: Desk,
        recorder: Recorder,
        visits: Visits | None = None,
        people: People | None = None,
    ) -> None:
        self.clock = clock
        self.plan = plan
        self.drawn = drawn
        self.desk = desk
        self.recorder = recorder
        self.later = Later(births.seed, births.replication)
        self.births = births
        self.key: list[int] = births.key.tolist()
        self.visits = visits
        self.coming = _coming(births, visits, plan.timeline.duration)
        self.topic: list[int] = births.topic.tolist()
        self.urgency: list[int] = births.urgency.tolist()
        self.difficulty: list[float] = births.difficulty.tolist()
        self.segment: list[int] | None = births.segment.tolist() if plan.patience_factors else None
        self.served = [bytearray(len(births)) for _ in plan.tiers]
        self.above = _places_above(plan)
        self.doors = [
            Door(clock, index, channel, self._closing, self.enter) for index, channel in enumerate(plan.channels)
        ]
        self.bots = [
            BotDesk(clock, len(plan.teams) + index, bot, self._later, self.bot_session_over)
            for index, bot in enumerate(plan.bots)
        ]
        self.misled: set[int] = set()
        self.guarded = [door.guarded for door in self.doors]
        self.first_work = [
            {place: (drawn.handling[work.column], drawn.wrap_up[work.column]) for place, work in team.work.items()}
            for team in plan.teams
        ]
        self.deadlines = [min(channel.deadline) < inf for channel in plan.channels]
        letters = Letters(self) if plan.letters.comes or plan.letters.works else None
        self.letters = letters if plan.letters.comes else None
        self.straight = [
            not door.guarded and door.plan.bot < 0 and not due and self.letters is None and door.plan.entry is None
            for door, due in zip(self.doors, self.deadlines, strict=True)
        ]
        self.complaints = None if plan.complaints is None else Complaints(clock, plan.complaints, births, self.complain)
        self._stands_before(desk, people, letters)

    def _stands_before(self, desk: Desk, people: People | None, letters: Letters | None) -> None:
        """Tells the desk whom to ask, with the mechanisms of the scenario in between: the last named is asked first."""
        clock, plan = self.clock, self.plan
        desk.hangs_up, desk.talk_over, desk.work_of = self.hang_up, self.talk_over, self.work_of
        self.handling = Handling(plan, self.drawn, desk, self.served) if plan.practices is not None else None
        if self.handling is not None:
            desk.work_of = self.handling.work_of
        self.people = people
        if people is not None:
            desk.work_of = people.paced(desk.work_of)
        if any(bot.hand_over is not None and bot.hand_over.repeats_story for bot in plan.bots):
            self.plain_work, desk.work_of = desk.work_of, self.work_with_story
        all_work = desk.work_of
        if letters is not None and plan.letters.works:
            letters.stands_between(desk)
        if plan.scenario.escalation.angry is not None:
            CallsIn(self, plan.scenario.escalation.angry, all_work)
        if plan.scenario.escalation.overdue is not None:
            desk.waits = Overdue(desk, plan, plan.scenario.escalation.overdue).starts
        desk.turns = Turns(clock, plan, desk, self.recorder, (self.later, self.key), self.timed_out)
        self.queue_up: Callable[[Leg], None] = desk.join
        self.lobby: Lobby | None = None
        if any(channel.entry for channel in plan.channels):
            self.lobby = Lobby(self)
            self.queue_up = self.lobby.enter
        if people is not None:
            desk.work_of = people.noting(desk.work_of)
        self.gave_up: Callable[[Leg], None] | None = None
        self.complained: Callable[[Leg], None] | None = None
        for loop in desk.loops:
            loop.joins(self)

    # -- coming -------------------------------------------------------------------------------------

    def arrivals(self) -> Iterator[tuple[float, int]]:
        """The process of first contacts."""
        topics = len(self.plan.topics)
        channels: list[int] = self.births.channel.tolist()
        urgencies = self.urgency
        patience = self.drawn.patience[0]
        shared = [channel.shared for channel in self.plan.channels]
        enter, straight, join = self.enter, self.straight, self.desk.join
        returned = None if self.visits is None else self.visits.returned.tolist()
        for case, at in self.coming:
            tag = case << SERIAL_BITS
            yield at, ARRIVAL + tag
            channel = channels[case]
            leg = Leg(case, tag, channel, channel * topics + self.topic[case])
            leg.urgency = urgencies[case]
            leg.shared = shared[channel]
            if patience is not None:
                leg.patience = patience[case]
            if returned is not None and returned[case]:
                leg.returns = 1
            (join if straight[channel] else enter)(leg)

    def comes(self, case: int, returned: bool) -> None:
        """The first contact of a case whose customer has looked into the knowledge base; `returned`: and was misled by it."""
        channel = int(self.births.channel[case])
        leg = Leg(case, case << SERIAL_BITS, channel, self.plan.place(0, channel, self.topic[case]))
        leg.urgency, leg.shared = self.urgency[case], self.plan.channels[channel].shared
        leg.patience = self._first_patience_of(leg)
        leg.returns = int(returned)
        self.enter(leg)

    def complain(self, case: int, channel: int, about: Leg) -> None:
        """The first contact of a complaint about the case of a leg."""
        leg = Leg(case, case << SERIAL_BITS, channel, self.plan.place(0, channel, self.topic[case]))
        leg.urgency, leg.shared = int(self.births.urgency[case]), self.plan.channels[channel].shared
        leg.failed_at = about.failed_at
        if self.complained is not None:
            self.complained(about)
        if channel != self.births.channel[case]:
            self._changes_channel(case)
        leg.patience = self._first_patience_of(leg)
        self.enter(leg)

    def _first_patience_of(self, leg: Leg) -> float:
        """The number from birth, if it holds for the channel."""
        drawn = self.drawn.patience[0]
        return self._patience(leg) if drawn is None or self.served[0][leg.case] else drawn[leg.case]

    def enter(self, leg: Leg) -> None:
        """Through the door."""
        if self.lobby is not None:
            self.lobby.chooses(leg)
        door = self.doors[leg.channel]
        if door.guarded:
            if not door.is_open:
                return self._meets_closed_door(leg, door)
            if door.full:
                return self._turned_away(leg, Outcome.BLOCKED)
            door.inside += 1
        if self.letters is not None:
            return self.letters.comes(leg)
        if self.deadlines[leg.channel]:
            leg.due = self.clock._now + door.plan.deadline[leg.urgency]
        return self.meets(leg)

    def meets(self, leg: Leg) -> None:
        """To the bot, or into the queue; a reopened thread goes on with the agents."""
        door = self.doors[leg.channel]
        if door.plan.bot >= 0 and leg.talk is None and self._meets_bot(leg, self.bots[door.plan.bot]):
            return None
        return self.queue_up(leg)

    def _meets_closed_door(self, leg: Leg, door: Door) -> None:
        """Letters lie outside until it opens; who calls, or asks for news of a letter, is turned away."""
        if door.plan.deferred and leg.kind != ContactKind.CHASER:
            leg.queued = self.clock._now
            door.outside.append(leg)
        else:
            self._turned_away(leg, Outcome.CLOSED)

    def _turned_away(self, leg: Leg, outcome: Outcome) -> None:
        self.recorder.turned_away(leg, outcome, self.clock._now)
        self._redial(leg)

    def _tries_again(self, leg: Leg, retry: Retry, kind: int, after: int, channel: int) -> None:
        """The customer comes again, perhaps on another channel; `after` and `channel` are purposes of draws."""
        way = one_of(self._later(leg, channel), retry.shares) if retry.shares else -1
        again = self._next_contact(leg, leg.channel if way < 0 else retry.channels[way], kind)
        delay = retry.after.ppf(self._later(leg, after))
        same = again.channel == leg.channel
        if same and kind == ContactKind.REPEAT and is_reopened(delay, self.plan.letters.reopening[leg.channel]):
            again.kind, again.tier = ContactKind.REOPEN, leg.tier
            again.place = self.plan.place(leg.tier, leg.channel, self.topic[leg.case])
        again.patience = first_patience(leg) if same and retry.keeps_patience else self._patience(again)
        self._remembers(leg, again, delay)
        self._again(again, delay)

    def _again(self, again: Leg, delay: float) -> None:
        """A contact made by `_next_contact` comes in after a delay (s)."""
        self.clock.call(delay, ARRIVAL + again.tag, self.enter, again)

    def _next_contact(self, leg: Leg, channel: int, kind: int) -> Leg:
        """The next contact of the same case, on a channel; without patience of its own it never hangs up."""
        serial = leg.serial + 1
        again = Leg(
            leg.case, leg.case << SERIAL_BITS | serial, channel, self.plan.place(0, channel, self.topic[leg.case])
        )
        again.serial, again.contact, again.kind = serial, leg.contact + 1, kind
        again.urgency, again.shared = self.urgency[leg.case], self.plan.channels[channel].shared
        again.redials, again.returns, again.failed_at = leg.redials, leg.returns, leg.failed_at
        if channel != leg.channel:
            self._changes_channel(leg.case)
        return again

    def _moves(self, leg: Leg, channel: int) -> None:
        """The customer comes on another channel than intended."""
        leg.channel, leg.place = channel, self.plan.place(0, channel, self.topic[leg.case])
        leg.shared = self.plan.channels[channel].shared
        leg.patience = self._patience(leg)
        self._changes_channel(leg.case)

    def _changes_channel(self, case: int) -> None:
        """Numbers of handling drawn at birth hold for the first channel only: from now on they are drawn when needed."""
        for served in self.served:
            served[case] = 1

    def _remembers(self, leg: Leg, again: Leg, delay: float) -> None:
        """The customer remembers the contact that failed, and may have had enough."""
        again.failed_at = (*leg.failed_at, self.clock._now)
        if self.complaints is not None:
            self.complaints.tries_again(again, delay)

    # -- the bot ------------------------------------------------------------------------------------

    def _meets_bot(self, leg: Leg, bot: BotDesk) -> bool:
        """Whether the bot takes a contact."""
        if leg.contact == 0 and self.drawn.session is not None and not self.served[0][leg.case]:
            length = self.drawn.session[leg.case]
        else:
            length = bot.plan.session.ppf(self._later(leg, SESSION))
        return bot.takes(leg, length, leg.case in self.misled)

    def bot_session_over(self, leg: Leg) -> None:
        """Solved, handed over to the agents, or believed solved."""
        bot = self.bots[self.plan.channels[leg.channel].bot]
        leg.outcome = bot.outcome(leg, self.topic[leg.case], self.difficulty[leg.case])
        self.recorder.leg(leg, bot.handler, -1, -1, leg.released)
        if leg.outcome == Outcome.ESCALATED:
            self._hand_over(leg, bot)
            return
        self._leaves(leg)
        if leg.outcome == Outcome.WRONG:
            self.misled.add(leg.case)
            self._finds_out(leg, bot.plan.returns or self.plan.repeats[self.topic[leg.case]])

    def _hand_over(self, leg: Leg, bot: BotDesk) -> None:
        to_agent = self._next_leg(leg, leg.place, leg.tier)
        to_agent.saved, to_agent.retells = bot.passed_on(leg)
        self.queue_up(to_agent)

    # -- with an agent ------------------------------------------------------------------------------

    def work_of(self, leg: Leg, team: int) -> float:
        """Seconds of handling of a leg with a team; sets its after-contact work too."""
        case = leg.case
        served = self.served[leg.tier]
        if served[case]:
            return self._more_work(leg, team)
        served[case] = 1
        handling, wrap_up = self.first_work[team][leg.place]
        if wrap_up is not None:
            leg.wrap_up = wrap_up[case]
        return handling[case]

    def work_with_story(self, leg: Leg, team: int) -> float:
        """Seconds of handling of a leg with a team; a customer without context from the bot tells the story again."""
        work = self.plain_work(leg, team)
        return with_story(work, leg.retells) if leg.retells else work

    def _more_work(self, leg: Leg, team: int) -> float:
        """A further service of the case at this tier: drawn now, unless it is the rest of a conversation."""
        if leg.talk is not None:
            return sum(leg.talk.replies)
        work = self.plan.teams[team].work[leg.place]
        if work.wrap_up is not None:
            leg.wrap_up = handling_time(work.wrap_up.ppf(self._later(leg, WRAP_UP)), work.speed)
        base = work.handling.ppf(self._later(leg, HANDLING))
        if self.drawn.difficulty_factor is not None:
            base *= self.drawn.difficulty_factor[leg.case]
        return handling_time(base, work.speed)

    def talk_over(self, leg: Leg) -> None:
        """The customer's part of a leg with an agent is over: solved, escalated, or wrong."""
        leg.released = self.clock._now
        team = leg.agent.team.plan
        reach, accuracy = team.reach[self.topic[leg.case]], team.accuracy
        if self.handling is not None:
            reach, accuracy = self.handling.answers(reach, accuracy, leg.helped)
        if self.people is not None:
            reach, accuracy = self.people.answers(reach, accuracy, leg)
        if not within_reach(self.difficulty[leg.case], reach):
            self._beyond(leg)
        elif accuracy == 1 or is_right(self._later(leg, ACCURACY), accuracy):
            leg.outcome = 0
            if self.guarded[leg.channel]:
                self._leaves(leg)
        else:
            self._wrong(leg)

    def _beyond(self, leg: Leg) -> None:
        """Too hard for the tier: up, if the agent sees it and somebody is above."""
        recognition = self.plan.recognition
        above = self.above.get(self._place_of_team(leg))
        if above is not None and (recognition == 1 or sees_limit(self._later(leg, RECOGNITION), recognition)):
            leg.outcome = Outcome.ESCALATED
            place, tier = above
            upper = self._next_leg(leg, place, tier)
            upper.patience = self._patience_above(upper)
            self.desk.join(upper)
        else:
            self._wrong(leg)

    def _place_of_team(self, leg: Leg) -> int:
        """Where the case stands: experts who help at a lower tier do not escalate to themselves."""
        tier = leg.agent.team.plan.tier
        return leg.place if tier <= leg.tier else self.plan.place(tier, leg.channel, self.topic[leg.case])

    def _wrong(self, leg: Leg) -> None:
        """Answered, but not solved; the customer finds out later."""
        leg.outcome = Outcome.WRONG
        self._leaves(leg)
        self._finds_out(leg, self.plan.repeats[self.topic[leg.case]])

    def _finds_out(self, leg: Leg, retry: Retry | None) -> None:
        """The customer finds out that the case was not solved: returns, or gives up."""
        if retry is not None and tries_again(self._later(leg, REPEAT), retry.probability, leg.returns, retry.most):
            leg.returns, leg.redials = leg.returns + 1, 0
            self._tries_again(leg, retry, ContactKind.REPEAT, REPEAT_AFTER, REPEAT_CHANNEL)
        else:
            self._gives_up(leg)

    def timed_out(self, leg: Leg, later: float) -> None:
        """The customer did not write on and has lost the slot; writes again after `later` seconds, if at all."""
        leg.outcome, leg.released = Outcome.TIMED_OUT, self.clock._now
        self._leaves(leg)
        if later == inf:
            return self._gives_up(leg)
        again = self._next_contact(leg, leg.channel, ContactKind.REOPEN)
        again.place, again.tier = leg.place, leg.tier
        again.talk, again.wrap_up, again.helped, again.saved = leg.talk, leg.wrap_up, leg.helped, leg.saved
        again.failed_at, again.patience, again.angry = leg.failed_at, self._patience(again), leg.angry
        self._again(again, later)

    def _next_leg(self, leg: Leg, place: int, tier: int) -> Leg:
        upper = Leg(leg.case, leg.tag + 1, leg.channel, place)
        upper.serial, upper.number, upper.tier = leg.serial + 1, leg.number + 1, tier
        upper.contact, upper.kind, upper.urgency, upper.shared = leg.contact, leg.kind, leg.urgency, leg.shared
        upper.redials, upper.returns, upper.failed_at = leg.redials, leg.returns, leg.failed_at
        upper.patience, upper.due, upper.first_patience = leg.patience, leg.due, first_patience(leg)
        upper.truth, upper.passed_on = leg.truth, leg.passed_on
        return upper

    # -- going --------------------------------------------------------------------------------------

    def hang_up(self, leg: Leg) -> None:
        """The customer's patience has ended."""
        self._gone_unserved(leg, Outcome.ABANDONED)

    def _closing(self, channel: int, breaks_down: bool) -> None:
        """The door closes; those who wait are sent away if the channel does so, and cut off if it breaks down."""
        plan = self.plan.channels[channel]
        if plan.deferred or not (plan.disconnects or breaks_down):
            return
        for leg in self.desk.waiting():
            if leg.channel == channel and not leg.called:
                self.desk.leave(leg)
                self._gone_unserved(leg, Outcome.DISCONNECTED)

    def _gone_unserved(self, leg: Leg, outcome: Outcome) -> None:
        leg.outcome, leg.released = outcome, self.clock._now
        self.recorder.leg(leg, -1, -1, leg.tier, leg.released)
        self._leaves(leg)
        self._redial(leg)

    def _redial(self, leg: Leg) -> None:
        if leg.kind == ContactKind.CHASER:
            return
        retry = self.plan.channels[leg.channel].redial
        if retry is not None and tries_again(self._later(leg, REDIAL), retry.probability, leg.redials, retry.most):
            leg.redials += 1
            self._tries_again(leg, retry, ContactKind.REDIAL, REDIAL_AFTER, REDIAL_CHANNEL)
        else:
            self._gives_up(leg)

    def _gives_up(self, leg: Leg) -> None:
        """The customer stops trying."""
        self.recorder.given_up(leg.case, self.clock._now)
        if self.gave_up is not None:
            self.gave_up(leg)
        if self.complaints is not None:
            self.complaints.gives_up(leg)

    def _comes_in(self, leg: Leg) -> None:
        """A call to the customer takes a line."""
        self.doors[leg.channel].inside += 1

    def _leaves(self, leg: Leg) -> None:
        """The customer is out of the door."""
        if self.letters is not None:
            self.letters.over(leg)
        door = self.doors[leg.channel]
        if door.guarded:
            door.inside -= 1

    # -- draws after birth --------------------------------------------------------------------------

    def _later(self, leg: Leg, purpose: int) -> float:
        return self.later.uniform(self.key[leg.case], leg.contact, leg.number, purpose)

    def _patience_above(self, leg: Leg) -> float:
        """Patience at a higher tier: the number from birth for the first time there."""
        drawn = self.drawn.patience[leg.tier]
        if drawn is None or self.served[leg.tier][leg.case] or leg.contact:
            return self._patience(leg)
        return drawn[leg.case]

    def _patience(self, leg: Leg) -> float:
        patience = self.plan.patience[leg.tier][leg.channel]
        if patience is None:
            return inf
        drawn = patience.ppf(self._later(leg, PATIENCE))
        return (
            drawn if self.segment is None else patience_time(drawn, self.plan.patience_factors[self.segment[leg.case]])
        )

    # -- the end of the run -------------------------------------------------------------------------

    def cut_off(self) -> None:
        """Note everything that is still under way when the simulation ends."""
        now = self.clock.now
        for letter in (letter for door in self.doors for letter in door.outside):
            self.recorder.turned_away(letter, Outcome.OPEN, letter.queued)
        if self.letters is not None:
            self.letters.cut_off()
        for leg in self.desk.waiting():
            self.recorder.leg(leg, -1, -1, leg.tier, nan)
        self.desk.turns.cut_off()
        for leg in self.desk.handled():
            self.recorder.leg(leg, leg.agent.team.index, leg.agent.index, leg.tier, now)
        for bot in self.bots:
            for leg in bot.sessions.values():
                self.recorder.leg(leg, bot.handler, -1, -1, now)


def _coming(births: Births, visits: Visits | None, until: float) -> Iterable[tuple[int, float]]:
    """Cases in the order of their first contacts, with their times (s)."""
    if visits is None:
        return enumerate(births.arrived[: births.arisen].tolist())
    order = visits.order(until)
    return zip(order.tolist(), visits.enters[order].tolist(), strict=True)


def _places_above(plan: Plan) -> dict[int, tuple[int, int]]:
    """The next tier up that has a team for the same channel and topic: place -> (place, tier)."""
    above = {}
    for place, tier, channel, topic in plan.places():
        for upper in range(tier + 1, len(plan.tiers)):
            if plan.stages[plan.place(upper, channel, topic)]:
                above[place] = (plan.place(upper, channel, topic), upper)
                break
    return above
