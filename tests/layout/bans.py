"""What the code may not do, and the one place that may."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.layout.source import FunctionNode, Problem, Source, calls, dotted, own, plain_strings

CLOCK = "helpdesk/lib/clock.py"
PUBLISHER = "conversations/live.py"
TIMELINE = {"conversations/timeline.py", "conversations/ingest_sql.py", "conversations/merging/merge.py"}
# Who may announce: the writer of entries, and the sweep that tells again what was not heard.
ANNOUNCERS = {"conversations/timeline.py", "conversations/after.py"}
# The container's health check asks its own process on loopback, without Django; the browsers of the measurements
# ask the desk that was started for them.
_BENCHES = {f"helpdesk/bench/{name}.py" for name in ("crowd", "frames", "visits", "webhook")}
HTTP_CLIENT = {"helpdesk/lib/http.py", "helpdesk/probe.py", *_BENCHES}
SAFE_MARKUP = {"helpdesk/lib/html.py"}
CSRF_EXEMPT = {
    "channels_app/views/webhook.py",
    "channels_app/adapters/webchat/views/doors.py",
    # Nobody is signed in there, and its forms carry a stamp of their own.
    "channels_app/adapters/webform/views.py",
}
# Beside it: one that is waited for, by its numbers, and the migration of a desk, before there is any.
ADVISORY = {"helpdesk/lib/advisory.py", "helpdesk/exports/running.py", "helpdesk/management/commands/prepare.py"}
# Rows that are never changed: what they override only refuses.
ADDED_ONLY = {("agents/models/workspace.py", "AuditRows"), ("agents/models/workspace.py", "AuditRow")}
# The outer doors: task bodies, the socket's receive, the doorbell.
DOORS = {
    "channels_app/tasks.py",
    "conversations/after.py",
    "conversations/tasks.py",
    "conversations/consumers.py",
    "channels_app/adapters/webchat/consumers.py",
    "helpdesk/lib/queue.py",
}
_LOGGING = {"exception", "error", "warning", "critical"}
_WALL_CLOCK = re.compile(r"(^|\.)(timezone\.now|datetime\.(now|utcnow|today)|date\.today|time\.time(_ns)?)$")
_SQL_CLOCK = re.compile(
    r"(?<![\w.])(now\(\)|current_timestamp|current_date|clock_timestamp\(\)|statement_timestamp\(\)|transaction_timestamp\(\))",
    re.IGNORECASE,
)
_PLAIN_LOCK = re.compile(r"\bfor\s+(update|share)\b", re.IGNORECASE)
_SIGNALS = re.compile(r"^(django\.dispatch|(django|allauth|axes)\..*signals)(\.|$)")
_DIRECT_HTTP = {"requests", "httpx", "aiohttp", "urllib3", "urllib.request", "http.client"}


def wall_clock(root: Path) -> list[Problem]:
    """Refuse every clock but lib/clock.py: the machine's, Django's, and the database's."""
    return [
        source.problem(node, f"asks {what} for the time; use helpdesk.lib.clock")
        for source in own(root)
        if source.path != CLOCK
        for node, what in _clocks(source)
    ]


def second_publisher(root: Path) -> list[Problem]:
    """Refuse a PUBLISH anywhere but in conversations/live.py."""
    return [
        source.problem(call, "publishes; only conversations/live.py may")
        for source in own(root)
        if source.path != PUBLISHER
        for call in calls(source)
        if _publishes(call)
    ]


def stray_announcements(root: Path) -> list[Problem]:
    """Refuse `announce` outside the timeline and the sweep."""
    return [
        source.problem(call, "announces an entry; record() and touch() do")
        for source in own(root)
        if source.path not in ANNOUNCERS | {PUBLISHER}
        for call in calls(source)
        if dotted(call.func) in {"announce", "live.announce"}
    ]


def entries_made_elsewhere(root: Path) -> list[Problem]:
    """Refuse an Entry or a Message written outside the timeline."""
    writes = re.compile(r"^(Entry|Message)(\.objects\.(bulk_)?(create|update_or_create|get_or_create))?$")
    return [
        source.problem(call, f"writes an {dotted(call.func)} itself; timeline.record() does")
        for source in own(root)
        if source.path.startswith(("conversations/", "channels_app/", "helpdesk/seeds", "agents/", "customers/"))
        and source.path not in TIMELINE
        and not source.is_migration
        for call in calls(source)
        if writes.match(dotted(call.func))
    ]


