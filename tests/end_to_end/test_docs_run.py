"""Every code block of README.md and of docs/ runs, and prints what the page shows.

What happens to a block, by the language of its fence (pages in order, each in an empty folder of its own):

* `yaml`: written to the file that its first line names (`# file: center.yaml`), or to `<name>.yaml` where it is
  a whole scenario, and loaded with all checks.
* `csv`: written to the file that the comment before it names (`<!-- file: calls.csv -->`).
* `python`: executed; the blocks of a page share their names.
* `sh` or `bash`: lines that begin with `supportsim` go through the command line, in this process. It must end with
  the code that a comment states (`# exit code 99`), else with 0; a run may also miss its targets (98, 99).
  Lines that install or test (`INSTALLS`) are skipped: they are proved by .ci/run. Any other line is an error.
  A block that begins with `#!` is a script: it is run as one.
* `text` or `json`: compared with what the block before it printed on standard output. `...` stands for anything.
* no language: a drawing, in which no line may begin like a command.

A run of a shipped scenario that does not say how often makes one replication, so that the tests stay short.
README.md has the tutorial's files at hand.
A block under `<!-- not run: why -->` is left alone. To write into the pages what is printed now:
`python -m tests.end_to_end.test_docs_run docs/tutorial.md` (without a name, into all of them).
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import simulation as sim
from simulation.cli import main
from simulation.experiments.load import is_study
from simulation.experiments.points import plan_of

ROOT = Path(__file__).resolve().parents[2]
LONG = {"README.md", "docs/experiments.md", "docs/how-to.md"}
"""Pages that take a minute."""
PAGES = [page for page in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))) if page.is_file()]
TUTORIAL = ROOT / "docs" / "tutorial.md"
INSTALLS = (
    "python -m pip ",
    "pip ",
    "python -m venv ",
    "python3 -m venv ",
    ". ",
    "source ",
    "git clone ",
    "cd ",
    "python -m pytest",
)
"""How a line begins that prepares the machine and is therefore skipped."""
SHOWN = ("text", "json")
FENCE = re.compile(
    r"^(?P<indent> *)```(?P<language>\w*)[^\n]*\n(?P<text>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL
)
COMMENT = re.compile(r"<!--\s*(?P<word>not run|file):(?P<value>(?:(?!-->).)*)-->\s*\Z", re.DOTALL)
FILE = re.compile(r"#\s*file:\s*(\S+)")
EXIT_CODE = re.compile(r"#.*exit code (\d+)")
JUDGED = (0, 98, 99)
WIDTH = "100"


@dataclass(frozen=True)
class Block:
    """A fenced block: its language and text, the comment right before it, and where its text begins and ends."""

    language: str
    text: str
    word: str
    value: str
    line: int
    span: tuple[int, int]
    indent: str = ""


class Stale(AssertionError):
    """A page that shows something else than what is printed."""


def blocks_of(page: str) -> Iterator[Block]:
    """The fenced blocks of a page in order."""
    for found in FENCE.finditer(page):
        comment = COMMENT.search(page, 0, found.start())
        word, value = (comment["word"], comment["value"].strip()) if comment else ("", "")
        line = page.count("\n", 0, found.start()) + 1
        text = re.sub(f"^{found['indent']}", "", found["text"], flags=re.MULTILINE)
        yield Block(found["language"], text, word, value, line, found.span("text"), found["indent"])


@dataclass
class Reader:
    """Does what a page says, in the current folder; `printed` is what the last command or script wrote."""

    names: dict[str, Any] = field(default_factory=lambda: {"__name__": "__main__"})
    printed: str = ""

    def does(self, block: Block) -> None:
        """Write, execute or compare one block."""
        if block.word == "not run":
            assert block.value, "a block that is not run needs a reason: <!-- not run: why -->"
        elif not block.language:
            assert not re.search(r"^\s*(\$ |supportsim )", block.text, re.MULTILINE), (
                "write sh behind the fence of commands"
            )
        elif block.language in SHOWN:
            if not agrees(block.text, self.printed):
                raise Stale(f"the page shows\n{block.text}\nbut this is printed:\n{self.printed}")
        else:
            actions = {
                "yaml": self._scenario,
                "csv": self._data,
                "python": self._python,
                "sh": self._shell,
                "bash": self._shell,
            }
            assert block.language in actions, (
                f"nobody runs '{block.language}'; write one of {', '.join(actions)} or a reason"
            )
            actions[block.language](block)

    def _scenario(self, block: Block) -> None:
        named = FILE.match(block.text)
        whole = re.search(r"^name: *(\S+)", block.text, re.MULTILINE)
        assert named or whole, "write '# file: name.yaml' as the first line of a part of a scenario"
        path = Path(named[1] if named else f"{whole[1]}.yaml")  # type: ignore[index]
        path.write_text(block.text, encoding="utf-8")
        plan_of(path) if is_study(path) else sim.load(path)

    def _data(self, block: Block) -> None:
        assert block.word == "file", "write <!-- file: name.csv --> before the block"
        Path(block.value).write_text(block.text, encoding="utf-8")

    def _python(self, block: Block) -> None:
        with contextlib.redirect_stdout(io.StringIO()) as out:
            exec(compile(block.text, "<page>", "exec"), self.names)
        self.printed = out.getvalue()

    def _shell(self, block: Block) -> None:
        if block.text.startswith("#!"):
            self.printed = run_script(block.text)
            return
        commands = [command for line in joined_lines(block.text) for command in commands_of(line)]
        if commands:
            self.printed = "".join(self._command(command) for command in commands)

    def _command(self, command: str) -> str:
        words = shlex.split(command, comments=True)
        assert words[0] == "supportsim", f"nobody runs '{command}'; write a supportsim command or a reason"
        result = CliRunner().invoke(main, shortened(words[1:]), prog_name="supportsim")
        stated = EXIT_CODE.search(command)
        expected = (int(stated[1]),) if stated else JUDGED if words[1] == "run" else (0,)
        assert result.exit_code in expected, f"'{command}' ends with {result.exit_code}\n{result.output}"
        return result.output if result.exit_code == 2 else result.stdout


def joined_lines(text: str) -> list[str]:
    """Lines of a shell block, those that end in a backslash joined with the next; without comments of their own."""
    lines = re.sub(r"\\\n\s*", " ", text).splitlines()
    return [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]


def commands_of(line: str) -> list[str]:
    """The commands of a line, without those that prepare the machine and without a subshell's brackets."""
    parts = [part.strip(" ()") for part in line.split(" && ")]
    return [part for part in parts if not f"{part} ".startswith(INSTALLS)]


