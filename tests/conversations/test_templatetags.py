"""Text with links: only http and https become links, and nothing escapes the escaping."""

import re

import pytest

from conversations.templatetags.timeline import linked

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    'https://example.test/"onmouseover="alert(1)',
    "https://example.test/'onmouseover='alert(1)",
    "https://example.test/<script>alert(1)</script>",
    "https://example.test/?q=<svg/onload=alert(1)>",
    "http://example.test/`onload=alert(1)`",
    'https://example.test/"><img src=x onerror=alert(1)>',
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "https://example.test/&quot;onclick=&quot;alert(1)",
    "ht\ntps://example.test/",
    "https://\u202eexample.test/",
    "{{ 7|add:7 }} {% debug %}",
    "file:///etc/passwd",
    "//example.test/path",
    "feed:javascript:alert(1)",
]
TAG = re.compile(
    r"<(?!/?a\b)|<a\b(?! href=\"https?://[^\"<>]*\" target=\"_blank\" rel=\"noopener noreferrer nofollow\">)"
)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_yields_only_harmless_links(text: str) -> None:
    assert not TAG.search(linked(text)), linked(text)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("see https://example.test/a?b=1&c=2.", "https://example.test/a?b=1&amp;c=2"),
        ("(https://example.test/x)", "https://example.test/x"),
        ("https://example.test/wiki/Loom_(tool)", "https://example.test/wiki/Loom_(tool)"),
        ("HTTP://EXAMPLE.TEST/x", "HTTP://EXAMPLE.TEST/x"),
        ("„https://example.test/ș”", "https://example.test/ș"),
    ],
)
def test_an_address_becomes_a_link(text: str, url: str) -> None:
    assert f'<a href="{url}" target="_blank" rel="noopener noreferrer nofollow">{url}</a>' in linked(text)


def test_text_around_links_is_kept() -> None:
    assert linked("a <b> https://example.test/ c & d").startswith("a &lt;b&gt; <a href=")
    assert linked("a https://example.test/ c & d").endswith("</a> c &amp; d")


def test_text_without_links_is_only_escaped() -> None:
    assert linked("1 < 2 & 3") == "1 &lt; 2 &amp; 3"
