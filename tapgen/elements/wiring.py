"""The typed contract between the stacks: what each takes in, what it gives out, and the check that it all fits.

A stack declares inputs (parameters) and outputs by the names below. ``connect`` finds the provider of each input and
refuses a missing provider, two providers, another type, and an output that nobody reads.

Only what decides the order of creation crosses a border. Names are deterministic, so a policy, an alarm or a widget has
them literally: a change set does not know an output of a stack that changes, and would show everything behind it as
changed (AWS CloudFormation user guide, "change sets for nested stacks").
"""

from __future__ import annotations

import io
import json
import re
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from troposphere import GetAtt, Output, Parameter, Ref, Sub, Template

from tapgen import naming
from tapgen.elements.suppressions import suppress
from tapgen.errors import RenderError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tapgen.config.environment import Environment
    from tapgen.model import Artifact
    from tapgen.naming import Names
    from tapgen.parts.part import Part
    from tapgen.service.model import Model


_FAILED_VALIDATOR = re.compile(r": (?P<property>[\w.]+) function validator")


OWN, ACTIONS = naming.OWN_METADATA, naming.ACTIONS_METADATA
"""Keys of a resource's metadata: the service adds it by itself, and what CloudFormation calls to handle it."""
PUBLIC = naming.PUBLIC_METADATA
"""Key of a resource's metadata: the service says that it is open to everybody, and why that is meant."""


@dataclass(frozen=True, kw_only=True)
class Context:
    """What every stack is built from."""

    environment: Environment
    names: Names
    artifacts: Mapping[str, Artifact]
    block: int = 1
    """Which block of nested stacks is built; most services have one."""

    def holds(self, part: Part) -> bool:
        """Whether the part's resources are in this block."""
        return self.service.block_of(part) == self.block

    @property
    def first(self) -> bool:
        """Whether this block has what a service has once: key, API, hooks, topics."""
        return self.block == 1

    @property
    def service(self) -> Model:
        """What the environment deploys."""
        return self.environment.service

    @property
    def tags(self) -> Mapping[str, str]:
        """Cost allocation tags."""
        return self.environment.cost_tags


@dataclass(frozen=True)
class Kind:
    """The type of a value: what CloudFormation checks a parameter against before it makes anything."""

    pattern: str
    article: str
    """What it is, for the message about a value that does not match."""

    def accepts(self, value: str) -> bool:
        """Whether CloudFormation would take the value; a pattern must match all of it."""
        return re.fullmatch(self.pattern, value) is not None


_ARN = r"arn:[a-z-]+"
_HERE = r"[a-z0-9-]+:\d{12}"
KEY = Kind(rf"{_ARN}:kms:{_HERE}:key/[A-Za-z0-9-]+", "the ARN of a KMS key")
ROLE = Kind(rf"{_ARN}:iam::\d{{12}}:role/[\w+=,.@/-]+", "the ARN of an IAM role")
TABLE = Kind(rf"{_ARN}:dynamodb:{_HERE}:table/[\w.-]+", "the ARN of a DynamoDB table")
STREAM = Kind(rf"{_ARN}:dynamodb:{_HERE}:table/[\w.-]+/stream/[\w.:-]+", "the ARN of a DynamoDB stream")
QUEUE = Kind(rf"{_ARN}:sqs:{_HERE}:[\w-]+", "the ARN of an SQS queue")
FIFO_QUEUE = Kind(rf"{_ARN}:sqs:{_HERE}:[\w-]+\.fifo", "the ARN of a FIFO queue")
ALIAS = Kind(rf"{_ARN}:lambda:{_HERE}:function:[\w-]+:[\w-]+", "the ARN of a Lambda alias")
VERSION = Kind(rf"{_ARN}:lambda:{_HERE}:function:[\w-]+:\d+", "the ARN of a Lambda version")
TOPIC = Kind(rf"{_ARN}:sns:{_HERE}:[\w-]+", "the ARN of an SNS topic")
URL = Kind(r"https?://\S+", "a URL")
NAME = Kind(r"[\w./:-]+", "a name")


