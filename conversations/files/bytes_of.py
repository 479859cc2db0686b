"""Bytes that nothing points to any more are not kept."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from conversations.models.attachment import Blob
from conversations.models.entry import Entry


def forget_unused(names: Iterable[str]) -> None:
    """Delete those of these bytes that nothing needs. In a transaction.

    Looked at once more when they are gone: the deletion waited for whoever was about to use them (Blob.keep).
    """
    for name in sorted(names):
        if _is_used(name):
            continue
        with transaction.atomic():
            Blob.objects.filter(pk=name).delete()
            transaction.set_rollback(_is_used(name))


def _is_used(name: str) -> bool:
    """Whether anything points to these bytes still: a message's file, a link that was given out, a raw body."""
    raw: Any = Entry._meta.get_field("raw").related_model
    uses = ((found.related_model, found.field.name) for found in Blob._meta.related_objects)
    is_pointed_to = any(model._default_manager.filter(**{field: name}).exists() for model, field in uses)
    return is_pointed_to or raw.objects.filter(body_sha256=name).exists()
