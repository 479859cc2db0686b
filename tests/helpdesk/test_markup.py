"""What agents mark in a text, and what each style of channel makes of it."""

import time

import pytest
from django.utils.html import escape
from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk.lib import html, markup, pieces
from helpdesk.lib.markup import styles
from helpdesk.lib.markup.reading import read
from helpdesk.lib.outbound import Capabilities

SIGNS = "ab 1*_~`[](){}>-.\n\\😀ș/:<&" + styles.GUARD
TEXTS = st.lists(
    st.one_of(
        st.text(SIGNS, max_size=8),
        st.sampled_from(
            ["**bold**", "_it_", "~~no~~", "`co`", "[a b](https://x.test)", "\n- ", "\n> ", "\n```\n", "**"]
        ),
    ),
    max_size=12,
).map("".join)
ALL = [markup.NOTHING, markup.HTML, markup.STARS, markup.MARKS]


def kinds(text: str) -> list[tuple[str, str]]:
    return [(span.kind, text[span.begin : span.until]) for span in read(text).spans]


def said(text: str, style: str = "") -> str:
    return markup.leaving(text, style, is_marked=True).part(0, len(text)).text


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("**bold**", [("bold", "bold")]),
        ("a _b_, c", [("italic", "b")]),
        ("~~gone~~ and `co_d_e`", [("strike", "gone"), ("code", "co_d_e")]),
        ("**a _b_ c**", [("bold", "a _b_ c"), ("italic", "b")]),
        ("_**both**_", [("italic", "**both**"), ("bold", "both")]),
        ("(**bold**), è **così**.", [("bold", "bold"), ("bold", "così")]),
        ("[our shop](https://x.test/a_(b)_c)", [("link", "our shop")]),
        ("[mail](mailto:ada@example.test) [call](tel:+3905550100)", [("link", "mail"), ("link", "call")]),
        ("- one\n- **two**", [("item", "one"), ("item", "**two**"), ("bold", "two")]),
        ("9. nine\n10. ten", [("item", "nine"), ("item", "ten")]),
        ("> said\nI", [("quote", "said")]),
        ("```py\na = **b**\n\n- c\n```\nend", [("block", "a = **b**\n\n- c")]),
        ("**a **b** c", [("bold", "b")]),
        ("**a _b** c_", [("bold", "a _b")]),
    ],
)
def test_what_is_marked_is_found(text: str, found: list[tuple[str, str]]) -> None:
    assert kinds(text) == found


@pytest.mark.parametrize(
    "text",
    [
        *("2*3*4", "2**3**4", "__init__", "snake_case_name", "a_b_ c", "** no **", "**", "****", "***x***", "~x~"),
        *("*x*",),
        *("https://x.test/_a_/**b**", "ada_b_c@example.test", "**never\nclosed**", "``", "` `", "``a``", "\\", "_a"),
        *("[x](javascript:alert(1))", "[x](https://)"),
        *("[ ](https://x.test)", "[a\nb](https://x.test)", "[x] (https://x.test)"),
        *("-no", "1.no", "1234. no", "# no", "| a | b |", "<b>no</b>", "```\nnever closed", "```\n```", "> ", ">>> a"),
        *("- ",),
    ],
)  # fmt: skip
def test_what_is_not_well_formed_stays_letter_for_letter(text: str) -> None:
    assert kinds(text) == [] and [said(text, style) for style in ["", "html", "marks"]] == [text] * 3


@pytest.mark.parametrize(
    ("text", "plain", "stars"),
    [
        ("**b** _i_ ~~s~~ `c`", "b i s c", "*b* _i_ ~s~ ```c```"),
        ("[shop](https://x.test) now", "shop (https://x.test) now", "shop (https://x.test) now"),
        ("[https://x.test](https://x.test)", "https://x.test", "https://x.test"),
        ("> **q**\n- i", "> q\n- i", "> *q*\n- i"),
        ("```\na\nb\n```", "a\nb", "```a\nb```"),
        ("**_x_**", "x", "*_x_*"),
    ],
)
def test_words_alone_and_with_stars(text: str, plain: str, stars: str) -> None:
    assert (said(text), said(text, "stars")) == (plain, stars)


@pytest.mark.parametrize(
    ("text", "stars"),
    [
        ("*x* and ~y~", "*|x|* and ~|y|~"),
        ("2*3*4 and 5 * 6", "2*3*4 and 5 * 6"),
        ("a *b", "a *b"),
        ("**a* b**", "*a|* b*"),
        ("https://x.test/_a_ _b_", "https://x.test/_a_ _b_"),
        ("`*x*`", "```*x*```"),
        ("```x``` y", "`|`|`|x`|`|`| y"),
    ],
)
def test_a_sign_that_marks_nothing_here_marks_nothing_there(text: str, stars: str) -> None:
    assert said(text, "stars").replace(styles.GUARD, "|") == stars


