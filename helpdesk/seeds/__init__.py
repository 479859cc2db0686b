"""Data to begin with: a demonstration for newcomers."""
