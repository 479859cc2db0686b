"""A Facebook Page: Messenger and the comments under its posts."""
