"""Complaints as cases: whoever would complain is known from birth, with all the numbers of the complaint.

So the complaint about a case is the same in every scenario in which there is one, whenever and however it comes about.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from simulation.chance import keys_of
from simulation.demand.births import Births, Codes, DemandPlan
from simulation.scenario.schema import URGENCIES, Complaints


def with_complaints(births: Births, demand: DemandPlan, complaints: Complaints) -> Births:
    """The birth table with a further row for every complaint that may be made (`arrived` infinite: not yet).

    What a row of the table says of the case (source, segment …) holds for the complaint too; topic, channel, urgency,
    difficulty and all draws are its own.
    """
    topic = demand.topics.index(complaints.topic)
    parent = np.flatnonzero((births.draw("complains") < complaints.probability) & (births.topic != topic))
    rows = {name: np.concatenate([column, column[parent]]) for name, column in births.columns().items()}
    own = slice(len(births), None)
    rows["parent"] = np.concatenate([np.full(len(births), -1), parent])
    rows["stream"][own] += len(births.streams)
    rows["key"][own] = _keys(births, parent)
    rows["arrived"][own], rows["handling"][own], rows["topic"][own] = np.inf, np.nan, topic
    if complaints.channel != "same":
        rows["channel"][own] = demand.channels.index(complaints.channel)
    streams = (*births.streams, *(f"complaint/{name}" for name in births.streams))
    made = replace(births, streams=streams, counts=births.counts * 2, **rows)  # type: ignore[arg-type]
    rows["difficulty"][own] = made.draw("difficulty")[own]
    rows["urgency"][own] = _urgencies(made, demand, complaints)[own]
    return replace(made, difficulty=rows["difficulty"], urgency=rows["urgency"])


def _keys(births: Births, parent: Codes) -> np.ndarray:
    keys = np.empty(len(parent), dtype=np.uint64)
    for index, (name, count) in enumerate(zip(births.streams, births.counts, strict=True)):
        mine = births.stream[parent] == index
        keys[mine] = keys_of(f"complaint/{name}", count)[births.number[parent[mine]]]
    return keys


def _urgencies(births: Births, demand: DemandPlan, complaints: Complaints) -> Codes:
    if complaints.urgency is not None:
        return np.full(len(births), URGENCIES.index(complaints.urgency))
    return demand.urgencies(births.topic, births.draw)
