"""One spelling for each mail domain, and those that say nothing about where somebody works."""

import pytest

from customers import domains


@pytest.mark.parametrize(
    ("written", "spelled"),
    [
        ("Acme.Example.Test", "acme.example.test"), ("@acme.example.test", "acme.example.test"),
        ("https://www.acme.example.test/", "acme.example.test"), ("acme.example.test.", "acme.example.test"),
        ("bücher.example.test", "xn--bcher-kva.example.test"),
    ],
)  # fmt: skip
def test_a_domain_has_one_spelling(written: str, spelled: str) -> None:
    assert domains.normalise(written) == spelled


@pytest.mark.parametrize("written", ["", "acme", "a b.test", "[127.0.0.1]", "10.0.0.1", "-x.test", "a..test", "x" * 99])
def test_what_is_no_domain_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="domain"):
        domains.normalise(written)


def test_a_look_alike_letter_makes_another_domain() -> None:
    assert domains.normalise("\u0430cme.example.test") != domains.normalise("acme.example.test")


@pytest.mark.parametrize("domain", ["gmail.com", "yahoo.it", "yahoo.co.uk", "outlook.com", "libero.it", "home.ro"])
def test_everybody_can_have_an_address_at_a_mail_provider(domain: str) -> None:
    assert domains.is_public(domain)


@pytest.mark.parametrize("domain", ["acme.example.test", "outlook.acme.com", "mygmail.com", "live.acme.co.uk"])
def test_a_companys_own_domain_is_its_own(domain: str) -> None:
    assert not domains.is_public(domain)
