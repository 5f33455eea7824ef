"""AWS CodeDeploy for Lambda, which MiniStack does not have: the API, the engine and CloudFormation's side of it.

    service            the wire; applications, groups, operations behind it
    state              records; configs, appspec: what they are made of
    engine             one deployment from Created to its end; guards, hooks, traffic: what it does
    notifications      whom it tells: topics; events: EventBridge
    alias_updates      UpdatePolicy of an alias; alias_shifts: its shift as a stack sees it
    resource_types     the three types of AWS::CodeDeploy
    iam, service_role  who may call it; what it may call

Behaviour follows the CodeDeploy User Guide and what was seen of the service; a docstring marks what is neither with
[inferred]. Server and ECS deployments are not offered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.local.extension.codedeploy import (
    alias_updates,
    events,
    guards,
    hooks,
    iam,
    notifications,
    registration,
    resource_types,
    service_role,
    traffic,
)
from tapgen.local.extension.codedeploy.service import CodeDeploy
from tapgen.local.extension.time_scale import TimeScale

if TYPE_CHECKING:
    from tapgen.local.extension.seams import Seam
    from tapgen.local.extension.settings import Settings

SEAMS: tuple[Seam, ...] = tuple(
    seam
    for module in (
        registration,
        iam,
        service_role,
        traffic,
        events,
        guards,
        hooks,
        notifications,
        resource_types,
        alias_updates,
    )
    for seam in module.SEAMS
)


def install(settings: Settings) -> None:
    """Add CodeDeploy to MiniStack's services and to its CloudFormation."""
    service = CodeDeploy(TimeScale(settings.minute_s))
    registration.register("codedeploy", service, "CodeDeploy_20141006")
    iam.install(service.store)
    resource_types.install(service)
    alias_updates.install(service, settings)
