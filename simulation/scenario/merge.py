"""How one tree extends another: mappings merge key by key, everything else is replaced."""

from __future__ import annotations

from simulation.scenario.tree import Tree

Entries = dict[str, Tree]


def merge(base: Tree, layer: Tree, kinds: frozenset[str] = frozenset()) -> Tree:
    """Return `base` as changed by `layer`.

    A null in `layer` removes that key from `base` (and stays a null where `base` has no such key). When both
    mappings name a kind out of `kinds` and not the same, the base's kind goes: `{exponential: …}` is
    replaced by `{lognormal: …}`, not mixed with it. A merged mapping keeps the marks of `base`, where its
    bulk stands, unless `layer` took something away from it.
    """
    if not isinstance(base.value, dict) or not isinstance(layer.value, dict):
        return layer
    removed = _removed(base.value, layer.value)
    gone = removed | _replaced(base, layer, kinds)
    kept = {key: tree for key, tree in base.value.items() if key not in gone}
    added = {
        key: merge(kept[key], tree, kinds) if key in kept else tree
        for key, tree in layer.value.items()
        if key not in removed
    }
    place = base if len(kept) == len(base.value) else layer
    return Tree(kept | added, place.mark, place.key)


def _removed(base: Entries, layer: Entries) -> set[str]:
    return {key for key, tree in layer.items() if tree.value is None and key in base}


def _replaced(base: Tree, layer: Tree, kinds: frozenset[str]) -> set[str]:
    before = {key for key, _ in base.children() if key in kinds}
    after = {key for key, tree in layer.children() if key in kinds and tree.value is not None}
    return {str(key) for key in before} if after and before != after else set()
