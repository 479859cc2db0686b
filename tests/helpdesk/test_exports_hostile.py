"""Archives made to harm: each is refused with a clear sentence, and the desk stays as it was."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from agents.models import AuditRow, Brand, Role, Workspace
from customers.models import Customer
from helpdesk.backups import tables
from helpdesk.backups.archive import Refused, Sum
from helpdesk.exports import bundle, loading
from helpdesk.exports.nouns import all_nouns
from tests.elsewhere import fresh_database, working_in

TAG = b'{"id":1,"name":"late"}\n'
FILE = b"a file"
SHA = hashlib.sha256(FILE).hexdigest()


def honest(lines: bytes = TAG, noun: str = "tags") -> dict[str, bytes]:
    """The members of a small export with one noun and one file."""
    passed = Sum()
    passed.add(lines)
    parts = [bundle.part_of(all_nouns()[noun], passed)]
    manifest = bundle.Manifest("1", "2026-11-28T10:00:00+00:00", parts, 1, len(FILE), {})
    return {f"nouns/{noun}.jsonl": lines, f"blobs/{SHA}": FILE, "manifest.json": json.dumps(asdict(manifest)).encode()}


def write(path: Path, members: dict[str, bytes], *more: tuple[zipfile.ZipInfo | str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in [*members.items(), *more]:
            file.writestr(name, content)
    return path


def told(**changes: Any) -> Callable[[dict[str, bytes]], None]:
    """Let the manifest say something else."""

    def change(members: dict[str, bytes]) -> None:
        members["manifest.json"] = json.dumps(json.loads(members["manifest.json"]) | changes).encode()

    return change


def part(**changes: Any) -> Callable[[dict[str, bytes]], None]:
    """Let the manifest say something else of its noun."""

    def change(members: dict[str, bytes]) -> None:
        manifest = json.loads(members["manifest.json"])
        manifest["nouns"][0] |= changes
        members["manifest.json"] = json.dumps(manifest).encode()

    return change


def put(name: str, content: bytes) -> Callable[[dict[str, bytes]], None]:
    return lambda members: members.update({name: content})


def gone(name: str) -> Callable[[dict[str, bytes]], None]:
    return lambda members: members.pop(name) and None


def link() -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(f"blobs/{'0' * 64}")
    info.external_attr = 0o120777 << 16
    return info


def test_an_honest_one_is_taken(tmp_path: Path) -> None:
    assert loading.check(write(tmp_path / "x.zip", honest())).rows == 1


CHANGED: dict[str, tuple[Callable[[dict[str, bytes]], None], str]] = {
    "path traversal": (put("../../etc/cron.d/x", b"x"), "belongs in none"),
    "absolute path": (put("/etc/passwd", b"x"), "belongs in none"),
    "windows path": (put("..\\x", b"x"), "belongs in none"),
    "folder": (put("blobs/", b""), "belongs in none"),
    "name of a file with a path": (put(f"blobs/../{SHA}", b"x"), "belongs in none"),
    "unknown member": (put("nouns/spells.jsonl", b""), "belongs in none"),
    "member that the manifest keeps quiet": (put("nouns/agents.jsonl", b"{}\n"), "not in its manifest"),
    "missing noun": (gone("nouns/tags.jsonl"), "is missing"),
    "missing file": (gone(f"blobs/{SHA}"), "should hold 1 files and holds 0"),
    "missing manifest": (gone("manifest.json"), "is missing"),
    "changed noun": (put("nouns/tags.jsonl", TAG.replace(b"late", b"LATE")), "not what the manifest says"),
    "changed file": (put(f"blobs/{SHA}", b"b file"), "not what its name says"),
    "more rows": (put("nouns/tags.jsonl", TAG * 2), "2 rows for 1"),
    "bomb": (put(f"blobs/{'0' * 64}", b"\0" * 5_000_000), "no honest export"),
    "bomb of rows": (put("nouns/tags.jsonl", b" " * 5_000_000), "no honest export"),
    "large manifest": (put("manifest.json", b" " * 1_100_000), "larger than"),
    "manifest of nonsense": (put("manifest.json", b"\xff{"), "cannot be read"),
    "manifest nested too deeply": (put("manifest.json", b"[" * 100_000), "cannot be read"),
    "manifest that is a list": (put("manifest.json", b"[]"), "cannot be read"),
    "manifest with words for numbers": (told(files_count="1"), "cannot be read"),
    "manifest with words for sequences": (told(sequences={"x": "1; drop"}), "cannot be read"),
    "manifest with more than we know": (told(surprise=1), "cannot be read"),
    "newer version": (told(format=99), "newer version"),
    "another product": (told(product="other"), "something else"),
    "a backup": (told(kind="backup"), "something else"),
    "unknown noun": (part(name="spells"), "does not\nknow|does not know"),
    "unknown column": (part(columns=["id", "name", "x; drop"]), "does not know"),
    "no line end": (put("nouns/tags.jsonl", TAG[:-1]), "middle of a line"),
    "no objects": (put("nouns/tags.jsonl", b"[1]\n"), "no JSON object"),
    "blank line": (put("nouns/tags.jsonl", TAG + b"\n"), "no JSON object"),
    "end of data": (put("nouns/tags.jsonl", b"\\.\n" + TAG), "no JSON object"),
    "control signs": (put("nouns/tags.jsonl", b'{"id":1,"name":"\x01"}\n'), "no JSON has"),
    "deep nesting": (put("nouns/tags.jsonl", b'{"a":' * 200 + b"1" + b"}" * 200 + b"\n"), "nested too deeply"),
}


@pytest.mark.parametrize("name", CHANGED)
def test_a_changed_archive_is_refused(tmp_path: Path, name: str) -> None:
    change, words = CHANGED[name]
    members = honest()
    change(members)
    with pytest.raises(Refused, match=words):
        loading.check(write(tmp_path / "x.zip", members))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_doubled_and_linked_members_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="same name"):
        loading.check(write(tmp_path / "x.zip", honest(), ("nouns/tags.jsonl", TAG)))
    with pytest.raises(Refused, match="no plain file"):
        loading.check(write(tmp_path / "x.zip", honest(), (link(), b"/etc/passwd")))


def test_a_huge_line_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "LINE_MAX_BYTES", 20)
    with pytest.raises(Refused, match="line of more than 20 bytes"):
        loading.check(write(tmp_path / "x.zip", honest()))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_truncated_archive_is_refused(tmp_path: Path, share: float) -> None:
    whole = write(tmp_path / "x.zip", honest()).read_bytes()
    (tmp_path / "cut.zip").write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(Refused, match="damaged or was cut short"):
        loading.check(tmp_path / "cut.zip")


def test_members_that_share_their_bytes_are_refused(tmp_path: Path) -> None:
    whole = bytearray(write(tmp_path / "x.zip", honest()).read_bytes())
    file = zipfile.ZipFile(io.BytesIO(whole))
    entry = whole.index(b"PK\x01\x02")
    # The directory says that the first member takes as much as all the file.
    whole[entry + 20 : entry + 24] = (len(whole) + 1).to_bytes(4, "little")
    file.close()
    (tmp_path / "y.zip").write_bytes(whole)
    with pytest.raises(Refused, match=r"overlap|damaged"):
        loading.check(tmp_path / "y.zip")


def test_what_is_no_archive_or_not_there_is_said(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"hello")
    for path in (tmp_path / "x.zip", tmp_path / "absent.zip"):
        with pytest.raises(Refused):
            loading.check(path)


@pytest.fixture
def elsewhere() -> Iterator[str]:
    with fresh_database() as name:
        yield name


# What the manifest vouches for and no database can hold together.
UNFIT = {
    "pointing nowhere": (
        "identities",
        {"customer_id": 7, "kind": "email", "value": "a@b.test"},
        "do not fit together",
    ),
    "twice the same key": ("tags", [{"id": 1, "name": "a"}, {"id": 1, "name": "b"}], "do not fit together"),
    "of another kind": ("tags", {"id": "many", "name": "a"}, "does not take"),
    "too long": ("tags", {"id": 1, "name": "a" * 1000}, "does not take"),
    "without what must be": ("tags", {"id": 1}, "do not fit together"),
    "half a letter": ("tags", '{"id":1,"name":"\\ud800"}', "does not take"),
    "with more than there is": ("tags", {"id": 1, "name": "a", "more": 1}, "did not take tags as they are"),
    "file of no file": ("blobs", {"sha256": "0" * 64, "size_bytes": 1}, "cannot be read"),
    "file that is not there": (
        "blobs",
        {"sha256": "0" * 64, "size_bytes": 1, "scan_state": "clean", "stored_at": "2026-11-28T10:00:00+00:00"},
        "is missing",
    ),
}


@pytest.mark.django_db(transaction=True)
def test_rows_that_do_not_fit_leave_nothing_behind(
    tmp_path: Path, elsewhere: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "others", lambda: 0)
    with working_in(elsewhere):
        before = _first_rows()
        for name, (noun, rows, words) in UNFIT.items():
            listed = rows if isinstance(rows, list) else [rows]
            lines = b"".join((row if isinstance(row, str) else json.dumps(row)).encode() + b"\n" for row in listed)
            path = write(tmp_path / "x.zip", honest(_completed(noun, lines), noun))
            with pytest.raises(Refused, match=words):
                loading.load(path)
            assert (name, _first_rows()) == (name, before)
            assert tables.is_empty()
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_constraint WHERE contype = 'f'")
            assert cursor.fetchone()[0] > 50


def _completed(noun: str, lines: bytes) -> bytes:
    if noun != "identities":
        return lines
    blank = {"id": 1, "realm": "", "display": "", "verified_by": "", "opted_out_reason": ""}
    return json.dumps(blank | {"first_seen_at": "2026-11-28T10:00:00Z"} | json.loads(lines)).encode() + b"\n"


def _first_rows() -> list[int]:
    models = (Role, Brand, Workspace, Customer, AuditRow)
    return [model.objects.count() for model in models]  # type: ignore[attr-defined]
