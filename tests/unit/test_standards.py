"""The checklist of standards: every item reacts to the keys that it claims to read, and only applies where it can."""

from __future__ import annotations

import io
import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

import simulation as sim
from simulation.errors import InputError
from simulation.experiments.load import from_dict
from simulation.metrics import KPIS
from simulation.reports import kpi_of
from simulation.reports.page import write_report
from simulation.reports.standards import blocks, show_results, standards_of
from simulation.scenario.attended import attended
from simulation.scenario.standards import ITEMS, Standard, checklist, reading, score
from tests.laws.strategies import Data, constant
from tests.unit.test_coverage_page import is_key
from tests.unit.test_explain import words_of

HANDLING = {"handling": {"any": constant(60)}}
BARE: Data = {
    "name": "bare",
    "calendar": {"start": "2026-03-02"},
    "horizon": "1 h",
    "demand": {
        "sources": {
            "all": {"topics": {"any": "100 %"}, "channels": {"phone": "50 %", "email": "50 %"}, "volume": "40/h"}
        },
        "events": {"failure": {"starts": "2026-03-02 00:10", "lasts": "10 min", "topics": {"any": 2}}},
    },
    "channels": {"phone": {"mode": "live", "bot": "helper"}, "email": {"mode": "deferred"}},
    "bots": {"helper": {"sessions": 5, "session": constant(20), "hand_over": {"context": "0 %"}}},
    "topics": {"any": {**HANDLING, "reach": {"helper": "10 %"}}},
    "teams": {
        "front": {
            "skills": {"all": {}},
            "shifts": {"day": {"days": "daily", "start": "00:00", "end": "08:00", "headcount": 1}},
        }
    },
}
"""A center with hardly anything that the checklist asks for."""
PRACTICE = {
    "practices.it": {"saves": {"informing": "50 %", "verification": "50 %"}, "reach": "10 %", "contacts": "repeats"}
}
STALE: Data = {"looks": "50 %", "reading": constant(60)}
REACTS: dict[str, tuple[float | None, Data, float | None]] = {
    "several_channels": (2 / 3, {"channels.chat": {"mode": "concurrent"}}, 1),
    "round_the_clock": (1, {"channels.phone.bot": None}, 1 / 3),
    "automation": (1, {"channels.phone.bot": None}, 0),
    "hand_over_with_context": (0, {"bots.helper.hand_over.context": "70 %"}, 0.7),
    "knowledge_base": (0, {"self_service.knowledge_base": STALE, "topics.any.reach.knowledge_base": "10 %"}, 1),
    "community": (
        0,
        {
            "self_service.community": {
                "asks": "50 %",
                "answers": "50 %",
                "after": constant(60),
                "patience": constant(90),
            },
            "topics.any.reach.community": "10 %",
        },
        1,
    ),
    "notices": (0, {"demand.events.failure.notice": {"after": "1 min", "prevents": "40 %"}}, 1),
    "languages": (
        None,
        {
            "customers": {"ours": {"share": "50 %"}, "guests": {"share": "50 %", "language": "lv"}},
            "teams.front.people": {"languages": {"lv": "50 %"}},
        },
        1,
    ),
    "announced_waits": (0, {"channels.phone.announces": {"above": "5 s"}}, 1),
    "callback": (
        0,
        {"channels.phone.announces": {}, "channels.phone.callback": {"above": "1 min", "accepts": "50 %"}},
        1,
    ),
    "acknowledgement": (0, {"channels.email.acknowledgement": {"after": "1 min"}}, 1),
    "deadlines": (0, {"channels.email.deadline": {"normal": "4 h"}}, 1),
    "status_notices": (
        0,
        {
            "channels.email.chasers": {"after": constant(60), "handling": constant(30)},
            "channels.email.status_notices": {"prevents": "50 %"},
        },
        1,
    ),
    "classification": (0, {"topics.any.urgency": {"low": "50 %", "high": "50 %"}}, 0.5),
    "routing_by_skill": (0, {"routing.routes.calls": {"channels": "phone", "teams": {"front": "0 s"}}}, 1),
    "overflow": (
        0,
        {
            "teams.back": {"skills": {"all": {}}, "headcount": {"constant": 1}},
            "routing.routes.calls": {"channels": "phone", "teams": {"front": "0 s", "back": "1 min"}},
        },
        1,
    ),
    "escalation": (
        0,
        {
            "escalation.path": ["tier1", "tier2"],
            "teams.back": {"tier": "tier2", "skills": {"all": {}}, "headcount": {"constant": 1}},
        },
        0.5,
    ),
    "angry_customers": (
        0,
        {
            "escalation": {"path": ["tier1", "tier2"], "angry": {"always": "5 %"}},
            "teams.back": {"tier": "tier2", "skills": {"all": {}}, "headcount": {"constant": 1}},
        },
        1,
    ),
    "overdue_cases": (
        0,
        {
            "escalation": {"path": ["tier1", "tier2"], "overdue": {"after": {"normal": "5 min"}}},
            "teams.back": {"tier": "tier2", "skills": {"all": {}}, "headcount": {"constant": 1}},
        },
        1,
    ),
    "agents_knowledge_base": (0, PRACTICE, 1),
    "templates": (0, PRACTICE, 1),
    "history": (0, {"routing.sticky": {"wait": "1 min"}}, 1),
    "integrations": (0, PRACTICE, 1),
    "survey": (
        0,
        {"opinion": {}, "survey": {"asked": "50 %", "answers": {"satisfied": "20 %", "unsatisfied": "30 %"}}},
        1,
    ),
    "complaints": (0, {"opinion": {}, "complaints": {"topic": "any", "probability": "50 %"}}, 1),
    "loyalty": (0, {"opinion.churn": {"unsatisfied": "5 %"}}, 1),
    "breaks": (0, {"teams.front.shifts.day.breaks": {"tea": {"after": "4 h", "lasts": "15 min"}}}, 1),
    "known_quality": (0, {"teams.front.accuracy": "95 %"}, 1),
    "meetings": (0, {"teams.front.meetings": {"huddle": {"days": "mon-fri", "at": "05:00", "lasts": "15 min"}}}, 1),
    "training": (0, {"teams.front.training_hours": {"each": "2 h", "per": "month"}}, 1),
    "quality_review": (
        0,
        {
            "teams.back": {"skills": {"all": {}}, "headcount": {"constant": 1}},
            "loops.review": {"team": "front", "share": "10 %", "takes": constant(60)},
        },
        1,
    ),
    "coaching": (
        0,
        {
            "teams.back": {"skills": {"all": {}}, "headcount": {"constant": 1}},
            "loops.review": {
                "team": "front",
                "share": "10 %",
                "takes": constant(60),
                "coaching": {"takes": constant(60), "accuracy": "10 %"},
            },
        },
        1,
    ),
    "performance_plans": (0, {"teams.front.people": {"plan": {"handling_time": "7 min"}}}, 1),
    "reserve": (0, {"teams.front.overtime": {"over": 5}}, 1),
    "articles_from_feedback": (
        0,
        {
            "loops.articles": {"team": "front", "takes": constant(60)},
            "self_service.knowledge_base": STALE,
            "topics.any.reach.knowledge_base": "10 %",
        },
        1,
    ),
    "response_target": (0, {"targets.wanted": "asa <= 1 min"}, 1),
    "first_contact_target": (0, {"targets.wanted": "fcr >= 80 %"}, 1),
    "resolution_target": (0, {"targets.wanted": "resolution_time.mean <= 24 h"}, 1),
    "satisfaction_target": (0, {"opinion": {}, "targets.wanted": "csat >= 80 %"}, 1),
    "workload_target": (0, {"targets.wanted": "occupancy <= 85 %"}, 1),
    "comparison": (0, {"industry.median": {"figures": {"fcr": "70 %"}}}, 1),
}
"""By item: what the bare center has of it, what is changed, and what it has then."""


