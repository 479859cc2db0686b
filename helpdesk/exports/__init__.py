"""Everything a desk knows in one open file, and the way into an empty desk. Rooms: nouns (what is in it), lines (rows
as JSON), bundle (the file), making, loading, running (by a worker), views."""
