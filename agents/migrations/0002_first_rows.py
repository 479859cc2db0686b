"""The four roles, the default brand and the workspace row."""

from typing import Any

from django.db import migrations

ROLES = [
    {"slug": "admin", "name": "Administrator", "sight": "all", "can_supervise": True, "can_administer": True},
    {"slug": "supervisor", "name": "Supervisor", "sight": "all", "can_supervise": True},
    {"slug": "agent", "name": "Agent", "sight": "teams"},
    {"slug": "light", "name": "Light agent", "sight": "teams", "can_reply": False},
]


def add(apps: Any, schema_editor: Any) -> None:
    """Add what is missing; safe to run twice."""
    role, brand, workspace = (apps.get_model("agents", name) for name in ("Role", "Brand", "Workspace"))
    for row in ROLES:
        role.objects.get_or_create(slug=row["slug"], defaults=row)
    brand.objects.get_or_create(is_default=True, defaults={"name": "Telaio"})
    workspace.objects.get_or_create(pk=1)


class Migration(migrations.Migration):
    dependencies = [("agents", "0001_initial")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
