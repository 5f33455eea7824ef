"""Where an action of the execution role may act: the narrowest ARNs that are known before anything exists."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tapgen.iam import scope_rules

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from tapgen.iam.boundary import Existing
    from tapgen.iam.scope_rules import Rule
    from tapgen.naming import Names


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Resources as ``Fn::Sub`` patterns (``*`` alone stands for an action without resource level), and a condition."""

    resources: tuple[str, ...]
    condition: Mapping[str, Any] = field(default_factory=dict)


class Scoper:
    """Scopes of one environment.

    Args:
        names: Its names.
        project: The value of its tag Project.
        types: The resource types of its templates with the properties that they have there.
        existing: What the service uses that somebody else made.
    """

    def __init__(
        self,
        names: Names,
        *,
        project: str,
        types: Mapping[str, Collection[str]] | None = None,
        existing: Sequence[Existing] = (),
    ) -> None:
        self._names = names
        self._prefixes = names.prefix_patterns
        self._types = types or {}
        self._existing = existing
        self._project = project

    def scopes(self, action: str) -> Iterator[Scope]:
        """Where an action may act; what somebody else made stands apart, since our conditions do not hold of it."""
        known = (rule for rule in scope_rules.RULES if re.fullmatch(rule.actions, action))
        rule = next(known, scope_rules.unknown(action))
        own, service = self._own(rule), action.partition(":")[0]
        others = sorted({item.arn for item in self._existing if item.service == service}) if rule.existing else []
        if own:
            yield Scope(resources=own, condition=self._fill(rule.condition))
        if others or not own:
            yield Scope(resources=tuple(others) or rule.otherwise)

    @property
    def roles(self) -> tuple[str, ...]:
        """ARN patterns of the service's roles, and of those that it uses and somebody else made."""
        return (*self._roles(), *sorted({item.arn for item in self._existing if item.service == "iam"}))

    def _own(self, rule: Rule) -> tuple[str, ...]:
        patterns = [
            *rule.resources,
            *(found for kind in rule.types if self._has(kind) for found in rule.types[kind]),
        ]
        return tuple(dict.fromkeys(found for pattern in patterns for found in self._expand(pattern)))

    def _has(self, kind: str) -> bool:
        """A type, or ``TYPE.Property``."""
        name, _, prop = kind.partition(".")
        return name in self._types and (not prop or prop in self._types[name])

    def _roles(self) -> tuple[str, ...]:
        return tuple(self._names.role_pattern(prefix) for prefix in self._prefixes)

    def _policies(self) -> tuple[str, ...]:
        return tuple(self._names.policy_pattern(prefix) for prefix in self._prefixes)

    def _expand(self, pattern: str) -> Iterable[str]:
        if pattern == "{roles}":
            return self._roles()
        if pattern == "{policies}":
            return self._policies()
        filled = pattern.replace("{artifacts}", self._names.artifact_bucket)
        return (filled.replace("{p}", prefix) for prefix in self._prefixes)

    def _fill(self, condition: Mapping[str, Any]) -> dict[str, Any]:
        return {
            operator: {key: self._value(value) for key, value in keys.items()} for operator, keys in condition.items()
        }

    def _value(self, value: Any) -> Any:
        if value == "{boundary}":
            arn = self._names.boundary_arn
            return {"Fn::Sub": arn} if "${" in arn else arn
        if value == "{functions}":
            return [{"Fn::Sub": found} for found in self._expand(scope_rules.FUNCTIONS[0])]
        if value == "{policies}":
            return [{"Fn::Sub": found} for found in self._policies()]
        return self._project if value == "{project}" else value
