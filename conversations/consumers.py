"""One socket per browser: it carries hints, never content."""
