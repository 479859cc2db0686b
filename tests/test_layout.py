"""The walls of the house: every check of tests/layout holds here, and fails on what it is for."""

from pathlib import Path

import pytest

from tests import layout
from tests.layout import Check, Problem, bans, imports, pages, sizes, tests_only, words

ROOT = Path(__file__).resolve().parent.parent

# What each check must refuse: (check, path, text).
PLANTED: list[tuple[Check, str, str]] = [
    (imports.upward_imports, "agents/a.py", "from conversations.models import Entry\n"),
    (imports.upward_imports, "helpdesk/lib/a.py", "import agents.models\n"),
    (imports.upward_imports, "conversations/a.py", "from channels_app import models\n"),
    (imports.upward_imports, "conversations/a.py", "from helpdesk import supervisor\n"),
    (imports.upward_imports, "customers/a.py", "from helpdesk.settings import DEBUG\n"),
    (imports.upward_imports, "customers/b/a.py", "from ...channels_app import intake\n"),
    (imports.upward_imports, "automation/a.py", "from channels_app.models import Channel\n"),
    (imports.upward_imports, "channels_app/a.py", "from automation import rules\n"),
    (imports.upward_imports, "quality/a.py", "from reports import queries\n"),
    (
        imports.upward_imports,
        "agents/a.py",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from customers.models import Customer\n",
    ),
    (imports.imports_by_name, "agents/a.py", 'm = import_module("conversations.live")\n'),
    (imports.imports_by_name, "agents/a.py", 'm = apps.get_model("channels_app.Channel")\n'),
    (imports.hidden_imports, "channels_app/a.py", "def f():\n    from conversations import live\n"),
    (
        imports.hidden_imports,
        "channels_app/a.py",
        "class A:\n    async def f(self):\n        from . import b\n",
    ),
    (imports.imports_of_tasks, "channels_app/intake.py", "from channels_app.tasks import sweep\n"),
    (imports.imports_of_tasks, "channels_app/intake.py", "from . import tasks\n"),
    (
        imports.imports_of_one_adapter,
        "channels_app/intake.py",
        "from channels_app.adapters.email import parse\n",
    ),
    (imports.imports_of_one_adapter, "channels_app/adapters/line/a.py", "from ..email import parse\n"),
    (sizes.long_files, "agents/a.py", "x = 1\n" * 301),
    (sizes.long_functions, "agents/a.py", "def f():\n" + "    x = 1\n" * 40),
    (sizes.long_functions, "agents/views.py", "def f(request):\n" + "    x = 1\n" * 25),
    (sizes.many_parameters, "agents/a.py", "def f(a, b, c, d, *, e, f, g): ...\n"),
    (sizes.many_parameters, "agents/a.py", "class A:\n    def f(self, a, b, c, d, e, *f, **g): ...\n"),
    (sizes.missing_annotations, "agents/a.py", "def f(a) -> None: ...\n"),
    (sizes.missing_annotations, "agents/a.py", "def f(a: int): ...\n"),
    (sizes.missing_module_docstrings, "agents/a.py", "x = 1\n"),
    (sizes.long_controllers, "static/src/controllers/a.ts", "//\n" * 151),
    (words.forbidden_file_names, "agents/utils.py", ""),
    (words.forbidden_file_names, "agents/services/a.py", ""),
    (words.forbidden_file_names, "core/models.py", ""),
    (words.forbidden_file_names, "api/views.py", ""),
    (words.forbidden_words, "agents/a.py", "class TicketList: ...\n"),
    (words.forbidden_words, "agents/a.py", "def f(contact_id): ...\n"),
    (words.forbidden_words, "agents/a.py", "requester = 1\n"),
    (words.forbidden_words, "agents/ticket_list.py", ""),
    (words.forbidden_models, "channels_app/models.py", "class Inbox: ...\n"),
    (words.absent_pages, "agents/a.py", '"""See TRUST.md 0.5."""\n'),
    (words.absent_pages, "templates/a.html", "{# UX.md 3.2 #}\n"),
    (bans.wall_clock, "agents/a.py", "from django.utils import timezone\nx = timezone.now()\n"),
    (bans.wall_clock, "agents/a.py", "f(default=timezone.now)\n"),
    (bans.wall_clock, "agents/a.py", "at = DateTimeField(auto_now_add=True)\n"),
    (bans.wall_clock, "agents/a.py", "x = datetime.datetime.now(UTC)\n"),
    (bans.wall_clock, "agents/a.py", "x = time.time()\n"),
    (bans.wall_clock, "agents/a.py", "x = timezone.localtime()\n"),
    (bans.wall_clock, "agents/a.py", "from django.db.models.functions import Now\n"),
    (bans.wall_clock, "agents/a.py", 'SQL = "update a set at = now()"\n'),
    (bans.wall_clock, "agents/a.py", 'SQL = "update a set at = CURRENT_TIMESTAMP"\n'),
    (bans.second_publisher, "conversations/hints.py", "def f(redis): redis.publish('a', 'b')\n"),
    (bans.second_publisher, "helpdesk/lib/hub.py", "async def f(self): await self.redis.publish('a', 'b')\n"),
    (bans.second_publisher, "agents/presence.py", "redis.execute_command('publish', 'a', 'b')\n"),
    (bans.second_publisher, "conversations/hints.py", "layer.group_send('a', {})\n"),
    (bans.stray_advisory_locks, "agents/a.py", "sql = 'SELECT pg_try_advisory_lock(1, 2)'\n"),
    (bans.stray_announcements, "channels_app/intake.py", "live.announce(entry)\n"),
    (bans.entries_made_elsewhere, "conversations/undo.py", "Entry.objects.create(kind='note')\n"),
    (bans.entries_made_elsewhere, "channels_app/intake.py", "entry = Entry(kind='note')\n"),
    (bans.questions_about_kind, "conversations/ways.py", "if channel.kind == 'email': ...\n"),
    (bans.questions_about_kind, "conversations/ways.py", "x = 'email' == thread.channel.kind\n"),
    (bans.questions_about_kind, "conversations/ways.py", "if self.channel.kind in {'email'}: ...\n"),
    (bans.questions_about_kind, "conversations/ways.py", "match channel.kind:\n    case 'email': ...\n"),
    (bans.questions_about_kind, "channels_app/intake.py", "Channel.objects.filter(kind='email')\n"),
    (bans.questions_about_kind, "conversations/ways.py", "Thread.objects.filter(channel__kind='email')\n"),
    (bans.broad_excepts, "agents/a.py", "try: f()\nexcept Exception: log.exception('a')\n"),
    (bans.broad_excepts, "agents/a.py", "try: f()\nexcept: ...\n"),
    (bans.broad_excepts, "agents/a.py", "with suppress(Exception): ...\n"),
    (bans.broad_excepts, "conversations/tasks.py", "try: f()\nexcept Exception: pass\n"),
    (bans.signals, "agents/a.py", "from django.db.models.signals import post_save\n"),
    (bans.signals, "agents/a.py", "from django.dispatch import receiver\n"),
    (bans.signals, "agents/a.py", "from allauth.account.signals import user_logged_in\n"),
    (bans.plain_row_locks, "agents/a.py", "Agent.objects.select_for_update()\n"),
    (bans.plain_row_locks, "agents/a.py", "Agent.objects.select_for_update(skip_locked=True)\n"),
    (bans.plain_row_locks, "conversations/ingest_sql.py", 'SQL = "select 1 from a for update"\n'),
    (
        bans.lone_conversation_locks,
        "conversations/undo.py",
        "def f(pk): Conversation.objects.filter(pk=pk).select_for_update(no_key=True)\n",
    ),
    (bans.overridden_saves, "agents/models.py", "class A(Model):\n    def save(self): ...\n"),
    (
        bans.unsafe_markup,
        "conversations/tags.py",
        "from django.utils.safestring import mark_safe\nmark_safe(x)\n",
    ),
    (bans.unguarded_posts, "conversations/views/a.py", "@csrf_exempt\ndef f(request): ...\n"),
    (bans.direct_http, "channels_app/adapters/line/send.py", "import httpx\n"),
    (bans.direct_http, "channels_app/adapters/line/send.py", "from urllib.request import urlopen\n"),
    (bans.tables_of_adapters, "channels_app/adapters/line/m.py", "class A(models.Model): ...\n"),
    (bans.tables_of_adapters, "channels_app/models.py", "x = ForeignKey('conversations.Thread')\n"),
    (pages.inline_code, "templates/a.html", '{% extends "b" %}<p style="x">\n'),
    (pages.inline_code, "templates/a.html", "<script>alert(1)</script>"),
    (pages.inline_code, "templates/a.html", '<a onclick="x()">'),
    (pages.inline_code, "templates/a.html", "<style>p {}</style>"),
    (pages.inline_code, "templates/a.html", "<a href='javascript:x()'>"),
    (pages.classes_of_two_files, "static/src/css/b.css", ".taken {\n  gap: 2px;\n}\n"),
    (pages.unescaped_output, "templates/a.html", "{{ text|safe }}"),
    (pages.unescaped_output, "templates/a.html", "{% autoescape off %}"),
    (pages.kinds_in_templates, "templates/a.html", '{% if channel.kind == "email" %}'),
    (pages.queries_in_templates, "templates/a.html", "{% for a in customer.identity_set.all %}"),
    (pages.words_in_templates, "templates/a.html", "<h1>Tickets</h1>"),
    (pages.fragments, "templates/a.html", '{% extends "b" %}{% include "c/d.html" with x=x only %}'),
    (pages.fragments, "templates/a.html", "<p>"),
    (pages.fragments, "templates/_a.html", '{% extends "b" %}'),
    (pages.second_socket, "static/src/controllers/a.ts", "const s = new WebSocket(url)"),
    (pages.evaluated_code, "static/src/controllers/a.ts", "node.innerHTML = text"),
    (pages.hosts_in_lock_files, "requirements.lock", "--index-url https://registry.test/\n"),
    (pages.hosts_in_lock_files, "requirements.txt", "a @ https://files.test/a.whl\n"),
    (pages.hosts_in_lock_files, "package-lock.json", '  "resolved": "https://registry.test/a.tgz"\n'),
    (tests_only.long_test_files, "tests/test_a.py", "x = 1\n" * 501),
    (tests_only.classes_of_tests, "tests/test_a.py", "class A:\n    def test_b(self): ...\n"),
    (tests_only.sleeping_tests, "tests/test_a.py", "time.sleep(1)\n"),
    (tests_only.skipped_tests, "tests/test_a.py", "@pytest.mark.skip\ndef test_a(): ...\n"),
]