def test_marks_stand_beside_the_words() -> None:
    text = "😀 **a _b_** [c](https://x.test) [d](mailto:d@example.test)\n> q\n- i"
    found = markup.leaving(text, "marks", is_marked=True).part(0, len(text))
    assert found.text == "😀 a b c d (mailto:d@example.test)\nq\n- i"
    assert [(mark.kind, found.text[mark.start : mark.end], mark.url) for mark in found.marks] == [
        ("bold", "a b", ""), ("italic", "b", ""), ("link", "c", "https://x.test"), ("quote", "q", ""),
    ]  # fmt: skip


def test_html_is_escaped_and_passes_the_cleaner_as_it_is() -> None:
    text = 'Hi <b>\nyou\n\n**a "x"** [<i>](https://x.test/?a=1&b="2")\n- i\n- j\n3. k\n> q\n> `<r>`\n```\n<s>\n\nt\n```'
    drawn = markup.as_html(text, escape)
    assert drawn == (
        '<p>Hi &lt;b&gt;<br>you</p><p><strong>a &quot;x&quot;</strong> '
        '<a href="https://x.test/?a=1&amp;b=&quot;2&quot;" target="_blank" rel="noopener noreferrer nofollow">'
        "&lt;i&gt;</a></p><ul><li>i</li><li>j</li></ul><ol start=\"3\"><li>k</li></ol>"
        "<blockquote>q<br><code>&lt;r&gt;</code></blockquote><pre><code>&lt;s&gt;\n\nt</code></pre>"
    )  # fmt: skip
    assert html.to_text(html.clean(drawn).html) == html.to_text(drawn)
    assert [html.clean(drawn).html.count(f"<{name}") for name in ("strong", "a ", "li", "pre")] == [1, 1, 3, 1]


@settings(max_examples=20)
@given(st.text(SIGNS, max_size=60))
def test_a_text_that_nobody_could_mark_leaves_as_it_stands(text: str) -> None:
    assert all(markup.leaving(text, style, is_marked=False).part(0, len(text)).text == text for style in ALL)


@settings(max_examples=20)
@given(st.text("ab 1ș😀.,\n", max_size=60))
def test_a_text_without_signs_is_itself_in_every_style(text: str) -> None:
    assert all(said(text, style) == text for style in ALL)


@settings(max_examples=25)
@given(TEXTS, st.integers(0, 60))
def test_parts_together_say_all_of_it(text: str, at: int) -> None:
    at = min(at, len(text))
    whole = markup.leaving(text, "", is_marked=True)
    assert whole.part(0, at).text + whole.part(at, len(text)).text == said(text)
    assert len(whole.part(0, at).text) <= at
    for style in ALL:
        grown = [len(markup.leaving(text, style, is_marked=True).part(0, end).text) for end in range(len(text) + 1)]
        # So that what fits is found by halving.
        assert grown == sorted(grown)
        assert bool(said(text, style).strip(styles.GUARD + " \n")) == bool(text.strip(styles.GUARD + " \n"))


@settings(max_examples=25)
@given(TEXTS)
def test_every_piece_fits_as_it_leaves(text: str) -> None:
    for style in ALL:
        able = Capabilities(max_text_characters=24, max_files_bytes=0, markup=style, text_unit="bytes")
        leaving = markup.leaving(text, style, is_marked=True)
        cut = pieces.cut(text, [], able, is_marked=True)
        parts = [leaving.part(*piece.text).stripped().text for piece in cut if piece.text]
        assert all(part.strip() and len(part.encode()) <= 24 for part in parts)
        assert (len(parts) <= 1) == pieces.fits(text, able, is_marked=True)


@settings(max_examples=25)
@given(TEXTS)
def test_html_says_every_word(text: str) -> None:
    drawn = markup.as_html(text, escape)
    words = "".join(sign for sign in said(text, "") if sign.isalnum() and sign != "1")
    assert all(drawn.count(sign) >= words.count(sign) for sign in set(words))


HOSTILE = ["*_[", "**a ", "`a", "[a](http://", "```a\n", "> _a ", "[a](http://()", "**_~~x", "a*", "*a "]


def cost(sign: str, length: int) -> float:
    text = (sign * length)[:length]
    began = time.process_time()
    for style in ("stars", "marks"):
        assert said(text, style)
    assert markup.as_html(text, escape)
    return time.process_time() - began


@pytest.mark.slow
@pytest.mark.parametrize("sign", HOSTILE)
def test_hostile_texts_cost_no_more_than_their_length(sign: str) -> None:
    few, many = min(cost(sign, 10_000) for _ in range(2)), cost(sign, 100_000)
    assert many < 25 * few + 0.5
