"""The shop's word as a JWT: one algorithm, one secret, one widget, a day at most; whatever else comes opens nothing."""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from time_machine import travel

from channels_app.models import Channel
from channels_app.models import Visitor as Row
from customers.models import Customer, Identity
from helpdesk.lib import clock
from tests.channels_app.webchat.talking import Visitor, make_widget
from tests.channels_app.webchat.test_vouching import signed

pytestmark = pytest.mark.django_db
SECRET = "s" * 32
HEADER = {"alg": "HS256", "typ": "JWT"}
HASHES = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}
ABSENT = object()


@dataclass(frozen=True)
class Ahead:
    """So many seconds from when the token is signed; tables are read long before that."""

    seconds: float


@pytest.fixture
def widget(team: Any) -> Channel:
    return make_widget(team=team)


@pytest.fixture
def visitor(widget: Channel) -> Visitor:
    visitor = Visitor(widget.public_key)
    visitor.arrive()
    return visitor


def coded(part: Any) -> str:
    raw = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def ahead(seconds: float) -> int:
    return int(clock.real().timestamp() + seconds)


def token(
    *, secret: bytes | str = SECRET, header: Any = HEADER, hashed: str = "HS256", payload: Any = None, **claims: Any
) -> str:
    """Sign as a shop does; a claim that is ABSENT is left out."""
    said = {"sub": "c-17", "name": "Giulia Rossi", "exp": ahead(600), **claims}
    said = {name: _now(value) for name, value in said.items() if value is not ABSENT}
    words = f"{coded(header)}.{coded(said if payload is None else payload)}"
    key = secret if isinstance(secret, bytes) else secret.encode()
    return f"{words}.{coded(hmac.new(key, words.encode(), HASHES[hashed]).digest())}"


def _now(value: Any) -> Any:
    return ahead(value.seconds) if isinstance(value, Ahead) else value


def altered(**claims: Any) -> str:
    """A token whose payload somebody changed after it was signed."""
    head, _payload, signature = token().split(".")
    return f"{head}.{coded({'sub': 'c-18', 'exp': ahead(600), **claims})}.{signature}"


def public_key() -> bytes:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def test_who_is_signed_in_is_known(visitor: Visitor) -> None:
    good = token(email="giulia@example.test", iat=ahead(0), nbf=ahead(-1), aud=visitor.key, iss="shop")
    assert visitor.post("identity/", {"jwt": good}).status_code == 204
    shop = Identity.objects.get(kind="shop")
    assert (shop.value, shop.is_verified, shop.customer.name) == ("c-17", True, "Giulia Rossi")
    assert Row.objects.get().proved == shop


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": Ahead(86_000)}, {"iat": Ahead(30)}, {"name": ABSENT}, {"email": ""},
        {"x": [None]},
    ],
)  # fmt: skip
def test_what_a_token_need_not_say_it_need_not_say(visitor: Visitor, claims: dict[str, Any]) -> None:
    assert visitor.post("identity/", {"jwt": token(**claims)}).status_code == 204


def test_a_token_and_a_hash_name_the_same_person(visitor: Visitor, widget: Channel) -> None:
    phone = Visitor(widget.public_key)
    phone.arrive()
    assert visitor.post("identity/", {"jwt": token()}).status_code == 204
    assert phone.post("identity/", signed("c-17")).status_code == 204
    assert Identity.objects.filter(kind="shop").count() == 1


