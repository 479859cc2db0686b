"""Who opened which customer: a row at most once an hour for each agent and customer.

The only row that a GET writes. What was written is remembered in this process, so that an open page, which asks for its
entries whenever something happens, writes once an hour.
"""

from datetime import datetime
from functools import partial

from django.db import transaction

from agents.models import Agent
from helpdesk.lib import clock, sql

REMEMBERED_MAX = 50_000
# A commit that waits for the disk would cost an open page some milliseconds: who pulls the plug within half a second
# of reading may go unnoticed. Inside a transaction of somebody else's (there is none around a GET) it would be theirs.
KEEP = """INSERT INTO conversations_customerread (agent_id, customer_id, hour, at)
    SELECT %(agent)s, %(customer)s, %(hour)s, %(at)s WHERE set_config('synchronous_commit', 'off', true) = 'off'
    ON CONFLICT DO NOTHING"""
_remembered: dict[tuple[int, int], datetime] = {}


def note(customer_id: int, agent: Agent) -> None:
    """Write down that an agent reads a customer, unless that stands there for this hour. Outside a transaction."""
    at = clock.now()
    hour, which = at.replace(minute=0, second=0, microsecond=0), (agent.pk, customer_id)
    if _remembered.get(which) == hour:
        return
    sql.run(KEEP, {"agent": agent.pk, "customer": customer_id, "hour": hour, "at": at})
    # A test, or whoever wraps this in a transaction, may yet take it back.
    transaction.on_commit(partial(_remember, which, hour))


def _remember(which: tuple[int, int], hour: datetime) -> None:
    if len(_remembered) >= REMEMBERED_MAX:
        _remembered.clear()
    _remembered[which] = hour
