"""Runs of a scenario: `load` it, `run` its replications, keep the `result`."""
