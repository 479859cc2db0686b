"""Reading our own source files: where they are, their syntax trees, small questions about nodes."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

APPS = (
    "agents",
    "customers",
    "conversations",
    "channels_app",
    "automation",
    "calls",
    "commerce",
    "knowledge",
    "quality",
    "reports",
)
OWN = ("helpdesk", *APPS)
FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Problem:
    """One breach: where it is, which rule, and the words to look for."""

    path: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}"


Check = Callable[[Path], list[Problem]]


@dataclass(frozen=True)
class Source:
    """One Python file of ours. `path` is relative to the root, with forward slashes."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @property
    def module(self) -> str:
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @property
    def is_package(self) -> bool:
        return self.path.endswith("__init__.py")

    @property
    def is_migration(self) -> bool:
        return "/migrations/" in self.path

    @property
    def name(self) -> str:
        return self.path.rsplit("/", 1)[-1]

    def problem(self, node: ast.AST, what: str) -> Problem:
        """Name a breach at a node of this file."""
        return Problem(self.path, getattr(node, "lineno", 1), what)


def own(root: Path) -> list[Source]:
    """Read every Python file of the product (not the tests)."""
    return [source for folder in OWN for source in read(root, folder)]


def read(root: Path, folder: str) -> list[Source]:
    """Read the Python files below one folder, in the order of their paths."""
    return [_load(root, path, path.stat().st_mtime_ns) for path in sorted((root / folder).rglob("*.py"))]


def calls(source: Source) -> Iterator[ast.Call]:
    """Yield every call of a file."""
    return (node for node in ast.walk(source.tree) if isinstance(node, ast.Call))


def functions(source: Source) -> Iterator[tuple[str, FunctionNode]]:
    """Yield every function with its dotted name inside the file (`Class.method`)."""
    return _functions(source.tree, "")


def dotted(node: ast.AST) -> str:
    """Spell `a.b.c` or `a().b` as names joined by dots; what is no name becomes '?'."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    if isinstance(node, ast.Call):
        return dotted(node.func)
    return "?"


def plain_strings(source: Source) -> Iterator[ast.Constant]:
    """Yield string constants that are no docstrings."""
    said = {id(node.value) for node in ast.walk(source.tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            yield node


def _functions(node: ast.AST, prefix: str) -> Iterator[tuple[str, FunctionNode]]:
    for child in ast.iter_child_nodes(node):
        name = prefix
        if isinstance(child, FunctionNode | ast.ClassDef):
            name = f"{prefix}{child.name}"
            if isinstance(child, FunctionNode):
                yield name, child
            name += "."
        yield from _functions(child, name)


@lru_cache(maxsize=4096)
def _load(root: Path, path: Path, _changed: int) -> Source:
    return Source(path.relative_to(root).as_posix(), path.read_text(encoding="utf-8"))
