"""Who writes from a company's domain; built beside the running desk."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

import customers.models


class Migration(migrations.Migration):

    # An index of a big table is built without stopping whoever writes; that knows no transaction.
    atomic = False
    dependencies = [("customers", "0007_names_once")]

    operations = [
        migrations.RunSQL("SET statement_timeout = 0", "SET statement_timeout = 0"),
        AddIndexConcurrently(
            "identity",
            models.Index(
                customers.models.DomainOf("value"), condition=models.Q(kind="email"), name="identity_mail_domain"
            ),
        ),
        migrations.RunSQL("RESET statement_timeout", "RESET statement_timeout"),
    ]
