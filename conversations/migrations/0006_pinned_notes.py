"""Pinned notes of a customer are found by an index."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("channels_app", "0003_fewer_indexes"),
        ("conversations", "0005_taken_drafts"),
        ('customers', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name='entry',
            index=models.Index(condition=models.Q(('data__pinned', True), ('kind', 'note')), fields=['customer'], name='entry_pinned'),
        ),
    ]
