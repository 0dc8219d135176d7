"""The store of a study's runs: files that are whole or not there, whatever happens and whoever else writes.

Finished runs are gathered for some seconds and written as one chunk: aside, flushed to the disk, and renamed to the hash of its
content. So a chunk that can be read is what was written; a file half-written, damaged or cut short is known by its name. Runs
are identified by their content (`Plan.key`): the same run in two chunks is the same row, and counts once. Nobody locks:
several processes may work on one store, and look now and then which runs the others have done.
"""

from __future__ import annotations

import io
import json
import os
import socket
import time
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import uuid4

import numpy as np

from simulation.errors import InputError, Problem
from simulation.metrics.measure import Sums

if TYPE_CHECKING:
    import pyarrow as pa

MARKER = "study.json"
FORMAT = 1
CHUNKS, DAMAGED, AT_WORK = "chunks", "damaged", "at-work"
SOONEST, LATEST, GROWTH = 2.0, 60.0, 0.05
"""Seconds after which finished runs are written: at least, at most, and as a share of the time so far."""
MOST_ROWS, MOST_VALUES = 5_000, 200_000
"""Runs, and values, that are held in memory at most before they are written."""
MOST_CACHED = 200_000_000
"""Bytes of chunks that are held in memory while tables are written."""
QUIET_FOR = 150.0
"""Seconds without a sign of life after which a process on another machine counts as ended."""
LEFT_FOR = 60.0
"""Seconds after which what a process that has ended left half-written is removed (it may only seem to have ended, being in
another container)."""
OLD = 86_400.0
"""Seconds after which what another machine has left half-written is removed."""


class Row(NamedTuple):
    """A finished run: its key, what it took, and the sums of each metric by its text (None of those without data are kept)."""

    key: bytes
    replication: int
    seconds: float
    contacts: int
    sums: dict[str, Sums]


