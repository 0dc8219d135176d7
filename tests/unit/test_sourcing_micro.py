"""Sites and outsourcers on centers so small that every cent can be worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest

from simulation.errors import InputError
from simulation.experiments.load import from_dict
from simulation.metrics import KPIS
from simulation.metrics.fees import MONTH_DAYS, shortfall, usage_fee
from simulation.metrics.measure import Slicer
from simulation.metrics.targets import targets_of
from simulation.metrics.view import View
from simulation.reports import kpi_of
from tests.laws.books import observe
from tests.laws.micro import agents, center, on_shift
from tests.laws.strategies import Data, constant
from tests.unit.test_explain import words_of

DAY = 24.0
"""Amounts of an hour come as so many a day."""


def kpi(data: Data, metric: str) -> float:
    """A KPI of one replication; a metric as in a target."""
    bound = (
        "0 EUR"
        if KPIS[kpi_of(metric)].unit.startswith("money")
        else "0 %"
        if KPIS[kpi_of(metric)].unit == "share"
        else "0"
    )
    scenario = from_dict({**data, "targets": {"wanted": f"{metric} >= {bound}"}})
    (target,) = targets_of(scenario)
    sums = Slicer(View(observe(scenario).record, scenario)).on(target.metric, target.segment)
    return sums.value / sums.over


def outsourced(calls: list[Any], pay: Data, **parts: Any) -> Data:
    """A center whose agents are an outsourcer's."""
    parts = {"teams__front": agents(2, wage="99 EUR/h")} | parts
    data = center(calls, employers={"abroad": {"pay": pay}}, **parts)
    data["teams"]["front"]["employer"] = "abroad"
    return data


# -- pay ------------------------------------------------------------------------------------------------------


def test_the_equations() -> None:
    prices = {"per_hour": 10.0, "per_contact": 2.0, "per_minute": 0.5, "per_resolution": 3.0}
    assert usage_fee(1.5, 4, 30, 2, prices) == 15 + 8 + 15 + 6
    assert usage_fee(1.5, 4, 30, 2, {}) == 0
    assert shortfall(90, 100, MONTH_DAYS) == 10
    assert shortfall(90, 100, MONTH_DAYS / 2) == 0
    assert MONTH_DAYS == 30.4375


def test_by_contact_once_and_not_for_who_hung_up() -> None:
    """Three calls, one agent; the second waits, the third loses patience: two are paid."""
    calls = [(0, 100), (10, 100), (20, 100)]
    patience = {"channels__phone__patience": constant(120), "teams__front": agents(1, wage="99 EUR/h")}
    data = outsourced(calls, {"per_contact": "2.50 EUR"}, **patience)
    assert kpi(data, "abandonment") == pytest.approx(1 / 3)
    assert kpi(data, "outsourcing") == pytest.approx(2 * 2.5 * DAY)
    assert kpi(data, "cost") == pytest.approx(2 * 2.5 * DAY), "the wage is the outsourcer's affair"
    assert kpi(data, "cost_per_contact") == pytest.approx(5 / 3)


def test_a_contact_that_goes_on_to_another_team_is_paid_to_each_employer_once() -> None:
    """The case is beyond the first tier, whose agents of two teams are one employer's; the second tier is our own."""
    data = center(
        [(0, 60)],
        topics__any__reach={"tier1": "0 %"},
        escalation={"path": ["tier1", "tier2", "tier3"], "recognition": "100 %"},
        teams={
            "front": agents(1, employer="abroad"),
            "second": agents(1, tier="tier2", employer="abroad"),
            "third": agents(1, tier="tier3", employer="other"),
        },
        employers={"abroad": {"pay": {"per_contact": "2 EUR"}}, "other": {"pay": {"per_contact": "7 EUR"}}},
    )
    data["topics"]["any"]["reach"]["tier2"] = "0 %"
    assert kpi(data, "outsourcing") == pytest.approx((2 + 7) * DAY)
    assert kpi(data, "outsourcing{employer=abroad}") == pytest.approx(2 * DAY)
    assert kpi(data, "outsourcing{team=front}") == pytest.approx(2 * DAY), "who answered first"
    assert kpi(data, "staff_cost_per_stay{employer=other}") == pytest.approx(7)


