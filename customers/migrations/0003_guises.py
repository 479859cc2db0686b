"""Who has a mail address in another guise; built beside the running desk."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

KINDS = ["portal", "visitor", "shop"]


class Migration(migrations.Migration):

    atomic = False
    dependencies = [("customers", "0002_consent_purposes")]

    operations = [
        AddIndexConcurrently(
            "identity", models.Index(fields=["value"], condition=models.Q(kind__in=KINDS), name="guise_value")
        ),
        AddIndexConcurrently(
            "identity", models.Index(fields=["display"], condition=models.Q(kind__in=KINDS), name="guise_display")
        ),
    ]
