"""Two languages that exist only here: every word of the face, lengthened with accents, or mirrored.

What shows without the marks was never given to the translators; what does not fit would not fit in German.
"""

import re
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import polib

LONG, MIRRORED = "en-xa", "ar-xb"
OPEN, CLOSE = "‹", "›"
GROWTH = 1.4
_ACCENTS = str.maketrans("aceiouynsdAEIOUCNS", "åçéîöûýñšđÅÉÎÖÛÇÑŠ")
# What must stay as it is inside a sentence: variables, tags, entities.
_KEPT = re.compile(r"(%\(\w+\)[sd]|%[sd%]|\{\w*\}|<[^>]+>|&\w+;|\n)")
_TURNED = ("\u202e", "\u202c")


def lengthen(text: str) -> str:
    """Return the text with accents, between marks and 40 % longer."""
    told = "".join(part if _KEPT.fullmatch(part) else part.translate(_ACCENTS) for part in _KEPT.split(text))
    missing = round(len(text) * GROWTH) - len(told) - 2
    return f"{OPEN}{told}{_filling(missing)}{CLOSE}"


def mirror(text: str) -> str:
    """Return the text between marks, with its letters running from right to left."""
    start, end = _TURNED
    parts = [part if not part or _KEPT.fullmatch(part) else f"{start}{part}{end}" for part in _KEPT.split(text)]
    return f"{OPEN}{''.join(parts)}{CLOSE}"


def add_languages(project: Path) -> None:
    """Write both catalogues into a copy of the project, and offer them there as languages."""
    for code, change in ((LONG, lengthen), (MIRRORED, mirror)):
        place = project / "locale" / code.replace("-xa", "_XA").replace("-xb", "_XB") / "LC_MESSAGES"
        place.mkdir(parents=True)
        catalogue = polib.POFile()
        catalogue.metadata = {
            "Content-Type": "text/plain; charset=UTF-8",
            "Plural-Forms": "nplurals=2; plural=(n != 1);",
        }
        for entry in _messages(project).values():
            catalogue.append(_changed(entry, change))
        catalogue.save(str(place / "django.po"))
    settings = project / "helpdesk" / "settings.py"
    # Django asks for a description of a language that is not its own.
    more = (
        f'\nfrom django.conf.locale import LANG_INFO\nLANGUAGES += [("{LONG}", "Long"), ("{MIRRORED}", "Mirrored")]\n'
    )
    for code, is_mirrored in ((LONG, False), (MIRRORED, True)):
        info = {"bidi": is_mirrored, "code": code, "name": code, "name_local": code}
        more += f'LANG_INFO["{code}"] = {info!r}\n'
    settings.write_text(settings.read_text(encoding="utf-8") + more, encoding="utf-8")


def _messages(project: Path) -> dict[tuple[str | None, str], polib.POEntry]:
    """Every message that a page may show: Django's, allauth's and our own."""
    sources = [
        *(Path(str(files("django").joinpath(f"{part}/locale/en/LC_MESSAGES/django.po")))
          for part in ("conf", "contrib/auth", "contrib/humanize")),
        Path(str(files("allauth").joinpath("locale/en/LC_MESSAGES/django.po"))),
        project / "locale" / "en" / "LC_MESSAGES" / "django.po",
    ]  # fmt: skip
    return {(entry.msgctxt, entry.msgid): entry for source in sources for entry in polib.pofile(str(source))}


def _changed(entry: polib.POEntry, change: Callable[[str], str]) -> polib.POEntry:
    fresh = polib.POEntry(msgid=entry.msgid, msgctxt=entry.msgctxt, msgid_plural=entry.msgid_plural)
    if entry.msgid_plural:
        fresh.msgstr_plural = {0: change(entry.msgid), 1: change(entry.msgid_plural)}
    else:
        fresh.msgstr = change(entry.msgid)
    return fresh


def _filling(missing: int) -> str:
    """Return so many more characters, in words, so that a sentence may still break."""
    words = " one two three four five six seven eight nine ten"
    return (words * (missing // len(words) + 1))[:missing].rstrip() if missing > 0 else ""
