"""Runs of a scenario: load, replicate, judge, save."""

from simulation.experiments.load import from_dict, load, shipped
from simulation.experiments.result import Result
from simulation.experiments.run import run

__all__ = ["Result", "from_dict", "load", "run", "shipped"]