def shortened(words: list[str]) -> list[str]:
    """A run of a shipped scenario, or a comparison of them, makes one replication unless it says how many."""
    if words[0] in ("run", "compare") and "--replications" not in words and not Path(words[1]).exists():
        return [*words, "--replications", "1"]
    return words


def run_script(text: str) -> str:
    """What a shell script prints, with a `supportsim` on its path; it must end with 0."""
    shell = shutil.which("bash")
    if shell is None:
        pytest.skip("no bash")
    with tempfile.TemporaryDirectory() as folder:
        shim = Path(folder) / "supportsim"
        shim.write_text(f'#!{shell}\nexec "{sys.executable}" -m simulation "$@"\n')
        shim.chmod(0o755)
        ways = {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            [shell, "-c", text], env={**os.environ, **ways}, capture_output=True, text=True, check=False
        )
    assert done.returncode == 0, f"the script ends with {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


def agrees(shown: str, printed: str) -> bool:
    """Whether what is shown is what was printed; `...` stands for anything, on a line of its own for any lines."""
    parts = re.split(r"(^\.\.\.\n|\.\.\.)", tidy(shown), flags=re.MULTILINE)
    patterns = {"...\n": r"(?:.*\n)*?", "...": r".*?"}
    pattern = "".join(patterns.get(part) or re.escape(part) for part in parts)
    return re.fullmatch(pattern, tidy(printed)) is not None


def tidy(text: str) -> str:
    """Without spaces at the ends of lines, and without empty lines at both ends."""
    return "\n".join(line.rstrip() for line in text.strip("\n").splitlines()) + "\n"


