"""Exact answers of queueing theory: numbers in, numbers out, no simulation and no scenario.

``erlang`` has the formulas of Erlang and those that grew from them (loss, delay, abandonment, finite room,
square-root limits), ``queues`` what goes beyond (general service, priorities, networks, returns, chats,
skills, finite days), ``bots`` what an automated first line leaves to agents, ``surveys`` what answers
say of opinions, ``staffing`` the searches for the number of servers. They serve planners who need an answer
in milliseconds and the tests that hold the simulator against the truth.
"""
