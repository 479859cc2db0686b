"""The composition root as a Django app: it brings commands and checks, and owns no domain."""

from django.apps import AppConfig


class HelpdeskConfig(AppConfig):
    name = "helpdesk"

    def ready(self) -> None:
        """Register the checks of unsafe settings."""
        from helpdesk import checks  # noqa: F401 - registering is what importing does
