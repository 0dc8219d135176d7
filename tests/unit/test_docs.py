"""The generated pages are as the code says, and the pages lead to each other."""

from __future__ import annotations

import importlib.util
import re
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Self

import pytest

from simulation.chance import DISTRIBUTIONS, Erlang
from simulation.metrics import KPIS
from simulation.record import tables
from simulation.scenario import schema
from simulation.scenario.duration_spec import RandomDuration
from simulation.scenario.model import Model

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
LINK = re.compile(r"(?<!!)\[[^\]]*\]\((?!https?:)([^)#\s]*)(#[^)\s]*)?\)")
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
CENTER = re.compile(r"^```yaml\n# file: center\.yaml\n.*?^```$", re.MULTILINE | re.DOTALL)


def _loaded() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_make", DOCS / "make.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["docs_make"] = module
    spec.loader.exec_module(module)
    return module


make = _loaded()
PAGES = sorted(page.relative_to(ROOT).as_posix() for page in (ROOT / "README.md", *DOCS.rglob("*.md")))


class SlowErlang(Erlang):
    """Another definition, and another example."""

    @classmethod
    def example(cls) -> Self:
        """Twice as long."""
        return cls(mean=360.0, phases=3)


def _text(page: str) -> str:
    return FENCED.sub("", (ROOT / page).read_text(encoding="utf-8"))


def test_generated_pages_say_what_the_code_says() -> None:
    stale = [path.relative_to(ROOT).as_posix() for path in make.stale()]
    assert not stale, "run python docs/make.py"


@pytest.mark.parametrize(
    ("page", "part", "key", "change"),
    [
        ("reference/tables.md", tables.DICTIONARY["legs"], "wait", "something else"),
        ("reference/kpis.md", KPIS, "asa", replace(KPIS["asa"], unit="min")),
        ("reference/distributions.md", DISTRIBUTIONS, "erlang", SlowErlang),
    ],
)
def test_a_change_of_the_code_makes_its_page_stale(
    page: str, part: dict[str, object], key: str, change: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(part, key, change)
    assert list(make.stale()) == [DOCS / page]


def test_a_quotation_is_what_the_docstring_says_now() -> None:
    page = "before\n<!-- quote simulation.center.rules.pace -->\n> something else\n<!-- end -->\nafter\n"
    made = make.quoted(page)
    assert "something else" not in made
    assert "> Processor sharing with slowdown" in made
    assert "> `throughput / chats`" in made
    assert made.startswith("before\n<!-- quote") and made.endswith("<!-- end -->\nafter\n")


def test_check_ends_with_one_where_a_page_is_stale(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = DOCS / "reference" / "nowhere.md"
    monkeypatch.setattr(make, "stale", lambda: {page: "text"})
    assert make.main(["--check"]) == 1
    assert "nowhere.md: stale" in capsys.readouterr().out
    assert not page.exists()
    monkeypatch.setattr(make, "stale", dict)
    assert make.main(["--check"]) == 0


def test_the_reference_has_every_part_and_key_of_a_scenario() -> None:
    written = (DOCS / "reference" / "scenario.md").read_text(encoding="utf-8")
    parts: set[type[Model]] = {
        part for part in vars(schema).values() if isinstance(part, type) and issubclass(part, Model)
    }
    parts -= {Model, RandomDuration, schema.Scenario}
    shown = {section.model for section in make.sections(schema.Scenario)}
    assert parts == shown
    for part in parts | {schema.Scenario}:
        for name in part.model_fields:
            assert f"| `{name}` |" in written, f"{part.__name__}.{name}"


def test_every_key_of_a_scenario_has_a_meaning() -> None:
    for section in (make.Section("", schema.Scenario), *make.sections(schema.Scenario)):
        for name, field in section.model.model_fields.items():
            key, kind, default, meaning = make.field_row(section.model, name, field, section.path)
            assert key and kind and default and meaning, f"{section.path}.{name}"


def test_the_reference_has_every_kpi() -> None:
    written = (DOCS / "reference" / "kpis.md").read_text(encoding="utf-8")
    assert [name for name in KPIS if not re.search(rf"^\| `{name}[`(]", written, re.MULTILINE)] == []


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_the_example_of_a_distribution_is_one(name: str) -> None:
    example = DISTRIBUTIONS[name].example()
    made = RandomDuration.model_validate(make.written(name, example)).build()
    assert made.kind == name
    assert [made.mean, made.variance] == pytest.approx([example.mean, example.variance])


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    for target, place in LINK.findall(_text(page)):
        path = (ROOT / page).parent / target if target else ROOT / page
        assert path.exists(), f"{page}: {target}"
        if place:
            headings = {
                make.anchor(heading.replace("`", ""))
                for heading in HEADING.findall(FENCED.sub("", path.read_text(encoding="utf-8")))
            }
            assert place[1:] in headings, f"{page}: {target}{place}"


def test_the_index_names_every_page() -> None:
    linked = {target for target, _ in LINK.findall(_text("docs/README.md"))}
    pages = {page.relative_to(DOCS).as_posix() for page in DOCS.rglob("*.md")} - {"README.md"}
    assert pages <= linked


def test_both_pages_of_recipes_show_the_same_center() -> None:
    centers = [CENTER.findall((DOCS / page).read_text(encoding="utf-8")) for page in ("how-to.md", "experiments.md")]
    assert len(centers[0]) == 1
    assert centers[0] == centers[1]
