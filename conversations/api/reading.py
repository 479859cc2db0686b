"""What programs send, checked: the body, the parameters of the address, and the numbers of rows."""

from typing import Any

from django.http import QueryDict
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request

BIGGEST = 2**63 - 1


@extend_schema_field(
    {"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?$", "example": "22:00"}
)
class ClockField(serializers.TimeField):
    """A time on somebody's own clock: it has no zone, which the format `time` of a description would demand."""


class Id(serializers.IntegerField):
    """The number of a row."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=1, max_value=BIGGEST, **options)


def body(form: type[serializers.Serializer[Any]], request: Request, *, partial: bool = False) -> dict[str, Any]:
    """Return the checked body; nothing at all is an empty object. Raises ValidationError."""
    data = {} if isinstance(request.data, QueryDict) else request.data
    filled = form(data=data, partial=partial)
    filled.is_valid(raise_exception=True)
    return dict(filled.validated_data)


def query(form: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    """Return the checked parameters of the address; others are ignored. Raises ValidationError."""
    filled = form(data=request.query_params.dict())
    filled.is_valid(raise_exception=True)
    return dict(filled.validated_data)
