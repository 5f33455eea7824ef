"""Settings from the function's environment variables, which the template sets."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class MissingSettingError(RuntimeError):
    """The function was deployed without a variable it needs; it must fail at init, not at the first request."""


def read_setting(name: str, environ: Mapping[str, str] | None = None) -> str:
    """The variable's value.

    Raises:
        MissingSettingError: It is missing or empty.
    """
    value = (os.environ if environ is None else environ).get(name, "")
    if not value:
        raise MissingSettingError(f"environment variable {name} is not set: the template must give it")
    return value


def read_flag(name: str, environ: Mapping[str, str] | None = None) -> bool:
    """The variable as ``true`` or ``false``.

    Raises:
        MissingSettingError: It is missing, empty or something else.
    """
    value = read_setting(name, environ)
    if value not in ("true", "false"):
        raise MissingSettingError(f"environment variable {name} is {value!r}: it must be true or false")
    return value == "true"
