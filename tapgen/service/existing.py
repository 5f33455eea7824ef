"""What others own: the service uses it, and neither makes, guards nor deletes it.

What tapgen does not know of such a resource (its cost, its alarms, whether it is protected) is left to its owner.
"""

from __future__ import annotations

import re
from typing import Any

from tapgen.parts.bucket.model import Bucket
from tapgen.parts.bus.model import Bus
from tapgen.parts.collector import check_key
from tapgen.parts.faults import calling_place, tell
from tapgen.parts.function.model import Vpc
from tapgen.parts.part import pascal_case, upper_case
from tapgen.parts.queue.model import Queue
from tapgen.parts.secret.model import Secret
from tapgen.parts.table.model import Index, Key, Table
from tapgen.parts.topic.model import Topic

_ARN = re.compile(r"arn:(?P<partition>aws[a-z-]*|\$\{AWS::Partition\}):(?P<service>[a-z0-9-]+):[^:]*:[^:]*:.+")


def table(arn: str, *, indexes: tuple[str, ...] = (), variable: str | None = None, key: str = "") -> Table:
    """A table by its ARN; ``indexes`` are those that functions query."""
    name = _name(arn, service="dynamodb", after="/")
    unknown = Key(name="?")
    return Table(
        **_common(arn, name, "Table", key=key),
        partition_key=unknown,
        indexes=tuple(Index(name=index, partition_key=unknown, sort_key=None) for index in indexes),
        variable=variable or f"{upper_case(name)}_TABLE",
    )


def bucket(name: str, *, variable: str | None = None, key: str = "") -> Bucket:
    """A bucket by its name, which is unique in the partition."""
    arn = f"arn:${{AWS::Partition}}:s3:::{name}"
    return Bucket(**_common(arn, name, "Bucket", key=key), variable=variable or f"{upper_case(_short(name))}_BUCKET")


def queue(arn: str, *, variable: str | None = None, key: str = "") -> Queue:
    """A queue by its ARN."""
    name = _name(arn, service="sqs", after=":")
    common = _common(arn, name, "Queue", key=key)
    return Queue(**common, fifo=name.endswith(".fifo"), variable=variable or f"{upper_case(_short(name))}_QUEUE_URL")


def topic(arn: str, *, variable: str | None = None, key: str = "") -> Topic:
    """A topic by its ARN."""
    name = _name(arn, service="sns", after=":")
    return Topic(**_common(arn, name, "Topic", key=key), variable=variable or f"{upper_case(_short(name))}_TOPIC_ARN")


def bus(arn: str, *, variable: str | None = None) -> Bus:
    """An event bus by its ARN."""
    name = _name(arn, service="events", after="/")
    return Bus(**_common(arn, name, "Bus"), variable=variable or f"{upper_case(_short(name))}_BUS")


def secret(arn: str, *, variable: str, key: str = "") -> Secret:
    """A secret by its whole ARN, with the six characters that Secrets Manager added."""
    name = _name(arn, service="secretsmanager", after=":")
    return Secret(**_common(arn, name, "Secret", key=key), variable=variable)


def key(arn: str) -> str:
    """A customer-managed key by its ARN, for ``key=`` of what it encrypts.

    Functions get what the parts that they use need of it, as with a key of tapgen's own. Its policy is its owner's: it
    has to let the account's roles, and the services that send or log, use it.
    """
    return arn if check_key(arn) else ""


def role(arn: str) -> str:
    """A role by its ARN, for ``function(role=…)``: its owner answers for what it may do."""
    _name(arn, service="iam", after="/")
    return arn


def vpc(*, subnets: list[str] | tuple[str, ...], security_groups: list[str] | tuple[str, ...]) -> Vpc:
    """A network by its subnets and security groups, for ``function(vpc=…)``."""
    for what, ids, prefix in (("subnet", subnets, "subnet-"), ("security group", security_groups, "sg-")):
        if not ids:
            tell(f"vpc(): at least one {what} is needed")
        for item in ids:
            if not item.startswith(prefix):
                tell(f"vpc(): {item!r} is no id of a {what}; it begins with {prefix}")
    return Vpc(subnets=tuple(subnets), security_groups=tuple(security_groups))


def _common(arn: str, name: str, suffix: str, *, key: str = "") -> dict[str, Any]:
    short = _short(name)
    logical_id = f"Existing{pascal_case(re.sub(r'[^A-Za-z0-9-]', '-', short))}{suffix}"
    return {"name": short, "logical_id": logical_id, "existing_arn": arn, "key_arn": key, "place": calling_place()}


def _short(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9-]", "-", name.removesuffix(".fifo"))


def _name(arn: str, *, service: str, after: str) -> str:
    found = _ARN.fullmatch(arn)
    if not found or found["service"] != service:
        tell(f"{arn!r} is no ARN of {service}: arn:aws:{service}:REGION:ACCOUNT:…")
        return "unknown"
    return arn.rpartition(after)[2]
