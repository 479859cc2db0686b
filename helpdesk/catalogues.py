"""Compiles the catalogues of translations without gettext: `python -m helpdesk.catalogues`."""

from pathlib import Path

import polib

PROJECT = Path(__file__).resolve().parent.parent


def compile_all(project: Path = PROJECT) -> list[Path]:
    """Write the `.mo` beside each `.po` that is newer than it; return what was written."""
    written = []
    for source in sorted(project.glob("locale/*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        # Complete before it is visible: a running desk may be reading it.
        partial = target.with_suffix(".mo.part")
        polib.pofile(str(source)).save_as_mofile(str(partial))
        partial.replace(target)
        written.append(target)
    return written


if __name__ == "__main__":
    compile_all()
