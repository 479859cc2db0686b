"""Who has a value in a custom field; built beside the running desk."""

import django.contrib.postgres.indexes
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False
    dependencies = [("customers", "0003_guises")]

    operations = [
        AddIndexConcurrently(
            "customer",
            django.contrib.postgres.indexes.GinIndex(
                condition=models.Q(("custom", {}), _negated=True), fields=["custom"], name="customer_custom"
            ),
        ),
    ]
