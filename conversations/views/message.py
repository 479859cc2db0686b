"""What a message is made of: its frame, its files, the mail as it came. Nothing here is trusted by a browser."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_GET

from conversations.models.attachment import Attachment, Blob
from conversations.models.entry import Entry
from conversations.models.message import Message
from conversations.views.access import agent_of, get_entry, get_message
from conversations.views.giving import give_blob, give_bytes
from helpdesk.lib.html import fill_images, remote_images
from helpdesk.lib.http import Ask, Refused, fetch

# No script ever runs in a message's frame, and nothing is loaded from elsewhere.
FRAME_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; font-src 'none'; form-action 'none'; "
    "base-uri 'none'; frame-ancestors 'self'; sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"
)
FRAME_HEAD = (
    '<!doctype html><html><head><meta charset="utf-8"><title>Message</title><base target="_blank">'
    "<style>html{color-scheme:light;background:#fff}body{margin:0;padding:8px;color:#15141a;"
    "font:14px/20px system-ui,sans-serif;overflow-wrap:anywhere}img{max-width:100%;height:auto}"
    "table{max-width:100%}pre{white-space:pre-wrap}img:not([src]){display:none}"
    "blockquote{margin:8px 0;padding-inline-start:10px;border-inline-start:2px solid #d2cfca}"
    "::highlight(found){background:#fdf0d5}::highlight(found-here){background:#3c40c6;color:#fff}</style></head>"
)
IMAGE_MAX_BYTES = 5 * 1024 * 1024
INLINE_IMAGES = {"image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp"}


@login_required
@require_GET
def body(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the cleaned HTML of a message in its frame; opened directly there is nothing."""
    if request.headers.get("Sec-Fetch-Dest", "iframe") != "iframe":
        raise Http404
    message = get_message(request, pk)
    if not message.html:
        raise Http404
    response = HttpResponse(_page(message, with_remote="images" in request.GET))
    response.headers["Content-Security-Policy"] = FRAME_POLICY
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


@login_required
@require_GET
def image(request: HttpRequest, pk: int, n: int) -> HttpResponse:
    """Fetch the n-th remote picture of a message for an agent who asked to see them.

    The desk asks, not the browser, so the sender learns neither who looks nor from where.
    """
    urls = remote_images(get_message(request, pk).html)
    if n >= len(urls):
        raise Http404
    try:
        answer = fetch(Ask(urls[n], max_bytes=IMAGE_MAX_BYTES))
    except Refused as refused:
        raise Http404 from refused
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if answer.status != 200 or kind not in INLINE_IMAGES:
        raise Http404
    return give_bytes(answer.body, kind, "image", is_download=False)


@login_required
@require_GET
def inline(request: HttpRequest, pk: int, attachment: int) -> HttpResponse:
    """Show a picture that came inside a message; only plain picture types."""
    get_message(request, pk)
    file = get_object_or_404(Attachment.objects.select_related("blob"), pk=attachment, entry_id=pk)
    if file.blob is None or file.content_type.lower() not in INLINE_IMAGES:
        raise Http404
    return give_bytes(bytes(file.blob.content), file.content_type.lower(), file.filename, is_download=False)


@login_required
@require_GET
def attachment(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a file as a download, never as a page."""
    visible = Entry.objects.visible_to(agent_of(request))
    file = get_object_or_404(Attachment, pk=pk, entry__in=visible, blob__isnull=False)
    return give_blob(request, file.blob_id, file.filename)


@login_required
@require_GET
def original(request: HttpRequest, pk: int) -> HttpResponse:
    """Give what arrived, byte for byte, as a download; 404 where more arrived with it than its reader may see."""
    raw = get_entry(request, pk).raw
    if raw is not None and not _is_theirs_alone(request, raw.pk):
        raise Http404
    content = bytes(raw.body or b"") if raw is not None else b""
    if raw is not None and not content:
        content = bytes(get_object_or_404(Blob, pk=raw.body_sha256).content)
    if not content:
        raise Http404
    return give_bytes(content, "application/octet-stream", f"original-{pk}.eml", is_download=True)


def _is_theirs_alone(request: HttpRequest, raw: int) -> bool:
    """Whether a delivery holds nothing that was deleted, and nobody's words that this agent does not see."""
    seen = Entry.objects.visible_to(agent_of(request)).filter(raw=raw, message__deleted_at=None)
    return not Entry.objects.filter(raw=raw).exclude(pk__in=seen.values("pk")).exists()


def _page(message: Message, *, with_remote: bool) -> str:
    """Return the frame's whole page: our few rules and the cleaned HTML with its own pictures."""
    own = {file.content_id: file.pk for file in message.entry.attachments.all() if file.content_id}

    def cid(content_id: str) -> str:
        return reverse("message_inline", args=[message.pk, own[content_id]]) if content_id in own else ""

    def remote(n: int) -> str:
        return reverse("message_image", args=[message.pk, n])

    filled = fill_images(message.html, cid=cid, remote=remote if with_remote else None)
    return f"{FRAME_HEAD}<body>{filled}</body></html>"
