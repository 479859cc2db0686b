"""Each test counts from nought how often somebody asked."""

import uuid
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def _counted_apart(settings: Any) -> None:
    settings.HUB_PREFIX = f"{settings.HUB_PREFIX}:{uuid.uuid4().hex}"
