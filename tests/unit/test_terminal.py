"""What is said on a terminal: numbers, intervals, hints, progress lines, lists."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from simulation.metrics.kpi import Metric
from simulation.metrics.measure import EVERYTHING, Segment, Summary
from simulation.metrics.targets import Judgement, Target, Verdict
from simulation.reports.catalogue import first_sentence, summary_of, unit_words
from simulation.reports.console import compact, spoken
from simulation.reports.progress import Lines
from simulation.reports.terminal import by_name, hints, replications_for
from simulation.statistics import Interval, mean_interval
from simulation.statistics.intervals import t_quantile


@pytest.mark.parametrize(
    ("low", "high", "unit", "text"),
    [
        (0.389, 0.46, "share", "38.9–46.0 %"),
        (-0.02, 0.04, "share", "0–4.0 %"),
        (0.97, 1.04, "share", "97.0–100 %"),
        (-208.0, 2122.0, "s", "0–35:22 min"),
        (48.0, 91.0, "s", "48 s – 1:31 min"),
        (399.0, 2744.0, "s", "6:39–45:44 min"),
        (2924.4, 2961.2, "EUR/day", "2,924–2,961 EUR a day"),
        (1.12, 1.16, "per case", "1.12–1.16"),
        (math.nan, math.nan, "share", ""),
    ],
)
def test_an_interval_says_its_unit_once_and_nothing_impossible(low: float, high: float, unit: str, text: str) -> None:
    assert compact(low, high, unit) == text


def test_numbers_have_common_spaces() -> None:
    assert spoken(0.744, "share") == "74.4 %"
    assert spoken(957.0, "s") == "15:57 min"


def test_a_row_is_of_one_parameter_whatever_targets_ask_for() -> None:
    """The service level within 20 s of everything and by channel, though targets are about 30 s by phone, and about 10 s."""

    def level(seconds: float, segment: Segment) -> Summary:
        return Summary(Metric("service_level", seconds), segment, "share", mean_interval([seconds / 100] * 2))

    phone: Segment = (("channel", "phone"),)
    found = by_name([level(20.0, EVERYTHING), level(20.0, phone), level(30.0, phone), level(10.0, EVERYTHING)])
    assert [found["service_level", one].interval.mean for one in (EVERYTHING, phone)] == [0.2, 0.2]


# -- hints ------------------------------------------------------------------------------------------


def undecided(name: str, seen: Interval, bound: float) -> Judgement:
    target = Target(name, f"asa <= {bound} s", Metric("asa", None, "mean"), (), "<=", bound)
    return Judgement(target, seen, Verdict.undecided)


@pytest.mark.parametrize("bound", [10.5, 11.0, 9.0, 12.0])
def test_so_many_replications_would_decide_if_mean_and_deviation_stayed(bound: float) -> None:
    values = [4.0, 16.0, 7.0, 13.0, 10.0]
    seen = mean_interval(values)
    deviation = seen.half_width * math.sqrt(5) / t_quantile(0.95, 4)
    needed = replications_for(seen, bound)
    assert needed is not None

    def half_width(n: int) -> float:
        return t_quantile(0.95, n - 1) * deviation / math.sqrt(n)

    distance = abs(seen.mean - bound)
    assert half_width(needed) <= distance
    assert needed == 10 or half_width(needed - 10) > distance


def test_nothing_is_said_where_nothing_can_be() -> None:
    seen = mean_interval([1.0, 3.0])
    assert replications_for(seen, 2.0) is None
    assert replications_for(seen, 2.000001) is None  # millions
    assert replications_for(Interval(2.0, math.nan, math.nan, 0.95, 1), 3.0) is None


def test_the_hint_names_each_target_with_its_number() -> None:
    near, far = mean_interval([9.0, 11.0, 10.0, 10.5]), mean_interval([1.0, 19.0, 7.0, 13.0])
    (line,) = hints([undecided("a", near, 10.3), undecided("b", far, 11.0), undecided("c", near, 10.125)], 4)
    assert line.startswith("More replications might decide: about ")
    assert " for a, " in line
    assert line.endswith(" for b.")  # c stands at its bound


def test_met_targets_need_no_hint() -> None:
    seen = mean_interval([9.0, 11.0])
    assert list(hints([Judgement(undecided("a", seen, 99.0).target, seen, Verdict.met)], 2)) == []
    assert list(hints([], 1)) == []


# -- progress ---------------------------------------------------------------------------------------


def said(total: int) -> list[str]:
    ticks = iter(range(10_000))
    lines: list[str] = []
    heard = Lines(lines.append, clock=lambda: float(next(ticks)))
    for done in range(1, total + 1):
        heard(done, total)
    return lines


@pytest.mark.parametrize("total", [1, 2, 3, 9, 10, 11, 23, 1000])
def test_there_are_at_most_ten_lines_and_the_last_is_the_end(total: int) -> None:
    lines = said(total)
    assert len(lines) == min(total, 10)
    assert lines[-1].startswith(f"{total} of {total} replications, ")
    assert "to go" not in lines[-1]


def test_a_line_tells_the_time_spent_and_left() -> None:
    assert said(4)[:2] == [
        "1 of 4 replications, 1.0 s, about 3.0 s to go",
        "2 of 4 replications, 2.0 s, about 2.0 s to go",
    ]


# -- lists ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("One thing. Another.", "One thing."),
        ("Two\nlines here. And more.", "Two lines here."),
        ("What if? Then that.", "What if?"),
        ("With e.g. a dot, and 3.5 of it. Then more.", "With e.g. a dot, and 3.5 of it."),
        ("No end", "No end"),
        ("", ""),
    ],
)
def test_first_sentence(text: str, first: str) -> None:
    assert first_sentence(text) == first


def test_a_scenario_without_words_says_what_it_extends(tmp_path: Path) -> None:
    path = tmp_path / "change.yaml"
    path.write_text("extends: base.yaml\n", encoding="utf-8")
    assert summary_of(path) == "Extends base.yaml."
    path.write_text("name: [", encoding="utf-8")
    assert "cannot be read" in summary_of(path)


def test_units_in_words() -> None:
    assert [unit_words(unit) for unit in ("s", "contacts/day", "share")] == [
        "time",
        "contacts a day",
        "share",
    ]
