"""In what two scenarios differ, and scenarios in which only some of it is changed."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

import simulation as sim
from simulation.errors import InputError, Problem
from simulation.experiments.changes import MOST, Change, changes_of, differing, hybrid
from simulation.experiments.load import from_dict
from simulation.experiments.mixtures import Mixtures, between, layered
from simulation.scenario.schema import Scenario

QUICK = ["whatif/stronger-bot", "whatif/same-agent", "whatif/articles-from-feedback", "whatif/turnover-35"]
SLOW = [name for name in sim.shipped() if name.startswith("whatif/") and name not in QUICK]


@cache
def baseline(**changes: Any) -> Scenario:
    return sim.load("baseline", set={path.replace("__", "."): value for path, value in changes.items()})


def found(a: Scenario, b: Scenario) -> list[str]:
    return [".".join(one.path) for one in differing(a, b)]


def test_entries_differ_as_deep_as_each_stands_for_itself() -> None:
    other = baseline(
        teams__phone__shifts__early__headcount=7,
        topics__delivery__handling__phone="{lognormal: {mean: 4 min, cv: 0.8}}",
        topics__delivery__urgency="{low: 20 %, normal: 60 %}",
        topics__returns__reach__assistant="50 %",
        bots__helper="{sessions: 5, session: {constant: {value: 1 min}}}",
        routing__agent="least_busy",
        complaints="{topic: complaint, probability: 10 %, after: {constant: {value: 1 min}}}",
    )
    assert found(baseline(), other) == [
        "topics.delivery.handling.phone", "topics.delivery.urgency", "topics.returns.reach.assistant",
        "bots.helper", "teams.phone.shifts.early.headcount", "routing.agent", "complaints",
    ]  # fmt: skip
    assert [".".join(one.path) for one in differing(other, baseline())] == found(baseline(), other)


def test_what_is_only_said_is_no_difference() -> None:
    other = baseline(name="another", description="words", replications=3, seed=9, targets__more="asa <= 5 min")
    assert found(baseline(), other) == []


def test_the_order_counts_where_the_first_that_fits_holds() -> None:
    base = baseline()
    turned = base.routing.model_copy(update={"routes": dict(reversed(base.routing.routes.items()))})
    assert found(base, base.model_copy(update={"routing": turned})) == ["routing.routes"]


def test_what_was_said_and_is_said(tmp_path: Path) -> None:
    (entry,) = differing(baseline(), baseline(teams__phone__shrinkage="12 %"))
    assert entry.texts == ("teams.phone.shrinkage", "10 %", "12 %")
    (gone,) = differing(baseline(), baseline(teams__phone__shifts__day="~"))
    assert gone.texts[0] == "teams.phone.shifts.day" and gone.after is not None and gone.texts[2] == "none"
    assert "day" not in hybrid(baseline(), baseline(teams__phone__shifts__day="~"), [gone])["teams"]["phone"]["shifts"]
    (new,) = differing(baseline(), baseline(teams__phone__speed="1.1"))
    assert new.texts == ("teams.phone.speed", "1.0", "1.1")


def test_files_of_the_same_content_are_the_same(tmp_path: Path) -> None:
    for name, seconds in (("one", 60), ("two", 60), ("three", 90)):
        (tmp_path / f"{name}.csv").write_text(f"s\n{seconds}\n{seconds + 30}\n", encoding="utf-8")
    one, two, three = (
        baseline(
            topics__delivery__handling__phone=f"{{empirical: {{file: {tmp_path}/{name}.csv, column: s, unit: 1 s}}}}"
        )
        for name in ("one", "two", "three")
    )
    assert found(one, two) == []
    assert found(one, three) == ["topics.delivery.handling.phone"]


@pytest.mark.parametrize("name", [*QUICK, *(pytest.param(name, marks=pytest.mark.slow) for name in SLOW)])
def test_all_changes_make_the_other_scenario_and_none_the_first(name: str) -> None:
    a, b = baseline(), sim.load(name)
    entries = differing(a, b)
    assert entries or name == "whatif/industry-figures"
    assert differing(from_dict(hybrid(a, b, entries)), b) == []
    assert differing(from_dict(hybrid(a, b, [])), a) == []


def test_new_entries_keep_their_place() -> None:
    a = baseline()
    route = a.routing.routes["escalated"]
    routing = a.routing.model_copy(update={"routes": {"first": route, **a.routing.routes}})
    b = a.model_copy(update={"routing": routing})
    (entry,) = differing(a, b)
    assert list(hybrid(a, b, [entry])["routing"]["routes"]) == ["first", *a.routing.routes]
    assert list(hybrid(b, a, [])["routing"]["routes"]) == ["first", *a.routing.routes]


# -- grouping -------------------------------------------------------------------------------------------------------


@cache
def many() -> Scenario:
    shifts = {f"teams.phone.shifts.{name}.headcount": 6 for name in baseline().teams["phone"].shifts}
    speeds = {f"teams.{name}.speed": 1.1 for name in baseline().teams}
    return sim.load("baseline", set={**shifts, **speeds, "demand.sources.shop.volume": "700/day"})


def names(**how: Any) -> list[str]:
    return [one.name for one in changes_of(differing(baseline(), many()), **how)]


def test_of_many_entries_neighbours_are_taken_together() -> None:
    assert len(differing(baseline(), many())) > MOST
    assert len(names()) <= MOST and "teams.phone.shifts" in names()
    assert len(names(depth=9)) == len(differing(baseline(), many()))


def test_who_asks_may_group() -> None:
    assert names(depth=1) == ["demand", "teams"]
    assert names(group=["teams.*"])[1:] == [f"teams.{name}" for name in baseline().teams]
    assert names(group=["teams"], depth=3) == ["demand.sources.shop", "teams"]
    assert names(group=["teams", "teams.phone.*"], depth=1) == [
        "demand",
        "teams.phone.shifts",
        "teams.phone.speed",
        "teams",
    ]
    assert set(names(by="mechanism")) == {"volume", "staffed hours", "handling time"}


@pytest.mark.parametrize(
    ("group", "says"),
    [("team", "write e.g. teams"), ("bots", "differences are under demand, teams"), ("a..b", "is not a path")],
)
def test_what_is_no_group_is_told(group: str, says: str) -> None:
    with pytest.raises(InputError, match=f"--group: {group}: .*{says}"):
        names(group=[group])


# -- changes that hold only together -------------------------------------------------------------------------------------


def helped() -> Scenario:
    """A further bot, which messenger uses, and something else."""
    return baseline(
        bots__helper="{sessions: 5, session: {constant: {value: 1 min}}}",
        channels__messenger__bot="helper",
        topics__delivery__reach__helper="30 %",
        teams__phone__speed=1.1,
    )


def test_changes_that_hold_only_together_become_one() -> None:
    mixtures = between(baseline(), helped())
    assert len(mixtures.changes) == 4
    asked = mixtures.settle(64)
    assert [one.name for one in mixtures.changes] == [
        "channels.messenger.bot and 2 more", "teams.phone.speed",
    ]  # fmt: skip
    assert asked.players == 2
    (joined,) = mixtures.joined
    assert joined.names == ("channels.messenger.bot", "topics.delivery.reach.helper", "bots.helper")
    assert "helper" in joined.why
    assert mixtures.changes[0].mechanisms == ("automation",)
    for mask in asked.coalitions:
        assert ("helper" in mixtures.mixture(mask).bots) == bool(mask & 1)
    assert mixtures.settle(64) == asked


@pytest.mark.parametrize("most", [2, 512])
def test_no_more_is_joined_than_must_be(most: int) -> None:
    """Of nine changes two do not hold together without a third; and so whether all mixtures are asked for or some."""

    def make(which: frozenset[int]) -> Scenario:
        if {3, 5} <= which and 7 not in which:
            raise InputError([Problem("", "", "needs the seventh")])
        return baseline()

    mixtures = Mixtures(baseline(), baseline(), [Change(str(one), ()) for one in range(9)], make)
    assert mixtures.settle(most).players == 7
    assert [(one.names, one.why) for one in mixtures.joined] == [(("3", "5", "7"), "needs the seventh")]
    assert [one.name for one in mixtures.changes] == ["0", "1", "2", "3 and 2 more", "4", "6", "8"]


def test_each_joint_change_is_told_why() -> None:
    def make(which: frozenset[int]) -> Scenario:
        for one, needed in ((0, 1), (2, 3)):
            if one in which and needed not in which:
                raise InputError([Problem("", "", f"{one} needs {needed}")])
        return baseline()

    mixtures = Mixtures(baseline(), baseline(), [Change(str(one), ()) for one in range(5)], make)
    mixtures.settle(64)
    told = [(("0", "1"), "0 needs 1"), (("2", "3"), "2 needs 3")]
    assert [(one.names, one.why) for one in mixtures.joined] == told


def test_nothing_holds_without_all_the_rest() -> None:
    """Another channel instead of messenger: who writes on it, who answers, what is expected."""
    text = sim.load("baseline").model_dump_json().replace("messenger", "telegram")
    other = Scenario.model_validate_json(text)
    mixtures = between(baseline(), other)
    assert mixtures.settle(64).players < len(mixtures.units)
    assert mixtures.joined


def test_targets_make_no_mixture_invalid() -> None:
    """A target about a team that is not there in every mixture."""
    more = "{skills: {chats: {channels: chat}}, headcount: {constant: 2}}"
    other = baseline(teams__more=more, targets__new="occupancy{team=more} <= 90 %", teams__chat__speed=1.1)
    for mixtures in (between(baseline(), other), between(other, baseline())):
        assert mixtures.settle(64).players == 2 and not mixtures.joined


def test_mixtures_of_files_are_what_loading_them_gives() -> None:
    over = ["whatif/templates", "whatif/stronger-bot", "whatif/two-more-in-the-morning"]
    mixtures = layered("baseline", over, {"teams.chat.speed": 1.2}, replications=3, seed=5)
    assert [one.name for one in mixtures.changes] == ["templates", "stronger-bot", "two-more-in-the-morning"]
    assert [len(one.entries) for one in mixtures.changes][2] == 1
    mixtures.settle(64)
    for mask in (1, 5, 7):
        some = [name for one, name in enumerate(over) if mask >> one & 1]
        exactly = sim.load("baseline", set={"teams.chat.speed": 1.2}, over=some)
        made = mixtures.mixture(mask)
        assert differing(made, exactly) == [] and (made.seed, made.replications) == (5, 3)


def test_files_that_hold_only_together(tmp_path: Path) -> None:
    (tmp_path / "bot.yaml").write_text(
        "bots: {helper: {sessions: 5, session: {constant: {value: 1 min}}}}\n", encoding="utf-8"
    )
    (tmp_path / "uses.yaml").write_text("channels: {messenger: {bot: helper}}\n", encoding="utf-8")
    (tmp_path / "fast.yaml").write_text("teams: {phone: {speed: 1.1}}\n", encoding="utf-8")
    mixtures = layered("baseline", [tmp_path / "uses.yaml", tmp_path / "bot.yaml", tmp_path / "fast.yaml"])
    mixtures.settle(64)
    assert [one.name for one in mixtures.changes] == ["uses + bot", "fast"]


def test_what_cannot_be_told_apart_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="baseline: nothing differs of what is simulated"):
        between(baseline(), baseline(seed=3))
    dollars = sim.load("theory/erlang-a", set={"teams.desk.wage": "20 USD/h"})
    euros = sim.load("theory/erlang-a", set={"teams.desk.wage": "20 EUR/h"})
    with pytest.raises(InputError, match="prices are in USD, those of erlang-a in EUR"):
        between(euros, dollars)
    with pytest.raises(InputError, match="same file is laid over it twice"):
        layered("baseline", ["whatif/templates", "whatif/templates"])
    with pytest.raises(InputError, match="change nothing of what is simulated"):
        layered("whatif/templates", ["whatif/templates"])


def test_another_time_is_a_change_of_its_own() -> None:
    other = baseline(calendar__start="2026-03-09", horizon="6 d")
    assert {one.name for one in changes_of(differing(baseline(), other), by="mechanism")} == {"time measured"}
