"""The people we serve: rows only; what happens to them is told by conversations."""

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Collate, Reverse
from django.utils.translation import gettext_lazy as _

from agents.permissions import sight_of
from customers.folding import LONGER, FoldedField
from customers.wording import WordsOf
from helpdesk.lib import clock

if TYPE_CHECKING:
    from agents.models import Agent


class DomainOf(models.Func):
    """What stands behind the last @ of an address."""

    function = "split_part"
    template = "%(function)s(%(expressions)s, '@', -1)"
    output_field = models.CharField()


class CustomerQuerySet(models.QuerySet["Customer"]):
    """Questions over many customers."""

    def visible_to(self, agent: "Agent") -> "CustomerQuerySet":
        """Those with a conversation this agent sees, or with none at all."""
        if sight_of(agent).is_all:
            return self
        conversation: Any = self.model._meta.get_field("conversations").related_model
        theirs = conversation.objects.filter(customer=OuterRef("pk"))
        return self.filter(Exists(theirs.visible_to(agent)) | ~Exists(theirs))

    def present(self) -> "CustomerQuerySet":
        """Leave out those who were merged into another."""
        return self.filter(merged_into=None)

    def with_detail(self, slug: str) -> "CustomerQuerySet":
        """Those with a value in a custom field."""
        return self.exclude(custom={}).filter(custom__has_key=slug)

    def with_choice(self, slug: str, choice: str) -> "CustomerQuerySet":
        """Those who have one of the choices of a custom field."""
        chosen = Q(custom__contains={slug: choice}) | Q(custom__contains={slug: [choice]})
        return self.exclude(custom={}).filter(chosen)


class CompanyQuerySet(models.QuerySet["Company"]):
    """Questions over many companies."""

    def visible_to(self, agent: "Agent") -> "CompanyQuerySet":
        """Those with somebody this agent sees, or with nobody at all."""
        if sight_of(agent).is_all:
            return self
        theirs = Customer.objects.present().filter(company=OuterRef("pk"))
        return self.filter(Exists(theirs.visible_to(agent)) | ~Exists(theirs))


class Company(models.Model):
    """An organisation that customers belong to. Two names that differ in case or spaces alone are one."""

    NAME_MAX = 200

    name = models.CharField(max_length=NAME_MAX)
    folded = FoldedField(max_length=NAME_MAX * LONGER, unique=True)
    allows_parallel_conversations = models.BooleanField(default=False)

    objects = CompanyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "companies"
        # The customer search.
        indexes: ClassVar[list[models.Index]] = [GinIndex(WordsOf(F("name")), name="company_words")]

    def __str__(self) -> str:
        return self.name


class CompanyDomain(models.Model):
    """A mail domain that only the people of one company write from, spelled by customers.domains."""

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="domains")
    domain = models.CharField(max_length=253, unique=True)

    objects: ClassVar[models.Manager["CompanyDomain"]] = models.Manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["domain"]

    def __str__(self) -> str:
        return self.domain


class CustomField(models.Model):
    """One more thing we want to know about customers; validates Customer.custom[slug]."""

    class Kind(models.TextChoices):
        TEXT = "text", _("Text")
        NUMBER = "number", _("Number")
        DATE = "date", _("Date")
        YES_NO = "yes_no", _("Yes or no")
        CHOICE = "choice", _("One of a list")
        CHOICES = "choices", _("Several of a list")
        LINK = "link", _("Link")

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.TEXT)
    choices = models.JSONField(default=list, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return self.name


class Customer(models.Model):
    """A person we serve, whatever the address.

    `last_seq` is the number of the newest thing on the timeline; only
    conversations.timeline moves it, under this row's lock. `reset_seq`: a browser whose
    cursor is older must load the timeline again.
    """

    name = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=8, blank=True)
    time_zone = models.CharField(max_length=64, blank=True)
    company = models.ForeignKey(Company, null=True, blank=True, on_delete=models.SET_NULL, related_name="customers")
    custom = models.JSONField(default=dict, blank=True)
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_until = models.TimeField(null=True, blank=True)
    preferred_identity = models.ForeignKey(
        "customers.Identity", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged_from")
    last_seq = models.BigIntegerField(default=0)
    reset_seq = models.BigIntegerField(default=0)
    is_blocked = models.BooleanField(default=False)
    is_third_party = models.BooleanField(default=False)
    first_seen_at = models.DateTimeField(default=clock.now)

    objects = CustomerQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=~Q(merged_into=models.F("id")), name="customer_not_merged_into_itself"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            # Who has a value in a custom field: settings and whoever asks with_detail; most have none.
            GinIndex(fields=["custom"], condition=~Q(custom={}), name="customer_custom"),
            # The customer search.
            GinIndex(WordsOf(F("name")), name="customer_words"),
        ]

    def __str__(self) -> str:
        return self.name or f"#{self.pk}"

    @property
    def best_name(self) -> str:
        """The name, or else the address that we know best."""
        if self.name:
            return self.name
        identity = self.preferred_identity or self.identities.order_by("pk").first()
        return identity.label if identity else str(_("Unnamed customer"))


