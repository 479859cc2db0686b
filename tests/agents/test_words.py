"""The catalogues: nothing is left in English, no placeholder is lost, Romanian counts as Romanians do."""

import json
import re

import polib
import pytest
from django.conf import settings
from django.utils import translation
from django.utils.translation import ngettext

from agents.templatetags.desk import plural_forms

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}")
SAMPLES = (0, 1, 2, 5, 19, 20, 101)


def catalogue(language: str) -> polib.POFile:
    return polib.pofile(str(settings.LOCALE_PATHS[0] / language / "LC_MESSAGES" / "django.po"))


@pytest.mark.parametrize("language", ["it", "ro"])
def test_everything_is_translated(language: str) -> None:
    po = catalogue(language)
    assert len(po) > 300
    assert [entry.msgid for entry in po if not entry.translated()] == []


@pytest.mark.parametrize("language", ["it", "ro"])
def test_placeholders_are_kept(language: str) -> None:
    for entry in catalogue(language):
        said = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
        for text in said:
            assert set(PLACEHOLDER.findall(text)) == set(PLACEHOLDER.findall(entry.msgid)), entry.msgid


def test_the_three_catalogues_hold_the_same_messages() -> None:
    ids = [{(entry.msgctxt, entry.msgid) for entry in catalogue(language)} for language in ("en", "it", "ro")]
    assert ids[0] == ids[1] == ids[2]


def test_romanian_counts_with_de_from_twenty() -> None:
    with translation.override("ro"):
        words = [ngettext("%(n)d new message", "%(n)d new messages", n) % {"n": n} for n in SAMPLES]
    assert words == [
        "0 mesaje noi", "1 mesaj nou", "2 mesaje noi", "5 mesaje noi", "19 mesaje noi", "20 de mesaje noi",
        "101 mesaje noi",
    ]  # fmt: skip


def test_scripts_are_given_every_plural_form() -> None:
    with translation.override("ro"):
        forms = json.loads(plural_forms("events"))
    assert forms == {"one": "# eveniment", "few": "# evenimente", "other": "# de evenimente"}