@dataclass
class Store:
    """The folder of a study."""

    folder: Path
    study: str
    notes: list[str] = field(default_factory=list)
    """What was found damaged."""
    index: dict[bytes, tuple[int, int]] = field(default_factory=dict)
    """Where each kept run is: number of the chunk, row."""
    names: list[str] = field(default_factory=list)
    """The chunks by number."""
    size: int = 0
    """Bytes of all chunks."""

    def __post_init__(self) -> None:
        self._known: set[str] = set()
        self._open = False
        self._waiting: list[Row] = []
        self._values = 0
        self._began = self._flushed = time.monotonic()
        self._sign: Path | None = None
        self._read: OrderedDict[int, Chunk] = OrderedDict()

    # the folder

    def check(self) -> None:
        """Raise InputError where the folder holds something else than this study."""
        if self.folder.exists() and not self.folder.is_dir():
            raise refused(self.folder, "is a file; name a folder with --out")
        marker = self.folder / MARKER
        if not marker.is_file():
            if self.folder.is_dir() and any(one.name[:1] != "." for one in self.folder.iterdir()):
                raise refused(self.folder, "is not empty and holds no study; name a new folder with --out")
            return
        told = _told(marker)
        if told.get("format") != FORMAT:
            raise refused(self.folder, "was written by another version of supportsim; name a new folder with --out")
        if told.get("study") != self.study:
            raise refused(self.folder, f"holds another study, {told.get('study')}; name another folder with --out")

    def open(self) -> None:
        """Make the folder fit to be written; InputError where it cannot be."""
        self._open = True
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            if not (self.folder / MARKER).is_file():
                write_aside(self.folder / MARKER, json.dumps({"format": FORMAT, "study": self.study}).encode() + b"\n")
            for name in (CHUNKS, AT_WORK):  # with the marker first, a folder with anything in it is known as a study
                (self.folder / name).mkdir(exist_ok=True)
            (self.folder / AT_WORK / f".try-{uuid4().hex}").touch()
            for path in (*self.folder.rglob(".aside-*"), *(self.folder / AT_WORK).glob(".try-*")):
                if _left_behind(path):
                    path.unlink(missing_ok=True)
        except OSError as error:
            raise self.unwritable(error) from error

    def unwritable(self, error: OSError) -> InputError:
        """The system's refusal to write, for the user; a fault that only looks like one is raised as it is."""
        if error.errno is None:
            raise error
        kept = f"; {len(self.index):,} finished runs are kept: make room and run it again" if self.index else ""
        return refused(
            self.folder,
            f"cannot be written ({(error.strerror or str(error)).lower()}){kept or '; name another place with --out'}",
        )

    # reading

    def refresh(self) -> list[tuple[bytes, float]]:
        """Look for chunks that have come; the keys in them, with the seconds of each run."""
        found = []
        for path in sorted((self.folder / CHUNKS).glob("*.parquet")):
            if path.name in self._known:
                continue
            self._known.add(path.name)
            found += self._take(path)
        return found

    def _take(self, path: Path) -> list[tuple[bytes, float]]:
        try:
            content = path.read_bytes()
        except FileNotFoundError:  # found damaged by another process
            return []
        if chunk_name(content) != path.name:
            self._set_aside(path)
            return []
        table = _table(content, ["key", "seconds"])
        number = len(self.names)
        self.names.append(path.name)
        self.size += len(content)
        keys, seconds = table["key"].to_pylist(), table["seconds"].to_pylist()
        for row, key in enumerate(keys):
            self.index.setdefault(key, (number, row))
        return list(zip(keys, seconds, strict=True))

    def _set_aside(self, path: Path) -> None:
        """Keep a damaged chunk where it is not read."""
        self.notes.append(f"{path} is damaged: its runs are simulated again")
        if not self._open:
            return
        try:
            (self.folder / DAMAGED).mkdir(exist_ok=True)
            path.replace(self.folder / DAMAGED / path.name)
        except FileNotFoundError:  # another process was faster
            pass

    def row(self, key: bytes) -> tuple[Chunk, int]:
        """Where a kept run is: the chunk and the row. Chunks read last stay in memory, up to a limit."""
        number, row = self.index[key]
        chunk = self._read.pop(number, None) or self._read_chunk(self.folder / CHUNKS / self.names[number])
        self._read[number] = chunk
        while len(self._read) > 1 and sum(one.bytes for one in self._read.values()) > MOST_CACHED:
            self._read.popitem(last=False)
        return chunk, row

    @staticmethod
    def _read_chunk(path: Path) -> Chunk:
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            content = b""
        if chunk_name(content) != path.name:
            raise refused(path, "has been damaged meanwhile; run the study again")
        return Chunk(_table(content))

    # writing

    def add(self, rows: Iterable[Row]) -> None:
        """Keep finished runs, from the next chunk on."""
        for row in rows:
            self._waiting.append(row)
            self._values += len(row.sums)
        now = time.monotonic()
        due = min(max(SOONEST, GROWTH * (now - self._began)), LATEST)
        full = len(self._waiting) >= MOST_ROWS or self._values >= MOST_VALUES
        if full or now - self._flushed >= due:
            self.flush()

    def flush(self) -> None:
        """Write what waits as one chunk; InputError if the disk refuses."""
        self._flushed = time.monotonic()
        if self._waiting:
            content = chunk_of(self._waiting)
            try:
                write_aside(self.folder / CHUNKS / chunk_name(content), content)
            except OSError as error:
                raise self.unwritable(error) from error
            self._waiting, self._values = [], 0
        self.refresh()
        if self._sign is not None:
            self._sign.touch()

    # others

    def sign_on(self) -> int:
        """Tell others that this process is at work; how many there are already."""
        others = [path for path in (self.folder / AT_WORK).glob("*") if not _ended(path)]
        self._sign = self.folder / AT_WORK / _own_name("")
        self._sign.touch()
        return len(others)

    def sign_off(self) -> None:
        """This process is at work no more."""
        if self._sign is not None:
            self._sign.unlink(missing_ok=True)
            self._sign = None


class Chunk:
    """The rows of a chunk."""

    def __init__(self, table: pa.Table) -> None:
        self.bytes: int = table.nbytes
        self.texts: list[str] = json.loads(table.schema.metadata[b"metrics"])
        self.runs = {name: table[name].to_numpy() for name in ("replication", "seconds", "contacts")}
        lists = {name: table[name].combine_chunks() for name in ("metric", "value", "over", "fixed")}
        self.offsets = lists["metric"].offsets.to_numpy()
        self.columns = {name: one.values.to_numpy(zero_copy_only=False) for name, one in lists.items()}

    def sums(self, row: int) -> dict[str, Sums]:
        """What was measured in a run, by the metric's text."""
        part = slice(self.offsets[row], self.offsets[row + 1])
        codes, values, overs, fixed = (
            self.columns[name][part].tolist() for name in ("metric", "value", "over", "fixed")
        )
        return {self.texts[code]: Sums(*one) for code, *one in zip(codes, values, overs, fixed, strict=True)}


