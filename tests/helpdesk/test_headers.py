"""Every answer carries the security headers."""

import re

import pytest
from django.conf import settings
from django.test import Client

PATHS = ["/login/", "/password/forgotten/", "/nothing-here/", "/inbox/unassigned/", "/api/v1/schema/"]


def policy(client: Client, path: str = "/login/") -> dict[str, list[str]]:
    header = client.get(path).headers["Content-Security-Policy"]
    return {name: values for name, *values in (part.split() for part in header.split(";"))}


@pytest.mark.django_db
@pytest.mark.parametrize("path", PATHS)
def test_every_page_refuses_inline_and_eval(client: Client, path: str) -> None:
    found = policy(client, path)
    assert found["default-src"] == ["'none'"]
    assert found["script-src"] == found["style-src"] == ["'self'"]
    assert not re.search("unsafe-(inline|eval)", str(found))


@pytest.mark.django_db
def test_policy_closes_what_default_does_not_cover(client: Client) -> None:
    found = policy(client)
    assert found["base-uri"] == found["object-src"] == found["frame-ancestors"] == ["'none'"]
    assert found["form-action"] == ["'self'"]
    assert found["connect-src"] == ["'self'", "ws://127.0.0.1:8000"]


@pytest.mark.django_db
@pytest.mark.parametrize("path", PATHS)
def test_every_answer_has_the_other_headers(client: Client, path: str) -> None:
    headers = client.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "geolocation=()" in headers["Permissions-Policy"]
    assert "no-store" in headers["Cache-Control"]


@pytest.mark.django_db
def test_cookies_are_out_of_reach_of_scripts_and_other_sites(client: Client) -> None:
    client.get("/login/")
    client.post("/login/", {"login": "nobody@example.test", "password": "x"})
    assert client.cookies["csrftoken"]["samesite"] == "Lax"
    assert settings.SESSION_COOKIE_HTTPONLY
    assert settings.SESSION_COOKIE_SAMESITE == "Lax"


@pytest.mark.django_db
def test_unknown_host_is_refused(client: Client) -> None:
    assert client.get("/login/", headers={"host": "evil.example.test"}).status_code == 400


@pytest.mark.django_db
def test_form_without_token_is_refused() -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post("/login/", {"login": "a@example.test", "password": "x"}).status_code == 403
