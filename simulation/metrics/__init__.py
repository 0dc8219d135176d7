"""KPIs of the recorded tables, and targets on them.

Each KPI is one function under `@kpi`, entered into `KPIS` by importing its module; it says which rows count and how.
Slicing, replications and intervals are the same for all (`measure`).
"""

from simulation.metrics import (
    bots,
    cost,
    entry,
    escalation,
    handling,
    letters,
    load,
    loops,
    opinion,
    people,
    quality,
    sameday,
    self_service,
    service,
    strain,
    time,
)
from simulation.metrics.kpi import KPIS, Kpi, Metric, Ratio, Values
from simulation.metrics.measure import Measures, measure, summarize
from simulation.metrics.targets import Target, Verdict, check_targets, judge

__all__ = [
    "KPIS", "Kpi", "Measures", "Metric", "Ratio", "Target", "Values", "Verdict", "bots", "check_targets", "cost",
    "entry", "escalation", "handling", "judge", "letters", "load", "loops", "measure", "opinion", "people", "quality",
    "sameday", "self_service", "service", "strain", "summarize", "time",
]  # fmt: skip
