"""What is read out of a raw mail."""

import pytest

from tests.channels_app.email.letters import letter, part, parts, understood


def test_headers_and_text_are_read() -> None:
    mail = understood(letter("Hello,\r\nwhere is it?", cc="Ada <ada@example.test>, bo@example.test"))
    assert mail.senders[0].address == "giulia@example.test"
    assert mail.senders[0].name == "Giulia Tedesco"
    assert [one.address for one in mail.cc] == ["ada@example.test", "bo@example.test"]
    assert (mail.subject, mail.message_id) == ("My parcel", "1@mail.example.test")
    assert mail.date == "2026-11-22T09:00:00+00:00"
    assert mail.new_text == "Hello,\nwhere is it?"


def test_encoded_words_that_touch_are_one_text() -> None:
    mail = understood(letter(subject="=?utf-8?q?Caff=C3?= =?utf-8?q?=A8?= =?iso-8859-2?q?_=BAi?="))
    assert mail.subject == "Caffè și".replace("ș", "ş")


def test_a_line_end_in_a_subject_becomes_a_space() -> None:
    mail = understood(letter(subject="=?utf-8?q?one=0D=0ABcc=3A_eve=40example=2Etest?="))
    assert mail.subject == "one Bcc: eve@example.test"


def test_nul_and_lone_surrogates_are_removed() -> None:
    mail = understood(letter("a\0b", subject="=?utf-8?q?x=00=ED=A0=80y?="))
    assert mail.new_text == "ab"
    assert mail.subject.encode().startswith(b"x")
    assert "\0" not in mail.subject


@pytest.mark.parametrize(
    ("charset", "data", "text"),
    [
        ("gb2312", "中国镕".encode("gb18030"), "中国镕"),
        ("iso-8859-1", b"10 \x80", "10 €"),
        ("us-ascii", "perché".encode(), "perché"),
        ("nonsense", "perché".encode("cp1252"), "perché"),
        ("utf-8", "ghiță".encode("utf-16"), "ghiță"),
    ],
)
def test_a_lying_charset_is_seen_through(charset: str, data: bytes, text: str) -> None:
    mail = understood(letter(multipart=parts(part(data, f"text/plain; charset={charset}"))))
    assert mail.text == text


def test_text_and_html_alternatives_are_both_kept() -> None:
    both = parts(part(b"plain"), part(b"<p>rich</p>", "text/html"), kind="alternative")
    mail = understood(letter(multipart=both))
    assert (mail.text, mail.html) == ("plain", "<p>rich</p>")


def test_text_is_made_from_html_alone() -> None:
    mail = understood(letter(multipart=parts(part(b"<p>One</p><p>Two</p>", "text/html"))))
    assert mail.new_text.split() == ["One", "Two"]


def test_an_attached_mail_stays_a_file() -> None:
    inner = b"Subject: Inner\r\nMessage-ID: <i@example.test>\r\n\r\nInner text"
    mail = understood(letter(multipart=parts(part(b"outer"), part(inner, "message/rfc822"))))
    assert [(file.filename, file.data) for file in mail.files] == [("Inner.eml", inner)]
    assert mail.text == "outer"


def test_an_inline_picture_keeps_its_content_id() -> None:
    picture = part(b"aGk=", "image/png; name=a.png", "Content-ID: <p1@x>\r\nContent-Transfer-Encoding: base64\r\n")
    rich = part(b'<img src="cid:p1@x">', "text/html")
    mail = understood(letter(multipart=parts(rich, picture, kind="related")))
    assert mail.files[0].content_id == "p1@x"
    assert mail.files[0].is_inline
    assert mail.files[0].data == b"hi"
    assert mail.html == '<img data-cid="p1@x">'


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ('filename="../../etc/passwd"', "_.._etc_passwd"),
        ('filename="a\x01b\\c.txt"', "a b_c.txt"),
        ("filename*=utf-8''%E2%82%AC%20rates.pdf", "€ rates.pdf"),
        ('filename="=?utf-8?q?caff=C3=A8.txt?="', "caffè.txt"),
        ("filename*0=long; filename*1=name.txt", "longname.txt"),
        ('filename=".."', "attachment.pdf"),
        ("filename=invoice 1 of 2.pdf", "invoice 1 of 2.pdf"),
        ('filename="gpj.\u202eexe"', "gpj._exe"),
    ],
)
def test_names_of_files_are_made_safe(written: str, name: str) -> None:
    file = part(b"x", "application/pdf", f"Content-Disposition: attachment; {written}\r\n")
    assert understood(letter(multipart=parts(file))).files[0].filename == name


@pytest.mark.parametrize(
    ("headers", "doubt"),
    [
        ({"from": ""}, "missing"),
        ({"from": "a@example.test, b@example.test"}, "doubled"),
        ({"from": "nobody at all"}, "unreadable"),
        ({"from": "alice@example.test)bob@evil.test"}, "ambiguous"),
        ({"from": "<a@example.test> <b@evil.test>"}, "ambiguous"),
        ({"from": '"a@example.test" <b@example.test>'}, ""),
    ],
)
def test_a_sender_in_doubt_is_named(headers: dict[str, str], doubt: str) -> None:
    assert understood(letter(**headers)).sender_doubt == doubt


def test_two_from_fields_are_a_doubt() -> None:
    raw = letter().replace(b"To:", b"From: eve@evil.test\r\nTo:", 1)
    assert understood(raw).sender_doubt == "doubled"


def test_headers_over_the_limit_are_cut_and_said() -> None:
    mail = understood(letter(x_long="x " * 20_000))
    assert "headers_cut" in mail.warnings
    assert mail.new_text == "Where is my parcel?"


def test_addresses_over_the_limit_are_cut_and_said() -> None:
    many = ", ".join(f"p{number}@example.test" for number in range(300))
    mail = understood(letter(to=many))
    assert len(mail.to) == 200
    assert "addresses_cut" in mail.warnings


def test_parts_over_the_limit_are_cut_and_said() -> None:
    mail = understood(letter(multipart=parts(*[part(b"x")] * 150)))
    assert "too_many_parts" in mail.warnings


def test_two_thousand_nested_parts_are_one_file() -> None:
    nested = b"".join(
        f'Content-Type: multipart/mixed; boundary="b{number}"\r\n\r\n--b{number}\r\n'.encode()
        for number in range(2_000)
    )
    mail = understood(letter(multipart=nested + b"\r\nhello"))
    assert "parts_nested_too_deep" in mail.warnings
    assert len(mail.files) == 1


def test_bare_carriage_returns_are_line_ends() -> None:
    mail = understood(letter("one").replace(b"\r\n", b"\r"))
    assert (mail.subject, mail.new_text) == ("My parcel", "one")


def test_flowed_lines_are_joined() -> None:
    flowed = part(b"This is \r\none line.\r\n> quoted \r\n> too", "text/plain; format=flowed")
    assert understood(letter(multipart=parts(flowed))).text == "This is one line.\n> quoted too"


@pytest.mark.parametrize(
    ("headers", "is_auto"),
    [
        ({"auto_submitted": "auto-replied"}, True),
        ({"auto_submitted": "no"}, False),
        ({"auto_submitted": "auto-forwarded"}, False),
        ({"x_autoreply": "yes"}, True),
        ({"x_auto_response_suppress": "All"}, True),
        ({"subject": "Automatic reply: away"}, True),
        ({"subject": "Re: Automatic garage door"}, False),
        ({"list_id": "<news.example.test>"}, False),
    ],
)
def test_automatic_answers_are_told(headers: dict[str, str], is_auto: bool) -> None:
    assert understood(letter(**headers)).is_auto_reply is is_auto
