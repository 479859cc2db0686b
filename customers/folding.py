"""When two names are one: case and spaces do not matter, letters do."""

import unicodedata
from typing import Any

from django.db import models

# Zero-width and direction marks: nobody sees them, so they make no other name.
INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff\u200e\u200f\u202a\u202b\u202c\u202d\u202e"))
# A letter may become three when it is folded.
LONGER = 3


def tidy(name: str) -> str:
    """Return a name as it is kept: composed letters, single spaces, no control characters."""
    printable = "".join(
        " " if unicodedata.category(one) in {"Cc", "Cs"} else one for one in unicodedata.normalize("NFC", name)
    )
    return " ".join(printable.split())


def fold(name: str) -> str:
    """Return what two spellings of one name have in common; '' for a name that nobody sees.

    A letter that only looks like another one is another letter.
    """
    return tidy(tidy(name).translate(INVISIBLE).casefold())


class FoldedField(models.CharField):
    """Holds the folded form of another field of its row; filled in whenever the row is saved."""

    def __init__(self, *args: Any, of: str = "name", **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "editable": False})
        self.of = of

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        """Fold what the other field holds now."""
        folded = fold(getattr(model_instance, self.of))
        setattr(model_instance, self.attname, folded)
        return folded

    def deconstruct(self) -> Any:
        """Be an ordinary column to migrations."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs
