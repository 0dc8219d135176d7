"""The formulas against published and independently computed numbers, case by case.

Every ``system`` of the reference file that theory can answer has one function here that turns a case's inputs
into answers under the file's own names. A name that ends in ``*`` answers a family: the number in its place
is the argument.
"""

import json
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import special, stats

from simulation.theory import erlang, queues, staffing

CASES_FILE = Path(__file__).parents[3] / "shared" / "data" / "reference_cases.json"
RELATIVE, ABSOLUTE = 1e-4, 1e-6
Inputs = dict[str, Any]
Answers = dict[str, Any]


def load_cases() -> list[dict[str, Any]]:
    return json.loads(CASES_FILE.read_text(encoding="utf-8"))["cases"] if CASES_FILE.exists() else []


# ------------------------------------------------------------------------------------- laws in words


def numbers_in(words: str) -> list[float]:
    return [float(number) for number in re.findall(r"(?<![\w.])\d+(?:\.\d+)?", words)]


def named_number(words: str, name: str) -> float:
    found = re.search(rf"{name}\s*=?\s*(\d+(?:\.\d+)?)", words)
    if not found:
        raise LookupError(f"no {name!r} in {words!r}")
    return float(found[1])


def kind_of(words: str) -> str:
    found = re.match(r"[a-z]+", words.lower())
    return found[0] if found else ""


def mean_and_scv(words: str) -> tuple[float, float]:
    """Mean and squared coefficient of variation of a law such as "erlang-4 mean 1"."""
    kind = kind_of(words)
    if kind == "deterministic":
        return numbers_in(words)[0], 0.0
    if kind in ("exp", "exponential"):
        return numbers_in(words)[0], 1.0
    if kind == "uniform":
        low, high = numbers_in(words)
        return (low + high) / 2, (high - low) ** 2 / 3 / (high + low) ** 2
    if kind == "erlang":
        return named_number(words, "mean"), 1 / named_number(words, "erlang-")
    if "scv" in words:
        return named_number(words, "mean"), named_number(words, "scv")
    return named_number(words, "mean"), named_number(words, "cv") ** 2


def phases_of(words: str) -> queues.Phases:
    """The exponential phases of a law such as "hyperexp balanced means mean 1 scv 2"."""
    mean, scv = mean_and_scv(words)
    if kind_of(words) in ("erlang", "exp", "exponential"):
        return queues.erlang_phases(round(1 / scv), mean)
    if kind_of(words) == "hyperexp":
        return queues.hyperexponential_phases(mean, scv)
    raise LookupError(f"no exact answer for service {words!r}")


def patience_of(words: str) -> tuple[erlang.Survival, list[float]]:
    """Survival function and its kinks for a patience such as "balk 0.1, else weibull shape 0.7 mean 1"."""
    share = r"(0?\.\d+)"
    balking = re.search(rf"(?:balk\w*|atom)\s*[=:]?\s*{share}|{share}\s*(?:balk\w*|atom)", words)
    law = re.search(r"(?:exp|erlang|gamma|weibull|lognormal|deterministic|hyperexp|uniform).*", words)
    if law is None or ("balk" in words and balking is None):
        raise LookupError(f"no patience {words!r}")
    survival, kinks = survival_of(law[0])
    return (erlang.with_balking(float(balking[1] or balking[2]), survival) if balking else survival), kinks


