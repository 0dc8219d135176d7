"""Experiments on the statistics themselves: how often an interval covers the exact value, a verdict is false, a choice right.

`python -m tests.coverage` prints the table; with `--write docs/validation.md` it goes into that page. An experiment is a
function in any file of this folder (see `registry`), which the table and the tests find by themselves.
"""
