"""Reading the Cloud API's webhooks: each kind of event that the public samples do not have."""

from typing import Any

import pytest

from channels_app.adapters.whatsapp import errors
from helpdesk.lib.events import EventKind
from helpdesk.lib.inbound import Party
from tests.channels_app.meta import SAID_AT, body_of, fields_of, parse

Kind = EventKind
NUMBER, BSUID = "393331234567", "IT.9f2A77"
EXPECTED: list[tuple[str, list[dict[str, Any]]]] = [
    ("edit", [{"kind": Kind.EDIT, "target_id": "wamid.in0", "text": "Size 42, sorry", "sender_id": NUMBER}]),
    ("revoke", [{"kind": Kind.DELETE, "target_id": "wamid.in0", "sender_id": NUMBER}]),
    ("reaction", [{"kind": Kind.REACTION, "target_id": "wamid.out1", "reaction": "👍", "is_removed": False}]),
    ("reaction_removed", [{"kind": Kind.REACTION, "is_removed": True}, {"kind": Kind.REACTION, "is_removed": True}]),
    (
        "group",
        [{"conversation_id": "120363@g.us", "chat_type": "group", "hints": {"group_id": "120363@g.us"}}],
    ),
    (
        "bsuid_only",
        [
            {
                "sender_id": "US.Ab12",
                "sender_name": "Ada",
                "aliases": (Party("whatsapp", "US.ENT.Cd34", "bsuid"),),
                "details": {"username": "ada.ex"},
            }
        ],
    ),
    (
        "echo",
        [
            {"kind": Kind.ECHO, "direction": "out", "recipient_id": NUMBER, "text": "I answer from my phone"},
            {"kind": Kind.ECHO_DELETE, "direction": "out", "target_id": "wamid.phone1"},
        ],
    ),
    (
        "stop",
        [
            {
                "kind": Kind.OPT_OUT,
                "sender_id": NUMBER,
                "details": {"category": "marketing_messages", "purpose": "offers"},
            },
            {"kind": Kind.OPT_IN, "sender_id": NUMBER},
        ],
    ),
    (
        "new_number",
        [
            {
                "kind": Kind.SYSTEM,
                "sender_id": NUMBER,
                "status": "user_changed_number",
                "details": {"type": "user_changed_number", "new_value": "393337654321"},
            }
        ],
    ),
    ("account", [{"kind": Kind.ACCOUNT, "status": "DISABLED_UPDATE", "error": "DISABLE"}]),
    ("ad", [{"kind": Kind.MESSAGE, "ad_id": "777", "ref": "clid1"}]),
    ("media_error", [{"kind": Kind.MESSAGE, "text": "The box", "error_code": "131052"}]),
    ("unsupported", [{"kind": Kind.UNSUPPORTED, "error_code": "131051"}]),
    ("bare_interactive", [{"kind": Kind.UNSUPPORTED, "error_code": "131060", "error": "This message is unavailable"}]),
    ("call", [{"kind": Kind.CALL, "direction": "in", "status": "connect", "message_id": "wacid.1"}]),
    ("order", [{"kind": Kind.ORDER, "text": "For Friday"}]),
    ("address_card", [{"kind": Kind.MESSAGE}]),
    (
        "group_status",
        [{"kind": Kind.STATUS, "conversation_id": "120363@g.us", "recipient_id": NUMBER, "status": "delivered"}],
    ),
    ("failed_in_words", [{"kind": Kind.STATUS, "status": "failed", "recipient_id": "US.Ab12"}, {"kind": Kind.IGNORED}]),
    ("welcome", [{"kind": Kind.CONVERSATION_STARTED}]),
]


@pytest.mark.parametrize(("name", "expected"), EXPECTED, ids=[row[0] for row in EXPECTED])
def test_each_kind_of_event_is_understood(name: str, expected: list[dict[str, Any]]) -> None:
    found = parse("whatsapp", body_of("whatsapp", name))
    assert [dict(zip(want, fields_of(one, *want), strict=True)) for one, want in zip(found, expected, strict=True)] == (
        expected
    )