def survival_of(words: str) -> tuple[erlang.Survival, list[float]]:
    kind = kind_of(words)
    if kind == "deterministic":
        return erlang.fixed_patience(numbers_in(words)[0]), numbers_in(words)[:1]
    if kind == "uniform":
        low, high = numbers_in(words)
        return (lambda time: np.clip((high - time) / (high - low), 0, 1)), [low, high]
    if kind == "weibull":
        shape = named_number(words, "shape")
        scale = named_number(words, "mean") / math.gamma(1 + 1 / shape)
        return (lambda time: np.asarray(np.exp(-((time / scale) ** shape)))), []
    mean, scv = mean_and_scv(words)
    if kind == "lognormal":
        sigma = math.sqrt(math.log(1 + scv))
        median = mean * math.exp(-(sigma**2) / 2)
        return (lambda time: np.asarray(stats.lognorm.sf(time, sigma, scale=median))), []
    if kind == "hyperexp":
        phases = queues.hyperexponential_phases(mean, scv)
        starts, rates = np.array(phases.start), np.array(phases.rates)
        return (lambda time: np.asarray(np.exp(-np.multiply.outer(time, rates)) @ starts)), []
    return (lambda time: np.asarray(special.gammaincc(1 / scv, time / (scv * mean)))), []


def wave_of(words: str) -> staffing.Wave:
    """A rate such as "30+6*sin(2*pi*t/24)"."""
    found = re.fullmatch(r"([\d.]+)([+-][\d.]+)\*(sin|cos)\(([^+-]*t[^+-]*)([+-].*)?\)", words.replace(" ", ""))
    if not found:
        raise LookupError(f"no rate {words!r}")
    phase = product(found[5] or "0") + (math.pi / 2 if found[3] == "cos" else 0.0)
    return staffing.Wave(float(found[1]), float(found[2]), product(found[4]), phase)


def product(words: str) -> float:
    """The value of "2*pi*t/24" at t = 1."""
    value = 1.0
    for operator, word in re.findall(r"([*/]?)([^*/]+)", words):
        factor = {"pi": math.pi, "t": 1.0}.get(word) or float(word)
        value = value / factor if operator == "/" else value * factor
    return value


# ------------------------------------------------------------------------------------- answers by system


def of_delay(delay: Any) -> Answers:
    return {
        "P_wait": delay.p_wait,
        "E_wait": delay.wait,
        "L_queue": delay.queue,
        "utilization": delay.utilization,
        "E_sojourn": delay.sojourn,
    }


def of_impatient(queue: erlang.ImpatientQueue, threshold: float | None) -> Answers:
    answers = {
        "P_wait": queue.p_wait,
        "P_wait_offered": queue.p_wait,
        "P_abandon": queue.p_abandon,
        "E_wait": queue.wait,
        "E_wait_served": queue.wait_served,
        "E_wait_abandoned": queue.wait_abandoned,
        "L_queue": queue.queue,
        "utilization": queue.utilization,
        "P_served_within_*": queue.served_within,
        "P_wait_gt_*": queue.wait_exceeds,
        "P_abandon_within_*": queue.abandoned_within,
    }
    if threshold is not None:
        answers["SL_served_over_(offered-ab_before_T)"] = queue.service_level(threshold)
        answers["SL_served_over_served"] = queue.service_level(threshold, "served")
        answers["SL_served_over_offered"] = queue.service_level(threshold, "offered")
    return answers


def erlang_b(i: Inputs) -> Answers:
    mean = mean_and_scv(i["service"])[0] if "service" in i else 1 / i["mu"]
    loss = erlang.erlang_b(i["lam"], 1 / mean, i["servers"])
    return {
        "P_block": loss.p_block,
        "carried_load": loss.carried_load,
        "E_busy": loss.carried_load,
        "utilization": loss.utilization,
    }


def erlang_c(i: Inputs) -> Answers:
    queue = erlang.erlang_c(i["lam"], i["mu"], i["servers"])
    return {
        **of_delay(queue),
        "E_wait_given_wait": queue.wait_if_waiting,
        "SL_*": queue.service_level,
        "wait_p*": lambda percent: queue.wait_quantile(percent / 100),
        "P_wait_gt_*": queue.wait_exceeds,
    }


