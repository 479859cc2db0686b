"""Agents, the teams they are members of, and the role that says what they may see."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.models import PermissionsMixin
from django.core.validators import validate_email
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from helpdesk.lib import clock


class Role(models.Model):
    """What a kind of agent may see and change. The four built in are made by a migration; the first stays as it is."""

    NAME_MAX = 80
    ADMIN = "admin"
    # What the built-in ones are called until somebody names them otherwise.
    BUILT_IN: ClassVar[dict[str, str]] = {
        ADMIN: gettext_noop("Administrator"),
        "supervisor": gettext_noop("Supervisor"),
        "agent": gettext_noop("Agent"),
        "light": gettext_noop("Light agent"),
    }

    class Sight(models.TextChoices):
        ALL = "all", _("Everything")
        TEAMS = "teams", _("Their teams")
        OWN = "own", _("Their own")

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=NAME_MAX)
    sight = models.CharField(max_length=8, choices=Sight, default=Sight.TEAMS)
    reads_whole_timelines = models.BooleanField(default=True)
    can_reply = models.BooleanField(default=True)
    can_supervise = models.BooleanField(default=False)
    can_administer = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name

    @property
    def is_built_in(self) -> bool:
        return self.slug in self.BUILT_IN

    @property
    def label(self) -> str:
        """The name as the reader knows it: that of a built-in role is translated as long as it is ours."""
        return gettext(self.name) if self.name == self.BUILT_IN.get(self.slug) else self.name


class Team(models.Model):
    """Agents who share a queue. Conversations of a private team do not exist for outsiders."""

    NAME_MAX = 80

    name = models.CharField(max_length=NAME_MAX, unique=True)
    slug = models.SlugField(unique=True)
    is_private = models.BooleanField(default=False)
    calendar = models.ForeignKey("Calendar", null=True, blank=True, on_delete=models.PROTECT, related_name="teams")

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name


class AgentManager(BaseUserManager["Agent"]):
    """Makes agents; addresses are compared without case. Nearly every question needs the role too."""

    def get_queryset(self) -> "models.QuerySet[Agent]":
        return super().get_queryset().select_related("role")

    def people(self) -> "models.QuerySet[Agent]":
        """Those who can be given work and named: people who still work here, no services."""
        return self.filter(is_active=True, is_service=False)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "Agent":
        """Create an agent who signs in with this address. Raises ValidationError."""
        validate_email(email)
        agent = self.model(email=email.strip().lower(), **fields)
        agent.set_password(password)
        agent.save(using=self._db)
        return agent

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "Agent":
        """Create an administrator (manage.py createsuperuser)."""
        fields.setdefault("role", Role.objects.get(slug="admin"))
        return self.create_user(email, password, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "Agent":
        return self.get(email=(username or "").strip().lower())


class Agent(AbstractBaseUser, PermissionsMixin):
    """Somebody who works here; signs in with an address."""

    class Theme(models.TextChoices):
        SYSTEM = "system", _("As the system")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    class Density(models.TextChoices):
        COMFORTABLE = "comfortable", _("Comfortable")
        COMPACT = "compact", _("Compact")

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="agents")
    teams = models.ManyToManyField(Team, through="agents.Membership", related_name="agents")
    language = models.CharField(max_length=8, default="en")
    time_zone = models.CharField(max_length=64, default="UTC")
    theme = models.CharField(max_length=8, choices=Theme, default=Theme.SYSTEM)
    density = models.CharField(max_length=16, choices=Density, default=Density.COMFORTABLE)
    has_shortcuts = models.BooleanField(default=True)
    shortcuts = models.JSONField(default=dict, blank=True)
    signature = models.TextField(blank=True)
    undo_seconds = models.PositiveSmallIntegerField(default=10)
    is_active = models.BooleanField(default=True)
    # How often all their sessions were ended: those of before stay dead when an agent comes back.
    locked_out_count = models.PositiveIntegerField(default=0, db_default=0)
    # A program that works here: has a role and teams, and tokens, but no log-in, and no work is given to it.
    is_service = models.BooleanField(default=False)
    joined_at = models.DateTimeField(default=clock.now)

    # For the length of one request: agents.permissions.keep_sight.
    kept_sight: object = None

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects: ClassVar[AgentManager] = AgentManager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(Lower("email"), name="agent_email_without_case"),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def initials(self) -> str:
        """The first letters of the first and last name."""
        words = (self.name or self.email).split()
        return (words[0][:1] + (words[-1][:1] if len(words) > 1 else "")).upper()

    @property
    def first_name(self) -> str:
        return (self.name or self.email).split()[0]

    @property
    def is_staff(self) -> bool:
        return self.is_superuser

    @property
    def is_invited(self) -> bool:
        """Whether they never came: they have no password yet."""
        return not self.password or self.password.startswith(UNUSABLE_PASSWORD_PREFIX)

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        found: str = super()._get_session_auth_hash(secret)  # type: ignore[misc]
        return f"{found}{self.locked_out_count}" if self.locked_out_count else found

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return self.first_name


class Membership(models.Model):
    """An agent's place in a team."""

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="memberships")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    is_lead = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["agent", "team"], name="membership_once"),
        ]


class Skill(models.Model):
    """Something an agent can do that routing may ask for (a language, a product)."""

    name = models.CharField(max_length=80, unique=True)

    def __str__(self) -> str:
        return self.name


class SkillLevel(models.Model):
    """How well an agent has a skill: 1 (a little) to 5 (expert)."""

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="skill_levels")
    skill = models.ForeignKey(Skill, on_delete=models.CASCADE, related_name="levels")
    level = models.PositiveSmallIntegerField(default=3)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["agent", "skill"], name="skill_level_once"),
            models.CheckConstraint(condition=models.Q(level__gte=1, level__lte=5), name="skill_level_1_to_5"),
        ]


class Shift(models.Model):
    """A span of time an agent is planned to work."""

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="shifts")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("starts_at")), name="shift_ends_later"),
        ]
