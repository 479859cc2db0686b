"""How the API says no: one shape for every refusal (RFC 9457, `application/problem+json`), and its description."""

from http import HTTPStatus
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.core.exceptions import PermissionDenied as Forbidden
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, serializers, status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView, exception_handler

from conversations.api.doors import PROBLEM


class Refusal(exceptions.APIException):
    """A refusal with members of its own beside the sentence, such as whose an address is."""

    def __init__(self, detail: Any = None, code: str | None = None, **more: Any) -> None:
        super().__init__(detail, code)
        self.more = more


class Conflict(Refusal):
    """The request does not fit what is there."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"
    default_detail = _("Somebody changed it in the meantime.")


class Stale(Refusal):
    """What the caller has seen (If-Match) is no longer so."""

    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_code = "stale"
    default_detail = _("Somebody changed it in the meantime.")


class ProblemSerializer(serializers.Serializer[Any]):
    """A refusal. code: a stable word for programs; errors: sentences by field (400 only)."""

    type = serializers.CharField(help_text="Always `about:blank`: the status says what kind it is.")
    title = serializers.CharField(help_text="The status in words.")
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="What happened, in a sentence.")
    code = serializers.CharField(help_text="A stable word for programs: `taken`, `merged`, `in_use`, …")
    errors = serializers.DictField(  # type: ignore[assignment]
        child=serializers.JSONField(), required=False, help_text="Sentences by field."
    )
    customer = serializers.IntegerField(required=False, help_text="Whose it is, if you may know.")
    merged_into = serializers.IntegerField(required=False, help_text="Who is left, if you may know.")
    scope = serializers.CharField(required=False, help_text="Which scope the token lacks.")
    now = serializers.DictField(child=serializers.JSONField(), required=False, help_text="What stands there now.")


@extend_schema(exclude=True)
class Absent(APIView):
    """What every other address below the API answers."""

    permission_classes = [AllowAny]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Whatever the method: there is nothing."""
        raise exceptions.NotFound


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """Turn an exception into a problem; None (the answer 500) for one that nobody foresaw."""
    error = _known(error)
    response = exception_handler(error, context)
    if response is None or not isinstance(error, exceptions.APIException):
        return response
    is_invalid = isinstance(error, exceptions.ValidationError)
    said = {"errors": _by_field(response.data)} if is_invalid else getattr(error, "more", {})
    response.data = {
        "type": "about:blank",
        "title": HTTPStatus(response.status_code).phrase,
        "status": response.status_code,
        "detail": str(_("Some fields are not right.")) if is_invalid else str(error.detail),
        "code": "invalid" if is_invalid else str(error.get_codes()),
        **said,
    }
    response.content_type = PROBLEM
    return response


def refusals(*codes: int) -> dict[tuple[int, str], type[ProblemSerializer]]:
    """Describe the statuses that one operation may refuse with, beside those of every operation."""
    return {(code, PROBLEM): ProblemSerializer for code in codes}


def _known(error: Exception) -> Exception:
    """What may not be seen, what is not there, and what was taken away a moment ago answer alike."""
    if isinstance(error, Http404 | ObjectDoesNotExist | exceptions.NotFound):
        return exceptions.NotFound()
    return exceptions.PermissionDenied() if isinstance(error, Forbidden) else error


def _by_field(errors: Any) -> dict[str, Any]:
    return errors if isinstance(errors, dict) else {"non_field_errors": errors}
