"""Secrets of templates: Ref is the ARN, generated values keep to what the template asks for, names are not taken over.

Source: CloudFormation template reference, AWS::SecretsManager::Secret ("Ref returns the ARN of the secret"),
GenerateSecretString, AWS::SecretsManager::ResourcePolicy, which MiniStack does not have.
"""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any

from ministack.services import secretsmanager

from tapgen.local.extension.cloudformation import records as cfn
from tapgen.local.extension.cloudformation.resource_types import already_exists, check_answer, refuse_create
from tapgen.local.extension.seams import Seam, original, replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.local.extension.settings import Settings

    Properties = dict[str, Any]

SECRET = "AWS::SecretsManager::Secret"  # noqa: S105 - a type's name
POLICY = "AWS::SecretsManager::ResourcePolicy"
_SECRETS_MANAGER = "ministack.services.secretsmanager"
_VALUE = Seam(
    module="ministack.services.cloudformation.provisioners",
    attribute="_sm_secret_string",
    parameters=("props",),
    gap="knows two of the nine settings of a generated value",
)
SEAMS = (
    _VALUE,
    cfn.RESOURCE_HANDLERS,
    Seam(module=_SECRETS_MANAGER, attribute="_secrets", parameters=None, gap="read only: the secrets by name"),
    Seam(
        module=_SECRETS_MANAGER,
        attribute="_get_random_password",
        parameters=("data",),
        gap="called only: generates a value",
    ),
    Seam(
        module=_SECRETS_MANAGER,
        attribute="_put_resource_policy",
        parameters=("data",),
        gap="called only: the policy of a secret",
    ),
    Seam(
        module=_SECRETS_MANAGER,
        attribute="_delete_resource_policy",
        parameters=("data",),
        gap="called only: takes it away",
    ),
)

_NUMBERS = ("PasswordLength",)
_FLAGS = (
    *("ExcludeNumbers", "ExcludePunctuation", "ExcludeUppercase", "ExcludeLowercase"),
    *("IncludeSpace", "RequireEachIncludedType"),
)


def install(settings: Settings) -> None:
    """Finish the handlers, and add the missing type."""
    del settings
    replace(_VALUE, value)
    handlers = original(cfn.RESOURCE_HANDLERS)
    secret = handlers[SECRET]
    secret["create"] = _by_arn(secret["create"])
    secret["update"] = _updated_by_arn(secret["update"])
    secret["delete"] = _deleted_by_arn(secret["delete"])
    refuse_create(SECRET, _taken)
    handlers[POLICY] = {"create": _put_policy, "update": _update_policy, "delete": _delete_policy}


def value(props: Properties) -> str:
    """The value of a secret: the template's own, or one that is generated as it asks.

    Raises:
        ValueError: Nothing can be generated so.
    """
    wanted = props.get("GenerateSecretString")
    if not wanted or props.get("SecretString"):
        return str(props.get("SecretString") or "")
    request: Properties = {key: wanted[key] for key in ("ExcludeCharacters",) if key in wanted}
    request |= {key: int(wanted[key]) for key in _NUMBERS if key in wanted}
    request |= {key: str(wanted[key]).lower() == "true" for key in _FLAGS if key in wanted}
    answer = secretsmanager._get_random_password(request)  # noqa: SLF001 - a seam
    check_answer(answer)
    password = str(json.loads(answer[2])["RandomPassword"])
    template = wanted.get("SecretStringTemplate")
    if not template:
        return password
    return json.dumps({**json.loads(template), wanted.get("GenerateStringKey", "password"): password})


def _name(physical_id: str) -> str:
    """MiniStack's key of a secret, from its ARN."""
    return next((key for key, each in secretsmanager._secrets.items() if each["ARN"] == physical_id), physical_id)  # noqa: SLF001 - a seam


def _by_arn(create: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(create)
    def create_by_arn(logical_id: str, props: Properties, stack_name: str) -> Any:
        _, attributes = create(logical_id, props, stack_name)
        return attributes["Id"], attributes

    return create_by_arn


def _updated_by_arn(update: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(update)
    def update_by_arn(
        physical_id: str, old_props: Properties, new_props: Properties, stack_name: str, logical_id: str | None = None
    ) -> Any:
        _, attributes = update(_name(physical_id), old_props, new_props, stack_name, logical_id)
        return attributes["Id"], attributes

    return update_by_arn


def _deleted_by_arn(delete: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(delete)
    def delete_by_arn(physical_id: str, *rest: Any) -> Any:
        return delete(_name(physical_id), *rest)

    return delete_by_arn


def _taken(props: Properties) -> str:
    name = props.get("Name", "")
    return already_exists(SECRET, name) if name in secretsmanager._secrets else ""  # noqa: SLF001 - a seam


def _put_policy(logical_id: str, props: Properties, stack_name: str) -> tuple[str, Properties]:  # noqa: ARG001 - the signature of MiniStack's handlers
    document = json.dumps(props.get("ResourcePolicy") or {})
    request = {"SecretId": props["SecretId"], "ResourcePolicy": document}
    check_answer(secretsmanager._put_resource_policy(request))  # noqa: SLF001 - a seam
    return str(props["SecretId"]), {"Id": props["SecretId"]}


def _update_policy(physical_id: str, old: Properties, new: Properties, stack_name: str) -> tuple[str, Properties]:  # noqa: ARG001 - the signature of MiniStack's handlers
    return _put_policy("", new, stack_name)


def _delete_policy(physical_id: str, props: Properties) -> None:
    if _name(physical_id) in secretsmanager._secrets:  # noqa: SLF001 - a seam
        secretsmanager._delete_resource_policy({"SecretId": props["SecretId"]})  # noqa: SLF001 - a seam
