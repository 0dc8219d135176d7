"""From a reference case to scenarios and to what is read off their records, by the case's ``system``.

A *study* is one scenario (as the dictionary that its file would hold) with the statistics that answer some of the
expected values. Expected lists are named element by element: ``E_wait_by_class[0]``. What cannot be said in a
scenario is refused with the reason (`NotExpressible`), an input that is not known included.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from simulation.theory import erlang, staffing
from tests.reference import readings as read
from tests.reference.laws import (
    Law,
    NotExpressible,
    balking_or,
    built,
    exponential,
    gamma_factor,
    law_of,
    numbers_in,
    patience_of,
    per_second,
    percent,
    seconds,
    wave_of,
)
from tests.reference.readings import Frame, Statistic

Inputs = dict[str, Any]
Section = dict[str, Any]
Names = list[str]
HOUR, DAY, WEEK = 3600.0, 86_400.0, 604_800.0
UNITS = {"s": 1.0, "sec": 1.0, "min": 60.0, "h": HOUR, "hour": HOUR, "d": DAY, "day": DAY}

WARM_UP, MEASURED, RUN_OUT = 5.0, 25.0, 1.5
"""Lengths of a steady-state replication, in relaxation times."""
LEAST_CONTACTS, MOST_CONTACTS, MOST_WARM_UP, MOST_RUN_OUT = 10_000, 250_000, 100_000, 20_000
"""Bounds on them, in expected arrivals."""
CONTACTS_OF_DAYS = 10_000
"""Expected arrivals in a replication that consists of days."""


@dataclass(frozen=True)
class Study:
    """A scenario, when and in which unit it is measured, and what answers the expected values."""

    scenario: Section
    frame: Frame
    answers: dict[str, Statistic]


@dataclass(frozen=True)
class Translation:
    """The studies of a case, and answers that need no simulation (theory, or the schedule itself)."""

    studies: list[Study] = field(default_factory=list)
    facts: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """A case as a system's function sees it: inputs, the names of the expected numbers, seconds in a unit."""

    inputs: Inputs
    names: Names
    unit: float

    def queue(self, *, threshold: float | None = None) -> dict[str, Statistic]:
        """Statistics of the names that the usual dictionary of a queue knows."""
        found = {name: read.queue_statistic(name, threshold) for name in self.names}
        return {name: statistic for name, statistic in found.items() if statistic is not None}

    def by_kind(self, suffix: str, **of: str) -> dict[str, Statistic]:
        """Statistics of names such as E_wait_by_class[1]; `of` says what the index numbers (channel, team)."""
        answers = {}
        for name in self.names:
            found = re.fullmatch(rf"(.+)_by_{suffix}\[(\d+)\]", name)
            statistic = read.queue_statistic(found[1]) if found else None
            if found and statistic is not None:
                answers[name] = statistic.of(**{of["index"]: int(found[2])})
        return answers


System = Callable[[Asked], Translation]


@dataclass(frozen=True)
class Known:
    """How a system is translated, and which inputs it understands."""

    translate: System
    inputs: frozenset[str]


SYSTEMS: dict[str, Known] = {}
REFUSED = {
    "priority_preemptive_mmc": "agents finish what they have begun: there is no preemption",
    "multiskill_delayed_overflow": "the inputs refer to a case that the file does not hold",
}
WORDS = {"note", "description", "discipline", "routing", "beta", "start", "close", "rule"}
"""Inputs in words, or that follow from the others; a value that changes the model is refused where it matters."""


def system(names: str, inputs: str) -> Callable[[System], System]:
    """Enter a translation under its systems' names, with the inputs that it understands."""

    def register(translate: System) -> System:
        for name in names.split():
            SYSTEMS[name] = Known(translate, frozenset(inputs.split()) | WORDS)
        return translate

    return register


def translate(case: Mapping[str, Any]) -> Translation:
    """Studies and facts of a case; NotExpressible says what the model lacks."""
    known = known_system(case["system"])
    strange = sorted(set(case["inputs"]) - known.inputs)
    if strange:
        raise NotExpressible(f"the input '{strange[0]}' is not known for this system")
    return known.translate(Asked(case["inputs"], list(flat(case["expected"])), UNITS[case["time_unit"]]))


def known_system(name: str) -> Known:
    """How a system is translated; any design of skills is one system."""
    if name in REFUSED:
        raise NotExpressible(REFUSED[name])
    word = name.split()[0]
    if word not in SYSTEMS and word.startswith("multiskill_"):
        word = "multiskill"
    if word not in SYSTEMS:
        raise NotExpressible(f"nothing is known of a system '{name}'")
    return SYSTEMS[word]


def flat(expected: Any, name: str = "") -> dict[str, float]:
    """Expected values by name, lists element by element; true stands for 1."""
    if isinstance(expected, dict):
        parts: Iterable[tuple[str, Any]] = expected.items()
    elif isinstance(expected, list):
        parts = ((f"{name}[{index}]", value) for index, value in enumerate(expected))
    else:
        return {name: float(expected)}
    return {inner: number for part, value in parts for inner, number in flat(value, part).items()}


# ------------------------------------------------------------------------------------ parts of scenarios


def kind(index: int) -> str:
    """The name of the channel, topic and source of a kind of customer."""
    return f"kind{index + 1}"


def source(index: int, rate: float, **more: Any) -> Section:
    """Poisson arrivals of a kind, `rate` per second."""
    return {"topic": kind(index), "channel": kind(index), "volume": per_second(rate), **more}


