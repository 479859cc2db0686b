"""Files that are fetched from a provider again and again until they are here, and links to files."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import conversations.models.filelink
import helpdesk.lib.clock


class Migration(migrations.Migration):

    dependencies = [
        ('conversations', '0016_message_channels'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='attachment',
            name='attempts',
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='attachment',
            name='next_try_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.CreateModel(
            name='FileLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(max_length=64, unique=True)),
                ('filename', models.CharField(max_length=255)),
                ('made_at', models.DateTimeField(default=helpdesk.lib.clock.real)),
                ('expires_at', models.DateTimeField(default=conversations.models.filelink._in_time)),
                ('blob', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='links', to='conversations.blob')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
    ]
