"""A function that writes down what reaches it, and parts of templates about roles and policies."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

# Each line of the diary is an invocation; an event that holds "crash" fails it.
CODE = """import json, os
def handler(event, context):
    with open(os.environ["DIARY"], "a") as diary:
        diary.write(json.dumps({"arn": context.invoked_function_arn, "version": context.function_version,
                                "event": event}) + "\\n")
    if "crash" in json.dumps(event):
        raise ValueError("crash")
    return {"taken": True}
"""


def resource(kind: str, depends_on: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:
    """A resource of a template."""
    found: dict[str, Any] = {"Type": kind, "Properties": properties}
    return found | ({"DependsOn": list(depends_on)} if depends_on else {})


def ref(name: str) -> dict[str, Any]:
    return {"Ref": name}


def arn(name: str, attribute: str = "Arn") -> dict[str, Any]:
    return {"Fn::GetAtt": [name, attribute]}


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(action: str | list[str], target: Any, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": target, **more}


def role(service: str, *statements: dict[str, Any]) -> dict[str, Any]:
    """A role that a service may assume, with these statements as its only policy."""
    trust = {"Effect": "Allow", "Principal": {"Service": f"{service}.amazonaws.com"}, "Action": "sts:AssumeRole"}
    policies = [{"PolicyName": "policy", "PolicyDocument": policy(*statements)}] if statements else []
    return resource("AWS::IAM::Role", AssumeRolePolicyDocument=policy(trust), Policies=policies)


def permission(service: str, source: Any, function: Any = None) -> dict[str, Any]:
    """What lets a service invoke the alias of the reader for one source."""
    return resource(
        "AWS::Lambda::Permission",
        FunctionName=function or ref("Live"),
        Action="lambda:InvokeFunction",
        Principal=f"{service}.amazonaws.com",
        SourceArn=source,
    )


def queue_policy(queue: str, service: str, source: Any) -> dict[str, Any]:
    """What lets a service send to a queue for one source."""
    statement = {
        "Principal": {"Service": f"{service}.amazonaws.com"},
        "Condition": {"ArnEquals": {"aws:SourceArn": source}},
    }
    return resource(
        "AWS::SQS::QueuePolicy",
        Queues=[ref(queue)],
        PolicyDocument=policy(allow("sqs:SendMessage", arn(queue), **statement)),
    )


@dataclass(frozen=True)
class Reader:
    """A function with an alias ``live`` and a diary."""

    diary: Path

    def resources(self, *statements: dict[str, Any], code: str = CODE, **properties: Any) -> dict[str, Any]:
        """``Role``, ``Reader``, ``Version`` and ``Live``; ``statements`` are what the function's role may do."""
        return {
            "Role": role("lambda", *statements),
            "Reader": resource(
                "AWS::Lambda::Function",
                **{
                    "Runtime": "python3.13",
                    "Handler": "index.handler",
                    "Role": arn("Role"),
                    "Code": {"ZipFile": code},
                    "Environment": {"Variables": {"DIARY": str(self.diary)}},
                }
                | properties,
            ),
            "Version": resource("AWS::Lambda::Version", FunctionName=ref("Reader")),
            "Live": resource(
                "AWS::Lambda::Alias",
                FunctionName=ref("Reader"),
                FunctionVersion=arn("Version", "Version"),
                Name="live",
            ),
        }

    def entries(self) -> list[dict[str, Any]]:
        """The invocations, oldest first: ``arn``, ``version`` and ``event``."""
        if not self.diary.exists():
            return []
        return [json.loads(line) for line in self.diary.read_text().splitlines()]

    def events(self) -> list[Any]:
        return [entry["event"] for entry in self.entries()]


def receive(sqs: Any, url: str) -> list[dict[str, Any]]:
    """What lies in a queue, with all attributes; it stays there."""
    found = sqs.receive_message(
        QueueUrl=url,
        MaxNumberOfMessages=10,
        VisibilityTimeout=0,
        MessageAttributeNames=["All"],
        MessageSystemAttributeNames=["All"],
    )
    messages: list[dict[str, Any]] = found.get("Messages", [])
    return messages


def texts(message: dict[str, Any]) -> dict[str, str]:
    """The message attributes as text."""
    return {name: value["StringValue"] for name, value in message.get("MessageAttributes", {}).items()}