def changed(changes: Data) -> Data:
    """The bare center with some entries changed, by dotted path."""
    data = deepcopy(BARE)
    for path, value in changes.items():
        *above, last = path.split(".")
        inner: dict[str, Any] = data
        for key in above:
            inner = inner.setdefault(key, {})
        if value is None:
            del inner[last]
        else:
            inner[last] = value
    if "bot" not in data["channels"]["phone"]:
        data["topics"]["any"].pop("reach")
        data.pop("bots")
    return data


def by_name(data: Data) -> dict[str, Standard]:
    return {one.name: one for one in checklist(from_dict(data))}


def test_every_item_is_tried() -> None:
    assert set(REACTS) == set(ITEMS)


@pytest.mark.parametrize("name", ITEMS)
def test_an_item_reacts_to_its_keys(name: str) -> None:
    before, changes, after = REACTS[name]
    first, then = by_name(BARE)[name], by_name(changed(changes))[name]
    assert first.kept == (before if before is None else pytest.approx(before))
    assert then.kept == (after if after is None else pytest.approx(after, abs=0.01))
    assert first.said and then.said and first.kept != then.kept


@pytest.mark.parametrize("name", ITEMS)
def test_an_item_says_what_it_asks_reads_and_is_shown_by(name: str) -> None:
    one = ITEMS[name]
    assert one.asks.endswith(".") and one.asks[0].isupper() and len(one.asks.split()) > 4
    assert one.keys and all(is_key(key) for key in one.keys), one.keys
    assert not one.shows or kpi_of(one.shows) in KPIS
    changes = REACTS[name][1]
    stems = [key.replace("*.", "").split(".") for key in one.keys]
    assert any(stem[0] in path.split(".")[0] for stem in stems for path in changes), "what changes it is what it reads"