def skill(index: int, handling: Law | None = None, priority: int = 1) -> Section:
    """Agents who take one kind; the handling time may be that of the topic."""
    own = {} if handling is None else {"handling": handling}
    return {"channels": kind(index), "topics": kind(index), "priority": priority, **own}


def team(agents: int, skills: Mapping[int, Section], **more: Any) -> Section:
    """Agents who are always there."""
    named = {kind(index): one for index, one in skills.items()}
    return {"skills": named, "headcount": {"constant": agents}, **more}


def center(
    rates: Sequence[float], teams: Section, channel: Sequence[Section] | None = None, handling: Law | None = None, **more: Any
) -> Section:
    """All of a scenario but its lengths: kinds of customers with arrival rates (1/s), each on a channel of its own."""
    ways = channel or [{} for _ in rates]
    topic = {} if handling is None else {"handling": {"any": handling}}
    sections: Section = {
        "name": "reference",
        "calendar": {"start": "2024-01-01"},
        "demand": {"sources": {kind(i): source(i, rate) for i, rate in enumerate(rates) if rate > 0}},
        "channels": {kind(index): {"mode": "live", **way} for index, way in enumerate(ways)},
        "topics": {kind(index): dict(topic) for index in range(len(rates))},
        "teams": teams,
    }
    return {**sections, **more}


def one_team(rate: float, handling: Law, agents: int, channel: Section | None = None, **more: Any) -> Section:
    """One kind of customer and one team that serves it."""
    return center([rate], {"team": team(agents, {0: skill(0)})}, [channel or {}], handling, **more)


def patient(unit: float, theta: float | None) -> Section:
    """A channel's entry for exponential patience of rate `theta` per unit; none where it is 0."""
    return {"patience": exponential(unit / theta)} if theta else {}


# ------------------------------------------------------------------------------------ lengths of runs


def relaxation(
    rate: float, mean: float, servers: int, scv: float = 1.0, theta: float = 0.0, room: float = math.inf
) -> float:
    """A bound on the time (in units) in which a queue forgets its start.

    Of M/M/c without its idle states: 1 / (sqrt(c mu) - sqrt(lambda))^2 (Morse 1958), stretched for variable service;
    hanging up and finite room shorten it.
    """
    capacity = servers / mean
    gap = (math.sqrt(capacity) - math.sqrt(rate)) ** 2
    slow = max(1.0, (1 + scv) / 2) / gap if gap > 0 else math.inf
    if theta:
        slow = min(slow, 1 / theta)
    if math.isfinite(room):
        slow = min(slow, max(1.0, room) ** 2 / capacity)
    if math.isinf(slow) or (rate >= capacity and not theta and math.isinf(room)):
        raise NotExpressible("the queue has no steady state")
    return mean + slow


def steady(scenario: Section, unit: float, rate: float, memory: float, answers: dict[str, Statistic]) -> Study:
    """A study of the steady state: `rate` arrivals a unit, which forgets its start in `memory` units."""
    warm_up = min(WARM_UP * memory, MOST_WARM_UP / rate)
    measured = min(max(MEASURED * memory, LEAST_CONTACTS / rate), max(MOST_CONTACTS / rate, memory))
    run_out = min(RUN_OUT * memory, MOST_RUN_OUT / rate)
    lengths = {
        "warm_up": seconds(warm_up * unit),
        "horizon": seconds((warm_up + measured) * unit),
        "run_out": seconds(run_out * unit),
    }
    return Study({**scenario, **lengths}, Frame(unit, warm_up * unit, (warm_up + measured) * unit), answers)


def repeated(scenario: Section, unit: float, period: float, length: float, contacts: float, answers: dict[str, Statistic]) -> Study:
    """A study of days (weeks) that begin empty: of each `period` s the first `length` are measured."""
    times = int(min(max(CONTACTS_OF_DAYS / contacts, 5.0), 2000 * DAY / period))
    horizon = times * period
    return Study({**scenario, "horizon": seconds(horizon)}, Frame(unit, 0.0, horizon, period, length), answers)


def only_hours(weights: Sequence[float], days: str = "daily", interval: str = "60 min") -> Section:
    """A profile with these weights from midnight on and none afterwards."""
    slots = round(DAY / {"60 min": HOUR, "5 min": 300.0}[interval])
    return {"shape": {"interval": interval, "weights": {days: [*weights, *[0.0] * (slots - len(weights))]}}}


def shaped(scenario: Section, profiles: Section, per_week: float, **demand: Any) -> Section:
    """The scenario with the demand of its first kind following a profile: `per_week` expected cases a week."""
    calls = {**source(0, per_week / WEEK), "profile": "shape"}
    return {**scenario, "demand": {"profiles": profiles, "sources": {kind(0): calls}, **demand}}


# ------------------------------------------------------------------------------------ one queue, steady


@system("erlang_b erlang_b_insensitivity", "servers lam mu service queue")
def erlang_b(asked: Asked) -> Translation:
    """Trunks without room to wait."""
    room = int(asked.inputs.get("queue", 0))
    return _queue(asked, trunks=asked.inputs["servers"] + room)


@system("erlang_c", "servers lam mu T")
def erlang_c(asked: Asked) -> Translation:
    """Callers who wait for ever."""
    return _queue(asked)


@system("halfin_whitt", "servers offered_load mu beta")
def halfin_whitt(asked: Asked) -> Translation:
    """Erlang C given by its load."""
    return _queue(_with(asked, lam=asked.inputs["offered_load"] * asked.inputs["mu"]))


@system("mmck", "servers lam mu capacity theta T")
def mmck(asked: Asked) -> Translation:
    """As many trunks as the capacity."""
    return _queue(asked, trunks=asked.inputs["capacity"])


