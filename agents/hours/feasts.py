"""Public holidays by country and region, from the `holidays` library (its data: 0.109, read 2026-11)."""

import re
from datetime import date
from functools import lru_cache

import holidays
from django.utils.translation import get_language
from holidays.registry import COUNTRIES

# How the library writes two of our languages; it asks for a word-by-word match.
_DEFAULTS = {"en": "en_US", "it": "it_IT"}


@lru_cache(maxsize=1)
def countries() -> tuple[tuple[str, str], ...]:
    """Return the countries it knows as (code, English name), by name."""
    known = holidays.list_supported_countries(include_aliases=False)
    found = [(codes[1], _spaced(codes[0])) for codes in COUNTRIES.values() if codes[1] in known]
    return tuple(sorted(found, key=lambda pair: pair[1]))


@lru_cache(maxsize=64)
def subdivisions(country: str) -> tuple[tuple[str, str], ...]:
    """Return the regions of a country that have holidays of their own as (code, name); of an unknown one, none."""
    if country not in dict(countries()):
        return ()
    names = holidays.country_holidays(country).get_subdivision_aliases()
    return tuple(sorted(((code, (aliases or [code])[0]) for code, aliases in names.items()), key=lambda pair: pair[1]))


def days(country: str, subdivision: str, year: int) -> dict[date, str]:
    """Return a year's public holidays with their names, in the reader's language where the library has it.

    What an older library knew and this one does not is nobody's holiday: of a region, the country's remain.
    """
    return _days(country, subdivision, year, (get_language() or "en")[:2]) if country else {}


@lru_cache(maxsize=500)
def _days(country: str, subdivision: str, year: int, language: str) -> dict[date, str]:
    if country not in dict(countries()):
        return {}
    known = holidays.country_holidays(country)
    subdiv = subdivision if subdivision in dict(subdivisions(country)) else None
    spoken = known.supported_languages
    wanted = (language, _DEFAULTS.get(language, language), "en_US")
    told = next((one for one in wanted if one in spoken), known.default_language)
    found = holidays.country_holidays(country, subdiv=subdiv, years=year, language=told, expand=False)
    return dict(sorted(found.items()))


def _spaced(name: str) -> str:
    """Part the words of a name that is written as one: UnitedStates."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
