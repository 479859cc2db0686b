"""Values of custom fields: what each kind takes, and what it refuses with a sentence."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation

from customers import custom
from customers.models import CustomField

SIZES = ["S", "M", "L"]


def field(kind: str) -> CustomField:
    return CustomField(slug=kind, name=kind.title(), kind=kind, choices=SIZES)


@pytest.mark.parametrize(
    ("kind", "value", "kept"),
    [
        ("text", "  Likes tea\r\nno milk ", "Likes tea\nno milk"),
        ("text", "می\u200cخواهم", "می\u200cخواهم"),
        ("text", "x" * 2_000, "x" * 2_000),
        ("number", "0012.50", "12.5"),
        ("number", "12,5", "12.5"),
        ("number", -7, "-7"),
        ("number", 0.1, "0.1"),
        ("number", Decimal("12345678901234567890.0123456789"), "12345678901234567890.0123456789"),
        ("number", "-0.0", "0"),
        ("number", "100", "100"),
        ("date", "2026-02-28", "2026-02-28"),
        ("date", date(2026, 2, 28), "2026-02-28"),
        ("yes_no", "yes", True),
        ("yes_no", False, False),
        ("choice", "M", "M"),
        ("choices", ["L", "S", "L"], ["S", "L"]),
        ("choices", "L\nM", ["M", "L"]),
        ("link", "https://shop.example.test/a?b=c#d", "https://shop.example.test/a?b=c#d"),
        ("link", " http://[2001:db8::1]:8080/ ", "http://[2001:db8::1]:8080/"),
    ],
)
def test_what_fits_its_kind_is_kept_in_one_spelling(kind: str, value: Any, kept: Any) -> None:
    once = custom.clean(field(kind), value)
    assert once == kept and type(once) is type(kept)
    assert custom.clean(field(kind), once) == kept
    assert custom.clean(field(kind), custom.typed(once)) == kept
    assert json.loads(json.dumps(once)) == once


@pytest.mark.parametrize("kind", CustomField.Kind.values)
@pytest.mark.parametrize("value", [None, "", []])
def test_nothing_is_nothing(kind: str, value: Any) -> None:
    assert custom.clean(field(kind), value) is None


BAD = [
    "x" * 10_000_000, "9" * 10_000_000, "NUL \0", "lone \ud800", "\u202egpj.exe", "a\u200bb", "\u200fx", "\x07",
    "\ufeff", float("nan"), float("inf"), "NaN", "Infinity", "1e5", 1 << 16_000_000, {}, {"a": 1}, b"x", object(),
]  # fmt: skip


@pytest.mark.parametrize("kind", CustomField.Kind.values)
@pytest.mark.parametrize("value", BAD, ids=range(len(BAD)))
def test_what_no_kind_can_keep_is_refused_with_a_sentence(kind: str, value: Any) -> None:
    if kind == "text" and value in ("NaN", "Infinity", "1e5"):
        return
    with pytest.raises(custom.Wrong) as wrong:
        custom.clean(field(kind), value)
    assert str(wrong.value).endswith(".") and len(str(wrong.value)) < 120


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("text", "x" * 2_001), ("text", 5),
        ("number", "1.234,50"), ("number", "١٢"), ("number", "12 000"), ("number", True), ("number", "1" * 21),
        ("number", "0." + "1" * 11), ("number", "."),
        ("date", "2026-02-29"), ("date", "20260228"), ("date", "28.2.2026"),
        ("date", "2026-W09-6"), ("date", "٢٠٢٦-٠٢-٢٨"),
        ("yes_no", "maybe"), ("yes_no", 1), ("choice", "XL"), ("choice", ["M"]), ("choices", ["M", "XL"]),
        ("choices", ["M"] * 51), ("choices", [["M"]]), ("choices", '["M"]'), ("choices", "M\n" * 5_000),
        ("link", "javascript:alert(1)"), ("link", "JaVaScRiPt://x.example/%0aalert(1)"), ("link", "data:text/html,x"),
        ("link", "shop.example.test"), ("link", "https://"), ("link", "https://bank.example@evil.example/"),
        ("link", "https://a.example/\"onclick=x"), ("link", "https://a.example:99999/"),
        ("link", "https://a b.example/"),
        ("link", "java\nscript:alert(1)"), ("link", "https://a.example/" + "x" * 2_000), ("link", "//a.example/"),
    ],
)  # fmt: skip
def test_what_does_not_fit_its_kind_is_refused(kind: str, value: Any) -> None:
    with pytest.raises(custom.Wrong):
        custom.clean(field(kind), value)


def test_values_are_said_in_the_readers_language() -> None:
    with translation.override("it"):
        assert custom.shown("date", "2026-11-28") == "28 novembre 2026"
        assert (custom.shown("yes_no", True), custom.shown("number", "12.5")) == ("Sì", "12,5")
    assert custom.shown("choices", ["S", "L"]) == "S, L"
    assert custom.shown("date", "soon") == "soon"
    assert custom.shown("yes_no", None) == ""


def test_all_values_together_have_a_limit_but_may_always_shrink() -> None:
    full = {f"f{n}": "x" * 2_000 for n in range(33)}
    with pytest.raises(custom.Wrong):
        custom.check_size({}, full)
    custom.check_size(full, custom.put(full, "f0", None))
    custom.check_size({}, {f"f{n}": "x" * 2_000 for n in range(30)})


@pytest.mark.django_db
def test_details_stand_in_the_order_of_the_settings_and_follow_no_odd_link() -> None:
    CustomField.objects.create(slug="shop", name="Shop", kind="link", position=2)
    CustomField.objects.create(slug="odd", name="Odd", kind="link", position=1)
    CustomField.objects.create(slug="empty", name="Empty")
    kept = {"shop": "https://shop.example.test/", "odd": "javascript:alert(1)", "gone": "x"}
    assert [(one.name, one.href) for one in custom.details(kept)] == [
        ("Odd", ""),
        ("Shop", "https://shop.example.test/"),
    ]


@pytest.mark.django_db
def test_whoever_has_no_details_costs_no_question(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert custom.details({}) == []
