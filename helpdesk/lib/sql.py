"""Named statements of the hot path, prepared once per connection, inside Django's own transaction.

The ORM spends ten times the CPU of such a statement. It stays the rule; what comes here is measured first
(docs/performance.md). Values go to the server beside the text, never into it.
"""

import json
from functools import cache
from typing import Any, TypeVar

import psycopg
from django.db import connections, models
from psycopg import sql as psycopg_sql
from psycopg.types.json import Jsonb

M = TypeVar("M", bound=models.Model)


def run(statement: str, values: dict[str, Any]) -> "psycopg.Cursor[Any]":
    """Run one constant statement; errors are Django's. Where preparing is off, it is parsed each time.

    Fetch at once: the next statement of the connection uses the same cursor.
    """
    # Looked up once: each attribute of django.db.connection costs as much as a tenth of a statement.
    link = connections["default"]
    # Asks a connection that was kept, once per task or request.
    link.close_if_health_check_failed()
    link.ensure_connection()
    link.validate_no_broken_transaction()
    with link.wrap_database_errors:
        return _cursor(link).execute(statement, values, prepare=True)


def _cursor(link: Any) -> "psycopg.Cursor[Any]":
    kept: psycopg.Cursor[Any] | None = link.__dict__.get("named_statements")
    if kept is None or kept.connection is not link.connection or kept.closed:
        kept = link.__dict__["named_statements"] = psycopg.Cursor(link.connection)
    return kept


@cache
def columns(model: type[models.Model], alias: str) -> str:
    """Return the model's columns for a SELECT, in the order that `load` takes them."""
    return ", ".join(f'{alias}."{field.column}"' for field in model._meta.concrete_fields)


def load(model: type[M], values: tuple[Any, ...]) -> M | None:
    """Return the row whose `columns` these are; None when an outer join found none."""
    names, key, encoded = _reading(model)
    if values[key] is None:
        return None
    if encoded:
        kept = list(values)
        for place in encoded:
            kept[place] = json.loads(kept[place])
        values = tuple(kept)
    return model.from_db("default", names, values)


def load_all(listed: list[type[models.Model]], values: tuple[Any, ...]) -> list[Any]:
    """Return the rows of several models whose `columns` follow one another."""
    rows, start = [], 0
    for model in listed:
        end = start + len(model._meta.concrete_fields)
        rows.append(load(model, values[start:end]))
        start = end
    return rows


def insert(row: models.Model, *, if_new: bool = False) -> None:
    """Insert a new row as `save(force_insert=True)` does; it learns what the database chose.

    if_new: a row that is there already, by any of its keys, is left alone.
    """
    statement, names, chosen = _writing(type(row), if_new=if_new)
    values = {name: getattr(row, name) for name in names}
    for field in row._meta.concrete_fields:
        if isinstance(field, models.JSONField):
            values[field.attname] = Jsonb(values[field.attname])
    made = run(statement, values).fetchone()
    for name, value in zip(chosen, made or (), strict=not if_new):
        setattr(row, name, value)
    row._state.adding, row._state.db = False, "default"


@cache
def _reading(model: type[models.Model]) -> tuple[list[str], int, list[int]]:
    """The attributes of a row in order, the place of its key, and the places of JSON."""
    fields = model._meta.concrete_fields
    encoded = [place for place, field in enumerate(fields) if isinstance(field, models.JSONField)]
    return [field.attname for field in fields], fields.index(model._meta.pk), encoded


@cache
def _writing(model: type[models.Model], *, if_new: bool) -> tuple[str, list[str], list[str]]:
    """The INSERT of every field, but those whose value the database chooses, which it returns."""
    fields = model._meta.concrete_fields
    chosen = [field for field in fields if isinstance(field, models.AutoField) or field.has_db_default()]
    given = [field for field in fields if field not in chosen]
    returned = chosen or [model._meta.pk]
    listed, marks, back = (
        psycopg_sql.SQL(", ").join(list(parts))
        for parts in (
            (psycopg_sql.Identifier(str(field.column)) for field in given),
            (psycopg_sql.Placeholder(field.attname) for field in given),
            (psycopg_sql.Identifier(str(field.column)) for field in returned),
        )
    )
    table = psycopg_sql.Identifier(model._meta.db_table)
    conflict = psycopg_sql.SQL("ON CONFLICT DO NOTHING" if if_new else "")
    statement = psycopg_sql.SQL("INSERT INTO {} ({}) VALUES ({}) {} RETURNING {}")
    text = statement.format(table, listed, marks, conflict, back).as_string(None)
    return text, [field.attname for field in given], [field.attname for field in returned]
