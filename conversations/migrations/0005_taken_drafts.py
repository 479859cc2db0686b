"""A draft remembers who took it over, and an entry tells it."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("conversations", "0004_fewer_indexes"),
    ]

    operations = [
        migrations.AddField(
            model_name='draft',
            name='taken',
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AlterField(
            model_name='entry',
            name='kind',
            field=models.CharField(choices=[('message', 'Message'), ('note', 'Note'), ('status', 'Status'), ('assignment', 'Assignment'), ('topic', 'Topic'), ('priority', 'Priority'), ('tags', 'Tags'), ('took_part', 'Took part'), ('draft', 'Draft'), ('identity', 'Identity'), ('consent', 'Consent'), ('profile', 'Profile'), ('merge', 'Merge'), ('call', 'Call'), ('visit', 'Visit'), ('order', 'Order'), ('form', 'Form'), ('survey', 'Survey'), ('task', 'Task'), ('clock', 'Clock'), ('custom', 'Custom')], max_length=12),
        ),
    ]
