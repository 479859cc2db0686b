"""Webhooks out, and the log of what was sent."""

import django.db.models.deletion
import helpdesk.lib.clock
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('agents', '0004_order_pattern'),
        ('conversations', '0010_customer_tags'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Webhook',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80)),
                ('url', models.CharField(max_length=2000)),
                ('sealed_secrets', models.TextField()),
                ('former_until', models.DateTimeField(blank=True, null=True)),
                ('groups', models.JSONField(default=list)),
                ('is_on', models.BooleanField(default=True)),
                ('off_at', models.DateTimeField(blank=True, null=True)),
                ('off_reason', models.CharField(blank=True, choices=[('person', 'Switched off'), ('failing', 'Switched off: nothing got through for three days'), ('gone', 'Switched off: the receiver says that it is gone for good')], max_length=8)),
                ('failing_since', models.DateTimeField(blank=True, null=True)),
                ('failures', models.PositiveIntegerField(default=0)),
                ('rest_until', models.DateTimeField(blank=True, null=True)),
                ('made_at', models.DateTimeField(default=helpdesk.lib.clock.real)),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('teams', models.ManyToManyField(blank=True, related_name='+', to='agents.team')),
            ],
            options={
                'ordering': ['name', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='WebhookDelivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('event_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('event', models.CharField(max_length=20)),
                ('lane', models.PositiveSmallIntegerField(default=0)),
                ('state', models.CharField(choices=[('queued', 'Waiting'), ('sending', 'Being sent'), ('retry', 'Will be tried again'), ('delivered', 'Delivered'), ('failed', 'Failed'), ('withheld', 'Withheld'), ('dropped', 'Left out')], default='queued', max_length=10)),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('queued_at', models.DateTimeField(default=helpdesk.lib.clock.real)),
                ('next_try_at', models.DateTimeField(default=helpdesk.lib.clock.real)),
                ('claimed_at', models.DateTimeField(blank=True, null=True)),
                ('tried_at', models.DateTimeField(blank=True, null=True)),
                ('body_sha256', models.CharField(blank=True, max_length=64)),
                ('status_code', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('error_code', models.CharField(blank=True, max_length=20)),
                ('answer', models.TextField(blank=True)),
                ('duration_ms', models.PositiveIntegerField(blank=True, null=True)),
                ('entry', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='conversations.entry')),
                ('webhook', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='conversations.webhook')),
            ],
            options={
                'verbose_name_plural': 'webhook deliveries',
                'indexes': [models.Index(condition=models.Q(('state__in', ['queued', 'retry'])), fields=['webhook', 'lane', 'next_try_at', 'id'], name='webhook_due'), models.Index(condition=models.Q(('state__in', ['failed', 'dropped'])), fields=['webhook', 'queued_at'], name='webhook_unsent'), models.Index(condition=models.Q(('state', 'sending')), fields=['claimed_at'], name='webhook_claimed'), models.Index(fields=['webhook', '-id'], name='webhook_log'), models.Index(fields=['queued_at'], name='webhook_old')],
                'constraints': [models.UniqueConstraint(fields=('webhook', 'entry'), name='webhook_entry_once')],
            },
        ),
    ]
