"""Which addresses of an API would stop answering: domain names with their base paths, the default endpoint. Pure.

A caller that knows an address has it in its configuration: what goes with a release is an outage for it until somebody
changes that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.gates.allowances import Threat
from tapgen.gates.templates import is_true, look_up, path_of, resources_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.gates.templates import Resource, Stacks, Template

_API, _MAPPING = "AWS::ApiGatewayV2::Api", "AWS::ApiGatewayV2::ApiMapping"
_SWITCH = "DisableExecuteApiEndpoint"


def find_cuts(before: Stacks, after: Stacks) -> tuple[Threat, ...]:
    """What answers and would not any more, each address once.

    Args:
        before: What is deployed.
        after: What is about to be.
    """
    still = {address for _, address in _addresses(after)}
    types = {path: resource["Type"] for path, resource in resources_of(before, _API, _MAPPING)}
    return tuple(
        Threat(
            path=path,
            resource_type=types[path],
            kind="cut",
            property_path=_SWITCH if types[path] == _API else "",
            cause=f"callers of {address} would get no answer",
        )
        for path, address in _addresses(before)
        if address not in still
    )


def _addresses(stacks: Stacks) -> Iterator[tuple[str, str]]:
    """(path of the resource that makes it, address) of everything that answers."""
    for path, api in resources_of(stacks, _API):
        if not is_true(look_up(api, _SWITCH)):
            yield path, f"the default endpoint of {path}"
    for stack, template in stacks.items():
        for name, resource in template.get("Resources", {}).items():
            if resource["Type"] == _MAPPING:
                below = look_up(resource, "ApiMappingKey")
                yield path_of(stack, name), "/".join(filter(None, (_domain_of(resource, template), below)))


def _domain_of(mapping: Resource, template: Template) -> str:
    """The domain name of a mapping, which refers to it in the same template or says it."""
    value = look_up(mapping, "DomainName")
    if isinstance(value, dict) and value.get("Ref") in template["Resources"]:
        return str(look_up(template["Resources"][value["Ref"]], "DomainName"))
    return str(value)
