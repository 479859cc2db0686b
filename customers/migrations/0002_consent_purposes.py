"""What somebody may say yes or no to is a list."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0001_initial'),
    ]

    operations = [
        migrations.AlterField(
            model_name='consent',
            name='purpose',
            field=models.CharField(choices=[('marketing', 'News and offers'), ('survey', 'Surveys'), ('recording', 'Recording of calls')], max_length=40),
        ),
    ]
