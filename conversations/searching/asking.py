"""What somebody typed, understood: words, phrases, what must not stand there, and operators. Asks no database."""

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from helpdesk.lib import words

TEXT_MAX, TERMS_MAX = 1_000, 24
# By each operator its other names; names are kept as people type them, folded.
OPERATORS = {
    "from": ("da", "de", "dela"), "channel": ("canale", "canal"), "topic": ("argomento", "subiect"),
    "tag": ("etichetta", "eticheta"), "before": ("prima", "inainte"), "after": ("dopo", "dupa"),
    "has": ("con", "are"), "assignee": ("assegnato", "responsabil"), "status": ("stato", "stare"),
}  # fmt: skip
NAMES = {alias: name for name, aliases in OPERATORS.items() for alias in (name, *aliases)}
# A piece: perhaps a minus, perhaps an operator, then something in quotes or without spaces.
_PIECE = re.compile(r'(?P<minus>-)?(?:(?P<name>[^\W\d_]{2,20}):(?!//))?(?:"(?P<quoted>[^"]*)"?|(?P<plain>[^\s"]+))?')


@dataclass(frozen=True, slots=True)
class Term:
    """Words that follow one another, folded; the last may be the beginning of a word."""

    parts: tuple[str, ...]
    is_prefix: bool = False
    is_quoted: bool = False


@dataclass(frozen=True, slots=True)
class Operator:
    """A narrowing: a key of OPERATORS and what follows it as it was typed."""

    name: str
    value: str
    is_not: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked. text: the words alone, as typed. problems: a sentence for each thing that was not understood."""

    text: str = ""
    wanted: tuple[Term, ...] = ()
    unwanted: tuple[Term, ...] = ()
    operators: tuple[Operator, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to look for."""
        return not (self.wanted or self.unwanted or self.operators)


def understand(typed: str) -> Asked:
    """Read what was typed. Whatever it is, it is understood or told in a sentence; never an error."""
    typed = typed.replace("\0", " ").translate(dict.fromkeys(range(0xD800, 0xE000), " "))
    wanted: list[Term] = []
    unwanted: list[Term] = []
    operators: list[Operator] = []
    problems: list[str] = []
    plain: list[str] = []
    pieces = [match for match in _PIECE.finditer(typed[:TEXT_MAX]) if match.group()]
    for place, match in enumerate(pieces[:TERMS_MAX]):
        name = NAMES.get(words.folded(match["name"] or ""))
        said = match["quoted"] if match["quoted"] is not None else match["plain"] or ""
        if name:
            _take_operator(Operator(name, said.strip(), bool(match["minus"])), operators, problems)
            continue
        if match["name"] and said:
            problems.append(_("There is no operator “%(name)s:”.") % {"name": match["name"]})
        is_last = place == len(pieces) - 1 and match["quoted"] is None and not typed[-1:].isspace()
        term = _term(said, is_quoted=match["quoted"] is not None, is_last=is_last)
        if term is not None:
            (unwanted if match["minus"] else wanted).append(term)
            plain.extend([] if match["minus"] else [said])
    if len(typed) > TEXT_MAX or len(pieces) > TERMS_MAX:
        problems.append(_("This is very long: only its first %(n)d words were looked for.") % {"n": TERMS_MAX})
    return Asked(" ".join(plain), tuple(wanted), tuple(unwanted), tuple(operators), tuple(dict.fromkeys(problems)))


def _take_operator(operator: Operator, operators: list[Operator], problems: list[str]) -> None:
    if operator.value:
        operators.append(operator)
    else:
        problems.append(_("“%(name)s:” wants something behind it.") % {"name": operator.name})


def _term(said: str, *, is_quoted: bool, is_last: bool) -> Term | None:
    parts = tuple(words.folded(said).split())
    if not parts:
        return None
    return Term(parts, is_last, is_quoted)
