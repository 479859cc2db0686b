"""How readable two colours are on each other (WCAG 2.2, "contrast ratio" and "relative luminance")."""

READABLE = 4.5


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours written #rrggbb: 1 (the same) to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[place : place + 2], 16) / 255) for place in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
