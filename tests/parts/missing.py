"""What a test does when a real part that it needs is not there."""

import os
from typing import NoReturn

import pytest


def missing(reason: str) -> NoReturn:
    """Skip the test with the reason; fail it where CI=true, so that a gate never passes by skipping."""
    if os.environ.get("CI", "").lower() in {"1", "true"}:
        pytest.fail(f"missing part: {reason}", pytrace=False)
    pytest.skip(reason)
