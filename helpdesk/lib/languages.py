"""The languages that people speak, by their own names."""

from django.conf.locale import LANG_INFO

CODE_MAX = 8


def languages() -> list[tuple[str, str]]:
    """Return (code, name) of every language we can name, by name."""
    known = ((code, info["name_local"]) for code, info in LANG_INFO.items() if "name_local" in info)
    return sorted(((code, _title(name)) for code, name in known if len(code) <= CODE_MAX), key=lambda row: row[1])


def language_name(code: str) -> str:
    """Return what speakers call their language; the code itself when we do not know it."""
    return _title(LANG_INFO.get(code, {}).get("name_local", "")) or code


def _title(name: str) -> str:
    return name[:1].upper() + name[1:]
