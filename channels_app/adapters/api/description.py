"""The API channel as programs read it: OpenAPI 3.1, the same for every channel. Held against shapes.py by a test."""

from typing import Any

from channels_app.adapters.api import shapes

ANSWERED = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Taken"}}}}
TAKEN = {"202": {"description": "Stored; it is filed in a moment.", **ANSWERED}}
PROBLEM = {"content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
REFUSED = {
    "400": {"description": "The body does not fit; nothing was stored.", **PROBLEM},
    "403": {"description": "The signature is missing, old or wrong; nothing was stored."},
    "409": {"description": "The Idempotency-Key came with another body before.", **PROBLEM},
    "503": {"description": "Not stored; try again."},
}
SIGNATURE = {
    "name": "X-Signature", "in": "header", "required": True, "schema": {"type": "string"},
    "description": "t=<unix seconds>,v1=<hex of HMAC-SHA256(secret, t + '.' + raw body)>; at most 5 minutes old. "
    "Several v1 may stand there while a secret is changed.",
}  # fmt: skip
KEY = {
    "name": "Idempotency-Key", "in": "header", "required": False, "schema": {"type": "string"},
    "description": "The same for every try of one call: repeated within 24 hours and longer, it gets the first answer.",
}  # fmt: skip
MOMENT = {"type": "string", "format": "date-time", "description": "With its zone; now where it is left out."}


def description() -> dict[str, Any]:
    """Return the description."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "API channel",
            "version": "1",
            "description": "Messages of another system's people, and what becomes of ours. Addresses stand behind the "
            "channel's own. Every call is signed.",
        },
        "paths": _paths(),
        "webhooks": {"answer": {"post": _answer()}},
        "components": {"schemas": _schemas()},
    }


def _paths() -> dict[str, Any]:
    named = {"name": "external_id", "in": "path", "required": True, "schema": _id()}
    return {
        "/messages/": {"post": _call("A person wrote something.", "Message")},
        "/messages/{external_id}/": {
            "parameters": [named],
            "patch": _call("They changed what they wrote.", "Edit"),
            "delete": _call("They deleted it.", ""),
        },
        "/events/": {"post": _call("They type, have read something, or put a sign on a message.", "Happening")},
        "/statuses/": {"post": _call("What became of a message of ours.", "Status")},
        "/files/": {"post": _upload()},
    }


def _call(summary: str, schema: str) -> dict[str, Any]:
    found: dict[str, Any] = {"summary": summary, "parameters": [SIGNATURE, KEY], "responses": {**TAKEN, **REFUSED}}
    if schema:
        found["requestBody"] = _body(schema)
    return found


def _upload() -> dict[str, Any]:
    """The one call that is no JSON: a form with one file, or the file itself."""
    form = {"schema": _object(["file"], file={"type": "string", "format": "binary"})}
    name = {"name": "filename", "in": "query", "schema": _string(255), "description": "Of a file that is the body."}
    answer = {"content": {"application/json": {"schema": _ref("Upload")}}}
    return {
        "summary": "A file, to be named as upload_id in a message within 24 hours.",
        "parameters": [SIGNATURE, KEY, name],
        "requestBody": {
            "required": True, "content": {"multipart/form-data": form, "application/octet-stream": {}},
        },
        "responses": {
            "201": {"description": "Kept for 24 hours.", **answer}, **REFUSED,
            "409": {"description": "The call came before, or its key with another body.", **PROBLEM},
            "413": {"description": "It is too large; nothing was stored."},
        },
    }  # fmt: skip


def _answer() -> dict[str, Any]:
    return {
        "summary": "Sent to the address for answers: a message of ours (type message), or typing, read, edit, delete, "
        "reaction and ping. Answer 2xx; a JSON object with an id names the message on your side.",
        "parameters": [
            SIGNATURE,
            {"name": "X-Event-Id", "in": "header", "schema": {"type": "string"}, "description": "Same for every try."},
            {"name": "X-Attempt", "in": "header", "schema": {"type": "integer"}},
        ],
        "requestBody": _body("Told"),
        "responses": {
            "2XX": {"description": "Taken."},
            "429": {"description": "Slower; Retry-After is heeded."},
            "default": {
                "description": "5xx and silence are tried again after 10 s, 1 min, 5 min, 30 min, 2 h, 6 h, 24 h."
            },
        },
    }


def _body(schema: str) -> dict[str, Any]:
    return {"required": True, "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}}


def _schemas() -> dict[str, Any]:
    return {**_given(), **_told()}


def _given() -> dict[str, Any]:
    """What the desk takes."""
    return {
        "Contact": _object(
            ["external_id"],
            external_id=_string(shapes.PERSON_MAX, "Your id of the person."),
            name=_string(shapes.PERSON_MAX), email=_string(shapes.PERSON_MAX), phone=_string(shapes.PERSON_MAX),
            language=_string(8), attributes={"type": "object", "additionalProperties": True},
        ),
        "Attachment": _object(
            [],
            url={"type": "string", "format": "uri", "description": "Fetched at once; a public address."},
            upload_id=_string(64, "In its place: the id of a file that you left at /files/."),
            type={"type": "string", "enum": list(shapes.SORTS)}, filename=_string(250), content_type=_string(120),
        ),
        "Message": _object(
            ["external_id", "contact"],
            external_id=_id(), contact=_ref("Contact"), text=_string(shapes.TEXT_MAX),
            conversation_external_id=_id(), reply_to=_id(), occurred_at=MOMENT,
            attachments={"type": "array", "maxItems": shapes.FILES_MAX, "items": _ref("Attachment")},
        ),
        "Edit": _object(["text"], text=_string(shapes.TEXT_MAX), occurred_at=MOMENT),
        "Happening": _object(
            ["type", "contact"],
            type={"type": "string", "enum": list(shapes.HAPPENINGS)}, contact=_ref("Contact"), message_id=_id(),
            emoji=_string(32), conversation_external_id=_id(), occurred_at=MOMENT,
        ),
        "Status": _object(
            ["message_id", "status"],
            message_id=_string(shapes.ID_MAX, "Ours, or the id that you answered with."),
            status={"type": "string", "enum": list(shapes.STATES)},
            error=_object([], code=_string(40), detail=_string(500)), occurred_at=MOMENT,
        ),
    }  # fmt: skip


def _told() -> dict[str, Any]:
    """What the desk says, as an answer and by itself."""
    return {
        "Told": _object(["type", "sent_at"], type={"type": "string"}, event_id={"type": "string"},
                        attempt={"type": "integer"}, sent_at=MOMENT, message=_ref("Said"), contact=_ref("Contact"),
                        message_id={"type": "string"}, text={"type": "string"}, emoji={"type": "string"}),
        "Said": _object(
            ["id", "contact", "text"],
            id={"type": "string"}, contact=_ref("Contact"), text={"type": "string"},
            conversation_external_id={"type": "string"}, reply_to={"type": ["string", "null"]},
            attachments={"type": "array", "items": _ref("File")},
            agent=_object([], name={"type": "string"}), is_automatic={"type": "boolean"}, language={"type": "string"},
            quick_replies={"type": "array", "items": _object(["title", "payload"], title={"type": "string"},
                           payload={"type": "string"})},
        ),
        "File": _object(
            ["filename", "url"],
            filename={"type": "string"}, content_type={"type": "string"}, size_bytes={"type": "integer"},
            sha256={"type": "string"}, url={"type": "string", "format": "uri"}, url_expires_at=MOMENT,
            content={"type": "string", "contentEncoding": "base64", "description": "Of files up to 5 MB."},
        ),
        "Upload": _object(
            ["id", "content_type", "size_bytes", "expires_at"],
            id={"type": "string"}, filename={"type": "string"}, content_type={"type": "string"},
            size_bytes={"type": "integer"}, sha256={"type": "string"}, expires_at=MOMENT,
        ),
        "Taken": _object(["id", "state"], id={"type": "string"}, state={"type": "string", "enum": ["accepted"]}),
        "Problem": _object(
            ["title", "status"],
            type={"type": "string"}, title={"type": "string"}, status={"type": "integer"}, detail={"type": "string"},
            errors={"type": "array", "items": _object(["pointer", "detail"], pointer={"type": "string"},
                    detail={"type": "string"})},
        ),
    }  # fmt: skip


def _object(needed: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, **({"required": needed} if needed else {})}


def _string(limit: int, words: str = "") -> dict[str, Any]:
    return {"type": "string", "maxLength": limit, **({"description": words} if words else {})}


def _id() -> dict[str, Any]:
    return _string(shapes.ID_MAX)


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}
