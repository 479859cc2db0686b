"""Somebody may want no automatic messages and still be answered by people."""

from django.db import migrations, models

PURPOSES = [
    ("marketing", "News and offers"),
    ("survey", "Surveys"),
    ("recording", "Recording of calls"),
    ("automatic", "Automatic messages"),
]


class Migration(migrations.Migration):

    dependencies = [("customers", "0009_words_of_customers")]

    operations = [migrations.AlterField("consent", "purpose", models.CharField(choices=PURPOSES, max_length=40))]
