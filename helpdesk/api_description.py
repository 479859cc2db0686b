"""The description of the API, made once in each process and language: for programs, and as the page reads it."""

import json
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.utils.translation import get_language
from drf_spectacular.generators import SchemaGenerator

PREFIX = "/api/v1"
METHODS = ("get", "post", "put", "patch", "delete")
# How deep fields within fields are listed.
DEPTH_MAX = 3
EXAMPLES = {"integer": 7, "number": 1.5, "boolean": True, "array": [], "object": {}}


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words of a sentence, or a piece of code in it."""

    text: str
    is_code: bool


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter, or a field of a body or an answer; `name` has dots where it is within another."""

    name: str
    kind: str
    is_required: bool
    words: list[Piece]
    place: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and what comes with it."""

    code: str
    words: list[Piece]
    fields: list[Field]


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one address."""

    name: str
    method: str
    path: str
    words: list[list[Piece]]
    scope: str
    parameters: list[Field]
    body: list[Field]
    answers: list[Answer]
    curl: str


@dataclass(frozen=True, slots=True)
class Noun:
    """The operations whose address begins with one word."""

    name: str
    operations: list[Operation] = field(default_factory=list)


def described() -> dict[str, Any]:
    """Return the description in the language of the reader."""
    return _described(get_language() or "")


def nouns() -> list[Noun]:
    """Return the operations by noun, as the page shows them."""
    return _nouns(get_language() or "")


@cache
def _described(_language: str) -> dict[str, Any]:
    found: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return found


@cache
def _nouns(language: str) -> list[Noun]:
    schema = _described(language)
    found: dict[str, Noun] = {}
    for path, methods in schema["paths"].items():
        for method in METHODS:
            if method in methods:
                tag = methods[method]["tags"][0]
                found.setdefault(tag, Noun(tag)).operations.append(_operation(schema, path, method, methods[method]))
    return [found[name] for name in sorted(found)]


def _operation(schema: dict[str, Any], path: str, method: str, said: dict[str, Any]) -> Operation:
    words = [part for part in said["description"].split("\n\n") if not part.startswith("Scope: ")]
    body = _content(said.get("requestBody", {}))
    return Operation(
        name=said["operationId"].replace("_", "-"),
        method=method.upper(),
        path=path,
        words=[_pieces(one) for one in words],
        scope=next(iter(said["security"][0].values()))[0],
        parameters=[_parameter(one) for one in said.get("parameters", [])],
        body=_fields(schema, body),
        answers=[_answer(schema, *one) for one in sorted(said["responses"].items())],
        curl=_curl(path, method, _example(schema, body) if body else None),
    )


def _parameter(said: dict[str, Any]) -> Field:
    kind = _kind(said["schema"])
    return Field(said["name"], kind, bool(said.get("required")), _pieces(said.get("description", "")), said["in"])


def _answer(schema: dict[str, Any], code: str, said: dict[str, Any]) -> Answer:
    fields = _fields(schema, _content(said)) if code.startswith("2") else []
    return Answer(code, _pieces(said.get("description", "")), fields)


def _pieces(text: str) -> list[Piece]:
    """Split at backticks: every second piece is code."""
    return [Piece(part, bool(n % 2)) for n, part in enumerate(" ".join(text.split()).split("`")) if part]


def _content(said: dict[str, Any]) -> dict[str, Any]:
    for one in said.get("content", {}).values():
        return dict(one["schema"])
    return {}


def _fields(schema: dict[str, Any], said: dict[str, Any], prefix: str = "", depth: int = 0) -> list[Field]:
    """List the fields of an object, and those within them."""
    here, found = _resolved(schema, said), []
    if here.get("type") == "array":
        return _fields(schema, here.get("items", {}), f"{prefix}[]", depth)
    dot = "." if prefix else ""
    for name, one in here.get("properties", {}).items():
        inner = _resolved(schema, one)
        path, words = f"{prefix}{dot}{name}", one.get("description") or inner.get("description", "")
        found.append(Field(path, _kind(inner), name in here.get("required", []), _pieces(words)))
        if depth < DEPTH_MAX:
            found += _fields(schema, inner, path, depth + 1)
    return found


def _resolved(schema: dict[str, Any], said: dict[str, Any]) -> dict[str, Any]:
    while any(key in said for key in ("$ref", "allOf", "oneOf", "anyOf")):
        if "$ref" in said:
            said = schema["components"]["schemas"][said["$ref"].rsplit("/", 1)[-1]]
        else:
            said = next(iter(said.get("allOf") or said.get("oneOf") or said.get("anyOf") or [{}]))
    return said


def _kind(said: dict[str, Any]) -> str:
    """Say what a value is in a few words: its type, form, choices and length."""
    types = said.get("type", "any")
    word = " or ".join(types) if isinstance(types, list) else str(types)
    form = f" ({said['format']})" if "format" in said else ""
    choices = " | ".join(str(one) for one in said.get("enum", []) if one not in ("", None))
    longest = f" ≤ {said['maxLength']}" if "maxLength" in said else ""
    return f"{word}{form}{longest}{': ' + choices if choices else ''}"


def _example(schema: dict[str, Any], said: dict[str, Any], depth: int = 0) -> Any:
    """Make up a value: of an object what must be there, or its first field."""
    here = _resolved(schema, said)
    types = here.get("type", "string")
    word = next(one for one in types if one != "null") if isinstance(types, list) else types
    if word == "object" and here.get("properties") and depth < DEPTH_MAX:
        wanted = here.get("required") or list(here["properties"])[:1]
        return {name: _example(schema, here["properties"][name], depth + 1) for name in wanted}
    if word == "array" and depth < DEPTH_MAX:
        return [_example(schema, here.get("items", {}), depth + 1)]
    if "enum" in here:
        return here["enum"][0]
    if here.get("format") == "date-time":
        return "2030-01-31T09:00:00Z"
    return EXAMPLES.get(word, "…")


def _curl(path: str, method: str, body: Any) -> str:
    verb = "" if method == "get" or (method == "post" and body is not None) else f"-X {method.upper()} "
    said = (
        ""
        if body is None
        else f" \\\n  -H 'Content-Type: application/json' -d '{json.dumps(body, ensure_ascii=False)}'"
    )
    return f'curl {verb}-H "Authorization: Bearer $token" "$desk{path}"{said}'
