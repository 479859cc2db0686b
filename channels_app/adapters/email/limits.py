"""How much of one mail is read; the settings of the same names fill it in."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds for one mail. Sizes in bytes, time in seconds of the wall clock."""

    size_bytes: int = 25 * 1024 * 1024
    parts: int = 100
    depth: int = 20
    headers_bytes: int = 64 * 1024
    header_bytes: int = 16 * 1024
    addresses: int = 200
    timeout_seconds: float = 10.0
    memory_bytes: int = 512 * 1024 * 1024

    def as_dict(self) -> dict[str, float]:
        """Return the bounds as the child process is told them."""
        return asdict(self)
