"""One file that holds the whole installation, and the way back. Rooms: archive (the file), tables (the database),
taking, restoring, server (the embedded PostgreSQL when nobody else runs it)."""
