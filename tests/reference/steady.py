"""Systems in the steady state: one queue, several kinds of customers, customers who return."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from simulation.record.recorder import CaseStatus, Outcome
from simulation.theory import staffing
from tests.reference import readings as read
from tests.reference.laws import (
    Law,
    NotExpressible,
    built,
    exponential,
    law_of,
    numbers_in,
    patience_of,
    percent,
)
from tests.reference.study import (
    Answers,
    Array,
    Asked,
    Names,
    Section,
    Study,
    Translation,
    center,
    kind,
    one_team,
    patient,
    relaxation,
    skill,
    steady,
    system,
    team,
)

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
    return _queue(asked.with_inputs(lam=asked.inputs["offered_load"] * asked.inputs["mu"]))


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
    study = _queue(asked).studies[0]
    asked_of = {
        "fifo": asked.wanted({"var_wait_fcfs": read.wait_variance()}),
        "lifo": asked.wanted({"var_wait_lcfs": read.wait_variance(), "E_wait": read.QUEUE["E_wait"]}),
    }
    return Translation(
        [
            Study({**study.scenario, "routing": {"discipline": order}}, study.frame, answers)
            for order, answers in asked_of.items()
            if answers
        ]
    )


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
    answers = {**asked.queue(), **asked.by("class", "channel")}
    return _kinds(
        asked,
        inputs["lam"],
        thetas,
        {"team": team(inputs["servers"], skills)},
        [1 / mu for mu in rates],
        answers,
    )


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
        kind(i): {"channels": kind(i), "teams": {f"group{g + 1}": "0 s" for g in inputs["type_to_groups"][i]}}
        for i in kinds
    }
    means = [max(1 / row[i] for row in inputs["mu_group_type"] if row[i]) for i in kinds]
    answers = {**asked.queue(), **asked.by("type", "channel"), **asked.by("group", "team")}
    answers |= _group_time(asked)
    return _kinds(asked, inputs["lam"], inputs["theta"], teams, means, answers, routing={"routes": routes})


def _group(asked: Asked, number: int) -> Section:
    rates = asked.inputs["mu_group_type"][number]
    order = asked.inputs["group_to_types_priority"][number]
    taken = {i: skill(i, exponential(asked.unit / rates[i]), place) for place, i in enumerate(order, start=1)}
    return team(asked.inputs["servers_by_group"][number], taken)


def _group_time(asked: Asked) -> Answers:
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
    answers: Answers,
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
    """A share of those who would have to wait, behind enough others, asks to be called when nobody waits on the line."""
    inputs, unit = asked.inputs, asked.unit
    offer = {
        "queue": inputs["offer_when_queue_ge"],
        "accepts": percent(inputs["accept_prob"]),
        "place": "behind",
        "reserve": inputs["idle_reserve"],
    }
    way = {**patient(unit, inputs["theta"]), "callback": offer}
    scenario = one_team(inputs["lam"] / unit, exponential(unit / inputs["mu"]), inputs["servers"], way)
    answers = {
        "utilization": read.QUEUE["utilization"],
        "P_abandon": read.ratio(read.abandoned, read.offered).of(calls=False),
        "callback_share": read.ratio(read.left_number, read.offered).of(calls=False),
        "P_all_busy": read.ratio(read.delayed, read.offered).of(calls=False),
        "E_wait_inbound": read.ratio(read.waited, read.less(read.offered, read.left_number)).of(calls=False),
        "E_callback_delay": read.ratio(read.waited, read.offered).of(calls=True),
        "E_callback_backlog": read.QUEUE["L_queue"].of(calls=True),
    }
    # beyond the agents' capacity it is the impatient who keep the queue finite
    load = min(inputs["lam"], 0.97 * inputs["mu"] * inputs["servers"])
    memory = 2 * relaxation(load, 1 / inputs["mu"], inputs["servers"])
    return Translation([steady(scenario, unit, inputs["lam"], memory, answers)])


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
        [inputs["lam"] / unit],
        {"team": team(inputs["agents"], {0: skill(0)}, concurrency=desk)},
        [way],
        exponential(unit),
    )
    answers = {
        **asked.queue(),
        "E_chat_duration": read.ratio(served_time, read.served),
        "agent_busy_share": read.QUEUE["utilization"],
        "mean_concurrency_when_busy": read.ratio(read.held, read.handling),
        "chats_in_service": read.ratio(read.service_time, read.time),
    }
    most = inputs["agents"] * throughput[-1]
    memory = 2 * relaxation(inputs["lam"], inputs["agents"] / most, inputs["agents"], theta=inputs.get("theta", 0.0))
    return Translation([steady(scenario, unit, inputs["lam"], memory + 2 * inputs["max_concurrent"], answers)])


def served_time(look: read.Look) -> float:
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
    return float((look.first & (look.contacts["outcome"] == Outcome.BLOCKED)).sum())


def _answered_cases(look: read.Look) -> Array:
    rows = look.record.cases
    found: Array = rows["first_response"][rows["measured"] & ~np.isnan(rows["first_response"])]
    return found


def _until_answer(look: read.Look) -> float:
    return float(_answered_cases(look).sum()) / look.frame.unit


def _cases(look: read.Look) -> float:
    return len(_answered_cases(look))


@system("redial_after_abandonment", "lam mu servers theta redial_prob redial_rate")
def redials(asked: Asked) -> Translation:
    """Who has hung up calls again with some probability; exponential patience, so drawn anew or kept is the same."""
    inputs, unit = asked.inputs, asked.unit
    again = {
        "probability": percent(inputs["redial_prob"]),
        "after": exponential(unit / inputs["redial_rate"]),
    }
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
    return float((rows["measured"] & (rows["status"] == CaseStatus.GIVEN_UP)).sum())


def _all_cases(look: read.Look) -> float:
    return float(look.record.cases["measured"].sum())


def _first_delayed(look: read.Look) -> float:
    first = look.measured["contact"] == 0
    return float((first & ((look.wait > 0) | look.abandoned)).sum())


@system("erlang_r_reentrant", "lam mu servers return_prob content_rate")
def erlang_r(asked: Asked) -> Translation:
    """An answer is wrong with the probability of a return, and then everybody returns."""
    inputs, unit = asked.inputs, asked.unit
    scenario = re_entrant(asked, inputs["lam"] / unit, inputs["servers"])
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


def re_entrant(asked: Asked, rate: float, agents: int) -> Section:
    inputs, unit = asked.inputs, asked.unit
    scenario = one_team(rate, exponential(unit / inputs["mu"]), agents)
    scenario["teams"]["team"]["accuracy"] = percent(1 - inputs["return_prob"])
    scenario["topics"][kind(0)]["repeat"] = {
        "probability": "100 %",
        "after": exponential(unit / inputs["content_rate"]),
    }
    return scenario


@system("tandem_escalation", "lam escalation_prob L1 L2 L3 L4")
def tandem(asked: Asked) -> Translation:
    """Tiers whose reach leaves the escalated share to the next one."""
    inputs, unit = asked.inputs, asked.unit
    levels: Names = [name for name in sorted(inputs) if re.fullmatch(r"L\d", name)]
    passing = inputs["escalation_prob"]
    passing = passing if isinstance(passing, list) else [passing] * (len(levels) - 1)
    reaching = np.cumprod([1.0, *passing])
    teams = {
        name: team(inputs[name]["servers"], {0: skill(0, exponential(unit / inputs[name]["mu"]))}, tier=name)
        for name in levels
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


def _by_level(asked: Asked, levels: Names) -> Answers:
    answers = {}
    for name in asked.names:
        level, _, what = name.partition("_")
        statistic = read.queue_statistic(what)
        if level in levels and statistic is not None:
            of = {"team": levels.index(level)} if what == "utilization" else {"tier": levels.index(level)}
            answers[name] = statistic.of(**of)
    return answers
