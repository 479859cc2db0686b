"""What the measurement of the widget adds up: the weight of its files, and visits with and without it."""

import sys

import pytest
from django.core.management.base import CommandError

from helpdesk.bench import chromium, visits, weights, widget
from helpdesk.bench.visits import SHOP, Look, Talk
from helpdesk.bench.weights import Weight

DESK = "http://127.0.0.1:8000"
LOADER = f"{DESK}/widget/v1/loader.js"
MANIFEST = {
    "a.ts": {"file": "a.js", "imports": ["b"], "css": ["a.css"], "dynamicImports": ["c"]},
    "b": {"file": "b.js", "imports": ["c"]},
    "c": {"file": "c.js", "css": ["a.css", "c.css"]},
    "d.ts": {"file": "d.js"},
}


def look(task_ms: float, *asked: str, long: int = 0, shifts: float = 0.0) -> Look:
    """A visit in which nothing was opened."""
    return Look(task_ms, long, shifts, [f"{SHOP}/", *asked], 0)


def talk(*slow: float, asked: tuple[str, ...] = (LOADER,)) -> Talk:
    """A visit in which these interactions were slow."""
    return Talk(200.0, list(slow), asked=list(asked))


def failed(plain: list[Look], dressed: list[Look], talks: list[Talk]) -> list[str]:
    """What of these visits is over its limit, by the first words."""
    rows = visits.rows_of(plain, dressed, talks, DESK)
    return [" ".join(row.what.split()[:3]) for row in rows if row.ok is False]


def test_an_entry_is_all_that_may_be_loaded_for_it_once() -> None:
    assert weights.files_of("a.ts", MANIFEST) == ["a.js", "a.css", "b.js", "c.js", "c.css"]
    assert weights.files_of("d.ts", MANIFEST) == ["d.js"]


def test_a_file_weighs_what_travels() -> None:
    found = weights.weigh("x.js", b"abcd" * 1_000)
    assert found.raw == 4_000
    assert found.gzip < 60
    assert found.brotli is None or found.brotli < 60


def test_the_budgets_are_of_the_loader_and_of_the_whole_frame() -> None:
    frame = [Weight("a.js", 90_000, 40 * 1024, 30_000), Weight("a.css", 9_000, 20 * 1024, None)]
    loader, whole, *files = weights.rows_of(Weight("the loader", 9_000, 5 * 1024, 4_000), frame)
    assert (loader.ok, whole.ok, whole.value) == (True, True, 60.0)
    assert [row.limit for row in files] == [None, None]
    heavier = [*frame, Weight("b.js", 1, 1, 1)]
    loader, whole, *_files = weights.rows_of(Weight("the loader", 9_000, 5 * 1024 + 1, 4_000), heavier)
    assert (loader.ok, whole.ok) == (False, False)


def test_a_visit_within_the_budgets_fails_nothing() -> None:
    plain, dressed = [look(100), look(500), look(90)], [look(130, LOADER), look(520, LOADER), look(91, LOADER)]
    assert failed(plain, dressed, [talk(40, 96), talk(), talk(24)]) == []
    row = visits.rows_of(plain, dressed, [talk()], DESK)[0]
    assert row.value == 20


@pytest.mark.parametrize(
    ("dressed", "said", "what"),
    [
        (look(136, LOADER), talk(), "main thread more"),
        (look(100, LOADER, long=1), talk(), "long tasks of"),
        (look(100, LOADER, shifts=0.01), talk(), "layout shift of"),
        (look(100, LOADER, f"{DESK}/widget/k/"), talk(), "requests before it"),
        (look(100, LOADER, "https://fonts.example.test/a.woff2"), talk(), "hosts of others"),
        (look(100, LOADER), talk(asked=("https://cdn.example.test/x.js",)), "hosts of others"),
        (look(100, LOADER), talk(16, 104), "slowest interaction of"),
        (look(100, LOADER), Talk(1.0, frame_shifts=0.03), "layout shift in"),
    ],
)
def test_what_is_over_its_budget_is_named(dressed: Look, said: Talk, what: str) -> None:
    assert failed([look(100)], [dressed], [said]) == [what]


def test_the_page_without_the_widget_is_the_same_page() -> None:
    line = '<script async src="https://desk.example.test/widget/v1/loader.js" data-key="k"></script>'
    assert visits.without_widget(f"<p>a</p>{line}<p>b</p>") == "<p>a</p><p>b</p>"
    with pytest.raises(ValueError, match="no line"):
        visits.without_widget("<p>a</p>")


def test_without_a_browser_it_says_how_to_come_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chromium, "find", lambda: "")
    with pytest.raises(CommandError, match=r"Chromium is not here.*make test"):
        widget.run(rounds=1)
    monkeypatch.setitem(sys.modules, "playwright.sync_api", None)
    with pytest.raises(CommandError, match="Playwright is not here"):
        widget.run(rounds=1)
