"""Rules for the tests themselves: flat, awake and short enough to read."""

import ast
from pathlib import Path

from tests.layout.source import Problem, calls, dotted, read

FILE_LINES_MAX = 500
# The places that wait: they poll a condition until a deadline.
MAY_SLEEP = {"tests/waiting.py", "tests/database.py"}


def long_test_files(root: Path) -> list[Problem]:
    """Refuse test files over 500 lines."""
    return [
        Problem(source.path, 1, f"{count} lines, at most {FILE_LINES_MAX}")
        for source in read(root, "tests")
        if (count := len(source.text.splitlines())) > FILE_LINES_MAX
    ]


def classes_of_tests(root: Path) -> list[Problem]:
    """Refuse classes of tests: tests are flat functions."""
    return [
        source.problem(node, f"{node.name} is a class of tests")
        for source in read(root, "tests")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ClassDef)
        and any(isinstance(item, ast.FunctionDef) and item.name.startswith("test_") for item in node.body)
    ]


def sleeping_tests(root: Path) -> list[Problem]:
    """Refuse fixed sleeps: poll a condition instead."""
    return [
        source.problem(call, "sleeps; use tests.waiting.until()")
        for source in read(root, "tests")
        if source.path not in MAY_SLEEP
        for call in calls(source)
        if dotted(call.func) in {"time.sleep", "sleep"}
    ]


def skipped_tests(root: Path) -> list[Problem]:
    """Refuse skipped tests: what does not hold is mended or deleted."""
    return [
        source.problem(node, "skips a test")
        for source in read(root, "tests")
        for node in ast.walk(source.tree)
        if dotted(node) in {"pytest.mark.skip", "pytest.mark.xfail", "pytest.xfail"} and isinstance(node, ast.Attribute)
    ]


CHECKS = (long_test_files, classes_of_tests, sleeping_tests, skipped_tests)
