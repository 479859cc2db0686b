"""Budgets: how long a file and a function may be, how many parameters, what must be written down."""

import ast
from pathlib import Path

from tests.layout.source import FunctionNode, Problem, Source, functions, own

FILE_LINES_MAX = 300
FUNCTION_LINES_MAX = 40
VIEW_LINES_MAX = 25
PARAMETERS_MAX = 6
SETTINGS_LINES_MAX = 400
CONTROLLER_LINES_MAX = 150
# Files whose one concept needs more than 300 lines (never more than 500).
LONG_FILES: dict[str, int] = {"helpdesk/settings.py": SETTINGS_LINES_MAX}
# Functions whose parameters are a contract of docs/architecture.md.
WIDE_FUNCTIONS = {
    ("conversations/models/conversation.py", "Conversation.reply"),
    ("helpdesk/lib/outbound.py", "SendError.__init__"),
}


def long_files(root: Path) -> list[Problem]:
    """Refuse files over 300 lines (migrations are free)."""
    return [
        Problem(source.path, 1, f"{count} lines, at most {limit}")
        for source in own(root)
        if not source.is_migration
        and (count := len(source.text.splitlines())) > (limit := LONG_FILES.get(source.path, FILE_LINES_MAX))
    ]


def long_functions(root: Path) -> list[Problem]:
    """Refuse functions over 40 lines; views (first parameter `request`) over 25."""
    return [
        source.problem(node, f"{name} has {count} lines, at most {limit}")
        for source in own(root)
        if not source.is_migration
        for name, node in functions(source)
        if (count := _lines(node)) > (limit := _limit(source, node))
    ]


def many_parameters(root: Path) -> list[Problem]:
    """Refuse functions with more than six parameters (self and cls do not count)."""
    return [
        source.problem(node, f"{name} takes {count} parameters, at most {PARAMETERS_MAX}")
        for source in own(root)
        for name, node in functions(source)
        if (count := len(_parameters(node))) > PARAMETERS_MAX and (source.path, name) not in WIDE_FUNCTIONS
    ]


def missing_annotations(root: Path) -> list[Problem]:
    """Refuse functions whose parameters or result have no type."""
    return [
        source.problem(node, f"{name} is not fully annotated")
        for source in own(root)
        if not source.is_migration
        for name, node in functions(source)
        if node.returns is None or any(parameter.annotation is None for parameter in _parameters(node))
    ]


def missing_module_docstrings(root: Path) -> list[Problem]:
    """Refuse a module that does not say what lives in it."""
    return [
        Problem(source.path, 1, "the module has no docstring")
        for source in own(root)
        if not source.is_migration and source.tree.body and not ast.get_docstring(source.tree)
    ]


def long_controllers(root: Path) -> list[Problem]:
    """Refuse Stimulus controllers over 150 lines."""
    return [
        Problem(path.relative_to(root).as_posix(), 1, f"{count} lines, at most {CONTROLLER_LINES_MAX}")
        for path in sorted((root / "static/src").rglob("controllers/**/*.ts"))
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > CONTROLLER_LINES_MAX
    ]


def _lines(node: FunctionNode) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def _limit(source: Source, node: FunctionNode) -> int:
    is_view = "/views" in source.path and node.args.args and node.args.args[0].arg == "request"
    return VIEW_LINES_MAX if is_view else FUNCTION_LINES_MAX


def _parameters(node: FunctionNode) -> list[ast.arg]:
    spec = node.args
    named = [*spec.posonlyargs, *spec.args, *spec.kwonlyargs]
    rest = [extra for extra in (spec.vararg, spec.kwarg) if extra]
    if named and named[0].arg in {"self", "cls"}:
        named = named[1:]
    return [*named, *rest]


CHECKS = (
    long_files,
    long_functions,
    many_parameters,
    missing_annotations,
    missing_module_docstrings,
    long_controllers,
)
