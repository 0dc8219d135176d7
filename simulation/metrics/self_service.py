"""KPIs of what customers try before they contact anybody."""

from __future__ import annotations

import numpy as np

from simulation.metrics.kpi import Amount, Ratio, kpi, share
from simulation.metrics.view import View
from simulation.record.recorder import SelfService
from simulation.scenario.schema import Scenario


def _no_self_service(scenario: Scenario) -> str | None:
    return None if scenario.self_service else "the scenario has no self_service section"


def _no_knowledge_base(scenario: Scenario) -> str | None:
    there = scenario.self_service is not None and scenario.self_service.knowledge_base is not None
    return None if there else "self_service has no knowledge_base"


def _no_community(scenario: Scenario) -> str | None:
    there = scenario.self_service is not None and scenario.self_service.community is not None
    return None if there else "self_service has no community"


def _no_notice(scenario: Scenario) -> str | None:
    return None if any(event.notice for event in scenario.demand.events.values()) else "no event has a notice"


def _known(view: View) -> np.ndarray:
    """Cases of which is known what came of self-service."""
    return view.cases["self_service"] != SelfService.OPEN


def _solved(view: View) -> np.ndarray:
    return view.cases["self_service"] == SelfService.SOLVED


@kpi("cases", "share", needs=_no_knowledge_base)
def looks(view: View) -> Ratio:
    """Cases whose customer looked into the knowledge base before contacting anybody ÷ cases."""
    return share("cases", view.cases["looked"], np.ones(len(view.cases["case"]), dtype=bool))


@kpi("cases", "share", needs=_no_community)
def questions(view: View) -> Ratio:
    """Cases whose customer asked the community before contacting anybody ÷ cases."""
    return share("cases", view.cases["asked"], np.ones(len(view.cases["case"]), dtype=bool))


@kpi("cases", "share", "higher", needs=_no_self_service)
def deflection(view: View) -> Ratio:
    """Deflection, true: cases that self-service solved, so that nobody was contacted ÷ cases; those still under way there
    left out."""
    return share("cases", _solved(view), _known(view))


@kpi("cases", "share", needs=_no_self_service)
def deflection_claimed(view: View) -> Ratio:
    """Deflection as visits that ended without a contact make one believe: cases that self-service solved or whose
    customer it misled ÷ cases; those still under way there left out."""
    misled = view.cases["self_service"] == SelfService.MISLED
    return share("cases", _solved(view) | misled, _known(view))


@kpi("cases", "share", "higher", needs=_no_self_service)
def self_service_success(view: View) -> Ratio:
    """Cases that self-service solved ÷ cases whose customer looked or asked there."""
    return share("cases", _solved(view), _known(view) & (view.cases["self_service"] != SelfService.NONE))


@kpi("prevented", "cases/day", needs=_no_notice)
def prevented(view: View) -> Ratio:
    """Extra cases of incidents that a notice kept from arising, per measured day."""
    return Ratio([Amount("prevented", np.ones(len(view.prevented["key"])))], over=view.days)
