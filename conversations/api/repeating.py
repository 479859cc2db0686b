"""`Idempotency-Key`: a POST that is sent again does nothing again and is answered as the first was."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.db import transaction
from django.utils.translation import gettext as _
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from agents.models import ApiToken
from agents.programs import repeating
from agents.programs.repeating import HEADER, KEY_MAX, REPLAYED
from conversations.api.problems import Conflict, Refusal
from helpdesk.lib import failpoints

Post = TypeVar("Post", bound=Callable[..., Response])


class OtherRequest(Refusal):
    """The key was used for something else."""

    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_code = "key_used"


def once(post: Post) -> Post:
    """Make a POST safe to send again under one key. What was refused did nothing, and may be tried again."""

    @wraps(post)
    def guarded(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get(HEADER)
        if key is None:
            return post(self, request, *args, **kwargs)
        digest = repeating.digest_of(request.method, request.get_full_path(), request.data)
        with transaction.atomic():
            row = _claimed(cast(ApiToken, request.auth), _checked(key), digest)
            if row.status:
                return Response(row.body, status=row.status, headers={**row.headers, REPLAYED: "true"})
            response = post(self, request, *args, **kwargs)
            failpoints.reach("api.done")
            repeating.keep(row, response.status_code, response.data, dict(response.headers))
        failpoints.reach("api.committed")
        return response

    guarded.is_once = True  # type: ignore[attr-defined]
    return cast(Post, guarded)


def _checked(key: str) -> str:
    if not (0 < len(key) <= KEY_MAX and key.isascii() and key.isprintable()):
        raise ValidationError({HEADER: [_("A key is 1 to 255 printable ASCII characters.")]})
    return key


def _claimed(token: ApiToken, key: str, digest: str) -> Any:
    try:
        return repeating.claim(token, key, digest)
    except repeating.InProgress as error:
        raise Conflict(_("The first request with this key is still at work."), "in_progress") from error
    except repeating.OtherRequest as error:
        raise OtherRequest(_("This key was used for another request.")) from error
