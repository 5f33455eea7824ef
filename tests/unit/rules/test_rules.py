"""Each rule finds the broken promise it is there for, and nothing in what is shipped."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.elements.templates import Templates
from tapgen.rules.judgement import judge
from tests.unit.templates.variants import VARIANTS, Template, of_type, properties, templates

if TYPE_CHECKING:
    from tapgen.config.environment import Environment

PROD = VARIANTS["prod"]
Break = Callable[[Template], Any]


def _statement(template: Template, role: str, sid: str) -> Template:
    statements = properties(template, role)["Policies"][0]["PolicyDocument"]["Statement"]
    (found,) = [statement for statement in statements if statement.get("Sid") == sid]
    assert isinstance(found, dict)
    return found


def _refusal(template: Template, policy: str) -> Template:
    found: Template = properties(template, policy)["PolicyDocument"]["Statement"][0]
    return found


def _set(logical_id: str, *path: str, to: Any) -> Break:
    """Set a property somewhere inside a resource."""

    def change(template: Template) -> None:
        record = template["Resources"][logical_id]
        for key in path[:-1]:
            record = record[key]
        record[path[-1]] = to

    return change


def _drop(logical_id: str, *path: str) -> Break:
    """Remove a resource, or a property somewhere inside it."""

    def change(template: Template) -> None:
        record, keys = template["Resources"], (logical_id, *path)
        for key in keys[:-1]:
            record = record[key]
        del record[keys[-1]]

    return change


def _guard(template: Template, kind: str) -> Template:
    (name,) = [name for name in template["Resources"] if name.startswith(f"Api{kind}Guard")]
    return properties(template, name)


def _rename_dimension(template: Template) -> None:
    _guard(template, "Errors")["Dimensions"][2]["Name"] = "Version"


def _watch_an_arn(template: Template) -> None:
    _guard(template, "Errors")["Dimensions"][1]["Value"] = "arn:aws:lambda:eu-west-1:1:function:f:live"


def _misspell_metric(template: Template) -> None:
    _guard(template, "ServerErrors")["MetricName"] = "5XXError"


def _leave_missing_data_open(template: Template) -> None:
    del _guard(template, "Latency")["TreatMissingData"]


def _guard_by_the_api_alone(template: Template) -> None:
    alarms = properties(template, "ApiDeploymentGroup")["AlarmConfiguration"]
    alarms["Alarms"] = [{"Name": {"Ref": "ApiServerErrorsGuard"}}]


def _delete_old_versions(template: Template) -> None:
    for version in of_type(template, "AWS::Lambda::Version").values():
        version["DeletionPolicy"] = "Delete"


def _open_a_route(template: Template) -> None:
    properties(template, "ListTransactionsRoute")["AuthorizationType"] = "NONE"


def _forget_the_authorizer(template: Template) -> None:
    del properties(template, "ListTransactionsRoute")["AuthorizerId"]


def _add_outputs(template: Template) -> None:
    template["Outputs"] = {f"Output{number}": {"Value": "x"} for number in range(201)}


def _log_to_itself(template: Template) -> None:
    encryption = properties(template, "AccessLogBucket")["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    encryption[0]["ServerSideEncryptionByDefault"] = {"SSEAlgorithm": "aws:kms"}


UPDATE = ("UpdatePolicy", "CodeDeployLambdaAliasUpdate")
BREAKS: list[tuple[str, str, Break]] = [
    (
        "no-wildcard-action",
        "security",
        lambda t: _statement(t, "ApiRole", "UseTransactionsTable").update(Action=["dynamodb:*"]),
    ),
    (
        "no-wildcard-action",
        "security",
        lambda t: _statement(t, "ApiRole", "WriteOwnLogs").update(NotAction=["logs:Get"]),
    ),
    ("exact-resources", "security", lambda t: _statement(t, "ApiRole", "UseTransactionsTable").update(Resource="*")),
    ("exact-resources", "security", lambda t: _statement(t, "ApiRole", "UseTransactionsTable").update(NotResource="x")),
    ("exact-resources", "security", lambda t: _statement(t, "ApiRole", "SendTracesNoResourceLevel").pop("Condition")),
    (
        "exact-resources",
        "security",
        lambda t: _statement(t, "ApiRole", "UseTransactionsTable").update(
            Resource=[{"Fn::Sub": "arn:x:dynamodb:r:a:table/*"}]
        ),
    ),
    (
        "exact-resources",
        "security",
        lambda t: _statement(t, "BeforeHookRole", "TryVersions").update(
            Resource=[{"Fn::Sub": "arn:x:lambda:r:a:function:transactions-*"}]
        ),
    ),
    ("tls-only", "data", _drop("ArchiveBucketPolicy")),
    ("tls-only", "data", _drop("DeadLetterQueuePolicy")),
    ("tls-only", "observability", _drop("CriticalTopicPolicy")),
    ("tls-only", "bootstrap", _drop("ArtifactBucketPolicy")),
    ("scoped-invocations", "compute", _drop("GetHealthPermission", "Properties", "SourceArn")),
    (
        "scoped-invocations",
        "compute",
        _set("GetHealthPermission", "Properties", "FunctionName", to={"Ref": "ApiFunction"}),
    ),
    ("closed-routes", "compute", _open_a_route),
    ("closed-routes", "compute", _forget_the_authorizer),
    ("private-buckets", "data", _drop("ArchiveBucket", "Properties", "PublicAccessBlockConfiguration")),
    ("private-buckets", "data", _drop("ArchiveBucket", "Properties", "OwnershipControls")),
    ("private-buckets", "data", _drop("ArchiveBucket", "Properties", "VersioningConfiguration")),
    ("encryption", "data", _drop("ArchiveBucket", "Properties", "BucketEncryption")),
    ("encryption", "data", _drop("TransactionsTable", "Properties", "SSESpecification")),
    ("encryption", "data", _drop("DeadLetterQueue", "Properties", "KmsMasterKeyId")),
    ("encryption", "data", _log_to_itself),
    ("encryption", "compute", _drop("ApiFunction", "Properties", "KmsKeyArn")),
    ("encryption", "compute", _drop("AccessLogGroup", "Properties", "KmsKeyId")),
    ("encryption", "observability", _drop("WarningTopic", "Properties", "KmsMasterKeyId")),
    ("log-retention", "compute", _drop("ApiLogGroup", "Properties", "RetentionInDays")),
    ("retained-data", "data", _drop("TransactionsTable", "DeletionPolicy")),
    ("retained-data", "data", _set("ArchiveBucket", "UpdateReplacePolicy", to="Delete")),
    ("retained-data", "security", _drop("Key", "UpdateReplacePolicy")),
    ("retained-data", "compute", _drop("AccessLogGroup", "DeletionPolicy")),
    ("retained-data", "compute", _delete_old_versions),
    ("limits", "root", _add_outputs),
    ("alarm-dimensions", "compute", _rename_dimension),
    ("alarm-dimensions", "compute", _watch_an_arn),
    ("alarm-dimensions", "compute", _misspell_metric),
    ("alarm-dimensions", "compute", _leave_missing_data_open),
    (
        "guarded-shifts",
        "compute",
        _set("ApiDeploymentGroup", "Properties", "AutoRollbackConfiguration", "Events", to=["DEPLOYMENT_FAILURE"]),
    ),
    ("guarded-shifts", "compute", _set("ApiDeploymentGroup", "Properties", "AlarmConfiguration", "Alarms", to=[])),
    ("guarded-shifts", "compute", _guard_by_the_api_alone),
    ("guards-first", "compute", _set("ApiLiveAlias", "DependsOn", to=["ApiDeploymentGroup"])),
    ("guards-first", "compute", _drop("ApiLiveAlias", "UpdatePolicy")),
    ("guards-first", "compute", lambda t: t["Resources"]["ApiLiveAlias"]["DependsOn"].remove("AfterHookFunction")),
    ("judged-shifts", "compute", _drop("ApiLiveAlias", *UPDATE, "BeforeAllowTrafficHook")),
    ("judged-shifts", "compute", _set("ApiLiveAlias", *UPDATE, "AfterAllowTrafficHook", to={"Ref": "ApiFunction"})),
    ("judged-shifts", "compute", _set("ApiLiveAlias", *UPDATE, "AfterAllowTrafficHook", to={"Ref": "ApiLogGroup"})),
    ("judged-shifts", "compute", _set("BeforeHookFunction", "Properties", "FunctionName", to="hook-before")),
    ("tls-only", "data", lambda t: _refusal(t, "DeadLetterQueuePolicy")["Action"].remove("sqs:SendMessage")),
    ("tls-only", "data", lambda t: _refusal(t, "DeadLetterQueuePolicy").update(Principal={"AWS": "123456789012"})),
    ("tls-only", "data", lambda t: _refusal(t, "ArchiveBucketPolicy")["Resource"].pop()),
    ("cost-tags", "data", _drop("TransactionsTable", "Properties", "Tags")),
    ("cost-tags", "compute", _set("Api", "Properties", "Tags", to={"Owner": "somebody"})),
    ("cost-tags", "data", _set("DeadLetterQueue", "Type", to="AWS::EC2::Instance")),
]


def _broken(environment: Environment, whole: dict[str, Template], stack: str) -> set[str]:
    """The rules that the templates break: the bootstrap stack's by itself, the others together."""
    judged = {name: item for name, item in whole.items() if (name == "bootstrap") == (stack == "bootstrap")}
    return {breach.rule.id for breach in judge(Templates(environment, judged)).breaches}


@pytest.mark.parametrize(("name", "stack", "broken"), BREAKS)
def test_rule_finds_the_broken_promise(name: str, stack: str, broken: Break) -> None:
    """Templates that break one promise are found by the rule of that name."""
    whole = templates(PROD)
    assert _broken(PROD, whole, stack) == set()

    broken(whole[stack])

    assert name in _broken(PROD, whole, stack)


def test_queue_without_key_must_be_encrypted_by_sqs() -> None:
    """Without a key of our own, the queue's own encryption is turned on explicitly."""
    environment = VARIANTS["dev"]
    template = templates(environment)["data"]
    (queue,) = of_type(template, "AWS::SQS::Queue")

    del properties(template, queue)["SqsManagedSseEnabled"]

    (breach,) = judge(Templates(environment, {"data": template})).breaches
    assert breach.render() == "data.DeadLetterQueue: is not encrypted [encryption]"
