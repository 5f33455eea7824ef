"""Deployment configurations for Lambda: the predefined ones, the rules for custom ones, and the steps they lead to.

Sources: CodeDeploy User Guide, "Working with deployment configurations" and "CodeDeploy quotas".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tapgen.local.extension.codedeploy.errors import CodeDeployError

PREFIX = "CodeDeployDefault."
ALL_AT_ONCE = f"{PREFIX}LambdaAllAtOnce"
_LONGEST_SHIFT_MINUTES = 2880


@dataclass(frozen=True)
class Step:
    """A share of the traffic for the new version, and how long it stays there before the next step.

    Attributes:
        percentage: 1 to 99.
        minutes: AWS minutes.
    """

    percentage: int
    minutes: int


def predefined() -> dict[str, dict[str, Any]]:
    """The nine configurations that every account has for Lambda, by name."""
    routing: dict[str, dict[str, Any]] = {"LambdaAllAtOnce": {"type": "AllAtOnce"}}
    for minutes in (5, 10, 15, 30):
        routing[f"LambdaCanary10Percent{minutes}Minutes"] = {
            "type": "TimeBasedCanary",
            "timeBasedCanary": {"canaryPercentage": 10, "canaryInterval": minutes},
        }
    for minutes in (1, 2, 3, 10):
        routing[f"LambdaLinear10PercentEvery{minutes}Minute{'s' if minutes > 1 else ''}"] = {
            "type": "TimeBasedLinear",
            "timeBasedLinear": {"linearPercentage": 10, "linearInterval": minutes},
        }
    return {
        PREFIX + name: {
            "deploymentConfigId": f"00000000-0000-0000-0000-{index:012d}",
            "deploymentConfigName": PREFIX + name,
            "computePlatform": "Lambda",
            "trafficRoutingConfig": config,
        }
        for index, (name, config) in enumerate(routing.items(), start=1)
    }


def steps(routing: dict[str, Any]) -> tuple[Step, ...]:
    """The steps before 100 percent, in order; none for AllAtOnce.

    A linear shift of 10 percent takes nine steps, 10 to 90 percent [inferred: the documentation gives only the
    percentage and the interval].
    """
    match routing["type"]:
        case "TimeBasedCanary":
            canary = routing["timeBasedCanary"]
            return (Step(canary["canaryPercentage"], canary["canaryInterval"]),)
        case "TimeBasedLinear":
            linear = routing["timeBasedLinear"]
            share, minutes = linear["linearPercentage"], linear["linearInterval"]
            return tuple(Step(percentage, minutes) for percentage in range(share, 100, share))
        case _:
            return ()


def validated_routing(routing: dict[str, Any] | None) -> dict[str, Any]:
    """The traffic routing of a custom configuration.

    Raises:
        CodeDeployError: The type is unknown, a member is missing, or the shift is outside the service's limits.
    """
    kind = (routing or {}).get("type", "AllAtOnce")
    if kind == "AllAtOnce":
        return {"type": kind}
    members = {
        "TimeBasedCanary": ("timeBasedCanary", "canaryPercentage", "canaryInterval"),
        "TimeBasedLinear": ("timeBasedLinear", "linearPercentage", "linearInterval"),
    }
    if routing is None or kind not in members:
        raise _invalid(f"Traffic routing type {kind} is not one of AllAtOnce, TimeBasedCanary, TimeBasedLinear")
    member, percentage, interval = members[kind]
    found = routing.get(member) or {}
    checked = {
        "type": kind,
        member: {percentage: _whole(found, percentage, 1, 99), interval: _whole(found, interval, 0, 2880)},
    }
    if sum(step.minutes for step in steps(checked)) > _LONGEST_SHIFT_MINUTES:
        raise _invalid(f"The traffic shift takes more than {_LONGEST_SHIFT_MINUTES} minutes")
    return checked


def _whole(found: dict[str, Any], name: str, low: int, high: int) -> int:
    try:
        value = int(found[name])
    except (KeyError, TypeError, ValueError):
        raise _invalid(f"{name} is missing or is not a whole number") from None
    if not low <= value <= high:
        raise _invalid(f"{name} is {value}; it must be between {low} and {high}")
    return value


def _invalid(message: str) -> CodeDeployError:
    return CodeDeployError("InvalidTrafficRoutingConfigurationException", message)
