"""How the order numbers of this shop look."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('agents', '0003_workspace_held_since'),
    ]

    operations = [
        migrations.AddField(
            model_name='workspace',
            name='order_pattern',
            field=models.CharField(blank=True, max_length=200),
        ),
    ]
