"""Calls that their provider did not make: refused, nothing kept (TRUST.md T28)."""

import pytest

from channels_app.addresses import webhook_of
from channels_app.models import RawEvent
from tests.channels_app.signing import SECRET, SIGNS, Signed
from tests.channels_app.test_webhook_bad_input import samples
from tests.channels_app.test_webhook_corpus import make_channel, post

KINDS = sorted(SIGNS)
pytestmark = pytest.mark.django_db


def forged(kind: str, url: str) -> dict[str, tuple[str, Signed]]:
    """The ways to forge a call, by name."""
    written, body = samples(kind)[0]
    good = SIGNS[kind](body, SECRET, url)
    other = SIGNS[kind](body, "another-secret-of-somebody-else-12345", url)
    cut = {name: value[:-1] for name, value in good.headers.items()}
    upper = {name: value.upper() for name, value in good.headers.items()}
    old = {"X-Hub-Signature": next(iter(good.headers.values()), "").replace("sha256", "sha1")}
    found = {
        "none": Signed(body),
        "empty": Signed(body, dict.fromkeys(good.headers, "")),
        "another secret": other,
        "truncated": Signed(good.body, cut),
        "upper case": Signed(good.body, upper),
        "an older scheme": Signed(good.body, old),
        "not ascii": Signed(good.body, {name: f"{value}é".encode().decode("latin-1") for name, value in cut.items()}),
    }
    if kind != "telegram":
        found["another body"] = Signed(_changed(good.body), good.headers)
    if not good.headers:
        # The signature is in the body: what is only in headers does not apply.
        found = {"none": found["none"], "another secret": other, "another body": found["another body"]}
    return {name: (written, signed) for name, signed in found.items()}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_forged_is_refused_and_not_kept(kind: str) -> None:
    channel = make_channel(kind)
    for name, (written, signed) in forged(kind, webhook_of(channel)).items():
        assert post(channel, signed, written) in {401, 403}, name
    assert RawEvent.objects.count() == 0


@pytest.mark.parametrize("kind", KINDS)
def test_a_channel_without_its_secret_takes_nothing(kind: str) -> None:
    """An empty secret must never be one that anybody can sign with."""
    channel = make_channel(kind)
    channel.config = {name: "" if value == SECRET else value for name, value in channel.config.items()}
    channel.save()
    written, body = samples(kind)[0]
    for secret in ("", SECRET):
        signed = SIGNS[kind](body, secret, webhook_of(channel))
        assert post(channel, signed, written) in {401, 403}
    assert RawEvent.objects.count() == 0


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_call_again_is_no_second_row(kind: str) -> None:
    channel = make_channel(kind)
    written, body = samples(kind)[0]
    signed = SIGNS[kind](body, SECRET, webhook_of(channel))
    assert [post(channel, signed, written) for _time in range(3)] == [200, 200, 200]
    assert RawEvent.objects.get().copies_count == 2


def _changed(body: bytes) -> bytes:
    return body.replace(b"1", b"2", 1) if b"1" in body else body + b" "
