"""Where the words of a search stand in a text, and the piece of the text around them."""

import re
from dataclasses import dataclass

from conversations.searching.answer import Mark
from conversations.searching.asking import Asked
from conversations.searching.stemming import stems
from helpdesk.lib import words

BEFORE, LENGTH, TEXT_MAX = 50, 180, 20_000
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be marked: whole words, beginnings of words, stems."""

    whole: frozenset[str]
    beginnings: tuple[str, ...]
    stems: frozenset[str]

    def likely(self, word: str) -> bool:
        """Whether this folded word begins like one of ours, so that its stem is worth asking for."""
        return any(word[:3] == stem[:3] for stem in self.stems)

    def fits(self, word: str, known: dict[str, frozenset[str]]) -> bool:
        """Whether a folded word is to be marked."""
        return word in self.whole or word.startswith(self.beginnings) or bool(known.get(word, frozenset()) & self.stems)


def wanted(asked: Asked) -> Wanted:
    """Read from what was asked what is to be marked."""
    whole = {part for term in asked.wanted for part in term.parts}
    beginnings = tuple(term.parts[-1] for term in asked.wanted if term.is_prefix)
    loose = [term.parts[0] for term in asked.wanted if len(term.parts) == 1 and not term.is_quoted]
    return Wanted(frozenset(whole), beginnings, frozenset(stem for found in stems(loose).values() for stem in found))


def marked(texts: list[str], asked: Asked) -> list[tuple[Mark, ...]]:
    """Return of each text the piece around the first word that was looked for, with all such words marked."""
    ours = wanted(asked)
    tidy = [" ".join(text[:TEXT_MAX].split()) for text in texts]
    spans = [[(match.span(), words.folded(match.group())) for match in _WORD.finditer(text)] for text in tidy]
    known = stems(word for found in spans for _span, word in found if ours.likely(word))
    return [
        _piece(text, [span for span, word in found if ours.fits(word, known)])
        for text, found in zip(tidy, spans, strict=True)
    ]


def _piece(text: str, hits: list[tuple[int, int]]) -> tuple[Mark, ...]:
    begin = max(0, hits[0][0] - BEFORE) if hits else 0
    if begin:
        begin = text.find(" ", begin, hits[0][0]) + 1 or begin
    end = begin + LENGTH
    parts = [Mark("… ")] if begin else []
    at = begin
    for start, stop in hits:
        if stop > end:
            break
        parts += [Mark(text[at:start]), Mark(text[start:stop], is_hit=True)]
        at = stop
    parts.append(Mark(text[at:end] + ("…" if len(text) > end else "")))
    return tuple(part for part in parts if part.text)
