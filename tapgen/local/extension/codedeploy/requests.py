"""Reading a request: required members, names, pages, tags. The same rules for all operations."""

from __future__ import annotations

import base64
import re
from typing import Any

from tapgen.local.extension.codedeploy.errors import CodeDeployError

Request = dict[str, Any]
_NAME = re.compile(r"[A-Za-z0-9+=,.@_-]{1,100}")
_DEPLOYMENT_ID = re.compile(r"d-[A-Z0-9]{9}")
_PAGE = 100


def name(request: Request, member: str) -> str:
    """A required name, such as ``applicationName``.

    Raises:
        CodeDeployError: ``ApplicationNameRequiredException`` or ``InvalidApplicationNameException``, by the member.
    """
    noun = member[:1].upper() + member[1:]
    for prefix in ("Current", "New"):
        noun = noun.removeprefix(prefix)
    value = request.get(member)
    if not value:
        raise CodeDeployError(f"{noun}RequiredException", f"{member} is required")
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise CodeDeployError(
            f"Invalid{noun}Exception",
            f"{member} {value!r} is not valid: 1 to 100 characters of A-Z, a-z, 0-9 and +=,.@_-",
        )
    return value


def deployment_id(request: Request) -> str:
    """The required ``deploymentId``."""
    value = request.get("deploymentId")
    if not value:
        raise CodeDeployError("DeploymentIdRequiredException", "The deployment ID is required")
    return checked_deployment_id(value)


def checked_deployment_id(value: Any) -> str:
    """A deployment id in its form, or ``InvalidDeploymentIdException``."""
    if not isinstance(value, str) or not _DEPLOYMENT_ID.fullmatch(value):
        raise CodeDeployError(
            "InvalidDeploymentIdException", f"Specified DeploymentId is not in the valid format: {value}"
        )
    return value


def batch(request: Request, member: str, *, most: int, required: str) -> list[Any]:
    """A required list of at most ``most`` entries; ``required`` is the exception for a missing one."""
    values = request.get(member)
    if not values:
        raise CodeDeployError(required, f"{member} is required")
    if len(values) > most:
        raise CodeDeployError("BatchLimitExceededException", f"{member} has {len(values)} entries; at most {most}")
    return list(values)


def page(request: Request, member: str, values: list[Any]) -> dict[str, Any]:
    """The page of ``values`` that the request's ``nextToken`` asks for, with the token of the next one."""
    start = _position(request.get("nextToken"), len(values))
    answer: dict[str, Any] = {member: values[start : start + _PAGE]}
    if start + _PAGE < len(values):
        answer["nextToken"] = base64.urlsafe_b64encode(f"after:{start + _PAGE}".encode()).decode()
    return answer


def tags(request: Request, member: str = "tags") -> dict[str, str]:
    """The tags of a request by key, or ``InvalidTagsToAddException``."""
    found = {}
    for tag in request.get(member) or []:
        if not tag.get("Key") or (str(tag["Key"]).lower().startswith("aws:") and member != "tags"):
            raise CodeDeployError("InvalidTagsToAddException", f"The tag {tag} is not valid")
        found[str(tag["Key"])] = str(tag.get("Value", ""))
    return found


def _position(token: Any, length: int) -> int:
    if not token:
        return 0
    try:
        position = int(base64.urlsafe_b64decode(token).decode().removeprefix("after:"))
    except ValueError:
        position = -1
    if not 0 < position <= length:
        raise CodeDeployError("InvalidNextTokenException", f"The next token {token!r} is not valid")
    return position
