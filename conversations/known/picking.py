"""What a text tells: order and tracking numbers, phones, postal addresses, products. Plain code for en, it and ro.

Precision first: what could be something else is left out. Pure: text in, findings out, in bounded time (every
repetition is bounded, and no more than TEXT_MAX characters are read).
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import phonenumbers

from conversations.known import order_forms, patterns

TEXT_MAX = 8_000
PER_KIND_MAX = 5
ADDRESS_MAX, SEGMENTS_MAX = 160, 8
# As far as what is picked reaches from the digit it needs, in characters.
BEFORE, BEYOND = 120, 180
# How many digits there are at least where it is worth looking.
TRACKING_DIGITS, PHONE_DIGITS = 8, 7
ORDER, TRACKING, PHONE, ADDRESS, PRODUCT = "order", "tracking", "phone", "address", "product"


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that was told."""

    what: str
    value: str


def pick(text: str, masks: Callable[[], str] = lambda: "") -> list[Found]:
    """Return what a text tells, each thing once, in the order of the kinds.

    masks: asked for only where a number is left that may be an order's; see `order_forms`.
    """
    own, *passed_on = patterns.FORWARDED.split(readable(text), maxsplit=1)
    said = [patterns.SAID] if patterns.SPEECH.search(own) else []
    lowered = own.lower()
    called = [patterns.CAPITAL] if any(word in lowered for word in patterns.KINDS_OF_THING) else []
    found = [*_named(PRODUCT, own, patterns.NAMED, *said, *called)]
    near = _near_digits(own)
    found += [Found(ADDRESS, value) for value in _addresses(near)]
    rest, some = _numbers(near, masks)
    found += [*some, *_phones(rest, own)]
    # Whoever is reached there wrote what is passed on; it is not the customer.
    found += [one for part in passed_on for one in _numbers(_near_digits(part), masks)[1]]
    return _few(found)


def readable(text: str) -> str:
    """Return what its writer wrote: no quoted lines, nothing below the head of a quotation, no invisible marks."""
    lines = []
    for line in patterns.INVISIBLE.sub("", text[:TEXT_MAX].translate(patterns.MARKS)).splitlines():
        if patterns.QUOTED.match(line.lstrip()[:240]):
            break
        # ">From" in one word is no quotation: mail programs put the sign before a line that begins like that.
        if line.startswith(">From ") or not line.lstrip().startswith((">", "|")):
            lines.append(line)
    return "\n".join(lines)


def _numbers(text: str, masks: Callable[[], str]) -> tuple[str, list[Found]]:
    """Return what is left of a text without its tracking and order numbers, and those."""
    rest, found = _without_noise(text), []
    for least, finder in ((TRACKING_DIGITS, _tracking), (1, lambda rest: _orders(rest, masks()))):
        if len(patterns.DIGITS.findall(rest)) >= least:
            rest, some = finder(rest)
            found += some
    return rest, found


def is_order(token: str, masks: str) -> bool:
    """Whether a word that stands where an order number was asked for can be one."""
    return _is_order(token, order_forms.order_masks(masks), is_named=True)


def phone(written: str, text: str) -> str:
    """Return a phone number in its international form; "" where its country is not certain. text: all they wrote."""
    return _phone(written, None if written.startswith(("+", "00")) else _region(written, text))


def _few(found: list[Found]) -> list[Found]:
    few: list[Found] = []
    for one in dict.fromkeys(found):
        if sum(one.what == other.what for other in few) < PER_KIND_MAX:
            few.append(one)
    return few


def _near_digits(text: str) -> str:
    """Return what is near a digit, each stretch with its words whole; in a long letter that is little of it."""
    near = []
    for match in patterns.STRETCH.finditer(text):
        start, end = max(0, match.start() - BEFORE), match.end() + BEYOND
        start = max(text.rfind(" ", 0, start), text.rfind("\n", 0, start)) + 1
        ends = [place for place in (text.find(" ", end), text.find("\n", end)) if place >= 0]
        near.append(text[start : min(ends, default=len(text))])
    return "\n\n".join(near)


def _without_noise(text: str) -> str:
    if "://" in text or "www." in text.lower():
        text = patterns.WEB.sub(_blank, text)
    if "@" in text:
        text = patterns.MAIL.sub(_blank, text)
    return patterns.NOISE.sub(_blank, text)


def _blank(match: re.Match[str]) -> str:
    return patterns.GONE * len(match.group())


def _without(text: str, spans: Iterable[tuple[int, int]]) -> str:
    for start, end in spans:
        text = text[:start] + patterns.GONE * (end - start) + text[end:]
    return text


def _tracking(text: str) -> tuple[str, list[Found]]:
    spans, values = [], []
    for match in patterns.FORMED.finditer(text):
        value = match.group().replace(" ", "")
        if _is_formed(value):
            spans.append(match.span())
            values.append(value)
    for match in (*patterns.TRACKED.finditer(text), *patterns.TRACKED_BEFORE.finditer(text)):
        value = match.group(1).upper()
        if len(patterns.DIGITS.findall(value)) >= 8 and not patterns.CALLED.fullmatch(value):
            spans.append(match.span(1))
            values.append(value)
    return _without(text, spans), [Found(TRACKING, value) for value in values]


