"""What the shop keeps of its customers besides: fields of its own, their values, and tags."""

from datetime import timedelta
from typing import Any

from agents.models import Agent
from conversations import people, recording
from customers import custom, defining
from customers.identify import find
from customers.models import CustomField
from helpdesk.lib import clock

FIELDS = (
    ("Shoe size", "number", ""),
    ("Membership", "choice", "Trail\nSummit\nGuide"),
    ("Walks", "choices", "Day walks\nHuts\nVia ferrata\nWinter"),
    ("Member since", "date", ""),
    ("Wholesale", "yes_no", ""),
    ("Own shop", "link", ""),
    ("Good to know", "text", ""),
)
KNOWN: tuple[tuple[str, dict[str, Any], tuple[str, ...]], ...] = (
    (
        "giulia.t@example.test",
        {
            "shoe-size": "39", "membership": "Summit", "walks": ["Huts", "Winter"], "member-since": "2024-05-18",
            "good-to-know": "Narrow heel: prefers the Alpe last. Tracking by email, the rest on Instagram.",
        },
        ("regular", "newsletter"),
    ),
    ("marco.lenzetti@example.test", {"membership": "Trail", "shoe-size": "44.5", "wholesale": False}, ("regular",)),
    (
        "elena.d@example.test",
        {"wholesale": True, "own-shop": "https://doriguzzi.example.test/", "member-since": "2023-11-02"},
        ("wholesale",),
    ),
)  # fmt: skip
# Before what happens today, and after each of them first wrote.
AGO = timedelta(days=20)


def tell(agents: list[Agent]) -> None:
    """Let the administrator add the fields, and the first of the agents fill some."""
    first, admin = agents[0], agents[-1]
    with clock.at(clock.now() - AGO):
        if not CustomField.objects.exists():
            for name, kind, choices in FIELDS:
                defining.add(name, kind, choices, by=admin)
        for address, values, tags in KNOWN:
            identity = find("email", address)
            assert identity is not None
            own = {custom.PREFIX + slug: value for slug, value in values.items()}
            people.change_profile(identity.customer, own, by=first)
            for word in tags:
                recording.tag_customer(identity.customer, word, by=first)
