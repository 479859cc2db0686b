"""Notes, calls and orders of a long timeline are found by an index; built beside the running desk."""

from django.conf import settings
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    # Indexes of big tables are built without stopping whoever writes; that knows no transaction.
    atomic = False

    dependencies = [
        ("channels_app", "0003_fewer_indexes"),
        ("conversations", "0008_facts"),
        ("customers", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        # It may take longer than any statement of the desk may; the locks are still waited for briefly.
        migrations.RunSQL("SET statement_timeout = 0", "SET statement_timeout = 0"),
        AddIndexConcurrently(
            model_name='entry',
            index=models.Index(condition=models.Q(('kind', 'message'), _negated=True), fields=['customer', 'kind', '-occurred_at', '-id'], name='entry_of_kind'),
        ),
        migrations.RunSQL("RESET statement_timeout", "RESET statement_timeout"),
    ]
