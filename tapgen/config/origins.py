"""Origins of cross-origin access, as browsers send them and API Gateway compares them: letter for letter."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

# The wildcards are those of the API Gateway developer guide, "Configure CORS for HTTP APIs".
_LABEL = "[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?"
_HOST = rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[0-9a-f:.]+\])"
_FORM = "must be scheme, host and port in lower case, names of other scripts in their ASCII form (xn--…)"

# What an origin must look like, from the coarse to the fine, and what to say when it does not.
_EXPECTED = (
    (r"https?://.*|\*", "must begin with https:// or http://, or be *"),
    (r"(https?://)?\*|[^*]*", "must be one host: API Gateway has no wildcard but *, https://* and http://*"),
    (r"\*|\w+://[^/?#]*", "must end with the host or the port: browsers send no slash and no path"),
    (rf"(https?://)?\*|https?://{_HOST}(:[1-9][0-9]{{0,4}})?", _FORM),
    (r"(?!https:.*:443$|http:.*:80$).*", "must go without the port: browsers leave out 443 of https and 80 of http"),
)


def _check_origin(value: str) -> str:
    """An origin is scheme, host and port, nothing after it (RFC 6454, section 6.2; Fetch standard, "Origin header").

    Raises:
        PydanticCustomError: No request would ever have it, or API Gateway refuses it.
    """
    for pattern, fault in _EXPECTED:
        if not re.fullmatch(pattern, value):
            raise PydanticCustomError("origin", "{fault}", {"fault": fault})
    return value


Origin = Annotated[str, AfterValidator(_check_origin)]
