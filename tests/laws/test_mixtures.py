"""Shipped what-ifs laid over each other at random: a planner who tries many ideas at once still gets books that balance."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

import simulation as sim
from simulation.scenario.schema import Scenario
from simulation.scenario.schema.letters import Pauses
from tests.laws import test_conservation as laws
from tests.laws.books import Books, observe

WHAT_IFS = {
    name.removeprefix("whatif/"): path
    for name, path in sim.shipped().items()
    if name.startswith("whatif/") and "\nextends:\n" not in path.read_text(encoding="utf-8")
}
"""All but those that are mixtures themselves."""


def stops_deadlines(pauses: Pauses) -> bool:
    """Whether a deadline may be put off by waiting for somebody."""
    return any(pause is not None and pause.stops_deadline for pause in (pauses.customer, pauses.third_party))


BEYOND: list[tuple[Callable[[Scenario], bool], set[Callable[[Books], None]]]] = [
    (lambda it: it.escalation.overdue is not None, {laws.handlers_are_entitled, laws.the_order_of_the_queue_is_kept}),
    (
        lambda it: bool(it.practices) or any(team.people for team in it.teams.values()),
        {laws.answers_follow_from_difficulty},
    ),
    (
        lambda it: it.routing.sticky is not None,
        {
            laws.nobody_waits_beside_a_free_agent,
            laws.nobody_waits_beside_a_free_slot,
            laws.handlers_are_entitled,
            laws.the_order_of_the_queue_is_kept,
        },
    ),
    (
        lambda it: any(stops_deadlines(topic.pauses) for topic in it.topics.values()),
        {laws.the_order_of_the_queue_is_kept},
    ),
    (
        lambda it: any(team.decides_on_the_day for team in it.teams.values()),
        {laws.shifts_and_breaks_are_kept, laws.idle_agents_are_there_as_planned},
    ),
    (
        lambda it: any(segment.language for segment in it.customers.values()),
        {
            laws.nobody_waits_beside_a_free_agent,
            laws.nobody_waits_beside_a_free_slot,
            laws.the_order_of_the_queue_is_kept,
        },
    ),
]
"""Mechanisms, and the laws that do not know of them: these are held to account where they are alone, each by laws of its own."""
CALLBACKS = {"callback-offer", "callbacks-in-lulls"}
"""Both offer callbacks on the phone, each under a condition of its own."""
ROSTERS = {name for name, path in WHAT_IFS.items() if "shifts:" in path.read_text(encoding="utf-8")}
"""They rewrite the shifts, and may take away what others change."""
SEGMENTS = {name for name, path in WHAT_IFS.items() if "\ncustomers:" in path.read_text(encoding="utf-8")}
"""Each tells all customers apart in a way of its own."""
ABSENCES = {
    name for name, path in WHAT_IFS.items() if re.search("absence_(spells|together|by_load)", path.read_text("utf-8"))
}
"""Each says in a way of its own when agents are absent."""
SHORT = {"calendar.start": "2026-03-05", "horizon": "14 h", "warm_up": "0 s", "run_out": "2 h"}


def together(chance: Random) -> list[str]:
    """All what-ifs but for those that exclude each other, of which chance takes one."""
    out = set()
    for group in (CALLBACKS, ROSTERS, SEGMENTS, ABSENCES):
        out |= group - {chance.choice(sorted(group))}
    return sorted(WHAT_IFS.keys() - out)


def mixed(names: list[str], folder: Path) -> Scenario:
    """Each what-if laid over those before it."""
    mixture = folder / "mixture.yaml"
    layers = "\n".join(f"- {WHAT_IFS[name]}" for name in names)
    mixture.write_text(f"name: mixture\nextends:\n{layers}\n", encoding="utf-8")
    return sim.load(mixture, SHORT)


def balances(seed: int, folder: Path) -> None:
    chance = Random(seed)
    names = chance.sample(together(chance), chance.randint(3, 8))
    scenario = mixed(names, folder)
    books = observe(scenario, seed)
    assert len(books.contacts) > 100, names
    unaware = {law for applies, unaware in BEYOND if applies(scenario) for law in unaware}
    for law in laws.LAWS:
        if law not in unaware:
            law(books)


def test_what_ifs_mix(tmp_path: Path) -> None:
    balances(0, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 40))
def test_any_what_ifs_mix(seed: int, tmp_path: Path) -> None:
    balances(seed, tmp_path)


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_all_what_ifs_at_once(seed: int, tmp_path: Path) -> None:
    chance = Random(seed)
    names = together(chance)
    chance.shuffle(names)
    sim.run(mixed(names, tmp_path), replications=1, jobs=1, tables=False)
