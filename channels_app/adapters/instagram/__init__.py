"""A professional Instagram account: direct messages, comments and mentions."""
