"""Mail addresses: one spelling for each."""


def normalise_address(value: str) -> str:
    """Return the address in lower case with an ASCII domain. Raises ValueError."""
    local, at, domain = value.strip().rpartition("@")
    if not at or not local or not domain or any(c.isspace() for c in value.strip()):
        raise ValueError(f"“{value}” is not a mail address.")
    try:
        ascii_domain = domain.encode("idna").decode() if not domain.isascii() else domain
    except UnicodeError as error:
        raise ValueError(f"“{value}” is not a mail address.") from error
    return f"{local.casefold()}@{ascii_domain.lower()}"
