"""Languages: a contact goes to an agent who speaks it or, where the team has one, to another with an interpreter.

A line keeps those who wait by language, so an agent passes over whom the agent does not understand. Among free agents those who
speak the language are asked first, then those with an interpreter. Knows nothing of bots and articles: they speak all languages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from heapq import heappush
from typing import Any

from simulation.center.desk import Agent, Desk, Entry, Line, Looks, Stage, Team
from simulation.center.leg import Leg
from simulation.center.people import NEUTRAL, Factors, Person, Scene
from simulation.center.plan import Plan, TeamPlan
from simulation.center.rules import interpreted_pace, is_proficient
from simulation.center.sticky import KnowingTeam, StickyDesk
from simulation.chance import stream
from simulation.demand.births import Births
from simulation.record.recorder import Recorder
from simulation.routing import FreeAgent
from simulation.scenario.schema import TeamPeople

ANY = -1
"""The language of a customer whom everybody understands."""


class Languages:
    """Who speaks what. `now` is the language of the contact for which an agent is looked for, and `spared` whether no
    interpreter is needed, since somebody free speaks it."""

    def __init__(self, plan: Plan, births: Births) -> None:
        segments = list(plan.scenario.customers.values())
        self.names = list(dict.fromkeys(one.language for one in segments if one.language is not None))
        its = [ANY if one.language is None else self.names.index(one.language) for one in segments]
        self.of_case: list[int] = [its[segment] for segment in births.segment.tolist()]
        self.people: list[TeamPeople | None] = [team.people for team in plan.scenario.teams.values()]
        self.seed, self.replication = births.seed, births.replication
        self.known: dict[Person, frozenset[int] | None] = {}
        self.now = ANY
        self.spared = False

    def spoken_by(self, agent: Agent) -> frozenset[int] | None:
        """The languages of who sits in an agent's seat; None for all."""
        person = agent.person
        if person not in self.known:
            self.known[person] = self._drawn(self.people[agent.team.index], person)
        return self.known[person]

    def _drawn(self, people: TeamPeople | None, person: Person) -> frozenset[int] | None:
        if people is None or not people.languages:
            return None
        shares = ((number, people.languages.get(name, 0.0)) for number, name in enumerate(self.names))
        spoken = {
            number
            for number, share in shares
            if share and is_proficient(self._chance(self.names[number], person), share)
        }
        return frozenset(spoken)

    def _chance(self, language: str, person: Person) -> float:
        return float(stream(self.seed, self.replication, f"language/{language!r}/{person.key}").random())

    def speaks(self, agent: Agent) -> bool:
        """Whether an agent speaks the language of the contact at hand."""
        spoken = self.spoken_by(agent)
        return spoken is None or self.now == ANY or self.now in spoken

    def interprets(self, team: Team) -> bool:
        """Whether a team's agents may take contacts with an interpreter."""
        people = self.people[team.index]
        return people is not None and people.interpreter is not None


class SpokenLine(Line):
    """Waiting contacts by language."""

    def __init__(self, shared: bool) -> None:
        self.shared = shared
        self.by_language: dict[int, Line] = {}

    @property
    def waiting(self) -> list[Entry]:  # type: ignore[override]
        """All entries, in no order."""
        return [entry for line in self.by_language.values() for entry in line.waiting]

    def add(self, entry: Entry, language: int) -> None:
        """A contact of a language waits."""
        heappush(self.by_language.setdefault(language, Line(self.shared)).waiting, entry)

    def head(self, understood: frozenset[int] | None = None) -> Entry | None:
        """The next contact that still waits, of those understood."""
        mine = self.by_language.items()
        heads = (line.head() for one, line in mine if understood is None or one in understood or one == ANY)
        return min((entry for entry in heads if entry is not None), default=None)