def test_by_hour_on_the_floor_or_paid() -> None:
    """A shift of eight hours with half an hour of paid break: 7.5 h on the floor, 8 h paid."""
    shift = on_shift("08:00", "16:00", 2, breaks={"tea": {"after": "4 h", "lasts": "30 min"}})
    for hours, paid in (("floor", 7.5), ("paid", 8.0)):
        data = outsourced([], {"per_hour": "10 EUR/h", "hours": hours}, horizon="1 d", teams__front=shift)
        data["demand"]["sources"] = {"calls": {"topic": "any", "channel": "phone", "volume": "1e-9/week"}}
        assert kpi(data, "outsourcing") == pytest.approx(2 * paid * 10)


def test_by_minute_of_handling_with_after_contact_work() -> None:
    data = outsourced([(0, 90), (0, 30)], {"per_minute": "1 EUR"}, topics__any__wrap_up={"phone": constant(30)})
    assert kpi(data, "outsourcing") == pytest.approx((2 + 1) * DAY)


@pytest.mark.parametrize(("resolution", "paid"), [("true", 0), ("claimed", 2)])
def test_by_resolution_true_or_claimed(resolution: str, paid: int) -> None:
    """Nobody is right and the customer comes back once: two claims, no solution."""
    back = {"probability": "100 %", "after": constant(600), "most": 1}
    wrong = {"teams__front": agents(2, accuracy="0 %"), "topics__any__repeat": back}
    pay = {"per_resolution": "6 EUR", "resolution": resolution}
    assert kpi(outsourced([(0, 60)], pay, **wrong), "outsourcing") == pytest.approx(paid * 6 * DAY)
    assert kpi(outsourced([(0, 60)], pay), "outsourcing") == pytest.approx(6 * DAY), "who is right is paid once"


def test_a_fixed_fee_and_what_lacks_to_the_minimum() -> None:
    """Of a month's 3043.75 EUR an hour's part is 100 / 24; two calls come to 2 EUR, the rest is paid on top."""
    pay = {"per_contact": "1 EUR", "minimum": "3043.75 EUR"}
    assert kpi(outsourced([(0, 60), (0, 60)], pay), "outsourcing") == pytest.approx(100)
    assert kpi(outsourced([(0, 60)] * 7, pay), "outsourcing") == pytest.approx(7 * DAY), "more than the minimum"
    fixed = outsourced([(0, 60)], {"per_contact": "1 EUR", "per_month": "3043.75 EUR"})
    assert kpi(fixed, "outsourcing") == pytest.approx(100 + DAY)


# -- sites ----------------------------------------------------------------------------------------------------


def test_a_site_has_a_level_of_wages_and_costs_of_its_own() -> None:
    sites = {"home": {"cost": {"per_day": "48 EUR"}}, "coast": {"wages": "50 %", "cost": {"per_agent_hour": "3 EUR"}}}
    teams = {"front": agents(1, wage="10 EUR/h", site="home"), "back": agents(2, wage="10 EUR/h", site="coast")}
    data = center([(0, 60)], sites=sites, teams=teams)
    assert kpi(data, "wages") == pytest.approx((10 + 10) * DAY)
    assert kpi(data, "wages{site=coast}") == pytest.approx(10 * DAY)
    assert kpi(data, "site_cost{site=home}") == pytest.approx(48)
    assert kpi(data, "site_cost{site=coast}") == pytest.approx(6 * DAY)
    assert kpi(data, "staff_cost{site=coast}") == kpi(data, "staff_cost{team=back}") == pytest.approx(16 * DAY)
    assert kpi(data, "agents{site=coast}") == 2


@pytest.mark.parametrize(
    ("zone", "hours"), [(None, 6), ("Europe/Riga", 6), ("Asia/Kolkata", 2.5), ("America/New_York", 1.0)]
)
def test_premiums_go_by_the_clock_of_the_site(zone: str | None, hours: float) -> None:
    """A night from 23:00 to 07:00 in Riga (UTC+2) is 02:30 to 10:30 in India, 16:00 to 24:00 in New York; the premium is
    due from 23:00 to 05:00."""
    data = center(
        [],
        calendar={"start": "2026-03-02", "time_zone": "Europe/Riga"},
        horizon="1 d",
        demand={"sources": {"calls": {"topic": "any", "channel": "phone", "volume": "1e-9/week"}}},
        sites={"there": {} if zone is None else {"time_zone": zone}},
        teams__front=agents(0) | {"headcount": {"weekly": {"daily": [1] * 7 + [0] * 16 + [1]}}},
        cost__premiums={"night": {"share": "50 %", "start": "23:00", "end": "05:00"}},
    )
    data["teams"]["front"] |= {"wage": "10 EUR/h", "site": "there"}
    assert kpi(data, "wages") == pytest.approx(80 + 5 * hours)
    assert kpi(data, "premium_pay") == pytest.approx(5 * hours)


