"""The description (OpenAPI): what every view's own words leave out because it is the same for all of them.

Imports no view: describing one begins while it is made.
"""

from http import HTTPStatus
from typing import Any

from drf_spectacular.openapi import AutoSchema

from agents.programs.repeating import HEADER, KEY_MAX, REPLAYED
from agents.programs.scopes import Scope
from conversations.api.doors import PROBLEM, scope_of

# What every operation may answer, whatever it does, and beside it those that take a body, or an If-Match.
EVERYWHERE = (400, 401, 403, 406, 429)
WITH_BODY = (413, 415)
LIMITS = {
    "RateLimit-Limit": "How many requests a minute this token has.",
    "RateLimit-Remaining": "How many of them are left.",
    "RateLimit-Reset": "In how many seconds the next minute begins.",
}
READ, CHANGED = {"GET"}, {"PATCH", "PUT", "DELETE"}


class Description(AutoSchema):
    """Adds scopes, ETags, keys, limits and the refusals that go with them to each operation."""

    def get_auth(self) -> list[dict[str, Any]]:
        """Name the scope that is needed."""
        named: list[dict[str, Any]] = super().get_auth()
        scope = scope_of(self.view, self.method)
        return [{name: [scope.value] for name in one} for one in named] if scope else named

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        """Describe one method of one address."""
        found: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        if found is None or not hasattr(self.view, "is_one"):
            return found
        scope = scope_of(self.view, self.method)
        found["description"] = f"{found.get('description', '')}\n\nScope: `{scope.value if scope else ''}`".strip()
        _add_answers(found, takes_body=self.method not in {"GET", "DELETE"})
        if self.method == "POST":
            _add_key(found)
        _add_marks(found, self.method, self.view)
        return found


def describe_scopes(result: dict[str, Any], **_more: Any) -> dict[str, Any]:
    """Say what each scope opens (a hook of drf-spectacular)."""
    rows = "\n".join(f"- `{scope.value}`: {scope.label}" for scope in Scope)
    scheme = result["components"]["securitySchemes"]["token"]
    scheme["description"] = f"A token of an agent or a service. It narrows what their role allows.\n\n{rows}"
    return result


def _add_answers(operation: dict[str, Any], *, takes_body: bool) -> None:
    for code in (*EVERYWHERE, *(WITH_BODY if takes_body else ())):
        operation["responses"].setdefault(str(code), _problem(code))
    wait = _header("In how many seconds it may be asked again.", "integer")
    operation["responses"]["429"].setdefault("headers", {})["Retry-After"] = wait
    limits = {name: _header(said, "integer") for name, said in LIMITS.items()}
    for code, answer in operation["responses"].items():
        answer["description"] = answer.get("description") or HTTPStatus(int(code)).phrase
        if code.startswith("2") or code == "429":
            answer.setdefault("headers", {}).update(limits)


def _add_key(operation: dict[str, Any]) -> None:
    said = "Names this request for 24 hours: sent again with the same key it does nothing again and is answered alike."
    schema = {"type": "string", "minLength": 1, "maxLength": KEY_MAX, "pattern": "^[ -~]+$"}
    operation.setdefault("parameters", []).append(_parameter(HEADER, said, schema))
    for code in ("409", "422"):
        operation["responses"].setdefault(code, _problem(int(code)))
    for code, answer in operation["responses"].items():
        if code.startswith("2"):
            answer["headers"][REPLAYED] = _header("`true`: it was done before, under this key.", "string")


def _add_marks(operation: dict[str, Any], method: str, view: Any) -> None:
    if not (view.is_one or view.acts_on):
        return
    parameters, answers = operation.setdefault("parameters", []), operation["responses"]
    if view.is_one and method in READ:
        parameters.append(_parameter("If-None-Match", "The ETag of what you have: 304 if it is still so."))
        answers["304"] = {"description": "It is as you have it.", "headers": {"ETag": _header("", "string")}}
    if (view.is_one and method in CHANGED) or (view.acts_on and method == "POST"):
        of = view.acts_on or "what you have seen"
        parameters.append(_parameter("If-Match", f"The ETag of {of}; 412 when it has changed, or is gone."))
        answers.setdefault("412", _problem(412))
    if view.is_one and "200" in answers:
        answers["200"]["headers"]["ETag"] = _header("Strong; another as soon as anything of it is.", "string")


def _problem(code: int) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": HTTPStatus(code).phrase, "content": {PROBLEM: {"schema": schema}}}


def _header(said: str, kind: str) -> dict[str, Any]:
    return {"description": said, "schema": {"type": kind}}


def _parameter(name: str, said: str, schema: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"name": name, "in": "header", "description": said, "schema": schema or {"type": "string"}}
