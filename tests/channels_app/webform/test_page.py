"""What the page asks, in which language, and where there is none."""

import pytest
import time_machine
from django.test import Client

from agents.models import Brand
from channels_app.models import Channel
from conversations.models import Notice
from tests.channels_app.webform.filling import Person, make_form
from tests.factories import make_agent, make_team

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(clock: time_machine.Traveller) -> Person:
    return Person(make_form(), clock)


def test_where_nobody_takes_messages_it_says_so(client: Client) -> None:
    for place in ("/help/en/", "/help/en/contact/", "/help/en/contact/abc/", "/help/en/contact/abc/sent/x/"):
        answer = client.get(place)
        assert (answer.status_code, "There is no contact page here" in answer.content.decode()) == (404, True)
    channel = make_form()
    assert client.get("/help/en/contact/").status_code == 200
    assert client.get("/help/xx/contact/").status_code == 404
    Channel.objects.filter(pk=channel.pk).update(state=Channel.State.PAUSED)
    assert client.get("/help/en/contact/").status_code == 404


def test_each_brand_has_its_own_page(client: Client) -> None:
    other = Brand.objects.create(name="Sentiero")
    theirs, ours = make_form(name="Theirs", brand=other), make_form(name="Ours")
    page = client.get("/help/en/contact/").content.decode()
    assert f"/help/en/contact/{ours.public_key}/" in page
    assert "Sentiero" not in page
    assert "Sentiero" in client.get(f"/help/en/contact/{theirs.public_key}/").content.decode()


def test_it_is_the_same_for_anybody_and_sets_no_cookie(person: Person) -> None:
    agent = make_agent(teams=(make_team(),))
    agent.language = "ro"
    agent.save()
    person.client.force_login(agent)
    signed_in = person.client.get(person.place).content
    stranger = Client().get(person.place)
    assert (signed_in, stranger.cookies.output()) == (stranger.content, "")


@pytest.mark.parametrize(
    ("language", "words"), [("en", "What is it about?"), ("it", "Di cosa si tratta?"), ("ro", "Despre ce este vorba?")]
)
def test_it_speaks_the_language_of_its_address(person: Person, language: str, words: str) -> None:
    person.language = language
    page = person.client.get(person.place, headers={"accept-language": "de"}).content.decode()
    assert words in page
    assert f'<html lang="{language}" dir="ltr">' in page


def test_without_a_topic_it_asks_again(person: Person) -> None:
    assert "There is a problem" not in person.client.get(person.place).content.decode()
    for asked in ({"next": "1"}, {"topic": "\0"}, {"topic": "none"}):
        page = person.client.get(person.place, asked).content.decode()
        assert '<div class="summary" role="alert" tabindex="-1" autofocus>' in page
        assert '<a href="#topic-1">' in page


def test_a_topic_asks_for_what_belongs_to_it(person: Person) -> None:
    page = person.open("return", order_number='1"><script>', text="mine", wish="refund").content.decode()
    assert 'name="received_on"' in page
    assert 'value="1&quot;&gt;&lt;script&gt;"' in page
    assert "mine" not in page
    assert 'name="order_number"' not in person.open("other").content.decode()


def test_the_rules_of_files_stand_before_the_choice(person: Person) -> None:
    page = person.open().content.decode()
    assert "Up to 10 files, 10 MB each, 20 MB together" in page.replace("\xa0", " ")
    assert page.index('id="f-files_helptext"') < page.index('type="file"')
    Channel.objects.get().delete()
    without = make_form(config={"takes_files": False})
    assert 'type="file"' not in Person(without, person.clock).open().content.decode()


def test_going_back_shows_the_same_form_and_notices_stand_above(person: Person) -> None:
    Notice.objects.create(texts={"en": "Parcels are late <b>"})
    Notice.objects.create(texts={"en": "For us alone"}, shows_customers=False)
    answer = person.open()
    assert answer.headers["Cache-Control"] == "private, no-cache"
    page = answer.content.decode()
    assert "Parcels are late &lt;b&gt;" in page and "For us alone" not in page
