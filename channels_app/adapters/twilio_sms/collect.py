"""Messages whose call never reached us: Twilio keeps them and is asked for those of the last hours.

Its calls are repeated a few times only and then given up (its documentation of webhooks, read 2026-11), so an outage of
ours would lose what customers wrote meanwhile.
"""

from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from channels_app import asking, intake
from channels_app.adapters._sms.basic import FORM, form_body, rows_of
from channels_app.adapters.twilio_sms.client import ask_for
from channels_app.adapters.twilio_sms.config import settings_of
from channels_app.adapters.twilio_sms.errors import refusal
from conversations.models import Message
from helpdesk.lib import clock

if TYPE_CHECKING:
    from channels_app.models import Channel

EVERY = timedelta(minutes=10)
# How far back the first look goes, and any at most.
AT_FIRST, AT_MOST = timedelta(hours=2), timedelta(days=3)
# A call that is under way is not missed yet; and their clock may differ from ours.
JUST_NOW, OVERLAP = timedelta(minutes=2), timedelta(minutes=30)
PAGES_MAX = 20
# How a call names what the list names otherwise.
AS_CALLED = {"MessageSid": "sid", "From": "from", "To": "to", "Body": "body", "DateSent": "date_sent"}


def missed(channel: "Channel") -> int:
    """Store what is missing; return how many. Not more often than every few minutes. Raises SendError."""
    now = clock.real()
    last = _last(channel)
    if last is not None and now - last < EVERY:
        return 0
    since = max(now - AT_MOST, (last or now - AT_FIRST) - OVERLAP)
    count = sum(_store(channel, row) for row in _listed(channel, since, now - JUST_NOW))
    channel.poll_state = {**channel.poll_state, "looked_at": now.isoformat()}
    channel.save(update_fields=["poll_state"])
    return count


def _last(channel: "Channel") -> datetime | None:
    written = channel.poll_state.get("looked_at")
    return datetime.fromisoformat(written) if isinstance(written, str) else None


def _listed(channel: "Channel", since: datetime, until: datetime) -> list[dict[str, Any]]:
    """Return what customers sent to our number in a span, as Twilio lists it, without what we have."""
    config = settings_of(channel.config)
    wanted = {"To": str(config.get("address", "")), "DateSent>": since.date().isoformat(), "PageSize": "200"}
    path, found = f"Messages.json?{urlencode(wanted)}", []
    for _page in range(PAGES_MAX):
        answer = asking.call(channel, ask_for(config, path), what="Missed messages")
        if answer.status >= 300:
            raise refusal(answer)
        rows = rows_of(answer, "messages")
        found += [row for row in rows if _is_theirs(row, since, until)]
        following = str(asking.json_of(answer).get("next_page_uri") or "")
        if "/Messages.json?" not in following:
            break
        path = "Messages.json?" + following.partition("/Messages.json?")[2]
    known = set(
        Message.objects.filter(channel=channel, external_id__in=[row["sid"] for row in found]).values_list(
            "external_id", flat=True
        )
    )
    return [row for row in found if row["sid"] not in known]


def _is_theirs(row: dict[str, Any], since: datetime, until: datetime) -> bool:
    at = _moment(row)
    return bool(row.get("sid")) and row.get("direction") == "inbound" and at is not None and since <= at <= until


def _moment(row: dict[str, Any]) -> datetime | None:
    try:
        return parsedate_to_datetime(str(row.get("date_sent") or row.get("date_created")))
    except (TypeError, ValueError):
        return None


def _store(channel: "Channel", row: dict[str, Any]) -> int:
    """Store one message as its call would have brought it."""
    files = _files(channel, row)
    fields = [(name, str(row.get(key) or "")) for name, key in AS_CALLED.items()]
    for place, (url, mime) in enumerate(files):
        fields += [(f"MediaUrl{place}", url), (f"MediaContentType{place}", mime)]
    intake.store(channel, body=form_body(fields), headers={**FORM, "x-telaio-path": "missed"})
    return 1


def _files(channel: "Channel", row: dict[str, Any]) -> list[tuple[str, str]]:
    if str(row.get("num_media") or "0") == "0":
        return []
    config = settings_of(channel.config)
    answer = asking.call(channel, ask_for(config, f"Messages/{quote(row['sid'], safe='')}/Media.json"), what="Files")
    if answer.status >= 300:
        raise refusal(answer)
    listed = rows_of(answer, "media_list")
    return [
        (f"{config['api_url']}{str(one.get('uri', '')).removesuffix('.json')}", str(one.get("content_type") or ""))
        for one in listed
        if str(one.get("uri", "")).startswith("/2010-04-01/")
    ]
