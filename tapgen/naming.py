"""Every physical name, logical id, ARN and tag name. No other module formats a name; ``object_keys`` has those in S3.

Names follow ``project-environment[-suffix]-region-role`` so that two environments, or two suffixes of one, never meet,
and so that a role can name the exact ARN of a resource that a later stack creates. Partition and URL suffix stay
CloudFormation pseudo parameters: ARNs here are ``Fn::Sub`` patterns, not strings for one partition.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Protocol

from tapgen.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# Quotas from the services' API references: CreateRole, CreateFunction, S3 bucket naming rules, CreateQueue,
# CreateTable, CreateTopic, PutMetricAlarm, PutDashboard, CreateApplication (CodeDeploy), CreateStack, CreateLogGroup,
# CreateSchedule, CreateSecret, PutParameter.
MAX_LENGTH = {
    "role": 64,
    "function": 64,
    "bucket": 63,
    "queue": 80,
    "table": 255,
    "topic": 256,
    "alarm": 255,
    "dashboard": 255,
    "application": 100,
    "layer": 140,
    "stack": 128,
    "log-group": 512,
    "policy": 128,
    "rule": 64,
    "api": 128,
    "schedule": 64,
    "secret": 512,
    "parameter": 1011,
}


def register_limit(kind: str, characters: int) -> None:
    """Tell how long names of a part kind from outside may be: at its import, before anything is rendered."""
    MAX_LENGTH.setdefault(kind, characters)


ROOT_ROLE = "service"
"""The last word of a root stack's name."""
_IAM = "arn:${AWS::Partition}:iam::${AWS::AccountId}:"
LIVE_ALIAS = "live"
HOOKS = ("before", "after")
"""The functions that judge a version: before it gets traffic, and after it got all of it."""
# CodeDeploy's managed policies let it invoke functions with this prefix alone (CodeDeploy user guide, "AppSpec 'hooks'
# section"); ours names the hooks, and people expect the prefix.
HOOK_PREFIX = "CodeDeployHook_"
SHIFT_RUNNING = "shift-running"
"""The alarm that is in ALARM while a traffic shift may run: no trouble, and it calls nobody."""
STAGE = "$default"
RELEASE_PARAMETER = "ReleaseId"
"""Parameter of the root stack: the release, so that DescribeStacks alone tells what is live."""
BREAK_GLASS_PARAMETER = "BreakGlass"
"""Parameter of the root stack: whether the operation goes past guards that were in ALARM before it began."""
ACTIONS_METADATA = "tapgen:actions"
"""Key of a resource's metadata: what CloudFormation calls to handle it, ``["kinesis:CreateStream"]``."""
OWN_METADATA = "tapgen:own"
"""Key of a resource's metadata: the service adds it by itself, and answers for it."""
PUBLIC_METADATA = "tapgen:public"
"""Key of a resource's metadata: the service says that it is open to everybody, and why that is meant."""
EXECUTION_ROLE_OUTPUT = "ExecutionRoleArn"
"""Output of the bootstrap stack: the role that CloudFormation assumes."""
DEPLOYER_ROLE_OUTPUT = "DeployerRoleArn"
"""Output of the bootstrap stack: the role that tapgen deploys as, where the configuration trusts anybody with it."""
ADOPTION_PLACEHOLDER = "AdoptionPlaceholder"
"""Logical id in a root stack that holds nothing but what was adopted: a stack cannot be empty."""
ADOPTED_TAG = "tapgen:adopted"
"""On a stack that is about to be nested: when it was updated last. The next deploy takes it away."""
SHIFT_PARAMETER = "ShiftConfiguration"
"""Parameter of the root stack: whether this one operation shifts as configured, or all at once."""
SHIFT_ALL_AT_ONCE = "all-at-once"
OPERATION_PARAMETERS = (BREAK_GLASS_PARAMETER, SHIFT_PARAMETER)
"""Parameters that belong to one operation: whoever deploys the release again leaves them to their defaults."""


def prefix_of(root_stack: str) -> str:
    """What all names of a deployment begin with, by the name of its root stack; empty where that is none of ours."""
    prefix, found, _ = root_stack.rpartition(f"-{ROOT_ROLE}")
    return prefix if found and root_stack.endswith(f"-{ROOT_ROLE}") else ""


