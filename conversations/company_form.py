"""The shape of a company as agents write it: its name, its mail domains, how its mail is filed."""

import json
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agents.models import Agent
from conversations import companies
from conversations.companies import About
from customers import domains
from customers.folding import fold, tidy
from customers.models import Company, CompanyDomain

DOMAINS_MAX = 50


class CompanyForm(forms.Form):
    """A company. It brings back what the page showed first, so that two people who change the same find out."""

    name = forms.CharField(label=_("Name"), max_length=Company.NAME_MAX)
    domains = forms.CharField(
        label=_("Mail domains"), required=False, max_length=8_000, widget=forms.Textarea({"rows": 3}),
        help_text=_("One a line. Who writes from them is offered as one of the company’s people."),
    )  # fmt: skip
    is_public_meant = forms.BooleanField(label=_("Keep the domain of a mail provider all the same"), required=False)
    allows_parallel_conversations = forms.BooleanField(
        label=_("Keep conversations apart"), required=False,
        help_text=_("A new mail opens a conversation of its own, although another one is open."),
    )  # fmt: skip
    shown = forms.CharField(required=False, max_length=20_000, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, about: About | None = None) -> None:
        about = about or About("")
        initial = {
            "name": about.name, "domains": "\n".join(about.domains), "shown": json.dumps(about.plain()),
            "allows_parallel_conversations": about.allows_parallel_conversations,
        }  # fmt: skip
        super().__init__(data, initial=initial, auto_id="company-%s", label_suffix="")
        self.asks_public = False
        for name in ("name", "domains"):
            self.fields[name].widget.attrs |= {"class": "input", "autocomplete": "off", "dir": "auto"}
        self.fields["domains"].widget.attrs |= {"dir": "ltr", "spellcheck": "false", "translate": "no"}

    def clean_name(self) -> str:
        """A name that somebody can see."""
        name = tidy(self.cleaned_data["name"])[: Company.NAME_MAX]
        if not fold(name):
            raise forms.ValidationError(gettext("Write a name."))
        return name

    def clean(self) -> dict[str, Any]:
        """Domains in their one spelling; those of mail providers only where it is meant."""
        cleaned = super().clean() or {}
        written = cleaned.get("domains", "").replace(",", " ").replace(";", " ").split()
        spelled = sorted({one for one in map(self._spelled, written) if one})
        if len(spelled) > DOMAINS_MAX:
            self.add_error("domains", gettext("At most 50 domains."))
        new = set(spelled) - set(self.known().domains)
        public = [one for one in spelled if one in new and domains.is_public(one)]
        if public and not cleaned.get("is_public_meant"):
            self.asks_public = True
            words = gettext("%(domain)s is a mail provider: everybody can have an address there.")
            self.add_error("domains", words % {"domain": public[0]})
        return {**cleaned, "spelled": tuple(spelled)}

    def about(self) -> About:
        """Return what was written."""
        said = self.cleaned_data
        return About(said["name"], said["spelled"], said["allows_parallel_conversations"])

    def known(self) -> About:
        """Return what the page showed first."""
        try:
            kept = json.loads(self.data.get("shown", ""))
            names = tuple(sorted(str(one) for one in kept["domains"]))
            return About(str(kept["name"]), names, kept["allows_parallel_conversations"] is True)
        except (ValueError, KeyError, TypeError):
            return About("")

    def _spelled(self, written: str) -> str:
        try:
            return domains.normalise(written)
        except ValueError:
            self.add_error("domains", gettext("“%(domain)s” is not a mail domain.") % {"domain": written[:120]})
            return ""

    def say(self, wrong: Exception, agent: Agent) -> None:
        """Say what the database refused; another company is named only to who may know of it."""
        if isinstance(wrong, companies.NameTaken):
            self.add_error("name", gettext("Another company has this name. Join the two instead."))
        elif isinstance(wrong, companies.DomainTaken):
            self.add_error("domains", _taken_words(str(wrong), agent))
        else:
            self.add_error(None, gettext("This company was joined or deleted in the meantime."))

    def beside(self, now: About) -> "CompanyForm":
        """Return the form with what was typed and what stands there said; who saves again knows it."""
        data = {name: self.data[name] for name in self.fields if name in self.data}
        data["shown"] = json.dumps(now.plain())
        form = CompanyForm(data)
        form.is_valid()
        said = [now.name, ", ".join(now.domains)]
        words = gettext("A colleague changed this company. It says now: %(what)s. Save again to use yours.")
        form.add_error(None, words % {"what": " · ".join(one for one in said if one)})
        return form


def _taken_words(domain: str, agent: Agent) -> str:
    row = CompanyDomain.objects.filter(domain=domain, company__in=Company.objects.visible_to(agent)).first()
    if row is None:
        return gettext("%(domain)s belongs to another company.") % {"domain": domain}
    return gettext("%(domain)s belongs to %(name)s.") % {"domain": domain, "name": row.company.name}
