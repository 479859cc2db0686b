"""Indexes of one column go where a longer one begins with it: each costs CPU at every message that is filed."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    # Each index goes by itself, so that its table is locked for a moment only.
    atomic = False

    dependencies = [
        ('channels_app', '0003_fewer_indexes'),
        ('conversations', '0003_indexes_of_lists'),
        ('customers', '0001_initial'),
    ]

    operations = [
        migrations.AlterField(
            model_name='entry',
            name='conversation',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='conversations.conversation'),
        ),
        migrations.AlterField(
            model_name='entry',
            name='customer',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='customers.customer'),
        ),
        migrations.AlterField(
            model_name='message',
            name='channel',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='channels_app.channel'),
        ),
        migrations.AlterField(
            model_name='message',
            name='customer',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='customers.customer'),
        ),
        migrations.AlterField(
            model_name='thread',
            name='channel',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='threads', to='channels_app.channel'),
        ),
    ]
