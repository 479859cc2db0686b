"""Tags on customers."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('conversations', '0009_entries_of_a_kind'),
        ('customers', '0004_details_index'),
    ]

    operations = [
        migrations.CreateModel(
            name='CustomerTag',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='customer_tags', to='customers.customer')),
                ('tag', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='customer_tags', to='conversations.tag')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('customer', 'tag'), name='customer_tag_once')],
            },
        ),
    ]
