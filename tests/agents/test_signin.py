"""Getting in, staying out, and what a stranger can learn from trying."""

from urllib.parse import unquote

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from agents.models import Agent
from tests import factories

PASSWORD = "correct horse battery"
WRONG = "The email address and/or password you specified are not correct."


@pytest.fixture
def ana(db: None) -> Agent:
    return Agent.objects.create_user(
        "ana@example.test", PASSWORD, name="Ana Ionescu", role=factories.built_in_role(slug="agent")
    )


def sign_in(client: Client, email: str = "ana@example.test", password: str = PASSWORD, **extra: str) -> object:
    return client.post("/login/", {"login": email, "password": password}, **extra)


def test_right_password_signs_in(client: Client, ana: Agent) -> None:
    response = sign_in(client)
    assert (response.status_code, response.url) == (302, "/")
    assert client.session["_auth_user_id"] == str(ana.pk)


def test_address_is_matched_without_case(client: Client, ana: Agent) -> None:
    assert sign_in(client, "Ana@Example.Test").status_code == 302


def test_next_page_of_another_host_is_ignored(client: Client, ana: Agent) -> None:
    response = client.post("/login/?next=https://evil.example.test/", {"login": ana.email, "password": PASSWORD})
    assert response.url == "/"


def test_known_and_unknown_addresses_get_the_same_answer(client: Client, ana: Agent) -> None:
    known = sign_in(client, password="wrong password")
    unknown = sign_in(client, "nobody@example.test", "wrong password")
    assert known.status_code == unknown.status_code == 200
    assert known.context["form"].non_field_errors() == unknown.context["form"].non_field_errors() == [WRONG]
    assert "_auth_user_id" not in client.session


def test_inactive_agent_does_not_get_in(client: Client, ana: Agent) -> None:
    Agent.objects.filter(pk=ana.pk).update(is_active=False)
    sign_in(client)
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("email", ["ana@example.test", "nobody@example.test"])
def test_sixth_wrong_password_is_not_even_tried(client: Client, ana: Agent, email: str) -> None:
    for _ in range(5):
        sign_in(client, email, "wrong password")
    response = sign_in(client, email)
    assert "Too many failed login attempts" in response.context["form"].non_field_errors()[0]
    assert "_auth_user_id" not in client.session


def test_wrong_passwords_of_others_do_not_lock_me_out(client: Client, ana: Agent) -> None:
    for _ in range(6):
        sign_in(client, "nobody@example.test", "wrong password")
    assert sign_in(client).status_code == 302


def test_one_address_may_not_try_everybody(client: Client, ana: Agent) -> None:
    for number in range(20):
        sign_in(client, f"agent{number}@example.test", "wrong password")
    sign_in(client)
    assert "_auth_user_id" not in client.session


def test_forwarded_address_is_not_believed_without_a_proxy(client: Client, ana: Agent) -> None:
    for number in range(20):
        sign_in(client, f"agent{number}@example.test", "wrong", HTTP_X_FORWARDED_FOR=f"192.0.2.{number}")
    sign_in(client, HTTP_X_FORWARDED_FOR="192.0.2.99")
    assert "_auth_user_id" not in client.session


def test_forgotten_password_answers_the_same_and_writes_only_to_agents(client: Client, ana: Agent) -> None:
    answers = [
        client.post(reverse("account_reset_password"), {"email": email})
        for email in ("ana@example.test", "nobody@example.test")
    ]
    assert [(answer.status_code, answer.url) for answer in answers] == [(302, "/password/forgotten/sent/")] * 2
    assert [message.to for message in mail.outbox] == [["ana@example.test"]]


def test_new_password_by_the_mailed_link(client: Client, ana: Agent) -> None:
    client.post(reverse("account_reset_password"), {"email": ana.email})
    link = next(word for word in mail.outbox[0].body.split() if "/password/new/" in word)
    form = client.get("/" + link.split("/", 3)[3], follow=True)
    client.post(form.request["PATH_INFO"], {"password1": "another long one", "password2": "another long one"})
    ana.refresh_from_db()
    assert ana.check_password("another long one")


def test_getting_out_needs_a_post(client: Client, ana: Agent) -> None:
    client.force_login(ana)
    client.get("/logout/")
    assert "_auth_user_id" in client.session
    response = client.post("/logout/")
    assert (response.status_code, response.url) == (302, "/login/")
    assert "_auth_user_id" not in client.session


def test_nobody_signs_up(client: Client, db: None) -> None:
    response = client.post("/login/new/", {"email": "new@example.test", "password1": PASSWORD})
    assert response.url == "/login/"
    assert not Agent.objects.exists()


@pytest.mark.parametrize("path", ["/password/", "/two-factor/", "/two-factor/app/", "/two-factor/passkeys/new/"])
def test_pages_of_the_account_need_a_login(client: Client, db: None, path: str) -> None:
    assert unquote(client.get(path).url) == f"/login/?next={path}"


@pytest.mark.parametrize(
    "path", ["/login/", "/password/forgotten/", "/password/forgotten/sent/", "/password/new/done/"]
)
def test_pages_before_the_login_are_drawn(client: Client, db: None, path: str) -> None:
    assert client.get(path).status_code == 200


@pytest.mark.parametrize("path", ["/password/", "/logout/", "/two-factor/", "/two-factor/passkeys/"])
def test_pages_of_the_account_are_drawn(client: Client, ana: Agent, path: str) -> None:
    client.force_login(ana)
    assert client.get(path).status_code == 200


def test_passkey_challenge_names_nobody(client: Client, db: None) -> None:
    options = client.get("/login/passkey/", HTTP_X_REQUESTED_WITH="XMLHttpRequest").json()["request_options"][
        "publicKey"
    ]
    assert options.get("allowCredentials", []) == []