def test_what_does_not_apply_is_left_out_of_the_score() -> None:
    data = changed({"channels.phone.bot": None})
    del data["demand"]["events"]
    found = by_name(data)
    assert found["notices"].kept is None and found["hand_over_with_context"].kept is None
    known = [one.kept for one in found.values() if one.kept is not None]
    assert score(found.values()) == pytest.approx(np.mean(known))


def test_languages_count_by_team_and_language() -> None:
    data = changed(REACTS["languages"][1])
    data["customers"]["ours"]["language"] = "en"
    data["teams"]["back"] = {"skills": {"all": {}}, "headcount": {"constant": 1}}
    assert by_name(data)["languages"].kept == pytest.approx(3 / 4)
    data["teams"]["front"]["people"]["interpreter"] = {}
    assert by_name(data)["languages"].kept == 1


# -- the week ---------------------------------------------------------------------------------------------------


def week(team: Data, **phone: Any) -> float:
    """The share of the week in which the phone is attended."""
    data = changed({"channels.phone.bot": None, "teams.front": {"skills": {"all": {}}, **team}})
    data["channels"]["phone"] |= phone
    return float(attended(from_dict(data))["phone"].mean())


def test_the_share_of_the_week_by_hand() -> None:
    def shift(days: str, start: str, end: str) -> Data:
        return {"days": days, "start": start, "end": end, "headcount": 1}

    assert week({"headcount": {"constant": 1}}) == 1
    assert week({"headcount": {"constant": 1}}, open={"mon-fri": "08:00-18:00"}) == pytest.approx(50 / 168)
    assert week({"shifts": {"night": shift("sun", "22:00", "06:00")}}) == pytest.approx(8 / 168), "into Monday"
    two = {"early": shift("mon-fri", "08:00", "16:00"), "late": shift("mon-fri", "14:00", "20:00")}
    assert week({"shifts": two}) == pytest.approx(60 / 168)
    assert week({"headcount": {"weekly": {"sat": [0] * 12 + [2] * 12, "mon-fri": [1] * 24}}}) == pytest.approx(
        132 / 168
    )
    around = {
        "pattern": "three_shift",
        "per_crew": 1,
        "shifts": {
            name: {"start": start, "end": end}
            for name, start, end in (
                ("early", "06:00", "14:00"),
                ("late", "14:00", "22:00"),
                ("night", "22:00", "06:00"),
            )
        },
    }
    assert week({"rotations": {"around": around}}) == 1
    assert week({"rotations": {"around": around | {"crews": 1}}}) == pytest.approx(0.25), "each shift on 2 of 8 days"
    night = {"all": {"hours": {"daily": "20:00-08:00"}}}
    assert week({"skills": night, "headcount": {"constant": 1}}) == pytest.approx(0.5)