@contextlib.contextmanager
def empty_folder() -> Iterator[None]:
    """A temporary working folder, with the output as wide as the pages show it."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("COLUMNS", WIDTH)
        yield


def reader_of(page: Path) -> Reader:
    """Somebody who begins to read a page, in the current folder."""
    reader = Reader()
    if page.name == "README.md" and page.parent == ROOT:
        for block in blocks_of(TUTORIAL.read_text(encoding="utf-8")):
            if block.language == "yaml":
                reader.does(block)
    return reader


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(name, marks=pytest.mark.slow if name in LONG else ())
        for name in (page.relative_to(ROOT).as_posix() for page in PAGES)
    ],
)
def test_page_runs(page: str) -> None:
    with empty_folder():
        reader = reader_of(ROOT / page)
        for block in blocks_of((ROOT / page).read_text(encoding="utf-8")):
            try:
                reader.does(block)
            except (Exception, SystemExit) as error:
                pytest.fail(f"{page}:{block.line}: {type(error).__name__}: {error}", pytrace=False)


def test_a_block_that_nobody_runs_needs_a_reason() -> None:
    without, with_one = blocks_of("<!-- not run: -->\n```sh\nrm x\n```\n<!-- not run: it waits -->\n```sh\nrm x\n```\n")
    with pytest.raises(AssertionError, match="needs a reason"):
        Reader().does(without)
    Reader().does(with_one)


@pytest.mark.parametrize(
    "block",
    [
        "```sh\nrm x\n```",
        "```sh\nsupportsim validate nowhere.yaml\n```",
        "```sh\nsupportsim kpis # exit code 2\n```",
        "```python\nassert 1 + 1 == 3\n```",
        "```yaml\nname: center\n```",
        "```yaml\ntopics: {}\n```",
        "```yaml\n# file: center.yaml\nname: center\nname: other\n```",
        "```fortran\nEND\n```",
        "```\nsupportsim kpis\n```",
        "```csv\ntime,count\n```",
        "```text\nnothing was printed\n```",
    ],
)
def test_a_wrong_block_fails(block: str) -> None:
    with empty_folder(), pytest.raises((Exception, SystemExit)):  # whatever is wrong with it
        for one in blocks_of(block):
            Reader().does(one)


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        ("a\nb", "a  \nb\n\n", True),
        ("a\n...\nd", "a\nb\nc\nd", True),
        ("took ... s\nb", "took 1.2 s\nb", True),
        ("a ... d", "a b\nc d", False),
        ("a\nb", "a\nc", False),
        ("...\nb", "a\nc", False),
    ],
)
def test_what_is_shown_is_compared(shown: str, printed: str, same: bool) -> None:
    assert agrees(shown, printed) is same


def test_lines_that_prepare_the_machine_are_skipped() -> None:
    line = "python -m pip install . && (cd folder && supportsim validate baseline)"
    assert commands_of(line) == ["supportsim validate baseline"]
    assert commands_of("rm -r x") == ["rm -r x"]


# -- writing what is printed now -----------------------------------------------------------------------


def refreshed(page: Path) -> str:
    """The page with every output that is shown as it is printed now; elisions have to be made again by hand."""
    before = page.read_text(encoding="utf-8")
    reader, made, since = reader_of(page), "", 0
    for block in blocks_of(before):
        try:
            reader.does(block)
        except Stale:
            text = "".join(
                f"{block.indent}{line}".rstrip() + "\n" for line in tidy(lasting(reader.printed)).splitlines()
            )
            made, since = made + before[since : block.span[0]] + text, block.span[1]
    return made + before[since:]


def lasting(printed: str) -> str:
    """An output without what another run or release prints differently."""
    text = re.sub(r"^Simulated .*", "Simulated ...", printed, flags=re.MULTILINE)
    return re.sub(r"-[0-9a-f]{12}/", "-.../", text)


def refresh(pages: list[Path]) -> None:
    """Write every page that shows something else than what is printed."""
    for page in pages:
        with empty_folder():
            after = refreshed(page)
        if after != page.read_text(encoding="utf-8"):
            page.write_text(after, encoding="utf-8")
            print(f"{page.relative_to(ROOT)}: written")


if __name__ == "__main__":
    refresh([Path(name).resolve() for name in sys.argv[1:]] or PAGES)
