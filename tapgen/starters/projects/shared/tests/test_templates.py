"""What the templates of every environment promise; rendered without network and credentials."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tapgen.testing import (
    RenderedEnvironment,
    assert_alarmed,
    assert_encrypted,
    assert_guarded,
    assert_least_privilege,
    assert_logs_expire,
    assert_private,
    assert_retained,
    assert_tagged,
)

PROMISES = [
    assert_alarmed,
    assert_encrypted,
    assert_guarded,
    assert_least_privilege,
    assert_logs_expire,
    assert_private,
    assert_retained,
    assert_tagged,
]


@pytest.mark.parametrize("promise", PROMISES)
def test_environment_keeps_its_promises(
    tapgen_environment: RenderedEnvironment, promise: Callable[[RenderedEnvironment], None]
) -> None:
    """Each promise holds in each environment."""
    promise(tapgen_environment)
