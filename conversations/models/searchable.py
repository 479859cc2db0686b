"""What a search looks through: the words of an entry, folded and stemmed, and how far old ones were read."""

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from conversations.models.entry import Entry


class Searchable(models.Model):
    """The words of one message or note. Beside its row, so that nothing is written twice when a message comes.

    Only conversations.searching.filling writes it. A row without words says that it was looked at.
    """

    entry = models.OneToOneField(Entry, primary_key=True, on_delete=models.CASCADE, related_name="searchable")
    vector = SearchVectorField()

    objects: ClassVar[models.Manager["Searchable"]] = models.Manager()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            # What is not in order yet is read through by every search: half a megabyte of it is enough (KiB).
            GinIndex(fields=["vector"], name="searchable_vector", gin_pending_list_limit=512),
        ]


class SearchWalk(models.Model):
    """One row: entries below this key are still to be looked at, the newest first; 0 when all were."""

    below = models.BigIntegerField()

    objects: ClassVar[models.Manager["SearchWalk"]] = models.Manager()
