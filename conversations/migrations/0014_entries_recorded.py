"""What happened since is found by a small index; built beside the running desk."""

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations


class Migration(migrations.Migration):

    # Indexes of big tables are built without stopping whoever writes; that knows no transaction.
    atomic = False

    dependencies = [
        ("conversations", "0013_searchable"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        # It may take longer than any statement of the desk may; the locks are still waited for briefly.
        migrations.RunSQL("SET statement_timeout = 0", "SET statement_timeout = 0"),
        AddIndexConcurrently(
            model_name='entry',
            index=BrinIndex(autosummarize=True, fields=['recorded_at'], name='entry_recorded'),
        ),
        migrations.RunSQL("RESET statement_timeout", "RESET statement_timeout"),
    ]
