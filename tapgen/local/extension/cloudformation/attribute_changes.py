"""Change sets see that a property reads its value from another resource than before.

CloudFormation lists a resource whose ``Fn::GetAtt`` points elsewhere: an alias, say, that takes its version from a new
``AWS::Lambda::Version``. MiniStack resolves both sides before anything is provisioned, where either is empty.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from tapgen.local.extension.seams import Seam, original, replace

if TYPE_CHECKING:
    from tapgen.local.extension.settings import Settings

_GET_ATT = "Fn::GetAtt"

_RESOLVE_FOR_DIFF = Seam(
    module="ministack.services.cloudformation.changesets",
    attribute="_resolve_props_for_diff",
    parameters=("template", "params", "stack_name", "stack_id"),
    gap="Resolves every Fn::GetAtt to nothing, so that two different ones look the same. AWS tells them apart.",
)

SEAMS: tuple[Seam, ...] = (_RESOLVE_FOR_DIFF,)


def install(settings: Settings) -> None:  # noqa: ARG001 - the contract of every extension module
    """Keep what a property reads from as part of its value."""
    resolve = original(_RESOLVE_FOR_DIFF)

    @functools.wraps(resolve)
    def resolve_for_diff(template: Any, params: Any, stack_name: str, stack_id: str) -> Any:
        return resolve(_with_names(template), params, stack_name, stack_id)

    replace(_RESOLVE_FOR_DIFF, resolve_for_diff)


def _with_names(value: Any) -> Any:
    """The template with each ``Fn::GetAtt`` as text that names what it reads."""
    if isinstance(value, list):
        return [_with_names(item) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1 and _GET_ATT in value:
        source = value[_GET_ATT]
        return f"<{source if isinstance(source, str) else '.'.join(map(str, source))}>"
    return {name: _with_names(item) for name, item in value.items()}
