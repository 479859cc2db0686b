"""The walls of the house as checks: each takes the root of a tree and returns what breaks it.

`ALL` names every check; tests/test_layout.py runs them and shows each one failing on a planted case.
"""

from tests.layout import bans, imports, pages, sizes, tests_only, words
from tests.layout.source import Check, Problem

ALL: tuple[Check, ...] = (
    *imports.CHECKS,
    *sizes.CHECKS,
    *words.CHECKS,
    *bans.CHECKS,
    *pages.CHECKS,
    *tests_only.CHECKS,
)

__all__ = ["ALL", "Check", "Problem"]
