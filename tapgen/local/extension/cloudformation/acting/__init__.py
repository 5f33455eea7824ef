"""CloudFormation acts as its role: each operation on a resource is authorised as the role that the stack was given.

    operations     what is done to one resource, and which properties it touches
    needs          which actions that takes: the published handlers, restricted to the properties in use
    read_types     the resource types that all this is known of; operations on others are not authorised
    readings       which actions of the handlers are for some properties alone, by AWS's documentation
                   (``reading`` is one of them; they stand in ``readings_of_compute`` and ``readings_of_data``)
    further_calls  what the documentation names and the schemas do not
    names          what a resource and all that it names are called: placeholders of ARNs; own_names by type
    arns           on which resources an action is authorised; api_paths for API Gateway
    calls          actions, resources and condition keys together
    session        the role in CloudFormation's hands: whether it may, and AWS's words when it may not
    messages       how services sign their refusals
    requests       the role that a request names: whether CloudFormation can assume it, and which stack keeps it
    place          where a stack is
    roles          which role a stack's operations are carried out with
    trials         the operations of what is deployed, authorised and not carried out: what a proof asks

MiniStack accepts ``RoleARN`` and forgets it. An operation without a role is authorised by nobody, as before. An action
of the handlers whose resource the template does not name (the file system behind an access point, say) is not asked
about.
AWS documentation: "CloudFormation service role"; the handlers' permissions are those of the resource schemas.
"""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Any

from tapgen.local.extension.cloudformation import records as cfn
from tapgen.local.extension.cloudformation.acting import requests, session, trials
from tapgen.local.extension.cloudformation.acting.operations import Operation
from tapgen.local.extension.cloudformation.acting.roles import authorize, role_of
from tapgen.local.extension.seams import Seam, original, replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.local.extension.settings import Settings

_CREATE = Seam(
    module=cfn.STACKS_MODULE,
    attribute="_provision_resource",
    parameters=("resource_type", "logical_id", "props", "stack_name"),
    gap="Creates a resource whatever the stack's role may.",
)
_UPDATE = Seam(
    module=cfn.STACKS_MODULE,
    attribute="_update_resource",
    parameters=(
        "resource_type",
        "physical_id",
        "old_props",
        "new_props",
        "stack_name",
        "logical_id",
        "old_attrs",
    ),
    gap="Updates a resource whatever the stack's role may.",
)
_DELETE = Seam(
    module="ministack.services.cloudformation.provisioners",
    attribute="_delete_resource",
    parameters=("resource_type", "physical_id", "props", "stack_name", "logical_id"),
    gap="Deletes a resource whatever the stack's role may, the predecessor of a replaced one included.",
)
_REPLACING = Seam(
    module="ministack.services.cloudformation.provisioners",
    attribute="_replacing_change",
    parameters=("resource_type", "old_props", "new_props"),
    gap="Used: whether a change needs a new physical resource, which is created and not updated.",
)
SEAMS: tuple[Seam, ...] = (_CREATE, _UPDATE, _DELETE, _REPLACING, *requests.SEAMS, *session.SEAMS, *trials.SEAMS)


def install(settings: Settings) -> None:  # noqa: ARG001 - the contract of every extension module
    """Authorise creates, updates and deletes before they are carried out, those of rollbacks included."""
    replace(_CREATE, _creating(original(_CREATE)))
    replace(_UPDATE, _updating(original(_UPDATE)))
    replace(_DELETE, _deleting(original(_DELETE)), also=(cfn.STACKS_MODULE,))
    requests.install()


def _creating(create: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(create)
    def authorize_and_create(resource_type: str, logical_id: str, props: dict[str, Any], stack_name: str) -> Any:
        authorize(
            Operation(
                verb="create", resource_type=resource_type, logical_id=logical_id, stack_name=stack_name, new=props
            )
        )
        return create(resource_type, logical_id, props, stack_name)

    return authorize_and_create


def _updating(update: Callable[..., Any]) -> Callable[..., Any]:
    signature = inspect.signature(update)

    @functools.wraps(update)
    def authorize_and_update(*args: Any, **kwargs: Any) -> Any:
        asked = signature.bind(*args, **kwargs).arguments
        old, new, resource_type = asked["old_props"], asked["new_props"], asked["resource_type"]
        if old != new:
            replacing = bool(original(_REPLACING)(resource_type, old, new))
            authorize(
                Operation(
                    verb="replace" if replacing else "update",
                    resource_type=resource_type,
                    logical_id=asked.get("logical_id") or asked["physical_id"],
                    stack_name=asked["stack_name"],
                    physical_id="" if replacing else asked["physical_id"],
                    old={} if replacing else old,
                    new=new,
                )
            )
        return update(*args, **kwargs)

    return authorize_and_update


def _deleting(delete: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(delete)
    def authorize_and_delete(
        resource_type: str,
        physical_id: str,
        props: dict[str, Any],
        stack_name: str | None = None,
        logical_id: str | None = None,
    ) -> Any:
        if stack_name and role_of(stack_name):
            authorize(
                Operation(
                    verb="delete",
                    resource_type=resource_type,
                    logical_id=logical_id or physical_id,
                    stack_name=stack_name,
                    physical_id=physical_id,
                    old=props,
                )
            )
        return delete(resource_type, physical_id, props, stack_name, logical_id)

    return authorize_and_delete