ALGORITHMS = {
    "none": lambda: f"{coded({'alg': 'none'})}.{coded({'sub': 'c-17', 'exp': ahead(600)})}.",
    "none with a signature": lambda: token(header={"alg": "none", "typ": "JWT"}),
    "None": lambda: token(header={"alg": "None", "typ": "JWT"}),
    "empty": lambda: token(header={"alg": "", "typ": "JWT"}),
    "null": lambda: token(header={"alg": None}),
    "list": lambda: token(header={"alg": ["HS256"]}),
    "absent": lambda: token(header={"typ": "JWT"}),
    "HS512": lambda: token(header={"alg": "HS512", "typ": "JWT"}, hashed="HS512"),
    "HS384": lambda: token(header={"alg": "HS384", "typ": "JWT"}, hashed="HS384"),
    "HS512 called HS256": lambda: token(hashed="HS512"),
    "hs256": lambda: token(header={"alg": "hs256", "typ": "JWT"}),
    "RS256 by the secret": lambda: token(header={"alg": "RS256", "typ": "JWT"}),
    "RS256 by a public key": lambda: token(header={"alg": "RS256", "typ": "JWT"}, secret=public_key()),
    "HS256 by a public key": lambda: token(secret=public_key()),
    "kid": lambda: token(header={**HEADER, "kid": "../../dev/null"}),
    "kid of a number": lambda: token(header={**HEADER, "kid": 1}),
    "jku": lambda: token(header={**HEADER, "jku": "https://evil.example.test/jwks.json"}),
    "jwk": lambda: token(header={**HEADER, "jwk": {"kty": "oct", "k": coded(SECRET.encode())}}),
    "x5u": lambda: token(header={**HEADER, "x5u": "https://evil.example.test/"}),
    "crit": lambda: token(header={**HEADER, "crit": ["exp"]}),
    "b64": lambda: token(header={**HEADER, "b64": False, "crit": ["b64"]}),
    "cty": lambda: token(header={**HEADER, "cty": "JWT"}),
    "typ": lambda: token(header={"alg": "HS256", "typ": "JOSE"}),
    "typ of a list": lambda: token(header={"alg": "HS256", "typ": ["JWT"]}),
    "header that is a list": lambda: token(header=["HS256"]),
    "header that is none": lambda: token(header=b"{"),
}
SIGNATURES = {
    "another secret": lambda: token(secret="x" * 32),
    "no secret": lambda: token(secret=b""),
    "a changed payload": altered,
    "no signature": lambda: token().rpartition(".")[0] + ".",
    "a signature too few": lambda: token().rpartition(".")[0],
    "a part too many": lambda: f"{token()}.{coded(b'x')}",
    "half a signature": lambda: token()[:-10],
    "a blank before": lambda: f" {token()}",
    "a NUL behind": lambda: f"{token()}\0",
    "no ASCII": lambda: token().replace(".", "․"),
    "huge": lambda: token(name="x" * 4_000),
    "megabyte": lambda: "." * 400_000,
    "empty": lambda: "",
    "dots": lambda: "..",
}
CLAIMS: dict[str, dict[str, Any]] = {
    "no exp": {"exp": ABSENT}, "old exp": {"exp": Ahead(-1)}, "exp now": {"exp": Ahead(0)},
    "far exp": {"exp": Ahead(90_000)}, "exp in milliseconds": {"exp": 1_796_000_000_000},
    "exp text": {"exp": "9999999999"},
    "exp null": {"exp": None}, "exp list": {"exp": [1]}, "exp true": {"exp": True}, "exp negative": {"exp": -1},
    "exp NaN": {"exp": float("nan")}, "exp infinite": {"exp": float("inf")}, "exp huge": {"exp": 10**400},
    "not yet": {"nbf": Ahead(300)}, "nbf text": {"nbf": "1"}, "nbf null": {"nbf": None},
    "of tomorrow": {"iat": Ahead(300)}, "iat text": {"iat": "1"}, "iat true": {"iat": True},
    "another widget": {"aud": "0" * 32}, "several widgets": {"aud": ["0" * 32]}, "aud null": {"aud": None},
    "aud number": {"aud": 7}, "aud empty": {"aud": ""},
    "no sub": {"sub": ABSENT}, "sub number": {"sub": 17}, "sub list": {"sub": ["c-17"]}, "sub null": {"sub": None},
    "sub true": {"sub": True}, "sub object": {"sub": {"$ne": ""}}, "sub blank": {"sub": "  "},
    "sub of another look": {"sub": "c-17\u200b"},
    "sub long": {"sub": "x" * 201}, "sub NUL": {"sub": "c-17\0"}, "sub half": {"sub": "c-\ud800"},
    "email list": {"email": ["a@example.test"]}, "email null": {"email": None}, "name number": {"name": 7},
    "name long": {"name": "x" * 201}, "name NUL": {"name": "\0"}, "a list of claims": {"payload": ["c-17"]},
    "null for claims": {"payload": b"null"}, "no claims": {"payload": b"{"}, "deep claims": {"payload": b"[" * 2_500},
}  # fmt: skip
GIVEN: dict[str, Any] = {"null": None, "number": 7, "true": True, "list": ["a.b.c"], "object": {"a": 1}}


@pytest.mark.parametrize("table", [ALGORITHMS, SIGNATURES])
def test_what_the_shop_did_not_sign_so_opens_nothing(visitor: Visitor, table: dict[str, Any]) -> None:
    assert believed(visitor, {name: make() for name, make in table.items()}) == []


def test_a_signed_token_that_says_what_it_must_not_opens_nothing(visitor: Visitor) -> None:
    assert believed(visitor, {name: token(**claims) for name, claims in CLAIMS.items()}) == []


def test_what_is_no_token_opens_nothing(visitor: Visitor) -> None:
    assert believed(visitor, GIVEN) == []


def believed(visitor: Visitor, given: dict[str, Any]) -> list[str]:
    """Return the names of those that were not refused with a plain 403, or left something behind."""
    found = {name: visitor.post("identity/", {"jwt": one}).status_code for name, one in given.items()}
    assert Row.objects.get().proved is None
    assert not Customer.objects.exists()
    return [name for name, status in found.items() if status != 403]


def test_beside_a_bad_token_a_good_hash_is_not_read(visitor: Visitor) -> None:
    assert visitor.post("identity/", {**signed(), "jwt": "x"}).status_code == 403


def test_both_secrets_count_while_one_is_changed(visitor: Visitor, widget: Channel) -> None:
    widget.config = {**widget.config, "secret_next": "n" * 32}
    widget.save()
    assert visitor.post("identity/", {"jwt": token(secret="n" * 32)}).status_code == 204
    assert visitor.post("identity/", {"jwt": token()}).status_code == 204
    widget.config = {**widget.config, "secret": "n" * 32, "secret_next": ""}
    widget.save()
    assert visitor.post("identity/", {"jwt": token()}).status_code == 403


def test_a_token_of_another_widget_opens_nothing(visitor: Visitor) -> None:
    other = Visitor(make_widget(config={"secret": "o" * 32}).public_key)
    other.arrive()
    assert other.post("identity/", {"jwt": token()}).status_code == 403
    twin = Visitor(make_widget().public_key)
    twin.arrive()
    assert twin.post("identity/", {"jwt": token(aud=visitor.key)}).status_code == 403
    assert not Identity.objects.filter(kind="shop").exists()


def test_a_token_is_good_until_its_time_and_not_after(visitor: Visitor) -> None:
    good = {"jwt": token(exp=ahead(600))}
    assert [visitor.post("identity/", good).status_code for _ in range(2)] == [204, 204]
    with travel(ahead(601), tick=False):
        assert visitor.post("identity/", good).status_code == 403


def test_many_bad_tokens_from_one_address_are_answered_no_more(visitor: Visitor) -> None:
    found = [visitor.post("identity/", {"jwt": f"{number}"}).status_code for number in range(62)]
    assert (found[0], found[-1]) == (403, 429)
