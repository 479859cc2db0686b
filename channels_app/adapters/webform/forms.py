"""The form of a topic: its typed fields, the message, and where the answer goes. Nothing that was typed is cleared."""

import re
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils import formats
from django.utils.translation import gettext as _

from channels_app.adapters.webform.topics import Question, Topic
from helpdesk.lib import clock, emails
from helpdesk.lib.names import NAME_MAX, clean_name

TEXT_MAX = 4_000
# As browsers send it; the others are what people type where a browser knows no dates.
DATES = ["%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y"]
# Who has more to show can add a file; who sells links has many.
LINKS_MAX = 3
_LINK = re.compile(r"https?://|www\.|\[url", re.IGNORECASE)


class TopicForm(forms.Form):
    """One topic's fields, in the order in which they are asked."""

    use_required_attribute = False

    def __init__(self, data: Any = None, *, topic: Topic, initial: dict[str, str] | None = None) -> None:
        super().__init__(data, auto_id="f-%s", label_suffix="", initial=initial)
        self.topic = topic
        self.fields |= {question.name: _field(question) for question in topic.questions}
        self.fields["text"] = forms.CharField(
            label=_("Your message"), max_length=TEXT_MAX, widget=forms.Textarea(attrs={"rows": 7, "dir": "auto"}),
            help_text=_("Up to 4,000 characters. Please no card numbers or passwords."),
            error_messages={"required": _("Write your message."), "max_length": _too_long(TEXT_MAX)},
        )  # fmt: skip
        self.fields["name"] = forms.CharField(
            label=_optional(_("Your name")), required=False, max_length=NAME_MAX,
            widget=forms.TextInput(attrs={"autocomplete": "name", "dir": "auto"}),
            error_messages={"max_length": _too_long(NAME_MAX)},
        )  # fmt: skip
        self.fields["email"] = forms.CharField(
            label=_("Your email address"), help_text=_("We answer you there, and use it for nothing else."),
            widget=forms.EmailInput(attrs={"autocomplete": "email", "dir": "ltr", "spellcheck": "false"}),
            error_messages={"required": _("Write the email address to which we answer.")},
        )  # fmt: skip

    @property
    def answers(self) -> dict[str, str]:
        """Return what the typed fields hold, as texts; nothing of what was left empty."""
        given = {question.name: self.cleaned_data.get(question.name) for question in self.topic.questions}
        return {
            name: one.isoformat() if isinstance(one, date) else " ".join(str(one).split())
            for name, one in given.items()
            if one
        }

    def clean_text(self) -> str:
        """Keep its lines, as any other message's."""
        text = str(self.cleaned_data["text"])
        return text.replace("\r\n", "\n").replace("\r", "\n")

    def clean_name(self) -> str:
        """Take what can be seen of it, in one line."""
        return clean_name(str(self.cleaned_data["name"]))

    def clean_email(self) -> str:
        """Spell it as identities are; a line break or a second address makes it none."""
        address = emails.spell_address(str(self.cleaned_data["email"])[: emails.ADDRESS_MAX_CHARACTERS + 1])
        if not address:
            raise forms.ValidationError(_("Write an address like name@example.com"))
        return address


def suspicion(said: TopicForm, trap: str) -> str:
    """Name why a message may be no person's, '' for nothing. It is kept all the same, and agents see the mark."""
    if trap.strip():
        return "trap"
    return "links" if len(_LINK.findall(str(said.cleaned_data["text"]))) > LINKS_MAX else ""


def _field(question: Question) -> forms.Field:
    label, hint = _(question.label), _(question.hint) if question.hint else ""
    shared: dict[str, Any] = {
        "label": label if question.is_required else _optional(label), "help_text": hint,
        "required": question.is_required,
    }  # fmt: skip
    if question.kind == "date":
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        words = {"invalid": _("Write a date like 24.12.2026.")}
        return forms.DateField(
            input_formats=DATES, widget=widget, error_messages=words, validators=[_possible], **shared
        )
    if question.kind == "choice":
        options = [(name, _(word)) for name, word in question.options]
        words = dict.fromkeys(("required", "invalid_choice"), _("Choose one: %(label)s") % {"label": label})
        return forms.ChoiceField(choices=options, widget=forms.RadioSelect, error_messages=words, **shared)
    attrs = {"dir": "auto"} if question.kind == "text" else {"dir": "ltr", "autocomplete": "off", "spellcheck": "false"}
    missing = _("Fill this in, or write “none”: %(label)s") % {"label": label}
    words = {"required": missing, "max_length": _too_long(question.most)}
    return forms.CharField(
        max_length=question.most, widget=forms.TextInput(attrs=attrs), error_messages=words, **shared
    )


def _possible(day: date) -> None:
    """Refuse a slip of the finger: some other century."""
    today = clock.now().date()
    if not today - timedelta(days=3_650) <= day <= today + timedelta(days=366):
        raise forms.ValidationError(_("Look at the year: this date is too far away."))


def _optional(label: str) -> str:
    return _("%(label)s (optional)") % {"label": label}


def _too_long(most: int) -> str:
    shown = formats.number_format(most, force_grouping=True)
    return _("This is too long: at most %(most)s characters.") % {"most": shown}
