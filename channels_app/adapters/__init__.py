<<<<<<< HEAD
"""Finds the kinds of channel by listing the folders here; nothing else names them."""
=======
"""Every kind of channel is a folder here; nothing else names them."""
>>>>>>> main

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from channels_app.adapters._base import Adapter


@cache
<<<<<<< HEAD
def all() -> dict[str, "Adapter"]:  # noqa: A001 -- read as adapters.all()
    """Return every adapter by its kind, in alphabetical order."""
=======
def all() -> "dict[str, Adapter]":
    """Return the adapters by kind, found by listing the folders that hold an adapter.py."""
>>>>>>> main
    kinds = sorted(path.parent.name for path in Path(__file__).parent.glob("*/adapter.py"))
    return {kind: import_module(f"{__name__}.{kind}.adapter").adapter for kind in kinds}


def get(kind: str) -> "Adapter":
<<<<<<< HEAD
    """Return the adapter of a kind. Raises KeyError when there is none."""
=======
    """Return one adapter. Raises KeyError for a kind that has no folder."""
>>>>>>> main
    return all()[kind]
