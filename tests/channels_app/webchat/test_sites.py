"""Which websites may show a widget, and how they are spelled."""

import pytest

from channels_app.adapters.webchat import colours, sites
from channels_app.adapters.webchat.config import WebchatConfigForm
from tests.factories import make_team

GIVEN = {"corner": "end", "accent": "#1f4d3a", "follow_up_minutes": "2"}


@pytest.mark.parametrize(
    ("written", "origin"),
    [
        ("https://shop.example.test", "https://shop.example.test"),
        ("HTTPS://Shop.Example.Test:443/path?x#y", "https://shop.example.test"),
        ("http://localhost:8080/", "http://localhost:8080"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("https://shop.example.test:8443", "https://shop.example.test:8443"),
    ],
)
def test_an_address_is_spelled_as_browsers_spell_its_origin(written: str, origin: str) -> None:
    assert sites.origin_of(written) == origin


@pytest.mark.parametrize(
    "written",
    ["", "shop.example.test", "*", "https://*.example.test", "https://", "javascript:alert(1)", "data:x", "null",
     "https://a@shop.example.test", "https://shop.example.test:99999", "https://sh op.test", "ftp://shop.example.test",
     "https://shop.example.test; script-src *", "https://ексампле.test", "file:///etc"],
)  # fmt: skip
def test_what_is_no_website_is_none(written: str) -> None:
    assert sites.origin_of(written) == ""


def test_only_listed_sites_and_the_desk_itself_may_show_it(settings: object) -> None:
    settings.PUBLIC_URL = "https://desk.example.test"  # type: ignore[attr-defined]
    config = {"sites": "https://shop.example.test\nhttps://two.example.test"}
    assert sites.is_allowed(config, "https://shop.example.test")
    assert sites.is_allowed(config, "https://desk.example.test")
    for other in (
        "https://shop.example.test.evil.test",
        "http://shop.example.test",
        "",
        "null",
        "https://sub.shop.example.test",
    ):
        assert not sites.is_allowed(config, other)


def test_the_form_spells_sites_and_makes_a_secret() -> None:
    form = WebchatConfigForm({**GIVEN, "sites": "https://Shop.example.test/a\n https://shop.example.test"})
    assert form.is_valid(), form.errors
    assert form.cleaned_data["sites"] == "https://shop.example.test"
    assert len(form.cleaned_data["secret"]) == 64


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"sites": "shop.example.test"}, "sites"), ({"accent": "green"}, "accent"), ({"accent": "#ffee00"}, "accent"),
        ({"secret": "short"}, "secret"), ({"follow_up_minutes": "0"}, "follow_up_minutes"),
        ({"follow_up_minutes": "1441"}, "follow_up_minutes"), ({"corner": "top"}, "corner"),
    ],
)  # fmt: skip
def test_the_form_says_what_does_not_fit(changes: dict[str, str], field: str) -> None:
    assert list(WebchatConfigForm({**GIVEN, **changes}).errors) == [field]


def test_contrast_is_as_wcag_says() -> None:
    assert colours.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert colours.contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)


@pytest.mark.django_db
def test_topics_are_listed_with_teams_that_there_are() -> None:
    make_team(name="Warehouse")
    form = WebchatConfigForm({**GIVEN, "topics": " Returns  >  warehouse\nreturns\n\nCart >\n"})
    assert form.is_valid(), form.errors
    assert form.cleaned_data["topics"] == "Returns > warehouse\nCart"
    wrong = WebchatConfigForm({**GIVEN, "topics": "Returns > Nobody"})
    assert "Nobody" in str(wrong.errors["topics"])
