"""A scenario file as a tree of values that remember where they were written."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from simulation.scenario.marks import Mark, Marks, Path, Place

DEEPEST = 50
"""Levels of nesting that a scenario may have; far beyond need, far below the limit of recursion."""

Scalar = Any


@dataclass(frozen=True, slots=True)
class Tree:
    """A scalar, a mapping or a list, with the mark where it begins and, inside a mapping, its key's mark."""

    value: Scalar | dict[str, Tree] | list[Tree]
    mark: Mark
    key: Mark | None = None

    def place(self) -> Place:
        """Return what errors point at: a scalar itself, but the key of anything larger or empty."""
        key = self.key or self.mark
        stands_alone = self.value is not None and not isinstance(self.value, dict | list)
        return Place(key, self.mark if stands_alone else key)

    def children(self) -> Iterator[tuple[str | int, Tree]]:
        """Yield (key or index, tree) of each entry, in order."""
        if isinstance(self.value, dict):
            yield from self.value.items()
        elif isinstance(self.value, list):
            yield from enumerate(self.value)


def plain(tree: Tree) -> Any:
    """Return the values alone: dicts, lists and scalars."""
    if isinstance(tree.value, dict):
        return {key: plain(child) for key, child in tree.value.items()}
    if isinstance(tree.value, list):
        return [plain(child) for child in tree.value]
    return tree.value


def marks_of(tree: Tree, root: Mark) -> Marks:
    """Return the places of all entries of `tree`; `root` is the place of the whole."""
    return Marks(root, dict(_places(tree, ())))


def _places(tree: Tree, path: Path) -> Iterator[tuple[Path, Place]]:
    for step, child in tree.children():
        yield (*path, step), child.place()
        yield from _places(child, (*path, step))


def size(tree: Tree) -> int:
    """Return the number of values in `tree`, itself included, aliases written out."""
    return 1 + sum(size(child) for _, child in tree.children())


def height(tree: Tree) -> int:
    """Return the levels of mappings and lists in `tree`; 0 for a scalar."""
    below = max((height(child) for _, child in tree.children()), default=0)
    return below + 1 if isinstance(tree.value, dict | list) else 0


def with_absolute_files(tree: Tree, folder: str) -> Tree:
    """Return `tree` with each text under a key `file` made an absolute path, read as relative to `folder`."""
    if isinstance(tree.value, list):
        return replace(tree, value=[with_absolute_files(child, folder) for child in tree.value])
    if isinstance(tree.value, dict):
        entries = {key: _file_entry(key, child, folder) for key, child in tree.value.items()}
        return replace(tree, value=entries)
    return tree


def _file_entry(key: str, child: Tree, folder: str) -> Tree:
    if key == "file" and isinstance(child.value, str) and child.value:
        return replace(child, value=os.path.abspath(os.path.join(folder, child.value)))
    return with_absolute_files(child, folder)
