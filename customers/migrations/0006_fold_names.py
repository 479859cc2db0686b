"""Fills the folded names in. Companies of one name become the oldest of them; segments keep both names.

May be run again after it was stopped: what is folded is left alone.
"""

import unicodedata

from django.db import migrations

BATCH = 1_000
INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff\u200e\u200f\u202a\u202b\u202c\u202d\u202e"))


def fold(name):
    plain = unicodedata.normalize("NFC", name).translate(INVISIBLE)
    return " ".join("".join(" " if unicodedata.category(one) in {"Cc", "Cs"} else one for one in plain).casefold().split())


def companies(apps, schema_editor):
    company, customer = apps.get_model("customers", "Company"), apps.get_model("customers", "Customer")
    while rows := list(company.objects.filter(folded="").order_by("pk")[:BATCH]):
        for row in rows:
            row.folded = fold(row.name) or f"#{row.pk}"
            first = company.objects.filter(folded=row.folded).order_by("pk").first()
            if first is None:
                row.save(update_fields=["folded"])
            else:
                customer.objects.filter(company=row).update(company=first)
                row.delete()


def segments(apps, schema_editor):
    segment = apps.get_model("customers", "Segment")
    while rows := list(segment.objects.filter(folded="").order_by("pk")[:BATCH]):
        for row in rows:
            row.folded = fold(row.name) or f"#{row.pk}"
            if segment.objects.filter(folded=row.folded).exists():
                row.name = f"{row.name[:60]} ({row.pk})"
                row.folded = fold(row.name)
            row.save(update_fields=["name", "folded"])


class Migration(migrations.Migration):

    dependencies = [("customers", "0005_company_domains_and_folded_names")]

    operations = [
        migrations.RunPython(companies, migrations.RunPython.noop),
        migrations.RunPython(segments, migrations.RunPython.noop),
    ]
