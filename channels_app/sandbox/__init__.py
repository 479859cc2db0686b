"""Channels that the desk plays by itself: what was sent, the passing of time, the webhooks (docs/sandbox.md)."""
