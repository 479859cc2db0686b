"""The languages that people speak, by their own names."""

from django.conf.locale import LANG_INFO

CODE_MAX = 8


def languages() -> list[tuple[str, str]]:
    """Return (code, name) of every language we can name, by name."""
    known = ((code, info["name_local"]) for code, info in LANG_INFO.items() if "name_local" in info)
    return sorted(((code, _title(name)) for code, name in known if len(code) <= CODE_MAX), key=lambda row: row[1])


def _title(name: str) -> str:
    return name[:1].upper() + name[1:]
