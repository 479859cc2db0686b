"""Translations compile without gettext."""

import gettext
from pathlib import Path

from helpdesk.catalogues import compile_all

SOURCE = """
msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\n"

msgid "Sign in"
msgstr "Accedi"

#, fuzzy
msgid "Send"
msgstr "Guess"
"""


def make(project: Path) -> Path:
    folder = project / "locale" / "it" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text(SOURCE)
    return folder / "django.mo"


def test_catalogue_is_compiled_without_guesses(tmp_path: Path) -> None:
    target = make(tmp_path)
    assert compile_all(tmp_path) == [target]
    with target.open("rb") as file:
        words = gettext.GNUTranslations(file)
    assert words.gettext("Sign in") == "Accedi"
    assert words.gettext("Send") == "Send"


def test_unchanged_catalogue_is_left_alone(tmp_path: Path) -> None:
    make(tmp_path)
    compile_all(tmp_path)
    assert compile_all(tmp_path) == []
