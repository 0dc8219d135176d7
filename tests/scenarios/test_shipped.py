"""The shipped scenarios: each loads and runs, those of theory agree with it, the baseline is plausible."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

import simulation as sim
from simulation import Result, Verdict
from simulation.metrics.measure import segment_text
from simulation.scenario.schema import Scenario
from simulation.statistics.intervals import t_quantile
from simulation.theory import bots, conversations, erlang, queues

PATHS = {name: path for name, path in sim.shipped().items() if not name.startswith("bank")}
MIXTURES = {"whatif/every-standard"}
"""What-ifs that lay several others over the baseline."""
HEAVY = {
    "erlang-b",
    "mg1",
    "mm1",
    "erlang-r",
    "n-model",
    "tandem-escalation",
    "chat-turns",
    "priorities",
    "chat-sharing",
    "retrials",
    "mmn-plus-g",
    "silent-bot",
}
"""Models whose evidence takes seconds."""
THEORY = [name.removeprefix("theory/") for name in PATHS if name.startswith("theory/")]
SCHEMA_LINE = re.compile(r"# yaml-language-server: \$schema=(\S+)")
SHORT = {"warm_up": "6 h", "horizon": "1 d", "run_out": "6 h", "replications": 1}
HOUR, MINUTE = 3600.0, 60.0


@cache
def loaded(name: str) -> Scenario:
    """A shipped scenario as it is."""
    return sim.load(PATHS[name])


@cache
def ran(name: str, seed: int | None = None) -> Result:
    """A shipped scenario as it is, without its tables; run once for all tests."""
    return sim.run(loaded(name), seed=seed, tables=False, jobs=1)


def observed(result: Result, metric: str, segment: str = "") -> tuple[float, float]:
    """Estimate and standard error of a KPI (seconds, shares or plain numbers)."""
    summaries = (one for one in result.summaries if (str(one.metric), segment_text(one.segment)) == (metric, segment))
    found = next(summaries).interval
    return found.mean, found.half_width / t_quantile(found.level, found.n - 1)


def mean_of(result: Result, metric: str, segment: str = "") -> float:
    return observed(result, metric, segment)[0]


# ---------------------------------------------------------------------------------------------- all of them


@pytest.mark.parametrize("name", PATHS)
def test_the_first_line_leads_editors_to_the_schema(name: str) -> None:
    path = PATHS[name]
    first = SCHEMA_LINE.match(path.read_text(encoding="utf-8"))
    assert first is not None
    assert (path.parent / first[1]).resolve() == (PATHS["baseline"].parent / "schema.json").resolve()


@pytest.mark.parametrize("name", PATHS)
def test_is_named_as_its_file_and_says_what_it_is(name: str) -> None:
    scenario = loaded(name)
    assert scenario.name == Path(name).name
    assert len(scenario.description) > 60


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow if name.startswith("whatif/") else ()) for name in PATHS]
)
def test_runs_and_its_books_balance(name: str) -> None:
    audit = sim.run(sim.load(PATHS[name], set=SHORT), tables=False, jobs=1).audit
    assert audit["balanced"]
    assert 0 < audit["solved"] == audit["cases"] - audit["given_up"] - audit["open"]
    assert audit["open"] < 0.1 * audit["cases"]


# ---------------------------------------------------------------------------------------------- theory


@dataclass(frozen=True)
class Exact:
    """What theory says of a KPI: seconds, a share or a plain number."""

    metric: str
    value: float
    segment: str = ""

    def is_quoted_in(self, description: str) -> bool:
        """Whether the rounded value stands there with its unit."""
        unit = " s" if self.metric.endswith((".mean", "reply_time")) else "" if self.metric in PER_CASE else " %"
        shown = 100 * self.value if unit == " %" else self.value
        written = re.findall(rf"(\d+\.(\d+)){unit}\b" if unit != " %" else r"(\d+\.(\d+)) %", description)
        return any(abs(float(number) - shown) <= 0.501 * 0.1 ** len(digits) for number, digits in written)


PER_CASE = {"concurrency", "redials", "contacts_per_case"}


def mm1() -> list[Exact]:
    queue = erlang.erlang_c(60 / HOUR, 1 / 36, 1)
    return [
        Exact("waiting_probability", queue.p_wait),
        Exact("asa.mean", queue.wait),
        Exact("service_level(20s)", queue.service_level(20)),
        Exact("resolution_time.mean", queue.sojourn),
        Exact("occupancy", queue.utilization),
    ]


def erlang_b() -> list[Exact]:
    load, servers = 120 / HOUR * 4 * MINUTE, 10
    blocked = erlang.blocking(load, servers)
    return [Exact("blocking", blocked), Exact("occupancy", load * (1 - blocked) / servers)]


def erlang_c() -> list[Exact]:
    queue = erlang.erlang_c(60 / HOUR, 1 / (2 * MINUTE), 3)
    return [
        Exact("waiting_probability", queue.p_wait),
        Exact("asa.mean", queue.wait),
        Exact("service_level(20s)", queue.service_level(20)),
        Exact("occupancy", queue.utilization),
    ]


def impatient(queue: erlang.ImpatientQueue) -> list[Exact]:
    return [
        Exact("waiting_probability", queue.p_wait),
        Exact("abandonment", queue.p_abandon),
        Exact("queue_time.mean", queue.wait),
        Exact("asa.mean", queue.wait_served),
        Exact("service_level(20s)", queue.service_level(20)),
        Exact("occupancy", queue.utilization),
    ]


def erlang_a() -> list[Exact]:
    return impatient(erlang.erlang_a(100 / HOUR, 1 / (3 * MINUTE), 5, 1 / (2 * MINUTE)))


def mmn_plus_g() -> list[Exact]:
    patience = 2 * MINUTE
    law = erlang.fixed_patience(patience)
    return impatient(erlang.mmn_g(100 / HOUR, 1 / (3 * MINUTE), 5, law, kinks=[patience]))


def mg1() -> list[Exact]:
    queue = queues.mg1(60 / HOUR, 36, 0.8**2)
    return [
        Exact("waiting_probability", queue.p_wait),
        Exact("asa.mean", queue.wait),
        Exact("resolution_time.mean", queue.sojourn),
    ]


def priorities() -> list[Exact]:
    high, normal = queues.priority_waits([24 / HOUR, 36 / HOUR], 1 / (2 * MINUTE), 3)
    together = erlang.erlang_c(60 / HOUR, 1 / (2 * MINUTE), 3)
    return [
        Exact("waiting_probability", together.p_wait, "urgency=high"),
        Exact("waiting_probability", together.p_wait, "urgency=normal"),
        Exact("asa.mean", high, "urgency=high"),
        Exact("asa.mean", normal, "urgency=normal"),
        Exact("asa.mean", together.wait),
    ]


def chat_sharing() -> list[Exact]:
    work = 6 * MINUTE
    queue = queues.chat_queue(36 / HOUR, 2, [0, 1 / work, 1.6 / work, 2 / work], 1 / (10 * MINUTE))
    return [
        Exact("waiting_probability", queue.p_wait),
        Exact("queue_time.mean", queue.wait),
        Exact("abandonment", queue.p_abandon),
        Exact("handling_time.mean", queue.duration),
        Exact("occupancy", queue.busy_share),
        Exact("concurrency", queue.concurrency_when_busy),
    ]


def chat_turns() -> list[Exact]:
    rate, agents, slots = 40 / HOUR, 2, 3
    queue = conversations.turns_queue(rate, agents, slots, 30, 5, 40, 1 / (10 * MINUTE))
    return [
        Exact("waiting_probability", queue.p_wait),
        Exact("queue_time.mean", queue.wait),
        Exact("abandonment", queue.p_abandon),
        Exact("handling_time.mean", agents * queue.slots / (rate * (1 - queue.p_abandon))),
        Exact("occupancy", queue.busy_share),
        Exact("slots_taken", queue.slots / slots),
        Exact("focus", queue.attention_share),
        Exact("reply_time", queue.reply_time),
    ]


def n_model() -> list[Exact]:
    served, gives_up = 1 / (3 * MINUTE), 1 / (6 * MINUTE)
    center = queues.SkillCenter(
        rates=(80 / HOUR, 70 / HOUR),
        service_rates=((served, 0), (served, served)),
        abandon_rates=(gives_up, gives_up),
        servers=(4, 4),
        groups_of_type=((0, 1), (1,)),
        types_of_group=((0,), (1, 0)),
    )
    queue = queues.skill_queue(center)
    by_topic = zip(("sales", "technical"), queue.wait, queue.p_abandon, strict=True)
    by_team = zip(("juniors", "experts"), queue.utilization, strict=True)
    return [
        *(Exact("occupancy", busy, f"team={team}") for team, busy in by_team),
        *(
            exact
            for topic, wait, left in by_topic
            for exact in (
                Exact("queue_time.mean", wait, f"topic={topic}"),
                Exact("abandonment", left, f"topic={topic}"),
            )
        ),
    ]


def tandem_escalation() -> list[Exact]:
    rates = [1 / (2 * MINUTE), 1 / (3 * MINUTE)]
    chain = queues.escalation_tandem(60 / HOUR, [0.4], rates, [3, 2])
    first, second = chain.tiers
    return [
        Exact("wait.mean", first.wait, "tier=tier1"),
        Exact("wait.mean", second.wait, "tier=tier2"),
        Exact("occupancy", first.utilization, "team=generalists"),
        Exact("occupancy", second.utilization, "team=specialists"),
        Exact("resolution_time.mean", chain.sojourn),
    ]


def retrials() -> list[Exact]:
    rate, handling, retrial_rate = 24 / HOUR, MINUTE, 1 / (2 * MINUTE)
    queue = queues.retrial_queue(rate, 1 / handling, 1, retrial_rate)
    redials = queue.orbit * retrial_rate / rate
    return [
        Exact("redials", redials),
        Exact("blocking", redials / (1 + redials)),  # every case is let in once, after so many busy signals
        Exact("resolution_time.mean", queue.wait + handling),
        Exact("occupancy", queue.utilization),
    ]


def erlang_r() -> list[Exact]:
    away = 10 * MINUTE
    queue = queues.erlang_r(30 / HOUR, 1 / (2 * MINUTE), 3, 0.5, 1 / away)
    return [
        Exact("contacts_per_case", queue.visits),
        Exact("waiting_probability", queue.visit.p_wait),
        Exact("asa.mean", queue.visit.wait),
        Exact("occupancy", queue.visit.utilization),
        Exact("resolution_time.mean", queue.total_time_needy + (queue.visits - 1) * away),
    ]


def silent_bot() -> list[Exact]:
    loop = bots.silent_loop(0.8, 0.5, 0.4, 0.8)
    agents = erlang.erlang_c(60 / HOUR * loop.handed_over, 1 / (5 * MINUTE), 4)
    return [
        Exact("contacts_per_case", loop.sessions),
        Exact("containment", loop.contained / loop.sessions),
        Exact("solved", 1 - loop.given_up),
        Exact("waiting_probability", agents.p_wait),
        Exact("occupancy", agents.utilization),
    ]


EXACT: dict[str, Callable[[], list[Exact]]] = {
    "mm1": mm1,
    "erlang-b": erlang_b,
    "erlang-c": erlang_c,
    "erlang-a": erlang_a,
    "mmn-plus-g": mmn_plus_g,
    "mg1": mg1,
    "priorities": priorities,
    "chat-sharing": chat_sharing,
    "n-model": n_model,
    "tandem-escalation": tandem_escalation,
    "retrials": retrials,
    "erlang-r": erlang_r,
    "chat-turns": chat_turns,
    "silent-bot": silent_bot,
}

STANDARD_ERRORS = 3.5
WIDEST = 0.09
"""The relative half-width of a 95 % interval from which on agreement would say too little."""


def evidence(name: str) -> Result:
    """Each model with a seed of its own, so that they do not all meet the same stroke of luck."""
    return ran(f"theory/{name}", seed=1 + list(EXACT).index(name))


def test_every_model_of_theory_has_its_exact_answer() -> None:
    assert set(EXACT) == set(THEORY)


@pytest.mark.parametrize("name", EXACT)
def test_the_description_quotes_the_exact_answer(name: str) -> None:
    description = sim.load(PATHS[f"theory/{name}"]).description
    missing = [exact for exact in EXACT[name]() if not exact.is_quoted_in(description)]
    assert not missing


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow if name in HEAVY else ()) for name in EXACT]
)
def test_the_simulation_agrees_with_theory(name: str) -> None:
    for exact in EXACT[name]():
        mean, error = observed(evidence(name), exact.metric, exact.segment)
        assert abs(mean - exact.value) <= STANDARD_ERRORS * error, exact
        assert 0 < 2 * error <= WIDEST * mean, f"the interval is too wide to mean something: {exact}"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "entry", "value"),
    [
        ("erlang-c", "topics.question.handling.phone.exponential.mean", "126 s"),
        ("mg1", "topics.question.handling.phone.lognormal.cv", 1.1),
        ("mmn-plus-g", "channels.phone.patience", {"exponential": {"mean": "2 min"}}),
        ("chat-sharing", "teams.desk.concurrency.throughput", [1, 1.6, 2.1]),
        ("chat-turns", "channels.chat.turns.mean", 4.7),
        ("n-model", "teams.experts.skills.help.priority", 1),
        ("priorities", "routing.discipline", "fifo"),
    ],
)
def test_a_small_change_of_the_model_would_be_noticed(name: str, entry: str, value: object) -> None:
    changed = sim.run(sim.load(PATHS[f"theory/{name}"], set={entry: value}), tables=False, jobs=1)
    found = [(exact, *observed(changed, exact.metric, exact.segment)) for exact in EXACT[name]()]
    assert any(abs(mean - exact.value) > STANDARD_ERRORS * error for exact, mean, error in found)


# ---------------------------------------------------------------------------------------------- the baseline


@pytest.mark.slow
def test_the_baseline_misses_something_and_meets_most() -> None:
    verdicts = ran("baseline").verdicts()
    assert set(verdicts) == set(sim.load("baseline").targets)
    assert verdicts["phone-80-20"] is Verdict.missed
    assert list(verdicts.values()).count(Verdict.met) >= 0.75 * len(verdicts)


def test_the_baseline_has_the_published_targets() -> None:
    published = {
        "first_response_time.mean <= 15 min",
        "fcr >= 85 %",
        "csat >= 90 %",
        "resolution_time.mean <= 24 h",
        "service_level(20s){channel=phone} >= 80 %",
    }
    assert published <= set(sim.load("baseline").targets.values())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("metric", "segment", "low", "high"),
    [
        ("cases", "", 1000, 1300),
        ("service_level(20s)", "channel=phone", 0.70, 0.80),
        ("abandonment", "channel=phone", 0.02, 0.06),
        ("abandonment", "channel=chat", 0.01, 0.06),
        ("blocking", "channel=phone", 0, 0.001),
        ("handling_time.mean", "team=phone", 5 * MINUTE, 7 * MINUTE),
        ("handling_time.mean", "team=chat", 8 * MINUTE, 12 * MINUTE),
        ("concurrency", "team=chat", 1.2, 2.5),
        ("containment", "", 0.25, 0.35),
        ("escalations", "", 0.10, 0.15),
        ("fcr", "", 0.87, 0.95),
        ("csat", "", 0.90, 0.95),
        ("resolution_time.mean", "", 0.5 * HOUR, 24 * HOUR),
        ("first_response_time.mean", "channel=email", 10 * MINUTE, 8 * HOUR),
        ("shrinkage", "team=phone", 0.15, 0.30),
        ("overtime", "", 0, 0.02),
        ("cost_per_contact", "", 2, 6),
    ],
)
def test_the_figures_of_the_baseline_are_those_of_a_real_center(
    metric: str, segment: str, low: float, high: float
) -> None:
    assert low <= mean_of(ran("baseline"), metric, segment) <= high


def occupancy_between(result: Result, start: int, end: int) -> dict[str, float]:
    """Occupancy by team from one hour of the day to another, over the measured week."""
    handling, signed_in = result.curves["staff/handling"], result.curves["staff/signed_in"]
    hours = [row for row in range(len(handling)) if start <= result.hours[row] / HOUR % 24 < end]
    busy, there = handling[hours].sum(axis=0), signed_in[hours].sum(axis=0)
    teams = result.names["team"]
    return {team: busy[i] / there[i] for i, team in enumerate(teams) if there[i] > 10 * HOUR}


@pytest.mark.slow
def test_nobody_is_idle_or_drowned_by_day_and_nights_are_quieter() -> None:
    day, night = occupancy_between(ran("baseline"), 8, 20), occupancy_between(ran("baseline"), 0, 6)
    assert set(day) == {"phone", "chat", "back_office", "specialists", "supervisors"}
    assert all(0.45 <= day[team] <= 0.85 for team in day if team != "supervisors")
    assert day["supervisors"] >= 0.3  # they also coach and plan, and must be at hand
    assert set(night) == {"night", "specialists"}
    assert max(night.values()) < min(day["phone"], day["chat"])


@pytest.mark.slow
def test_everything_that_a_center_has_is_in_the_baseline() -> None:
    scenario = sim.load("baseline")
    result = ran("baseline")
    assert all(mean_of(result, "contacts", f"channel={channel}") > 20 for channel in scenario.channels)
    assert all(mean_of(result, "cases", f"source={source}") > 20 for source in scenario.demand.sources)
    assert all(mean_of(result, "handling_time.mean", f"team={team}") > 0 for team in scenario.teams)
    assert all(mean_of(result, "wait.mean", f"tier={tier}") > 0 for tier in scenario.escalation.path)


# ---------------------------------------------------------------------------------------------- what if


def whatif(name: str) -> tuple[Result, Result]:
    """The baseline and a what-if, with the same seed."""
    return ran("baseline"), ran(f"whatif/{name}")


@pytest.mark.parametrize("name", [name for name in PATHS if name.startswith("whatif/") and name not in MIXTURES])
def test_a_whatif_asks_a_question_in_a_few_lines(name: str) -> None:
    lines = PATHS[name].read_text(encoding="utf-8").splitlines()
    (extends,) = (line for line in lines if line.startswith("extends: "))
    base = (PATHS[name].parent / extends.removeprefix("extends: ")).resolve()
    assert base == PATHS["baseline"].resolve() or base.parent == PATHS[name].parent.resolve()
    assert "?" in loaded(name).description
    changes = lines[lines.index(extends) + 1 :]
    assert len(changes) <= 25


@pytest.mark.slow
def test_two_more_in_the_morning_answer_the_phone_in_time_and_cost_their_wages() -> None:
    before, after = whatif("two-more-in-the-morning")
    assert after.verdicts()["phone-80-20"] is not Verdict.missed
    assert (
        mean_of(after, "service_level(20s)", "channel=phone")
        > mean_of(before, "service_level(20s)", "channel=phone") + 0.03
    )
    for metric in ("abandonment", "asa.mean"):
        assert mean_of(after, metric, "channel=phone") < 0.85 * mean_of(before, metric, "channel=phone")
    more_hours = mean_of(after, "paid_hours") - mean_of(before, "paid_hours")
    assert more_hours == pytest.approx(2 * 8 * 5 / 7, rel=0.02)  # two persons, eight paid hours, five days
    assert mean_of(after, "wages") - mean_of(before, "wages") == pytest.approx(12.5 * more_hours, rel=0.02)
    assert mean_of(after, "cases") == mean_of(before, "cases")


@pytest.mark.slow
def test_a_stronger_bot_leaves_fewer_and_harder_conversations() -> None:
    before, after = whatif("stronger-bot")
    assert mean_of(before, "containment") == pytest.approx(0.30, abs=0.01)
    assert mean_of(after, "containment") == pytest.approx(0.43, abs=0.01)
    assert mean_of(after, "answered", "team=chat") < 0.92 * mean_of(before, "answered", "team=chat")
    assert mean_of(after, "asa.mean", "channel=chat") < 0.9 * mean_of(before, "asa.mean", "channel=chat")
    assert mean_of(after, "fcr") > mean_of(before, "fcr")
    assert escalated_share_of_chats(after) > 1.1 * escalated_share_of_chats(before)


@cache
def briefly(name: str) -> Result:
    """Two replications: enough where the effect is large, or the customers are the same."""
    return sim.run(sim.load(PATHS[name]), replications=2, tables=False, jobs=1)


@pytest.mark.slow
def test_chats_by_turns_are_about_the_chats_of_the_baseline() -> None:
    """Two forms of the same work; the form by turns also says how long a reply takes, and what is attention."""
    before, after = briefly("baseline"), briefly("whatif/chat-by-turns")
    for metric, tolerance in (
        ("handling_time.mean", 0.05),
        ("occupancy", 0.05),
        ("concurrency", 0.05),
        ("focus", None),
    ):
        found = mean_of(after, metric, "team=chat")
        if tolerance is None:
            assert (
                0.4 * mean_of(after, "occupancy", "team=chat") < found < 0.65 * mean_of(after, "occupancy", "team=chat")
            )
        else:
            assert found == pytest.approx(mean_of(before, metric, "team=chat"), rel=tolerance), metric
    assert 35 < mean_of(after, "reply_time", "team=chat") < 60


@pytest.mark.slow
def test_a_fourth_slot_takes_customers_on_sooner_and_lets_them_wait_for_replies() -> None:
    before, after = briefly("whatif/chat-by-turns"), briefly("whatif/four-slots")
    assert mean_of(after, "asa.mean", "channel=chat") < 0.85 * mean_of(before, "asa.mean", "channel=chat")
    assert mean_of(after, "reply_time", "team=chat") > 1.02 * mean_of(before, "reply_time", "team=chat")
    assert mean_of(after, "slots_taken", "team=chat") < mean_of(before, "slots_taken", "team=chat")


@pytest.mark.slow
def test_messenger_threads_are_reopened_and_solved_late() -> None:
    before, after = briefly("whatif/chat-by-turns"), briefly("whatif/messenger-threads")
    assert mean_of(after, "reopened", "channel=messenger") > 2
    assert mean_of(after, "replies", "channel=messenger") < 2
    solved = [mean_of(result, "resolution_time.mean", "channel=messenger") for result in (before, after)]
    assert solved[1] > solved[0] + 3600
    assert mean_of(after, "solved", "channel=messenger") < mean_of(before, "solved", "channel=messenger")


def escalated_share_of_chats(result: Result) -> float:
    """Escalations per chat that an agent answered."""
    escalated = mean_of(result, "escalations", "channel=chat") * mean_of(result, "cases", "channel=chat")
    return escalated / mean_of(result, "answered", "channel=chat")
