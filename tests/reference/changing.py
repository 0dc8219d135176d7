"""Systems that change with time: waves of demand, starts from empty, days that end, counts of arrivals."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from simulation.record.recorder import Outcome
from simulation.theory import staffing
from tests.reference import readings as read
from tests.reference.laws import (
    NotExpressible,
    exponential,
    gamma_factor,
    law_of,
    patience_of,
    percent,
    seconds,
    wave_of,
)
from tests.reference.readings import Frame, Statistic
from tests.reference.steady import re_entrant, served_time
from tests.reference.study import (
    CONTACTS_OF_DAYS,
    DAY,
    HOUR,
    WEEK,
    Answers,
    Array,
    Asked,
    Inputs,
    Section,
    Study,
    Translation,
    one_team,
    only_hours,
    patient,
    repeated,
    shaped,
    system,
)

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
        weights = [self.wave.integral(low, high) for low, high in pairwise(edges)]
        return {"shape": {"interval": "5 min", "weights": {"daily": weights}}}

    @property
    def per_week(self) -> float:
        """Expected cases in a week."""
        return self.wave.mean * WEEK / self.unit

    def days(self, skipped: int, contacts_per_case: float = 1.0) -> int:
        """How many days a replication has, those skipped at its start included."""
        per_day = self.per_week / 7 * contacts_per_case
        return skipped + int(min(max(3 * CONTACTS_OF_DAYS / per_day, 5), 500))

    def instants(self, time: float, skipped: int, days: int) -> Array:
        """The moments (s) of the phase of `time` in all days but those skipped."""
        phase = round(time * self.unit) % DAY  # the cases round their times: a whole second is meant
        return np.arange(skipped, days) * DAY + phase


def _cycling(scenario: Section, cycle: Cycle, days: int, answers: Answers) -> Study:
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
    inputs, load = asked.inputs, staffing.wave_load(cycle.wave, asked.inputs["mu"])
    skipped = math.ceil(14 * cycle.unit / inputs["mu"] / DAY)
    days = cycle.days(skipped)
    moments = [cycle.instants(time, skipped, days) for time in inputs["t_mod_2pi"]]
    # the number inside does not depend on the headcounts: they need only be right at the moments looked at
    interval = next(
        length for length in (HOUR, 900.0, 300.0) if all(at[0] % length == 0 for at in moments) or length == 300
    )
    loads = [load.at(slot * interval / cycle.unit) for slot in range(round(DAY / interval))]
    plan = staffing.servers_over_time(loads, inputs["mu"], alpha, inputs["theta"])
    facts, answers = {}, {}
    for column, instants in enumerate(moments):
        agents = plan[int(instants[0] % DAY // interval)]
        facts[f"staff[{row}][{column}]"] = float(agents)
        answers[f"P_wait[{row}][{column}]"] = read.share_of_at_least(read.inside_at(instants), agents)
    scenario = one_team(0.0, exponential(cycle.unit / inputs["mu"]), 1, patient(cycle.unit, inputs["theta"]))
    scenario["teams"]["team"]["headcount"] = {"interval": seconds(interval), "weekly": {"daily": list(plan)}}
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
    scenario = re_entrant(scaled, 0.0, _enough(needy.mean + needy.amplitude))
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
    needed = left * mean / servers + (20 + math.log(servers)) * mean
    return bool((DAY - span) * time / span > needed)


# ------------------------------------------------------------------------------------ days that end


@system(
    "terminating_mmc terminating_mmc_abandon terminating_mmc_blocked",
    "lam mu servers theta day T queue_capacity capacity",
)
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
    return Translation([repeated(made, unit, DAY, 8 * HOUR, contacts, asked.wanted(answers))])


def _trunks(inputs: Inputs) -> Section:
    if "capacity" in inputs:
        return {"trunks": inputs["capacity"]}
    return {"trunks": inputs["servers"] + inputs["queue_capacity"]} if "queue_capacity" in inputs else {}


def _per_window(threshold: float | None) -> Answers:
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


@system("telethon_voicemail", "days hours lam_per_h agents trunks service patience max_wait_then_message T")
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
    answers["talk_time_over_scheduled_time"] = read.ratio(served_time, read.windows).times(1 / scheduled)
    return Translation([repeated(made, unit, WEEK, WEEK, contacts, asked.wanted(answers))])


def _left_message(limit: float) -> read.Amount:
    """Those who hung up because they had waited for so long."""
    return lambda look: (look.abandoned & (look.wait > limit - 1e-6)).sum()


def _disconnected(look: read.Look) -> float:
    return float((look.measured["outcome"] == Outcome.DISCONNECTED).sum())


@system(
    "doubly_stochastic_day",
    "hourly_agents hourly_base_rate busyness balk_prob_if_wait patience_s service_s T day_h shift_drop after_close",
)
def busy_day(asked: Asked) -> Translation:
    """A day of hours with their own rates and agents and one random busyness; the last agents stay into the night."""
    inputs, unit = asked.inputs, asked.unit
    rates, agents = inputs["hourly_base_rate"], inputs["hourly_agents"]
    factor, cv = gamma_factor(inputs["busyness"])
    balking = {"probability": percent(inputs["balk_prob_if_wait"])}
    way = {"patience": law_of(inputs["patience_s"], unit), "balking": balking}
    scenario = one_team(0.0, law_of(inputs["service_s"], unit), 1, way)
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
    amounts = {"E_wait_s": read.waited, "P_wait_lt_": waits_under, "lost": read.lost}
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
    return Translation([_counted(asked, study, np.arange(round(study.frame.windows)) * DAY, DAY)])


@system("nhpp_counts", "rate window")
def wave_counts(asked: Asked) -> Translation:
    """The day is the wave's period; the window is repeated every so many days as it is long."""
    cycle, (low, high) = Cycle.of(asked.inputs["rate"]), asked.inputs["window"]
    start, length = low * cycle.unit, (high - low) * cycle.unit
    every = math.ceil((start + length) / DAY - 1e-6)
    days = every * math.ceil(max(3 * CONTACTS_OF_DAYS / (cycle.per_week / 7), 5.0) / every)
    made = shaped(_nobody_gets_in(0.0), cycle.profile, cycle.per_week)
    study = Study({**made, "horizon": seconds(days * DAY)}, Frame(DAY, 0.0, days * DAY, DAY, DAY), {})
    return Translation([_counted(asked, study, np.arange(0, days, every) * DAY + start, length)])


def _nobody_gets_in(rate: float) -> Section:
    return one_team(rate, exponential(1.0), 1, {"trunks": 0})


def _counted(asked: Asked, study: Study, starts: Array, length: float) -> Study:
    answers = read.count_statistics(read.counts_within(starts, length))
    return Study(study.scenario, study.frame, asked.wanted(answers))
