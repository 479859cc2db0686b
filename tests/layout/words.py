"""Names: one word for each thing, and no file whose name says nothing."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.layout.source import OWN, Problem, Source, own

FILE_NAMES = {"utils", "helpers", "services", "managers", "common", "misc", "base", "handlers"}
FOLDER_NAMES = FILE_NAMES | {"core", "frontend", "selectors", "builders", "finders", "presenters"}
WORDS = {"ticket", "tickets", "contact", "contacts", "requester", "requesters"}
# Pages of planning: what they say must stand here, for whoever has only this repository.
ABSENT_PAGES = re.compile(r"\b(ARCHITECTURE|TRUST|FAULTS|STYLE|STACK|UX|EMAIL|CHANNELS|PERFORMANCE|REQUIREMENTS)\.md\b")
TEXTS = ("*.py", "*.md", "*.html", "*.ts", "*.css", "*.toml", "*.yml", "*.sh")
MODEL_NAMES = {
    "Inbox",
    "Account",
    "Activity",
    "Article",
    "Event",
    "Comment",
    "Category",
    "Label",
    "User",
    "Operator",
}
_PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")


def forbidden_file_names(root: Path) -> list[Problem]:
    """Refuse file and folder names that say nothing."""
    found = [
        Problem(source.path, 1, "says nothing about what is in it")
        for source in own(root)
        if source.name.removesuffix(".py") in FILE_NAMES or FOLDER_NAMES & set(source.path.split("/")[:-1])
    ]
    apps = [
        Problem(name, 1, "is no room of this house") for name in sorted(FOLDER_NAMES | {"api"}) if _is_app(root, name)
    ]
    return found + apps


def forbidden_words(root: Path) -> list[Problem]:
    """Refuse names with a synonym of our words (customer, identity, conversation)."""
    return [
        source.problem(node, f"{name} uses a word we do not use: {', '.join(sorted(bad))}")
        for source in own(root)
        for node, name in [*_names(source), (source.tree, source.name.removesuffix(".py"))]
        if (bad := WORDS & set(split(name)))
    ]


def forbidden_models(root: Path) -> list[Problem]:
    """Refuse models named with a synonym (an Inbox is a Channel, an Article an Entry)."""
    return [
        source.problem(node, f"a model named {node.name}")
        for source in own(root)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ClassDef) and node.name in MODEL_NAMES and "/models" in source.path
    ]


def absent_pages(root: Path) -> list[Problem]:
    """Refuse to send a reader to a page that is not here."""
    folders = [root, *(root / name for name in (*OWN, "docs", "bin", "templates", "static/src", "locale"))]
    return [
        Problem(path.relative_to(root).as_posix(), number, f"names {match.group(0)}, which is not in this repository")
        for folder in folders
        for path in sorted(folder.glob("*.*") if folder == root else folder.rglob("*"))
        if path.is_file() and any(path.match(kind) for kind in TEXTS)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if (match := ABSENT_PAGES.search(line))
    ]


def split(name: str) -> list[str]:
    """Split a name into its words in lower case: `TicketList` and `ticket_list` alike."""
    return [part.lower() for part in _PARTS.findall(name)]


def _is_app(root: Path, name: str) -> bool:
    return name not in OWN and any((root / name).glob("*.py"))


def _names(source: Source) -> Iterator[tuple[ast.AST, str]]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node, node.name
        elif isinstance(node, ast.arg):
            yield node, node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node, node.id


CHECKS = (forbidden_file_names, forbidden_words, forbidden_models, absent_pages)
