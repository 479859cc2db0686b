"""Notices of incidents: made and ended, and what of them whom is shown."""
