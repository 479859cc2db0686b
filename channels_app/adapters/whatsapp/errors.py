"""The Cloud API's error codes in our words (provider documentation, read 2026-11)."""

from channels_app.adapters._meta import errors
from channels_app.adapters._meta.errors import Trouble, Verdict
from channels_app.adapters._meta.reading import Json

VERDICTS: dict[int, Verdict] = {
    4: errors.THROTTLED,
    80007: errors.THROTTLED,
    130429: errors.THROTTLED,
    131064: errors.THROTTLED,
    131056: errors.PAIR,
    131048: errors.SLOWED,
    133016: errors.SLOWED,
    # An offer that a person got too many of: for a day at least, and never again by itself.
    131049: errors.FATIGUE,
    **dict.fromkeys((1, 2, 131000, 131016, 131053, 131057), errors.TRANSIENT),
    **dict.fromkeys((0, 190), errors.CREDENTIALS),
    **dict.fromkeys((3, 10, 131005), errors.PERMISSION),
    131047: errors.WINDOW,
    131026: errors.UNDELIVERABLE,
    137000: errors.GONE,
    131021: errors.SELF,
    131030: errors.UNLISTED,
    130472: errors.EXPERIMENT,
    131062: errors.NEEDS_NUMBER,
    131050: errors.NO_OFFERS,
    **dict.fromkeys((131008, 131009, 131051), errors.CONTENT),
    131052: errors.FILE,
    **dict.fromkeys((132000, 132001, 132005, 132007, 132008, 132012, 132068, 132069, 131063), errors.TEMPLATE),
    **dict.fromkeys((132015, 132016), errors.TEMPLATE_PAUSED),
    **dict.fromkeys((368, 131031, 130497), errors.BLOCKED),
    131037: errors.UNREGISTERED,
    131045: errors.UNREGISTERED,
    **dict.fromkeys((131042, 131044), errors.PAYMENT),
}


def judge(code: int, subcode: int) -> Verdict | None:
    """Return the verdict on a code; None for an unknown one."""
    return VERDICTS.get(code)


def of(holder: Json) -> Trouble:
    """Read the errors that a message, a status or a change carries."""
    return errors.trouble_of(holder, judge)
