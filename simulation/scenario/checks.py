"""What the sections of a scenario ask of each other, checked before the clock starts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from simulation.scenario.customers import churns
from simulation.scenario.prices import prices, worths
from simulation.scenario.schema import Channel, Mode, Predictor, Scenario, Selection, Team, TeamPeople
from simulation.scenario.standards import ITEMS
from simulation.units import duration_text, nearest, share_text

LONGEST = 20 * 365 * 86_400.0
MOST_PRACTICES = 30
"""Which of them help is one number of so many bits."""
SELF_SERVICE = {"knowledge_base", "community"}
"""What `reach` may name besides tiers and bots."""
Finding = tuple[tuple[str | int, ...], str]


def check_scenario(scenario: Scenario) -> Iterator[Finding]:
    """Every contradiction within a scenario as (path, what is wrong and what to write)."""
    yield from _times(scenario)
    yield from _demand(scenario)
    yield from _customers(scenario)
    yield from _self_service(scenario)
    yield from _channels(scenario)
    yield from _bots(scenario)
    yield from _topics(scenario)
    yield from _teams(scenario)
    yield from _persons(scenario)
    yield from _strain(scenario)
    yield from _languages(scenario)
    yield from _routing(scenario)
    yield from _way_up(scenario)
    yield from _loops(scenario)
    yield from _practices(scenario)
    yield from _opinion(scenario)
    yield from _sourcing(scenario)
    yield from _standards(scenario)
    yield from _currencies(scenario)


def unknown(path: tuple[str | int, ...], name: str, names: Iterable[str], what: str) -> Iterator[Finding]:
    """A finding where `name` is none of `names`."""
    there = list(names)
    if name not in there:
        cure = (
            f"write e.g. {nearest(name, there) or there[0]}"
            if there
            else "the scenario has none; write one, or remove this"
        )
        yield path, f"there is no {what} '{name}'; {cure}"


def _times(scenario: Scenario) -> Iterator[Finding]:
    if scenario.duration > LONGEST:
        yield (
            ("horizon",),
            f"horizon and run_out last {duration_text(scenario.duration)}; write at most {duration_text(LONGEST)}",
        )
    if scenario.horizon <= scenario.warm_up:
        yield (
            ("horizon",),
            (
                f"the horizon ({duration_text(scenario.horizon)}) must be longer than the warm-up "
                f"({duration_text(scenario.warm_up)}); write a longer horizon or a shorter warm_up"
            ),
        )
    if not scenario.demand.sources:
        yield (
            ("demand", "sources"),
            "there is no source of demand; write e.g. calls: {topic: billing, channel: phone, volume: 900/day}",
        )


def _demand(scenario: Scenario) -> Iterator[Finding]:
    for name, source in scenario.demand.sources.items():
        path = ("demand", "sources", name)
        for topic in source.topic_shares():
            yield from unknown(
                (*path, "topics", topic) if source.topics else (*path, "topic"), topic, scenario.topics, "topic"
            )
        for channel in source.channel_shares():
            at = (*path, "channels", channel) if source.channels else (*path, "channel")
            yield from unknown(at, channel, scenario.channels, "channel")
        if source.profile is not None:
            yield from unknown((*path, "profile"), source.profile, scenario.demand.profiles, "profile")
        if source.replay is not None and scenario.demand.volume != 1:
            yield (
                ("demand", "volume"),
                f"the source {name} replays a log, whose cases cannot be multiplied; remove volume, or write a volume and a profile for {name}",
            )
        if source.volume is None and (source.profile or source.weekdays or source.months or source.trend != 1):
            yield (
                (*path,),
                "profile, weekdays, months and trend shape a volume, which is not given; write volume: 900/day, or remove them",
            )
    for name, event in scenario.demand.events.items():
        where = ("demand", "events", name)
        for topic in event.topics:
            yield from unknown((*where, "topics", topic), topic, scenario.topics, "topic")
        for channel in event.channels:
            yield from unknown((*where, "channels"), channel, scenario.channels, "channel")
        for bot in event.bots:
            yield from unknown((*where, "bots"), bot, scenario.bots, "bot")


def _customers(scenario: Scenario) -> Iterator[Finding]:
    segments = scenario.customers
    total = sum(segment.share for segment in segments.values())
    if segments and abs(total - 1) > 1e-6:
        yield ("customers",), f"the shares of the segments sum to {100 * total:g} %; make them sum to 100 %"
    for name, segment in segments.items():
        for channel in segment.channels:
            yield from unknown(("customers", name, "channels", channel), channel, scenario.channels, "channel")
        if segment.channels and not any(source.channels for source in scenario.demand.sources.values()):
            yield (
                ("customers", name, "channels"),
                "no source lets its customers choose: each names one channel, or a log that does; write channels with shares there, e.g. channels: {phone: 60 %, chat: 40 %}",
            )
    for name, source in scenario.demand.sources.items():
        for segment_name in source.segments:
            at = ("demand", "sources", name, "segments", segment_name)
            yield from unknown(at, segment_name, segments, "segment of customers")


def _self_service(scenario: Scenario) -> Iterator[Finding]:
    there = [] if scenario.self_service is None else scenario.self_service.names()
    for name, topic in scenario.topics.items():
        for part in SELF_SERVICE:
            if part in topic.reach and part not in there:
                yield ("topics", name, "reach", part), f"self_service has no {part}; write one there, or remove this"
        if topic.article is not None and "knowledge_base" not in there:
            yield ("topics", name, "article"), "self_service has no knowledge_base; write one there, or remove this"
    for part in there:
        if not any(part in topic.reach for topic in scenario.topics.values()):
            yield (
                ("self_service", part),
                f"can solve nothing: no topic says what share of its cases is within its reach; write e.g. topics.{next(iter(scenario.topics), 'billing')}.reach.{part}: 40 %",
            )
    for where, names in (("bots", scenario.bots), ("escalation", scenario.escalation.path)):
        for name in SELF_SERVICE & set(names):
            yield (where,), f"'{name}' is the name of a part of self_service; write another name"
    for name, segment in scenario.customers.items():
        if segment.looks is not None and "knowledge_base" not in there:
            yield ("customers", name, "looks"), "self_service has no knowledge_base; write one there, or remove this"


def _channels(scenario: Scenario) -> Iterator[Finding]:
    for name, channel in scenario.channels.items():
        if channel.bot is not None:
            yield from unknown(("channels", name, "bot"), channel.bot, scenario.bots, "bot")
        yield from _entry(name, channel, scenario)
        for other in channel.redial.channels if channel.redial else ():
            yield from unknown(("channels", name, "redial", "channels", other), other, scenario.channels, "channel")
    for name in scenario.cost.channels:
        yield from unknown(("cost", "channels", name), name, scenario.channels, "channel")


def _bots(scenario: Scenario) -> Iterator[Finding]:
    for name, bot in scenario.bots.items():
        for topic in bot.understanding:
            yield from unknown(("bots", name, "understanding", topic), topic, [*scenario.topics, "any"], "topic")
        for channel in bot.returns.channels if bot.returns else ():
            yield from unknown(("bots", name, "returns", "channels", channel), channel, scenario.channels, "channel")


def _entry(name: str, channel: Channel, scenario: Scenario) -> Iterator[Finding]:
    """What is announced and offered on a channel, and where its customers go instead."""
    path = ("channels", name)
    for other in channel.instead:
        yield from unknown((*path, "instead", other), other, scenario.channels, "channel")
        if other == name:
            yield (*path, "instead", other), "leads back to itself; write another channel"
    told = channel.announces
    if told is not None and told.predictor is Predictor.queue_length_abandoning and channel.patience is None:
        yield (
            (*path, "announces", "predictor"),
            f"'{told.predictor}' needs a patience; write one for {name}, or predictor: queue_length",
        )


def _topics(scenario: Scenario) -> Iterator[Finding]:
    handlers = [*scenario.escalation.path, *scenario.bots]
    for name, topic in scenario.topics.items():
        for what in ("handling", "wrap_up"):
            for channel in getattr(topic, what):
                yield from unknown(("topics", name, what, channel), channel, [*scenario.channels, "any"], "channel")
        for handler in topic.reach:
            if handler not in SELF_SERVICE:
                yield from unknown(("topics", name, "reach", handler), handler, handlers, "tier or bot")
        for channel in topic.repeat.channels if topic.repeat else ():
            yield from unknown(("topics", name, "repeat", "channels", channel), channel, scenario.channels, "channel")


def _teams(scenario: Scenario) -> Iterator[Finding]:
    for name, team in scenario.teams.items():
        path = ("teams", name)
        if team.tier not in scenario.escalation.path:
            near = nearest(team.tier, scenario.escalation.path) or scenario.escalation.path[0]
            yield (
                (*path, "tier") if "tier" in team.model_fields_set else path,
                (f"the tier '{team.tier}' is not in escalation.path; write e.g. {near}, or add it to escalation.path"),
            )
        for skill, spec in team.skills.items():
            if not spec.hours.ever():
                yield (*path, "skills", skill, "hours"), "the skill never holds; write other hours, or remove the skill"
            yield from _selected((*path, "skills", skill), spec.channels, spec.topics, scenario)
        yield from _attention(name, team, scenario)
        yield from _same_day(name, team, scenario)


def _same_day(name: str, team: Team, scenario: Scenario) -> Iterator[Finding]:
    """Rules of the day look at channels that the team serves."""
    served = {channel for skill in team.skills.values() for channel in _channels_of(skill.channels, scenario)}
    for rule in ("overtime", "time_off", "on_call"):
        spec = getattr(team, rule)
        path = ("teams", name, rule, "channels")
        chosen = [] if spec is None or spec.channels == "all" else spec.channels
        for channel in chosen:
            yield from unknown(path, channel, scenario.channels, "channel")
        if chosen and served.isdisjoint(chosen):
            yield path, f"the team has no skill for {' or '.join(chosen)}; write a channel that it takes contacts of"


def _channels_of(selection: Selection, scenario: Scenario) -> Iterable[str]:
    return scenario.channels if selection == "all" else selection


def _attention(name: str, team: Team, scenario: Scenario) -> Iterator[Finding]:
    """Chats by turns slow each other because the agent's attention is one; a pace would slow them twice."""
    path = ("teams", name, "concurrency")
    its = [
        channel
        for channel, spec in scenario.channels.items()
        if spec.mode is Mode.concurrent
        and any(skill.channels == "all" or channel in skill.channels for skill in team.skills.values())
    ]
    by_turns = [channel for channel in its if scenario.channels[channel].turns is not None]
    by_pace = [channel for channel in its if channel not in by_turns]
    if team.concurrency.switching and not by_turns:
        yield (
            (*path, "switching"),
            "is for conversations by turns, of which the team gets none; remove it, or write turns for a channel",
        )
    if by_turns and team.concurrency.slowed:
        yield (
            (*path, "throughput"),
            f"its conversations on {by_turns[0]} go by turns and wait for the agent's attention, which slows them enough; remove throughput",
        )
    elif by_turns and by_pace and team.concurrency.slots > 1:
        yield (
            path,
            f"an agent would hold conversations by turns ({by_turns[0]}) beside others without ({by_pace[0]}); "
            f"write turns for {by_pace[0]} too, leave it to another team, or write slots: 1",
        )


