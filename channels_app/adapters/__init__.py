"""Every kind of channel is a folder here; nothing else names them."""

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from channels_app.adapters._base import Adapter


@cache
def all() -> "dict[str, Adapter]":
    """Return the adapters by kind, found by listing the folders that hold an adapter.py."""
    kinds = sorted(path.parent.name for path in Path(__file__).parent.glob("*/adapter.py"))
    return {kind: import_module(f"{__name__}.{kind}.adapter").adapter for kind in kinds}


def get(kind: str) -> "Adapter":
    """Return one adapter. Raises KeyError for a kind that has no folder."""
    return all()[kind]
