"""What providers of messages report, put on timelines: one file for each sort of event."""
