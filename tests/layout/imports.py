"""Who may import whom (docs/architecture.md, "Imports point down")."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.layout.source import OWN, FunctionNode, Problem, Source, calls, dotted, own

_LOWER = {"helpdesk.lib"}
_TO_CONVERSATIONS = _LOWER | {"agents", "customers", "conversations"}
MAY_IMPORT: dict[str, set[str]] = {
    "helpdesk.lib": set(),
    "agents": _LOWER,
    "customers": _LOWER | {"agents"},
    "conversations": _LOWER | {"agents", "customers"},
    "channels_app": _TO_CONVERSATIONS,
    "calls": _TO_CONVERSATIONS | {"channels_app"},
    "automation": _TO_CONVERSATIONS,
    "commerce": _TO_CONVERSATIONS,
    "knowledge": _TO_CONVERSATIONS,
    "quality": _TO_CONVERSATIONS,
    "reports": {"helpdesk.lib", *OWN} - {"helpdesk"},
    "helpdesk": {"helpdesk.lib", *OWN},
}
# A function-local import of our own code that Django itself needs: (path, function).
HIDDEN_ALLOWED: set[tuple[str, str]] = {
    ("helpdesk/apps.py", "ready"),  # system checks register themselves once the apps are loaded
}
_BY_NAME = {"import_module", "import_string", "get_model", "__import__"}


def upward_imports(root: Path) -> list[Problem]:
    """Refuse an import that points up, also under TYPE_CHECKING."""
    return [
        source.problem(node, f"{room(source.module)} may not import {target}")
        for source in own(root)
        for node, target in _targets(source)
        if not _may(source.module, target)
    ]


def imports_by_name(root: Path) -> list[Problem]:
    """Refuse `import_module("…")` and its kin where the literal names our own code (the root may)."""
    return [
        source.problem(call, f"imports {call.args[0].value} by name")
        for source in own(root)
        if not source.is_migration and room(source.module) != "helpdesk"
        for call in calls(source)
        if dotted(call.func).rsplit(".", 1)[-1] in _BY_NAME
        and call.args
        and isinstance(call.args[0], ast.Constant)
        and _is_own(str(call.args[0].value))
    ]


def hidden_imports(root: Path) -> list[Problem]:
    """Refuse an import of our own code inside a function."""
    return [
        source.problem(node, f"hides an import of {target} inside {function}")
        for source in own(root)
        for function, node, target in _hidden(source)
        if (source.path, function) not in HIDDEN_ALLOWED
    ]


def imports_of_tasks(root: Path) -> list[Problem]:
    """Refuse a plain module that imports a tasks module (tasks import plain modules)."""
    return [
        source.problem(node, f"imports {target}; ring() it instead")
        for source in own(root)
        if source.name != "tasks.py"
        for node, target in _targets(source)
        if target.endswith(".tasks") or ".tasks." in target
    ]


def imports_of_one_adapter(root: Path) -> list[Problem]:
    """Refuse generic code that knows one kind of channel (its commands and `serve` may)."""
    prefix = "channels_app.adapters."
    return [
        source.problem(node, f"knows the adapter {target}")
        for source in own(root)
        if not source.path.startswith(("channels_app/management/", "helpdesk/"))
        for node, target in _targets(source)
        if target.startswith(prefix)
        and (kind := target.removeprefix(prefix).split(".")[0]) not in {"all", "get"}
        and not kind.startswith("_")
        and not source.module.startswith(prefix + kind)
    ]


def room(module: str) -> str:
    """Name the room of a module: its app, `helpdesk.lib` or `helpdesk`."""
    if module == "helpdesk.lib" or module.startswith("helpdesk.lib."):
        return "helpdesk.lib"
    return module.split(".")[0]


def _may(module: str, target: str) -> bool:
    return room(module) == room(target) or room(target) in MAY_IMPORT[room(module)]


def _is_own(name: str) -> bool:
    return name.split(".")[0] in OWN and name.split(".")[0] != name


def _targets(source: Source) -> Iterator[tuple[ast.stmt, str]]:
    for node in ast.walk(source.tree):
        for target in _names(source, node):
            if target.split(".")[0] in OWN:
                yield node, target  # type: ignore[misc]


def _names(source: Source, node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        base = _absolute(source, node)
        return [f"{base}.{alias.name}" for alias in node.names]
    return []


def _absolute(source: Source, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    parts = source.module.split(".")
    keep = len(parts) - node.level + (1 if source.is_package else 0)
    return ".".join([*parts[:keep], *([node.module] if node.module else [])])


def _hidden(source: Source) -> Iterator[tuple[str, ast.stmt, str]]:
    inside: dict[int, str] = {}
    for function in ast.walk(source.tree):
        if isinstance(function, FunctionNode):
            inside.update({id(node): function.name for node in ast.walk(function)})
    for node, target in _targets(source):
        if id(node) in inside:
            yield inside[id(node)], node, target


CHECKS = (
    upward_imports,
    imports_by_name,
    hidden_imports,
    imports_of_tasks,
    imports_of_one_adapter,
)
