"""The ceiling of a service: the permissions boundary of all its roles, which stays as it is while the service grows.

What a role may really do stands in its own policies, and is proven there. The boundary says what no role of the service
may ever do, whatever its policies say: data-plane actions on names of this environment's deployments, and never IAM,
another account, or the administration of keys.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tapgen.errors import RenderError
from tapgen.iam.families import families
from tapgen.iam.grants import grants_of, listed, matches
from tapgen.iam.policies import MAX_MANAGED_CHARACTERS, characters, make_document

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from tapgen.iam.grants import Grant
    from tapgen.iam.policies import Document
    from tapgen.naming import Names

_ACCOUNT = {"Ref": "AWS::AccountId"}
# Services whose requests say whose the resource is (IAM user guide, "aws:ResourceAccount", availability), of those that
# roles of a service may use.
_ACCOUNT_TOLD = ("dynamodb", "events", "kms", "lambda", "s3", "secretsmanager", "sns", "sqs", "ssm")
_ADMINISTRATION = (
    "account:*",
    "kms:Create*",
    "kms:Delete*",
    "kms:Disable*",
    "kms:Enable*",
    "kms:Put*",
    "kms:Re*Grant",
    "kms:Schedule*",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:Update*",
    "organizations:*",
    "sts:Assume*",
)
# What stands behind a name: objects of a bucket, indexes and streams of a table, versions of a function.
_BELOW = {"dynamodb": "/*", "lambda": ":*", "s3": "/*"}
_KEY_ACTIONS = ("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey")


@dataclass(frozen=True, kw_only=True, order=True)
class Existing:
    """A resource that somebody else made and that the service uses.

    Attributes:
        arn: Its ARN, or an ``Fn::Sub`` pattern of it.
        actions: What roles may do with it where no family of actions knows its service: ``("kinesis:PutRecord",)``.
    """

    arn: str
    actions: tuple[str, ...] = ()

    @property
    def service(self) -> str:
        """``sqs``."""
        return self._fields[2]

    @property
    def account(self) -> str:
        """Whose it is, where the ARN says so and it is somebody else's; empty otherwise."""
        account = self._fields[4]
        return account if account.isdigit() else ""

    @property
    def _fields(self) -> list[str]:
        """The six parts of the ARN, empty where it is none; a pseudo parameter is no digit and has no colon."""
        fields = re.sub(r"\$\{[^}]+\}", "?", self.arn).split(":", 5)
        return fields if len(fields) == 6 else [""] * 6

    @property
    def patterns(self) -> list[str]:
        """The resource, and what its actions act on below it."""
        below = _BELOW.get(self.service)
        return [self.arn, f"{self.arn}{below}"] if below else [self.arn]


def boundary_policy(names: Names, existing: Sequence[Existing] = ()) -> Document:
    """What no role of the service may exceed, in every deployment of the environment.

    Raises:
        RenderError: With what exists it does not fit into one policy, which a boundary is; or nobody says what may be
            done with something.
    """
    statements = [*_allowed(names, existing), *_denied(names, existing)]
    document = make_document(statements)
    if characters(document) > MAX_MANAGED_CHARACTERS:
        document = make_document(list(_compact(statements)))
    if characters(document) > MAX_MANAGED_CHARACTERS:
        raise _too_large(names, existing, characters(document))
    return document


def boundary_reasons() -> dict[str, str]:
    """Action → who needs it."""
    return {action: family.reason for family in families() for action in family.named}


def find_beyond(ceiling: Mapping[str, Any], templates: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, Grant]]:
    """(role, grant) of what roles in the templates are granted and the ceiling takes away again.

    A resource that another stack answers has no name yet: its action alone is compared.
    """
    limits: dict[str, list[str]] = {}
    for grant in grants_of(ceiling):
        limits.setdefault(grant.action, []).append(_text(grant.resource))
    for role, document in role_documents(templates):
        for grant in grants_of(document):
            wanted = _text(grant.resource)
            if not any(not wanted or _covers(limit, wanted) for limit in limits.get(grant.action, ())):
                yield role, grant


def _covers(limit: str, wanted: str) -> bool:
    return not limit or limit == wanted or matches(limit, wanted)


def _allowed(names: Names, existing: Sequence[Existing]) -> Iterator[Document]:
    made: dict[str, Document] = {}
    served = {item.service: [other for other in existing if other.service == item.service] for item in existing}
    for family in families():
        statement = made.setdefault(family.sid, {"Sid": family.sid, "Effect": "Allow", "Action": [], "Resource": []})
        patterns = [_named(pattern, names) for pattern in family.resources]
        if family.existing:
            patterns += [pattern for item in served.get(family.service, ()) for pattern in item.patterns]
        statement["Action"] += [action for action in family.named if action not in statement["Action"]]
        found = [_resource(pattern) for pattern in patterns]
        statement["Resource"] += [resource for resource in found if resource not in statement["Resource"]]
        if family.condition:
            statement["Condition"] = _fill(family.condition, names)
    yield from made.values()
    yield from _others(existing)


