"""The file of an export: a ZIP archive of a manifest, one list of JSON lines per noun, and the files by their hash.

Written as it comes and read as if an enemy had made it: only the names we know, nothing is ever unpacked to a disk,
nothing is larger than it says or than an honest file could be, and every byte has a sum.
"""

import hashlib
import json
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO

from helpdesk.backups import archive
from helpdesk.backups.archive import CHUNK_BYTES, MANIFEST, PRODUCT, Refused, Sum
from helpdesk.exports.nouns import Noun, all_nouns

FORMAT, KIND = 1, "export"
MANIFEST_MAX_BYTES = 1024 * 1024
LINE_MAX_BYTES = 64 * 1024 * 1024
FILE_MAX_BYTES = 512 * 1024 * 1024
# Text of one desk packs to a tenth, dull text to a hundredth; a bomb to a thousandth.
RATIO_MAX, RATIO_FROM_BYTES = 400, 1024 * 1024
DEPTH_MAX = 64
SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
FORBIDDEN = re.compile(rb"[\x00-\x09\x0b-\x1f]")
DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, KeyError, ValueError, NotImplementedError, RuntimeError)


@dataclass(frozen=True, slots=True)
class Part:
    """What the manifest says of one noun."""

    name: str
    columns: list[str]
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an export says of itself. left_out: what is not in it, by name, with the reason."""

    version: str
    made_at: str
    nouns: list[Part]
    files_count: int
    files_bytes: int
    sequences: dict[str, int | None]
    left_out: dict[str, str] = field(default_factory=dict)
    product: str = PRODUCT
    kind: str = KIND
    format: int = FORMAT

    @property
    def rows(self) -> int:
        """How many rows there are in all."""
        return sum(part.rows for part in self.nouns)

    def count(self, name: str) -> int:
        """How many rows one noun has."""
        return sum(part.rows for part in self.nouns if part.name == name)


def put_noun(file: zipfile.ZipFile, noun: Noun, chunks: Iterator[bytes]) -> Part:
    """Write one noun as it comes; return it with its sums."""
    passed = Sum()
    with file.open(noun.member, "w", force_zip64=True) as member:
        for chunk in chunks:
            member.write(passed.add(chunk))
    return part_of(noun, passed)


def part_of(noun: Noun, passed: Sum) -> Part:
    """Return what the manifest says of a noun that passed."""
    columns = [*noun.columns, *(["config"] if noun.name == "channels" else [])]
    return Part(noun.name, columns, passed.rows, passed.size, passed.digest.hexdigest())


def put_manifest(file: zipfile.ZipFile, manifest: Manifest) -> None:
    """Write the manifest; it comes last, because it holds the sums."""
    file.writestr(MANIFEST, json.dumps(asdict(manifest), indent=1))


@contextmanager
def reading(path: Path) -> Iterator[tuple[zipfile.ZipFile, Manifest]]:
    """Open an export and look at all its names and sizes. Raises Refused for what is none, or is made to harm."""
    try:
        file = zipfile.ZipFile(path)
    except OSError as error:
        raise Refused(f"{path} cannot be read: {error.strerror}.") from None
    except (*DAMAGE, zipfile.LargeZipFile):
        raise Refused(f"{path} is no complete export: it is damaged or was cut short.") from None
    with file:
        _refuse_hostile(file, path.stat().st_size)
        manifest = _manifest(file, path)
        _refuse_foreign(file, manifest)
        yield file, manifest


def lines_of(file: zipfile.ZipFile, noun: Noun) -> Iterator[bytes]:
    """Read a noun in chunks of whole lines, each a JSON object of moderate depth. Raises Refused."""
    rest = b""
    for chunk in _pieces(file, noun.member):
        whole, mark, tail = (rest + chunk).rpartition(b"\n")
        rest = tail
        if len(rest) > LINE_MAX_BYTES:
            raise Refused(f"{noun.member} has a line of more than {LINE_MAX_BYTES:,} bytes.")
        if mark:
            _refuse_odd(whole, noun.member)
            yield whole + mark
    if rest:
        raise Refused(f"{noun.member} ends in the middle of a line.")


def content_of(file: zipfile.ZipFile, sha256: str) -> bytes:
    """Read one file. Raises Refused when it is not there or not what its name says."""
    if not SHA256.fullmatch(sha256):
        raise Refused("A file is named by something that is no SHA-256.")
    name = f"blobs/{sha256}"
    content = b"".join(_pieces(file, name))
    if hashlib.sha256(content).hexdigest() != sha256:
        raise Refused(f"{name} is not what its name says: it was changed or damaged.")
    return content


def verify(file: zipfile.ZipFile, manifest: Manifest) -> None:
    """Read everything once and touch nothing. Raises Refused when something is not as the manifest says."""
    nouns = all_nouns()
    for part in manifest.nouns:
        passed = Sum()
        for chunk in lines_of(file, nouns[part.name]):
            passed.add(chunk)
        if part_of(nouns[part.name], passed) != part:
            raise Refused(
                f"{nouns[part.name].member} is not what the manifest says: {passed.rows:,} rows for {part.rows:,},"
                " or other bytes. It was changed or damaged."
            )
    files = [info for info in file.infolist() if info.filename.startswith("blobs/")]
    for info in files:
        content_of(file, info.filename.removeprefix("blobs/"))
    if (len(files), sum(info.file_size for info in files)) != (manifest.files_count, manifest.files_bytes):
        raise Refused(f"The export should hold {manifest.files_count:,} files and holds {len(files):,}.")


def _refuse_hostile(file: zipfile.ZipFile, size: int) -> None:
    """Look at names, kinds and sizes before a single byte is unpacked."""
    infos = file.infolist()
    if len({info.filename for info in infos}) != len(infos):
        raise Refused("The export holds two members of the same name.")
    # Members that share their packed bytes make a bomb of a small file.
    if sum(info.compress_size for info in infos) > size:
        raise Refused("The members of the export overlap: it was made to harm.")
    known = {noun.member for noun in all_nouns().values()} | {MANIFEST}
    for info in infos:
        blob = info.filename.startswith("blobs/") and SHA256.fullmatch(info.filename.removeprefix("blobs/"))
        if info.filename not in known and not blob:
            raise Refused(f"The export holds something that belongs in none: {ascii(info.filename)[:120]}.")
        if info.flag_bits & 1 or stat.S_IFMT(info.external_attr >> 16) not in {0, stat.S_IFREG}:
            raise Refused(f"{info.filename} is encrypted or no plain file.")
        most = MANIFEST_MAX_BYTES if info.filename == MANIFEST else FILE_MAX_BYTES if blob else None
        if most is not None and info.file_size > most:
            raise Refused(f"{info.filename} is larger than {most:,} bytes.")
        if info.file_size > max(RATIO_FROM_BYTES, info.compress_size * RATIO_MAX):
            raise Refused(f"{info.filename} unpacks to {info.file_size:,} bytes: no honest export does that.")


def _manifest(file: zipfile.ZipFile, path: Path) -> Manifest:
    none = Refused(f"{path} is no export of a desk, or is damaged: its manifest cannot be read.")
    try:
        found = json.loads(b"".join(_pieces(file, MANIFEST)))
        if (found["product"], found["kind"]) != (PRODUCT, KIND):
            raise Refused(f"{path} is an export of something else.")
        if int(found["format"]) > FORMAT:
            raise Refused(f"{path} was written by a newer version ({found['version']}); update this desk first.")
        manifest = Manifest(**found | {"nouns": [Part(**part) for part in found["nouns"]]})
    except (ValueError, TypeError, KeyError, RecursionError):
        raise none from None
    if not _is_plain(manifest):
        raise none
    return manifest


def _is_plain(manifest: Manifest) -> bool:
    numbers = [manifest.files_count, manifest.files_bytes, *(part.rows for part in manifest.nouns)]
    last = manifest.sequences.values() if isinstance(manifest.sequences, dict) else ["?"]
    return all(type(one) is int for one in numbers) and all(one is None or type(one) is int for one in last)


def _refuse_foreign(file: zipfile.ZipFile, manifest: Manifest) -> None:
    """Refuse nouns and columns that this version does not have, and members that are missing."""
    nouns, names = all_nouns(), set(file.namelist())
    listed = [part.name for part in manifest.nouns]
    if len(set(listed)) != len(listed):
        raise Refused("The manifest names a noun twice.")
    for part in manifest.nouns:
        noun = nouns.get(part.name)
        ours = {*noun.columns, "config"} if noun else set()
        if noun is None or not set(part.columns) <= ours:
            raise Refused(
                f"The export holds {ascii(part.name)[:60]} in a form that this version ({manifest.version} wrote it)"
                " does not know. Update this desk first."
            )
        if noun.member not in names:
            raise Refused(f"{noun.member} is missing.")
    if extra := names - {nouns[name].member for name in listed} - {MANIFEST}:
        stray = sorted(name for name in extra if not name.startswith("blobs/"))
        if stray:
            raise Refused(f"{stray[0]} stands in the export and not in its manifest.")


def _pieces(file: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """Read one member, never more than it said it holds."""
    try:
        with file.open(name) as member:
            yield from _read(member, file.getinfo(name).file_size)
    except KeyError:
        raise Refused(f"{name} is missing.") from None
    except DAMAGE as error:
        raise Refused(f"The export is damaged in {name} ({error}).") from None


def _read(member: IO[bytes], most: int) -> Iterator[bytes]:
    size = 0
    while chunk := member.read(CHUNK_BYTES):
        size += len(chunk)
        if size > most:
            raise zipfile.BadZipFile("it is longer than it says")
        yield chunk


def _refuse_odd(lines: bytes, member: str) -> None:
    """Refuse what PostgreSQL would stumble over, with the reason."""
    if FORBIDDEN.search(lines):
        raise Refused(f"{member} holds signs that no JSON has.")
    for line in lines.split(b"\n"):
        if line[:1] != b"{" or line[-1:] != b"}":
            raise Refused(f"{member} has a line that is no JSON object: {line[:40]!a}.")
        if len(line) > LINE_MAX_BYTES:
            raise Refused(f"{member} has a line of more than {LINE_MAX_BYTES:,} bytes.")
        if line.count(b"[") + line.count(b"{") > DEPTH_MAX and _depth(line) > DEPTH_MAX:
            raise Refused(f"{member} has a line that is nested too deeply.")


def _depth(line: bytes) -> int:
    """How deep the brackets of a line go, those in texts left out."""
    depth = deepest = 0
    for sign in re.findall(rb'"(?:[^"\\]|\\.)*"|[\[\]{}]', line):
        depth += 1 if sign in (b"[", b"{") else -1 if sign in (b"]", b"}") else 0
        deepest = max(deepest, depth)
    return deepest


writing = archive.writing
