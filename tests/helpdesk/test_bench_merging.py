"""`bench merge` merges and parts, and a merge asks as many statements whatever the customers' length."""

import pytest
from django.db import connections

from helpdesk.bench import desks, merging
from helpdesk.seeds import bench as seed
from tests import factories


@pytest.mark.django_db(transaction=True)
def test_a_merge_and_its_undo_ask_as_many_statements_whatever_the_length() -> None:
    factories.built_in_role(slug="agent")
    seed.load(seed.Wish(size=20))
    lengths = (30, 300)
    found = merging.measure(desks.sign_in(20, connections["default"]), lengths, rounds=1)
    for act in merging.ACTS:
        few, many = (found[act, length] for length in lengths)
        assert few.statements == many.statements > 10
        # Entries, messages, what they taught, conversations: more than twice as many rows as entries.
        assert many.rows - few.rows > 2 * (300 - 30)
        assert few.locked[0] > 0
    rows = {row.what: row for row in merging.rows_of(found, lengths)}
    assert rows["merge, statements, 300 to 30"].ok
    assert rows["undo, an entry of 300 to one of 30"].limit == merging.LIMIT


@pytest.mark.django_db
def test_a_round_with_a_lost_entry_does_not_count() -> None:
    customer = factories.make_customer()
    with pytest.raises(RuntimeError, match="has 0 entries of 1"):
        merging.check(customer.pk, 1)
