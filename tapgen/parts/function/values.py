"""What of a function crosses a stack's border."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.wiring import ALIAS, NAME, ROLE, VERSION, Value

if TYPE_CHECKING:
    from tapgen.parts.function.model import Function


LAYER_ARN = Value("DependencyLayerArn", "ARN of the version of the dependency layer", NAME)


def role_arn(part: Function) -> Value:
    """Its execution role."""
    return Value(f"{part.logical_id}RoleArn", f"Execution role of the {part.name} function", ROLE)


def name(part: Function) -> Value:
    """Its name."""
    return Value(f"{part.logical_id}FunctionName", f"Name of the {part.name} function", NAME, derivable=True)


def alias_arn(part: Function) -> Value:
    """Its live alias."""
    return Value(
        f"{part.logical_id}AliasArn", f"ARN of the live alias of the {part.name} function", ALIAS, derivable=True
    )


def version_arn(part: Function) -> Value:
    """Its published version."""
    return Value(f"{part.logical_id}VersionArn", f"ARN of the published version of the {part.name} function", VERSION)


def deployment_group_name(part: Function) -> Value:
    """What shifts its alias."""
    text = f"CodeDeploy deployment group of the {part.name} function"
    return Value(f"{part.logical_id}DeploymentGroupName", text, NAME, derivable=True)


def log_group_name(part: Function) -> Value:
    """Its log."""
    return Value(f"{part.logical_id}LogGroupName", f"Log group of the {part.name} function", NAME, derivable=True)
