"""Tests: unit, laws, theory, conformance, golden, scenarios and end to end."""
