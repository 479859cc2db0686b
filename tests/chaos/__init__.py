"""Faults on purpose: an SMTP provider that can misbehave, and plans of what to break when."""
