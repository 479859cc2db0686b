"""The form of a notice: a text for each language, for whom, and from when until when."""

from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents.models import Brand
from conversations.models.notice import Notice
from conversations.notices.keeping import Wanted
from conversations.notices.showing import Shown, said
from helpdesk.lib import clock
from helpdesk.lib.names import clean_name

AGENTS, CUSTOMERS = "agents", "customers"
# Nobody plans a notice for another century; years at the end of time cannot be counted with.
YEARS = range(2000, 2101)


class MomentInput(forms.DateTimeInput):
    """A day and a time as browsers write them, in the agent's time zone."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(attrs={"class": "input short"}, format="%Y-%m-%dT%H:%M")


class NoticeForm(forms.Form):
    """A notice; one language is enough, who reads another one gets that."""

    brand = forms.ModelChoiceField(
        Brand.objects.order_by("name"), label=gettext_lazy("For whose customers"), required=False,
        empty_label=gettext_lazy("All brands"),
    )  # fmt: skip
    shows = forms.MultipleChoiceField(
        label=gettext_lazy("Shown"), widget=forms.CheckboxSelectMultiple,
        choices=[
            (CUSTOMERS, gettext_lazy("To customers: in the chat and on the contact page")),
            (AGENTS, gettext_lazy("To everybody who works here: above every page")),
        ],
        error_messages={"required": gettext_lazy("Choose who is to see it.")},
    )  # fmt: skip
    starts_at = forms.DateTimeField(label=gettext_lazy("From (empty: from now on)"), required=False, widget=MomentInput)
    ends_at = forms.DateTimeField(
        label=gettext_lazy("Until (empty: until somebody ends it)"), required=False, widget=MomentInput
    )

    def __init__(self, data: QueryDict | None = None, *, row: Notice | None = None) -> None:
        super().__init__(data, initial=_shown(row), label_suffix="", auto_id="notice-%s")
        self.row = row
        for code, name in settings.LANGUAGES:
            self.fields[f"text_{code}"] = _text_field(code, name)
        self.order_fields([f"text_{code}" for code, _name in settings.LANGUAGES])
        self.fields["brand"].widget.attrs |= {"class": "input", "dir": "auto", "translate": "no"}

    @property
    def texts(self) -> list[forms.BoundField]:
        """The fields of the texts."""
        return [self[f"text_{code}"] for code, _name in settings.LANGUAGES]

    @property
    def written(self) -> dict[str, str]:
        """What is written now, whether or not the rest of the form could be kept."""
        texts = ((code, str(self[f"text_{code}"].value() or "")) for code, _name in settings.LANGUAGES)
        return {code: text for code, typed in texts if (text := clean_name(typed, Notice.TEXT_MAX))}

    def preview(self) -> list[tuple[str, Shown]]:
        """Return each language with what somebody who reads it would see; of nothing written nothing."""
        texts = self.written
        return [(code, _said_in(code, texts)) for code, _name in settings.LANGUAGES] if texts else []

    def clean_starts_at(self) -> datetime | None:
        """Keep the seconds of a beginning that nobody touched."""
        typed: datetime | None = self.cleaned_data["starts_at"]
        was = self.row.starts_at if self.row else None
        return was if was and typed == was.replace(second=0, microsecond=0) else _near(typed)

    def clean_ends_at(self) -> datetime | None:
        """Refuse what nobody means."""
        return _near(self.cleaned_data["ends_at"])

    def clean(self) -> dict[str, Any]:
        """Ask for one text, and for an end that comes."""
        found: dict[str, Any] = super().clean() or {}
        if not self.written and not any(f"text_{code}" in self.errors for code, _name in settings.LANGUAGES):
            self.add_error(None, _("Write what happened, in one language at least."))
        ends, starts = found.get("ends_at"), found.get("starts_at")
        if ends and ends <= (starts or (self.row.starts_at if self.row else clock.now())):
            self.add_error("ends_at", _("It has to end after it begins."))
        elif ends and not self.row and ends <= clock.now():
            self.add_error("ends_at", _("That is over already."))
        return found

    @property
    def wanted(self) -> Wanted:
        """What was chosen."""
        given = self.cleaned_data
        return Wanted(
            self.written, given["brand"], AGENTS in given["shows"], CUSTOMERS in given["shows"], given["starts_at"],
            given["ends_at"],
        )  # fmt: skip


def _said_in(code: str, texts: dict[str, str]) -> Shown:
    with translation.override(code):
        return said(Notice(pk=0, texts=texts))


def _text_field(code: str, name: str) -> forms.CharField:
    rows = forms.Textarea(attrs={"class": "input", "rows": 2, "dir": "auto", "lang": code, "spellcheck": "true"})
    return forms.CharField(label=name, required=False, max_length=Notice.TEXT_MAX, widget=rows)


def _near(typed: datetime | None) -> datetime | None:
    if typed is not None and typed.year not in YEARS:
        raise forms.ValidationError(_("Write a day of this century."))
    return typed


def _shown(row: Notice | None) -> dict[str, Any]:
    if row is None:
        return {"shows": [CUSTOMERS, AGENTS]}
    shows = [(CUSTOMERS, row.shows_customers), (AGENTS, row.shows_agents)]
    return {
        **{f"text_{code}": text for code, text in row.texts.items()}, "brand": row.brand_id,
        "shows": [name for name, is_on in shows if is_on], "starts_at": row.starts_at, "ends_at": row.ends_at,
    }  # fmt: skip