@system("erlang_a qed_erlang_a", "servers lam mu theta T beta")
def erlang_a(asked: Asked) -> Translation:
    """Exponential patience."""
    return _queue(asked)


@system("mmn_plus_g", "servers lam mu patience T")
def mmn_plus_g(asked: Asked) -> Translation:
    """Patience of any law."""
    return _queue(asked)


@system("mg1 mgc mphn_plus_m", "servers lam service theta T")
def mgc(asked: Asked) -> Translation:
    """Service of any law."""
    return _queue(asked)


def _with(asked: Asked, **inputs: Any) -> Asked:
    return Asked({**asked.inputs, **inputs}, asked.names, asked.unit)


def _service(asked: Asked) -> Law:
    if "service" in asked.inputs:
        return law_of(asked.inputs["service"], asked.unit)
    return exponential(asked.unit / asked.inputs["mu"])


def _patience(asked: Asked) -> Section:
    if "patience" in asked.inputs:
        return {"patience": patience_of(asked.inputs["patience"], asked.unit)}
    return patient(asked.unit, asked.inputs.get("theta"))


def _queue(asked: Asked, trunks: int | None = None) -> Translation:
    """One kind of customer before one team, in the steady state."""
    inputs, unit = asked.inputs, asked.unit
    service, patience = _service(asked), _patience(asked)
    way = {**patience, **({} if trunks is None else {"trunks": trunks})}
    memory = _memory(inputs["lam"], inputs["servers"], service, patience, trunks, unit)
    scenario = one_team(inputs["lam"] / unit, service, inputs["servers"], way)
    return Translation([steady(scenario, unit, inputs["lam"], memory, asked.queue(threshold=inputs.get("T")))])


def _memory(rate: float, servers: int, service: Law, patience: Section, trunks: int | None, unit: float) -> float:
    handling = built(service)
    mean, scv = handling.mean / unit, handling.variance / handling.mean**2
    theta = unit / built(patience["patience"]).mean if patience else 0.0
    return relaxation(rate, mean, servers, scv, theta, math.inf if trunks is None else trunks - servers + 1)


@system("discipline_lcfs discipline_fcfs discipline", "servers lam mu")
def discipline(asked: Asked) -> Translation:
    """First or last come, first served: the mean is the same, the variance is not."""
    orders = {"fcfs": "fifo", "lcfs": "lifo"}
    studies = []
    for order, name in orders.items():
        answers = {f"var_wait_{order}": read.wait_variance()}
        if order == "lcfs":
            answers["E_wait"] = read.QUEUE["E_wait"]
        wanted = {name: answer for name, answer in answers.items() if name in asked.names}
        studies += [
            Study({**study.scenario, "routing": {"discipline": name}}, study.frame, wanted)
            for study in _queue(asked).studies
            if wanted
        ]
    return Translation(studies)


@system("erlang_c_staffing", "offered_load AHT_s target theta")
def erlang_c_staffing(asked: Asked) -> Translation:
    """The fewest agents are theory's answer; the service level with them is simulated for each load."""
    share, within = numbers_in(asked.inputs["target"].replace("%", " "))
    mean, theta = asked.inputs["AHT_s"], asked.inputs.get("theta", 0.0)
    goal = staffing.Goal(service_level=share / 100, within=within)
    facts, studies = {}, []
    for index, load in enumerate(asked.inputs["offered_load"]):
        agents = staffing.servers_needed(load / mean, 1 / mean, goal, theta)
        facts[f"min_agents[{index}]"] = float(agents)
        answers = {f"SL_at_min[{index}]": read.FAMILIES["SL_"](within)}
        inputs = {"lam": load / mean, "mu": 1 / mean, "servers": agents, "theta": theta}
        study = _queue(Asked(inputs, [], asked.unit)).studies[0]
        studies.append(Study(study.scenario, study.frame, answers))
    return Translation(studies, facts)


# ------------------------------------------------------------------------------------ several kinds


@system("priority_nonpreemptive_mmc v_model_priority_abandonment", "servers lam mu theta")
def priorities(asked: Asked) -> Translation:
    """One team; the first kind comes first."""
    inputs, kinds = asked.inputs, range(len(asked.inputs["lam"]))
    rates = inputs["mu"] if isinstance(inputs["mu"], list) else [inputs["mu"]] * len(kinds)
    thetas = inputs.get("theta", [0.0] * len(kinds))
    skills = {i: skill(i, exponential(asked.unit / rates[i]), priority=i + 1) for i in kinds}
    answers = {**asked.queue(), **asked.by_kind("class", index="channel")}
    return _kinds(asked, inputs["lam"], thetas, {"team": team(inputs["servers"], skills)}, [1 / mu for mu in rates], answers)


@system("multiskill", "lam mu_group_type theta servers_by_group type_to_groups group_to_types_priority")
def skills(asked: Asked) -> Translation:
    """Teams with skills in an order, kinds with routes in an order."""
    inputs, kinds = asked.inputs, range(len(asked.inputs["lam"]))
    served = inputs["group_to_types_priority"]
    for one in kinds:
        if set(inputs["type_to_groups"][one]) != {g for g, types in enumerate(served) if one in types}:
            raise NotExpressible("a type may come to other groups than those that look at its queue")
    teams = {f"group{g + 1}": _group(asked, g) for g in range(len(inputs["servers_by_group"]))}
    routes = {
        kind(i): {"channels": kind(i), "teams": {f"group{g + 1}": "0 s" for g in inputs["type_to_groups"][i]}} for i in kinds
    }
    means = [max(1 / row[i] for row in inputs["mu_group_type"] if row[i]) for i in kinds]
    answers = {**asked.queue(), **asked.by_kind("type", index="channel"), **asked.by_kind("group", index="team")}
    answers |= _group_time(asked)
    return _kinds(asked, inputs["lam"], inputs["theta"], teams, means, answers, routing={"routes": routes})


