"""What a segment can ask of custom fields. Only what has the shape of its kind is compared; all else finds nobody."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.db.models import Case, CharField, DecimalField, F, Func, Q, Value, When
from django.db.models.functions import Cast, Coalesce, Collate, Left
from django.db.models.lookups import Exact, GreaterThan, IContains, IExact, LessThan, Regex
from django.utils.translation import gettext_lazy as _

from customers.models import CustomField
from customers.segments import Asked, Choices, Field, Op

NUMBER = r"^-?[0-9]{1,20}(\.[0-9]{1,20})?$"
DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}"
YES, NO = ("true", "yes", "1"), ("false", "no", "0")
EMPTY = ("", "[]", "{}")
Kind = CustomField.Kind
_OPS: dict[str, dict[str, Op]] = {
    Kind.TEXT: {"contains": Op(_("contains"), "text"), "is": Op(_("is"), "text")},
    Kind.LINK: {"contains": Op(_("contains"), "text")},
    Kind.NUMBER: {
        "equal": Op(_("equals"), "number"), "less": Op(_("less than"), "number"), "more": Op(_("more than"), "number"),
    },
    Kind.DATE: {"before": Op(_("before"), "date"), "after": Op(_("after"), "date"), "on": Op(_("on"), "date")},
    Kind.YES_NO: {"yes": Op(_("yes")), "no": Op(_("no"))},
    Kind.CHOICE: {"chosen": Op(_("is"), "choice"), "not_chosen": Op(_("is not"), "choice")},
    Kind.CHOICES: {"has": Op(_("has"), "choice"), "has_not": Op(_("has not"), "choice")},
}  # fmt: skip
_ALWAYS = {"known": Op(_("is known")), "unknown": Op(_("is not known"))}


def custom_field(row: CustomField) -> Field:
    """Return what can be asked of Customer.custom[slug]."""
    chosen: Choices = [(str(one), str(one)) for one in row.choices if isinstance(one, str | int | float)]
    return Field(row.name, {**_OPS[row.kind], **_ALWAYS}, _question_of(row.slug), lambda agent: chosen)


def _question_of(slug: str) -> Callable[[Asked], Q]:
    # The slug is a value of the statement too, never a part of it.
    said = Coalesce(
        Func(F("custom"), Value(slug), function="jsonb_extract_path_text", output_field=CharField()), Value("")
    )
    number = Case(
        When(Regex(said, NUMBER), then=Cast(said, DecimalField(max_digits=40, decimal_places=20))),
        output_field=DecimalField(max_digits=40, decimal_places=20),
    )
    day = Collate(Case(When(Regex(said, DAY), then=Left(said, 10)), output_field=CharField()), "C")

    def question(asked: Asked) -> Q:
        return _QUESTIONS[asked.op](_Said(slug, said, number, day), asked.value)

    return question


class _Said:
    """A custom field's value as text, as a number and as a day; the latter two null where it is none."""

    def __init__(self, slug: str, text: Any, number: Any, day: Any) -> None:
        self.slug, self.text, self.number, self.day = slug, text, number, day


def _any_of(said: _Said, words: tuple[str, ...]) -> Q:
    found = Q(pk__in=[])
    for word in words:
        found |= Q(IExact(said.text, word))
    return found


_QUESTIONS: dict[str, Callable[[_Said, Any], Q]] = {
    "contains": lambda said, value: Q(IContains(said.text, value)),
    "is": lambda said, value: Q(IExact(said.text, value)),
    "equal": lambda said, value: Q(Exact(said.number, Decimal(value))),
    "less": lambda said, value: Q(LessThan(said.number, Decimal(value))),
    "more": lambda said, value: Q(GreaterThan(said.number, Decimal(value))),
    "before": lambda said, value: Q(LessThan(said.day, value)),
    "after": lambda said, value: Q(GreaterThan(said.day, value)),
    "on": lambda said, value: Q(Exact(said.day, value)),
    "yes": lambda said, value: _any_of(said, YES),
    "no": lambda said, value: _any_of(said, NO),
    "chosen": lambda said, value: Q(Exact(said.text, value)),
    "not_chosen": lambda said, value: ~Q(Exact(said.text, value)),
    "has": lambda said, value: Q(custom__contains={said.slug: [value]}),
    "has_not": lambda said, value: ~Q(custom__contains={said.slug: [value]}),
    "known": lambda said, value: ~_any_of(said, EMPTY),
    "unknown": lambda said, value: _any_of(said, EMPTY),
}