def questions_about_kind(root: Path) -> list[Problem]:
    """Refuse `channel.kind == …` outside the adapters' folders."""
    return [
        source.problem(node, "asks for a channel's kind; ask its adapter's capabilities")
        for source in own(root)
        if not source.path.startswith("channels_app/adapters/")
        for node in ast.walk(source.tree)
        if _asks_kind(node)
    ]


def broad_excepts(root: Path) -> list[Problem]:
    """Refuse catching everything, but at the three outer doors, where it must be logged."""
    return [
        source.problem(
            node,
            "catches everything" if source.path not in DOORS else "catches everything without logging it",
        )
        for source in own(root)
        for node in ast.walk(source.tree)
        if _is_broad(node) and (source.path not in DOORS or not _logs(node))
    ]


def signals(root: Path) -> list[Problem]:
    """Refuse signals: who reacts is called by name."""
    return [
        source.problem(node, f"uses signals ({module})")
        for source in own(root)
        for node, module in _imported(source)
        if _SIGNALS.match(module)
    ]


def plain_row_locks(root: Path) -> list[Problem]:
    """Refuse FOR UPDATE without NO KEY (it deadlocks with the locks of foreign keys)."""
    found = [
        source.problem(call, "select_for_update() without no_key=True")
        for source in own(root)
        for call in calls(source)
        if dotted(call.func).endswith("select_for_update") and not _has_true(call, "no_key")
    ]
    return found + [
        source.problem(node, f"SQL {match.group(0)}; say FOR NO KEY UPDATE")
        for source in own(root)
        for node in plain_strings(source)
        if (match := _PLAIN_LOCK.search(str(node.value)))
    ]


def stray_advisory_locks(root: Path) -> list[Problem]:
    """Refuse locks that stand in no table outside lib/advisory.py, where no two share a number."""
    return [
        source.problem(node, "takes an advisory lock; helpdesk.lib.advisory knows which numbers are taken")
        for source in own(root)
        if source.path not in ADVISORY
        for node in plain_strings(source)
        if "_advisory_" in str(node.value)
    ]


def lone_conversation_locks(root: Path) -> list[Problem]:
    """Refuse a lock on conversations in a module that does not lock their customers above it."""
    return [
        source.problem(call, "locks a conversation without its customer; use lock_customer()")
        for source in own(root)
        for call in _locks(source, r"\b(Conversation\.objects|conversation_set|conversations)\b")
        if not any(first.lineno < call.lineno for first in _customer_locks(source))
    ]


def overridden_saves(root: Path) -> list[Problem]:
    """Refuse save() and delete() on models: behaviour is a verb with a name."""
    return [
        source.problem(item, f"{node.name} overrides {item.name}()")
        for source in own(root)
        if re.search(r"/models(/|\.py)", source.path)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ClassDef) and (source.path, node.name) not in ADDED_ONLY
        for item in node.body
        if isinstance(item, FunctionNode) and item.name in {"save", "delete"}
    ]


def unsafe_markup(root: Path) -> list[Problem]:
    """Refuse mark_safe and its kin outside the cleaner of HTML."""
    return [
        source.problem(node, f"{name} outside {', '.join(SAFE_MARKUP)}")
        for source in own(root)
        if source.path not in SAFE_MARKUP
        for node in ast.walk(source.tree)
        if (name := dotted(node).rsplit(".", 1)[-1]) in {"mark_safe", "SafeString", "SafeText"}
        and isinstance(node, ast.Name | ast.Attribute)
    ]


def unguarded_posts(root: Path) -> list[Problem]:
    """Refuse csrf_exempt outside the doors that go by no cookie."""
    return [
        source.problem(node, "csrf_exempt outside the doors for providers and visitors")
        for source in own(root)
        if source.path not in CSRF_EXEMPT
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Name | ast.Attribute) and dotted(node).endswith("csrf_exempt")
    ]


def direct_http(root: Path) -> list[Problem]:
    """Refuse an HTTP client beside lib/http.py, which guards addresses, times and sizes."""
    return [
        source.problem(node, f"talks HTTP through {module}; use helpdesk.lib.http")
        for source in own(root)
        if source.path not in HTTP_CLIENT
        for node, module in _imported(source)
        if any(module == client or module.startswith(f"{client}.") for client in _DIRECT_HTTP)
    ]


