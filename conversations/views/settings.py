"""The settings of how order numbers look, for administrators, with a text to try them on."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from agents import audit
from agents.models import Agent, Workspace
from agents.settings_pages import SettingsPage, administrator, newest_change
from conversations.known import order_forms, picking
from conversations.models.fact import Fact
from conversations.views.access import is_fragment

PAGE = SettingsPage(
    gettext_lazy("Order numbers"),
    gettext_lazy("How they look: they are found in what customers write and stand above every answer."),
    "order_pattern", "box", "order_pattern",
)  # fmt: skip
TRIED_MAX = 2_000


class OrderPatternForm(forms.Form):
    """The forms of order numbers, and a text to try them on."""

    order_pattern = forms.CharField(label=gettext_lazy("Forms of order numbers"), required=False, max_length=200)
    text = forms.CharField(label=gettext_lazy("Try it with a message"), required=False, max_length=TRIED_MAX,
                           widget=forms.Textarea)  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", "auto_id": "order-%s", **kwargs})
        self.fields["order_pattern"].widget.attrs |= {
            "class": "input", "dir": "ltr", "autocomplete": "off", "spellcheck": "false", "placeholder": "RO-999999",
            "aria-describedby": "pattern-hint", "translate": "no",
        }  # fmt: skip
        self.fields["text"].widget.attrs |= {"class": "input", "dir": "auto", "rows": 4}

    def clean_order_pattern(self) -> str:
        """Keep one space between forms; refuse what would find any word."""
        masks = " ".join(self.cleaned_data["order_pattern"].split())
        words = {
            "many": _("At most 20 forms."),
            "long": _("A form has at most 40 characters."),
            "hidden": _("This holds invisible characters. Write it by hand instead of pasting it."),
            "loose": _("Each form needs at least three signs 9 or A, and one 9: else it would fit any word."),
        }
        if problem := order_forms.mask_problem(masks):
            raise forms.ValidationError(words[problem])
        return masks


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def order_pattern(request: HttpRequest) -> HttpResponseBase:
    """Show and change how order numbers look. 422: it cannot be so."""
    me = administrator(request)
    now = Workspace.get().order_pattern
    form = OrderPatternForm(request.POST or None, initial={"order_pattern": now, "text": _sample(now)})
    if request.method == "POST" and form.is_valid():
        _keep(form.cleaned_data["order_pattern"], me)
        messages.success(request, _("Saved. It counts for what customers write from now on."))
        return redirect("order_pattern")
    return _page(request, form, now if not form.is_bound else None)


@login_required
@require_POST
def order_trial(request: HttpRequest) -> HttpResponse:
    """Show what would be found with forms that are not saved. 422: they cannot be so."""
    administrator(request)
    form = OrderPatternForm(request.POST)
    if not is_fragment(request):
        return _page(request, form, None)
    # What is wrong is said in the fragment: while somebody types it is no failure.
    return render(request, "conversations/_order_trial.html", _tried(form, None))


def _keep(pattern: str, me: Agent) -> None:
    with transaction.atomic():
        row = Workspace.objects.select_for_update(no_key=True).get(pk=Workspace.get().pk)
        if row.order_pattern != pattern:
            audit.changed(me, PAGE.thing, {"order_pattern": row.order_pattern}, {"order_pattern": pattern})
            row.order_pattern = pattern
            row.save(update_fields=["order_pattern"])


def _page(request: HttpRequest, form: OrderPatternForm, now: str | None) -> HttpResponse:
    context = {"form": form, "page": PAGE, "change": newest_change(PAGE.thing), **_tried(form, now)}
    status = 422 if form.errors else 200
    return render(request, "conversations/order_pattern.html", {**context, "section": "settings"}, status=status)


def _tried(form: OrderPatternForm, now: str | None) -> dict[str, Any]:
    """Return examples of the forms and what is found in the text. now: the forms that are kept, where none came."""
    if now is None and form.errors:
        return {"problems": [error for errors in form.errors.values() for error in errors]}
    masks = now if now is not None else form.cleaned_data["order_pattern"]
    text = _sample(masks) if now is not None else form.cleaned_data["text"]
    found = [(Fact.What(one.what).label, one.value) for one in picking.pick(text, lambda: masks)]
    return {"examples": order_forms.order_examples(masks), "found": found}


def _sample(masks: str) -> str:
    return _("Hello, where is my order %(number)s?") % {"number": order_forms.order_examples(masks)[0]}
