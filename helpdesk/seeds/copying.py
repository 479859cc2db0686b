"""Many rows of a model at once, by COPY."""

from typing import Any

from django.db import connection, models
from psycopg import sql


class Table:
    """Rows of one model on their way to the database. Columns that are not given get the field's default.

    Texts may hold no tab, line break or backslash, nor be the word None, which stands for NULL.
    """

    def __init__(self, model: type[models.Model], given: str) -> None:
        names = given.split()
        fields = {field.attname: field for field in model._meta.concrete_fields}
        rest = [field for name, field in fields.items() if name not in names and not _is_chosen(field)]
        columns = [sql.Identifier(str(field.column)) for field in (*map(fields.__getitem__, names), *rest)]
        table = sql.Identifier(model._meta.db_table)
        statement = sql.SQL("COPY {} ({}) FROM STDIN WITH (NULL 'None')").format(table, sql.SQL(", ").join(columns))
        self._statement = statement.as_string(None)
        self._line = "\t".join(["%s"] * len(names) + [_text(field) for field in rest]) + "\n"
        self._lines: list[str] = []
        self.model = model
        self.count = 0

    def add(self, *values: object) -> int:
        """Put down one row, its values in the order of `given`; return how many there are now."""
        self._lines.append(self._line % values)
        self.count += 1
        return self.count

    def flush(self) -> None:
        """Send what was put down."""
        with connection.cursor() as cursor, cursor.copy(self._statement) as copy:
            copy.write("".join(self._lines))
        self._lines.clear()


def settle(tables: list[Table]) -> None:
    """Let the next ids follow, and tell the planner what is there now."""
    with connection.cursor() as cursor:
        for table in tables:
            name = table.model._meta.db_table
            key = table.model._meta.pk
            if isinstance(key, models.AutoField):
                cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [name, max(1, table.count)])
            cursor.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(name)).as_string(None))


def trust() -> bool:
    """Let this transaction skip the checks of foreign keys, where we may: they take longer than the rows."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT usesuper FROM pg_user WHERE usename = current_user")
        is_super = bool(cursor.fetchone()[0])
        if is_super:
            cursor.execute("SET LOCAL session_replication_role = replica")
        return is_super


def _is_chosen(field: Any) -> bool:
    """Whether the database gives the value."""
    return isinstance(field, models.AutoField) or field.has_db_default()


def _text(field: Any) -> str:
    """The default as COPY reads it, with %% where the line is a format."""
    value = field.get_default()
    if isinstance(field, models.JSONField):
        value = "{}" if value == {} else "[]"
    return str(value).replace("%", "%%")
