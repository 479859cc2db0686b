"""Tells administrators that a webhook was switched off: by mail at once, and on their pages until somebody looked."""

import logging
import smtplib

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from agents.models import Agent
from agents.permissions import can
from conversations.models.webhook import Webhook

log = logging.getLogger(__name__)


def warn(pk: int) -> int:
    """Write to every administrator, in their language; return to how many. Waits for the mail server."""
    webhook = Webhook.objects.filter(pk=pk).first()
    if webhook is None or not webhook.was_switched_off:
        return 0
    people = [agent for agent in Agent.objects.people().order_by("pk") if can(agent, "administer")]
    try:
        return int(get_connection().send_messages([_mail(webhook, agent) for agent in people]) or 0)
    except (OSError, smtplib.SMTPException):
        # The bar on their pages says it too.
        log.warning("Administrators could not be written to", extra={"webhook": pk})
        return 0


def switched_off() -> list[Webhook]:
    """Return what the desk switched off and nobody has looked at."""
    reasons = [Webhook.OffReason.FAILING, Webhook.OffReason.GONE]
    return list(Webhook.objects.filter(is_on=False, off_reason__in=reasons))


def _mail(webhook: Webhook, agent: Agent) -> EmailMessage:
    with translation.override(agent.language):
        subject = _("The webhook “%(name)s” was switched off") % {"name": " ".join(webhook.name.split())}
        text = _(
            "%(reason)s. What waits is kept; you can send it once the receiver works again.\n\n%(address)s\n"
        ) % {
            "reason": webhook.get_off_reason_display(),
            "address": settings.PUBLIC_URL + reverse("webhook_one", args=[webhook.pk]),
        }  # fmt: skip
    return EmailMessage(subject, text, to=[agent.email])
