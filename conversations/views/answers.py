"""What an answer from the composer says and which way it goes; refused where it cannot go like that."""

from dataclasses import dataclass, replace

from django.http import QueryDict
from django.utils.translation import gettext as _

from agents.models import Agent
from conversations import buttons, templating
from conversations.bridging import bridges, joined
from conversations.files import fitting, links
from conversations.forms import ReplyForm
from conversations.models.conversation import Conversation
from conversations.models.entry import Entry
from conversations.replying import NoWay
from conversations.ways import Reach, Way, reach_of, ways
from helpdesk.lib import pieces
from helpdesk.lib.outbound import OutboundFile, OutboundTemplate, QuickReply


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that may go. way: None for one that was sent before, which is only told again."""

    way: Way | None
    text: str
    template: OutboundTemplate | None = None
    files: tuple[OutboundFile, ...] = ()
    quick_replies: tuple[QuickReply, ...] = ()


def answer_in(post: QueryDict, form: ReplyForm, row: Conversation, *, by: Agent) -> Answer:
    """Read what is to be sent; a file that goes as a link is kept for whoever has it. Raises NoWay with a sentence."""
    said, client_id = form.cleaned_data, form.cleaned_data["client_id"]
    # What they wrote last only a bridge goes by; to find it costs a fifth of the whole request.
    reach = reach_of(row.customer, agent=by, is_chosen=not said["bridge"])
    way = way_of(row, said["way"], reach)
    try:
        if form.cleaned_data["template"] and way is not None and way.can_use:
            return _templated(post, form.cleaned_data["template"], way)
        written = _written(form, row, way, reach, by)
        return replace(written, quick_replies=_offered(post, form, written))
    except NoWay:
        # Its window may have closed after it was sent: asked again, it is told again.
        if client_id and Entry.objects.filter(client_id=client_id).exists():
            return Answer(None, said["text"])
        raise


def way_of(row: Conversation, key: str, reach: Reach | None = None) -> Way | None:
    """Return the way of a form's key, None where there is no such way to the customer of a conversation."""
    return next((way for way in ways(row.customer, row.brand, reach) if way.key == key), None)


def bridge_of(row: Conversation, way: Way, reach: Reach) -> str:
    """Return the line that ties an answer by this way to the customer's last message; '' where none helps."""
    return bridges(row.customer, row.brand, reach.last, [way.channel]).get(way.channel.pk, "")


def _written(form: ReplyForm, row: Conversation, way: Way | None, reach: Reach, by: Agent) -> Answer:
    said = form.cleaned_data
    if way is None:
        raise NoWay("This address is not one of the customer's.")
    if not way.can_write:
        raise NoWay(way.why_not)
    along, apart = form.attachments()
    text = _with_links(said["text"], apart, by)
    if said["bridge"] and text.strip():
        text = joined(bridge_of(row, way, reach), text)
    _refuse_long(way, text, is_split=said["is_split"])
    if wrong := fitting.problems(along, way.channel.capabilities):
        raise NoWay(" ".join(wrong))
    return Answer(way, text, files=tuple(along))


def _offered(post: QueryDict, form: ReplyForm, written: Answer) -> tuple[QuickReply, ...]:
    """Return the buttons that go with an answer; what the page leaves behind for this way is no mistake."""
    if written.way is None or not form.cleaned_data["is_offering"]:
        return ()
    titles, can = buttons.cleaned(post.getlist("button")), written.way.channel.capabilities
    try:
        return buttons.fitting(titles, written.text, can, is_public=form.cleaned_data["is_public"])
    except buttons.Unfit as unfit:
        raise NoWay(str(unfit)) from unfit


def _with_links(text: str, files: list[OutboundFile], by: Agent) -> str:
    """Put the addresses of files below a text that goes where they do not fit."""
    lines = [f"{file.filename}: {links.make(file, by=by)}" for file in files]
    return "\n\n".join(filter(None, [text.rstrip() if lines else text, "\n".join(lines)]))


def _templated(post: QueryDict, pk: int, way: Way) -> Answer:
    given = {name: post.getlist(f"{name}_value") for name in ("header", "body", "link")}
    try:
        template, text = templating.filled(way, pk, given)
    except templating.Wrong as wrong:
        raise NoWay(str(wrong)) from wrong
    return Answer(way, text, template)


def _refuse_long(way: Way, text: str, *, is_split: bool) -> None:
    """Nothing is ever cut silently: what does not fit goes in several messages, by choice, or not at all."""
    can = way.channel.capabilities
    if pieces.fits(text, can, is_marked=True) or (is_split and can.in_pieces):
        return
    raise NoWay(_("It is too long for %(channel)s. Split it or shorten it.") % {"channel": way.channel.label})
