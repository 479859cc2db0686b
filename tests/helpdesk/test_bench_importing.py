"""`bench import` brings every message back by both roads, and says what share of raw COPY that is."""

from pathlib import Path

import pytest

from conversations.models import Message
from helpdesk.bench import importing
from tests import factories


@pytest.mark.django_db(transaction=True)
def test_both_roads_bring_every_message_back(tmp_path: Path) -> None:
    factories.built_in_role(slug="agent")
    rows = importing.measure(60, 2.0, 1, tmp_path)
    count = Message.objects.count()
    # One of the conversations is long.
    assert count > 200
    loaded, verified, exported, size = rows[:4]
    assert loaded.limit == importing.SHARE and loaded.ok in {True, False}
    assert loaded.reference and loaded.ratio and abs(loaded.value / loaded.reference - loaded.ratio) < 0.1
    assert verified.reference == loaded.reference and exported.value > 0 and size.value > 0
