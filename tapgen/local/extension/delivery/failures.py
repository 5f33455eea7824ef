"""Why something was not delivered, and whether another attempt could help."""

from __future__ import annotations


class Undelivered(Exception):  # noqa: N818 - it is no fault of the embedded AWS
    """What was to be delivered has not arrived.

    Attributes:
        code: AWS's word for it: ``NO_PERMISSIONS``, ``NO_RESOURCE``, ``THROTTLING``.
        message: One sentence.
        lasting: No later attempt can change it, as AWS sees it: a missing permission, a missing target.
    """

    def __init__(self, code: str, message: str, *, lasting: bool) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.lasting = lasting


def no_permission(action: str, arn: str) -> Undelivered:
    """Neither a policy of the target nor a role allows it."""
    return Undelivered("NO_PERMISSIONS", f"The call is not authorized to perform {action} on {arn}.", lasting=True)


def no_resource(arn: str) -> Undelivered:
    """There is no such target."""
    return Undelivered("NO_RESOURCE", f"The target {arn} does not exist.", lasting=True)
