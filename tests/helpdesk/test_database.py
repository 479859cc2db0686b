"""The servers of the tests themselves."""

import socket

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection

from tests.network import OutsideRefused


@pytest.mark.django_db
def test_clone_has_the_cache_table() -> None:
    cache.set("key", 1)
    assert cache.get("key") == 1


@pytest.mark.django_db
def test_server_is_postgresql_18_in_utc() -> None:
    assert connection.pg_version // 10_000 == 18
    with connection.cursor() as cursor:
        cursor.execute("show timezone")
        assert cursor.fetchone() == ("UTC",)


@pytest.mark.django_db
def test_statements_are_limited_in_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select current_setting('statement_timeout'), current_setting('lock_timeout')")
        assert cursor.fetchone() == ("5s", "4s")


def test_each_worker_has_its_own_corner() -> None:
    assert settings.DATABASES["default"]["NAME"].startswith("test_")
    assert settings.HUB_PREFIX.startswith("telaio:telaio:")


def test_outside_network_is_refused() -> None:
    with pytest.raises(OutsideRefused, match=r"example\.org"):
        socket.create_connection(("example.org", 80), timeout=1)
    with socket.socket() as link, pytest.raises(OutsideRefused, match=r"192\.0\.2\.1"):
        link.connect(("192.0.2.1", 80))
