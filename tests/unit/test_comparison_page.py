"""The page of a comparison says what its folder says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from simulation.experiments.compare import Comparison, compare
from simulation.reports.comparison_page import forest, write_page
from simulation.reports.console import signed
from tests.laws.test_compare import center, with_wage


@pytest.fixture(scope="module")
def few() -> Comparison:
    return compare([center("five"), center("six", 6), with_wage("dear", "30 EUR/h")], replications=4)


def text_of(found: Comparison, folder: Path) -> str:
    write_page(folder, found, "Run it <again>.")
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "<b>" not in page and "<again>" not in page
    return re.sub(r"<script.*?</script>|<style>.*?</style>", "", page, flags=re.DOTALL).replace("\u00a0", " ")


def test_it_says_who_is_better_and_shows_every_number(few: Comparison, tmp_path: Path) -> None:
    text = text_of(few, tmp_path)
    assert re.search(r"six is better: .*service level \(30 s\) \+\d", text)
    assert re.search(r"worse: cost \+\d", text)
    assert not re.search(r"\.[.;]", text) and "(asa)" not in text
    for one in few.found:
        assert signed(one.change.mean, one.unit) in text
    assert not re.search(r"\b(nan|None|inf)\b", text)
    assert text.count("<figure>") == len({(one.metric, one.segment) for one in few.found})


def test_of_many_scenarios_it_counts(tmp_path: Path) -> None:
    same = [center(f"same-{number}", hours=2) for number in range(4)]
    found = compare([center("base", hours=2), center("eight", 8, 2), *same], replications=3)
    text = text_of(found, tmp_path)
    assert "Of 5 scenarios, 1 is shown to be better" in text
    assert "4 are not shown to differ" in text


def test_many_scenarios_leave_out_the_middle(few: Comparison) -> None:
    one = next(each for each in few.found if each.verdict.value == "better")
    assert len(forest([one] * 7).figure.data[0].x) == 7
    assert "Shown to differ" in forest([one]).says and "and 4 more" in forest([one] * 7).says


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [(0.0, "share", "0"), (-1e-9, "share", "0.00 pp"), (0.0123, "share", "+1.2 pp"), (-20.0, "s", "−20 s"), (float("nan"), "s", "unknown")],
)  # fmt: skip
def test_a_change_has_a_sign_if_it_shows(value: float, unit: str, said: str) -> None:
    assert signed(value, unit) == said
