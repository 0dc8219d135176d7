"""Settings that all tests share."""

import math
import os

from hypothesis import HealthCheck, settings

from simulation.experiments import replications

# The machines that run the tests are shared: how long an example takes says nothing. The same examples each time, so that nobody's
# change fails for what it did not do; SUPPORTSIM_EXPLORE=1 looks at others.
settings.register_profile(
    "supportsim",
    deadline=None,
    derandomize="SUPPORTSIM_EXPLORE" not in os.environ,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("supportsim")
# The tests themselves use all cores; a test of processes says how many.
replications.WORTH_A_PROCESS = math.inf  # type: ignore[assignment]
