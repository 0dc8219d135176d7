"""Runs of a scenario: load, replicate, judge, save."""

from simulation.experiments.load import load, shipped
from simulation.experiments.result import Result
from simulation.experiments.run import run

__all__ = ["Result", "load", "run", "shipped"]