def chunk_of(rows: Sequence[Row]) -> bytes:
    """Runs as the content of a Parquet file: a row a run, with what was measured as lists."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    texts = {text: code for code, text in enumerate(dict.fromkeys(text for row in rows for text in row.sums))}
    offsets = np.cumsum([0, *(len(row.sums) for row in rows)]).astype(np.int32)
    sums = [one for row in rows for one in row.sums.values()]
    flat = {
        "metric": pa.array([texts[text] for row in rows for text in row.sums], pa.int32()),
        "value": pa.array([one.value for one in sums], pa.float64(), from_pandas=False),
        "over": pa.array([one.over for one in sums], pa.float64(), from_pandas=False),
        "fixed": pa.array([one.fixed for one in sums], pa.bool_()),
    }
    columns: dict[str, Any] = {
        "key": pa.array([row.key for row in rows], pa.binary(16)),
        "replication": pa.array([row.replication for row in rows], pa.int32()),
        "seconds": pa.array([row.seconds for row in rows], pa.float64()),
        "contacts": pa.array([row.contacts for row in rows], pa.int64()),
        **{name: pa.ListArray.from_arrays(pa.array(offsets), values) for name, values in flat.items()},
    }
    table = pa.table(columns).replace_schema_metadata({"metrics": json.dumps(list(texts))})
    out = io.BytesIO()
    pq.write_table(table, out, compression="zstd")
    return out.getvalue()


def chunk_name(content: bytes) -> str:
    """A chunk's name is the hash of its content, by which it is known to be whole."""
    return f"{sha256(content).hexdigest()[:32]}.parquet"


def write_aside(path: Path, content: bytes) -> None:
    """Write a file so that it is whole or not there, and is there after a power cut."""
    aside = path.parent / aside_name()
    try:
        aside.write_bytes(content)
        sync(aside)
        settle(aside, path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise


def aside_name() -> str:
    """A name for a file that is being written, which tells who writes it."""
    return _own_name(".aside-")


def sync(path: Path) -> None:
    """See that what was written to a file is on the disk."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def settle(aside: Path, path: Path) -> None:
    """Give a whole file its name, for good."""
    aside.replace(path)
    if os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def refused(path: Path, what: str) -> InputError:
    """A folder that cannot be used."""
    return InputError([Problem(str(path), "", what)])


def _told(marker: Path) -> dict[str, Any]:
    try:
        told = json.loads(marker.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def _table(content: bytes, columns: list[str] | None = None) -> pa.Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    # In this thread alone: one of Arrow's own that still holds Python's bytes when the program ends would abort it.
    return pq.ParquetFile(pa.BufferReader(content)).read(columns, use_threads=False)


def _own_name(before: str) -> str:
    """A name that tells whose it is: machine, process, and a random part."""
    return f"{before}{socket.gethostname().replace('~', '-')}~{os.getpid()}~{uuid4().hex[:8]}"


def _owner_lives(name: str) -> bool | None:
    """Whether the process that a name tells of is alive; None if it is (or was) on another machine."""
    host, _, rest = name.removeprefix(".aside-").partition("~")
    number = rest.partition("~")[0]
    if host != socket.gethostname().replace("~", "-") or not number.isdigit() or os.name != "posix":
        return None
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _ended(path: Path) -> bool:
    lives = _owner_lives(path.name)
    try:
        return not lives if lives is not None else time.time() - path.stat().st_mtime > QUIET_FOR
    except OSError:
        return True


def _left_behind(path: Path) -> bool:
    """Whether nobody writes this any more."""
    if not path.name.startswith(".aside-"):
        return True
    lives = _owner_lives(path.name)
    try:
        return not lives and time.time() - path.stat().st_mtime > (OLD if lives is None else LEFT_FOR)
    except OSError:
        return False
