"""Forms of order numbers, as a workspace writes them: 9 is a digit, A a letter, all else itself ("RO-999999 99999").

No regular expression: no setting slows the reading of messages down.
"""

import re
from functools import lru_cache

from conversations.known.patterns import INVISIBLE

# How many, how long, and how many signs that change each has at least.
MASKS_MAX, MASK_MAX, SIGNS_MIN = 20, 40, 3
# What examples are written with, and what is found where no form is set.
DIGITS, LETTERS, USUAL = "7310428596", "KMTRBX", ("10432", "AB10432", "RO-104321")


@lru_cache(maxsize=16)
def order_masks(masks: str) -> tuple[tuple[re.Pattern[str], bool], ...]:
    """Return the patterns of a workspace's order numbers, and whether each is found without the word "order".

    masks: how order numbers look, separated by spaces; 9 is a digit, A a letter, all else itself ("RO-999999 99999").
    A form with nothing but digits needs the word beside it.
    """
    spelled = {"9": r"\d", "A": "[A-Za-z]"}
    found = []
    for mask in masks.split()[:MASKS_MAX]:
        body = "".join(spelled.get(character, re.escape(character)) for character in mask[:MASK_MAX])
        found.append((re.compile(rf"(?<![\w-]){body}(?![\w-])"), set(mask) != {"9"}))
    return tuple(found)


def order_examples(masks: str) -> list[str]:
    """Return numbers that a workspace's forms accept, two of each; without forms what is found then."""
    if not masks.split():
        return list(USUAL)
    return [_like(mask, step) for mask in masks.split()[:MASKS_MAX] for step in (0, 3)]


def mask_problem(masks: str) -> str:
    """Return what is wrong with forms of order numbers, "" when nothing is: many, long, or fits any word."""
    forms = masks.split()
    if len(forms) > MASKS_MAX:
        return "many"
    if any(len(mask) > MASK_MAX for mask in forms):
        return "long"
    if any(INVISIBLE.search(mask) or not mask.isprintable() for mask in forms):
        return "hidden"
    if any(sum(mask.count(sign) for sign in "9A") < SIGNS_MIN or "9" not in mask for mask in forms):
        return "loose"
    return ""


def _like(mask: str, step: int) -> str:
    spelled = {"9": DIGITS, "A": LETTERS}
    return "".join(
        spelled[sign][(place + step) % len(spelled[sign])] if sign in spelled else sign
        for place, sign in enumerate(mask)
    )
