"""The simulator against published and computed numbers: reference cases as scenarios.

`translate` turns a case (its ``system`` and ``inputs``) into scenario dictionaries and into what is to be read off
their records; `run` simulates until every number is known precisely enough and compares it with the expected one;
``python -m tests.reference CASES.json`` writes the table. `laws` reads distributions and rates written in words,
`readings` holds the statistics.
"""
