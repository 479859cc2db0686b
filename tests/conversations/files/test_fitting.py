"""Whether files fit a channel is said before they are sent."""

from conversations.files.fitting import problems
from helpdesk.lib.outbound import Capabilities, FileRule, OutboundFile

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 2_000
TEXT = b"a" * 100
RULES = (FileRule("image", 1_024, ("image/png",)), FileRule("file", 50, ("application/pdf",)))


def able(**fields: object) -> Capabilities:
    return Capabilities(**{"max_text_characters": 1, "max_files_bytes": 10_000, "in_pieces": True, **fields})  # type: ignore[arg-type]


def test_what_fits_is_no_problem() -> None:
    assert problems([OutboundFile("a.png", "", PNG[:1_024])], able(file_rules=RULES)) == []
    assert problems([], able(file_rules=RULES)) == []


def test_each_file_says_why_it_does_not_fit() -> None:
    files = [OutboundFile("a.png", "", PNG), OutboundFile("b.txt", "image/png", TEXT)]
    assert problems(files, able(file_rules=RULES)) == [
        "“a.png” has 2.0 KB; this channel carries at most 1.0 KB.",
        "This channel does not carry files like “b.txt”.",
    ]


def test_a_channel_without_files_says_so() -> None:
    file = OutboundFile("a.png", "", PNG)
    assert problems([file], able(max_files_bytes=0)) == ["This channel carries no files."]


def test_mail_counts_all_files_together() -> None:
    mail = able(in_pieces=False, max_files_bytes=3_000)
    file = OutboundFile("a.png", "", PNG)
    assert problems([file], mail) == []
    assert problems([file, file], mail) == ["The files are larger than 2.9 KB together."]