def erlang_c_staffing(i: Inputs) -> Answers:
    percent, within = numbers_in(i["target"].replace("%", " "))
    goal, mu = staffing.Goal(service_level=percent / 100, within=within), 1 / i["AHT_s"]
    agents = [staffing.servers_needed(load * mu, mu, goal, i.get("theta", 0)) for load in i["offered_load"]]
    loads = zip(i["offered_load"], agents, strict=True)
    levels = [erlang.erlang_c(load * mu, mu, n).service_level(within) for load, n in loads]
    return {"min_agents": agents, "SL_at_min": levels}


def halfin_whitt(i: Inputs) -> Answers:
    answers = {"P_wait": erlang.erlang_c(i["offered_load"] * i["mu"], i["mu"], i["servers"]).p_wait}
    return {**answers, "HW_limit": erlang.halfin_whitt_p_wait(i["beta"])}


def mmck(i: Inputs) -> Answers:
    queue = erlang.mmck(i["lam"], i["mu"], i["servers"], i["capacity"], i.get("theta", 0.0))
    return {
        "P_block": queue.p_block,
        "P_wait_accepted": queue.p_wait_accepted,
        "P_abandon": queue.p_abandon,
        "L_queue": queue.queue,
        "E_wait_accepted": queue.wait_accepted,
        "utilization": queue.utilization,
        "L_system": queue.system,
    }


def erlang_a(i: Inputs) -> Answers:
    answers = of_impatient(erlang.erlang_a(i["lam"], i["mu"], i["servers"], i["theta"]), i.get("T"))
    if "beta" in i:
        answers["garnett_limit_P_wait"] = erlang.garnett_p_wait(i["beta"], i["theta"] / i["mu"])
    return answers


def mmn_plus_g(i: Inputs) -> Answers:
    survival, kinks = patience_of(i["patience"])
    return of_impatient(erlang.mmn_g(i["lam"], i["mu"], i["servers"], survival, kinks), i.get("T"))


def priority_nonpreemptive(i: Inputs) -> Answers:
    if isinstance(i["mu"], list) and len(set(i["mu"])) > 1:
        if i["servers"] != 1:
            raise LookupError("no formula for unequal rates with several servers")
        means = [1 / mu for mu in i["mu"]]
        p_wait = sum(lam * mean for lam, mean in zip(i["lam"], means, strict=True))
        return {
            "E_wait_by_class": queues.priority_waits_mg1(i["lam"], means, [1.0] * len(means)),
            "P_wait": p_wait,
        }
    mu = i["mu"][0] if isinstance(i["mu"], list) else i["mu"]
    waits = queues.priority_waits(i["lam"], mu, i["servers"])
    return {
        "E_wait_by_class": waits,
        "E_sojourn_by_class": [wait + 1 / mu for wait in waits],
        "P_wait": erlang.erlang_c(sum(i["lam"]), mu, i["servers"]).p_wait,
    }


def priority_preemptive(i: Inputs) -> Answers:
    sojourns = queues.preemptive_sojourns(i["lam"], i["mu"], i["servers"])
    return {"E_sojourn_by_class": sojourns, "E_wait_by_class": [time - 1 / i["mu"] for time in sojourns]}


def mg1(i: Inputs) -> Answers:
    return of_delay(queues.mg1(i["lam"], *mean_and_scv(i["service"])))


def mgc(i: Inputs) -> Answers:
    mean, scv = mean_and_scv(i["service"])
    if scv == 0:
        return of_delay(queues.mdc(i["lam"], mean, i["servers"]))
    queue = queues.mphn(i["lam"], phases_of(i["service"]), i["servers"], i.get("theta", 0.0))
    return {
        "P_wait": queue.p_wait,
        "P_abandon": queue.p_abandon,
        "E_wait": queue.wait,
        "L_queue": queue.queue,
        "utilization": queue.utilization,
    }


