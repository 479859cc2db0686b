"""The shape of what agents send; what it means is decided by the models."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agents.models import Agent, Team
from customers import custom
from customers.companies import find_or_make
from customers.folding import fold
from customers.models import Consent, Customer, CustomField, Identity
from helpdesk.lib import clock
from helpdesk.lib.languages import languages
from helpdesk.lib.names import clean_name
from helpdesk.lib.outbound import OutboundFile, Route

COPIES_MAX = 50
# Kinds of addresses that a person can type; the others are given by their channels.
TYPED_KINDS = (Identity.Kind.EMAIL, Identity.Kind.PHONE, Identity.Kind.WHATSAPP, Identity.Kind.OTHER)


class AssignmentForm(forms.Form):
    """To whom a conversation goes: me (take), a colleague, a team; nobody when all is empty."""

    take = forms.BooleanField(required=False)
    agent = forms.ModelChoiceField(Agent.objects.people(), required=False)
    team = forms.ModelChoiceField(Team.objects.all(), required=False)


class SnoozeForm(forms.Form):
    """Until when: a preset's time, or `own` with a time typed in the agent's zone."""

    until = forms.CharField(max_length=40)
    own = forms.CharField(max_length=40, required=False)

    def clean(self) -> dict[str, Any]:
        """Turn either into one aware time that lies ahead."""
        cleaned = super().clean() or {}
        text = cleaned.get("own") if cleaned.get("until") == "own" else cleaned.get("until")
        cleaned["until"] = moment(text or "")
        if cleaned["until"] is None:
            raise forms.ValidationError(gettext("Choose a day and a time."))
        if cleaned["until"] <= clock.now():
            raise forms.ValidationError(gettext("That time has passed."))
        return cleaned

    def sentence(self) -> str:
        """Return what is wrong in one sentence."""
        return " ".join(str(error) for errors in self.errors.values() for error in errors)


class SeveralFiles(forms.FileField):
    """Files of one input; each is checked as one would be."""

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """Return the list of files, empty when none came."""
        return [super(SeveralFiles, self).clean(file, initial) for file in data or []]


class SeveralFilesInput(forms.FileInput):
    """An input that gives all the files of its name."""

    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """Return every file, not only the last."""
        return files.getlist(name)


class ReplyForm(forms.Form):
    """An answer as the composer sends it. way: "<channel>-<identity>"; bridge: the line above it is wanted.

    linked: the places of the files that go as links; is_public: under a comment, for all to see. is_offering: the
    buttons below the text go with it; else they stay behind.
    """

    text = forms.CharField(required=False, strip=False, max_length=200_000)
    way = forms.RegexField(r"^\d{1,18}-\d{1,18}$")
    subject = forms.CharField(required=False, max_length=998)
    cc = forms.CharField(required=False, max_length=10_000)
    bcc = forms.CharField(required=False, max_length=10_000)
    uploads = SeveralFiles(required=False, widget=SeveralFilesInput)
    then = forms.CharField(required=False, max_length=60)
    client_id = forms.CharField(required=False, max_length=64)
    seen_seq = forms.IntegerField(required=False, min_value=0)
    quiet = forms.ChoiceField(required=False, choices=[("now", ""), ("later", "")])
    template = forms.IntegerField(required=False, min_value=1, max_value=2**62)
    is_split = forms.BooleanField(required=False)
    bridge = forms.BooleanField(required=False)
    is_public = forms.BooleanField(required=False)
    is_offering = forms.BooleanField(required=False)
    linked = forms.RegexField(r"^\d{1,3}(,\d{1,3}){0,99}$", required=False)

    def clean_text(self) -> str:
        """Count a new line as one sign: forms send it as two."""
        return str(self.cleaned_data["text"]).replace("\r\n", "\n")

    def clean_then(self) -> tuple[str, datetime | None]:
        """Split "snooze <time>" and check the word."""
        word, _space, at = self.cleaned_data["then"].partition(" ")
        until = moment(at) if word == "snooze" else None
        if word not in {"", "resolve", "wait", "snooze"} or (word == "snooze" and until is None):
            raise forms.ValidationError(gettext("This way of sending is not known."))
        return word, until

    def route(self) -> Route:
        """Return where the answer goes."""
        channel, identity = self.cleaned_data["way"].split("-")
        cc, bcc = addresses(self.cleaned_data["cc"]), addresses(self.cleaned_data["bcc"])
        return Route(int(channel), int(identity), cc, bcc, self.cleaned_data["subject"])

    def attachments(self) -> tuple[list[OutboundFile], list[OutboundFile]]:
        """Return the files with their content: those that go along, and those that go as links."""
        linked = set(filter(None, self.cleaned_data["linked"].split(",")))
        along: list[OutboundFile] = []
        apart: list[OutboundFile] = []
        for place, file in enumerate(self.cleaned_data["uploads"]):
            read = OutboundFile(file.name, file.content_type or "application/octet-stream", file.read())
            (apart if str(place) in linked else along).append(read)
        return along, apart


class AddressForm(forms.Form):
    """One more address of a customer."""

    kind = forms.ChoiceField(choices=[(kind.value, kind.label) for kind in TYPED_KINDS])
    value = forms.CharField(max_length=320)


class ConsentForm(forms.Form):
    """A yes or no of a customer, and where they said it."""

    identity = forms.IntegerField(min_value=1)
    purpose = forms.ChoiceField(choices=Consent.Purpose.choices)
    state = forms.ChoiceField(choices=Consent.State.choices)
    source = forms.CharField(max_length=200)


class HiddenValue(forms.HiddenInput):
    """What a custom field showed first."""

    def format_value(self, value: Any) -> str:
        """Return the value as `customers.custom.clean` reads it."""
        return custom.typed(value)


class CustomValue(forms.Field):
    """A custom field of a customer, drawn by its kind."""

    hidden_widget = HiddenValue

    def __init__(self, row: CustomField) -> None:
        self.row = row
        super().__init__(label=row.name, required=False, widget=_WIDGETS[row.kind](row))
        if row.kind in {CustomField.Kind.CHOICE, CustomField.Kind.CHOICES}:
            # Written by an administrator: whoever translates the page leaves them as they are.
            self.widget.attrs["translate"] = "no"

    def prepare_value(self, value: Any) -> Any:
        """Return the value as its widget shows it."""
        return custom.typed(value) if isinstance(value, bool) else value

    def to_python(self, value: Any) -> Any:
        """Return what is kept. Raises ValidationError."""
        try:
            return custom.clean(self.row, value)
        except custom.Wrong as wrong:
            raise forms.ValidationError(str(wrong)) from wrong


def _listed(row: CustomField) -> list[tuple[str, str]]:
    return [(one, one) for one in row.choices]


_WIDGETS: dict[str, Callable[[CustomField], forms.Widget]] = {
    CustomField.Kind.TEXT: lambda row: forms.Textarea({"maxlength": custom.TEXT_MAX, "rows": 2, "dir": "auto"}),
    CustomField.Kind.NUMBER: lambda row: forms.TextInput({"inputmode": "decimal", "maxlength": 40, "dir": "ltr"}),
    CustomField.Kind.DATE: lambda row: forms.DateInput({"type": "date"}, "%Y-%m-%d"),
    CustomField.Kind.YES_NO: lambda row: forms.Select(
        choices=[("", ""), (custom.YES, gettext("Yes")), (custom.NO, gettext("No"))]
    ),
    CustomField.Kind.CHOICE: lambda row: forms.Select(choices=[("", ""), *_listed(row)]),
    CustomField.Kind.CHOICES: lambda row: forms.CheckboxSelectMultiple(choices=_listed(row)),
    CustomField.Kind.LINK: lambda row: forms.URLInput({"maxlength": custom.LINK_MAX, "dir": "ltr"}),
}


class ProfileForm(forms.Form):
    """What we know of a person, as far as it is said: a field that is not sent stays as it is.

    Each field brings back what it showed first (Django's hidden initial value): an old page changes only what
    was changed on it, and two people who change the same field find out.
    """

    name = forms.CharField(label=_("Name"), required=False, max_length=200)
    company = forms.CharField(label=_("Company"), required=False, max_length=200)
    language = forms.ChoiceField(label=_("Language"), required=False)
    time_zone = forms.ChoiceField(label=_("Time zone"), required=False)
    quiet_from = forms.TimeField(label=_("Quiet from"), required=False)
    quiet_until = forms.TimeField(label=_("Quiet until"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", "auto_id": "profile-%s", **kwargs})
        self.fields |= {custom.PREFIX + row.slug: CustomValue(row) for row in custom.fields()}
        zones = sorted(zone for zone in available_timezones() if "/" in zone or zone == "UTC")
        self.fields["time_zone"].choices = [("", ""), *((zone, zone) for zone in zones)]  # type: ignore[attr-defined]
        self.fields["language"].choices = [("", ""), *languages()]  # type: ignore[attr-defined]
        for name, field in self.fields.items():
            if name.startswith("quiet_"):
                field.widget = forms.TimeInput({"type": "time"}, "%H:%M")
            if not isinstance(field.widget, forms.CheckboxSelectMultiple):
                field.widget.attrs["class"] = "input"
            field.show_hidden_initial = True
            if name in {"language", "time_zone"}:
                # Names of languages and places stay as they are, whoever translates the page.
                field.widget.attrs["translate"] = "no"

    @staticmethod
    def of(customer: Customer) -> dict[str, Any]:
        """Return what is known of a person, as the form shows it."""
        names = ("name", "language", "time_zone", "quiet_from", "quiet_until")
        own = {custom.PREFIX + slug: value for slug, value in customer.custom.items()}
        return own | {name: getattr(customer, name) for name in names} | {"company": customer.company or ""}

    def clean_name(self) -> str:
        """A name that shows nothing is none."""
        typed = self.cleaned_data["name"]
        if typed.strip() and not clean_name(typed):
            raise forms.ValidationError(gettext("Nothing of this name can be seen."))
        return clean_name(typed)

    def clean(self) -> dict[str, Any]:
        """Quiet hours have two ends or none."""
        cleaned = super().clean() or {}
        if (cleaned.get("quiet_from") is None) != (cleaned.get("quiet_until") is None):
            raise forms.ValidationError(gettext("Quiet hours need a beginning and an end."))
        return cleaned

    def changes(self) -> dict[str, Any]:
        """Return what was sent, a company as its row (made when it is new)."""
        sent = {name: self.cleaned_data[name] for name, field in self.fields.items() if self._is_sent(name, field)}
        known = self.known()
        sent = {name: value for name, value in sent.items() if name not in known or known[name] != value}
        if "company" in sent:
            sent["company"] = find_or_make(sent["company"]) if fold(sent["company"]) else None
        return sent

    def _is_sent(self, name: str, field: forms.Field) -> bool:
        """Boxes of which none is ticked are not sent: what they showed first says that they were there."""
        is_boxes = isinstance(field.widget, forms.CheckboxSelectMultiple)
        return name in self.data or (is_boxes and self.add_initial_prefix(name) in self.data)

    def known(self) -> dict[str, Any]:
        """Return what the fields showed when the page was drawn, as far as the page says it."""
        found = {}
        for name, field in self.fields.items():
            with suppress(forms.ValidationError, KeyError):
                found[name] = field.to_python(self.data[self.add_initial_prefix(name)])
        return found

    def sentence(self) -> str:
        """Return what is wrong in one sentence."""
        return " ".join(str(error) for errors in self.errors.values() for error in errors)


def addresses(text: str) -> tuple[str, ...]:
    """Split what was typed into Cc or Bcc; the channel checks each address."""
    parts = (part.strip() for part in text.replace(";", ",").split(","))
    return tuple(part for part in parts if part)[:COPIES_MAX]


def moment(text: str) -> datetime | None:
    """Read a time; without a zone it is the agent's. None when it is no time."""
    try:
        at = parse_datetime(text)
    except ValueError:
        return None
    return timezone.make_aware(at) if at is not None and timezone.is_naive(at) else at
