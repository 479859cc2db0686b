"""The commands of the palette: the words, the keys, and what on the page each of them presses."""

from dataclasses import dataclass

from django import template
from django.urls import reverse
from django.utils.translation import gettext as _

register = template.Library()


@dataclass(frozen=True, slots=True)
class Command:
    """One line. runs: a CSS selector of what it presses; url: where it leads. One of the two."""

    name: str
    glyph: str
    keys: tuple[str, ...] = ()
    runs: str = ""
    url: str = ""


@register.simple_tag
def commands() -> list[Command]:
    """List every command; the page shows those that can be done on it."""
    return [*_acts(), *_places()]


def _acts() -> list[Command]:
    rows = (
        (_("Reply"), "reply", "r"),
        (_("Note"), "note", "n"),
        (_("Assign"), "assign", "a"),
        (_("Assign to me"), "person", "i"),
        (_("Snooze"), "snooze", "s"),
        (_("Undo"), "undo", "z"),
        (_("Customer details"), "info", "d"),
        (_("Apply list changes"), "check", "."),
        (_("Keys"), "slash", "?"),
    )
    keyed = [Command(name, glyph, (key,), runs=f'[data-key="{key}"]') for name, glyph, key in rows]
    return [
        Command(_("Resolve"), "check", ("e",), runs='#acts [action$="/resolution/"] button'),
        Command(_("Reopen"), "undo", runs='#acts [action$="/reopening/"] button'),
        *keyed,
        Command(_("Add buttons"), "buttons", runs='#composer [data-buttons-target="opener"]'),
        Command(_("Move to secure chat"), "lock", runs='#composer [popovertarget="hop-menu"][aria-haspopup]'),
        Command(_("Filter"), "filter", runs=".list .filter input, .ask-for input"),
        Command(_("Switch theme"), "sun", runs=".rail .theme"),
    ]


def _places() -> list[Command]:
    return [
        Command(_("Go to Mine"), "inbox", ("g", "m"), url=reverse("inbox", args=["mine"])),
        Command(_("Go to Unassigned"), "inbox", ("g", "u"), url=reverse("inbox", args=["unassigned"])),
        Command(_("Go to All"), "inbox", ("g", "a"), url=reverse("inbox", args=["all"])),
        Command(_("Go to Search"), "search", ("/",), url=reverse("search")),
        Command(_("Go to Customers"), "people", url=reverse("customers")),
        Command(_("Go to Companies"), "people", url=reverse("companies")),
        Command(_("Go to Segments"), "filter", url=reverse("segments")),
        Command(_("Go to Preferences"), "settings", ("g", "s"), url=reverse("preferences")),
    ]