def skills(i: Inputs) -> Answers:
    center = queues.SkillCenter(
        tuple(i["lam"]),
        tuple(map(tuple, i["mu_group_type"])),
        tuple(i["theta"]),
        tuple(i["servers_by_group"]),
        tuple(map(tuple, i["type_to_groups"])),
        tuple(map(tuple, i["group_to_types_priority"])),
    )
    queue = queues.skill_queue(center)
    p_wait = sum(rate * share for rate, share in zip(i["lam"], queue.p_wait, strict=True)) / sum(i["lam"])
    return {
        "E_wait_by_type": queue.wait,
        "P_abandon_by_type": queue.p_abandon,
        "P_wait_by_type": queue.p_wait,
        "utilization_by_group": queue.utilization,
        "share_of_group_time_by_type": queue.group_time,
        "E_wait_by_class": queue.wait,
        "P_abandon_by_class": queue.p_abandon,
        "P_wait": p_wait,
        "utilization": queue.utilization[0],
    }


def v_model(i: Inputs) -> Answers:
    types = list(range(len(i["lam"])))
    one_group = {
        "mu_group_type": [i["mu"]],
        "servers_by_group": [i["servers"]],
        "type_to_groups": [[0]] * len(types),
        "group_to_types_priority": [types],
    }
    return skills({**i, **one_group})


def chat(i: Inputs) -> Answers:
    queue = queues.chat_queue(i["lam"], i["agents"], i["agent_total_completion_rate_by_load"], i["theta"])
    return {
        "P_wait": queue.p_wait,
        "E_wait": queue.wait,
        "P_abandon": queue.p_abandon,
        "E_chat_duration": queue.duration,
        "agent_busy_share": queue.busy_share,
        "mean_concurrency_when_busy": queue.concurrency_when_busy,
        "chats_in_service": queue.chats,
    }


def retrial(i: Inputs) -> Answers:
    queue = queues.retrial_queue(i["lam"], i["mu"], i["servers"], i["retrial_rate"])
    names = {"P_block": "p_block", "E_orbit": "orbit", "E_wait": "wait", "utilization": "utilization"}
    return {name: getattr(queue, attribute) for name, attribute in names.items()}


def redial(i: Inputs) -> Answers:
    queue = queues.redial_queue(i["lam"], i["mu"], i["servers"], i["theta"], i["redial_prob"], i["redial_rate"])
    return {
        "total_call_rate": queue.call_rate,
        "redial_rate": queue.redial_rate,
        "P_abandon_per_attempt": queue.p_abandon,
        "P_lost_per_customer": queue.p_lost,
        "E_wait_per_attempt": queue.wait,
        "P_busy": queue.p_wait,
        "utilization": queue.utilization,
    }


def erlang_r(i: Inputs) -> Answers:
    queue = queues.erlang_r(i["lam"], i["mu"], i["servers"], i["return_prob"], i["content_rate"])
    return {
        "total_rate": queue.visit.rate,
        "P_wait": queue.visit.p_wait,
        "E_wait_per_visit": queue.visit.wait,
        "SL_*": queue.visit.service_level,
        "L_needy": queue.needy,
        "L_content": queue.content,
        "visits_per_customer": queue.visits,
        "E_total_time_in_needy": queue.total_time_needy,
        "utilization": queue.visit.utilization,
    }


def tandem(i: Inputs) -> Answers:
    tiers = [i[name] for name in sorted(i) if re.fullmatch(r"L\d+", name)]
    passing = i["escalation_prob"] if isinstance(i["escalation_prob"], list) else [i["escalation_prob"]]
    passing = passing * (len(tiers) - 1) if len(passing) == 1 else passing
    answer = queues.escalation_tandem(
        i["lam"], passing, [tier["mu"] for tier in tiers], [tier["servers"] for tier in tiers]
    )
    answers: Answers = {"E_sojourn_mean": answer.sojourn}
    for number, tier in enumerate(answer.tiers, start=1):
        answers |= {f"L{number}_{name}": value for name, value in of_delay(tier).items()}
    return answers