class SpeakingTeam(Team):
    """A team whose agents do not all speak all languages."""

    languages: Languages

    def take(self, shared: bool, reserve: int) -> Agent | None:
        """A free agent for the contact at hand (no longer free then): speakers first, of them the least loaded."""
        agent = self._found(shared, reserve)
        if agent is not None:
            del self.free[agent.load][agent]
        return agent

    def has_room(self, shared: bool, reserve: int) -> bool:
        """Whether `take` would find an agent."""
        return self._found(shared, reserve) is not None

    def _found(self, shared: bool, reserve: int) -> Agent | None:
        interpreted = self.languages.interprets(self) and not self.languages.spared
        return self.speaker(shared, reserve) or (next(self._able(shared, reserve), None) if interpreted else None)

    def speaker(self, shared: bool, reserve: int) -> Agent | None:
        """A free agent who speaks the language of the contact at hand."""
        return next(filter(self.languages.speaks, self._able(shared, reserve)), None)

    def _able(self, shared: bool, reserve: int) -> Iterator[Agent]:
        """Free agents in the order in which they would be asked, languages apart."""
        if len(self.free[0]) > reserve:
            yield from self._in_turn(self.free[0])
        if shared:
            for some in self.free[1:]:
                yield from self._in_turn(some)

    def _in_turn(self, free: Iterable[Agent]) -> list[Agent]:
        return list(free) if self.choice is None else sorted(free, key=self.choice)

    def next_for(self, agent: Agent, looks: Looks | None = None) -> Leg | None:
        """The waiting contact that an agent who can take one should take, of those that the agent understands."""
        others = len(self.free[0])
        understood = None if self.languages.interprets(self) else self.languages.spoken_by(agent)
        for _, lines in self.looks if looks is None else looks:
            seen = [line for reserve, line in lines if (line.shared if agent.load else others >= reserve)]
            heads = (line.head(understood) if isinstance(line, SpokenLine) else line.head() for line in seen)
            best = min((entry for entry in heads if entry is not None), default=None)
            if best is not None:
                return best[2]
        return None


class SpeakingKnowingTeam(KnowingTeam, SpeakingTeam):
    """Such a team, whose agents keep in mind whom they know."""


class SpeakingDesk(Desk):
    """A desk that leads contacts to those who understand them."""

    team_type: Callable[[int, TeamPlan, Callable[[FreeAgent], float] | None], Team] = SpeakingTeam
    line_type = SpokenLine
    languages: Languages

    def hears(self, languages: Languages) -> None:
        """Who speaks what, told before anybody comes."""
        self.languages = languages
        for team in self.teams:
            assert isinstance(team, SpeakingTeam)
            team.languages = languages

    def join(self, leg: Leg, stages: list[Stage] | None = None) -> None:
        """A contact wants an agent who understands it."""
        self._asks(leg, (self.stages[leg.place] if stages is None else stages)[0])
        super().join(leg, stages)

    def must_wait(self, leg: Leg) -> bool:
        """Whether nobody would answer a contact at once."""
        self._asks(leg, self.stages[leg.place][0])
        return super().must_wait(leg)

    def _overflow(self, who: tuple[Leg, Stage]) -> None:
        self._asks(*who)
        super()._overflow(who)

    def _asks(self, leg: Leg, stage: Stage) -> None:
        """What agents will be looked for, and whether any who speak the language are free."""
        self.languages.now = self.languages.of_case[leg.case]
        members = [(team, reserve) for team, reserve in stage.teams if isinstance(team, SpeakingTeam)]
        self.languages.spared = any(team.speaker(leg.shared, reserve) is not None for team, reserve in members)

    def _stand(self, leg: Leg, stage: Stage) -> None:
        assert isinstance(stage.line, SpokenLine)
        stage.line.add(self._entry(leg), self.languages.of_case[leg.case])


class SpeakingStickyDesk(SpeakingDesk, StickyDesk):
    """Such a desk that leads contacts back to the agent who knows the case, too."""

    team_type = SpeakingKnowingTeam


class Interpreting:
    """The influence of an interpreter on who does not speak the customer's language."""

    def __init__(self, languages: Languages) -> None:
        self.languages = languages
        given = [None if people is None else people.interpreter for people in languages.people]
        self.factors = [
            NEUTRAL if one is None else Factors(interpreted_pace(one.slows), 0.0, one.accuracy) for one in given
        ]

    @classmethod
    def of(cls, scene: Scene) -> Interpreting | None:
        """The influence, where any team has an interpreter for languages that customers speak."""
        desk = scene.desk
        if not isinstance(desk, SpeakingDesk) or not any(map(desk.languages.interprets, desk.teams)):
            return None
        return cls(desk.languages)

    def on(self, agent: Agent, leg: Leg, now: float) -> Factors:
        """Slower and less exact through an interpreter."""
        spoken, language = self.languages.spoken_by(agent), self.languages.of_case[leg.case]
        through = spoken is not None and language != ANY and language not in spoken
        return self.factors[agent.team.index] if through else NEUTRAL


def desk_for(clock: Any, plan: Plan, recorder: Recorder, births: Births) -> Desk:
    """The desk that a scenario asks for."""
    sticky = plan.scenario.routing.sticky is not None
    if not any(segment.language is not None for segment in plan.scenario.customers.values()):
        return (StickyDesk if sticky else Desk)(clock, plan, recorder)
    desk = (SpeakingStickyDesk if sticky else SpeakingDesk)(clock, plan, recorder)
    desk.hears(Languages(plan, births))
    return desk
