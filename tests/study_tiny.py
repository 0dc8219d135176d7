"""A study whose runs take some milliseconds, and what proofs about it share."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pandas as pd

CENTER: dict[str, Any] = {
    "name": "booth",
    "calendar": {"start": "2026-03-02"},
    "horizon": "15 min",
    "seed": 5,
    "demand": {"sources": {"calls": {"topic": "question", "channel": "phone", "volume": "60/h"}}},
    "channels": {"phone": {"mode": "live", "patience": {"exponential": {"mean": "2 min"}}}},
    "topics": {"question": {"handling": {"any": {"exponential": {"mean": "50 s"}}}}},
    "teams": {"desk": {"skills": {"all": {}}, "headcount": {"constant": 1}}},
    "targets": {"quick": "service_level(20s) >= 50 %"},
}


def write_center(folder: Path) -> Path:
    """The scenario as a file."""
    from ruamel.yaml import YAML

    path = folder / "booth.yaml"
    with path.open("w", encoding="utf-8") as stream:
        YAML(typ="safe", pure=True).dump(CENTER, stream)
    return path


def study_on(center: Path, **changes: Any) -> dict[str, Any]:
    """A study of 2 x 2 combinations, 3 replications each."""
    return {
        "name": "tiny",
        "scenarios": {
            "booth": str(center),
            "two": {"extends": str(center), "set": {"teams.desk.headcount.constant": 2}},
        },
        "factors": {"volume": {"path": "demand.sources.calls.volume", "values": ["40/h", "80/h"]}},
        "metrics": ["service_level", "wait.p90", "asa", "occupancy", "abandonment"],
        "replications": 3,
        **changes,
    }


def frames(folder: Path) -> dict[str, pd.DataFrame]:
    """The tables, without what a clock says."""
    found = {name: pd.read_parquet(folder / name) for name in ("runs", "kpis", "summary", "targets")}
    return {name: frame.drop(columns="seconds", errors="ignore") for name, frame in found.items()}


def same(one: Path, other: Path) -> None:
    """Two stores hold the same, row by row and bit by bit."""
    for (name, first), second in zip(frames(one).items(), frames(other).values(), strict=True):
        pd.testing.assert_frame_equal(first, second, check_exact=True, obj=name)
    assert not frames(one)["runs"].duplicated("key").any()
    for name in ("kpis", "summary", "targets"):  # these files hold no clock: the very same bytes
        digests = {hashlib.sha256((place / name / "part-0.parquet").read_bytes()).hexdigest() for place in (one, other)}
        assert len(digests) == 1, name


def whole_chunks(folder: Path) -> bool:
    """Whether every chunk is what its name says."""
    return all(
        path.stem == hashlib.sha256(path.read_bytes()).hexdigest()[:32]
        for path in (folder / "chunks").glob("*.parquet")
    )
