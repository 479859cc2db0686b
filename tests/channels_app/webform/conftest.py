"""Each test counts from nought how often somebody asked, and leaves no language behind."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import translation


@pytest.fixture(autouse=True)
def _counted_apart(settings: Any) -> None:
    settings.HUB_PREFIX = f"{settings.HUB_PREFIX}:{uuid.uuid4().hex}"


@pytest.fixture(autouse=True)
def _spoken_apart() -> Iterator[None]:
    with translation.override("en"):
        yield
