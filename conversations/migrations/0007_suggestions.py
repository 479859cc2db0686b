"""Who may be one person."""

import django.db.models.deletion
import helpdesk.lib.clock
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("conversations", "0006_pinned_notes"),
        ('customers', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Suggestion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('score', models.PositiveSmallIntegerField(default=0)),
                ('reasons', models.JSONField(default=list)),
                ('state', models.CharField(choices=[('open', 'Open'), ('accepted', 'Accepted'), ('rejected', 'Rejected')], default='open', max_length=8)),
                ('found_at', models.DateTimeField(default=helpdesk.lib.clock.now)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('one', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='suggestions_as_older', to='customers.customer')),
                ('two', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='suggestions_as_newer', to='customers.customer')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('one', 'two'), name='suggestion_once'), models.CheckConstraint(condition=models.Q(('one__lt', models.F('two'))), name='suggestion_older_first')],
            },
        ),
    ]
