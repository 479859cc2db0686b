"""Bodies that programs send: strict JSON of bounded size and depth. Imports no view: views are made with it."""

import json
from typing import IO, Any, NoReturn

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser

# Holds the longest text even where each of its characters is written as two escapes.
BODY_MAX_BYTES = 4 * 1024 * 1024
DEPTH_MAX = 20


class TooLarge(APIException):
    """The body is larger than anything the API takes."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"
    default_detail = gettext_lazy("This is too large.")


class Json(BaseParser):
    """UTF-8 JSON (RFC 8259), whatever charset is named; no NaN, no lone surrogates, no bottomless nesting."""

    media_type = "application/json"

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None) -> Any:
        """Read the body once. Raises TooLarge, ParseError."""
        body = stream.read(BODY_MAX_BYTES + 1)
        if len(body) > BODY_MAX_BYTES:
            raise TooLarge
        try:
            data = json.loads(body.decode("utf-8-sig"), parse_constant=_refuse)
            _refuse_odd(data)
        except (ValueError, RecursionError) as error:
            # A lone surrogate is a ValueError too: it cannot be encoded.
            raise ParseError(_("This is not JSON that can be read.")) from error
        return data


def _refuse(word: str) -> NoReturn:
    raise ValueError(word)


def _refuse_odd(data: Any) -> None:
    """Refuse what cannot be stored or answered: texts that are no Unicode, and nesting without an end."""
    level = [data]
    for _depth in range(DEPTH_MAX):
        below: list[Any] = []
        for value in level:
            if isinstance(value, str):
                value.encode()
            elif isinstance(value, dict):
                below += [*value, *value.values()]
            elif isinstance(value, list):
                below += value
        if not below:
            return
        level = below
    raise ValueError("too deep")