def _is_formed(value: str) -> bool:
    """Whether the check digit of a UPS or a postal (S10) number is right; the other forms have none."""
    if value.startswith("1Z"):
        digits = [int(mark) if mark.isdigit() else patterns.UPS_LETTERS[mark] for mark in value[2:]]
        total = sum(digits[0:15:2]) + 2 * sum(digits[1:15:2])
        return value[-1].isdigit() and (10 - total % 10) % 10 == digits[15]
    if len(value) == 13 and value[2:11].isdigit():
        total = sum(int(digit) * weight for digit, weight in zip(value[2:10], (8, 6, 4, 2, 3, 5, 9, 7), strict=True))
        rest = 11 - total % 11
        return {10: 0, 11: 5}.get(rest, rest) == int(value[10])
    return True


def _orders(text: str, masks: str) -> tuple[str, list[Found]]:
    spans = list(dict.fromkeys(_order_spans(text, order_forms.order_masks(masks))))
    values = (text[start:end].upper().replace(" ", "") for start, end in sorted(spans))
    return _without(text, spans), [Found(ORDER, value) for value in values]


def _order_spans(text: str, masks: tuple[tuple[re.Pattern[str], bool], ...]) -> Iterator[tuple[int, int]]:
    for pattern, stands_alone in masks:
        if stands_alone:
            yield from (match.span() for match in pattern.finditer(text))
    places = [match.start() for match in patterns.HAS_ORDER.finditer(text)]
    if not places:
        return
    for match in _at(places, patterns.ORDERED, text):
        if _is_order(match.group(2), masks, is_named=bool(patterns.NAMES_NUMBER.search(match.group(1)))):
            yield match.span(2)
            yield from _others(text, match, masks)
    for pattern in (patterns.BEFORE, patterns.HASHED, patterns.SPELLED, patterns.MINE):
        for match in _at(places, pattern, text) if pattern is patterns.SPELLED else pattern.finditer(text):
            # "In 2025 my order was late" names a year.
            if _is_order(match.group(1).replace(" ", ""), masks, is_named=pattern is not patterns.MINE):
                yield match.span(1)
    for match in _at(places, patterns.ROUND_ABOUT, text):
        between = match.group(1) or match.group(2)
        if not patterns.OF_ANOTHER.search(between) and _is_order(match.group(3), masks, is_named=True):
            yield match.span(3)


def _at(places: list[int], pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """Yield the matches of a pattern that begins with the word "order"; to look for that word again is dear."""
    return filter(None, (pattern.match(text, place) for place in places))


def _others(
    text: str, first: re.Match[str], masks: tuple[tuple[re.Pattern[str], bool], ...]
) -> Iterator[tuple[int, int]]:
    """Yield what stands in one line with an order number and looks like it: "10432, 10433 and 10434"."""
    end = first.end(2)
    while match := patterns.ANOTHER.match(text, end):
        if len(match.group(1)) != len(first.group(2)) or not _is_order(match.group(1), masks, is_named=True):
            return
        yield match.span(1)
        end = match.end(1)


def _is_order(token: str, masks: tuple[tuple[re.Pattern[str], bool], ...], *, is_named: bool) -> bool:
    if masks:
        return any(pattern.fullmatch(token) for pattern, _alone in masks)
    digits = len(patterns.DIGITS.findall(token))
    if not 4 <= digits <= 12 or patterns.CALLED.fullmatch(token):
        return False
    return is_named or not patterns.YEAR.fullmatch(token)


def _phones(rest: str, text: str) -> list[Found]:
    if len(patterns.DIGITS.findall(rest)) < PHONE_DIGITS:
        return []
    values = [_phone(match.group(), None) for match in patterns.ABROAD.finditer(rest)]
    values += [phone(match.group(1), text) for match in patterns.AT_HOME.finditer(rest)]
    values += [phone(match.group(), text) for match in patterns.GROUPED.finditer(rest)]
    return [Found(PHONE, value) for value in values if value]


def _region(written: str, text: str) -> str:
    """Return the country whose national number this is; "" where it is not certain."""
    digits = "".join(patterns.DIGITS.findall(written))
    if len(digits) in (9, 10) and digits.startswith("3"):
        return "IT"
    if digits.startswith("07"):
        return {10: "RO", 11: "GB"}.get(len(digits), "")
    # The numbers of homes and offices look alike in many countries: what else the text says has to tell.
    if not digits.startswith(("01", "02", "03", "05", "06")):
        return ""
    told = [country for country, signs in patterns.COUNTRIES.items() if signs.search(text)]
    return told[0] if len(told) == 1 else ""


def _phone(written: str, region: str | None) -> str:
    if region == "":
        return ""
    try:
        number = phonenumbers.parse(f"+{written[2:]}" if written.startswith("00") else written, region)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL))


def _addresses(text: str) -> Iterator[str]:
    for match in patterns.STREETS.finditer(text):
        end = match.end()
        for _segment in range(SEGMENTS_MAX):
            further = patterns.FURTHER.match(text, end)
            if further is None or further.end() == end:
                break
            end = further.end()
        lines = (line.strip(" ,;") for line in text[match.start() : end].splitlines())
        yield " ".join(", ".join(filter(None, lines)).split())[:ADDRESS_MAX].rstrip(" ,;.")


def _named(what: str, text: str, *patterns: re.Pattern[str]) -> Iterator[Found]:
    for pattern in patterns:
        for match in pattern.finditer(text):
            yield Found(what, " ".join(match.group(1).split()))
