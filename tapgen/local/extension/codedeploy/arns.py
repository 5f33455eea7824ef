"""The ARNs of CodeDeploy's resources, in the caller's account and region."""

from __future__ import annotations

from ministack.core.responses import get_account_id, get_region


def application(name: str) -> str:
    """``arn:aws:codedeploy:<region>:<account>:application:<name>``."""
    return f"{_base()}:application:{name}"


def group(application_name: str, name: str) -> str:
    """``arn:aws:codedeploy:<region>:<account>:deploymentgroup:<application>/<name>``."""
    return f"{_base()}:deploymentgroup:{application_name}/{name}"


def config(name: str) -> str:
    """``arn:aws:codedeploy:<region>:<account>:deploymentconfig:<name>``."""
    return f"{_base()}:deploymentconfig:{name}"


def _base() -> str:
    return f"arn:aws:codedeploy:{get_region()}:{get_account_id()}"
