"""What is polite and never matters: that an agent has seen it, that somebody types. Rung at most so often."""

from helpdesk.lib import fleeting
from helpdesk.lib.queue import ring_now

MARK_READ, TYPING = "channels_app.mark_read", "channels_app.typing"
# Providers show typing for some twenty seconds.
TYPING_SECONDS, READ_SECONDS = 15, 5


def seen(conversation: int) -> None:
    """An agent has the conversation before them."""
    _ring(MARK_READ, conversation, READ_SECONDS)


def types(conversation: int) -> None:
    """An agent writes an answer."""
    _ring(TYPING, conversation, TYPING_SECONDS)


def _ring(task: str, conversation: int, seconds: int) -> None:
    """Ring unless somebody did so a moment ago; while Redis is away nobody is rung anyway."""
    key = f"courtesy:{task}:{conversation}"
    if fleeting.ask(lambda client: bool(client.set(key, 1, nx=True, ex=seconds)), otherwise=False):
        ring_now(task, conversation)
