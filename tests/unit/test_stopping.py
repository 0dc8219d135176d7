"""What ends a run: the rule from what was asked, looks at fixed moments, budgets, and what is said of it."""

from __future__ import annotations

import math
import time

import pytest

from simulation.errors import InputError
from simulation.experiments.load import from_dict
from simulation.experiments.stopping import MOST, NEVER, Ended, Rule, Standing, in_looks, rule_of, said, wanting
from simulation.metrics.measure import EVERYTHING, Sums
from simulation.metrics.precision import Precision, Width
from simulation.metrics.targets import metric_on
from simulation.reports.stopping import ending, standing_words
from simulation.scenario.schema import Scenario
from simulation.statistics import Interval
from simulation.statistics.sequential import Unsettled


def center(**more: object) -> Scenario:
    """Calls of a minute on average, 4 a minute, for two hours."""
    data = {
        "name": "line",
        "calendar": {"start": "2026-03-02"},
        "horizon": "2 h",
        "demand": {"sources": {"calls": {"topic": "any", "channel": "phone", "volume": "4/min"}}},
        "channels": {"phone": {"mode": "live"}},
        "topics": {"any": {"handling": {"any": {"exponential": {"mean": "1 min"}}}}},
        "teams": {"front": {"skills": {"all": {}}, "headcount": {"constant": 5}}},
        "targets": {"wait": "asa.mean <= 60 s"},
    }
    return from_dict(data | more)


def open_one(name: str = "wait", more: int | None = 7) -> Unsettled:
    return Unsettled(name, "s", Interval(60.0, 50.0, 70.0, 0.95, 20), more)


def wide(name: str = "asa", half: float = 5.0, wanted: float = 2.0) -> Width:
    return Width(*metric_on(name, center()), 60.0, half, wanted)


# -- the rule ---------------------------------------------------------------------------------------


def test_a_chosen_number_is_made() -> None:
    assert rule_of(center(replications=3), None) is None
    assert rule_of(center(), 3) is None
    assert rule_of(center(targets={}), None, something=False) is None


def test_who_says_nothing_waits_for_verdicts() -> None:
    assert rule_of(center(), None) == Rule(settled=True, most=MOST)


def test_what_is_asked_for_comes_before_what_the_scenario_says() -> None:
    scenario = center(replications=3)
    assert rule_of(scenario, None, "settled") == Rule(most=MOST)
    assert rule_of(scenario, 70, "settled") == Rule(most=70)
    assert rule_of(scenario, None, None, None, 50) == Rule(most=50)
    assert rule_of(scenario, None, None, None, ["50", "90 s"]) == Rule(most=50, seconds=90)
    assert rule_of(scenario, None, None, None, "1 min") == Rule(most=NEVER, seconds=60)
    narrow = rule_of(scenario, None, None, "5 %")
    assert narrow is not None and not narrow.settled and narrow.precision == Precision(0.05)
    both = rule_of(scenario, None, "settled", ["5%", "asa.mean=2s"])
    assert both is not None and both.settled and both.precision is not None and len(both.precision.absolute) == 1


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"precision": "5"}, "no unit|not a precision"),
        ({"precision": ["5%", "3%"]}, "twice"),
        ({"precision": "0%"}, "between 0 and 100"),
        ({"precision": "nothing=5s"}, "no metric"),
        ({"precision": {"asa.mean": "0 s"}}, "more than 0"),
        ({"precision": "asa.mean=5"}, "no unit"),
        ({"budget": "soon"}, "no budget"),
        ({"budget": 0}, "no budget"),
        ({"budget": "-5"}, "no budget"),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused(options: dict[str, object], word: str) -> None:
    with pytest.raises(InputError, match=word):
        rule_of(center(), None, **options)  # type: ignore[arg-type]


def test_intervals_that_hold_wherever_one_stops_are_wider() -> None:
    assert Rule(settled=False).single(45) == 0.95
    assert Rule().single(20) == pytest.approx(0.975)
    assert 0.975 < Rule().single(45) < Rule().single(200) < 0.999
    assert Rule().single(1) == 0.95


# -- looks ------------------------------------------------------------------------------------------


