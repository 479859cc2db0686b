"""What people write about, and what is asked of each. Words are kept in English and told in every language."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_noop as _

OFF = "off"
SHORT, LONG = 80, 200


@dataclass(frozen=True, slots=True)
class Question:
    """One typed field. kind: text, number (an id, spelled as it stands), date or choice. options: word by name."""

    name: str
    label: str
    kind: str = "text"
    hint: str = ""
    most: int = LONG
    options: tuple[tuple[str, str], ...] = ()
    is_required: bool = False


@dataclass(frozen=True, slots=True)
class Topic:
    """One of the things that people write about. filed: what the desk calls it, '' for nothing certain."""

    name: str
    label: str
    hint: str
    filed: str = ""
    questions: tuple[Question, ...] = ()


ORDER_NUMBER = Question(
    "order_number", _("Order number"), "number", _("It stands in the mail that confirmed your order."), SHORT
)
PRODUCT = Question("product", _("Which product is it?"), hint=_("Its name and, if it matters, its size or colour."))
WISH = Question(
    "wish", _("What would put it right?"), "choice",
    options=(
        ("exchange", _("Exchange it")), ("refund", _("Give the money back")), ("repair", _("Repair it")),
        ("other", _("Something else: I write it below")),
    ),
)  # fmt: skip
TOPICS = (
    Topic("order", _("Order"), _("Change or cancel it, pay, get an invoice"), "Orders", (ORDER_NUMBER,)),
    Topic(
        "delivery", _("Delivery"), _("Where it is, late or damaged parcels"), "Delivery",
        (
            ORDER_NUMBER, Question("expected_on", _("When should it have come?"), "date"),
            Question(
                "trouble", _("What is wrong?"), "choice", is_required=True,
                options=(
                    ("late", _("It has not come")), ("damaged", _("The parcel is damaged")),
                    ("incomplete", _("Something is missing or wrong")), ("change", _("It should go somewhere else")),
                ),
            ),
        ),
    ),
    Topic(
        "return", _("Return"), _("Send something back or exchange it"), "Returns",
        (
            Question(ORDER_NUMBER.name, ORDER_NUMBER.label, "number", ORDER_NUMBER.hint, SHORT, is_required=True),
            PRODUCT, Question("received_on", _("When did you receive it?"), "date"), WISH,
        ),
    ),
    Topic(
        "product", _("Product question"), _("Sizes, care, what suits you, what is in stock"), "Products", (PRODUCT,)
    ),
    Topic(
        "complaint", _("Complaint"), _("Something went wrong, and you want it put right"), "Complaints",
        (ORDER_NUMBER, Question("happened_on", _("When did it happen?"), "date"), WISH),
    ),
    Topic("other", _("Something else"), _("Whatever does not fit above")),
)  # fmt: skip
BY_NAME = {topic.name: topic for topic in TOPICS}


def setting(topic: Topic) -> str:
    """Name a topic's field in the settings: the pk of a team, OFF, or '' for the channel's team."""
    return f"topic_{topic.name}"


def offered(config: dict[str, Any]) -> list[Topic]:
    """Return what can be chosen, in its order; a form on which all is off still takes what fits nowhere."""
    return [topic for topic in TOPICS if config.get(setting(topic)) != OFF] or [BY_NAME["other"]]


def team_of(topic: Topic, config: dict[str, Any]) -> int:
    """Return the pk of the team that a topic goes to; 0: the channel's own."""
    wanted = str(config.get(setting(topic)) or "")
    return int(wanted) if wanted.isascii() and wanted.isdigit() else 0


def told(topic: Topic, answers: dict[str, str]) -> Iterator[dict[str, str]]:
    """Return what was chosen and filled in as an entry keeps it: each with what was asked, in English."""
    yield {"name": _("Topic"), "value": topic.label, "kind": "word"}
    for question in topic.questions:
        answer = answers.get(question.name, "")
        options = dict(question.options)
        if options and answer in options:
            yield {"name": question.label, "value": options[answer], "kind": "word"}
        elif answer and not options:
            yield {"name": question.label, "value": answer, "kind": "date" if question.kind == "date" else "text"}
