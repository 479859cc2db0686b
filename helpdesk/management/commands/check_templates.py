"""Compiles every template of ours, so that a wrong tag is found before somebody opens the page."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import CommandError
from django.core.management.base import BaseCommand
from django.template import TemplateSyntaxError
from django.template.loader import get_template


class Command(BaseCommand):
    """`manage.py check_templates`: exits 1 and names each template that does not compile."""

    help = "Compiles every template."

    def handle(self, *args: Any, **options: Any) -> None:
        """Compile all, then complain about all."""
        names = sorted(_names())
        faults = [fault for name in names if (fault := _fault(name))]
        if faults:
            raise CommandError("\n".join(faults))
        self.stdout.write(f"{len(names)} templates compile")


def _names() -> set[str]:
    folders = [Path(folder) for folder in settings.TEMPLATES[0]["DIRS"]]
    return {
        str(file.relative_to(folder))
        for folder in folders
        for file in folder.rglob("*")
        if file.suffix in {".html", ".txt"}
    }


def _fault(name: str) -> str:
    try:
        get_template(name)
    except (TemplateSyntaxError, UnicodeDecodeError) as error:
        return f"{name}: {error}"
    return ""