def _selected(
    path: tuple[str | int, ...], channels: Selection, topics: Selection, scenario: Scenario
) -> Iterator[Finding]:
    for what, selection, names in (("channels", channels, scenario.channels), ("topics", topics, scenario.topics)):
        for name in () if selection == "all" else selection:
            yield from unknown((*path, what), name, names, what[:-1])


def _routing(scenario: Scenario) -> Iterator[Finding]:
    path = scenario.escalation.path
    if not path or len(set(path)) < len(path):
        yield ("escalation", "path"), "the path must name each tier once; write e.g. [tier1, tier2]"
    for tier in scenario.escalation.patience:
        yield from unknown(("escalation", "patience", tier), tier, path[1:], "higher tier")
    for name, route in scenario.routing.routes.items():
        at = ("routing", "routes", name)
        yield from _selected(at, route.channels, route.topics, scenario)
        for team in route.teams:
            yield from unknown((*at, "teams", team), team, scenario.teams, "team")
        if route.tier is not None:
            yield from unknown((*at, "tier"), route.tier, path, "tier")


def _way_up(scenario: Scenario) -> Iterator[Finding]:
    """Angry customers and clocks: there must be a higher tier, and the clock a deadline."""
    spec = scenario.escalation
    for key, to in (("angry", spec.angry and spec.angry.to), ("overdue", spec.overdue and spec.overdue.to)):
        if getattr(spec, key) is None or to == "front":
            continue
        if len(spec.path) < 2:
            yield ("escalation", key), "there is no tier above the first; write e.g. path: [tier1, supervisor]"
        elif to not in (None, "next"):
            yield from unknown(("escalation", key, "to"), str(to), spec.path[1:], "higher tier")
    clock = spec.overdue
    if clock is not None:
        yield from _selected(("escalation", "overdue"), clock.channels, "all", scenario)
        if clock.before_due is not None and not any(channel.deadline for channel in scenario.channels.values()):
            yield (
                ("escalation", "overdue", "before_due"),
                "no channel has a deadline; write one, or after: {high: 5 min}",
            )
    if spec.angry is not None and spec.angry.complaints and scenario.complaints is None:
        yield ("escalation", "angry", "complaints"), "nobody complains about cases; write complaints, or remove this"


