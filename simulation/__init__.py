"""supportsim: a discrete-event simulator of a customer support center.

    import simulation as sim

    scenario = sim.load("baseline", set={"replications": 5})
    result = sim.run(scenario)
    print(result.targets)

A scenario (frozen data, from a YAML file) becomes a birth table of cases with every random number they need;
a SimPy model leads the cases through channels, bots and teams; plain tables record what happened; KPIs are
worked out from the tables, with intervals over replications, and held against targets.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulation.errors import InputError
    from simulation.experiments.attribution import Attribution, attribute
    from simulation.experiments.best import Selection, best
    from simulation.experiments.break_even import BreakEven, break_even
    from simulation.experiments.compare import Comparison, compare
    from simulation.experiments.load import from_dict, load, shipped
    from simulation.experiments.result import Result
    from simulation.experiments.run import run
    from simulation.experiments.study import Study, study
    from simulation.experiments.sweep import Sweep, sweep
    from simulation.experiments.warmup import WarmUp, warmup
    from simulation.experiments.why import why
    from simulation.metrics import KPIS, Target, Verdict
    from simulation.scenario.schema import Scenario

__version__ = "0.1.0"
__all__ = [
    "KPIS",
    "Attribution",
    "BreakEven",
    "Comparison",
    "InputError",
    "Result",
    "Scenario",
    "Selection",
    "Study",
    "Sweep",
    "Target",
    "Verdict",
    "WarmUp",
    "attribute",
    "best",
    "break_even",
    "compare",
    "from_dict",
    "load",
    "run",
    "shipped",
    "study",
    "sweep",
    "warmup",
    "why",
]

_HOMES = {
    "InputError": "simulation.errors",
    "Scenario": "simulation.scenario.schema",
    "Result": "simulation.experiments.result",
    "run": "simulation.experiments.run",
    **dict.fromkeys(("WarmUp", "warmup"), "simulation.experiments.warmup"),
    **dict.fromkeys(("Selection", "best"), "simulation.experiments.best"),
    "why": "simulation.experiments.why",
    **dict.fromkeys(("Attribution", "attribute"), "simulation.experiments.attribution"),
    **dict.fromkeys(("BreakEven", "break_even"), "simulation.experiments.break_even"),
    **dict.fromkeys(("Sweep", "sweep"), "simulation.experiments.sweep"),
    **dict.fromkeys(("Comparison", "compare"), "simulation.experiments.compare"),
    **dict.fromkeys(("Study", "study"), "simulation.experiments.study"),
    **dict.fromkeys(("from_dict", "load", "shipped"), "simulation.experiments.load"),
    **dict.fromkeys(("KPIS", "Target", "Verdict"), "simulation.metrics"),
}


def __getattr__(name: str) -> Any:
    """Import on first use: `supportsim --help` and worker processes should not pay for what they do not need."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'simulation' has no attribute '{name}'")
