#!/usr/bin/env python
"""Runs Telaio's management commands. A wrong environment ends in one sentence, not in a traceback."""

import os
import sys


def main() -> None:
    """Hand the command line to Django."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        settings.DEBUG  # noqa: B018 - reads the settings, so that a wrong variable is named before anything else
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"telaio: {error}")


if __name__ == "__main__":
    main()
