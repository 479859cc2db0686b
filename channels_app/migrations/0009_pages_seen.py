from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('channels_app', '0008_hops_and_codes'),
    ]

    operations = [
        migrations.AddField(
            model_name='visitor',
            name='pages',
            field=models.JSONField(blank=True, default=list),
        ),
    ]
