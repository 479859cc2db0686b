"""Webhooks out: what happened is told to other programs, signed, at least once. Docs: docs/webhooks.md."""
