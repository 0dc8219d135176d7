"""The checklist of standards: what a support center should have, and what of it a scenario configures.

Each item is one function under `@item`: from a scenario to the share of the standard that is in place (0 to 1; None
where it does not apply) and what was found, in words. Its docstring is the standard. `keys` are the entries that it reads,
so what is missing can be written at once; `shows` is a metric that tells how well it works.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from simulation.scenario.attended import attended
from simulation.scenario.schema import Channel, Mode, Practice, Scenario, Team, WorkingHours

Found = tuple[float | None, str]
LONG_SHIFT = 6 * 3600.0
"""A working day over six hours needs a break (Directive 2003/88/EC, article 4)."""
RESPONSE = ("first_response_time", "first_response_time_open", "service_level", "asa", "wait", "deadline_met")
ATTENDED = 0.999


@dataclass(frozen=True)
class Item:
    """A standard: its name, group, what it asks for, the keys that it reads, a metric that shows how well it works."""

    name: str
    group: str
    asks: str
    keys: tuple[str, ...]
    shows: str
    find: Callable[[Scenario], Found]


@dataclass(frozen=True)
class Standard:
    """A standard and what a scenario has of it; a line of the scenario's own has no keys. `kept` is None where it does not
    apply; `target` names a target that tells whether it is achieved."""

    name: str
    group: str
    asks: str
    keys: tuple[str, ...]
    kept: float | None
    said: str
    weight: float
    shows: str = ""
    target: str = ""


ITEMS: dict[str, Item] = {}


def item(
    group: str, keys: str, shows: str = ""
) -> Callable[[Callable[[Scenario], Found]], Callable[[Scenario], Found]]:
    """Enter a function into the checklist under its name; `keys` with blanks between."""

    def register(find: Callable[[Scenario], Found]) -> Callable[[Scenario], Found]:
        asks = " ".join((find.__doc__ or "").split())
        ITEMS[find.__name__] = Item(find.__name__, group, asks, tuple(keys.split()), shows, find)
        return find

    return register


def checklist(scenario: Scenario) -> list[Standard]:
    """All standards, and the scenario's own lines; those of no weight are left out."""
    return [one for one in (*_items(scenario), *_lines(scenario)) if one.weight > 0]


def score(standards: Iterable[Standard]) -> float | None:
    """Share of the weight of all that apply which is in place; None if none does."""
    known = [(one.weight, one.kept) for one in standards if one.kept is not None]
    total = sum(weight for weight, _ in known)
    return sum(weight * kept for weight, kept in known) / total if total else None


def reading(standards: list[Standard]) -> str:
    """The checklist in a few plain sentences."""
    apply = [one for one in standards if one.kept is not None]
    whole = [one for one in apply if one.kept == 1]
    part = [one for one in apply if one.kept is not None and 0 < one.kept < 1]
    missing = [one for one in apply if one.kept == 0]
    share = score(standards)
    if share is None:
        return "No standard applies."
    sentences = [f"{len(whole)} of {len(apply)} standards are in place ({100 * share:.0f} % by weight)."]
    for word, ones in (("Partly", part), ("Missing", missing)):
        if ones:
            sentences.append(f"{word}: {', '.join(one.name.replace('_', ' ') for one in ones)}.")
    return " ".join(sentences)


def _items(scenario: Scenario) -> Iterator[Standard]:
    for name, one in ITEMS.items():
        kept, said = one.find(scenario)
        weight = scenario.standards.weights.get(name, 1.0)
        yield Standard(name, one.group, one.asks, one.keys, kept, said, weight, one.shows)


def _lines(scenario: Scenario) -> Iterator[Standard]:
    for name, line in scenario.standards.lines.items():
        weight = scenario.standards.weights.get(name, 1.0)
        said = f"target {line.target}" if line.target else "said by the scenario"
        yield Standard(name, "Of our own", line.says, (), line.kept, said, weight, target=line.target or "")


def _has(there: bool, said: str, otherwise: str = "none") -> Found:
    return (1.0, said) if there else (0.0, otherwise)


def _of_channels(scenario: Scenario, mode: Mode, has: Callable[[Channel], bool]) -> Found:
    """The share of the channels of a mode that have something."""
    channels = {name: channel for name, channel in scenario.channels.items() if channel.mode is mode}
    if not channels:
        return None, f"no {mode.value} channel"
    there = [name for name, channel in channels.items() if has(channel)]
    return len(there) / len(channels), ", ".join(there) or "none"


def _of_teams(scenario: Scenario, has: Callable[[Team], bool]) -> Found:
    """The share of the teams that have something."""
    there = [name for name, team in scenario.teams.items() if has(team)]
    return len(there) / len(scenario.teams), ", ".join(there) or "none"


