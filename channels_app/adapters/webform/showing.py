"""What the pages show: whose they are, when somebody is there, what happens next."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import formats, translation
from django.utils.translation import gettext as _

from agents.hours.counting import calendar_for, hours_of
from agents.hours.saying import outlook
from agents.models import Team, Workspace
from channels_app.adapters.webform import topics
from channels_app.models import Channel
from conversations.notices.showing import active_for
from helpdesk.lib import clock
from helpdesk.lib.hours import Hours


def find(key: str = "") -> Channel | None:
    """Return the page of a key, else the default brand's oldest; None where none is active."""
    rows = Channel.objects.filter(kind="webform", state=Channel.State.ACTIVE)
    rows = rows.select_related("brand__calendar", "default_team__calendar", "calendar")
    rows = rows.filter(public_key=key) if key else rows.order_by("-brand__is_default", "pk")
    return rows.first()


def speak(request: HttpRequest, language: str) -> bool:
    """Answer in the language of the address; False where there is none of it."""
    if language not in dict(settings.LANGUAGES):
        return False
    translation.activate(language)
    request.LANGUAGE_CODE = language
    return True


def context_of(request: HttpRequest, channel: Channel) -> dict[str, Any]:
    """Return what all pages of a channel show, the same for everybody."""
    now, language = clock.now(), translation.get_language()
    return {
        "channel": channel, "brand": channel.brand.name, "language": language,
        "title": channel.config.get("title") or _("Contact us"), "notices": active_for(channel.brand),
        "hours": outlook(hours_for(channel), [], now),
        "base": reverse("webform_page", args=[language, channel.public_key]),
        "languages": [
            (code, name, reverse("webform_page", args=[code, channel.public_key])) for code, name in settings.LANGUAGES
        ],
    }  # fmt: skip


def hours_for(channel: Channel, topic: topics.Topic | None = None) -> Hours:
    """Return when those are there who answer: the topic's team, else the channel's."""
    team = topics.team_of(topic, channel.config) if topic else 0
    found = (Team.objects.select_related("calendar").filter(pk=team).first() if team else None) or channel.default_team
    return hours_of(calendar_for(channel=channel, team=found, brand=channel.brand))


def aim(found: Hours, at: datetime) -> str:
    """Say until when we want to have answered; '' where nobody ever is there."""
    until = found.add(at, Workspace.get().reply_target_minutes)
    return formats.date_format(until.astimezone(found.zone), "l j F, H:i") if until else ""
