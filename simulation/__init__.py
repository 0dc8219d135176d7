"""supportsim: a discrete-event simulator of a customer support center.

    import simulation as sim

    scenario = sim.load("baseline", set={"replications": 5})
    result = sim.run(scenario)
    print(result.targets)

A scenario (frozen data, from a YAML file) becomes a birth table of cases with every random number they need;
SimPy processes lead the cases through channels, bots and teams; plain tables record what happened; KPIs are
worked out from the tables, with intervals over replications, and held against targets.
"""

from simulation.errors import InputError
from simulation.experiments import Result, load, run, shipped
from simulation.metrics import KPIS, Target, Verdict
from simulation.scenario.schema import Scenario

__all__ = ["KPIS", "InputError", "Result", "Scenario", "Target", "Verdict", "load", "run", "shipped"]
__version__ = "0.1.0"
