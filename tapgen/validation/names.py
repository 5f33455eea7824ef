"""Whether something outside of the stack has a name that the release needs.

Names are deterministic, so what an earlier deployment left behind (data is retained) or somebody made by hand stands in
the way of the next create, which CloudFormation finds out half-way.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from tapgen.aws.existence import look_up_name
from tapgen.deploy.parts import KINDS
from tapgen.errors import AwsError
from tapgen.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tapgen.validation.subject import Subject

_CHECK = "name-conflicts"
NAMED: Mapping[str, str] = {
    "AWS::DynamoDB::Table": "TableName",
    "AWS::IAM::Role": "RoleName",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SQS::Queue": "QueueName",
}
"""Types whose names are looked for → the property that names them."""


def check_names(subject: Subject) -> Iterator[Finding]:
    """Look for the name of everything that the release would create."""
    wanted = [
        (path, resource["Type"], name)
        for path, resource in subject.added(*NAMED)
        if (name := subject.name_of(resource, NAMED[resource["Type"]]))
    ]
    with ThreadPoolExecutor(8, thread_name_prefix="names") as pool:
        found = [finding for finding in pool.map(lambda item: _look(subject, *item), wanted) if finding]
    yield from found
    if not found:
        what = f"{len(wanted)} names are free" if wanted else "nothing new has a name"
        yield Finding(check=_CHECK, status="passed", what=what)


def _look(subject: Subject, path: str, resource_type: str, name: str) -> Finding | None:
    """What stands in the way; None when nothing does."""
    try:
        standing = look_up_name(subject.context.aws, resource_type, name)
    except AwsError as error:
        return Finding(
            check=_CHECK, status="skipped", what=f"{path} ({name}) not looked for", why=str(error), fix=error.hint
        )
    if standing == "free":
        return None
    if standing == "foreign":
        why = "names of buckets are shared by all accounts, and another one has this name, or you may not see it"
        fix = "choose another `project` or environment name, or ask for s3:ListBucket on it"
    else:
        why = "it exists outside of the stack, and CloudFormation would fail to create it"
        options = subject.deployment.options
        fix = "delete it, or choose other names"
        if resource_type in KINDS:
            fix = f"`tapgen adopt {options} {path}={name}` brings it under the deployment with its data; or {fix}"
    what = f"{path} ({resource_type}): {name} is taken"
    return Finding(check=_CHECK, status="failed", what=what, why=why, fix=fix)
