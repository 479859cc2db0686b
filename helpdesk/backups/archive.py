"""The file of a backup: a ZIP archive with a manifest and one member per table, complete or not there at all.

Any unzip program lists it. Members are PostgreSQL's COPY text, rows in the order of their key, so that equal rows have
equal sums whatever server wrote them.
"""

import hashlib
import json
import os
import secrets
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

FORMAT = 1
PRODUCT = "telaio"
MANIFEST = "manifest.json"
CHUNK_BYTES = 256 * 1024
MODE = 0o600


class Refused(Exception):
    """The backup cannot be taken or used; the sentence says why and what to do."""


@dataclass
class Sum:
    """What is counted of a table while it passes: rows, bytes, and their SHA-256."""

    rows: int = 0
    size: int = 0
    digest: Any = field(default_factory=hashlib.sha256)

    def add(self, chunk: bytes) -> bytes:
        """Count a chunk and hand it on. A line feed ends each row; within values COPY writes it as two letters."""
        self.rows += chunk.count(b"\n")
        self.size += len(chunk)
        self.digest.update(chunk)
        return chunk


@dataclass(frozen=True)
class Table:
    """One table of the manifest."""

    name: str
    columns: list[str]
    key: list[str]
    rows: int = 0
    size: int = 0
    sha256: str = ""

    @property
    def member(self) -> str:
        return f"tables/{self.name}.copy"

    def counted(self, sum_: Sum) -> "Table":
        """Return the table with what was counted of it."""
        return Table(self.name, self.columns, self.key, sum_.rows, sum_.size, sum_.digest.hexdigest())


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself. key: a fingerprint of SECRET_KEY; sequences: the last number given, or None."""

    version: str
    taken_at: str
    postgres: int
    key: str
    migrations: list[list[str]]
    tables: list[Table]
    sequences: dict[str, int | None]
    format: int = FORMAT
    product: str = PRODUCT

    @property
    def rows(self) -> int:
        """How many rows there are in all."""
        return sum(table.rows for table in self.tables)

    def rows_of(self, name: str) -> int:
        """How many rows one table has; 0 when it is not there."""
        return sum(table.rows for table in self.tables if table.name == name)


@contextmanager
def writing(path: Path) -> Iterator[zipfile.ZipFile]:
    """Yield an archive that appears at `path` when it is complete and on the disk, readable by its owner only."""
    if path.exists():
        raise Refused(f"{path} exists already; choose another name.")
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with os.fdopen(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_RDWR, MODE), "w+b") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
                yield archive
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
        _settle(path.parent)
    finally:
        partial.unlink(missing_ok=True)


def put_table(archive: zipfile.ZipFile, table: Table, chunks: Iterator[bytes]) -> Table:
    """Write one table as it comes; return it with its sums."""
    passed = Sum()
    with archive.open(table.member, "w", force_zip64=True) as member:
        for chunk in chunks:
            member.write(passed.add(chunk))
    return table.counted(passed)


def put_manifest(archive: zipfile.ZipFile, manifest: Manifest) -> None:
    """Write the manifest; it comes last, because it holds the sums."""
    archive.writestr(MANIFEST, json.dumps(asdict(manifest), indent=1))


@contextmanager
def reading(path: Path) -> Iterator[tuple[zipfile.ZipFile, Manifest]]:
    """Open a backup and read its manifest. Raises Refused for what is no backup, is damaged or too new."""
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, ValueError):
        raise Refused(f"{path} is no complete backup: it is damaged or was cut short.") from None
    except OSError as error:
        raise Refused(f"{path} cannot be read: {error.strerror}.") from None
    with archive:
        yield archive, _manifest(archive, path)


def chunks_of(archive: zipfile.ZipFile, table: Table) -> Iterator[bytes]:
    """Read one table piece by piece. Raises Refused when the file is damaged there."""
    try:
        with archive.open(table.member) as member:
            yield from _pieces(member)
    # A flipped bit shows as a wrong checksum, as nonsense to the decompressor, or as a member that ends too soon.
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, ValueError, NotImplementedError) as error:
        raise Refused(f"The backup is damaged in {table.member} ({error}).") from None


def verify(archive: zipfile.ZipFile, manifest: Manifest) -> None:
    """Read everything once. Raises Refused when rows or sums are not those of the manifest."""
    for table in manifest.tables:
        passed = Sum()
        for chunk in chunks_of(archive, table):
            passed.add(chunk)
        refuse_other(table, passed, "The backup is damaged")


def refuse_other(table: Table, passed: Sum, words: str) -> None:
    """Raise Refused when what passed is not what the manifest says of a table."""
    if table.counted(passed) != table:
        raise Refused(f"{words}: {table.name} has {passed.rows} rows, and not the {table.rows} that were saved.")


def _manifest(archive: zipfile.ZipFile, path: Path) -> Manifest:
    try:
        found = json.loads(archive.read(MANIFEST))
        known = found["product"] == PRODUCT
        if known and found["format"] > FORMAT:
            raise Refused(f"{path} was written by a newer version ({found['version']}); update this desk first.")
        tables = [Table(**table) for table in found.pop("tables")]
        if known:
            return Manifest(tables=tables, **found)
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, ValueError, TypeError):
        raise Refused(f"{path} is no backup of this desk, or is damaged: its manifest cannot be read.") from None
    raise Refused(f"{path} is a backup of something else.")


def _pieces(member: IO[bytes]) -> Iterator[bytes]:
    while chunk := member.read(CHUNK_BYTES):
        yield chunk


def _settle(folder: Path) -> None:
    """Make sure that the folder knows the file even when the power goes now."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
