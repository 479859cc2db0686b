"""What a message tells is kept by its entry, with the time a promise is due."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("conversations", "0007_suggestions"),
        ('customers', '0001_initial'),
    ]

    operations = [
        migrations.RemoveField(
            model_name='fact',
            name='conversation',
        ),
        migrations.RemoveField(
            model_name='fact',
            name='label',
        ),
        migrations.AddField(
            model_name='fact',
            name='due_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='fact',
            name='told_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='fact',
            name='what',
            field=models.CharField(blank=True, choices=[('order', 'Order'), ('tracking', 'Tracking number'), ('address', 'Address'), ('phone', 'Phone'), ('product', 'Product')], max_length=12),
        ),
        migrations.AlterField(
            model_name='entry',
            name='kind',
            field=models.CharField(choices=[('message', 'Message'), ('note', 'Note'), ('status', 'Status'), ('assignment', 'Assignment'), ('topic', 'Topic'), ('priority', 'Priority'), ('tags', 'Tags'), ('took_part', 'Took part'), ('draft', 'Draft'), ('identity', 'Identity'), ('consent', 'Consent'), ('profile', 'Profile'), ('merge', 'Merge'), ('fact', 'Known thing'), ('call', 'Call'), ('visit', 'Visit'), ('order', 'Order'), ('form', 'Form'), ('survey', 'Survey'), ('task', 'Task'), ('clock', 'Clock'), ('custom', 'Custom')], max_length=12),
        ),
        migrations.AlterField(
            model_name='fact',
            name='customer',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='facts', to='customers.customer'),
        ),
        migrations.AlterField(
            model_name='fact',
            name='entry',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='facts', to='conversations.entry'),
        ),
        migrations.AlterField(
            model_name='notification',
            name='kind',
            field=models.CharField(choices=[('reply', 'Reply in my conversation'), ('assigned', 'Assigned to me'), ('mention', 'Mention'), ('promise', 'Promise overdue')], max_length=12),
        ),
        migrations.AddIndex(
            model_name='fact',
            index=models.Index(condition=models.Q(('what', 'order')), fields=['value'], name='fact_order'),
        ),
        migrations.AddIndex(
            model_name='fact',
            index=models.Index(condition=models.Q(('is_current', False)), fields=['customer', 'what', 'value'], name='fact_dismissed'),
        ),
        migrations.AddIndex(
            model_name='fact',
            index=models.Index(condition=models.Q(('is_current', True), ('kind', 'promised'), ('told_at', None)), fields=['due_at'], name='fact_promise_due'),
        ),
        migrations.AddConstraint(
            model_name='fact',
            constraint=models.UniqueConstraint(fields=('entry', 'kind', 'what', 'value'), name='fact_once'),
        ),
    ]