def _group(asked: Asked, number: int) -> Section:
    rates = asked.inputs["mu_group_type"][number]
    order = asked.inputs["group_to_types_priority"][number]
    taken = {i: skill(i, exponential(asked.unit / rates[i]), place) for place, i in enumerate(order, start=1)}
    return team(asked.inputs["servers_by_group"][number], taken)


def _group_time(asked: Asked) -> dict[str, Statistic]:
    answers = {}
    for name in asked.names:
        found = re.fullmatch(r"share_of_group_time_by_type\[(\d+)\]\[(\d+)\]", name)
        if found:
            group, of_kind = int(found[1]), int(found[2])
            busy = read.ratio(read.service_time, read.time).of(team=group, channel=of_kind)
            answers[name] = busy.times(1 / asked.inputs["servers_by_group"][group])
    return answers


def _kinds(
    asked: Asked,
    rates: Sequence[float],
    thetas: Sequence[float],
    teams: Section,
    means: Sequence[float],
    answers: dict[str, Statistic],
    **more: Any,
) -> Translation:
    unit, agents = asked.unit, sum(one["headcount"]["constant"] for one in teams.values())
    scenario = center([rate / unit for rate in rates], teams, [patient(unit, theta) for theta in thetas], **more)
    total = sum(rates)
    mean = sum(rate * mean for rate, mean in zip(rates, means, strict=True)) / total
    # with priorities the last kind sees the others as breakdowns: its queue forgets more slowly than the whole
    memory = 2 * relaxation(total, mean, agents, theta=min(thetas)) + max(means)
    return Translation([steady(scenario, unit, total, memory, answers)])


@system("callback_option", "lam mu servers theta offer_when_queue_ge accept_prob idle_reserve")
def callbacks(asked: Asked) -> Translation:
    """Who would accept a callback is known at birth: such a customer waits behind the others and never hangs up.

    True to the case only where the offer does not depend on the queue and no agent is kept back for callers.
    """
    inputs, unit = asked.inputs, asked.unit
    if inputs.get("offer_when_queue_ge", 0) or inputs.get("idle_reserve", 0):
        raise NotExpressible("a callback offered by the queue's length, or with agents kept back, is not in the model yet")
    share, service = inputs["accept_prob"], exponential(unit / inputs["mu"])
    crew = team(inputs["servers"], {0: skill(0, service), 1: skill(1, service, priority=2)})
    rates = [inputs["lam"] * (1 - share) / unit, inputs["lam"] * share / unit]
    scenario = center(rates, {"team": crew}, [patient(unit, inputs["theta"]), {}])
    accepted = _of(read.delayed, channel=1)
    answers = {
        **asked.queue(),
        "callback_share": read.ratio(accepted, read.offered),
        "P_all_busy": read.ratio(read.delayed, read.offered),
        "E_wait_inbound": read.ratio(_of(read.waited, channel=0), read.less(read.offered, accepted)),
        "E_callback_delay": read.ratio(read.waited, read.delayed).of(channel=1),
        "E_callback_backlog": read.QUEUE["L_queue"].of(channel=1),
    }
    memory = 2 * relaxation(inputs["lam"], 1 / inputs["mu"], inputs["servers"])
    return Translation([steady(scenario, unit, inputs["lam"], memory, answers)])


def _of(amount: read.Amount, **codes: int) -> read.Amount:
    return lambda look: amount(look.only(**codes))


@system("chat_concurrency", "lam agents max_concurrent agent_total_completion_rate_by_load theta")
def chats(asked: Asked) -> Translation:
    """A unit of exponential work a chat; the agent's throughput is the completion rate with so many chats."""
    inputs, unit = asked.inputs, asked.unit
    throughput = inputs["agent_total_completion_rate_by_load"][1:]
    if len(throughput) != inputs["max_concurrent"]:
        raise NotExpressible("the completion rates do not fit the number of chats at once")
    desk = {"slots": inputs["max_concurrent"], "throughput": throughput}
    way = {"mode": "concurrent", **patient(unit, inputs.get("theta"))}
    scenario = center(
        [inputs["lam"] / unit], {"team": team(inputs["agents"], {0: skill(0)}, concurrency=desk)}, [way], exponential(unit)
    )
    answers = {
        **asked.queue(),
        "E_chat_duration": read.ratio(_served_time, read.served),
        "agent_busy_share": read.QUEUE["utilization"],
        "mean_concurrency_when_busy": read.ratio(read.held, read.handling),
        "chats_in_service": read.ratio(read.service_time, read.time),
    }
    most = inputs["agents"] * throughput[-1]
    memory = 2 * relaxation(inputs["lam"], inputs["agents"] / most, inputs["agents"], theta=inputs.get("theta", 0.0))
    return Translation([steady(scenario, unit, inputs["lam"], memory + 2 * inputs["max_concurrent"], answers)])


def _served_time(look: read.Look) -> float:
    rows = look.measured
    return float((rows["ended"] - rows["answered"])[look.served].sum()) / look.frame.unit


# ------------------------------------------------------------------------------------ customers who return


