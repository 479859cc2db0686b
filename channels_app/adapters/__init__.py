"""Finds the kinds of channel by listing the folders here; nothing else names them."""

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from channels_app.adapters._base import Adapter


@cache
def all() -> dict[str, "Adapter"]:
    """Return every adapter by its kind, in alphabetical order."""
    kinds = sorted(path.parent.name for folder in __path__ for path in Path(folder).glob("*/adapter.py"))
    return {kind: import_module(f"{__name__}.{kind}.adapter").adapter for kind in kinds}


def get(kind: str) -> "Adapter":
    """Return the adapter of a kind. Raises KeyError when there is none."""
    return all()[kind]


def modules(name: str) -> list[str]:
    """Return what kinds of channel bring under a file name (`urls`, `ws_urls`), as import paths."""
    kinds = sorted(path.parent.name for folder in __path__ for path in Path(folder).glob(f"*/{name}.py"))
    return [f"{__name__}.{kind}.{name}" for kind in kinds]
