"""Free words on a conversation or a customer."""

from typing import ClassVar

from django.db import models


class Tag(models.Model):
    """A word, made on first use."""

    name = models.CharField(max_length=60, unique=True)

    def __str__(self) -> str:
        return self.name


class ConversationTag(models.Model):
    """A tag on a conversation."""

    conversation = models.ForeignKey(
        "conversations.Conversation", on_delete=models.CASCADE, related_name="conversation_tags"
    )
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="conversation_tags")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["conversation", "tag"], name="tag_once"),
        ]


class CustomerTag(models.Model):
    """A tag on a customer."""

    # No index of its own: the constraint's begins with it.
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.CASCADE, related_name="customer_tags", db_index=False
    )
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="customer_tags")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["customer", "tag"], name="customer_tag_once"),
        ]
