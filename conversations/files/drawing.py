"""Small pictures of pictures, drawn by a child process with limits: a hostile picture costs only the child."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpdesk.lib import files as kinds

# What draw_main.py needs at most; past it the child is killed.
SECONDS = 20.0
_MAIN = Path(__file__).with_name("draw_main.py")


@dataclass(frozen=True, slots=True)
class Drawn:
    """A thumbnail (WebP), and how large the picture itself is, upright."""

    thumbnail: bytes
    width: int
    height: int

    @property
    def seen(self) -> dict[str, Any]:
        return {"width": self.width, "height": self.height}


def draw(content: bytes, content_type: str, *, square: int | None = None) -> Drawn | None:
    """Draw a picture small; None for what is none, is broken or would take too much. square: of so many dots a side."""
    if content_type not in kinds.PICTURES:
        return None
    try:
        # -I: nothing of ours nor of the environment is loaded; the child sees the bytes alone.
        called = [sys.executable, "-I", str(_MAIN), *([str(square)] if square else [])]
        done = subprocess.run(called, input=content, capture_output=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return None
    if done.returncode:
        return None
    head, _, thumbnail = done.stdout.partition(b"\n")
    size = json.loads(head)
    return Drawn(thumbnail, size["width"], size["height"])