# What the checks must let pass, although it comes near.
HARMLESS: list[tuple[Check, str, str]] = [
    (imports.upward_imports, "channels_app/a.py", "from conversations import timeline\n"),
    (bans.overridden_saves, "agents/models/workspace.py", "class AuditRow(Model):\n    def save(self): ...\n"),
    (
        imports.upward_imports,
        "agents/a.py",
        "from helpdesk.lib import clock\nfrom django.conf import settings\n",
    ),
    (imports.upward_imports, "helpdesk/health.py", "from channels_app.models import RawEvent\n"),
    (imports.upward_imports, "calls/a.py", "from channels_app.models import Channel\n"),
    (imports.hidden_imports, "agents/a.py", "def f():\n    import json\n"),
    (imports.imports_of_tasks, "conversations/tasks.py", "from conversations import notify\n"),
    (imports.imports_of_one_adapter, "channels_app/adapters/email/a.py", "from . import parse\n"),
    (sizes.many_parameters, "agents/a.py", "class A:\n    def f(self, a, b, c, d, e, f): ...\n"),
    (words.forbidden_words, "agents/a.py", "contactless = 1\n"),
    (bans.wall_clock, "helpdesk/lib/clock.py", "from datetime import datetime\nx = datetime.now()\n"),
    (bans.wall_clock, "agents/a.py", 'x = clock.now()\ny = time.monotonic()\nz = "say clock.now()"\n'),
    (bans.wall_clock, "agents/a.py", "x = timezone.localtime(at, zone)\n"),
    (bans.broad_excepts, "agents/a.py", "try: f()\nexcept BaseException:\n    close()\n    raise\n"),
    (bans.stray_advisory_locks, "helpdesk/lib/advisory.py", "sql = 'SELECT pg_try_advisory_lock(1, 2)'\n"),
    (bans.second_publisher, "conversations/live.py", "redis.publish('a', 'b')\n"),
    (bans.questions_about_kind, "channels_app/adapters/email/a.py", "channel.kind == 'email'\n"),
    (bans.questions_about_kind, "conversations/a.py", "entry.kind == 'note'\nidentity.kind == 'email'\n"),
    (bans.broad_excepts, "conversations/tasks.py", "try: f()\nexcept Exception: log.exception('a')\n"),
    (
        bans.plain_row_locks,
        "agents/a.py",
        "A.objects.select_for_update(no_key=True)\nx = 'for no key update'\n",
    ),
    (bans.unguarded_posts, "channels_app/views/webhook.py", "@csrf_exempt\ndef receive(request): ...\n"),
    (pages.inline_code, "templates/a.html", '<script src="a.js"></script><p data-style="x">'),
    (
        pages.classes_of_two_files,
        "static/src/css/b.css",
        ".own .taken { gap: 0; }\n@media print {\n  .taken { gap: 0; }\n}\n",
    ),
    (pages.fragments, "templates/a.html", '{% extends "b" %}{% include "c/_d.html" with x=x only %}'),
    (pages.hosts_in_lock_files, "package-lock.json", '  "url": "https://opencollective.test"\n'),
]