@system("retrial_classical retrial", "lam mu servers retrial_rate queue")
def retrials(asked: Asked) -> Translation:
    """A busy signal, and everybody tries again until it is free."""
    inputs, unit = asked.inputs, asked.unit
    again = {"probability": "100 %", "after": exponential(unit / inputs["retrial_rate"])}
    way = {"trunks": inputs["servers"] + int(inputs.get("queue", 0)), "redial": again}
    scenario = one_team(inputs["lam"] / unit, exponential(unit / inputs["mu"]), inputs["servers"], way)
    answers = {
        **asked.queue(),
        "P_block": read.ratio(_first_blocked, read.first_contacts),
        "E_orbit": read.ratio(read.away_time, read.time),
        "E_wait": read.ratio(_until_answer, _cases),
    }
    free = 1 - inputs["lam"] / (inputs["mu"] * inputs["servers"])
    memory = relaxation(inputs["lam"], 1 / inputs["mu"], inputs["servers"]) + 1 / (inputs["retrial_rate"] * free)
    return Translation([steady(scenario, unit, inputs["lam"], memory, answers)])


def _first_blocked(look: read.Look) -> float:
    return float((look.first & (look.contacts["outcome"] == read.Outcome.BLOCKED)).sum())


def _answered_cases(look: read.Look) -> np.ndarray[Any, Any]:
    rows = look.record.cases
    found: np.ndarray[Any, Any] = rows["first_response"][rows["measured"] & ~np.isnan(rows["first_response"])]
    return found


def _until_answer(look: read.Look) -> float:
    return float(_answered_cases(look).sum()) / look.frame.unit


def _cases(look: read.Look) -> float:
    return len(_answered_cases(look))


@system("redial_after_abandonment", "lam mu servers theta redial_prob redial_rate")
def redials(asked: Asked) -> Translation:
    """Who has hung up calls again with some probability; exponential patience, so drawn anew or kept is the same."""
    inputs, unit = asked.inputs, asked.unit
    again = {"probability": percent(inputs["redial_prob"]), "after": exponential(unit / inputs["redial_rate"])}
    way = {**patient(unit, inputs["theta"]), "redial": again}
    scenario = one_team(inputs["lam"] / unit, exponential(unit / inputs["mu"]), inputs["servers"], way)
    answers = {
        **asked.queue(),
        "total_call_rate": read.ratio(read.contacts, read.time),
        "redial_rate": read.ratio(read.less(read.contacts, read.first_contacts), read.time),
        "P_abandon_per_attempt": read.ratio(read.abandoned, read.contacts),
        "P_lost_per_customer": read.ratio(_given_up, _all_cases),
        "E_wait_per_attempt": read.ratio(read.waited, read.offered),
        "P_busy": read.ratio(_first_delayed, read.first_contacts),
    }
    memory = 1 / inputs["mu"] + 1 / inputs["theta"] + 1 / inputs["redial_rate"]
    return Translation([steady(scenario, unit, inputs["lam"], memory / (1 - 0.9 * inputs["redial_prob"]), answers)])


def _given_up(look: read.Look) -> float:
    rows = look.record.cases
    return float((rows["measured"] & (rows["status"] == read.CaseStatus.GIVEN_UP)).sum())


def _all_cases(look: read.Look) -> float:
    return float(look.record.cases["measured"].sum())


def _first_delayed(look: read.Look) -> float:
    first = look.measured["contact"] == 0
    return float((first & ((look.wait > 0) | look.abandoned)).sum())


@system("erlang_r_reentrant", "lam mu servers return_prob content_rate")
def erlang_r(asked: Asked) -> Translation:
    """An answer is wrong with the probability of a return, and then everybody returns."""
    inputs, unit = asked.inputs, asked.unit
    scenario = _re_entrant(asked, inputs["lam"] / unit, inputs["servers"])
    visits = 1 / (1 - inputs["return_prob"])
    answers = {
        **asked.queue(),
        "total_rate": read.ratio(read.contacts, read.time),
        "E_wait_per_visit": read.ratio(read.waited, read.offered),
        "L_needy": read.QUEUE["L_system"],
        "L_content": read.ratio(read.away_time, read.time),
        "visits_per_customer": read.ratio(read.contacts, read.first_contacts),
        "E_total_time_in_needy": read.ratio(read.stayed, read.first_contacts),
    }
    queue = relaxation(inputs["lam"] * visits, 1 / inputs["mu"], inputs["servers"])
    memory = queue + visits * (1 / inputs["mu"] + 1 / inputs["content_rate"])
    return Translation([steady(scenario, unit, inputs["lam"] * visits, memory, answers)])


def _re_entrant(asked: Asked, rate: float, agents: int) -> Section:
    inputs, unit = asked.inputs, asked.unit
    scenario = one_team(rate, exponential(unit / inputs["mu"]), agents)
    scenario["teams"]["team"]["accuracy"] = percent(1 - inputs["return_prob"])
    scenario["topics"][kind(0)]["repeat"] = {"probability": "100 %", "after": exponential(unit / inputs["content_rate"])}
    return scenario


@system("tandem_escalation", "lam escalation_prob L1 L2 L3 L4")
def tandem(asked: Asked) -> Translation:
    """Tiers whose reach leaves the escalated share to the next one."""
    inputs, unit = asked.inputs, asked.unit
    levels = [name for name in ("L1", "L2", "L3", "L4") if name in inputs]
    passing = inputs["escalation_prob"]
    passing = passing if isinstance(passing, list) else [passing] * (len(levels) - 1)
    reaching = np.cumprod([1.0, *passing])
    teams = {
        name: team(inputs[name]["servers"], {0: skill(0, exponential(unit / inputs[name]["mu"]))}, tier=name) for name in levels
    }
    scenario = center([inputs["lam"] / unit], teams, escalation={"path": levels})
    reach = {name: percent(1 - beyond) for name, beyond in zip(levels, reaching[1:], strict=False)}
    scenario["topics"][kind(0)]["reach"] = reach
    answers = _by_level(asked, levels)
    answers["E_sojourn_mean"] = read.QUEUE["E_sojourn"]
    memory = sum(
        relaxation(inputs["lam"] * beyond, 1 / inputs[name]["mu"], inputs[name]["servers"])
        for name, beyond in zip(levels, reaching, strict=True)
    )
    return Translation([steady(scenario, unit, inputs["lam"], memory, answers)])


