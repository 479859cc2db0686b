from django.db import migrations, models


class Migration(migrations.Migration):
    """Only the words: nothing changes in the database."""

    dependencies = [
        ('conversations', '0019_amendments'),
    ]

    operations = [
        migrations.AlterField(
            model_name='amendment',
            name='act',
            field=models.CharField(choices=[('react', 'Reaction'), ('edit', 'Edit'), ('withdraw', 'Withdrawal'), ('hide', 'Hiding'), ('show', 'Showing again')], max_length=8),
        ),
    ]