def _others(existing: Sequence[Existing]) -> Iterator[Document]:
    """What no family knows: keys of others, and services that only the caller knows."""
    known = {family.service for family in families() if family.existing}
    by_actions: dict[tuple[str, ...], list[str]] = {}
    for item in existing:
        # Roles, subnets and security groups are named to CloudFormation; no role of the service acts on them.
        if (item.service in known and not item.actions) or item.service in ("ec2", "iam"):
            continue
        actions = item.actions or (_KEY_ACTIONS if item.service == "kms" else ())
        if not actions:
            raise RenderError(
                f"nothing says what roles of the service may do with {item.arn}",
                why=f"tapgen knows no actions of {item.service or 'that'}: its permissions boundary would refuse them",
                hint="pass `actions=[…]` with the resource",
                code="existing-without-actions",
            )
        by_actions.setdefault(actions, []).append(item.arn)
    for number, (actions, arns) in enumerate(sorted(by_actions.items()), start=1):
        resources = [_resource(arn) for arn in arns]
        yield {"Sid": f"Existing{number}", "Effect": "Allow", "Action": list(actions), "Resource": resources}


def _denied(names: Names, existing: Sequence[Existing]) -> Iterator[Document]:
    """Whatever the roles' own policies, or those of resources, say."""
    # Nobody but Scheduler is handed a role: the key is absent from all other actions, and a missing key is not equal.
    passed = {"StringNotEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}}
    yield {"Sid": "NoIdentities", "Effect": "Deny", "Action": "iam:*", "Resource": "*", "Condition": passed}
    yield {"Sid": "NoAdministration", "Effect": "Deny", "Action": list(_ADMINISTRATION), "Resource": "*"}
    artifacts = _resource(f"arn:${{AWS::Partition}}:s3:::{names.artifact_bucket}*")
    yield {"Sid": "NoArtifacts", "Effect": "Deny", "Action": "s3:*", "Resource": artifacts}
    others = sorted({item.account for item in existing if item.account})
    elsewhere = {
        "StringNotEquals": {"aws:ResourceAccount": [_ACCOUNT, *others] if others else _ACCOUNT},
        # A missing key would count as not equal.
        "Null": {"aws:ResourceAccount": "false"},
    }
    actions = [f"{service}:*" for service in _ACCOUNT_TOLD]
    yield {"Sid": "NoOtherAccounts", "Effect": "Deny", "Action": actions, "Resource": "*", "Condition": elsewhere}


def _compact(statements: Sequence[Document]) -> Iterator[Document]:
    """The same in fewer characters: an action acts on ARNs of its own service, so that statements can share a list."""
    shared: Document = {"Sid": "Data", "Effect": "Allow", "Action": [], "Resource": []}
    for statement in statements:
        if statement["Effect"] == "Allow" and "Condition" not in statement:
            shared["Action"] += statement["Action"]
            shared["Resource"] += statement["Resource"]
    yield shared
    yield from (item for item in statements if item["Effect"] == "Deny" or "Condition" in item)


def _too_large(names: Names, existing: Sequence[Existing], found: int) -> RenderError:
    shown = ", ".join(item.arn for item in existing[:5]) or "nothing, but part kinds bring families of actions"
    more = f" and {len(existing) - 5} more" if len(existing) > 5 else ""
    return RenderError(
        f"the permissions boundary {names.boundary} has {found:,} characters; IAM allows {MAX_MANAGED_CHARACTERS:,}",
        why=f"a boundary is one policy, and it names what the service uses of others: {shown}{more}",
        hint=(
            "name several of them by one pattern (`arn:aws:sqs:eu-west-1:123456789012:billing-*`), or give the "
            "environment a boundary of your own: `iam: {boundary: NAME}`"
        ),
        code="boundary-too-large",
    )


def _fill(value: Any, names: Names) -> Any:
    """A condition with names in it."""
    if isinstance(value, dict):
        return {key: _fill(item, names) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_fill(item, names) for item in value]
    return _resource(_named(value, names)) if isinstance(value, str) else value


def _named(pattern: str, names: Names) -> str:
    prefix = names.prefix_pattern
    return names.role_pattern(prefix) if pattern == "{roles}" else pattern.replace("{p}", prefix)


def _resource(pattern: str) -> Any:
    return {"Fn::Sub": pattern} if "${" in pattern else pattern


def role_documents(templates: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """(role, document) of every policy of a role in the templates."""
    for template in templates:
        for logical_id, resource in template["Resources"].items():
            properties = resource.get("Properties", {})
            if resource["Type"] == "AWS::IAM::Role":
                name = str(properties.get("RoleName", logical_id))
                yield from ((name, policy["PolicyDocument"]) for policy in properties.get("Policies", ()))
            elif resource["Type"] in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
                named = ", ".join(map(str, listed(properties.get("Roles", logical_id))))
                yield named, properties["PolicyDocument"]


def _text(resource: Any) -> str:
    """A name or pattern; empty for what only a deployed stack knows."""
    if isinstance(resource, str):
        return resource
    return str(resource["Fn::Sub"]) if isinstance(resource.get("Fn::Sub"), str) else ""
