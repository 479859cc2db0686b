"""Templates, front-end sources and lock files: what a strict policy and a public clone allow."""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.layout.source import OWN, Problem

SAFE_TEMPLATES: set[str] = set()
# The one reader of fragments: parses the server's escaped answer inside an inert <template>.
FRAGMENT_READER = "static/src/fragment.ts"
_INLINE = re.compile(
    r"<style\b|\sstyle\s*=|<script(?![^>]*\ssrc\s*=)|\son[a-z]+\s*=\s*[\"']|javascript:|\shx-on\b|[\"']js:",
    re.IGNORECASE,
)
_UNSAFE = re.compile(r"\|\s*safe(seq)?\b|\{%\s*autoescape\s+off|\bmark_safe\b")
_KIND = re.compile(r"\{%[^%]*\b(channel|adapter)\.kind\s*(==|!=|in\b)")
_INCLUDE = re.compile(r"\{%\s*include\s+[\"']([^\"']+)[\"']")
_QUERIES = re.compile(r"\.objects\b|_set\.(all|count|filter)|\.select_related")
_WORDS = re.compile(r"\b(tickets?|requesters?)\b", re.IGNORECASE)
_COMMENT = re.compile(r"\{#.*?#\}|\{%\s*comment\b.*?endcomment\s*%\}|<!--.*?-->", re.DOTALL)
# A rule for a class alone, at the beginning of a line.
_CLASS = re.compile(r"^(\.[\w-]+) \{", re.MULTILINE)
_CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_HOST = re.compile(r"\w+://[\w.-]+")


def inline_code(root: Path) -> list[Problem]:
    """Refuse inline style and script: the policy of the pages refuses them too."""
    return list(_find(root, _INLINE, "inline style or script"))


def classes_of_two_files(root: Path) -> list[Problem]:
    """Refuse a class that begins a rule in two style sheets: what is written for one place would change the other."""
    homes: dict[str, Path] = {}
    found = []
    for path in sorted((root / "static" / "src" / "css").glob("*.css")):
        for name in dict.fromkeys(_CLASS.findall(_CSS_COMMENT.sub("", path.read_text()))):
            home = homes.setdefault(name, path)
            if home != path:
                found.append(Problem(str(path.relative_to(root)), 1, f"{name} is a class of {home.name} too"))
    return found


def unescaped_output(root: Path) -> list[Problem]:
    """Refuse output that is not escaped."""
    return [problem for problem in _find(root, _UNSAFE, "unescaped output") if problem.path not in SAFE_TEMPLATES]


def kinds_in_templates(root: Path) -> list[Problem]:
    """Refuse templates that ask for a channel's kind."""
    return [
        problem
        for problem in _find(root, _KIND, "asks for a channel's kind")
        if not problem.path.startswith("channels_app/adapters/")
    ]


def queries_in_templates(root: Path) -> list[Problem]:
    """Refuse templates that ask the database themselves."""
    return list(_find(root, _QUERIES, "asks the database"))


def words_in_templates(root: Path) -> list[Problem]:
    """Refuse words on the screen that are not ours."""
    return list(_find(root, _WORDS, "uses a word we do not use"))


def fragments(root: Path) -> list[Problem]:
    """Refuse an included template without `_`, and a fragment that is a whole page."""
    found = []
    for path, text in _templates(root):
        for name in _INCLUDE.findall(text):
            if not name.rsplit("/", 1)[-1].startswith("_"):
                found.append(Problem(path, 1, f"includes {name}, whose name does not start with _"))
        whole = re.search(r"\{%\s*extends\b|<html\b", text)
        # What a library draws its pages from has the library's names.
        if path.startswith("templates/allauth/elements/"):
            continue
        if path.endswith(".html") and path.rsplit("/", 1)[-1].startswith("_") == bool(whole):
            found.append(Problem(path, 1, "a fragment starts with _, a page extends one; this is neither"))
    return found


def second_socket(root: Path) -> list[Problem]:
    """Refuse a WebSocket outside live.ts (and the widget's own)."""
    return [
        Problem(name, number, "opens a socket; only live.ts knows it")
        for path in sorted((root / "static/src").rglob("*.ts"))
        if path.name not in {"live.ts", "line.ts"}
        for name in [path.relative_to(root).as_posix()]
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(r"new\s+WebSocket\b", line)
    ]


def evaluated_code(root: Path) -> list[Problem]:
    """Refuse code made from text and markup written past the escaping."""
    banned = re.compile(r"\beval\(|new\s+Function\(|\.innerHTML\s*=|insertAdjacentHTML|document\.write\(")
    return [
        Problem(name, number, "runs or writes text as code")
        for path in sorted((root / "static/src").rglob("*.ts"))
        for name in [path.relative_to(root).as_posix()]
        if name != FRAGMENT_READER
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if banned.search(line)
    ]


def hosts_in_lock_files(root: Path) -> list[Problem]:
    """Refuse a lock file that names where a package came from."""
    return [
        Problem(path.relative_to(root).as_posix(), number, f"names a host: {line.strip()[:80]}")
        for path in _locks(root)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if _names_host(path.name, line)
    ]


def _names_host(name: str, line: str) -> bool:
    if '"resolved"' in line or re.match(r"\s*(--(extra-)?index-url|--find-links|registry\s*=)", line):
        return True
    is_home_page = name == "package-lock.json" and re.match(r'\s*"(url|funding)":', line)
    return bool(_HOST.search(line)) and not is_home_page and not line.lstrip().startswith("#")


def _locks(root: Path) -> list[Path]:
    found = [*root.glob("*.lock"), *root.glob("requirements*.txt"), *root.glob("package-lock.json")]
    return sorted([*found, *root.glob(".npmrc"), *root.glob("requirements/*.txt"), *root.glob("locks/*")])


def _find(root: Path, banned: re.Pattern[str], what: str) -> Iterator[Problem]:
    for path, text in _templates(root):
        for match in banned.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            yield Problem(path, line, f"{what}: {match.group(0).strip()}")


def _templates(root: Path) -> Iterator[tuple[str, str]]:
    folders = [root / "templates", *(root / app for app in OWN)]
    for folder in folders:
        for path in sorted(folder.rglob("*.html")):
            if folder.name == "templates" or "templates" in path.parts:
                yield path.relative_to(root).as_posix(), _blank(path.read_text(encoding="utf-8"))


def _blank(text: str) -> str:
    return _COMMENT.sub(lambda match: "\n" * match.group(0).count("\n"), text)


CHECKS = (
    inline_code,
    classes_of_two_files,
    unescaped_output,
    kinds_in_templates,
    queries_in_templates,
    words_in_templates,
    fragments,
    second_socket,
    evaluated_code,
    hosts_in_lock_files,
)