def _persons(scenario: Scenario) -> Iterator[Finding]:
    """Spreads that shares can have, and skills that there are."""
    for name, team in scenario.teams.items():
        if team.people is not None:
            yield from _people(("teams", name, "people"), team, team.people)
            asked = {} if team.people.plan is None else team.people.plan.bounds()
            if "csat" in asked and scenario.opinion is None:
                yield (
                    ("teams", name, "people", "plan", "csat"),
                    "nobody has an opinion; write opinion: {}, or remove it",
                )
            if "adherence" in asked and not team.adherence:
                path = ("teams", name, "people", "plan", "adherence")
                yield path, "the team says nothing of adherence; write one for it (see adherence), or remove it"


def _languages(scenario: Scenario) -> Iterator[Finding]:
    """Every language of customers is spoken, or interpreted, by somebody; every one of agents is spoken by customers."""
    people = {name: team.people for name, team in scenario.teams.items()}
    wanted = {one.language for one in scenario.customers.values() if one.language is not None}
    spoken = {
        language for one in people.values() if one is not None for language, part in one.languages.items() if part
    }
    by_all = any(one is None or not one.languages or one.interpreter is not None for one in people.values())
    for name, segment in scenario.customers.items():
        if segment.language is not None and segment.language not in spoken and not by_all:
            there = f", e.g. {nearest(segment.language, spoken) or sorted(spoken)[0]}" if spoken else ""
            yield (
                ("customers", name, "language"),
                f"nobody speaks '{segment.language}'; write it among the languages of a team, give one an interpreter, "
                f"or write another language{there}",
            )
    for name, one in people.items():
        for language in () if one is None else one.languages:
            yield from unknown(
                ("teams", name, "people", "languages", language), language, sorted(wanted), "customers' language"
            )
        if one is not None and one.interpreter is not None and not one.languages:
            yield (
                ("teams", name, "people", "interpreter"),
                "its agents speak all languages; write which, e.g. languages: {latvian: 100 %}",
            )


