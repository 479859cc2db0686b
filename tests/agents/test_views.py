"""An agent's own pages."""

from django.test import Client, RequestFactory
from django.utils import translation
from django.views.defaults import server_error

from agents.models import Agent
from agents.templatetags.desk import language_words

CHOICES = {
    "language": "ro",
    "time_zone": "Europe/Bucharest",
    "theme": "dark",
    "density": "compact",
    "undo_seconds": "30",
}


def test_preferences_are_kept_and_the_next_page_follows_them(client: Client, agent: Agent) -> None:
    client.force_login(agent)
    page = client.post("/me/preferences/", {**CHOICES, "has_shortcuts": "on"}, follow=True).content.decode()
    agent.refresh_from_db()
    assert (agent.language, agent.theme, agent.undo_seconds) == ("ro", "dark", 30)
    assert 'lang="ro"' in page and 'data-theme="dark"' in page and 'data-density="compact"' in page


def test_a_wrong_choice_is_422_and_nothing_changes(client: Client, agent: Agent) -> None:
    client.force_login(agent)
    assert client.post("/me/preferences/", {**CHOICES, "language": "tlh"}).status_code == 422
    agent.refresh_from_db()
    assert agent.language == "en"


def test_the_theme_switch_keeps_the_theme(client: Client, agent: Agent) -> None:
    client.force_login(agent)
    assert client.post("/me/theme/", {"theme": "dark"}).status_code == 204
    agent.refresh_from_db()
    assert agent.theme == "dark"


def test_an_unknown_theme_is_refused(client: Client, agent: Agent) -> None:
    client.force_login(agent)
    assert client.post("/me/theme/", {"theme": "plaid"}).status_code == 422


def test_single_keys_can_be_switched_off(client: Client, agent: Agent) -> None:
    client.force_login(agent)
    page = client.post("/me/preferences/", CHOICES, follow=True).content.decode()
    assert 'data-keys-off-value="true"' in page


def test_a_stranger_has_no_preferences(client: Client, db: None) -> None:
    assert client.get("/me/preferences/").status_code == 302


def test_a_failure_is_told_in_the_readers_language(rf: RequestFactory) -> None:
    with translation.override("it"):
        answer = server_error(rf.get("/inbox/mine/"))
    assert answer.status_code == 500
    assert 'lang="it"' in answer.content.decode() and "Le bozze sono al sicuro" in answer.content.decode()


def test_a_language_is_said_in_the_readers(db: None) -> None:
    with translation.override("it"):
        assert [language_words(code) for code in ("ro", "it", "tlh")] == ["Rumeno", "Italiano", "tlh"]
