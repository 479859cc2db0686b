"""The page of exports, for administrators: ask for one, see how far it is, take it away."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from allauth.account.decorators import reauthentication_required
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agents.models import ExportRun
from agents.settings_pages import SettingsPage, administrator, newest_change
from conversations.views.access import is_fragment
from helpdesk.exports import running

PAGE = SettingsPage(
    gettext_lazy("Export"),
    gettext_lazy("Everything this desk knows, in one file that any program can read."),
    "exports", "out", running.THING,
)  # fmt: skip
SHOWN_MAX = 20
CHUNK_BYTES = 256 * 1024


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def exports(request: HttpRequest) -> HttpResponseBase:
    """List the exports with how far each is; POST asks for one more."""
    me = administrator(request)
    if request.method == "POST":
        running.ask(by=me)
        messages.success(request, _("The export is being written."))
        return redirect("exports")
    runs = list(ExportRun.objects.select_related("by").order_by("-pk")[:SHOWN_MAX])
    context = {"runs": runs, "is_under_way": any(run.is_under_way for run in runs)}
    if is_fragment(request):
        return render(request, "helpdesk/_exports.html", context)
    about = {"page": PAGE, "change": newest_change(PAGE.thing), "days": settings.EXPORT_KEEP_DAYS}
    return render(request, "helpdesk/exports.html", {**context, **about, "section": "settings"})


@login_required
@require_GET
def export_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Hand out the file to an administrator who has shown a moment ago that it is really them."""
    administrator(request)
    return _handed_out(request, get_object_or_404(ExportRun, pk=pk, state=ExportRun.State.READY))


@login_required
@require_POST
def export_removal(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Remove the file of an export before its time."""
    me = administrator(request)
    if running.remove(get_object_or_404(ExportRun, pk=pk), by=me):
        messages.success(request, _("Removed."))
    return redirect("exports")


@reauthentication_required
def _handed_out(request: HttpRequest, run: ExportRun) -> HttpResponseBase:
    path = running.hand_out(run, by=administrator(request))
    if path is None:
        raise Http404
    headers = {"Content-Disposition": f'attachment; filename="{run.file}"', "Content-Length": str(path.stat().st_size)}
    return StreamingHttpResponse(_chunks(path), content_type="application/zip", headers=headers)


async def _chunks(path: Path) -> AsyncIterator[bytes]:
    """Read a file as the browser takes it; a plain iterator would be read to its end first."""
    with path.open("rb") as file:
        while chunk := await asyncio.to_thread(file.read, CHUNK_BYTES):
            yield chunk
