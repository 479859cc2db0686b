"""A notice says its text in several languages; who is answered how fast is found by an index."""

import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import F, Q


def give_language(apps, schema_editor):
    """What stands there was written in the language of the brand that customers see first."""
    brand = apps.get_model("agents", "Brand").objects.filter(is_default=True).first()
    language = brand.language if brand else settings.LANGUAGE_CODE
    for notice in apps.get_model("conversations", "Notice").objects.all():
        notice.texts = {language: notice.text or "…"}
        # Nothing made it sure until now.
        if notice.ends_at is not None and notice.ends_at <= notice.starts_at:
            notice.ended_at, notice.ends_at = notice.ends_at, None
        notice.save(update_fields=["texts", "ends_at", "ended_at"])


def take_language(apps, schema_editor):
    for notice in apps.get_model("conversations", "Notice").objects.all():
        notice.text = next(iter(notice.texts.values()))
        notice.ends_at = notice.ended_at or notice.ends_at
        notice.save(update_fields=["text", "ends_at"])


class Migration(migrations.Migration):

    # Indexes of big tables are built without stopping whoever writes; that knows no transaction.
    atomic = False

    dependencies = [
        ("agents", "0010_profile_pictures"),
        ("conversations", "0023_whose_uploads"),
    ]

    operations = [
        migrations.AddField("notice", "texts", models.JSONField(default=dict)),
        migrations.AddField("notice", "ended_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("notice", "shows_agents", models.BooleanField(default=True)),
        migrations.AddField("notice", "shows_customers", models.BooleanField(default=True)),
        migrations.AddField(
            "notice",
            "brand",
            models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name="notices", to="agents.brand"),
        ),
        # So that it can be given up again without a text.
        migrations.AlterField("notice", "text", models.CharField(max_length=500, default="")),
        migrations.RunPython(give_language, take_language, atomic=True),
        migrations.RemoveField("notice", "text"),
        migrations.AddConstraint("notice", models.CheckConstraint(condition=~Q(texts={}), name="notice_says_something")),
        migrations.AddConstraint(
            "notice",
            models.CheckConstraint(condition=Q(shows_agents=True) | Q(shows_customers=True), name="notice_shown_somewhere"),
        ),
        migrations.AddConstraint(
            "notice",
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=F("starts_at")), name="notice_ends_after_it_starts"
            ),
        ),
        migrations.RunSQL("SET statement_timeout = 0", "SET statement_timeout = 0"),
        AddIndexConcurrently(
            "conversation",
            models.Index(
                condition=Q(("first_reply_at__isnull", False), ("is_spam", False)),
                fields=["team", "last_channel_kind", "-first_reply_at"],
                name="conversation_first_replies",
            ),
        ),
        migrations.RunSQL("RESET statement_timeout", "RESET statement_timeout"),
    ]
