"""Browsers that talk through a widget, links that lead there, codes that prove an address, answers that followed."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from channels_app.models.channel import Channel
from conversations.models import Message
from customers.models import Identity
from helpdesk.lib import clock


class Visitor(models.Model):
    """One browser that talks through a widget: a token that nobody guesses, bound to the site it was given on.

    `key`: the value of the identity (kind visitor) that it writes as, each browser its own.
    `token_sha256`: of its token, which only the browser has. `site`: the page's origin, as the browser said.
    `proved`: an address or log-in that its person has proved; what was said through that one may be read here too.
    `page`: where they are (url, title), told by the page itself; `pages`: the last ones with their times, newest first.
    `came_by_hop`: an agent asked them over for what is confidential, so nothing of what is said here goes by mail.
    """

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="visitors")
    key = models.CharField(max_length=64, db_index=True)
    token_sha256 = models.CharField(max_length=64, unique=True)
    site = models.CharField(max_length=300)
    proved = models.ForeignKey(Identity, null=True, blank=True, on_delete=models.CASCADE, related_name="visitors")
    # The key of the browser that a mailed link led to: what was said there may be read here, not the other way round.
    came_by = models.CharField(max_length=64, blank=True)
    came_by_hop = models.BooleanField(default=False)
    # What they typed when they were asked where an answer reaches them; nobody has proved it.
    address = models.CharField(max_length=254, blank=True)
    language = models.CharField(max_length=8, blank=True)
    page = models.JSONField(default=dict, blank=True)
    pages = models.JSONField(default=list, blank=True)
    made_at = models.DateTimeField(default=clock.real)
    seen_at = models.DateTimeField(default=clock.real)
    # By the workspace's clock: what waits for it can be tried out in the sandbox.
    left_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager["Visitor"]] = models.Manager()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            # Forgetting those that have not come for long.
            models.Index(fields=["seen_at"], name="visitor_seen"),
        ]

    def __str__(self) -> str:
        return f"visitor {self.pk}"


class VisitorLink(models.Model):
    """A link into a conversation that was given to somebody outside; only the hash of its token is kept.

    `key`: of the browser whose conversation it leads to. `proves`: the address it was mailed to, so that whoever opens
    it has proved that one; null: it proves nothing and shows nothing of the past. `upto`: the entry to open at.
    `message`: what took a hop to somebody; it leads into the conversation that this one stands in now. Each message has
    one link, so that sending it again makes a new link of the old one. Whoever begins first has it (`used_at`).
    """

    class Purpose(models.TextChoices):
        BACK = "back", _("Back to chat")
        HOP = "hop", _("To a secure chat")

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="visitor_links")
    key = models.CharField(max_length=64)
    proves = models.ForeignKey(Identity, null=True, blank=True, on_delete=models.CASCADE, related_name="visitor_links")
    purpose = models.CharField(max_length=4, choices=Purpose, default=Purpose.BACK)
    token_sha256 = models.CharField(max_length=64, unique=True)
    upto = models.BigIntegerField(null=True, blank=True)
    message = models.OneToOneField(Message, null=True, blank=True, on_delete=models.CASCADE, related_name="hop")
    made_at = models.DateTimeField(default=clock.real)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager["VisitorLink"]] = models.Manager()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            # Forgetting what is over.
            models.Index(fields=["expires_at"], name="visitor_link_over"),
        ]

    def __str__(self) -> str:
        return f"visitor link {self.pk} ({self.purpose})"


class VisitorCode(models.Model):
    """Six digits that are mailed to an address, so that a browser can prove it; only the newest of a visitor counts.

    `digest`: of the code and its visitor, with the desk's own secret: six digits are soon tried out by whoever has no
    more than the row. '' until it was mailed, and for ever where nobody here has that address. `tries`: spent ones.
    """

    visitor = models.ForeignKey(Visitor, on_delete=models.CASCADE, related_name="codes")
    address = models.CharField(max_length=254)
    digest = models.CharField(max_length=64, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    made_at = models.DateTimeField(default=clock.real)
    expires_at = models.DateTimeField()
    mailed_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager["VisitorCode"]] = models.Manager()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            # How many were asked for an address lately.
            models.Index(fields=["address", "made_at"], name="visitor_code_asked"),
            # What nobody has mailed yet, and what is forgotten.
            models.Index(fields=["expires_at"], name="visitor_code_over"),
        ]

    def __str__(self) -> str:
        return f"code {self.pk} of visitor {self.visitor_id}"


class FollowUp(models.Model):
    """What was decided about an answer whose reader had left, once: `mail`, or none because they cannot be reached."""

    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="follow_up")
    mail = models.ForeignKey(Message, null=True, on_delete=models.SET_NULL, related_name="followed")
    at = models.DateTimeField(default=clock.real)

    objects: ClassVar[models.Manager["FollowUp"]] = models.Manager()

    def __str__(self) -> str:
        return f"follow-up of message {self.message_id}"