def _people(path: tuple[str | int, ...], team: Team, people: TeamPeople) -> Iterator[Finding]:
    for what, mean in (("accuracy", team.accuracy), ("courtesy", team.courtesy)):
        spread = getattr(people, f"{what}_spread")
        most = (mean * (1 - mean)) ** 0.5
        if spread and spread >= most:
            yield (
                (*path, f"{what}_spread"),
                f"agents cannot differ so much around a mean {what} of {share_text(mean)}; "
                + (
                    f"write less than {100 * most:.3g} %"
                    if most
                    else f"write another {what} for the team, or remove it"
                ),
            )
    for skill in people.proficiency:
        yield from unknown((*path, "proficiency", skill), skill, team.skills, "skill")


def _loops(scenario: Scenario) -> Iterator[Finding]:
    yield from _review(scenario)
    yield from _training(scenario)
    yield from _articles(scenario)


def _articles(scenario: Scenario) -> Iterator[Finding]:
    spec, path = scenario.loops.articles, ("loops", "articles")
    if spec is None:
        return
    yield from unknown((*path, "team"), spec.team, scenario.teams, "team")
    yield from _selected(path, "all", spec.topics, scenario)
    if spec.practice is not None:
        yield from unknown((*path, "practice"), spec.practice, scenario.practices, "practice")
    needs = {"unhappy": scenario.survey, "complained": scenario.complaints, "found_wrong": scenario.loops.review}
    for what, source in needs.items():
        if getattr(spec.counts, what) and source is None:
            section = {"unhappy": "a survey", "complained": "complaints", "found_wrong": "loops.review"}[what]
            yield (*path, "counts", what), f"nobody tells of it; write {section}, or remove this"
    for_customers = spec.customers and scenario.self_service is not None and scenario.self_service.knowledge_base
    if not for_customers and spec.practice is None:
        yield (
            path,
            "nobody reads the articles; write self_service.knowledge_base, or practice: the name of the agents' knowledge base",
        )
    if not spec.hours.ever():
        yield (*path, "hours"), "nothing is ever written; write other hours, or remove the articles"


