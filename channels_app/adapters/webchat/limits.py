"""How often a browser or an address may ask of a widget."""

from channels_app.limits import Limit, address_of, is_spent, spend

__all__ = ["Limit", "address_of", "is_spent", "spend"]

VISITS = Limit("webchat-visits", 60, 3_600)
MESSAGES = Limit("webchat-messages", 30, 60)
READS = Limit("webchat-reads", 240, 60)
# Tokens that nobody was given: a browser has one, a guesser tries many.
GUESSES = Limit("webchat-guesses", 60, 600)
# Files of one browser, and of all behind one address: a shop's counter may have several.
UPLOADS = Limit("webchat-uploads", 40, 3_600)
UPLOADS_FROM = Limit("webchat-uploads-from", 120, 3_600)
ADDRESSES = Limit("webchat-addresses", 5, 3_600)
# Of one place; what limits a visitor and an address is counted where it cannot be lost (channels_app/codes.py).
CODES = Limit("webchat-codes", 20, 3_600)
PROOFS = Limit("webchat-proofs", 60, 600)