def callback(i: Inputs) -> Answers:
    queue = queues.callback_queue(
        i["lam"],
        i["mu"],
        i["servers"],
        i["theta"],
        i["accept_prob"],
        i["offer_when_queue_ge"],
        i["idle_reserve"],
    )
    return {
        "callback_share": queue.callback_share,
        "P_abandon": queue.p_abandon,
        "E_wait_inbound": queue.wait_inbound,
        "E_callback_delay": queue.callback_delay,
        "utilization": queue.utilization,
        "P_all_busy": queue.p_wait,
        "E_callback_backlog": queue.callback_backlog,
    }


def mt_m_inf(i: Inputs) -> Answers:
    load = staffing.wave_load(wave_of(i["rate"]), i["mu"])
    return {"mean_busy": [load.at(time) for time in i["t"]]}


def mt_m_st_m(i: Inputs) -> Answers:
    load = staffing.wave_load(wave_of(i["rate"]), i["mu"])
    loads = [load.at(time) for time in i["t_mod_2pi"]]
    staff = [staffing.servers_over_time(loads, i["mu"], target, i["theta"]) for target in i["alpha_targets"]]
    p_wait = [
        [erlang.erlang_a(a * i["mu"], i["mu"], n, i["theta"]).p_wait for a, n in zip(loads, row, strict=True)]
        for row in staff
    ]
    return {"staff": staff, "P_wait": p_wait}


def erlang_r_waves(i: Inputs) -> Answers:
    needy, content = staffing.erlang_r_wave_loads(wave_of(i["rate"]), i["mu"], i["return_prob"], i["content_rate"])
    return {"needy_mean": [needy.at(t) for t in i["t"]], "content_mean": [content.at(t) for t in i["t"]]}


def transient(i: Inputs) -> Answers:
    start = 0 if i.get("start", "empty") == "empty" else int(i["start"])
    moments = queues.transient_mmn(i["lam"], i["mu"], i["servers"], i["t"], i.get("theta", 0.0), start)
    return {
        "E_queue": [moment.queue for moment in moments],
        "P_wait": [moment.p_wait for moment in moments],
        "mean_busy": [moment.busy for moment in moments],
    }


def terminating(i: Inputs) -> Answers:
    day = queues.mmn_day(i["lam"], i["mu"], i["servers"], i["day"], i.get("theta", 0.0))
    return {
        "abandoned": day.abandoned,
        "contacts_in_target": day.served_within(i["T"]),
        "SL_good_over_served": day.service_level(i["T"], "served"),
        "SL_good_over_served_plus_late_abandons": day.service_level(i["T"], "served_plus_late_abandons"),
        "E_wait": day.wait,
        "E_wait_served": day.wait_served,
        "occupancy_in_day": day.occupancy,
    }


def discipline(i: Inputs) -> Answers:
    queue = erlang.erlang_c(i["lam"], i["mu"], i["servers"])
    return {
        "E_wait": queue.wait,
        "var_wait_fcfs": queue.wait_variance("fcfs"),
        "var_wait_lcfs": queue.wait_variance("lcfs"),
        "var_wait_siro": queue.wait_variance("random"),
    }


def busy_counts(i: Inputs) -> Answers:
    shape, rate = numbers_in(i["busyness"])
    law = queues.busy_day_counts(i["lam_per_interval"], shape / rate, shape / rate**2)
    return {"mean": law.mean, "variance": law.variance, "index_of_dispersion": law.dispersion}


def nhpp_counts(i: Inputs) -> Answers:
    mean = wave_of(i["rate"]).integral(*i["window"])
    return {"mean": mean, "variance": mean}


