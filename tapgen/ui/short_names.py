"""Physical names without their deployment's prefix, where the reader knows which deployment it is. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tapgen.naming import prefix_of

if TYPE_CHECKING:
    from collections.abc import Callable


def shortener(root_stack: str) -> Callable[[str], str]:
    """Takes the deployment's prefix off the names in a text: ``shop-prod-eu-west-1-api`` is ``api`` then.

    Args:
        root_stack: The name of its root stack; of one that is not named as tapgen does, and of none, nothing follows.
    """
    prefix = prefix_of(root_stack)
    if not prefix:
        return lambda text: text
    # A name may have words of its own before the prefix, joined by a line below: CodeDeployHook_shop-prod-…-before.
    pattern = re.compile(rf"(?<![A-Za-z0-9-]){re.escape(prefix)}-")
    return lambda text: pattern.sub("", text)
