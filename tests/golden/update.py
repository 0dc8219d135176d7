"""``python -m tests.golden.update``: take the present fingerprints as the right ones, and say what moved."""

from __future__ import annotations

from tests.golden.fingerprint import SCENARIOS, columns_now, differences, fingerprint, store, stored


def main() -> None:
    """Write the fingerprint of every scenario in this folder."""
    for path in SCENARIOS:
        found = fingerprint(path, columns_now())
        moved = differences(stored(path), found)
        store(path, found)
        print(f"{path.stem}: {len(moved)} numbers moved" if moved else f"{path.stem}: as before")
        for line in moved[:20]:
            print(f"   {line}")


if __name__ == "__main__":
    main()
