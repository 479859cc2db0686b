"""Where somebody who was invited chooses a name and a password. Nobody is signed in here."""

from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from agents.models import Agent, Invitation
from agents.staff import people

# 10 kB of it would keep the hasher busy for nothing.
PASSWORD_MAX = 128


class ComingForm(forms.Form):
    """A name and a password."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=people.NAME_MAX)
    password = forms.CharField(
        label=gettext_lazy("Password"), max_length=PASSWORD_MAX, widget=forms.PasswordInput, strip=False
    )

    def __init__(self, *args: Any, agent: Agent, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        self.agent = agent
        self.fields["name"].widget.attrs |= {"class": "input", "autocomplete": "name", "dir": "auto"}
        self.fields["password"].widget.attrs |= {"class": "input", "autocomplete": "new-password"}

    def clean_password(self) -> str:
        """Refuse one that is easily guessed."""
        password: str = self.cleaned_data["password"]
        password_validation.validate_password(password, self.agent)
        return password


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, secret: str) -> HttpResponseBase:
    """Take a name and a password, once. 404, alike for a link that was used, is too old or never was."""
    found = Invitation.find(secret)
    if found is None:
        return _gone(request)
    form = ComingForm(request.POST or None, agent=found.agent, initial={"name": found.agent.name})
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        if not people.come(found, said["name"], said["password"], language=(get_language() or "en")[:2]):
            return _gone(request)
        return redirect("account_login")
    context = {"form": form, "agent": found.agent}
    return render(request, "agents/invitation.html", context, status=422 if form.errors else 200)


def _gone(request: HttpRequest) -> HttpResponse:
    return render(request, "agents/invitation_gone.html", status=404)
