"""What an export holds: each noun with its model, and what stays behind with the reason. A test knows all models."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.db import models

BLOBS, CHANNELS = "blobs", "channels"
# In an order in which they read well; what a row points to may stand later.
NOUNS = {
    "workspace": "agents.Workspace",
    "roles": "agents.Role",
    "teams": "agents.Team",
    "agents": "agents.Agent",
    "sign_in_addresses": "account.EmailAddress",
    "memberships": "agents.Membership",
    "skills": "agents.Skill",
    "skill_levels": "agents.SkillLevel",
    "shifts": "agents.Shift",
    "calendars": "agents.Calendar",
    "holidays": "agents.Holiday",
    "brands": "agents.Brand",
    "audit_rows": "agents.AuditRow",
    CHANNELS: "channels_app.Channel",
    "companies": "customers.Company",
    "company_domains": "customers.CompanyDomain",
    "custom_fields": "customers.CustomField",
    "customers": "customers.Customer",
    "identities": "customers.Identity",
    "consents": "customers.Consent",
    "segments": "customers.Segment",
    "topics": "conversations.Topic",
    "tags": "conversations.Tag",
    "customer_tags": "conversations.CustomerTag",
    "conversations": "conversations.Conversation",
    "conversation_tags": "conversations.ConversationTag",
    "participants": "conversations.Participant",
    "followers": "conversations.Follower",
    "threads": "conversations.Thread",
    "side_threads": "conversations.SideThread",
    "raw_events": "channels_app.RawEvent",
    "entries": "conversations.Entry",
    "messages": "conversations.Message",
    "message_versions": "conversations.MessageVersion",
    "recipients": "conversations.Recipient",
    "reactions": "conversations.Reaction",
    "amendments": "conversations.Amendment",
    "deliveries": "conversations.Delivery",
    "delivery_parts": "conversations.DeliveryPart",
    "pending_statuses": "conversations.PendingStatus",
    BLOBS: "conversations.Blob",
    "attachments": "conversations.Attachment",
    "pictures": "conversations.Picture",
    "facts": "conversations.Fact",
    "mentions": "conversations.Mention",
    "notifications": "conversations.Notification",
    "drafts": "conversations.Draft",
    "seen_markers": "conversations.SeenMarker",
    "saved_views": "conversations.SavedView",
    "merge_records": "conversations.MergeRecord",
    "suggestions": "conversations.Suggestion",
    "tasks": "conversations.Task",
    "notices": "conversations.Notice",
    "channel_logs": "channels_app.ChannelLog",
    "message_templates": "channels_app.MessageTemplate",
    "sandbox_messages": "channels_app.SandboxMessage",
    "customer_imports": "conversations.CustomerImport",
    "import_parts": "conversations.ImportPart",
    "import_problems": "conversations.ImportProblem",
    "customer_reads": "conversations.CustomerRead",
    "webhooks": "conversations.Webhook",
    "webhook_teams": "conversations.Webhook_teams",
    "webhook_deliveries": "conversations.WebhookDelivery",
}
LEFT_OUT = {
    "agents.ApiToken": "opens the API: make new ones",
    "agents.Invitation": "lets somebody in: invite anew",
    "agents.IdempotencyKey": "only kept for a day, for programs that ask twice",
    "agents.ExportRun": "belongs to the files of this desk",
    "agents.Agent_groups": "groups are not used; roles are",
    "agents.Agent_user_permissions": "single permissions are not used; roles are",
    "conversations.FileLink": "opens a file at this desk's address: send a link anew",
    "channels_app.Visitor": "holds the keys of browsers: whoever comes again is given a new one",
    "channels_app.VisitorLink": "opens a conversation at this desk's address: send a link anew",
    "channels_app.VisitorCode": "proves an address for ten minutes: ask for another",
    "channels_app.FollowUp": "only there so that a running desk mails nothing twice",
    "conversations.ImportKey": "only there while a file is checked",
    "conversations.Searchable": "the words of entries, which are kept anew",
    "conversations.SearchWalk": "how far that has come",
    "conversations.PushSubscription": "belongs to one browser and one desk",
    "conversations.Upload": "opens a file to the next call of a program: upload it anew",
    "auth.Permission": "written by the program itself",
    "auth.Group": "groups are not used; roles are",
    "auth.Group_permissions": "groups are not used; roles are",
    "contenttypes.ContentType": "written by the program itself",
    "sessions.Session": "everybody signs in again",
    "account.EmailConfirmation": "a key that was mailed to somebody",
    "mfa.Authenticator": "secrets of second factors: set up anew",
}
# Columns that stay behind: (what an import writes in their place, why).
HIDDEN: dict[str, dict[str, tuple[Any, str]]] = {
    "agents.Agent": {"password": ("!", "nobody signs in with a password that travelled")},
    "channels_app.Channel": {"sealed_config": ("", "holds secrets; what is none stands as `config`")},
    "conversations.Webhook": {"sealed_secrets": ("", "secrets do not travel: give each webhook a new one")},
    "conversations.Blob": {"content": ("\\x", "the files are members of their own, below blobs/")},
}


@dataclass(frozen=True, slots=True)
class Noun:
    """One kind of row. columns: those that are exported; defaults: what the others get, as JSON."""

    name: str
    table: str
    columns: tuple[str, ...]
    key: str
    defaults: dict[str, Any]

    @property
    def member(self) -> str:
        """Where its rows stand in the file."""
        return f"nouns/{self.name}.jsonl"


@cache
def all_nouns() -> dict[str, Noun]:
    """Return every noun by its name."""
    return {name: _noun(name, apps.get_model(label)) for name, label in NOUNS.items()}


def _noun(name: str, model: type[models.Model]) -> Noun:
    hidden = HIDDEN.get(model._meta.label, {})
    columns = [str(field.column) for field in model._meta.concrete_fields]
    defaults = {column: value for column, (value, _why) in hidden.items()}
    shown = tuple(column for column in columns if column not in hidden)
    return Noun(name, model._meta.db_table, shown, str(model._meta.pk.column), defaults)
