"""`bench ingest`: from the bytes of a mail to the hint that it is there (P1 of docs/performance.md)."""

import os
from collections.abc import Callable
from statistics import median
from typing import Any

import redis
from django.conf import settings
from django.db import connection

from agents.models import Brand, Team
from channels_app import intake
from channels_app.adapters.email import reply
from channels_app.models import Channel, RawEvent
from conversations import after
from conversations.known import facts
from conversations.models import Blob, Entry, Fact, Searchable, Thread
from conversations.searching import filling
from helpdesk.bench import corpus, harness, load
from helpdesk.bench.corpus import Known, Letter
from helpdesk.bench.harness import Cpu, Row
from helpdesk.bench.reference import Pipeline, Whole
from helpdesk.lib import clock
from helpdesk.lib.html import clean, to_text
from helpdesk.lib.inbound import RawInput

LIMIT = 3.0
# What facts may add to a mail, from its bytes to the hint.
LEARN_LIMIT = 0.1
# What the words of the search may add, their index brought in order.
SEARCH_LIMIT = 0.15
SEARCH = "keep its words for the search (a step after its entry), added"
LEARN = "learn what it tells (a step after its entry), added"
STEPS = "all steps after its entry, added"
PEOPLE = 200
WARM_UP = 60
WHOLE = "raw pipeline that does the whole work"


def run(*, rounds: int, mails: int, stored: int) -> dict[str, Any]:
    """Measure and return the report. mails: per round. stored: messages that are there before."""
    before = os.getloadavg()
    bench = opened(stored)
    for number in range(rounds):
        bench.round(bench.letters(mails, f"r{number}"))
    return harness.report("ingest", rounds, bench.rows(), before)


def opened(stored: int) -> "Bench":
    """Load so many messages into the database of now, and open a mailbox beside them."""
    load.messages(stored)
    bench = Bench()
    bench.warm_up()
    return bench