def _practices(scenario: Scenario, does: Callable[[Practice], bool]) -> Found:
    there = [name for name, practice in scenario.practices.items() if does(practice)]
    return _has(bool(there), ", ".join(there))


def _targets(scenario: Scenario, kpis: Iterable[str]) -> Found:
    wanted = tuple(kpis)
    there = [name for name, text in scenario.targets.items() if text.strip().startswith(wanted)]
    return _has(bool(there), ", ".join(there))


# -- how customers reach the center


@item("Access", "channels", "contacts")
def several_channels(scenario: Scenario) -> Found:
    """Customers can talk (live), chat (concurrent) or write (deferred), as they prefer."""
    modes = {channel.mode for channel in scenario.channels.values()}
    return len(modes) / len(Mode), ", ".join(
        f"{name} ({channel.mode.value})" for name, channel in scenario.channels.items()
    )


@item("Access", "channels.*.open teams.*.shifts teams.*.headcount", "closed_door")
def round_the_clock(scenario: Scenario) -> Found:
    """At any hour of the week some channel answers at once: it is open, with an agent on shift or a bot."""
    found = attended(scenario)
    if not found:
        return 0.0, "no live or concurrent channel"
    shares = {name: float(there.mean()) for name, there in found.items()}
    either = float(np.max(list(found.values()), axis=0).mean())
    return (1.0 if either > ATTENDED else either), ", ".join(
        f"{name} {100 * part:.0f} %" for name, part in shares.items()
    )


@item("Access", "channels.*.bot", "containment")
def automation(scenario: Scenario) -> Found:
    """A bot takes simple requests on at least one channel, at once and many at a time."""
    there = [name for name, channel in scenario.channels.items() if channel.bot is not None]
    return _has(bool(there), ", ".join(there))


@item("Access", "bots.*.hand_over", "hand_overs")
def hand_over_with_context(scenario: Scenario) -> Found:
    """What a bot has learnt is passed on to the agent, so that nobody tells the story twice."""
    used = {channel.bot for channel in scenario.channels.values()} - {None}
    bots = [bot for name, bot in scenario.bots.items() if name in used]
    if not bots:
        return None, "no bot"
    shares = [0.0 if bot.hand_over is None else bot.hand_over.context for bot in bots]
    return sum(shares) / len(shares), f"{100 * sum(shares) / len(shares):.0f} % of hand-overs"


@item("Access", "self_service.knowledge_base", "deflection")
def knowledge_base(scenario: Scenario) -> Found:
    """Customers can look for the answer themselves."""
    return _has(scenario.self_service is not None and scenario.self_service.knowledge_base is not None, "for customers")


@item("Access", "self_service.community", "questions")
def community(scenario: Scenario) -> Found:
    """Customers can ask each other."""
    return _has(scenario.self_service is not None and scenario.self_service.community is not None, "there")


@item("Access", "demand.events.*.notice", "prevented")
def notices(scenario: Scenario) -> Found:
    """Whoever an incident or a campaign concerns is told before having to ask."""
    incidents = {name: event for name, event in scenario.demand.events.items() if event.topics}
    if not incidents:
        return None, "no incident or campaign"
    there = [name for name, event in incidents.items() if event.notice is not None]
    return len(there) / len(incidents), ", ".join(there) or "none"


@item("Access", "customers.*.language teams.*.people.languages teams.*.people.interpreter", "contacts")
def languages(scenario: Scenario) -> Found:
    """Each team can help customers in their own language, or through an interpreter."""
    asked = {segment.language for segment in scenario.customers.values() if segment.language is not None}
    if not asked:
        return None, "one language"
    able = [_speaks(team, language) for team in scenario.teams.values() for language in asked]
    return sum(able) / len(able), f"{', '.join(sorted(asked))} in {sum(able)} of {len(able)} cases of team and language"


def _speaks(team: Team, language: str) -> bool:
    """Whether some agents of a team speak a language, or have an interpreter."""
    people = team.people
    if people is None or not people.languages or people.interpreter is not None:
        return True
    return people.languages.get(language, 0.0) > 0


# -- what customers are told while they wait


@item("Waiting", "channels.*.announces", "promises_kept")
def announced_waits(scenario: Scenario) -> Found:
    """Who waits on the line is told how long."""
    return _of_channels(scenario, Mode.live, lambda channel: channel.announces is not None)


@item("Waiting", "channels.*.callback", "callback_share")
def callback(scenario: Scenario) -> Found:
    """Who would wait long on the line is offered a call back."""
    return _of_channels(scenario, Mode.live, lambda channel: channel.callback is not None)


