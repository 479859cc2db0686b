"""Importing customers from a file, for administrators: bring it, say what its columns hold, look, begin."""

from collections.abc import Callable

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agents.models import Agent
from agents.settings_pages import SettingsPage, administrator, newest_change
from conversations.importing import mapping, reading, reporting, running
from conversations.models.importing import CustomerImport
from conversations.views.access import is_fragment

PAGE = SettingsPage(
    gettext_lazy("Import customers"),
    gettext_lazy("From a CSV file of another program: people are recognised and never joined by guess."),
    "imports", "people", running.THING,
)  # fmt: skip
SHOWN_MAX = 20
STATES = CustomerImport.State


class FileForm(forms.Form):
    """The file of an import."""

    file = forms.FileField(label=gettext_lazy("CSV file"), widget=forms.FileInput(attrs={"class": "input"}))

    def clean_file(self) -> UploadedFile:
        """Refuse what is larger than this desk takes."""
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > settings.IMPORT_FILE_MAX_BYTES:
            most = filesizeformat(settings.IMPORT_FILE_MAX_BYTES)
            raise forms.ValidationError(_("The file is larger than %(most)s. Split it.") % {"most": most})
        return file


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def imports(request: HttpRequest) -> HttpResponseBase:
    """List the imports; POST brings a file. 422: it cannot be read."""
    me = administrator(request)
    form = FileForm(request.POST or None, request.FILES or None, label_suffix="", auto_id="import-%s")
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            return redirect("import", running.keep(str(file.name), file.chunks(), by=me).pk)
        except reading.Unreadable as problem:
            form.add_error("file", str(problem))
    runs = CustomerImport.objects.select_related("by").order_by("-pk")[:SHOWN_MAX]
    context = {"form": form, "runs": runs, "page": PAGE, "change": newest_change(PAGE.thing), "section": "settings"}
    return render(request, "conversations/imports.html", context, status=422 if form.is_bound else 200)


@login_required
@require_GET
def import_run(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show one import: its columns, how far it is, what was not taken."""
    administrator(request)
    run = get_object_or_404(CustomerImport, pk=pk)
    if is_fragment(request):
        answer = render(request, "conversations/_import.html", {"run": run})
        if not run.is_under_way:
            # What was not taken, and what can be done now, stands around it.
            answer.headers["HX-Refresh"] = "true"
        return answer
    return _page(request, run)


@login_required
@require_POST
def import_reading(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Read the file in another encoding or with another delimiter. 422: it is not so."""
    administrator(request)
    run = get_object_or_404(CustomerImport, pk=pk)
    try:
        delimiter = request.POST.get("delimiter", "").replace("tab", "\t")
        running.look_anew(run, request.POST.get("encoding", ""), delimiter)
    except reading.Unreadable as problem:
        return _page(request, run, problem=str(problem), status=422)
    except running.Moved:
        return _page(request, run, problem=_("This import has begun already."), status=409)
    return redirect("import", pk)


@login_required
@require_POST
def import_check(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Keep what the columns hold, and go through all rows without a change. 422: it cannot be so."""
    administrator(request)
    run = get_object_or_404(CustomerImport, pk=pk)
    wanted = [request.POST.get(f"column-{place}", "") for place in range(len(run.header))]
    try:
        running.check(run, wanted)
    except mapping.Wrong as problem:
        run.mapping = wanted
        return _page(request, run, problem=str(problem), status=422)
    except running.Moved:
        return _page(request, run, problem=_("This import has begun already."), status=409)
    return redirect("import", pk)


@login_required
@require_POST
def import_state(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Begin, pause, go on or cancel (act). 409: it is not in the state for it."""
    me = administrator(request)
    run = get_object_or_404(CustomerImport, pk=pk)
    try:
        _act(request.POST.get("act", ""), me)(run)
    except running.Moved:
        run.refresh_from_db()
        return _page(request, run, problem=_("The import has moved on meanwhile."), status=409)
    return redirect("import", pk)


@login_required
@require_GET
def import_problems(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Hand out the rows that were not taken, with the reason, as a CSV file that can be mended and brought again."""
    administrator(request)
    run = get_object_or_404(CustomerImport, pk=pk)
    headers = {"Content-Disposition": f'attachment; filename="import-{run.pk}-problems.csv"'}
    return StreamingHttpResponse(reporting.problem_lines(run), content_type="text/csv; charset=utf-8", headers=headers)


def _act(name: str, me: Agent) -> Callable[[CustomerImport], None]:
    acts: dict[str, Callable[[CustomerImport], None]] = {
        "begin": lambda run: running.begin(run, by=me),
        "pause": running.pause,
        "go_on": running.go_on,
        "cancel": lambda run: running.cancel(run, by=me),
    }
    return acts.get(name, _nothing)


def _nothing(run: CustomerImport) -> None:
    raise running.Moved(run.filename)


def _page(request: HttpRequest, run: CustomerImport, *, problem: str = "", status: int = 200) -> HttpResponse:
    context = {"run": run, "problem": problem, "page": PAGE, "section": "settings", **reporting.about(run)}
    return render(request, "conversations/import.html", context, status=status)