def _name(value: object) -> str | None:
    return value.__name__ if callable(value) else str(value)[:40]


def _plant(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text, encoding="utf-8")


@pytest.mark.parametrize("check", layout.ALL, ids=_name)
def test_the_house_keeps_its_walls(check: Check) -> None:
    assert [str(problem) for problem in check(ROOT)] == []


@pytest.mark.parametrize(("check", "path", "text"), PLANTED, ids=_name)
def test_a_planted_breach_is_found(tmp_path: Path, check: Check, path: str, text: str) -> None:
    _plant(tmp_path, "static/src/css/a.css", ".taken { gap: 0; }\n")
    _plant(tmp_path, path, text)
    found = check(tmp_path)
    assert {type(problem) for problem in found} == {Problem}
    assert {problem.path for problem in found} <= {path, path.split("/")[0]}


@pytest.mark.parametrize(("check", "path", "text"), HARMLESS, ids=_name)
def test_what_comes_near_a_breach_passes(tmp_path: Path, check: Check, path: str, text: str) -> None:
    _plant(tmp_path, path, text)
    assert check(tmp_path) == []


def test_every_check_has_a_planted_breach() -> None:
    assert {check for check, _, _ in PLANTED} == set(layout.ALL)


def test_the_checks_read_the_real_tree() -> None:
    paths = {source.path for source in layout.source.own(ROOT)}
    assert "helpdesk/lib/clock.py" in paths
    assert "channels_app/adapters/_base.py" in paths
