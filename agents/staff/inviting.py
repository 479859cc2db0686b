"""The mail that brings an invitation, where the desk has a mail server."""

import logging
import smtplib

from django.conf import settings
from django.core.mail import send_mail
from django.utils import translation
from django.utils.translation import gettext as _

from agents.models import Agent, Workspace
from agents.models.invitation import DAYS

log = logging.getLogger(__name__)


def send(agent: Agent, link: str, *, by: Agent) -> bool:
    """Mail somebody their link; return whether it went. Outside any transaction: it talks to the mail server."""
    if not settings.SMTP_URL or Workspace.held().exists():
        return False
    with translation.override(agent.language):
        about = {"desk": Workspace.get().name, "who": by.name, "name": agent.name, "link": link, "n": DAYS}
        subject = _("Your way into %(desk)s") % about
        text = _(
            "Hello %(name)s,\n\n%(who)s lets you into %(desk)s. Choose your password here:\n\n%(link)s\n\n"
            "The link works once, within %(n)d days. If you did not expect it, leave it alone.\n"
        )
    try:
        return send_mail(" ".join(subject.split()), text % about, None, [agent.email]) == 1
    except (OSError, smtplib.SMTPException):
        log.warning("An invitation could not be mailed", exc_info=True)
        return False
