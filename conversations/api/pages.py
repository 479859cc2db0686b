"""Lists come in pages; the cursor is opaque, holds the place of the last row, and shows no row twice or never."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from conversations.api.reading import BIGGEST

CURSOR_MAX = 200


class NewestFirst(BasePagination):
    """Pages of 50, the newest row first."""

    page_size = 50
    order: tuple[str, ...] = ("-pk",)

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        """Return one page. Raises ValidationError for a cursor that none of ours is."""
        cursor = request.query_params.get("cursor", "")
        rows = queryset.order_by(*self.order)
        if cursor:
            rows = rows.filter(self.beyond(*_place(cursor)))
        found = list(rows[: self.page_size + 1])
        more = len(found) > self.page_size
        here = request.build_absolute_uri()
        last = found[self.page_size - 1] if more else None
        self.following = replace_query_param(here, "cursor", _cursor(self.key(last), last.pk)) if last else None
        return found[: self.page_size]

    def beyond(self, key: str, pk: int) -> Q:
        """Return which rows come after a place."""
        return Q(pk__lt=pk)

    def key(self, row: Any) -> str:
        """Return what rows are ordered by before their pk; a text without `|`."""
        return ""

    def get_paginated_response(self, data: Any) -> Response:
        """Answer with a page and the address of the next."""
        return Response({"results": data, "next": self.following})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Describe a page."""
        following = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["results", "next"],
            "properties": {"results": schema, "next": following},
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """Describe the cursor."""
        said = "Where the page begins; comes in `next`."
        return [{"name": "cursor", "in": "query", "description": said, "schema": {"type": "string"}}]


class LatestFirst(NewestFirst):
    """Pages of 50 conversations, the one with the newest message first."""

    order = ("-last_entry_at", "-pk")

    def beyond(self, key: str, pk: int) -> Q:
        """Return which conversations come after a place."""
        at = _moment(key)
        return Q(last_entry_at__lte=at) & (Q(last_entry_at__lt=at) | Q(pk__lt=pk))

    def key(self, row: Any) -> str:
        """Return when its newest message was."""
        return str(row.last_entry_at.isoformat())


class InShownOrder(NewestFirst):
    """Pages of 100 by (occurred_at, id), as a timeline shows them."""

    page_size = 100
    order = ("occurred_at", "pk")

    def beyond(self, key: str, pk: int) -> Q:
        """Return which entries come after a place."""
        at = _moment(key)
        return Q(occurred_at__gte=at) & (Q(occurred_at__gt=at) | Q(pk__gt=pk))

    def key(self, row: Any) -> str:
        """Return when it happened."""
        return str(row.occurred_at.isoformat())


def _cursor(key: str, pk: int) -> str:
    return urlsafe_b64encode(f"{key}|{pk}".encode()).decode().rstrip("=")


def _place(cursor: str) -> tuple[str, int]:
    try:
        text = urlsafe_b64decode(cursor[:CURSOR_MAX].encode("ascii") + b"===").decode("ascii")
        key, _bar, pk = text.rpartition("|")
        place = (key, int(pk))
    except ValueError as error:
        raise _no_cursor() from error
    if not 0 < place[1] <= BIGGEST:
        raise _no_cursor()
    return place


def _moment(key: str) -> datetime:
    try:
        at = datetime.fromisoformat(key)
    except ValueError as error:
        raise _no_cursor() from error
    if at.tzinfo is None:
        raise _no_cursor()
    return at


def _no_cursor() -> ValidationError:
    return ValidationError({"cursor": [_("This is no place of this list.")]})
