"""What an administrator does at a provider, step by step, and what is copied there: right where it is asked for."""

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from channels_app.adapters._base import Adapter

_VALUE = re.compile(r"\{(webhook|verify_token|snippet)\}(\S*)")
# Values after a colon at the end of a step are shown below its words.
_AT_THE_END = re.compile(r"(?<=:)(?:\s*\{(?:webhook|verify_token|snippet)\}\S*)+\s*$")


@dataclass(frozen=True, slots=True)
class Copied:
    """A value to be copied. ident: unique on its page."""

    ident: str
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Step:
    """What to do. is_later: it needs values that there are only once the channel was added."""

    words: str
    values: tuple[Copied, ...] = ()
    is_later: bool = False


def steps_of(adapter: Adapter, known: dict[str, str]) -> list[Step]:
    """Return the steps of a kind. known: webhook, verify_token and snippet, as far as there are such."""
    return [_step(number, str(step), known) for number, step in enumerate(adapter.setup_steps, 1)]


def offers(steps: list[Step], value: str) -> bool:
    """Whether a value, or an address below it, can be copied at one of the steps."""
    return bool(value) and any(one.value.startswith(value) for step in steps for one in step.values)


def _step(number: int, written: str, known: dict[str, str]) -> Step:
    end = _AT_THE_END.search(written)
    asked = _VALUE.findall(end[0]) if end else []
    words = _VALUE.sub(_named, _AT_THE_END.sub("", written))
    values = tuple(
        Copied(f"step-{number}-{name}", _label(name, more), known[name] + more)
        for name, more in asked
        if known.get(name)
    )
    return Step(words, values, len(values) < len(asked))


def _named(found: "re.Match[str]") -> str:
    words = {"webhook": _("the webhook address"), "verify_token": _("the verify token"), "snippet": _("the line")}
    return words[found[1]] + found[2]


def _label(name: str, more: str) -> str:
    labels = {"webhook": _("Webhook address"), "verify_token": _("Verify token"), "snippet": _("Line to paste")}
    return f"{labels[name]}: {more}" if more else labels[name]
