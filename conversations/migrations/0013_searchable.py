"""What a search looks through. Old messages are read by the sweep (conversations.searching.filling.walk)."""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("conversations", "0012_customer_reads")]

    operations = [
        migrations.CreateModel(
            name="SearchWalk",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("below", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="Searchable",
            fields=[
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="searchable",
                        serialize=False,
                        to="conversations.entry",
                    ),
                ),
                ("vector", django.contrib.postgres.search.SearchVectorField()),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["vector"], gin_pending_list_limit=512, name="searchable_vector"
                    )
                ],
            },
        ),
        # Never filled. The column itself goes a release later, when no process knows it any more.
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.RemoveField(model_name="message", name="search")]
        ),
    ]