class Identity(models.Model):
    """One address of a customer. `realm` scopes ids that only mean something on one page."""

    class Kind(models.TextChoices):
        EMAIL = "email", _("Email")
        PHONE = "phone", _("Phone")
        WHATSAPP = "whatsapp", _("WhatsApp")
        MESSENGER = "messenger", _("Messenger")
        INSTAGRAM = "instagram", _("Instagram")
        TELEGRAM = "telegram", _("Telegram")
        LINE = "line", _("LINE")
        VIBER = "viber", _("Viber")
        VISITOR = "visitor", _("Web visitor")
        PORTAL = "portal", _("Portal")
        SHOP = "shop", _("Shop")
        OTHER = "other", _("Other")

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="identities")
    kind = models.CharField(max_length=12, choices=Kind)
    realm = models.CharField(max_length=120, blank=True, default="")
    value = models.CharField(max_length=320)
    display = models.CharField(max_length=320, blank=True)
    verified_at = models.DateTimeField(null=True, blank=True)
    verified_by = models.CharField(max_length=80, blank=True)
    opted_out_at = models.DateTimeField(null=True, blank=True)
    opted_out_reason = models.CharField(max_length=200, blank=True)
    first_seen_at = models.DateTimeField(default=clock.now)
    last_seen_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager["Identity"]] = models.Manager()

    class Meta:
        verbose_name_plural = "identities"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["kind", "realm", "value"], name="identity_once"),
            models.CheckConstraint(condition=~Q(value=""), name="identity_has_a_value"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            # Who has a mail address in another guise: customers.alike.
            models.Index(fields=["value"], condition=Q(kind__in=["portal", "visitor", "shop"]), name="guise_value"),
            models.Index(fields=["display"], condition=Q(kind__in=["portal", "visitor", "shop"]), name="guise_display"),
            # Who writes from a company's domain.
            models.Index(DomainOf("value"), condition=Q(kind="email"), name="identity_mail_domain"),
            # The customer search: words of addresses, and the end of a number.
            GinIndex(WordsOf(F("value"), F("display")), name="identity_words"),
            models.Index(
                Collate(Reverse("value"), "C"),
                condition=Q(kind__in=["phone", "whatsapp"]),
                name="identity_number_end",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}:{self.value}"

    @property
    def label(self) -> str:
        """The address as a person reads it."""
        return self.display or self.value

    @property
    def is_verified(self) -> bool:
        return self.verified_at is not None


class Consent(models.Model):
    """A customer's yes or no to one purpose on one identity; the newest row counts."""

    class Purpose(models.TextChoices):
        MARKETING = "marketing", _("News and offers")
        SURVEY = "survey", _("Surveys")
        RECORDING = "recording", _("Recording of calls")
        AUTOMATIC = "automatic", _("Automatic messages")

    class State(models.TextChoices):
        GIVEN = "given", _("Given")
        REFUSED = "refused", _("Refused")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    identity = models.ForeignKey(Identity, on_delete=models.CASCADE, related_name="consents")
    purpose = models.CharField(max_length=40, choices=Purpose)
    state = models.CharField(max_length=12, choices=State)
    source = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(default=clock.now)

    objects: ClassVar[models.Manager["Consent"]] = models.Manager()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["identity", "purpose", "-at"], name="consent_newest"),
        ]


class Segment(models.Model):
    """A saved condition that customers fulfil or not; customers.segments reads it."""

    NAME_MAX = 80

    name = models.CharField(max_length=NAME_MAX)
    folded = FoldedField(max_length=NAME_MAX * LONGER, unique=True)
    condition = models.JSONField(default=dict)

    objects: ClassVar[models.Manager["Segment"]] = models.Manager()

    def __str__(self) -> str:
        return self.name