def _by_level(asked: Asked, levels: Names) -> dict[str, Statistic]:
    answers = {}
    for name in asked.names:
        level, _, what = name.partition("_")
        statistic = read.queue_statistic(what)
        if level in levels and statistic is not None:
            of = {"team": levels.index(level)} if what == "utilization" else {"tier": levels.index(level)}
            answers[name] = statistic.of(**of)
    return answers


# ------------------------------------------------------------------------------------ demand that changes


@dataclass(frozen=True)
class Cycle:
    """A rate that repeats every day of the scenario: the day is the wave's period, whatever its unit."""

    wave: staffing.Wave
    unit: float

    @classmethod
    def of(cls, words: str) -> Cycle:
        """The cycle of a rate in words."""
        wave = wave_of(words)
        return cls(wave, DAY * wave.frequency / (2 * math.pi))

    @property
    def profile(self) -> Section:
        """Mean rates of the day's intervals of 5 minutes."""
        edges = np.arange(289) * 300.0 / self.unit
        weights = [self.wave.integral(low, high) for low, high in zip(edges[:-1], edges[1:], strict=True)]
        return {"shape": {"interval": "5 min", "weights": {"daily": weights}}}

    @property
    def per_week(self) -> float:
        """Expected cases in a week."""
        return self.wave.mean * WEEK / self.unit

    def days(self, skipped: int, contacts_per_case: float = 1.0) -> int:
        """How many days a replication has, those skipped at its start included."""
        per_day = self.per_week / 7 * contacts_per_case
        return skipped + int(min(max(3 * CONTACTS_OF_DAYS / per_day, 5), 500))

    def instants(self, time: float, skipped: int, days: int) -> np.ndarray[Any, Any]:
        """The moments (s) of the phase of `time` in all days but those skipped."""
        phase = round(time * self.unit) % DAY  # the cases round their times: a whole second is meant
        return np.arange(skipped, days) * DAY + phase


def _cycling(scenario: Section, cycle: Cycle, days: int, answers: dict[str, Statistic]) -> Study:
    made = shaped(scenario, cycle.profile, cycle.per_week)
    horizon = days * DAY + HOUR
    return Study({**made, "horizon": seconds(horizon)}, Frame(cycle.unit, 0.0, horizon), answers)


def _enough(load: float) -> int:
    """Agents whom a Poisson number with this mean never exceeds."""
    return math.ceil(load + 8 * math.sqrt(load) + 10)


@system("mt_m_inf", "rate mu t")
def infinite_servers(asked: Asked) -> Translation:
    """More agents than are ever needed; read at the same phase of many days."""
    inputs, cycle = asked.inputs, Cycle.of(asked.inputs["rate"])
    load = staffing.wave_load(cycle.wave, inputs["mu"])
    skipped = math.ceil(14 * cycle.unit / inputs["mu"] / DAY)
    days = cycle.days(skipped)
    numbers = [read.inside_at(cycle.instants(time, skipped, days)) for time in inputs["t"]]
    answers = {f"mean_busy[{index}]": read.mean_number(number) for index, number in enumerate(numbers)}
    answers["variance_equals_mean"] = read.dispersion_of(numbers)
    scenario = one_team(0.0, exponential(cycle.unit / inputs["mu"]), _enough(load.mean + load.amplitude))
    return Translation([_cycling(scenario, cycle, days, answers)])


@system("mt_m_st_m_isa", "rate mu theta alpha_targets t_mod_2pi")
def staffed_to_target(asked: Asked) -> Translation:
    """Headcounts per 5 minutes for each target of delay; read is how often all the planned agents are taken."""
    inputs = asked.inputs
    if inputs["theta"] != inputs["mu"]:
        raise NotExpressible("the staffing rule is exact only where patience and service have the same rate")
    parts = [_staffed(asked, Cycle.of(inputs["rate"]), row, alpha) for row, alpha in enumerate(inputs["alpha_targets"])]
    facts = {name: value for _, found in parts for name, value in found.items()}
    return Translation([study for study, _ in parts], facts)


