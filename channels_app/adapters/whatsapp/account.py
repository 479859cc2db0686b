"""Reading what Meta says of the account itself: templates, the number's standing, reviews. Pure."""

from channels_app.adapters._meta.reading import Change, Json, first, ignored, kept, mapping, text
from helpdesk.lib.events import Event, EventKind

# Which key says what is new; the first that says something (provider documentation, read 2026-11).
TEMPLATES = {
    "message_template_status_update": ("event",),
    "message_template_quality_update": ("new_quality_score",),
    "message_template_components_update": ("event", "message_template_status"),
    "template_category_update": ("new_category", "correct_category"),
    "template_correct_category_detection": ("correct_category", "new_category"),
}
ACCOUNT = {
    "account_update": ("event",),
    "account_alerts": ("alert_type", "alert_severity"),
    "account_review_update": ("decision",),
    "account_settings_update": ("type",),
    "business_capability_update": ("max_daily_conversations_per_business", "max_daily_conversation_per_phone"),
    "business_status_update": ("event",),
    "phone_number_name_update": ("decision",),
    "phone_number_quality_update": ("event", "current_limit"),
    "phone_number_settings": ("event",),
    "payment_configuration_update": ("status",),
    "partner_solutions": ("event",),
    "security": ("event",),
    "user_id_update": ("event",),
}
KEPT = (
    "display_phone_number", "current_limit", "old_limit", "max_daily_conversations_per_business", "phone_number",
    "requested_verified_name", "rejection_reason", "alert_severity", "alert_status", "alert_description", "entity_type",
    "requester", "country",
)  # fmt: skip


def read(change: Change) -> Event:
    """Understand a change that holds no message; unknown ones are ignored."""
    name, value = change.field, change.value
    if name in TEMPLATES or "message_template_id" in value:
        return _template(change, TEMPLATES.get(name, ("event",)))
    if name in ACCOUNT:
        return Event(
            kind=EventKind.ACCOUNT,
            status=first(*(value.get(key) for key in ACCOUNT[name])) or name,
            error=first(mapping(value.get("ban_info")).get("waba_ban_state"), _violation(value))[:500],
            occurred_at=change.at,
            details=kept(field=name, **{key: value.get(key) for key in KEPT}),
        )
    return ignored(f"A report of a kind we do not use: “{name[:80]}”.", occurred_at=change.at)


def _template(change: Change, keys: tuple[str, ...]) -> Event:
    value = change.value
    rejection = mapping(value.get("rejection_info"))
    reason = text(value.get("reason"))
    return Event(
        kind=EventKind.TEMPLATE,
        target_id=text(value.get("message_template_id")),
        status=first(*(value.get(key) for key in keys)),
        error=first(rejection.get("reason"), "" if reason == "NONE" else reason)[:500],
        occurred_at=change.at,
        details=kept(
            field=change.field,
            name=value.get("message_template_name"),
            language=value.get("message_template_language"),
            category=first(value.get("new_category"), value.get("message_template_category")),
            recommendation=rejection.get("recommendation"),
            previous=first(value.get("previous_quality_score"), value.get("previous_category")),
        ),
    )


def _violation(value: Json) -> str:
    given = mapping(value.get("violation_info"))
    return text(given.get("violation_type"))