def _training(scenario: Scenario) -> Iterator[Finding]:
    training, path = scenario.loops.training, ("loops", "training")
    if training is None:
        return
    for team in () if training.teams == "all" else training.teams:
        yield from unknown((*path, "teams"), team, scenario.teams, "team")
    for name, kind in training.kinds.items():
        yield from _selected((*path, "kinds", name), "all", kind.topics, scenario)
    its = [team for name, team in scenario.teams.items() if training.teams == "all" or name in training.teams]
    if not training.before and not any(team.training_hours for team in its):
        yield path, "nobody of its teams has any training; write teams.X.training_hours, or before: 20 h"


def _review(scenario: Scenario) -> Iterator[Finding]:
    review, path = scenario.loops.review, ("loops", "review")
    if review is None:
        return
    yield from unknown((*path, "team"), review.team, scenario.teams, "team")
    yield from _selected(path, review.channels, "all", scenario)
    for team in () if review.teams == "all" else review.teams:
        yield from unknown((*path, "teams"), team, scenario.teams, "team")
    if not review.hours.ever():
        yield (*path, "hours"), "nothing is ever reviewed; write other hours, or remove the review"
    if review.teams == "all" and set(scenario.teams) == {review.team}:
        yield (
            (*path, "team"),
            "there are no others whose answers it could look at; write teams: all their names, or another team",
        )