def test_a_premium_that_ends_at_the_half_hour_of_the_center_pays_nobody_who_begins_then() -> None:
    """05:00 in India is 01:30 in Riga."""
    data = center(
        [],
        calendar={"start": "2026-03-02", "time_zone": "Europe/Riga"},
        horizon="1 d",
        demand={"sources": {"calls": {"topic": "any", "channel": "phone", "volume": "1e-9/week"}}},
        sites={"there": {"time_zone": "Asia/Kolkata"}},
        teams__front=on_shift("01:30", "09:30") | {"wage": "10 EUR/h", "site": "there"},
        cost__premiums={"night": {"share": "50 %", "start": "23:00", "end": "05:00"}},
    )
    assert kpi(data, "wages") == pytest.approx(80)
    assert kpi(data, "premium_pay") == pytest.approx(0, abs=1e-9)


def test_a_premium_of_holidays_falls_on_holidays() -> None:
    data = center(
        [],
        calendar={"start": "2026-03-02", "holidays": {"2026-03-03": "a feast"}},
        horizon="3 d",
        demand={"sources": {"calls": {"topic": "any", "channel": "phone", "volume": "1e-9/week"}}},
        teams__front=agents(1, wage="10 EUR/h"),
        cost__premiums={"holiday": {"share": "100 %", "holidays": True}},
    )
    assert kpi(data, "premium_pay{weekday=tue}") == pytest.approx(240 / 3)
    assert kpi(data, "premium_pay") == pytest.approx(240 / 3)


# -- cost of answers in time ------------------------------------------------------------------------------------


def test_the_cost_of_an_answer_in_time() -> None:
    """One agent for an hour at 12 EUR: of three calls two are answered within 20 s, and one after a minute."""
    data = center([(0, 60), (0, 60), (600, 60)], teams__front=agents(1, wage="12 EUR/h"))
    assert kpi(data, "cost_in_time(20s)") == pytest.approx(6)
    assert kpi(data, "cost_in_time(1min)") == pytest.approx(4)
    letters = center(
        [(0, 60, "email", "any"), (0, 60, "email", "any")],
        channels={"email": {"mode": "deferred", "deadline": {"normal": "90 s"}}},
        teams__front=agents(1, wage="12 EUR/h"),
    )
    assert kpi(letters, "cost_in_time(20s)") == pytest.approx(12), "a deadline goes before the time given"


# -- what is refused, and what is said ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"site": "rga"}, "teams.front.site: there is no site 'rga'; write e.g. riga"),
        ({"employer": "them"}, "teams.front.employer: there is no employer 'them'"),
        ({"pay": {}}, "employers.abroad.pay: pays nothing; write e.g. per_contact: 3.50 EUR"),
        ({"pay": {"per_contact": "1 EUR", "hours": "paid"}}, "hours is about a price per hour"),
        ({"pay": {"per_contact": "1 EUR", "resolution": "claimed"}}, "resolution is about a price per resolution"),
        ({"pay": {"per_contact": "1 USD"}}, "is in USD, but teams.front.wage is in EUR"),
        ({"pay": {"per_contact": 1}}, "employers.abroad.pay.per_contact"),
        ({"cost": {"per_day": "1 USD"}}, "sites.riga.cost.per_day: is in USD"),
        ({"premium": {"share": "10 %", "holidays": True, "days": "sun"}}, "is on holidays or on weekdays"),
    ],
)
def test_what_makes_no_sense_is_refused(change: Data, message: str) -> None:
    data = center([(0, 60)], teams__front=agents(1, wage="10 EUR/h", site="riga", employer="abroad"))
    data["sites"] = {"riga": {"cost": change.get("cost", {})}}
    data["employers"] = {"abroad": {"pay": change.get("pay", {"per_contact": "1 EUR"})}}
    data["cost"] = {"premiums": {"feast": change["premium"]}} if "premium" in change else {}
    data["teams"]["front"] |= {key: change[key] for key in ("site", "employer") if key in change}
    with pytest.raises(InputError) as refused:
        from_dict(data)
    assert message in str(refused.value)


def test_explain_says_who_works_where_and_for_what() -> None:
    data = outsourced(
        [(0, 60)],
        {"per_contact": "2 EUR", "minimum": "900 EUR"},
        sites={"far": {"wages": "60 %", "time_zone": "Asia/Manila"}},
    )
    data["teams"]["front"]["site"] = "far"
    text = words_of(data)
    for words in ("abroad", "2 EUR per contact", "at least 900 EUR a month", "far", "Asia/Manila", "x 0.6"):
        assert words in text, text