def function_log_group(function: str) -> str:
    """The log group of a function, where Lambda would create it itself."""
    return f"/aws/lambda/{function}"


def hooks_of_block(block: int) -> tuple[str, ...]:
    """The hooks of a block of nested stacks: ``before`` and ``after`` in the first, ``before-2`` in the second."""
    return HOOKS if block == 1 else tuple(f"{event}-{block}" for event in HOOKS)


def adoption_stack(root_stack: str, nested: str) -> str:
    """The stack that resources are imported into before it is nested: ``<root>-<logical id>-Adopted``."""
    return f"{root_stack}-{nested}-Adopted"


def prefix_patterns(project: str, environment: str, region: str, *, production: bool) -> tuple[str, ...]:
    """Patterns of what the names of all deployments of an environment begin with; production has no suffixes."""
    exact = f"{project}-{environment}-{region}"
    return (exact,) if production else (exact, f"{project}-{environment}-*-{region}")


class NamedFunction(Protocol):
    """A function of the service."""

    @property
    def name(self) -> str:
        """As the user wrote it."""
        ...


class NamedService(Protocol):
    """What a service's names are made of; ``tapgen.service.model.Model`` is one."""

    @property
    def functions(self) -> tuple[NamedFunction, ...]:
        """Every function."""
        ...

    @property
    def blocks(self) -> Mapping[str, int]:
        """``function/NAME`` → its block of nested stacks; what is not named is in the first."""
        ...


class NamedRoles(Protocol):
    """What an organisation demands of roles and policies; ``tapgen.config.environment.Iam`` is one."""

    @property
    def boundary(self) -> str | None:
        """ARN or name of a permissions boundary that somebody else made."""
        ...

    @property
    def path(self) -> str:
        """Between slashes."""
        ...

    @property
    def prefix(self) -> str:
        """What their names begin with."""
        ...


class NamedEnvironment(Protocol):
    """What names are made of; ``tapgen.config.environment.Environment`` is one."""

    @property
    def service(self) -> NamedService:
        """What the environment deploys."""
        ...

    @property
    def project(self) -> str:
        """The service, as the file calls it."""
        ...

    @property
    def name(self) -> str:
        """``dev``, ``prod``."""
        ...

    @property
    def suffix(self) -> str | None:
        """What keeps several deployments of one environment apart."""
        ...

    @property
    def region(self) -> str:
        """Where it is deployed."""
        ...

    @property
    def account_id(self) -> str:
        """Twelve digits."""
        ...

    @property
    def artifact_bucket(self) -> str | None:
        """The configured bucket, where there is one."""
        ...

    @property
    def production(self) -> bool:
        """Whether it admits no suffix."""
        ...

    @property
    def iam(self) -> NamedRoles:
        """How roles and policies are named."""
        ...


