"""Every code an adapter may raise has a row that says what follows and what an agent can do."""

import re

import pytest

from conversations.troubles import TROUBLES, After, Fix, trouble_of
from helpdesk.lib.outbound import SendError


def test_each_code_of_the_contract_has_its_row() -> None:
    listed = re.search(r"stable \(([^)]*)\)", SendError.__doc__ or "")
    assert listed
    assert set(re.split(r",\s+", listed[1])) <= set(TROUBLES)


@pytest.mark.parametrize(
    ("code", "after", "fix"),
    [
        ("credentials", After.DOWN, Fix.RECONNECT),
        ("opted_out", After.OPTED_OUT, Fix.OPT_IN),
        ("no_offers", After.NO_OFFERS, Fix.TEMPLATE),
        ("held_back", After.FINAL, Fix.REPEAT),
        ("window_closed", After.FINAL, Fix.TEMPLATE),
        ("bounced 5.1.1", After.FINAL, Fix.OTHER_CHANNEL),
        ("131047", After.FINAL, Fix.REPEAT),
    ],
)
def test_what_follows_a_code(code: str, after: After, fix: Fix) -> None:
    assert (trouble_of(code).after, trouble_of(code).fix) == (after, fix)