def course(rule: Rule, ends_at: int | None = None, seconds: float = 0.0) -> tuple[Ended, list[Standing], list[float]]:
    """A run that settles at the first look with so many replications."""
    parts: list[float] = []
    heard: list[Standing] = []

    def simulate(done: int, upto: int, over: object) -> int:
        while done < upto:
            time.sleep(seconds)
            done += 1
            if over():  # type: ignore[operator]
                break
        return done

    def judge(part: float, done: int) -> tuple[list[Unsettled], list[Width]]:
        parts.append(part)
        return ([] if ends_at is not None and done >= ends_at else [open_one()]), []

    ended = in_looks(rule, time.perf_counter(), simulate, judge, heard.append)
    return ended, heard, parts


def test_a_run_ends_when_all_is_settled() -> None:
    ended, heard, parts = course(Rule(), 40)
    assert (ended.reason, ended.replications, ended.looks, ended.open) == ("settled", 45, [20, 30, 45], [])
    assert [one.following for one in heard] == [30, 45, None]
    assert parts == sorted(parts) and parts[-1] < 1


def test_the_last_look_may_spend_all() -> None:
    ended, _, parts = course(Rule(most=50))
    assert (ended.reason, ended.looks, parts[-1]) == ("replications", [20, 30, 45, 50], 1.0)
    assert [one.name for one in ended.open] == ["wait"]


def test_a_budget_of_time_ends_between_replications_and_looks_once_more() -> None:
    ended, _, parts = course(Rule(most=NEVER, seconds=0.2), seconds=0.03)
    assert ended.reason == "seconds" and 2 <= ended.replications < 20
    assert ended.looks == [ended.replications] and parts == [1.0]


def test_narrow_enough_has_a_reason_of_its_own() -> None:
    assert course(Rule(settled=False, precision=Precision(0.05)), 20)[0].reason == "precise"


# -- words ------------------------------------------------------------------------------------------


def test_the_rule_in_words() -> None:
    assert said(Rule()) == "until all verdicts settle, at most 200 replications"
    both = Rule(settled=False, precision=Precision(0.05), most=NEVER, seconds=60)
    assert said(both) == "until intervals are narrow, at most 1 min"


def test_why_it_ended() -> None:
    rule = Rule()
    assert list(ending(Ended("settled", 45, [20, 30, 45], rule), {"a": 20, "b": 45})) == [
        "Stopped after 45 replications: every verdict is settled.",
        "Verdicts rest on the replications up to their own look: a 20, b 45.",
    ]
    still = [open_one(), open_one("calls", None), *(open_one(str(number)) for number in range(6))]
    words = list(ending(Ended("replications", 200, [200], rule, still)))
    assert words[1].startswith("Still undecided") and "wait (about 7), calls (too many)" in words[1]
    assert words[1].endswith("and 2 more.")
    narrow = Ended("seconds", 1, [1], Rule(False, Precision(0.05), NEVER, 60.0), [], [wide()])
    assert "time is over (1 min)" in next(iter(ending(narrow)))
    assert any("asa.mean ± 5.0 s (asked 2.0 s)" in one for one in ending(narrow))
    assert any("--replications 1 " in one for one in ending(narrow))


def test_how_it_stands() -> None:
    assert standing_words(Standing(20, [], [], 30, Rule())) == "all verdicts settled"
    assert "1 verdict open: wait at 1:00 min ± 10 s" in standing_words(Standing(20, [open_one()], [], 30, Rule()))
    narrow = Rule(settled=False, precision=Precision(0.05))
    assert standing_words(Standing(20, [], [wide()], 30, narrow)) == "too wide: asa.mean ± 5.0 s (asked 2.0 s)"


def test_what_is_asked_for_by_name_and_has_no_data_is_not_precise() -> None:
    """Of the usual figures it is left out."""
    key = metric_on("asa.mean", center())
    named = Precision.parse({"asa.mean": "2 s"}, center())
    for measures in ([{}] * 20, [{key: Sums(0.0, 0.0)}] * 20):
        (found,) = named.widths(measures, [])
        assert not found.reached and wanting([found]) == [found]
        assert Precision(0.05).widths(measures, [key]) == []


def test_the_widest_for_its_purpose_comes_first() -> None:
    found = wanting([wide(half=3), wide(half=9, wanted=8), wide(half=1), wide(half=math.nan)])
    assert [one.half for one in found] == pytest.approx([math.nan, 3, 9], nan_ok=True)
    assert all(not one.reached for one in found)
    assert found[0].segment == EVERYTHING
