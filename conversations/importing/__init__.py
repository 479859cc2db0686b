"""Customers out of a file: reading (bytes to rows), mapping (columns to fields), cleaning (a row to what it wants),
filing (many rows to the database), running (one import from its upload to its end)."""