SYSTEMS: dict[str, Callable[[Inputs], Answers]] = {
    "erlang_b": erlang_b,
    "erlang_b_insensitivity": erlang_b,
    "erlang_c": erlang_c,
    "erlang_c_staffing": erlang_c_staffing,
    "halfin_whitt": halfin_whitt,
    "mmck": mmck,
    "erlang_a": erlang_a,
    "qed_erlang_a": erlang_a,
    "mmn_plus_g": mmn_plus_g,
    "priority_nonpreemptive_mmc": priority_nonpreemptive,
    "priority_preemptive_mmc": priority_preemptive,
    "v_model_priority_abandonment": v_model,
    "mg1": mg1,
    "mgc": mgc,
    "mphn_plus_m": mgc,
    "multiskill_N": skills,
    "multiskill_I (no cross-training)": skills,
    "chat_concurrency": chat,
    "retrial_classical": retrial,
    "redial_after_abandonment": redial,
    "erlang_r_reentrant": erlang_r,
    "tandem_escalation": tandem,
    "callback_option": callback,
    "mt_m_inf": mt_m_inf,
    "mt_m_st_m_isa": mt_m_st_m,
    "erlang_r_time_varying_offered_load": erlang_r_waves,
    "transient_mmc": transient,
    "terminating_mmc": terminating,
    "terminating_mmc_abandon": terminating,
    "discipline_lcfs": discipline,
    "arrival_counts": busy_counts,
    "nhpp_counts": nhpp_counts,
}
ONLY_SIMULATED = {"telethon_voicemail", "doubly_stochastic_day", "multiskill_delayed_overflow"}


def function_for(system: str) -> Callable[[Inputs], Answers] | None:
    """The function of a system; any design of skills is one system here."""
    return SYSTEMS.get(system, skills if system.startswith("multiskill_") and system not in ONLY_SIMULATED else None)


def answer_to(name: str, answers: Answers) -> Any:
    """The answer under ``name``, or of the family that it belongs to; None where theory is silent."""
    if name in answers:
        return answers[name]
    families = (key[:-1] for key in answers if key.endswith("*"))
    for family in sorted(families, key=len, reverse=True):
        if re.fullmatch(re.escape(family) + r"[\d._]+", name):
            return answers[family + "*"](float(name.removeprefix(family).replace("_", ".")))
    return None


def allowed_error(case: dict[str, Any], name: str, expected: Any) -> Any:
    """1e-4 relative for exact cases; 3.5 standard errors where the expectation was itself simulated."""
    if case["tolerance"]["type"] == "reference-simulation":
        return 3.5 * case["tolerance"]["ci95_halfwidth"][name] / 1.96
    return np.maximum(RELATIVE * np.abs(expected), ABSOLUTE)


CASES = load_cases()


def test_reference_file_is_there() -> None:
    if not CASES:
        pytest.skip("the reference cases are not beside this repository (../shared/data/reference_cases.json)")
    assert len({case["id"] for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_formula_gives_the_reference_numbers(case: dict[str, Any]) -> None:
    function = function_for(case["system"])
    if function is None:
        pytest.skip(f"theory has no formula for {case['system']}")
    try:
        answers = function(case["inputs"])
    except (LookupError, queues.ChainTooLargeError) as unknown:
        pytest.skip(f"inputs that no formula here covers: {unknown}")
    printed = {name: value for name, value in case["expected"].items() if not isinstance(value, bool)}
    limits = {name: case["verification"][name] for name in answers if name in case["verification"]}
    compared = []
    for name, expected in {**printed, **limits}.items():
        answer = answer_to(name, answers)
        if answer is not None:
            error = np.abs(np.asarray(answer, dtype=float) - np.asarray(expected, dtype=float))
            assert np.all(error <= allowed_error(case, name, expected)), (name, answer, expected)
            compared.append(name)
    assert compared, "no expected value was compared"


@pytest.mark.skipif(not CASES, reason="the reference cases are not beside this repository")
def test_only_simulation_can_answer_the_rest() -> None:
    assert {case["system"] for case in CASES if function_for(case["system"]) is None} <= ONLY_SIMULATED