def _strain(scenario: Scenario) -> Iterator[Finding]:
    """Teams that there are, and shifts for those that may be left."""
    for part in ("fatigue", "turnover"):
        spec = getattr(scenario.strain, part)
        for name in () if spec is None or spec.teams == "all" else spec.teams:
            path = ("strain", part, "teams")
            yield from unknown(path, name, scenario.teams, "team")
            if part == "turnover" and name in scenario.teams and scenario.teams[name].headcount is not None:
                yield (
                    path,
                    f"the team '{name}' has a headcount, which names no persons; write shifts for it, or leave it out",
                )
    turnover = scenario.strain.turnover
    if turnover is not None and turnover.disliked != 1 and not any(team.nights for team in scenario.teams.values()):
        yield (
            ("strain", "turnover", "disliked"),
            "no team has hours that agents dislike; write e.g. teams.X.nights: {dislike: 50 %}, or remove it",
        )
    if scenario.strain.turnover is not None and all(team.headcount is not None for team in scenario.teams.values()):
        yield (
            ("strain", "turnover"),
            "no team works shifts, and a headcount names no persons; write shifts, or remove turnover",
        )


def _practices(scenario: Scenario) -> Iterator[Finding]:
    if len(scenario.practices) > MOST_PRACTICES:
        yield ("practices",), f"there are {len(scenario.practices)} practices; write at most {MOST_PRACTICES}"
    for name, practice in scenario.practices.items():
        path = ("practices", name)
        yield from _selected(path, practice.channels, practice.topics, scenario)
        for team in () if practice.teams == "all" else practice.teams:
            yield from unknown((*path, "teams"), team, scenario.teams, "team")
        for topic in practice.covers:
            yield from unknown((*path, "covers", topic), topic, [*scenario.topics, "any"], "topic")
    sticky = scenario.routing.sticky
    if sticky is not None:
        yield from _selected(("routing", "sticky"), sticky.channels, "all", scenario)


def _opinion(scenario: Scenario) -> Iterator[Finding]:
    opinion, survey, complaints = scenario.opinion, scenario.survey, scenario.complaints
    for name in opinion.expected if opinion is not None else ():
        yield from unknown(("opinion", "expected", name), name, scenario.channels, "channel")
    if opinion is not None and opinion.value is not None and not any(churns(scenario)):
        yield ("opinion", "value"), "nobody leaves, so no value is at risk; write churn: {unsatisfied: 5 %}"
    for name, segment in scenario.customers.items():
        for key in ("expects", "churn", "value"):
            if opinion is None and key in segment.model_fields_set:
                yield ("customers", name, key), "is about an opinion that nobody has; write opinion: {}, or remove it"
    if survey is not None:
        yield from _selected(("survey",), survey.channels, "all", scenario)
        if opinion is None:
            yield ("survey",), "asks for an opinion that nobody has; write opinion: {}, or remove the survey"
    if complaints is not None:
        yield from unknown(("complaints", "topic"), complaints.topic, scenario.topics, "topic")
        if complaints.channel != "same":
            yield from unknown(("complaints", "channel"), complaints.channel, ["same", *scenario.channels], "channel")


def _sourcing(scenario: Scenario) -> Iterator[Finding]:
    for name, team in scenario.teams.items():
        if team.site is not None:
            yield from unknown(("teams", name, "site"), team.site, scenario.sites, "site")
        if team.employer is not None:
            yield from unknown(("teams", name, "employer"), team.employer, scenario.employers, "employer")


def _standards(scenario: Scenario) -> Iterator[Finding]:
    for name in scenario.standards.weights:
        yield from unknown(("standards", "weights", name), name, [*ITEMS, *scenario.standards.lines], "standard")
    for name, line in scenario.standards.lines.items():
        if name in ITEMS:
            yield ("standards", "lines", name), "is the name of a standard of the checklist; write another name"
        if line.target is not None:
            yield from unknown(("standards", "lines", name, "target"), line.target, scenario.targets, "target")


def _currencies(scenario: Scenario) -> Iterator[Finding]:
    given = [(path, price.currency) for path, price in (*prices(scenario), *worths(scenario))]
    for path, currency in given[1:]:
        if currency != given[0][1]:
            first = ".".join(map(str, given[0][0]))
            yield path, f"is in {currency}, but {first} is in {given[0][1]}; write all prices in one currency"
