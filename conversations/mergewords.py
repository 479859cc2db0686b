"""What entries say of customers who were merged, split or kept apart, and of messages that were moved."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def merge_words(data: Any) -> str:
    """Say what was merged, split or moved, and what was taken back."""
    named = {"name": data.get("name", ""), "address": data.get("said", "")}
    if data["act"].startswith("moved"):
        return _moved_words(data, named)
    words = {
        "merged": _("merged %(name)s into this customer"),
        "parted": _("parted from %(name)s again"),
        "split": _("split %(address)s off to %(name)s"),
        "split_in": _("split %(address)s off %(name)s"),
        "kept_apart": _("noted: %(name)s is somebody else"),
        "rejoined": _("brought %(address)s back from %(name)s"),
        "rejoined_in": _("gave %(address)s back to %(name)s"),
    }
    return words[data["act"]] % named


def _moved_words(data: Any, named: dict[str, str]) -> str:
    n = int(data.get("said") or 0)
    if data["customer"] == data.get("own"):
        back = data["act"] == "moved_back"
        moved = ngettext("moved %(n)d message to other work", "moved %(n)d messages to other work", n)
        words = ngettext("moved %(n)d message back", "moved %(n)d messages back", n) if back else moved
        return words % {"n": n}
    words = {
        "moved": ngettext("moved %(n)d message to %(name)s", "moved %(n)d messages to %(name)s", n),
        "moved_in": ngettext("moved %(n)d message here from %(name)s", "moved %(n)d messages here from %(name)s", n),
        "moved_back": ngettext("moved %(n)d message back from %(name)s", "moved %(n)d messages back from %(name)s", n),
        "moved_back_in": ngettext("moved %(n)d message back to %(name)s", "moved %(n)d messages back to %(name)s", n),
    }[data["act"]]
    return words % {"n": n, "name": named["name"]}