@dataclass(frozen=True)
class Value:
    """A value that crosses a stack's border: its name on both sides, what it is, and its type."""

    name: str
    description: str
    kind: Kind
    derivable: bool = False
    """Whether it follows from the names of the deployment and the part; the root leaves it out where there are many."""


KEY_ARN = Value("KeyArn", "ARN of the customer-managed KMS key", KEY)
CODE_DEPLOY_ROLE_ARN = Value("CodeDeployRoleArn", "Service role of CodeDeploy", ROLE)
CODE_DEPLOY_APPLICATION_NAME = Value("CodeDeployApplicationName", "CodeDeploy application of the traffic shifts", NAME)
FURTHER_APPLICATION_NAME = Value("CodeDeployApplication2Name", "CodeDeploy application of further functions", NAME)
WARNING_TOPIC_ARN = Value("WarningTopicArn", "Topic of the warnings", TOPIC)
CRITICAL_TOPIC_ARN = Value("CriticalTopicArn", "Topic of what cannot wait", TOPIC)
DASHBOARD_URL = Value("DashboardUrl", "The dashboard in the console", URL)


def hook_stem(hook: str) -> str:
    """What the logical ids of a hook begin with: ``BeforeHook``, ``Before2Hook``."""
    return f"{hook.title().replace('-', '')}Hook"


def hook_role_arn(hook: str) -> Value:
    """The role of a hook, from the stack of roles to that of functions."""
    return Value(f"{hook_stem(hook)}RoleArn", f"Execution role of the hook {hook.partition('-')[0]} traffic", ROLE)


def hook_log_group_name(hook: str) -> Value:
    """The log group of a hook; it follows from the deployment's name in further blocks of nested stacks."""
    text = f"Log group of the hook {hook.partition('-')[0]} traffic"
    return Value(f"{hook_stem(hook)}LogGroupName", text, NAME, derivable=hook not in naming.HOOKS)


@dataclass(frozen=True)
class Setting:
    """A parameter of the root that one operation may set for itself.

    It is no part of the release: an operation that does not set it takes the default, and so undoes it.
    """

    name: str
    description: str
    allowed: tuple[str, ...]
    """The values; the first is the default."""


BREAK_GLASS = Setting(
    naming.BREAK_GLASS_PARAMETER,
    "Whether this one deployment goes past the guards that were red before it began",
    ("false", "true"),
)
SHIFT = Setting(
    naming.SHIFT_PARAMETER,
    "Whether this one operation shifts traffic as configured or all at once",
    ("configured", naming.SHIFT_ALL_AT_ONCE),
)


@dataclass
class Stack:
    """A nested stack under construction."""

    name: str
    description: str
    inputs: dict[str, Value] = field(default_factory=dict)
    settings: dict[str, Setting] = field(default_factory=dict)
    outputs: dict[str, Value] = field(default_factory=dict)
    after: tuple[str, ...] = ()
    """Stacks that must be there first though no value of them is taken: their names are known."""
    exports: list[Value] = field(default_factory=list)
    """The outputs that the root hands on."""
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
            self.template.add_parameter(
                Parameter(
                    value.name,
                    Type="String",
                    Description=value.description,
                    AllowedPattern=value.kind.pattern,
                    ConstraintDescription=f"{value.name} is {value.kind.article}",
                )
            )
        return Ref(value.name)

    def ask(self, setting: Setting) -> Ref:
        """Declare that an operation's setting is wanted; answers the reference to its parameter."""
        if setting.name not in self.settings:
            self.settings[setting.name] = setting
            self.template.add_parameter(
                Parameter(
                    setting.name,
                    Type="String",
                    Description=setting.description,
                    AllowedValues=list(setting.allowed),
                )
            )
        return Ref(setting.name)

    def take_key(self, context: Context, part: Part | None = None) -> Ref | Sub | str | None:
        """The customer-managed key: of others where the part names one; None where AWS owns the keys."""
        if part and part.key_arn:
            return Sub(part.key_arn) if "${" in part.key_arn else part.key_arn
        return self.take(KEY_ARN) if context.environment.customer_managed else None

    def export(self, value: Value, content: Any) -> None:
        """Declare an output that the root hands on: people and scripts read it."""
        self.give(value, content)
        self.exports.append(value)

    def give(self, value: Value, content: Any) -> None:
        """Declare an output."""
        self.outputs[value.name] = value
        self.template.add_output(Output(value.name, Description=value.description, Value=content))


