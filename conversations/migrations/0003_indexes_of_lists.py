"""The indexes by which each scope of an inbox list is read; built beside the running desk, old ones go afterwards."""

import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    # Indexes of big tables are built without stopping whoever writes; that knows no transaction.
    atomic = False

    dependencies = [
        ("agents", "0002_first_rows"),
        ("channels_app", "0002_channel_look"),
        ("conversations", "0002_draft_names"),
        ("customers", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        # It may take longer than any statement of the desk may; the locks are still waited for briefly.
        migrations.RunSQL("SET statement_timeout = 0", "SET statement_timeout = 0"),
        AddIndexConcurrently(
            model_name='conversation',
            index=models.Index(condition=models.Q(('is_spam', False), ('status__in', ['open', 'waiting'])), fields=['assignee', 'next_due_at', 'id'], include=('last_inbound_seq',), name='conversation_owner_due'),
        ),
        AddIndexConcurrently(
            model_name='conversation',
            index=models.Index(condition=models.Q(('is_spam', False), ('status__in', ['open', 'waiting'])), fields=['team', 'next_due_at', 'id'], name='conversation_team_due'),
        ),
        AddIndexConcurrently(
            model_name='conversation',
            index=models.Index(condition=models.Q(('assignee', None), ('is_spam', False), ('status__in', ['open', 'waiting'])), fields=['team', 'next_due_at', 'id'], name='conversation_unassigned'),
        ),
        AddIndexConcurrently(
            model_name='conversation',
            index=models.Index(condition=models.Q(('is_spam', False)), fields=['team', '-last_entry_at', '-id'], name='conversation_team_newest'),
        ),
        AddIndexConcurrently(
            model_name='conversation',
            index=models.Index(condition=models.Q(('is_spam', False)), fields=['assignee', '-last_entry_at', '-id'], name='conversation_owner_newest'),
        ),
        AddIndexConcurrently(
            model_name='conversation',
            index=models.Index(condition=models.Q(('status', 'snoozed')), fields=['team', 'snoozed_until', 'id'], name='conversation_team_snoozed'),
        ),
        AddIndexConcurrently(
            model_name='conversation',
            index=models.Index(condition=models.Q(('status', 'snoozed')), fields=['assignee', 'snoozed_until', 'id'], name='conversation_owner_snoozed'),
        ),
        AddIndexConcurrently(
            model_name='entry',
            index=models.Index(condition=models.Q(('by__isnull', False)), fields=['by', '-occurred_at'], name='entry_by_agent'),
        ),
        RemoveIndexConcurrently(
            model_name='conversation',
            name='conversation_of_owner',
        ),
        RemoveIndexConcurrently(
            model_name='conversation',
            name='conversation_of_team',
        ),
        migrations.AlterField(
            model_name='conversation',
            name='assignee',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='conversations', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='conversation',
            name='customer',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='conversations', to='customers.customer'),
        ),
        migrations.AlterField(
            model_name='conversation',
            name='team',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='conversations', to='agents.team'),
        ),
        migrations.AlterField(
            model_name='entry',
            name='by',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='entries', to=settings.AUTH_USER_MODEL),
        ),
        migrations.RunSQL("RESET statement_timeout", "RESET statement_timeout"),
    ]
