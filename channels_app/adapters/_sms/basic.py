"""HTTP Basic, and bodies of forms: small things that every gateway of text messages is asked with."""

import base64
import json
from typing import Any
from urllib.parse import urlencode

from channels_app.asking import json_of
from helpdesk.lib.http import Answer

FORM = {"content-type": "application/x-www-form-urlencoded"}
JSON = {"content-type": "application/json"}


def basic(user: str, password: str) -> dict[str, str]:
    """Return the header of HTTP Basic."""
    return {"authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def form_body(fields: list[tuple[str, str]]) -> bytes:
    """Write fields as a form."""
    return urlencode(fields).encode()


def json_body(given: Any) -> bytes:
    """Write JSON in UTF-8."""
    return json.dumps(given, ensure_ascii=False, separators=(",", ":")).encode()


def rows_of(answer: Answer, name: str) -> list[dict[str, Any]]:
    """Return the objects in a list of an answer; [] where there is none."""
    found = json_of(answer).get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
