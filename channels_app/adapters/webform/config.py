"""What an administrator decides about a contact page: its name, what can be chosen on it, and who answers what."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agents.models import Team
from channels_app.adapters.webform import topics


class WebformConfigForm(forms.Form):
    """One page. Which topics are on and whose they are: one choice for each."""

    title = forms.CharField(
        label=_("Name of the page"), required=False, max_length=80,
        help_text=_("Its heading. Empty: “Contact us” in the visitor's language."),
    )  # fmt: skip
    takes_files = forms.BooleanField(label=_("Customers can add files"), required=False, initial=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = list(_choices())
        for topic in topics.TOPICS:
            label = gettext("Topic: %(topic)s") % {"topic": gettext(topic.label)}
            self.fields[topics.setting(topic)] = forms.ChoiceField(label=label, required=False, choices=choices)

    def clean(self) -> dict[str, Any]:
        """Refuse a page on which nothing can be chosen."""
        said = super().clean() or {}
        if all(said.get(topics.setting(topic)) == topics.OFF for topic in topics.TOPICS):
            raise forms.ValidationError(gettext("Leave at least one topic on."))
        return said


def _choices() -> Iterator[tuple[str, str]]:
    yield "", gettext("On, for the team of this channel")
    yield topics.OFF, gettext("Off")
    for pk, name in Team.objects.order_by("name").values_list("pk", "name"):
        yield str(pk), gettext("On, for %(team)s") % {"team": name}
