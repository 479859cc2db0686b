"""The few named statements of the hot path. Everything else goes through the ORM."""

from django.db import connection

# Takes the customer's row lock and their next number in one round trip.
NEXT_SEQ = """
    UPDATE customers_customer SET last_seq = last_seq + %s WHERE id = %s RETURNING last_seq
"""


def next_seq(customer_id: int, count: int = 1) -> int:
    """Lock the customer's row and return the newest of `count` fresh numbers."""
    with connection.cursor() as cursor:
        cursor.execute(NEXT_SEQ, [count, customer_id])
        row = cursor.fetchone()
    if row is None:
        raise LookupError(f"There is no customer {customer_id}.")
    return int(row[0])
