"""The index of the channel alone goes: the unique one begins with it."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    # Each index goes by itself, so that its table is locked for a moment only.
    atomic = False

    dependencies = [
        ('channels_app', '0002_channel_look'),
    ]

    operations = [
        migrations.AlterField(
            model_name='rawevent',
            name='channel',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='raw_events', to='channels_app.channel'),
        ),
    ]
