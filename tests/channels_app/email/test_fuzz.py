"""Whatever bytes come, reading them ends, raises nothing, and gives what a database can keep."""

import dataclasses
import json
import time
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from channels_app.adapters.email.parsed import from_frames, to_frames
from tests.channels_app.email.letters import understood

SAMPLES = [path.read_bytes() for path in sorted((Path(__file__).parent / "payloads").glob("*.eml"))]
PIECES = [
    b"", b"\0", b"\r", b"\n", b"\r\n\r\n", b"--edge", b"--outer--", b'"', b"(", b"<", b">", b";", b"=", b"*0*=",
    b"\xff", b"=?utf-8?q?=00?=", b"Content-Type: multipart/mixed; boundary=edge\r\n\r\n", b"begin 644 x\n",
    b"charset=utf-7", b"Content-Transfer-Encoding: base64\r\n", b"From: a@b.test\r\n",
    b"\xf0\x9f\x98\x80", b"\xed\xa0\x80", b"On 1, a@b.test wrote:\n> ",
]  # fmt: skip


@given(st.binary(max_size=2_000))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_read(raw: bytes) -> None:
    _read(raw)


@given(data=st.data())
@settings(max_examples=600, deadline=None)
def test_any_broken_mail_is_read(data: st.DataObject) -> None:
    raw = data.draw(st.sampled_from(SAMPLES))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(raw)))
        until = at + data.draw(st.integers(0, 40))
        raw = raw[:at] + data.draw(st.sampled_from(PIECES)) * data.draw(st.integers(1, 3)) + raw[until:]
    _read(raw)


def _read(raw: bytes) -> None:
    began = time.process_time()
    mail = understood(raw)
    assert time.process_time() - began < 1
    fields, blobs = to_frames(mail)
    text = json.dumps(fields)
    assert "\\u0000" not in text
    assert from_frames(json.loads(text), blobs) == mail
    for value in _strings(dataclasses.asdict(mail)):
        value.encode()
    assert len(mail.subject.splitlines()) <= 1
    assert not any(set(file.filename) & set("/\\\r\n\0") for file in mail.files)


def _strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    return [text for item in value for text in _strings(item)] if isinstance(value, list | tuple) else []
