"""What the paid time of teams goes to, on the page."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulation.experiments.load import from_dict
from simulation.experiments.run import run
from simulation.reports import paid_time
from simulation.reports.page import Run, page
from tests.unit.test_time_micro import team


def rows(**shares: float) -> dict[tuple[str, str], dict[str, float]]:
    return {(part, "team=a"): {"mean": share} for part, share in shares.items()}


def test_what_is_left_is_other_work() -> None:
    found = paid_time.split(rows(utilization=0.5, paid_idle=0.2, paid_breaks=0.1, paid_training=0.0), ["a", "b"])
    assert found["a"]["other"] == pytest.approx(0.2) and list(found) == ["a"]
    assert paid_time.parts_of(found) == ["utilization", "paid_idle", "other", "paid_breaks"]
    drawn = paid_time.drawing(found)
    assert drawn.says == "a: handling contacts 50.0 %, idle 20.0 %, other paid time 20.0 %, breaks 10.0 %."
    assert [bar.name for bar in drawn.figure.data] == ["handling contacts", "idle", "other paid time", "breaks"]


def test_teams_that_do_nothing_but_contacts_are_not_drawn() -> None:
    assert paid_time.split(rows(utilization=0.6, paid_idle=0.4), ["a"]) == {}


def test_the_page_of_a_run_says_what_paid_time_goes_to(tmp_path: Path) -> None:
    data = team(3, horizon="2 d", training_hours={"each": "1 h", "per": "week"}, adherence={"share": "90 %"})
    data["replications"] = 2
    folder = run(from_dict(data), tables=False, jobs=1).save(tmp_path / "run")
    known = Run.read(folder)
    found = paid_time.split(known.rows, known.lists["teams"])["front"]
    assert sum(found.values()) == pytest.approx(1) and found["paid_breaks"] == pytest.approx(1 / 16)
    assert "other" not in found and found["paid_training"] > 0 and found["paid_lateness"] > 0
    text = page(known)
    assert 'id="paid-time"' in text and "What paid time goes to" in text