def test_a_number_and_a_bsuid_that_come_together_are_one_person() -> None:
    event = parse("whatsapp", body_of("whatsapp", "edit"))[0]
    assert event.aliases == (Party("whatsapp", BSUID, "bsuid"),)
    assert (event.sender_name, event.occurred_at) == ("Giulia Tedesco", SAID_AT)


def test_a_new_number_and_a_new_bsuid_come_as_aliases() -> None:
    aliases = parse("whatsapp", body_of("whatsapp", "new_number"))[0].aliases
    assert [(one.value, one.realm) for one in aliases] == [("+393337654321", ""), ("IT.NEW1", "bsuid")]


def test_what_meta_could_not_get_says_so_on_the_file() -> None:
    file = parse("whatsapp", body_of("whatsapp", "media_error"))[0].files[0]
    assert (file.type, file.ref, file.error) == (
        "image",
        "55",
        errors.VERDICTS[131052].sentence,
    )


def test_an_order_keeps_its_lines() -> None:
    details = parse("whatsapp", body_of("whatsapp", "order"))[0].details
    line = {"product_retailer_id": "cup-1", "quantity": "2", "item_price": "7.5", "currency": "EUR"}
    assert details == {"catalog_id": "9", "items": [line]}


def test_an_address_card_without_a_formatted_name_has_one() -> None:
    file = parse("whatsapp", body_of("whatsapp", "address_card"))[0].files[0]
    assert (file.type, file.name, file.phones, file.emails) == (
        "contact", "Ada Example", ("15550101",), ("ada@example.test",)
    )  # fmt: skip


def test_a_failure_is_told_in_our_words_with_the_key_of_the_piece() -> None:
    event = parse("whatsapp", body_of("whatsapp", "failed_in_words"))[0]
    assert (event.error_code, event.error) == ("131047", errors.VERDICTS[131047].sentence)
    assert event.details == {
        "piece_key": "piece-1", "code": "window_closed", "said": "More than 24 hours have passed"
    }  # fmt: skip


@pytest.mark.parametrize(
    "config", [{"phone_number_id": "2"}, {"waba_id": "2", "phone_number_id": "2"}], ids=["number", "both"]
)
def test_what_is_about_another_number_is_ignored(config: dict[str, str]) -> None:
    assert [one.kind for one in parse("whatsapp", body_of("whatsapp", "edit"), **config)] == [Kind.IGNORED]


def test_what_is_about_another_account_is_ignored() -> None:
    change = {"field": "message_template_status_update", "value": {"event": "PAUSED", "message_template_id": 5}}
    template = {"object": "whatsapp_business_account", "entry": [{"id": "9", "changes": [change]}]}
    assert [one.kind for one in parse("whatsapp", template, waba_id="215550100")] == [Kind.IGNORED]
    assert [one.status for one in parse("whatsapp", template, waba_id="9")] == ["PAUSED"]


def test_cards_belong_to_messages_by_their_ids_and_not_by_their_place() -> None:
    cards = [{"profile": {"name": "Ada"}, "wa_id": "111"}, {"profile": {"name": "Bela"}, "user_id": "US.2"}]
    said = [
        {"from_user_id": "US.2", "id": "a", "type": "text", "text": {"body": "x"}},
        {"from": "111", "id": "b", "type": "text", "text": {"body": "y"}},
        {"from": "333", "id": "c", "type": "text", "text": {"body": "z"}},
    ]
    value = {"contacts": cards, "messages": said}
    body = {"object": "whatsapp_business_account", "entry": [{"changes": [{"field": "messages", "value": value}]}]}
    assert [one.sender_name for one in parse("whatsapp", body)] == ["Bela", "Ada", ""]
