"""A guarded function as CloudFormation has it, small enough to deploy in every test."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.local.conftest import Stacks

EVENTS = ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"]
CANARY = "CodeDeployDefault.LambdaCanary10Percent15Minutes"
"""Three seconds long where a minute takes a fifth of a second: enough to look at it on a loaded machine."""

HELD = "CodeDeployDefault.LambdaLinear10PercentEvery10Minutes"
"""For shifts that the test ends itself: 18 seconds long, and for the first two of them at ten percent."""

LINEAR = "CodeDeployDefault.LambdaLinear10PercentEvery1Minute"
AT_ONCE = "CodeDeployDefault.LambdaAllAtOnce"
GOOD = "def handler(event, context):\n    return {'version': context.function_version, 'release': %d}\n"
ANSWERS = """import boto3, os
def handler(event, context):
    boto3.client("codedeploy").put_lifecycle_event_hook_execution_status(
        deploymentId=event["DeploymentId"],
        lifecycleEventHookExecutionId=event["LifecycleEventHookExecutionId"],
        status=os.environ["ANSWER"],
    )
    return sorted(event)
"""


def trust(service: str) -> dict[str, Any]:
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}],
    }


def role(service: str, *managed: str, **properties: Any) -> dict[str, Any]:
    policies = [f"arn:aws:iam::aws:policy/service-role/{name}" for name in managed]
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {"AssumeRolePolicyDocument": trust(service), "ManagedPolicyArns": policies, **properties},
    }


def function(code: str, *, role_id: str = "Role", **properties: Any) -> dict[str, Any]:
    return {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "Runtime": "python3.13",
            "Handler": "index.handler",
            "Role": {"Fn::GetAtt": [role_id, "Arn"]},
            "Code": {"ZipFile": code},
            **properties,
        },
    }


@dataclass
class Guarded:
    """One function with a guarded alias.

    Attributes:
        name: The prefix of its physical names.
        release: Which code it has; another number is another version.
        config: The deployment configuration.
        code: The handler's source; a ``%d`` becomes the release.
        alarms: The names of its guard alarms.
        policy: Further members of the alias's update policy.
        events: The rollback events of the group.
    """

    name: str
    release: int = 1
    config: Any = AT_ONCE
    code: str = GOOD
    alarms: list[Any] = field(default_factory=list)
    policy: dict[str, Any] = field(default_factory=dict)
    events: list[str] = field(default_factory=lambda: list(EVENTS))
    prefix: str = ""

    def resources(self) -> dict[str, Any]:
        """The resources, with logical ids that start with ``prefix``."""
        own = {
            "Function": function(self._code(), FunctionName=self.name),
            f"Version{self.release}": {
                "Type": "AWS::Lambda::Version",
                "DeletionPolicy": "Retain",
                "Properties": {"FunctionName": self._ref("Function")},
            },
            "Alias": self._alias(),
            "Application": {
                "Type": "AWS::CodeDeploy::Application",
                "Properties": {"ApplicationName": self.name, "ComputePlatform": "Lambda"},
            },
            "Group": self._group(),
        }
        return {self.prefix + key: value for key, value in own.items()}

    def template(self, **more: Any) -> dict[str, Any]:
        """The whole template, with the roles and whatever else a test needs."""
        return {"Resources": {**roles(), **self.resources(), **more}}

    def _alias(self) -> dict[str, Any]:
        policy = {"ApplicationName": self._ref("Application"), "DeploymentGroupName": self._ref("Group")}
        return {
            "Type": "AWS::Lambda::Alias",
            "Properties": {
                "FunctionName": self._ref("Function"),
                "FunctionVersion": {"Fn::GetAtt": [f"{self.prefix}Version{self.release}", "Version"]},
                "Name": "live",
            },
            "UpdatePolicy": {"CodeDeployLambdaAliasUpdate": {**policy, **self.policy}},
        }

    def _group(self) -> dict[str, Any]:
        return {
            "Type": "AWS::CodeDeploy::DeploymentGroup",
            "Properties": {
                "ApplicationName": self._ref("Application"),
                "DeploymentGroupName": f"{self.name}-group",
                "DeploymentConfigName": self.config,
                "ServiceRoleArn": {"Fn::GetAtt": ["DeployRole", "Arn"]},
                "DeploymentStyle": {"DeploymentType": "BLUE_GREEN", "DeploymentOption": "WITH_TRAFFIC_CONTROL"},
                "AlarmConfiguration": {
                    "Enabled": bool(self.alarms),
                    "Alarms": [{"Name": alarm} for alarm in self.alarms],
                },
                "AutoRollbackConfiguration": {"Enabled": bool(self.events), "Events": self.events},
            },
        }

    def _code(self) -> str:
        return self.code % self.release if "%d" in self.code else self.code + f"# release {self.release}\n"

    def _ref(self, logical_id: str) -> dict[str, str]:
        return {"Ref": self.prefix + logical_id}


def roles() -> dict[str, Any]:
    """The role of the functions and that of CodeDeploy."""
    return {
        "Role": role("lambda.amazonaws.com"),
        "DeployRole": role("codedeploy.amazonaws.com", "AWSCodeDeployRoleForLambda"),
    }


def hook(name: str, answer: str, code: str = ANSWERS) -> dict[str, Any]:
    """A hook that gives ``answer``, with the one permission it needs, as resources ``Hook`` and ``HookRole``."""
    statement = {
        "Effect": "Allow",
        "Action": "codedeploy:PutLifecycleEventHookExecutionStatus",
        "Resource": {"Fn::Sub": "arn:aws:codedeploy:${AWS::Region}:${AWS::AccountId}:deploymentgroup:*/*"},
    }
    document = {"Version": "2012-10-17", "Statement": [statement]}
    policies = [{"PolicyName": "answer", "PolicyDocument": document}]
    return {
        "HookRole": role("lambda.amazonaws.com", Policies=policies),
        "Hook": function(
            code, role_id="HookRole", FunctionName=name, Timeout=30, Environment={"Variables": {"ANSWER": answer}}
        ),
    }


def alarm(name: str, **properties: Any) -> dict[str, Any]:
    """A metric alarm without data, which a test moves with SetAlarmState."""
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmName": name,
            "Namespace": "Tests",
            "MetricName": name,
            "Statistic": "Sum",
            "Period": 60,
            "EvaluationPeriods": 1,
            "Threshold": 0,
            "ComparisonOperator": "GreaterThanThreshold",
            "TreatMissingData": "ignore",
            **properties,
        },
    }


def nested(stacks: Stacks, template: dict[str, Any]) -> dict[str, Any]:
    """A root whose only resource is a nested stack with this template."""
    child = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": stacks.upload(template)}}
    return {"Resources": {"Child": child}}
