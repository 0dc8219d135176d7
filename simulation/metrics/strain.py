"""KPIs of what work does to agents."""

from __future__ import annotations

import numpy as np

from simulation.metrics.kpi import Values, kpi, values
from simulation.metrics.view import View
from simulation.routing.routes import selects
from simulation.scenario.schema import Scenario


def _nobody_tires(scenario: Scenario) -> str | None:
    return None if scenario.strain.fatigue else "strain.fatigue is not given"


@kpi("legs", "share", "lower", statistics=("mean", "p90"), needs=_nobody_tires)
def fatigue(view: View) -> Values:
    """How tired agents are when they begin a stay, from 0 % (fresh) to 100 % (exhausted); stays with teams that tire."""
    spec = view.scenario.strain.fatigue
    tires = np.array([spec is not None and selects(spec.teams, name) for name in view.scenario.teams])
    return values("legs", view.legs["fatigue"], view.answered & tires[np.maximum(view.legs["handler"], 0) % len(tires)])
