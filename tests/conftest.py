"""Settings that all tests share."""

from hypothesis import HealthCheck, settings

# The machines that run the tests are shared: how long an example takes says nothing.
settings.register_profile("supportsim", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("supportsim")