def _staffed(asked: Asked, cycle: Cycle, row: int, alpha: float) -> tuple[Study, dict[str, float]]:
    inputs = asked.inputs
    load = staffing.wave_load(cycle.wave, inputs["mu"])
    loads = [load.at(slot * 300.0 / cycle.unit) for slot in range(288)]
    plan = staffing.servers_over_time(loads, inputs["mu"], alpha, inputs["theta"])
    skipped = math.ceil(14 * cycle.unit / inputs["mu"] / DAY)
    days = cycle.days(skipped)
    facts, answers = {}, {}
    for column, time in enumerate(inputs["t_mod_2pi"]):
        instants = cycle.instants(time, skipped, days)
        agents = plan[round(float(instants[0]) % DAY // 300)]
        facts[f"staff[{row}][{column}]"] = float(agents)
        answers[f"P_wait[{row}][{column}]"] = read.share_of_at_least(read.inside_at(instants), agents)
    scenario = one_team(0.0, exponential(cycle.unit / inputs["mu"]), 1, patient(cycle.unit, inputs["theta"]))
    scenario["teams"]["team"]["headcount"] = {"interval": "5 min", "weekly": {"daily": list(plan)}}
    return _cycling(scenario, cycle, days, answers), facts


@system("erlang_r_time_varying_offered_load", "rate mu return_prob content_rate t")
def erlang_r_waves(asked: Asked) -> Translation:
    """Customers who return, more agents than are ever needed."""
    inputs, cycle = asked.inputs, Cycle.of(asked.inputs["rate"])
    needy, _ = staffing.erlang_r_wave_loads(cycle.wave, inputs["mu"], inputs["return_prob"], inputs["content_rate"])
    visits = 1 / (1 - inputs["return_prob"])
    skipped = math.ceil(10 * visits * cycle.unit * (1 / inputs["mu"] + 1 / inputs["content_rate"]) / DAY)
    days = cycle.days(skipped, visits)
    answers = {}
    for index, time in enumerate(inputs["t"]):
        instants = cycle.instants(time, skipped, days)
        answers[f"needy_mean[{index}]"] = read.mean_number(read.inside_at(instants))
        answers[f"content_mean[{index}]"] = read.mean_number(read.away_at(instants))
    scaled = Asked(inputs, asked.names, cycle.unit)
    scenario = _re_entrant(scaled, 0.0, _enough(needy.mean + needy.amplitude))
    return Translation([_cycling(scenario, cycle, days, answers)])


@system("transient_mmc", "lam mu servers t theta")
def transient(asked: Asked) -> Translation:
    """From empty: each day brings arrivals for its first hour, which is the time looked at, and drains for the rest."""
    _from_empty(asked.inputs)
    return Translation([_transient(asked, index, time) for index, time in enumerate(asked.inputs["t"])])


def _from_empty(inputs: Inputs) -> None:
    if "empty" not in str(inputs.get("start", "empty")):
        raise NotExpressible("a run always starts empty")


def _transient(asked: Asked, index: int, time: float) -> Study:
    inputs = asked.inputs
    span = HOUR if _drains(inputs, time, HOUR) else 300.0
    if not _drains(inputs, time, span):
        raise NotExpressible("the queue would not be empty again at the end of the day")
    unit, interval = span / time, "60 min" if span == HOUR else "5 min"
    way = patient(unit, inputs.get("theta"))
    scenario = one_team(0.0, exponential(unit / inputs["mu"]), inputs["servers"], way)
    contacts = inputs["lam"] * time
    made = shaped(scenario, only_hours([1.0], interval=interval), 7 * contacts)
    study = repeated(made, unit, DAY, span, contacts, {})
    # the last moment before arrivals stop: within a second of it nothing changes that could be seen
    instants = np.arange(round(study.frame.windows)) * DAY + span * (1 - 1e-9)
    waiting, inside = read.waiting_at(instants), read.inside_at(instants)
    answers = {
        f"E_queue[{index}]": read.mean_number(waiting),
        f"P_wait[{index}]": read.share_of_at_least(inside, inputs["servers"]),
        f"mean_busy[{index}]": read.mean_number(read.busy_at(instants)),
    }
    return Study(study.scenario, study.frame, answers)


def _drains(inputs: Inputs, time: float, span: float) -> bool:
    """Whether the rest of a day is long enough for all to leave: the overload, then twenty services in a row."""
    mean, servers = 1 / inputs["mu"], inputs["servers"]
    left = max(0.0, inputs["lam"] * time - servers * time / mean) + 6 * math.sqrt(inputs["lam"] * time)
    return (DAY - span) * time / span > left * mean / servers + (20 + math.log(servers)) * mean


# ------------------------------------------------------------------------------------ days that end


@system("terminating_mmc terminating_mmc_abandon terminating_mmc_blocked", "lam mu servers theta day T queue_capacity capacity")
def terminating(asked: Asked) -> Translation:
    """A day from empty, and a night in which the queue drains; the day is scaled to eight hours."""
    inputs = asked.inputs
    _from_empty(inputs)
    unit = 8 * HOUR / inputs["day"]
    way = {**patient(unit, inputs.get("theta")), **_trunks(inputs)}
    scenario = one_team(0.0, exponential(unit / inputs["mu"]), inputs["servers"], way)
    contacts = inputs["lam"] * inputs["day"]
    made = shaped(scenario, only_hours([1.0] * 8), 7 * contacts)
    answers = {**asked.queue(threshold=inputs.get("T")), **_per_window(inputs.get("T"))}
    answers["occupancy_in_day"] = read.ratio(read.service_time, read.time).times(1 / inputs["servers"])
    return Translation([repeated(made, unit, DAY, 8 * HOUR, contacts, _wanted(answers, asked.names))])


def _trunks(inputs: Inputs) -> Section:
    if "capacity" in inputs:
        return {"trunks": inputs["capacity"]}
    return {"trunks": inputs["servers"] + inputs["queue_capacity"]} if "queue_capacity" in inputs else {}


def _wanted(answers: dict[str, Statistic], names: Names) -> dict[str, Statistic]:
    return {name: answer for name, answer in answers.items() if name in names}


def _per_window(threshold: float | None) -> dict[str, Statistic]:
    """Counts per day (or week)."""
    amounts: dict[str, read.Amount] = {
        "arrived": read.contacts,
        "arrivals": read.contacts,
        "served": read.served,
        "abandoned": read.abandoned,
        "blocked": read.blocked,
    }
    if threshold is not None:
        amounts["contacts_in_target"] = read.served_within(threshold)
    return {name: read.ratio(amount, read.windows) for name, amount in amounts.items()}


@system(
    "telethon_voicemail", "days hours lam_per_h agents trunks service patience max_wait_then_message T"
)
def telethon(asked: Asked) -> Translation:
    """Weeks of short days; the door sends home who waits at closing; who waits too long leaves a message."""
    inputs, unit = asked.inputs, asked.unit
    first, last = (int(hour) for hour in inputs["hours"].split("-"))
    days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"][: inputs["days"]]
    limit = inputs["max_wait_then_message"]
    way = {
        "open": {", ".join(days): f"{first:02}:00-{last:02}:00"},
        "at_close": "disconnect",
        "trunks": inputs["trunks"],
        "patience": {**patience_of(inputs["patience"], unit), "at_most": seconds(limit * unit)},
    }
    scenario = one_team(0.0, law_of(inputs["service"], unit), inputs["agents"], way)
    open_hours = (last - first) * len(days)
    contacts = inputs["lam_per_h"] * open_hours
    weights = [float(hour >= first) for hour in range(last)]
    made = shaped(scenario, only_hours(weights, ", ".join(days)), contacts)
    answers = {**asked.queue(threshold=inputs["T"]), **_per_window(inputs["T"])}
    answers["messages"] = read.ratio(_left_message(limit), read.windows)
    answers["abandoned"] = read.ratio(read.less(read.abandoned, _left_message(limit)), read.windows)
    answers["disconnected"] = read.ratio(_disconnected, read.windows)
    scheduled = inputs["agents"] * open_hours * HOUR / unit
    answers["talk_time_over_scheduled_time"] = read.ratio(_served_time, read.windows).times(1 / scheduled)
    return Translation([repeated(made, unit, WEEK, WEEK, contacts, _wanted(answers, asked.names))])


def _left_message(limit: float) -> read.Amount:
    """Those who hung up because they had waited for so long."""
    return lambda look: (look.abandoned & (look.wait > limit - 1e-6)).sum()


def _disconnected(look: read.Look) -> float:
    return float((look.measured["outcome"] == read.Outcome.DISCONNECTED).sum())


@system(
    "doubly_stochastic_day",
    "hourly_agents hourly_base_rate busyness balk_prob_if_wait patience_s service_s T day_h shift_drop after_close",
)
def busy_day(asked: Asked) -> Translation:
    """A day of hours with their own rates and agents and one random busyness; the last agents stay into the night."""
    inputs, unit = asked.inputs, asked.unit
    rates, agents = inputs["hourly_base_rate"], inputs["hourly_agents"]
    factor, cv = gamma_factor(inputs["busyness"])
    patience = balking_or(inputs["balk_prob_if_wait"], law_of(inputs["patience_s"], unit))
    scenario = one_team(0.0, law_of(inputs["service_s"], unit), 1, {"patience": patience})
    plan = [*agents, *[agents[-1]] * (24 - len(agents))]
    scenario["teams"]["team"]["headcount"] = {"interval": "60 min", "weekly": {"daily": plan}}
    expected = sum(rates)
    made = shaped(scenario, only_hours(rates), 7 * expected * factor, busyness={"cv": percent(cv)})
    answers = {}
    for name in asked.names:
        found = _per_expected(name, inputs["T"], expected)
        if found is not None:
            answers[name] = found
    return Translation([repeated(made, unit, DAY, DAY, expected, answers)])


def _per_expected(name: str, threshold: float, expected: float) -> Statistic | None:
    """Sums per day over the expected number of arrivals, as the case prints them."""
    waits_under = read.less(read.offered, read.waited_longer(threshold))
    amounts = {"E_wait_s": read.waited, "P_wait_lt_": waits_under, "lost": read.abandoned}
    for start, amount in amounts.items():
        if name.startswith(start):
            return read.ratio(amount, read.windows).times(1 / expected)
    return read.ratio(read.contacts, read.windows) if name == "arrivals" else None


# ------------------------------------------------------------------------------------ arrivals alone


@system("arrival_counts", "lam_per_interval busyness")
def busy_counts(asked: Asked) -> Translation:
    """A day is the interval; every call meets a busy signal, which costs nothing."""
    factor, cv = gamma_factor(asked.inputs["busyness"])
    rate = asked.inputs["lam_per_interval"] * factor
    scenario = _nobody_gets_in(rate / DAY)
    scenario["demand"]["busyness"] = {"cv": percent(cv)}
    study = repeated(scenario, DAY, DAY, DAY, rate, {})
    return Translation([_counted(study, np.arange(round(study.frame.windows)) * DAY, DAY, asked.names)])


@system("nhpp_counts", "rate window")
def wave_counts(asked: Asked) -> Translation:
    """The day is the wave's period; the window is repeated every so many days as it is long."""
    cycle, (low, high) = Cycle.of(asked.inputs["rate"]), asked.inputs["window"]
    start, length = low * cycle.unit, (high - low) * cycle.unit
    every = math.ceil((start + length) / DAY - 1e-6)
    days = every * math.ceil(max(3 * CONTACTS_OF_DAYS / (cycle.per_week / 7), 5.0) / every)
    made = shaped(_nobody_gets_in(0.0), cycle.profile, cycle.per_week)
    study = Study({**made, "horizon": seconds(days * DAY)}, Frame(DAY, 0.0, days * DAY, DAY, DAY), {})
    return Translation([_counted(study, np.arange(0, days, every) * DAY + start, length, asked.names)])


def _nobody_gets_in(rate: float) -> Section:
    return one_team(rate, exponential(1.0), 1, {"trunks": 0})


def _counted(study: Study, starts: np.ndarray[Any, Any], length: float, names: Names) -> Study:
    answers = read.count_statistics(read.counts_within(starts, length))
    return Study(study.scenario, study.frame, _wanted(answers, names))
