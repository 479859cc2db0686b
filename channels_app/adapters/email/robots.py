"""Mails that no person wrote: automatic answers and lists, told by their headers."""

import re

from channels_app.adapters.email.headers import Headers

_AUTO_HEADERS = ("x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply", "x-autoreply-from",
                 "x-mail-autoreply", "auto-response", "x-auto-response", "x-fc-machinegenerated")  # fmt: skip
_NOT_AUTO = {"no", "false", "0", "none", ""}
_SUBJECT = re.compile(
    r"\s*(?:auto(?:matic)?[ -:]?(?:reply|response)|automat(?:ed|ic) (?:reply|response)|out of (?:the )?office"
    r"|autoreply|vacation|away from|abwesen|automatische antwort|abwesenheits|risposta automatica"
    r"|fuori (?:sede|ufficio)|assente|răspuns automat|raspuns automat|absent|réponse automatique"
    r"|respuesta automática|fuera de la oficina|automatisch antwoord|autosvar|resposta automática"
    r"|automatická odpověď|autoodpowiedź|автоответ)",
    re.I,
)


def is_auto_reply(head: Headers, subject: str) -> bool:
    """Say whether a program answered. Sources: RFC 3834; headers seen of common mail systems."""
    submitted = head.get("auto-submitted").partition(";")[0].strip().lower()
    if submitted and submitted not in ("no", "auto-forwarded"):
        return True
    if any(_is_set(head, name) for name in _AUTO_HEADERS):
        return True
    if head.get("precedence").strip().lower() in ("auto_reply", "auto-reply", "autoreply"):
        return True
    if head.get("x-precedence").strip().lower() in ("auto_reply", "auto-reply"):
        return True
    if "all" in head.get("x-auto-response-suppress").lower():
        return True
    return head.get("x-loop").strip().lower() in ("yes", "true") or bool(_SUBJECT.match(subject))


def is_bulk(head: Headers) -> bool:
    """Say whether it calls itself bulk: nobody waits for an answer to it."""
    return head.get("precedence").strip().lower() in ("bulk", "list", "junk")


def is_list(head: Headers) -> bool:
    """Say whether it came by a mailing list or a newsletter."""
    return is_bulk(head) or bool(head.get("list-id") or head.get("list-unsubscribe"))


def _is_set(head: Headers, name: str) -> bool:
    return head.get(name).strip().lower() not in _NOT_AUTO