class Names:
    """The names of one deployment (environment and suffix)."""

    def __init__(self, environment: NamedEnvironment) -> None:
        self._environment = environment
        suffix = f"-{environment.suffix}" if environment.suffix else ""
        self.deployment = f"{environment.project}-{environment.name}{suffix}"
        """``project-environment[-suffix]``: what people call this deployment."""
        self.prefix = f"{self.deployment}-{environment.region}"
        """``project-environment[-suffix]-region``: what all names begin with."""

    def longest(self) -> tuple[Callable[[], str], ...]:
        """Makers of the engine's own names, the longest of each kind; those of parts are the kinds'."""
        return (
            lambda: self.root_stack,
            lambda: self.bootstrap_stack,
            lambda: self.artifact_bucket,
            lambda: self.access_log_bucket,
            lambda: self.function_role("codedeploy"),
            *(functools.partial(self.function_log_group, role) for role in self.functions),
            lambda: self.hook(self.hooks[-2]),
            lambda: self.hook_role(self.hooks[-2]),
            lambda: self.execution_role,
            lambda: self.access_log_group,
            lambda: self.topic("critical"),
            lambda: self.name("rule", "stack-failures"),
        )

    def name(self, kind: str, role: str) -> str:
        """``prefix-role``, checked against the service's length limit.

        Raises:
            ConfigError: The name is longer than the service allows.
        """
        return self._checked(kind, f"{self.prefix}-{role}")

    def bucket(self, role: str) -> str:
        """A bucket's name; ends with the account id because bucket names are global."""
        return self._checked("bucket", f"{self.prefix}-{role}-{self._environment.account_id}")

    @property
    def artifact_bucket(self) -> str:
        """The configured artifact bucket, or one per environment, shared by its suffixes."""
        environment = self._environment
        if environment.artifact_bucket:
            return environment.artifact_bucket
        base = f"{environment.project}-{environment.name}-{environment.region}"
        return self._checked("bucket", f"{base}-artifacts-{environment.account_id}")

    @property
    def root_stack(self) -> str:
        """The root stack: ``prefix-service``."""
        return self.name("stack", ROOT_ROLE)

    @property
    def bootstrap_stack(self) -> str:
        """The stack with the artifact bucket, one per environment."""
        return self.bootstrap_name("stack", "bootstrap")

    def bootstrap_name(self, kind: str, role: str) -> str:
        """What bootstrap makes once for an environment, whatever the suffix: ``project-environment-region-role``."""
        environment = self._environment
        return self._checked(kind, f"{environment.project}-{environment.name}-{environment.region}-{role}")

    @property
    def execution_role(self) -> str:
        """The role that CloudFormation assumes."""
        return self._identity("role", "cloudformation")

    @property
    def deployer_role(self) -> str:
        """The role that ``tapgen deploy`` runs as."""
        return self._identity("role", "deployer")

    @property
    def boundary(self) -> str:
        """The managed policy that no role of the service exceeds, where the environment has none of its own."""
        return self._identity("policy", "boundary")

    @property
    def boundary_arn(self) -> str:
        """The ARN of the boundary that roles carry, as an ``Fn::Sub`` pattern: the environment's own, or tapgen's."""
        own = self._environment.iam.boundary
        if own:
            return own if own.startswith("arn:") else f"{_IAM}policy/{own}"
        return self._arn("policy", self.boundary)

    @property
    def execution_role_arn(self) -> str:
        """The ARN of the role that CloudFormation assumes, as an ``Fn::Sub`` pattern."""
        return self._arn("role", self.execution_role)

    def execution_policy(self, number: int) -> str:
        """One of the policies of the role that CloudFormation assumes."""
        return self._identity("policy", f"cloudformation-{number}")

    @property
    def execution_policies_arn(self) -> str:
        """A pattern of their ARNs."""
        return self._arn("policy", f"{self._identity('policy', 'cloudformation')}-*")

    @property
    def deployer_role_arn(self) -> str:
        """The ARN of the role that ``tapgen deploy`` runs as, as an ``Fn::Sub`` pattern."""
        return self._arn("role", self.deployer_role)

    def role_pattern(self, prefix: str) -> str:
        """A pattern of the ARNs of all roles that the service makes, by the prefix of its names."""
        return self._arn("role", f"{self._environment.iam.prefix}{prefix}-*")

    def policy_pattern(self, prefix: str) -> str:
        """A pattern of the ARNs of all managed policies that the service makes, by the prefix of its names."""
        return self._arn("policy", f"{self._environment.iam.prefix}{prefix}-*")

    @property
    def prefix_patterns(self) -> tuple[str, ...]:
        """Patterns of the prefixes of all deployments of the environment; production has no suffixes."""
        environment = self._environment
        return prefix_patterns(
            environment.project, environment.name, environment.region, production=environment.production
        )

    @property
    def prefix_pattern(self) -> str:
        """One pattern of the same prefixes, for a policy that has little room."""
        environment = self._environment
        between = "" if environment.production else "*"
        return f"{environment.project}-{environment.name}-{between}{environment.region}"

    @property
    def access_log_bucket(self) -> str:
        """Access logs of the service's buckets."""
        return self.bucket("access-logs")

    @property
    def functions(self) -> tuple[str, ...]:
        """The service's functions as the user named them."""
        return tuple(function.name for function in self._environment.service.functions)

    def function(self, role: str) -> str:
        """A Lambda function, by the name that the user gave it."""
        return self.name("function", role)

    def function_role(self, role: str) -> str:
        """The execution role of a function; IAM is global, so the region in the name keeps regions apart."""
        return self._checked("role", f"{self._environment.iam.prefix}{self.prefix}-{role}")

    def function_log_group(self, role: str) -> str:
        """The function's log group, where Lambda would create it itself."""
        return self._checked("log-group", function_log_group(self.function(role)))

    @property
    def hooks(self) -> tuple[str, ...]:
        """Every hook: a pair in each block of nested stacks that has functions, ``before`` and ``after`` in the first.

        ``before-2`` is called before versions of functions of the second block get traffic.
        """
        blocks = {1, *map(self._block_of, self.functions)}
        return tuple(hook for block in sorted(blocks) for hook in hooks_of_block(block))

    def hooks_of(self, role: str) -> tuple[str, ...]:
        """The two hooks that judge versions of a function."""
        return hooks_of_block(self._block_of(role))

    def judged_by(self, hook: str) -> tuple[str, ...]:
        """The functions whose versions a hook judges: those of its block."""
        return tuple(role for role in self.functions if hook in self.hooks_of(role))

    def _block_of(self, role: str) -> int:
        return self._environment.service.blocks.get(f"function/{role}", 1)

    def hook(self, hook: str) -> str:
        """A hook function, by when it is called: ``before`` or ``after`` a version gets traffic, ``before-2``."""
        return self._checked("function", f"{HOOK_PREFIX}{self.prefix}-{hook}")

    def role_policy(self, role: str, number: int) -> str:
        """A managed policy with what is too long for the role's inline one; ``role`` is its whole name."""
        return self._checked("policy", f"{role}-{number}")

    def hook_role(self, hook: str) -> str:
        """The execution role of a hook."""
        return self.function_role(f"hook-{hook}")

    def hook_log_group(self, hook: str) -> str:
        """The hook's log group, where Lambda would create it itself."""
        return self._checked("log-group", function_log_group(self.hook(hook)))

    def deployment_group(self, role: str) -> str:
        """The CodeDeploy deployment group of a function."""
        return self.name("application", role)

    @property
    def deployment_application(self) -> str:
        """The CodeDeploy application of the traffic shifts."""
        return self.name("application", "shifts")

    @property
    def further_application(self) -> str:
        """The CodeDeploy application of the functions in further nested stacks."""
        return self.name("application", "shifts2")

    @property
    def applications(self) -> tuple[str, ...]:
        """Every CodeDeploy application of the deployment."""
        return tuple(dict.fromkeys((self.deployment_application, *map(self.application_of, self.functions))))

    def application_of(self, role: str) -> str:
        """The CodeDeploy application that has a function's deployment group."""
        return self.further_application if self._block_of(role) > 1 else self.deployment_application

    @property
    def access_log_group(self) -> str:
        """The HTTP API's access log.

        Below ``/aws/vendedlogs/``, which the account's resource policy allows with one entry: other groups are listed
        one by one until its 5,120 characters are full (Logs user guide, "log group resource policy size limit").
        """
        return self._checked("log-group", f"/aws/vendedlogs/apigateway/{self.prefix}-access")

    @property
    def metric_namespace(self) -> str:
        """Namespace of the service's own metrics: ``project/environment[-suffix]``."""
        suffix = f"-{self._environment.suffix}" if self._environment.suffix else ""
        return f"{self._environment.project}/{self._environment.name}{suffix}"

    def topic(self, severity: str) -> str:
        """The notification topic of a severity: ``warning`` or ``critical``."""
        return self.name("topic", f"alarms-{severity}")

    def alarm(self, role: str) -> str:
        """An alarm, by what it watches."""
        return self.name("alarm", role)

    def _identity(self, kind: str, role: str) -> str:
        """The name of a role or policy that bootstrap makes."""
        environment = self._environment
        name = f"{environment.project}-{environment.name}-{environment.region}-{role}"
        return self._checked(kind, f"{environment.iam.prefix}{name}")

    def _arn(self, kind: str, name: str) -> str:
        """The ARN of a role or policy of ours, as an ``Fn::Sub`` pattern."""
        return f"{_IAM}{kind}{self._environment.iam.path}{name}"

    def _checked(self, kind: str, name: str) -> str:
        limit = MAX_LENGTH[kind]
        if len(name) > limit:
            raise ConfigError(
                f"the {kind} name {name!r} has {len(name)} characters; AWS allows {limit}",
                hint="shorten `project`, the environment's key, the suffix or `iam.prefix` in config/environments.yaml",
                code="name-too-long",
            )
        return name