@item("Waiting", "channels.*.acknowledgement", "acknowledged")
def acknowledgement(scenario: Scenario) -> Found:
    """Who writes is told at once that it has come in."""
    return _of_channels(scenario, Mode.deferred, lambda channel: channel.acknowledgement is not None)


@item("Waiting", "channels.*.deadline", "deadline_met")
def deadlines(scenario: Scenario) -> Found:
    """Who writes is promised an answer by a deadline."""
    return _of_channels(scenario, Mode.deferred, lambda channel: bool(channel.deadline))


@item("Waiting", "channels.*.status_notices", "chasers")
def status_notices(scenario: Scenario) -> Found:
    """Who waits for an answer in writing is kept informed without asking."""
    return _of_channels(scenario, Mode.deferred, lambda channel: channel.status_notices is not None)


# -- how a case is handled


@item("Handling", "topics topics.*.urgency", "misclassified")
def classification(scenario: Scenario) -> Found:
    """Cases are told apart by topic and by urgency."""
    urgencies = {level for topic in scenario.topics.values() for level, part in topic.urgency.items() if part}
    parts = (len(scenario.topics) > 1, len(urgencies) > 1)
    return sum(parts) / 2, f"{len(scenario.topics)} topics, {len(urgencies)} urgencies"


@item("Handling", "teams.*.skills routing.routes", "transfers")
def routing_by_skill(scenario: Scenario) -> Found:
    """Cases go to agents who have the skill: teams differ in what they take, or routes say who is next."""
    takes = {
        tuple((str(skill.channels), str(skill.topics)) for skill in team.skills.values())
        for team in scenario.teams.values()
    }
    said = [f"{len(scenario.routing.routes)} routes"] * bool(scenario.routing.routes)
    return _has(len(takes) > 1 or bool(said), ", ".join([*said, f"{len(takes)} sets of skills"]))


@item("Handling", "routing.routes.*.teams", "wait.p90")
def overflow(scenario: Scenario) -> Found:
    """When the first team is full another one helps."""
    there = [name for name, route in scenario.routing.routes.items() if len(route.teams) > 1]
    return _has(bool(there), ", ".join(there))


@item("Handling", "escalation.path", "escalations")
def escalation(scenario: Scenario) -> Found:
    """What the first tier cannot solve goes to specialists (half), and at last to a supervisor."""
    tiers = len(scenario.escalation.path)
    return min(1.0, (tiers - 1) / 2), " → ".join(scenario.escalation.path)


@item("Handling", "escalation.angry", "escalations_for_anger")
def angry_customers(scenario: Scenario) -> Found:
    """Who is angry is passed on to somebody who may decide."""
    return _has(scenario.escalation.angry is not None, "passed on")


@item("Handling", "escalation.overdue", "rescued")
def overdue_cases(scenario: Scenario) -> Found:
    """A clock calls for help before a promise is broken."""
    return _has(scenario.escalation.overdue is not None, "a clock")


@item("Handling", "practices.*.reach practices.*.accuracy", "quality")
def agents_knowledge_base(scenario: Scenario) -> Found:
    """Agents find checked answers in an internal knowledge base."""
    return _practices(scenario, lambda practice: practice.reach > 0 or practice.accuracy > 0)


@item("Handling", "practices.*.saves.informing", "informing_time.mean")
def templates(scenario: Scenario) -> Found:
    """Frequent answers need not be written anew."""
    return _practices(scenario, lambda practice: practice.saves.informing > 0)


@item("Handling", "practices.*.contacts practices.*.saves.analysis routing.sticky", "same_agent")
def history(scenario: Scenario) -> Found:
    """The agent sees what came before, or is the one who knows the case."""
    kept, said = _practices(scenario, lambda practice: practice.contacts == "repeats" or practice.saves.analysis > 0)
    return (kept, said) if kept or scenario.routing.sticky is None else (1.0, "the same agent")


@item("Handling", "practices.*.saves.verification practices.*.saves.wrap_up", "verification_time.mean")
def integrations(scenario: Scenario) -> Found:
    """Systems are connected: nothing is looked up or copied by hand."""
    return _practices(scenario, lambda practice: practice.saves.verification > 0 or practice.saves.wrap_up > 0)


# -- what customers say


@item("Feedback", "survey", "csat_measured")
def survey(scenario: Scenario) -> Found:
    """Customers are asked whether they are satisfied."""
    return _has(scenario.survey is not None and scenario.survey.asked > 0, "customers are asked")


@item("Feedback", "complaints", "complaints_in_time")
def complaints(scenario: Scenario) -> Found:
    """A complaint is a case of its own: tracked, routed and answered."""
    return _has(scenario.complaints is not None, "a way of their own")


