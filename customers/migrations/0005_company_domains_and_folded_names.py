"""Domains of companies become rows (nothing ever filled the old column); names get a folded form, filled in next."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("customers", "0004_details_index")]

    operations = [
        migrations.RemoveField("company", "domains"),
        migrations.CreateModel(
            name="CompanyDomain",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("domain", models.CharField(max_length=253, unique=True)),
                ("company", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="domains", to="customers.company")),
            ],
            options={"ordering": ["domain"]},
        ),
        migrations.AddField("company", "folded", models.CharField(default="", editable=False, max_length=600), preserve_default=False),
        migrations.AddField("segment", "folded", models.CharField(default="", editable=False, max_length=240), preserve_default=False),
    ]
