"""Imports go down the ladder only."""

import ast
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "simulation"
RUNGS = [
    {"errors", "units"},
    {"chance", "theory", "statistics"},
    {"scenario"},
    {"demand", "routing"},
    {"record"},
    {"center", "metrics"},
    {"experiments"},
    {"calibration"},
    {"reports"},
    {"cli", "commands", "guard", "__main__", "__init__"},
]
RUNG = {name: height for height, names in enumerate(RUNGS) for name in names}


def part_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    """Parts of the package that a file imports, wherever in the file."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        found |= {name.split(".")[1] for name in names if name.startswith("simulation.")}
    return found


def test_every_part_has_a_rung() -> None:
    parts = {part_of(path) for path in PACKAGE.rglob("*.py")} - {"shipped"}
    assert parts <= set(RUNG)


def test_imports_go_down() -> None:
    for path in PACKAGE.rglob("*.py"):
        part = part_of(path)
        for other in imported(path) - {part}:
            top = part in RUNGS[-1]
            assert RUNG[other] < RUNG[part] or (top and other in RUNGS[-1]), f"{path.name} imports {other}"


def test_simpy_and_plotly_have_one_home() -> None:
    for path in PACKAGE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if "import simpy" in text:
            assert part_of(path) == "center", path
        if "import plotly" in text or "from plotly" in text:
            assert part_of(path) == "reports", path
