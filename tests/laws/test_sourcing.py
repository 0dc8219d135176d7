"""What holds of money in every center: kinds add up, each thing is paid once, and who is paid moves nothing."""

from __future__ import annotations

from copy import deepcopy
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.experiments.load import from_dict
from simulation.metrics.cost import KINDS
from simulation.metrics.kpi import KPIS, Metric
from simulation.metrics.measure import Slicer
from simulation.metrics.view import View
from simulation.record.recorder import Outcome
from tests.laws.books import observe
from tests.laws.rich import RICH
from tests.laws.strategies import Data, quick, scenarios

SEEDS = st.integers(0, 2**32)


def priced(data: Data, seed: int) -> Data:
    """The same center with random prices of everything: wages, sites, outsourcers, channels, bots, practices, premiums."""
    pick, other = Random(seed), deepcopy(data)
    some = lambda thing: thing if pick.random() < 0.6 else {}  # noqa: E731
    euro = lambda most=5.0: f"{pick.uniform(0, most):.3f} EUR"  # noqa: E731
    other["sites"] = {
        name: {"wages": pick.uniform(0.3, 2), "cost": some({"per_day": euro(), "per_agent_hour": euro()})}
        for name in "AB"
    }
    pays = {"per_contact", "per_minute", "per_resolution", "per_month", "minimum"}
    other["employers"] = {
        "us": {},
        "them": {
            "pay": {"per_hour": f"{euro()}/h", "hours": pick.choice(["floor", "paid"])}
            | {name: euro(50) for name in sorted(pays) if pick.random() < 0.6}
        },
    }
    for team in other["teams"].values():
        team |= (
            some({"wage": f"{euro(30)}/h"})
            | some({"site": pick.choice("AB")})
            | some({"employer": pick.choice(["us", "them"])})
        )
    other["cost"] = {
        "channels": {name: some({"per_contact": euro(), "per_minute": euro()}) for name in other["channels"]},
        "premiums": {"early": {"share": "50 %", "start": "00:00", "end": "02:00"}, "all": {"share": "10 %"}},
    }
    for bot in other.get("bots", {}).values():
        bot["cost"] = euro()
    other.setdefault("practices", {})["tool"] = {
        "cost": {"per_day": euro(), "per_use": euro(), "per_agent_hour": euro()}
    }
    other["teams"][next(iter(other["teams"]))]["wage"] = "20 EUR/h"
    return other


def amount_of(view: View, kpi: str) -> float:
    """A KPI's money in all; nothing where the scenario has none of it."""
    lacking = KPIS[kpi].needs(view.scenario) is not None
    return 0.0 if lacking else Slicer(view).on(Metric(kpi, KPIS[kpi].parameter), ()).value


def view_of(data: Data) -> View:
    """One replication of a scenario, as KPIs see it."""
    scenario = from_dict(data)
    return View(observe(scenario).record, scenario)


@quick(15)
@given(scenarios(), SEEDS)
def test_the_kinds_of_cost_add_up_to_all_of_it(data: Data, seed: int) -> None:
    assert_adds_up(view_of(priced(data, seed)))


def test_the_kinds_of_cost_add_up_in_a_center_with_everything() -> None:
    view = view_of(RICH)
    assert_adds_up(view)
    assert all(KPIS[kind].needs(view.scenario) is None for kind in KINDS), "it has every kind"
    trained = view.staffing["training"][np.isin(view.codes("staffing", "employer"), (-1,))].sum() / 3600
    assert amount_of(view, "training_cost") == pytest.approx(6 * trained)


def assert_adds_up(view: View) -> None:
    """Kinds sum to all cost, those of agents to that of agents, and a part is no more than its kind."""
    kinds = {kind: amount_of(view, kind) for kind in KINDS}
    assert sum(kinds.values()) == pytest.approx(amount_of(view, "cost"), rel=1e-12)
    staff = ("wages", "outsourcing", "site_cost", "hiring_cost", "training_cost")
    assert sum(kinds[kind] for kind in staff) == pytest.approx(amount_of(view, "staff_cost"), rel=1e-12)
    assert min(kinds.values()) >= 0 and amount_of(view, "premium_pay") <= kinds["wages"]


