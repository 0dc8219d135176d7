"""The model of the center: the only place that imports SimPy.

`simulate` runs one replication. `journey` tells the story of a contact; `desk` brings waiting contacts and free
agents together; `staff` brings agents on and off the floor; `modes` are the ways of handling; `bot` is the
automated first line; `rules` are the decisions, pure functions of numbers.
"""

from simulation.center.run import simulate

__all__ = ["simulate"]
