"""The alias whose traffic shifts: reading it, splitting it, moving it, with the permissions of the service role."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import lambda_svc

from tapgen.local.extension.codedeploy import service_role
from tapgen.local.extension.codedeploy.errors import configuration_invalid, function_invalid
from tapgen.local.extension.seams import Seam

if TYPE_CHECKING:
    from tapgen.local.extension.codedeploy.appspec import Shift

SEAMS = (
    Seam(
        module="ministack.services.lambda_svc",
        attribute="_functions",
        parameters=None,
        gap="read only: the account's functions with their aliases and versions",
    ),
)


def function_arn(name: str, qualifier: str = "") -> str:
    """The ARN of a function, a version or an alias in the caller's account and region."""
    arn = f"arn:aws:lambda:{get_region()}:{get_account_id()}:function:{name}"
    return f"{arn}:{qualifier}" if qualifier else arn


def check(shift: Shift, role_arn: str) -> None:
    """Refuse a shift that does not start from where the alias is.

    CodeDeploy reads the alias and its provisioned concurrency with the service role, as its managed policies let it.

    Raises:
        Halt: ``INVALID_LAMBDA_FUNCTION`` or ``INVALID_LAMBDA_CONFIGURATION``, or the role may not look.
    """
    service_role.require(role_arn, "lambda:GetAlias", function_arn(shift.function))
    service_role.require(role_arn, "lambda:GetProvisionedConcurrencyConfig", function_arn(shift.function, shift.alias))
    alias = _alias(shift)
    if alias.get("FunctionVersion") != shift.current:
        raise configuration_invalid(
            "The Lambda function alias version does not match the current version in AppSpec file."
        )
    if (alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights"):
        # [inferred] text; the User Guide says only that such deployments fail until the split is removed.
        raise configuration_invalid("The Lambda function alias is already shifting traffic between two versions.")


def split(shift: Shift, percentage: int, role_arn: str) -> None:
    """Give the new version ``percentage`` percent of the traffic; the alias itself stays on the current version."""
    weights = {shift.target: percentage / 100}
    _update(shift, {"RoutingConfig": {"AdditionalVersionWeights": weights}}, role_arn)


def move(shift: Shift, version: str, role_arn: str) -> None:
    """Point the alias to ``version`` and send all the traffic there."""
    _update(shift, {"FunctionVersion": version, "RoutingConfig": {"AdditionalVersionWeights": {}}}, role_arn)


def _update(shift: Shift, change: dict[str, Any], role_arn: str) -> None:
    service_role.require(role_arn, "lambda:UpdateAlias", function_arn(shift.function))
    status, _, body = lambda_svc._update_alias(shift.function, shift.alias, change)  # noqa: SLF001 - a seam
    if status >= 400:
        answer = json.loads(body)
        raise function_invalid(str(answer.get("message") or answer.get("Message") or answer))


def _alias(shift: Shift) -> dict[str, Any]:
    function = lambda_svc._functions.get(shift.function)  # noqa: SLF001 - a seam
    if function is None:
        raise function_invalid(f"the function {shift.function} does not exist.")
    if shift.target not in function["versions"]:
        raise function_invalid(f"version {shift.target} of the function {shift.function} does not exist.")
    alias: dict[str, Any] | None = function["aliases"].get(shift.alias)
    if alias is None:
        raise function_invalid(f"the alias {shift.alias} of the function {shift.function} does not exist.")
    return alias
