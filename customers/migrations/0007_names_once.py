"""One company and one segment of each name, whatever its case and spaces."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("customers", "0006_fold_names")]

    operations = [
        migrations.AlterField("company", "folded", models.CharField(editable=False, max_length=600, unique=True)),
        migrations.AlterField("segment", "folded", models.CharField(editable=False, max_length=240, unique=True)),
        migrations.AlterField("segment", "name", models.CharField(max_length=80)),
    ]
