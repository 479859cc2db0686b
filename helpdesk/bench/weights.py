"""What the files of the widget weigh: as they are, by gzip and by brotli, beside the budgets of a shop's page."""

import gzip
import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpdesk.bench.harness import Row
from helpdesk.embedded import PROJECT

LOADER = "static/src/widget/loader.ts"
FRAME = "static/src/widget/frame.ts"
LOADER_LIMIT_KB, FRAME_LIMIT_KB = 5.0, 60.0
BROTLI = (
    "const c = []; process.stdin.on('data', (d) => c.push(d)).on('end', () => "
    "console.log(require('zlib').brotliCompressSync(Buffer.concat(c)).length))"
)


@dataclass(frozen=True, slots=True)
class Weight:
    """Bytes of one file. brotli: None where there is no Node to tell."""

    name: str
    raw: int
    gzip: int
    brotli: int | None


def files_of(entry: str, manifest: dict[str, Any]) -> list[str]:
    """Return the built files of an entry: what it imports, also later, and its styles; each once, itself first."""
    found: list[str] = []
    waiting = [entry]
    while waiting:
        chunk = manifest[waiting.pop(0)]
        if chunk["file"] not in found:
            found += [chunk["file"], *(css for css in chunk.get("css", ()) if css not in found)]
            waiting += [*chunk.get("imports", ()), *chunk.get("dynamicImports", ())]
    return found


def weigh(name: str, content: bytes) -> Weight:
    """Weigh one file."""
    return Weight(name, len(content), len(gzip.compress(content, 9, mtime=0)), _brotli(content))


def read_manifest(built: Path) -> dict[str, Any]:
    """Return what was built, as Vite wrote it down."""
    found: dict[str, Any] = json.loads((built / ".vite" / "manifest.json").read_text())
    return found


def rows_of(loader: Weight, frame: list[Weight]) -> list[Row]:
    """The lines of the result: the two budgets, then each file of the frame."""
    whole = Weight(
        f"the whole frame, {len(frame)} files", sum(one.raw for one in frame), sum(one.gzip for one in frame),
        None if any(one.brotli is None for one in frame) else sum(one.brotli or 0 for one in frame),
    )  # fmt: skip
    return [
        _row(loader, LOADER_LIMIT_KB),
        _row(whole, FRAME_LIMIT_KB),
        *(_row(one) for one in sorted(frame, key=lambda one: -one.gzip)),
    ]


def _row(weight: Weight, limit: float | None = None) -> Row:
    by_brotli = "" if weight.brotli is None else f", brotli {_kb(weight.brotli)} KB"
    size = _kb(weight.gzip)
    what = f"{weight.name}, gzip (raw {_kb(weight.raw)} KB{by_brotli})"
    return Row(what, size, "KB", limit=limit, ok=None if limit is None else weight.gzip <= limit * 1024)


def _kb(size: int) -> float:
    return round(size / 1024, 2)


def _brotli(content: bytes) -> int | None:
    command = [str(PROJECT / "bin" / "node"), "-e", BROTLI]
    try:
        answer = subprocess.run(command, input=content, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return int(answer.stdout)
