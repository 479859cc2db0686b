"""The search over everything: one function for the page and for programs."""

from collections.abc import Callable
from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string

from agents.models import Agent
from conversations.searching import filling
from conversations.searching.answer import Answer, Group, Question
from conversations.searching.asking import understand
from conversations.searching.groups import TITLES
from conversations.searching.narrowing import narrow
from conversations.searching.timing import TooSlow, bounded

# How many hits a page shows of each group, and of messages; how many when one group is asked for alone.
FEW, MANY, ALONE = 5, 20, 50
CURSOR_DIGITS = 18


def search(agent: Agent, text: str, *, group: str = "", cursor: str = "", limit: int = 0) -> Answer:
    """Find customers, conversations, orders and messages that this agent may see.

    group: only this one (customers, conversations, orders, messages), from `cursor` on (a Group's `next`; nonsense is
    the beginning). limit: hits of each group. Raises nothing, whatever the text is.
    """
    asked = understand(text)
    if asked.is_empty:
        return Answer(problems=asked.problems)
    try:
        with bounded():
            narrowing = narrow(asked, agent)
    except TooSlow:
        broad = Group("messages", TITLES["messages"], is_too_broad=True)
        return Answer((broad,), asked.problems, is_empty=False)
    below = int(cursor) if group and cursor.isdecimal() and len(cursor) <= CURSOR_DIGITS else None
    usual = {"messages": MANY}
    found = [
        _ask(slug, Question(agent, asked, narrowing, below, limit or (ALONE if group else usual.get(slug, FEW))))
        for slug in _groups()
        if group in ("", slug)
    ]
    kept = tuple(one for one in found if one.hits or one.next or one.is_too_broad)
    problems = (*asked.problems, *narrowing.problems)
    return Answer(kept, problems, is_empty=False, is_complete=filling.is_complete())


def _ask(slug: str, question: Question) -> Group:
    try:
        with bounded():
            return _groups()[slug](question)
    except TooSlow:
        return Group(slug, TITLES[slug], is_too_broad=True)


@cache
def _groups() -> dict[str, Callable[[Question], Group]]:
    """The functions by the slugs of their groups, which are their names."""
    return {name.rpartition(".")[2]: import_string(name) for name in settings.SEARCH_GROUPS}
