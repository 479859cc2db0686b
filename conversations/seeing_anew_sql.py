"""When a team becomes private or public, its entries vanish or appear on timelines: open pages load again.

One statement for a thousand customers; nothing is written on their timelines, for nothing happened to them.
"""

from collections.abc import Sequence

from django.db import connection

from conversations import live
from conversations.models.conversation import Conversation

BATCH = 1_000
# A number of each timeline is used up without an entry, so that every cursor of before is older than it.
RESET = """
with theirs as (
    select id from customers_customer where id = any(%s) order by id for no key update
)
update customers_customer c set last_seq = c.last_seq + 1, reset_seq = c.last_seq + 1
from theirs where c.id = theirs.id
"""


def of_team(team_id: int) -> None:
    """Let open timelines with work of a team load again. In a transaction; takes their customers' row locks."""
    rows = Conversation.objects.filter(team=team_id).order_by("customer").values_list("customer", flat=True).distinct()
    pks = list(rows)
    for first in range(0, len(pks), BATCH):
        _reset(pks[first : first + BATCH])


def _reset(customers: Sequence[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(RESET, [list(customers)])
    live.seen_anew(customers)