@quick(15)
@given(scenarios(), SEEDS)
def test_an_outsourcer_is_paid_what_an_accountant_would_count(data: Data, seed: int) -> None:
    view = view_of(priced(data, seed))
    pay = view.scenario.employers["them"].pay
    assert pay is not None
    its = {number for number, team in enumerate(view.scenario.teams.values()) if team.employer == "them"}
    price = {name: money.amount for name, money in pay.given().items()}
    measured = view.record.measured
    seen: set[tuple[int, int]] = set()
    usage = 0.0
    for leg in rows(view.record.legs):
        if (
            leg["tier"] < 0
            or leg["handler"] not in its
            or np.isnan(leg["answered"])
            or leg["outcome"] == Outcome.UNREACHED
        ):
            continue
        first = (leg["case"], leg["contact"]) not in seen
        seen.add((leg["case"], leg["contact"]))
        if measured[0] <= leg["queued"] < measured[1]:
            until = view.scenario.duration if np.isnan(leg["ended"]) else leg["ended"]
            usage += first * price.get("per_contact", 0) + (until - leg["answered"]) / 60 * price.get("per_minute", 0)
            usage += (leg["outcome"] == Outcome.SOLVED) * price.get("per_resolution", 0)
    hours = "signed_in" if pay.hours == "floor" else "paid"
    usage += (
        sum(row[hours] for row in rows(view.record.staffing) if row["team"] in its and row["measured"])
        / 3600
        * price["per_hour"]
    )
    months = view.days / (365.25 / 12)
    expected = max(usage, price.get("minimum", 0) * months) + price.get("per_month", 0) * months
    assert amount_of(view, "outsourcing") == pytest.approx(expected if its else 0.0, rel=1e-9)


def rows(table: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of a table."""
    names = list(table)
    return [dict(zip(names, row, strict=True)) for row in zip(*(table[name].tolist() for name in names), strict=True)]


@quick(10)
@given(scenarios(without=["premiums"]), SEEDS)
def test_prices_premiums_sites_and_employers_move_nothing_but_cost(data: Data, seed: int) -> None:
    """A practice that costs but does nothing is noted as help, so this goes without it."""
    dear = priced(data, seed)
    if "practices" in data:
        dear["practices"] = data["practices"]
    else:
        del dear["practices"]
    plain, paid = observe(data).record.tables, observe(dear).record.tables
    for name, table in plain.items():
        for column, values in table.items():
            np.testing.assert_array_equal(values, paid[name][column], err_msg=f"{name}.{column}")


@quick(10)
@given(scenarios(), SEEDS, st.floats(0, 1))
def test_a_higher_premium_never_costs_less_and_by_its_share(data: Data, seed: int, share: float) -> None:
    """Wages are linear in the premium's share: those with it lie between those without and those with 100 %."""
    found = []
    for part in (0.0, share, 1.0):
        dear = priced(data, seed)
        dear["cost"]["premiums"]["early"]["share"] = f"{100 * part:.6f} %"
        found.append(amount_of(view_of(dear), "wages"))
    assert found[1] == pytest.approx(found[0] + share * (found[2] - found[0]), rel=1e-6)
    assert found[0] <= found[2] + 1e-9


def test_claims_are_never_fewer_than_true_resolutions() -> None:
    data = deepcopy(RICH)
    fees = []
    for counted in ("true", "claimed"):
        data["employers"] = {"helpers": {"pay": {"per_resolution": "1 EUR", "resolution": counted}}}
        fees.append(amount_of(view_of(data), "outsourcing"))
    assert 0 < fees[0] < fees[1]