class Bench:
    """The mailbox, the people who write to it, and what was measured."""

    def __init__(self) -> None:
        connection.ensure_connection()
        self.backend: int = connection.connection.info.backend_pid
        self.reference = Pipeline(settings_url())
        self.redis = redis.Redis.from_url(settings.REDIS_URL)
        self.whole = Whole(settings_url(), self.redis)
        self.channel = _mailbox()
        self.known: list[Known] = []
        self.found: dict[str, list[Cpu]] = {}
        self.telling: list[float] = []

    def warm_up(self) -> None:
        """Make the people whom later mails answer, and fill every cache there is."""
        first = corpus.letters(PEOPLE, "first", [], self._own_id)
        self._process(self.store(first))
        threads = Thread.objects.filter(channel=self.channel).select_related("identity")
        self.known = [Known(one.identity.value, one.external_id) for one in threads]
        letters = self.letters(WARM_UP, "warm")
        self._process(self.store(letters))
        self.reference.ingest(first + letters)
        self.whole.ingest(first + letters)

    def letters(self, count: int, seed: str) -> list[Letter]:
        """Mails of this seed, answers among them."""
        return corpus.letters(count, seed, self.known, self._own_id)

    def round(self, letters: list[Letter]) -> None:
        """Measure the references, then the desk, then its parts, with the same mails."""
        self._note("raw pipeline", letters, lambda: self.reference.ingest(letters), self.reference.backend)
        self._note(WHOLE, letters, lambda: self.whole.ingest(letters), self.whole.backend)
        pks: list[int] = []
        entries = Entry.objects.count()
        stored = self._note("store", letters, lambda: pks.extend(self.store(letters)))
        filed = self._note("file", letters, lambda: self._process(pks))
        self.found.setdefault("ingest", []).append(stored + filed)
        _check(pks, Entry.objects.count() - entries)
        self._after(pks, letters)
        self._parts(letters)
        self.redis.flushdb()

    def _after(self, pks: list[int], letters: list[Letter]) -> None:
        """Measure the steps after the entries of these mails: learning what they tell, then all of them anew."""
        entries = list(after.with_parts().filter(raw__in=pks, message__isnull=False))
        self._note(LEARN, letters, lambda: [after.take(facts.after_entry, entry) for entry in entries])
        told = Fact.objects.filter(entry__in=entries).values("entry").distinct().count()
        self.telling.append(100 * told / len(entries))
        Fact.objects.filter(entry__in=entries).delete()
        self._note(SEARCH, letters, lambda: _keep_words(entries))
        Searchable.objects.filter(entry__in=entries).delete()
        self._note(STEPS, letters, lambda: _after_each(entries))

    def _parts(self, letters: list[Letter]) -> None:
        """Measure one by one what reading and filing are made of, and what is not part of them yet."""
        ours = harness.process_ms(os.getpid())
        read = self._note("read in the child", letters, lambda: self._read(letters))
        ours = (harness.process_ms(os.getpid()) - ours) / len(letters)
        self.found.setdefault("of it in the child itself", []).append(Cpu(read.app - ours))
        self._note("clean the HTML (part of reading)", letters, lambda: [clean(one.html) for one in letters])
        self._note("HTML to text (where no text came along)", letters, lambda: [to_text(one.html) for one in letters])
        # Reversed, because these bytes are stored already.
        files = [one.file[::-1] for one in letters if one.file]
        self._note("store the files (part of filing)", letters, lambda: [Blob.keep(one) for one in files])

    def rows(self) -> list[Row]:
        """The result: the gate first, then where it goes."""
        found = dict(self.found)
        ingest, raw = found.pop("ingest"), found.pop("raw pipeline")
        return [
            harness.compare("one mail, from its bytes to the hint", ingest, raw, LIMIT),
            harness.compare("one mail, beside the pipeline that does the whole work", ingest, found.pop(WHOLE)),
            harness.compare(LEARN, found.pop(LEARN), ingest, LEARN_LIMIT),
            harness.compare(SEARCH, found.pop(SEARCH), ingest, SEARCH_LIMIT),
            Row("mails that tell something", median(self.telling), "of 100"),
            harness.compare(STEPS, found.pop(STEPS), ingest),
            harness.alone("raw pipeline", raw),
            harness.compare(WHOLE, self.found[WHOLE], raw),
            *(harness.compare(what, rounds, raw) for what, rounds in found.items()),
        ]

    def _note(self, what: str, letters: list[Letter], work: Callable[[], object], backend: int = 0) -> Cpu:
        cpu = harness.measure(work, len(letters), backend or self.backend)
        self.found.setdefault(what, []).append(cpu)
        return cpu

    def store(self, letters: list[Letter]) -> list[int]:
        """Store these mails, which rings for each; return their numbers."""
        return [intake.store(self.channel, body=one.raw, headers={"rcpt_to": corpus.MAILBOX}).pk for one in letters]

    def _process(self, pks: list[int]) -> None:
        for pk in pks:
            intake.process(pk)

    def _read(self, letters: list[Letter]) -> None:
        config = {**self.channel.config, "trusted_authserv": self.channel.trusted_authserv}
        for one in letters:
            self.channel.adapter.parse(RawInput(body=one.raw, received_at=clock.real(), headers={}, config=config))

    def _own_id(self, person: Known) -> str:
        return reply.message_id(corpus.MAILBOX, person.answered, "bench", settings.SECRET_KEY)


def _after_each(entries: list[Entry]) -> None:
    """Run the steps after these entries one by one, as each mail rings for its own."""
    for entry in entries:
        after.run([entry.pk])


def _keep_words(entries: list[Entry]) -> None:
    """Keep the words of these entries one by one; what waits before the index is worked off, for that is its price."""
    for entry in entries:
        after.take(filling.after_entry, entry)
    with connection.cursor() as cursor:
        cursor.execute("SELECT gin_clean_pending_list('searchable_vector')")


def _check(pks: list[int], entries: int) -> None:
    """A figure counts only when everything was filed."""
    filed = RawEvent.objects.filter(pk__in=pks, state=RawEvent.State.FILED, messages_count=1).count()
    if filed != len(pks) or entries < filed:
        raise RuntimeError(f"Only {filed} of {len(pks)} mails were filed, with {entries} entries.")


def _mailbox() -> Channel:
    brand, _made = Brand.objects.get_or_create(is_default=True, defaults={"name": "Bench"})
    team = Team.objects.create(name="Bench")
    channel = Channel(kind="email", name="Bench", brand=brand, default_team=team, trusted_authserv=corpus.TRUSTED)
    channel.config = {"address": corpus.MAILBOX, "name": "The Desk"}
    channel.save()
    return channel


def settings_url() -> str:
    """The address of the database as libpq takes it."""
    row = connection.settings_dict
    return f"postgresql://{row['USER']}@/{row['NAME']}?host={row['HOST']}"
