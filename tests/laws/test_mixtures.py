"""Shipped what-ifs laid over each other at random: a planner who tries many ideas at once still gets books that balance."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from random import Random
from unittest import mock

import pytest

import simulation as sim
from simulation.scenario.schema import Scenario
from simulation.scenario.schema.letters import Pauses
from tests.laws import test_conservation as laws
from tests.laws.books import Books, observe

EXTENDS = re.compile(r"^extends: *(\S+)$", re.MULTILINE)
WHAT_IFS = {name.removeprefix("whatif/"): path for name, path in sim.shipped().items() if name.startswith("whatif/")}


def stops_deadlines(pauses: Pauses) -> bool:
    """Whether a deadline may be put off by waiting for somebody."""
    return any(pause is not None and pause.stops_deadline for pause in (pauses.customer, pauses.third_party))


BEYOND: list[tuple[Callable[[Scenario], bool], set[Callable[[Books], None]]]] = [
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
]
"""Mechanisms, and the laws that do not know of them: these are held to account where they are alone, each by laws of its own."""
CALLBACKS = {"callback-offer", "callbacks-in-lulls"}
"""Both offer callbacks on the phone, each under a condition of its own."""
ROSTERS = {name for name, path in WHAT_IFS.items() if "shifts:" in path.read_text(encoding="utf-8")}
"""They rewrite the shifts, and may take away what others change."""
MOST_LAYERS = 45
"""Fewer than files may extend each other in a row."""
SHORT = {"calendar.start": "2026-03-05", "horizon": "14 h", "warm_up": "0 s", "run_out": "2 h"}


def with_bases(names: list[str]) -> list[str]:
    """Those what-ifs in their order, each once, after the one that it extends."""
    ordered: list[str] = []
    for name in names:
        base = Path(extended(name)).stem
        ordered += [one for one in (base, name) if one in WHAT_IFS and one not in ordered]
    return ordered


def together(chance: Random) -> list[str]:
    """All what-ifs but for those that exclude each other, of which chance takes one."""
    out = set()
    for group in (CALLBACKS, ROSTERS):
        out |= group - {chance.choice(sorted(group))}
    return sorted(name for name in WHAT_IFS if not out & set(with_bases([name])))


def extended(name: str) -> str:
    found = EXTENDS.search(WHAT_IFS[name].read_text(encoding="utf-8"))
    assert found is not None
    return found[1]


def mixed(names: list[str], folder: Path) -> Scenario:
    """Each what-if laid over the one before it, the first over the baseline."""
    below = str(sim.shipped()["baseline"])
    for name in with_bases(names):
        text = EXTENDS.sub(lambda _, below=below: f"extends: {below}", WHAT_IFS[name].read_text(encoding="utf-8"))  # type: ignore[misc]
        layer = folder / f"{name}.yaml"
        layer.write_text(text, encoding="utf-8")
        below = str(layer)
    with mock.patch("simulation.scenario.extends.LONGEST_CHAIN", 1000):
        return sim.load(below, SHORT)


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


@pytest.mark.parametrize("seed", range(4))
def test_what_ifs_mix(seed: int, tmp_path: Path) -> None:
    balances(seed, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4, 40))
def test_any_what_ifs_mix(seed: int, tmp_path: Path) -> None:
    balances(seed, tmp_path)


@pytest.mark.parametrize("seed", range(2))
def test_nearly_all_what_ifs_at_once(seed: int, tmp_path: Path) -> None:
    chance = Random(seed)
    names = chance.sample(together(chance), MOST_LAYERS)
    sim.run(mixed(names, tmp_path), replications=1, jobs=1, tables=False)
