"""The resolved scenario: one file without `extends`, its data files beside it, and its digest."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from simulation.scenario.schema import Scenario

DIGITS = 12


def resolved(scenario: Scenario) -> dict[str, Any]:
    """The scenario as a file would say it: units written out, defaults left out (but for the number of replications, without
    which they would go on until verdicts settle)."""
    data = scenario.model_dump(mode="json", exclude_defaults=True)
    return data | {"replications": scenario.replications}


def digest_of(scenario: Scenario) -> str:
    """A hash of what the scenario says and of the content (not the place) of the data files that it reads."""
    return whole_digest(scenario)[:DIGITS]


def whole_digest(scenario: Scenario) -> str:
    """The same hash in its full length."""
    text = json.dumps(content(scenario), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def content(part: BaseModel) -> Any:
    """What a part of a scenario says, as plain data; in place of each data file a hash of its content."""
    return _with_files(part.model_dump(mode="json"), lambda path: hashlib.sha256(path.read_bytes()).hexdigest())


def write_resolved(scenario: Scenario, folder: Path) -> None:
    """Write scenario.yaml, and copies of its data files under inputs/, into a folder."""
    from ruamel.yaml import YAML

    def copied(path: Path) -> str:
        (folder / "inputs").mkdir(exist_ok=True)
        name = f"{hashlib.sha256(path.read_bytes()).hexdigest()[:8]}-{path.name}"
        shutil.copyfile(path, folder / "inputs" / name)
        return f"inputs/{name}"

    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = None
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    yaml.width = 2**30  # broken lines can split a key, which then cannot be read back
    yaml.allow_unicode = True
    with (folder / "scenario.yaml").open("w", encoding="utf-8") as stream:
        yaml.dump(_with_files(resolved(scenario), copied), stream)


def _with_files(data: Any, replace: Callable[[Path], str]) -> Any:
    """A copy in which every `file:` entry is replaced."""
    if isinstance(data, dict):
        return {
            key: replace(Path(value)) if key == "file" and isinstance(value, str) else _with_files(value, replace)
            for key, value in data.items()
        }
    return [_with_files(item, replace) for item in data] if isinstance(data, list) else data
