"""The docs name what exists, and what they name exists."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
SETTINGS = ROOT / "docs" / "settings.md"


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _environment() -> set[str]:
    """Name every variable that settings.py reads: the first argument of `env.something("NAME", …)`."""
    return {
        call.args[0].value
        for call in ast.walk(ast.parse(_read(ROOT / "helpdesk/settings.py")))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == "env"
        and call.args
        and isinstance(call.args[0], ast.Constant)
        and isinstance(call.args[0].value, str)
        and call.args[0].value.isupper()
    }


def _targets(text: str) -> set[str]:
    return set(re.findall(r"^([a-z-]+):", text, re.MULTILINE))


def test_every_setting_is_documented_and_every_documented_one_exists() -> None:
    documented = set(re.findall(r"^\| `([A-Z][A-Z0-9_]+)`", _read(SETTINGS), re.MULTILINE))
    assert documented == _environment()


def test_every_adapter_is_documented() -> None:
    kinds = {path.parent.name for path in ROOT.glob("channels_app/adapters/*/adapter.py")}
    named = set(re.findall(r"^### (\w+)$", _read(ROOT / "docs/adding-a-channel.md"), re.MULTILINE))
    assert named == kinds


def test_every_script_is_documented() -> None:
    scripts = {f"bin/{path.name}" for path in (ROOT / "bin").iterdir() if path.is_file()}
    named = set(re.findall(r"`(bin/[\w.-]+)`", _read(ROOT / "docs/development.md")))
    assert named == scripts


def test_every_decision_is_numbered_once() -> None:
    numbers = [path.name[:4] for path in sorted((ROOT / "docs/decisions").glob("*.md"))]
    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    targets = [link.split("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", _read(page))]
    missing = [link for link in targets if link and "://" not in link and not (page.parent / link).exists()]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_make_targets_that_a_page_names_exist(page: Path) -> None:
    named = set(re.findall(r"`make ([a-z-]+)`|^make ([a-z-]+)", _read(page), re.MULTILINE))
    assert {name for pair in named for name in pair if name} <= _targets(_read(ROOT / "Makefile"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_that_a_page_names_exist(page: Path) -> None:
    named = re.findall(
        r"`((?:helpdesk|agents|customers|conversations|channels_app|tests)/[\w./-]+)(?::[^`]*)?`", _read(page)
    )
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_the_widgets_threats_name_their_tests() -> None:
    named = set(re.findall(r"`(test_\w+)`", _read(ROOT / "docs/security-widget.md")))
    files = [*ROOT.glob("tests/channels_app/webchat/test_*.py"), *ROOT.glob("tests/browser/test_widget*.py")]
    tests = {path: set(re.findall(r"^def (test_\w+)", _read(path), re.MULTILINE)) for path in files}
    assert named <= set().union(*tests.values())
    assert set().union(*(found for path, found in tests.items() if path.name.startswith("test_safety"))) <= named
