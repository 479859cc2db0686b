"""Files of events are kept as plain JSON and read again."""

import json

from helpdesk.lib.events import EventFile, file_as_json, file_from_json


def test_a_file_is_the_same_after_it_was_kept() -> None:
    file = EventFile(
        "contact", ref="9", name="Città.pdf", lat=44.4268, lng=26.1025, phones=("+39 055 5550101",),
        emails=("giulia@example.test",), is_voice=True, sha256="ab" * 32, size_bytes=0,
    )  # fmt: skip
    assert file_from_json(json.loads(json.dumps(file_as_json(file)))) == file


def test_what_others_kept_beside_it_is_not_read() -> None:
    assert file_from_json({"type": "image", "width": 9, "phones": None}) == EventFile("image")
    assert file_from_json({}) == EventFile("")
