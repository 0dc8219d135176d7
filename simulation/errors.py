"""The one exception for bad input by the user, and the single fault that it is made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault in the input.

    `where` is `file:line:column` (or a label such as `--set a.b`), `path` the dotted path of the
    value, `what` says what is wrong and what to write. An empty part is left out of the text.
    """

    where: str
    path: str
    what: str

    def __str__(self) -> str:
        return ": ".join(part for part in (self.where, self.path, self.what) if part)


class InputError(Exception):
    """The user's input is wrong; `str()` is the full message, one line for each problem."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))
