"""The files that wait for being fetched are found by an index; built beside the running desk."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    # Indexes of big tables are built without stopping whoever writes; that knows no transaction.
    atomic = False

    dependencies = [
        ('conversations', '0017_fetched_files'),
    ]

    operations = [
        # It may take longer than any statement of the desk may; the locks are still waited for briefly.
        migrations.RunSQL("SET statement_timeout = 0", "SET statement_timeout = 0"),
        AddIndexConcurrently(
            model_name='attachment',
            index=models.Index(condition=models.Q(('state', 'waiting')), fields=['next_try_at', 'id'], name='attachment_to_fetch'),
        ),
        migrations.RunSQL("RESET statement_timeout", "RESET statement_timeout"),
    ]