def tables_of_adapters(root: Path) -> list[Problem]:
    """Refuse tables in adapters, and keys from channels to conversations."""
    found = [
        source.problem(node, "an adapter has no tables; Channel.config holds its account")
        for source in own(root)
        if source.path.startswith("channels_app/adapters/")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ClassDef) and any(dotted(base).endswith("models.Model") for base in node.bases)
    ]
    return found + [
        source.problem(node, f"channels never point to conversations ({node.value})")
        for source in own(root)
        if source.path.startswith("channels_app/models")
        for node in plain_strings(source)
        if str(node.value).startswith("conversations.")
    ]


def _clocks(source: Source) -> Iterator[tuple[ast.AST, str]]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute) and _WALL_CLOCK.search(dotted(node)):
            yield node, dotted(node)
        elif isinstance(node, ast.Call) and not node.args and dotted(node.func).endswith(("localtime", "localdate")):
            yield node, dotted(node.func)
        elif isinstance(node, ast.keyword) and node.arg in {"auto_now", "auto_now_add"}:
            yield node.value, node.arg
    for node, module in _imported(source):
        if module in {"django.utils.timezone.now", "time.time", "django.db.models.functions.Now"}:
            yield node, module
    for text in plain_strings(source):
        if match := _SQL_CLOCK.search(str(text.value)):
            yield text, f"SQL {match.group(0)}"


def _publishes(call: ast.Call) -> bool:
    name = dotted(call.func).rsplit(".", 1)[-1]
    words = [str(arg.value).upper() for arg in call.args[:1] if isinstance(arg, ast.Constant)]
    return name in {"publish", "spublish", "group_send"} or (name == "execute_command" and words == ["PUBLISH"])


def _asks_kind(node: ast.AST) -> bool:
    if isinstance(node, ast.Compare):
        return any(_is_kind(side) for side in [node.left, *node.comparators])
    if isinstance(node, ast.Match):
        return _is_kind(node.subject)
    if not isinstance(node, ast.Call) or dotted(node.func).rsplit(".", 1)[-1] not in {
        "filter",
        "exclude",
        "get",
        "Q",
    }:
        return False
    of_channel = "Channel.objects" in dotted(node.func)
    return any(
        isinstance(word.value, ast.Constant)
        and word.arg is not None
        and (word.arg.endswith("channel__kind") or (of_channel and word.arg == "kind"))
        for word in node.keywords
    )


def _is_kind(node: ast.AST) -> bool:
    owner = dotted(node).rsplit(".", 2)
    return len(owner) > 1 and owner[-1] == "kind" and owner[-2].endswith(("channel", "adapter"))


def _is_broad(node: ast.AST) -> bool:
    if isinstance(node, ast.Call) and dotted(node.func).endswith("suppress"):
        return any(_is_everything(arg) for arg in node.args)
    if not isinstance(node, ast.ExceptHandler):
        return False
    if isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None:
        return False
    kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
    return any(kind is None or _is_everything(kind) for kind in kinds)


def _is_everything(node: ast.AST) -> bool:
    return dotted(node) in {"Exception", "BaseException"}


def _logs(node: ast.AST) -> bool:
    return any(
        isinstance(item, ast.Call) and dotted(item.func).rsplit(".", 1)[-1] in _LOGGING for item in ast.walk(node)
    )


def _imported(source: Source) -> Iterator[tuple[ast.AST, str]]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((node, f"{node.module}.{alias.name}") for alias in node.names)


def _has_true(call: ast.Call, name: str) -> bool:
    return any(
        word.arg == name and isinstance(word.value, ast.Constant) and word.value.value is True for word in call.keywords
    )


def _locks(source: Source, of: str) -> list[ast.Call]:
    return [call for call in calls(source) if re.search(rf"{of}.*select_for_update$", dotted(call.func))]


def _customer_locks(source: Source) -> list[ast.Call]:
    named = {"lock_customer", "lock_customer_row", "lock_customer_of"}
    by_name = [call for call in calls(source) if dotted(call.func).rsplit(".", 1)[-1] in named]
    return by_name + _locks(source, r"\bCustomer\.objects\b")


CHECKS = (
    wall_clock,
    second_publisher,
    stray_announcements,
    entries_made_elsewhere,
    questions_about_kind,
    broad_excepts,
    signals,
    plain_row_locks,
    stray_advisory_locks,
    lone_conversation_locks,
    overridden_saves,
    unsafe_markup,
    unguarded_posts,
    direct_http,
    tables_of_adapters,
)
