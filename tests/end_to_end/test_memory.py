"""Memory grows with the contacts of one replication, not with the number of replications."""

import gc
import tracemalloc

import pytest

import simulation as sim


def peak(replications: int) -> int:
    """Bytes that Python and NumPy held at most during a run."""
    scenario = sim.load("theory/erlang-a", set={"horizon": "5 d", "warm_up": "0"})
    sim.run(scenario, replications=1, jobs=1)  # imports and caches
    gc.collect()
    tracemalloc.start()
    sim.run(scenario, replications=replications, jobs=1)
    highest = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return highest


@pytest.mark.slow
def test_six_replications_need_little_more_than_two() -> None:
    two, six = peak(2), peak(6)
    assert two > 2_000_000, "the run is too small to say anything"
    assert six < 1.3 * two