def connect(stacks: Sequence[Stack]) -> dict[str, dict[str, GetAtt | Ref]]:
    """The parameters of each nested stack, as references to the stacks that provide them or to the root's settings.

    Args:
        stacks: In an order in which providers come first.

    Raises:
        RenderError: An input without a provider, with two or of another kind, or an output without a reader; all at
            once.
    """
    providers: dict[str, Stack] = {}
    wanted = {value.name for stack in stacks for value in stack.exports}
    faults: list[str] = []
    parameters: dict[str, dict[str, GetAtt | Ref]] = {}
    for stack in stacks:
        parameters[stack.name] = {
            name: GetAtt(logical_id(providers[name].name), f"Outputs.{name}")
            for name in stack.inputs
            if name in providers
        }
        parameters[stack.name] |= {name: Ref(name) for name in stack.settings}
        faults += _misfits(stack, providers)
        wanted |= stack.inputs.keys()
        providers |= dict.fromkeys(stack.outputs, stack)
    faults += [f"{providers[name].name} gives {name}, which nobody reads" for name in providers if name not in wanted]
    if faults:
        raise RenderError(
            "the stacks do not fit together",
            why="\n".join(sorted(faults)),
            hint="tapgen/elements/wiring.py declares what crosses a stack's border",
            code="wiring",
        )
    return parameters


def _misfits(stack: Stack, providers: Mapping[str, Stack]) -> Iterator[str]:
    for name, value in stack.inputs.items():
        if name not in providers:
            yield f"{stack.name} needs {name}, which no earlier stack gives"
        elif (given := providers[name].outputs[name]).kind != value.kind:
            source = providers[name].name
            yield f"{stack.name} takes {name} as {value.kind.article}, but {source} gives {given.kind.article}"
    for name in stack.outputs:
        if name in providers:
            yield f"{name} comes from {providers[name].name} and {stack.name}"


def finish(template: Template, stack: str) -> dict[str, Any]:
    """The template as plain data.

    Raises:
        RenderError: troposphere refuses a property; its message names resource and property.
    """
    with translated(stack):
        built: dict[str, Any] = json.loads(template.to_json(indent=None, sort_keys=False))
    suppress(built)
    return built


@contextmanager
def translated(stack: str) -> Iterator[None]:
    """What troposphere refuses, as our error.

    Raises:
        RenderError: A property is unknown (AttributeError), of a wrong type, or has a value that AWS does not allow.
    """
    # A failed validator's message names no property; troposphere writes that to stderr, which is not ours to write to.
    said = io.StringIO()
    try:
        with redirect_stderr(said):
            yield
    except (AttributeError, TypeError, ValueError) as error:
        place = _FAILED_VALIDATOR.search(said.getvalue())
        raise RenderError(
            f"the {stack} template cannot be built",
            why=f"{place['property']}: {error}" if place else str(error),
            hint="look at the value of that property in config/environments.yaml",
            code="template-invalid",
        ) from error


def stack_name(base: str, block: int) -> str:
    """``compute`` in the first block, ``compute2`` in the second."""
    return base if block == 1 else f"{base}{block}"


def logical_id(stack: str) -> str:
    """The nested stack's logical id in the root: ``security`` → ``Security``."""
    return stack.capitalize()
