"""What happened, as plain columns: cases, contacts, legs and staffing."""

from simulation.record.recorder import Recorder
from simulation.record.tables import Record, build

__all__ = ["Record", "Recorder", "build"]
