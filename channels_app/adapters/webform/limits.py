"""How often one place may send a form."""

from channels_app.limits import Limit, address_of, spend

__all__ = ["Limit", "address_of", "spend"]

HOUR = 3_600
# A family or an office may share an address on the internet; of a mail address nobody needs more.
SENT = Limit("webform-sent", 20, HOUR)
OF_ADDRESS = Limit("webform-of-address", 5, HOUR)
FILES = Limit("webform-files", 60, HOUR)
