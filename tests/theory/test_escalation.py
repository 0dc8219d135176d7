"""The way up in limits that theory knows: thinned queues in a row, and a clock as a patience that ends for everybody at once."""

from __future__ import annotations

import pytest

from simulation.theory.erlang import fixed_patience, mmn_g
from simulation.theory.queues import escalation_tandem
from tests.laws.strategies import Data
from tests.theory.test_letters import HOUR, Observed, center


def tandem(volume: str, agents: int, **more: object) -> Data:
    """Calls for a team below a supervisor; both take exponential times."""
    data = center(volume, agents, **more)
    data["channels"] = {"mail": {"mode": "live"}}
    data["teams"]["boss"] = {"tier": "boss", "skills": {"all": {}}, "headcount": {"constant": 1}}
    data["escalation"] = {"path": ["tier1", "boss"], **data.get("escalation", {})}
    return data


def test_angry_customers_make_a_queue_of_their_own_at_the_supervisor() -> None:
    """What leaves an M/M/4 is Poisson, and so are the 20 % of it who ask for the supervisor: an M/M/1."""
    exact = escalation_tandem(28 / HOUR, [0.2], [1 / 360, 1 / 360], [4, 1])
    result = Observed(tandem("28/h", 4, escalation__angry={"always": "20 %", "after": "100 %"}), 41)
    result.agrees("wait", exact.tiers[0].wait, off=0.3, team=0)
    result.agrees("wait", exact.tiers[1].wait, off=0.3, team=1)
    result.agrees("angry_wait", exact.tiers[1].wait, off=0.3)
    result.agrees("escalations_for_anger", 0.2, off=0.1)
    result.agrees("resolution_time", exact.sojourn, off=0.15)


@pytest.mark.slow
def test_an_agent_who_passes_on_early_has_more_time_for_the_others() -> None:
    """Half of the customers are passed on after half of the work: three quarters of the load are left."""
    result = Observed(tandem("30/h", 40, escalation__angry={"always": "50 %", "after": "50 %"}), 42)
    result.agrees("handling_time", 360 * 0.75, off=0.05, team=0)


@pytest.mark.slow
def test_a_clock_is_a_patience_that_ends_for_all_alike() -> None:
    """Whoever has waited for 3 min is taken at once by one of many supervisors: to the team it is an M/M/4+D."""
    exact = mmn_g(42 / HOUR, 1 / 360, 4, fixed_patience(180.0), kinks=[180.0])
    data = tandem("42/h", 4, escalation__overdue={"after": {"normal": "3 min"}})
    data["teams"]["boss"]["headcount"] = {"constant": 30}
    result = Observed(data, 43)
    result.agrees("escalations_by_clock", exact.p_abandon, off=0.15)
    result.agrees("wait", exact.wait, off=0.1)
    result.agrees("rescued", 1.0, off=0.01)
