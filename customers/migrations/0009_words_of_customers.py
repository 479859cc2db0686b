"""The customer search: words of names and addresses; built beside the running desk."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import F
from django.db.models.functions import Collate, Reverse

from customers.wording import WordsOf

NUMBERS = models.Index(
    Collate(Reverse("value"), "C"),
    condition=models.Q(kind__in=["phone", "whatsapp"]),
    name="identity_number_end",
)


class Migration(migrations.Migration):

    # An index of a big table is built without stopping whoever writes; that knows no transaction.
    atomic = False
    dependencies = [("customers", "0008_mail_domains")]

    operations = [
        migrations.RunSQL("SET statement_timeout = 0", "SET statement_timeout = 0"),
        AddIndexConcurrently("company", GinIndex(WordsOf(F("name")), name="company_words")),
        AddIndexConcurrently("customer", GinIndex(WordsOf(F("name")), name="customer_words")),
        AddIndexConcurrently("identity", GinIndex(WordsOf(F("value"), F("display")), name="identity_words")),
        AddIndexConcurrently("identity", NUMBERS),
        migrations.RunSQL("RESET statement_timeout", "RESET statement_timeout"),
    ]
