"""The composition root as a Django app: it brings commands, refuses unsafe settings, and owns no domain."""

from django.apps import AppConfig

from helpdesk import checks


class HelpdeskConfig(AppConfig):
    name = "helpdesk"

    def ready(self) -> None:
        """Stop every process, whatever started it, when the settings are unsafe."""
        checks.refuse_unsafe()