@item("Feedback", "opinion.churn customers.*.churn", "retention")
def loyalty(scenario: Scenario) -> Found:
    """It is known how many customers are lost over bad service."""
    churn = scenario.opinion is not None and scenario.opinion.churn is not None
    return _has(churn or any(segment.churn for segment in scenario.customers.values()), "churn is counted")


@item("Feedback", "loops.articles", "article_delay")
def articles_from_feedback(scenario: Scenario) -> Found:
    """What customers could not get solved leads to an article, and articles are kept true."""
    return _has(scenario.loops.articles is not None, "written where many return")


# -- the staff


@item("Staff", "teams.*.shifts.*.breaks", "paid_breaks")
def breaks(scenario: Scenario) -> Found:
    """Who works more than six hours at a stretch has a break."""
    shifts: list[WorkingHours] = [shift for team in scenario.teams.values() for shift in team.shifts.values()]
    rotations = [rotation for team in scenario.teams.values() for rotation in team.rotations.values()]
    shifts += [shift for rotation in rotations for shift in rotation.shifts.values()]
    long = [shift for shift in shifts if shift.length > LONG_SHIFT]
    if not long:
        return None, "no shift over six hours"
    there = sum(bool(shift.breaks) for shift in long)
    return there / len(long), f"{there} of {len(long)} long shifts"


@item("Staff", "teams.*.accuracy", "quality")
def known_quality(scenario: Scenario) -> Found:
    """The share of right answers of each team is known, and none is taken to be perfect."""
    return _of_teams(scenario, lambda team: team.accuracy < 1)


@item("Staff", "teams.*.meetings", "paid_meetings")
def meetings(scenario: Scenario) -> Found:
    """Each team meets to share what it learns."""
    return _of_teams(scenario, lambda team: bool(team.meetings))


@item("Staff", "teams.*.training_hours", "paid_training")
def training(scenario: Scenario) -> Found:
    """Agents have hours of training: the product, soft skills, hard cases."""
    return _of_teams(scenario, lambda team: team.training_hours is not None)


@item("Staff", "loops.review", "quality_reviewed")
def quality_review(scenario: Scenario) -> Found:
    """A sample of answers is looked at, and errors in them are known."""
    review = scenario.loops.review
    return _has(review is not None and (review.share > 0 or review.per_week > 0), "" if review is None else review.team)


@item("Staff", "loops.review.coaching", "coachings")
def coaching(scenario: Scenario) -> Found:
    """Who is found to err is coached."""
    review = scenario.loops.review
    return _has(review is not None and review.coaching is not None, "after reviews")


@item("Staff", "teams.*.people.plan", "on_plan")
def performance_plans(scenario: Scenario) -> Found:
    """Agents know what is expected of them, and a scorecard shows whether they keep to it."""
    return _of_teams(scenario, lambda team: team.people is not None and team.people.plan is not None)


@item("Staff", "teams.*.on_call teams.*.overtime", "call_ins")
def reserve(scenario: Scenario) -> Found:
    """Somebody can be called in, or stays on, when more come than were planned for."""
    teams = scenario.teams.items()
    there = [name for name, team in teams if team.on_call is not None or team.overtime is not None]
    return _has(bool(there), ", ".join(there))


# -- what is promised


@item("Targets", "targets", "first_response_time.mean")
def response_target(scenario: Scenario) -> Found:
    """There is a target for how soon customers are answered."""
    return _targets(scenario, RESPONSE)


@item("Targets", "targets", "fcr")
def first_contact_target(scenario: Scenario) -> Found:
    """There is a target for solving cases at the first contact."""
    return _targets(scenario, ("fcr", "one_touch"))


@item("Targets", "targets", "resolution_time.mean")
def resolution_target(scenario: Scenario) -> Found:
    """There is a target for the time until a case is solved."""
    return _targets(scenario, ("resolution_time", "solved_in_time", "own_resolution_time"))


@item("Targets", "targets", "csat")
def satisfaction_target(scenario: Scenario) -> Found:
    """There is a target for what customers think of it."""
    return _targets(scenario, ("csat", "nps", "stars", "effort", "retention"))


@item("Targets", "targets", "occupancy")
def workload_target(scenario: Scenario) -> Found:
    """There is a target that keeps agents from being worn out."""
    return _targets(scenario, ("occupancy", "utilization", "fatigue", "overtime"))


@item("Targets", "industry")
def comparison(scenario: Scenario) -> Found:
    """Figures of others are known, and ours are held against them."""
    return _has(bool(scenario.industry), ", ".join(scenario.industry))