# -- weights, lines, words ------------------------------------------------------------------------------------------

OWN: Data = {
    "standards": {
        "weights": {"community": 0, "survey": 2, "tone": 3},
        "lines": {
            "tone": {"says": "There is a handbook of the tone of voice."},
            "manuals": {"says": "Manuals are up to date.", "kept": "60 %"},
            "soon": {"says": "Calls are answered soon.", "target": "wanted"},
        },
    },
    "targets.wanted": "asa <= 1 min",
}


def test_weights_and_lines_of_the_scenario() -> None:
    found = by_name(changed(OWN))
    assert "community" not in found and found["survey"].weight == 2
    assert (found["tone"].weight, found["tone"].kept, found["manuals"].kept) == (3, 1, pytest.approx(0.6))
    assert found["soon"].target == "wanted"
    total = sum(one.weight for one in found.values() if one.kept is not None)
    kept = sum(one.weight * one.kept for one in found.values() if one.kept is not None)
    assert score(found.values()) == pytest.approx(kept / total)


def test_a_reading_in_plain_words() -> None:
    def one(name: str, kept: float | None) -> Standard:
        return Standard(name, "g", "It asks.", (), kept, "", 1.0)

    said = reading([one("first_thing", 1), one("half_thing", 0.5), one("no_thing", 0), one("apart", None)])
    assert said == "1 of 3 standards are in place (50 % by weight). Partly: half thing. Missing: no thing."
    assert reading([one("apart", None)]) == "No standard applies."


@pytest.mark.parametrize(
    ("standards", "message"),
    [
        ({"weights": {"comunity": 2}}, "there is no standard 'comunity'; write e.g. community"),
        ({"lines": {"survey": {"says": "x"}}}, "is the name of a standard of the checklist; write another name"),
        ({"lines": {"own": {"says": "x", "target": "none"}}}, "there is no target 'none'"),
        ({"weights": {"community": -1}}, "standards.weights.community"),
    ],
)
def test_what_makes_no_sense_is_refused(standards: Data, message: str) -> None:
    with pytest.raises(InputError) as refused:
        from_dict(changed({"standards": standards}))
    assert message in str(refused.value)


def printed(parts: Any) -> str:
    console = Console(file=io.StringIO(), width=150, highlight=False)
    for part in parts:
        console.print(part)
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


def test_a_run_says_what_was_achieved(tmp_path: Path) -> None:
    scenario = from_dict(changed(OWN | {"channels.email.deadline": {"normal": "4 h"}}) | {"replications": 2})
    result = sim.run(scenario, jobs=1)
    assert list(result.standards.name) == [one.name for one in checklist(scenario)]
    folder = result.save(tmp_path / "found", extras=[write_report])
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    standards = standards_of(summary["standards"])
    assert standards == checklist(scenario)
    assert {row["target"] for row in summary["published"]} == {
        "first_response_time.mean <= 15 min",
        "fcr >= 85 %",
        "resolution_time.mean <= 24 h",
    }
    text = printed(blocks("found", standards, summary))
    for words in (
        "wanted: ",
        "Answered by the deadline:",
        "Of 3 figures that practitioners publish",
        "see channels.*.callback",
    ):
        assert words in text, words
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert '<h2 id="standards">' in page and "There is a handbook of the tone of voice." in page
    alone = printed(blocks("found", standards, summary | {"replications": 1}))
    assert "A single replication cannot decide" in alone and "practitioners publish" not in alone
    console = Console(file=io.StringIO(), width=150, highlight=False)
    show_results(console, folder)
    assert "wanted: " in console.file.getvalue()  # type: ignore[attr-defined]


def test_explain_reads_a_checklist_that_is_the_scenarios_own() -> None:
    assert "Standards: " in words_of(changed(OWN))
    assert "Standards: " not in words_of(changed({}))
