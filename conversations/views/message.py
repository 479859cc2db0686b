"""What a message is made of: its frame, its files, the mail as it came. Nothing here is trusted by a browser."""

import re

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from conversations.models.attachment import Attachment, Blob
from conversations.models.entry import Entry
from conversations.views.access import agent_of, get_entry, get_message

# TRUST.md 0.5: no script ever runs in a message's frame, and nothing is loaded from elsewhere.
FRAME_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; font-src 'none'; form-action 'none'; "
    "base-uri 'none'; frame-ancestors 'self'; sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"
)
INLINE_IMAGES = {"image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp"}
NO_CONTROLS = re.compile(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


@login_required
@require_GET
def body(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the cleaned HTML of a message in its frame; opened directly there is nothing."""
    if request.headers.get("Sec-Fetch-Dest", "iframe") != "iframe":
        raise Http404
    message = get_message(request, pk)
    if not message.html:
        raise Http404
    response = render(request, "conversations/frame.html", {"message": message})
    response.headers["Content-Security-Policy"] = FRAME_POLICY
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


@login_required
@require_GET
def inline(request: HttpRequest, pk: int, attachment: int) -> HttpResponse:
    """Show a picture that came inside a message; only plain picture types."""
    get_message(request, pk)
    file = get_object_or_404(Attachment.objects.select_related("blob"), pk=attachment, entry_id=pk)
    if file.blob is None or file.content_type.lower() not in INLINE_IMAGES:
        raise Http404
    return _bytes(bytes(file.blob.content), file.content_type.lower(), file.filename, is_download=False)


@login_required
@require_GET
def attachment(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a file as a download, never as a page."""
    visible = Entry.objects.visible_to(agent_of(request))
    file = get_object_or_404(Attachment.objects.select_related("blob"), pk=pk, entry__in=visible)
    if file.blob is None or file.blob.scan_state == Blob.Scan.INFECTED:
        raise Http404
    return _bytes(bytes(file.blob.content), "application/octet-stream", file.filename, is_download=True)


@login_required
@require_GET
def original(request: HttpRequest, pk: int) -> HttpResponse:
    """Give what arrived, byte for byte, as a download."""
    raw = get_entry(request, pk).raw
    content = bytes(raw.body or b"") if raw is not None else b""
    if raw is not None and not content:
        content = bytes(get_object_or_404(Blob, pk=raw.body_sha256).content)
    if not content:
        raise Http404
    return _bytes(content, "application/octet-stream", f"original-{pk}.eml", is_download=True)


def _bytes(content: bytes, content_type: str, filename: str, *, is_download: bool) -> HttpResponse:
    """Answer bytes so that no browser runs them: RFC 6266 name, no sniffing, a sandbox of their own."""
    response = HttpResponse(content, content_type=content_type)
    name = NO_CONTROLS.sub("", filename).replace("/", "_").replace("\\", "_")[:200] or "file"
    response.headers["Content-Disposition"] = content_disposition_header(is_download, name) or "attachment"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["X-Frame-Options"] = "DENY"
    response.headers["Cache-Control"] = "private, max-age=86400" if not is_download else "no-store"
    return response
