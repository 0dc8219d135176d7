"""Targets day by day and hour by hour: the share of periods in which a metric keeps to a bound."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import poisson

import simulation as sim
from simulation.errors import InputError
from simulation.experiments.best import best
from simulation.experiments.compare import compare
from simulation.experiments.load import from_dict
from simulation.experiments.sweep import COST, Point, _choice
from simulation.metrics.kpi import Metric
from simulation.metrics.measure import Sums, counted
from simulation.metrics.precision import Precision
from simulation.metrics.targets import Judgement, Target
from simulation.reports import metric_title, target_words
from simulation.statistics import all_or_none_interval
from simulation.statistics.paired import mean_estimate
from tests.laws.strategies import Data

HELD = {
    "service": "service_level(30s) >= 80 % on 70 % of days",
    "p90": "wait.p90 <= 60 s on 50 % of hours",
    "mean": "handling_time.mean <= 60 s on 50 % of days",
    "spread": "abandonment <= 6.5 % on 60 % of days",
}


def center(targets: dict[str, str], volume: str = "3/min", horizon: str = "5 d", **more: Any) -> sim.Scenario:
    """Calls of a minute for four agents."""
    data: Data = {
        "name": "center",
        "calendar": {"start": "2026-03-28", "time_zone": "Europe/Riga"},  # a night of 23 hours
        "horizon": horizon,
        "replications": 2,
        "demand": {"sources": {"calls": {"topic": "any", "channel": "phone", "volume": volume}}},
        "channels": {"phone": {"mode": "live", "patience": {"exponential": {"mean": "3 min"}}}},
        "topics": {"any": {"handling": {"any": {"exponential": {"mean": "1 min"}}}}},
        "teams": {"front": {"skills": {"all": {}}, "headcount": {"constant": 4}, "wage": "20 EUR/h"}},
        "targets": targets,
    }  # fmt: skip
    return from_dict(data | more)


@pytest.fixture(scope="module")
def result() -> sim.Result:
    return sim.run(center(HELD, warm_up="30 h"), jobs=1)


def by_period(rows: pd.DataFrame, period: str) -> Any:
    """The measured rows of a table by replication and day or hour of arrival."""
    rows = rows[rows["measured"]]
    start = pd.Timestamp("2026-03-28", tz="Europe/Riga").tz_convert("UTC")
    moment = (start + pd.to_timedelta(rows["interval"], unit="h")).dt.tz_convert("Europe/Riga")
    return rows.groupby([rows["replication"], moment.dt.date if period == "days" else rows["interval"]])


def test_shares_of_days_and_hours_are_those_of_the_tables(result: sim.Result) -> None:
    contacts, legs = result.contacts, result.legs
    waits = legs[legs["answered"].notna()]
    gone = contacts.assign(gone=contacts["outcome"] == "abandoned")
    shares = {
        "p90": by_period(waits, "hours")["wait"].quantile(0.9) <= 60,
        "mean": by_period(waits, "days")["attention"].mean() <= 60,
        "spread": by_period(gone, "days")["gone"].mean() <= 0.065,
    }
    observed = result.targets.set_index("name")["observed"]
    for name, held in shares.items():
        assert observed[name] == pytest.approx(held.mean(), abs=1e-9), name
        assert 0.1 < held.mean() < 0.95, f"{name} has no power"
    assert len(shares["p90"]) == 2 * 90 and len(shares["mean"]) == 2 * 5


def test_the_days_of_a_poisson_stream() -> None:
    """On how many days at least 100 arise when 96 are expected."""
    found = sim.run(center({"many": "contacts >= 100"}, "96/day", "20 d", replications=8, teams=team(20))).targets.iloc[
        0
    ]
    exact = float(poisson.sf(99, 96))
    assert found["days_low"] < exact < found["days_high"] and found["days_high"] - found["days_low"] < 0.27
    assert found["verdict"] == "missed" and found["observed"] == pytest.approx(96, abs=4)


def team(agents: int) -> Data:
    return {"front": {"skills": {"all": {}}, "headcount": {"constant": agents}}}


def test_targets_have_the_share_of_days_beside_them() -> None:
    found = sim.run(center({"cost": "cost <= 2000 EUR/day", "busy": "occupancy <= 99 %", **HELD}, horizon="2 d"))
    rows = found.targets.set_index("name")
    assert rows.loc["cost", ["observed", "days", "days_high"]].tolist() == pytest.approx([1920, 1.0, 1.0])
    assert rows.loc["cost", "days_low"] == pytest.approx(0.025 ** (1 / 6)), "of 23 h, of 24 h, and one begun, twice"
    assert rows.loc[list(HELD), "days"].isna().all()
    assert "occupancy <= 99 % on days" in set(found.kpis["metric"])


def test_a_day_without_data_does_not_count() -> None:
    open_on_weekdays = {"phone": {"mode": "live", "open": {"mon-fri": "08:00-18:00"}}}
    found = sim.run(center({"fast": "service_level(30s) >= 0 %"}, "3/day", "14 d", channels=open_on_weekdays))
    interval = found.judgements[0].days
    assert interval is not None and interval.mean == 1 and interval.n < 2 * 14


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("asa <= 1 min on 90 % of weeks", "weeks"),
        ("asa <= 1 min on 190 % of days", "190"),
        ("asa <= 1 min on of days", "of days"),
        ("asa <= 1 min on -5 % of days", "-5"),
    ],
)
def test_what_cannot_be_read_is_refused(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        center({"odd": text})


def test_it_reads_well() -> None:
    target = Target.parse("steady", "service_level(20s){channel=phone} >= 80 % on 90 % of days")
    assert str(target.metric) == "service_level(20s) >= 80 % on days"
    assert metric_title(str(target.metric)) == "Service level (20 s) at least 80 %, share of days"
    assert target_words(target.text) == ("Service level (20 s), channel phone", "at least 80 % on 90 % of days")
    assert target_words("asa <= 1 min on 75 % of hours")[1] == "at most 1 min on 75 % of hours"
    assert (target.metric.unit, target.metric.better, target.bound) == ("share", "higher", 0.9)


def test_all_or_none_is_clopper_and_pearson() -> None:
    assert all_or_none_interval(1.0, 20).low == pytest.approx(0.025 ** (1 / 20))
    assert all_or_none_interval(0.0, 20).high == pytest.approx(1 - 0.025 ** (1 / 20))
    for share, observed in ((0.5, 20), (1.0, 0), (1.0, np.nan)):
        with pytest.raises(ValueError, match="share"):
            all_or_none_interval(share, observed)


STEADY = {"steady": "service_level(30s) >= 0 % on 90 % of days"}


def days_of(*held: float) -> list[Sums]:
    return [Sums(one, 1.0) for one in held]


def test_all_days_of_a_steady_state_are_as_many_days_as_elsewhere() -> None:
    """Sixteen good days out of sixteen, in one long run: Clopper and Pearson say 79 % at least."""
    at_home = {"calendar": {"start": "2026-03-02"}, "experiment": "steady_state"}
    long = center(STEADY, "1/min", "17 d", warm_up="1 d", **at_home).model_copy(update={"replications": 1})
    found = sim.run(long, jobs=1, tables=False)
    assert found.batches is not None
    (steady,) = found.judgements
    assert steady.interval.low == pytest.approx(0.025 ** (1 / 16)) and steady.verdict is sim.Verdict.undecided


def test_no_days_that_held_leave_nobody_out_beyond_doubt() -> None:
    """Ten bad days of ten, of which a target asks for one in five: that happens to one in nine scenarios that meet it."""
    bad = {"good": "service_level(30s) >= 100 % on 20 % of days"}
    centers = [center(bad, "3/min", "1 d", name=name) for name in ("one", "two")]
    found = best(centers, "cost", 1.0, first=10, most=10, subject_to="targets", jobs=1)
    assert [one.out and one.out.misses for one in found.contenders] != [("good",)] * 2
    assert [one.open for one in found.contenders] == [("good",)] * 2


def test_a_choice_is_not_sure_by_days_that_all_held() -> None:
    """Forty good days of forty meet 90 % alone, and not at once with those of a hundred other points."""
    target = Target.parse("steady", "service_level(30s) >= 80 % on 90 % of days")
    seen = mean_estimate([1.0] * 40)
    judged = Judgement(target, all_or_none_interval(1.0, 40), sim.Verdict.met)
    points = [
        Point(n, {}, [], [judged], {(target.metric, target.segment): seen, COST: mean_estimate([n + 1.0] * 40)})
        for n in range(100)
    ]
    found = [_choice(points[:many], 0.95, 1) for many in (1, 100)]
    assert [one is not None and one.surely for one in found] == [True, False]


def test_all_days_are_no_more_precise_than_their_interval() -> None:
    """Twenty good days of twenty: 83 to 100 %, which is not within 5 %."""
    scenario = center(STEADY)
    aim = Target.parse("", STEADY["steady"])
    key = (aim.metric, aim.segment)
    (found,) = Precision.parse("5 %", scenario).widths([{key: one} for one in days_of(*[1.0] * 20)], [key])
    assert found.half == pytest.approx((1 - 0.025 ** (1 / 20)) / 2) and not found.reached


def test_four_good_days_of_each_are_no_proof_of_the_same() -> None:
    """Two scenarios in which all days held may differ by what four days do not show; all else is the very same."""
    start = {"start": "2026-03-02"}
    scenarios = [center(STEADY, "1/min", "2 d", name=name, calendar=start) for name in ("one", "other")]
    found = compare(scenarios, replications=2, jobs=1).differences.set_index("metric")
    steady = found.loc[str(Target.parse("", STEADY["steady"]).metric)]
    assert steady["change"] == 0 and -1 < steady["low"] < -0.6 and 0.6 < steady["high"] < 1
    assert steady["verdict"] == "undecided"
    assert (found.drop(index=steady.name)["verdict"] == "no difference").all()


def test_nobody_of_few_is_not_nobody() -> None:
    """No caller of some twenty hung up: that happens to one center in three that loses 5 %, so 2 % are not met beyond doubt."""
    quiet = center({"lost": "abandonment <= 2 %"}, "5/day", "2 d", calendar={"start": "2026-03-02"})
    (lost,) = sim.run(quiet, tables=False, jobs=1).judgements
    assert lost.interval.mean == lost.interval.low == 0 and 0.05 < lost.interval.high < 0.5
    assert lost.verdict is sim.Verdict.undecided


def test_shares_of_time_are_not_counted() -> None:
    told = {"occupancy": False, "abandonment": True, "bot_utilization": False, "handling_spread": False, "asa": False}
    assert {name: counted(Metric(name)) for name in told} == told
