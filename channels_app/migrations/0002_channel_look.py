from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('channels_app', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='channel',
            name='look',
            field=models.CharField(blank=True, max_length=20),
        ),
    ]
