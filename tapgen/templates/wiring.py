"""The typed contract between the stacks: what each takes in, what it gives out, and the check that it all fits.

A stack declares inputs (parameters) and outputs by the names below. ``connect`` finds the provider of each input and
refuses a missing provider, two providers, and an output that nobody reads.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from troposphere import GetAtt, Output, Parameter, Ref, Template

from tapgen.errors import RenderError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tapgen.config.environment import Environment
    from tapgen.model import Artifact
    from tapgen.naming import Names


@dataclass(frozen=True, kw_only=True)
class Context:
    """What every stack is built from."""

    environment: Environment
    names: Names
    artifacts: Mapping[str, Artifact]


@dataclass(frozen=True)
class Value:
    """A value that crosses a stack's border: its name on both sides and what it is."""

    name: str
    description: str


KEY_ARN = Value("KeyArn", "ARN of the customer-managed KMS key")
API_ROLE_ARN = Value("ApiRoleArn", "Execution role of the API function")
ARCHIVER_ROLE_ARN = Value("ArchiverRoleArn", "Execution role of the archiver function")
CODE_DEPLOY_ROLE_ARN = Value("CodeDeployRoleArn", "Service role of CodeDeploy")
TABLE_NAME = Value("TableName", "Name of the transactions table")
TABLE_ARN = Value("TableArn", "ARN of the transactions table")
STREAM_ARN = Value("StreamArn", "ARN of the table's stream")
ARCHIVE_BUCKET_NAME = Value("ArchiveBucketName", "Bucket that holds every change")
ACCESS_LOG_BUCKET_NAME = Value("AccessLogBucketName", "Bucket with the archive's access logs")
DEAD_LETTER_QUEUE_ARN = Value("DeadLetterQueueArn", "ARN of the dead-letter queue")
DEAD_LETTER_QUEUE_URL = Value("DeadLetterQueueUrl", "URL of the dead-letter queue")
API_ID = Value("ApiId", "Id of the HTTP API")
API_URL = Value("ApiUrl", "Base URL of the HTTP API")
API_FUNCTION_NAME = Value("ApiFunctionName", "Name of the API function")
ARCHIVER_FUNCTION_NAME = Value("ArchiverFunctionName", "Name of the archiver function")
API_ALIAS_ARN = Value("ApiAliasArn", "ARN of the API function's live alias")
ARCHIVER_ALIAS_ARN = Value("ArchiverAliasArn", "ARN of the archiver function's live alias")
API_VERSION_ARN = Value("ApiVersionArn", "ARN of the API function's published version")
ARCHIVER_VERSION_ARN = Value("ArchiverVersionArn", "ARN of the archiver function's published version")
CODE_DEPLOY_APPLICATION_NAME = Value("CodeDeployApplicationName", "CodeDeploy application of the traffic shifts")
API_DEPLOYMENT_GROUP_NAME = Value("ApiDeploymentGroupName", "CodeDeploy deployment group of the API function")
ARCHIVER_DEPLOYMENT_GROUP_NAME = Value("ArchiverDeploymentGroupName", "CodeDeploy deployment group of the archiver")
API_LOG_GROUP_NAME = Value("ApiLogGroupName", "Log group of the API function")
ARCHIVER_LOG_GROUP_NAME = Value("ArchiverLogGroupName", "Log group of the archiver function")
ACCESS_LOG_GROUP_NAME = Value("AccessLogGroupName", "Access log of the HTTP API")
WARNING_TOPIC_ARN = Value("WarningTopicArn", "Topic of the warnings")
CRITICAL_TOPIC_ARN = Value("CriticalTopicArn", "Topic of what cannot wait")
DASHBOARD_URL = Value("DashboardUrl", "The dashboard in the console")


@dataclass
class Stack:
    """A nested stack under construction."""

    name: str
    description: str
    inputs: dict[str, Value] = field(default_factory=dict)
    outputs: dict[str, Value] = field(default_factory=dict)
    template: Template = field(init=False)

    def __post_init__(self) -> None:
        self.template = Template(Description=self.description)
        self.template.set_version("2010-09-09")

    def add(self, resource: Any) -> Any:
        """Add a resource; answers it for references."""
        return self.template.add_resource(resource)

    def take(self, value: Value) -> Ref:
        """Declare an input; answers the reference to its parameter."""
        if value.name not in self.inputs:
            self.inputs[value.name] = value
            self.template.add_parameter(Parameter(value.name, Type="String", Description=value.description))
        return Ref(value.name)

    def give(self, value: Value, content: Any) -> None:
        """Declare an output."""
        self.outputs[value.name] = value
        self.template.add_output(Output(value.name, Description=value.description, Value=content))


def connect(stacks: Iterable[Stack], *, exported: Iterable[str]) -> dict[str, dict[str, GetAtt]]:
    """The parameters of each nested stack, as references to the stacks that provide them.

    Args:
        stacks: In an order in which providers come first.
        exported: Names of the outputs that the root hands on.

    Raises:
        RenderError: An input without a provider or with two, or an output without a reader; all at once.
    """
    providers: dict[str, str] = {}
    wanted = set(exported)
    faults: list[str] = []
    parameters: dict[str, dict[str, GetAtt]] = {}
    for stack in stacks:
        faults += [
            f"{stack.name} needs {name}, which no earlier stack gives" for name in stack.inputs.keys() - providers
        ]
        parameters[stack.name] = {
            name: GetAtt(logical_id(providers[name]), f"Outputs.{name}") for name in stack.inputs if name in providers
        }
        wanted |= stack.inputs.keys()
        faults += [
            f"{name} comes from {providers[name]} and {stack.name}" for name in stack.outputs if name in providers
        ]
        providers |= dict.fromkeys(stack.outputs, stack.name)
    faults += [f"{providers[name]} gives {name}, which nobody reads" for name in providers if name not in wanted]
    faults += [f"the root exports {name}, which no stack gives" for name in exported if name not in providers]
    if faults:
        raise RenderError(
            "the stacks do not fit together", why="\n".join(sorted(faults)), hint="see tapgen/templates/wiring.py"
        )
    return parameters


def finish(template: Template, stack: str) -> dict[str, Any]:
    """The template as plain data.

    Raises:
        RenderError: troposphere refuses a property; its message names resource and property.
    """
    try:
        built: dict[str, Any] = json.loads(template.to_json(indent=None, sort_keys=False))
    except (AttributeError, TypeError, ValueError) as error:
        raise RenderError(f"the {stack} template cannot be built", why=str(error), code="template-invalid") from error
    return built


def logical_id(stack: str) -> str:
    """The nested stack's logical id in the root: ``security`` → ``Security``."""
    return stack.capitalize()
