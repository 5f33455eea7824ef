"""What the role of a function allows, read from finished templates: inline policies and those attached to the role."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tapgen.testing.rendered import RenderedEnvironment, Resource

_ATTACHED = ("AWS::IAM::ManagedPolicy", "AWS::IAM::Policy")


def allowed_actions(rendered: RenderedEnvironment, function: str) -> Mapping[str, tuple[str, ...]]:
    """Action → resources that the function's role may use it on, as text.

    Raises:
        LookupError: There is no such function.
    """
    found: dict[str, set[str]] = {}
    for statement in _statements(rendered, rendered.resource("AWS::IAM::Role", kind="function", part=function)):
        if statement["Effect"] == "Allow":
            for action in _listed(statement.get("Action", ())):
                found.setdefault(str(action), set()).update(map(_text, _listed(statement.get("Resource", ()))))
    return {action: tuple(sorted(resources)) for action, resources in sorted(found.items())}


def _statements(rendered: RenderedEnvironment, role: Resource) -> Iterator[Mapping[str, Any]]:
    documents = [policy["PolicyDocument"] for policy in role.properties.get("Policies", ())]
    documents += [
        policy.properties["PolicyDocument"]
        for policy_type in _ATTACHED
        for policy in rendered.resources(policy_type)
        if policy.stack == role.stack and _is_attached(policy, role)
    ]
    for document in documents:
        yield from _listed(document["Statement"])


def _is_attached(policy: Resource, role: Resource) -> bool:
    arns = _listed(role.properties.get("ManagedPolicyArns", ()))
    names = ({"Ref": role.logical_id}, role.properties.get("RoleName"))
    return {"Ref": policy.logical_id} in arns or any(
        name in names for name in _listed(policy.properties.get("Roles", ()))
    )


def _text(value: Any) -> str:
    return str(value.get("Fn::Sub", value)) if isinstance(value, dict) else str(value)


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]
