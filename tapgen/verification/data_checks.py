"""Whether data is protected: buckets, tables, what could not be handled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tapgen.aws import protection
from tapgen.findings import Report
from tapgen.parts.names import physical_name
from tapgen.parts.queue.model import Queue
from tapgen.parts.table.model import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tapgen.findings import Finding
    from tapgen.verification.deployed import Deployed

_ALL = ("*", {"AWS": "*"}, {"AWS": ["*"]})
_OK, _FORBIDDEN = 200, 403


def check_bucket_policies(deployed: Deployed) -> Iterator[Finding]:
    """Every bucket's policy denies whatever comes without TLS."""
    report, client = Report("buckets-refuse-plain-http"), deployed.context.aws.client("s3")
    for bucket in _buckets(deployed):
        if any(denies_plain_http(item, bucket) for item in protection.read_bucket_statements(client, bucket)):
            yield report.passed(f"the policy of {bucket} denies plain HTTP")
        else:
            yield report.failed(f"no statement of the policy of {bucket} denies plain HTTP", deployed.restore)


def check_plain_request(deployed: Deployed, *, send: Callable[[str], int] = protection.get_status) -> Iterator[Finding]:
    """A real request over plain HTTP is refused; the same one over TLS, which is tried first, is not."""
    report = Report("plain-http-request")
    if deployed.context.aws.target.endpoint_url:
        yield report.skipped("this endpoint is no AWS: it has no TLS of S3's to compare with")
        return
    bucket = deployed.names.artifact_bucket
    yield judge_plain_request(
        report, protection.presign_listing(deployed.context.aws.client("s3"), bucket), send, fix=deployed.restore
    )


def judge_plain_request(report: Report, url: str, send: Callable[[str], int], *, fix: str) -> Finding:
    """Send a signed URL with TLS and without."""
    secure, plain = send(url), 0
    if secure == _OK:
        plain = send(url.replace("https://", "http://", 1))
    host = url.partition("://")[2].partition("?")[0]
    if secure != _OK:
        return report.skipped(f"{host} answers the caller {secure} over TLS, too", "the caller needs s3:ListBucket")
    if plain == 0:
        return report.skipped(f"nobody answers plain HTTP at {host} from here")
    if plain == _FORBIDDEN:
        return report.passed(f"{host} answers 200 over TLS and 403 over plain HTTP")
    return report.failed(f"{host} answers {plain} over plain HTTP", fix)


def check_public_access(deployed: Deployed) -> Iterator[Finding]:
    """Neither an ACL nor a policy can make a bucket public."""
    report, client = Report("public-access-blocked"), deployed.context.aws.client("s3")
    for bucket in _buckets(deployed):
        off = [name for name, on in protection.read_public_access(client, bucket).items() if not on]
        if off:
            yield report.failed(f"{bucket}: {', '.join(off)} off", deployed.restore)
        else:
            yield report.passed(f"{bucket} can be made public by nobody")


def check_table(deployed: Deployed) -> Iterator[Finding]:
    """Each table can be restored to any second, and cannot be deleted, as configured."""
    client = deployed.context.aws.client("dynamodb")
    configured = {
        physical_name(deployed.names, part): deployed.environment.tables[part.name]
        for part in deployed.environment.service.of(Table)
    }
    for table in deployed.resources("AWS::DynamoDB::Table"):
        settings = configured.get(table)
        if settings is None:
            continue
        found = protection.read_table_protection(client, table)
        for check, words, wanted, actual in (
            ("table-recovery", "point-in-time recovery", settings.point_in_time_recovery, found.point_in_time_recovery),
            ("table-protection", "deletion protection", settings.deletion_protection, found.deletion_protection),
        ):
            report = Report(check)
            if actual or actual == wanted:
                why = f"{words} of {table} is {_word(actual)}"
                yield report.passed(why) if wanted else report.skipped(f"{why}; configured is off")
            else:
                yield report.failed(f"{words} of {table} is off; configured is on", deployed.restore)


def check_dead_letters(deployed: Deployed) -> Iterator[Finding]:
    """Nothing waits that could not be handled."""
    report, client = Report("dead-letters-empty"), deployed.context.aws.client("sqs")
    failures = {
        physical_name(deployed.names, part): part.name
        for part in deployed.environment.service.of(Queue)
        if part.holds_failures
    }
    for url in deployed.resources("AWS::SQS::Queue"):
        name = url.rpartition("/")[2]
        if name not in failures:
            continue
        count = protection.count_messages(client, url)
        if count:
            fix = f"`tapgen redrive {deployed.options} {failures[name]}`"
            yield report.failed(f"{name} holds {count} message{'s' if count > 1 else ''}", fix)
        else:
            yield report.passed(f"{name} is empty")


def denies_plain_http(statement: Mapping[str, Any], bucket: str) -> bool:
    """Whether a statement denies everybody everything on a bucket and its objects without TLS."""
    resources, actions = _list(statement.get("Resource")), _list(statement.get("Action"))
    condition = statement.get("Condition", {}).get("Bool", {}).get("aws:SecureTransport")
    covered = {resource.rpartition(":::")[2] for resource in resources}
    return (
        statement.get("Effect") == "Deny"
        and statement.get("Principal") in _ALL
        and "s3:*" in actions
        and set(statement.get("Condition", {})) == {"Bool"}
        and set(statement["Condition"]["Bool"]) == {"aws:SecureTransport"}
        and str(condition).lower() in ("false", "['false']")
        and {bucket, f"{bucket}/*"} <= covered
    )


def _buckets(deployed: Deployed) -> tuple[str, ...]:
    """The service's buckets, and that of the artifacts."""
    return (*deployed.resources("AWS::S3::Bucket"), deployed.names.artifact_bucket)


def _list(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def _word(on: bool) -> str:  # noqa: FBT001 - turns the value itself into a word
    return "on" if on else "off"
