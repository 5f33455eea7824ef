"""Every way tapgen can fail, drawn as one tree. Imports nothing from the project at run time.

    TapgenError                 code · what · why · hint · exit code
    ├── InternalError           1  our bug: report it
    ├── UsageError              2  the command line or the project is not usable
    │   ├── ConfigError         2  config/environments.yaml: every fault at once
    │   ├── CredentialsError    2  no credentials, the wrong account, no region
    │   ├── PackagingError      2  handlers or the layer cannot be packaged
    │   └── RenderError         2  a template cannot be rendered or breaks a limit
    │       └── RulesError      2  the templates break rules
    ├── AwsError                2  AWS refused or could not be reached
    │   └── TransientError      2  the same call may be answered later: throttling, 5xx, the network
    ├── LocalError              2  the embedded AWS cannot start, stop or answer
    ├── RefusedError            3  tapgen will not do this, on purpose
    ├── DeploymentError         4  the deployment failed and was rolled back
    ├── RehearsalError          4  a guard did not do what it is there for, or could not be tried
    └── AttentionError          5  the stack is in a state that a person must look at

A message says what happened, why (the wrong value is shown) and what to do next. Errors are raised where the fact is
known, translated from ``ClientError`` in ``tapgen.aws`` alone, and printed once, in ``tapgen.cli``.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple, Self

if TYPE_CHECKING:
    from tapgen.model import Failure, ShiftOutcome


class ExitCode(IntEnum):
    """Process exit codes: a stable contract with scripts and pipelines."""

    DONE = 0
    BUG = 1
    USAGE = 2
    REFUSED = 3
    ROLLED_BACK = 4
    NEEDS_HUMAN = 5
    CHANGED = 10
    """Asked for with ``--exit-code``: there are differences, and nothing went wrong."""
    INTERRUPTED = 130


class TapgenError(Exception):
    """Base of all errors that a user sees.

    Args:
        what: What happened, a sentence without a full stop, with the wrong value in it.
        why: The cause, when it adds to ``what``.
        hint: What to do next, in the imperative.
        code: A stable kebab-case identifier for scripts; the class has a default.
        failure: The ``tapgen.model.Failure`` behind a failed operation, when there is one.
    """

    exit_code: ExitCode = ExitCode.BUG
    default_code = "internal"

    def __init__(
        self, what: str, *, why: str = "", hint: str = "", code: str = "", failure: Failure | None = None
    ) -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.hint = hint
        self.code = code or self.default_code
        self.failure = failure
        self.shifts: tuple[ShiftOutcome, ...] = ()
        """What came of the operation's traffic shifts."""

    def with_shifts(self, shifts: tuple[ShiftOutcome, ...]) -> Self:
        """The error with what came of the operation's traffic shifts."""
        self.shifts = shifts
        return self

    def __str__(self) -> str:
        return f"{self.what}: {self.why}" if self.why else self.what

    def as_dict(self) -> dict[str, str]:
        """The shape that ``--json`` prints: code, message, why, hint."""
        return {"code": self.code, "message": self.what, "why": self.why, "hint": self.hint}


class InternalError(TapgenError):
    """An invariant of tapgen is broken; never the user's fault."""


class UsageError(TapgenError):
    """The command line, the working folder or a project file is not usable as given."""

    exit_code = ExitCode.USAGE
    default_code = "usage"


class ConfigError(UsageError):
    """The configuration has faults; ``why`` lists all of them, one a line."""

    default_code = "config"


class CredentialsError(UsageError):
    """Credentials, account or region do not fit the environment."""

    default_code = "credentials"


class PackagingError(UsageError):
    """Handler code or the dependency layer cannot be packaged."""

    default_code = "packaging"


class RenderError(UsageError):
    """A template cannot be built, is wired wrongly or exceeds a CloudFormation limit."""

    default_code = "render"


class BrokenRule(NamedTuple):
    """One place where templates break a rule."""

    rule_id: str
    place: str
    text: str


class RulesError(RenderError):
    """The templates break rules that keep them from being deployed; ``broken`` has every rule, warnings included."""

    default_code = "template-checks"

    def __init__(self, what: str, *, broken: tuple[BrokenRule, ...], why: str, hint: str) -> None:
        super().__init__(what, why=why, hint=hint)
        self.broken = broken


class AwsError(TapgenError):
    """An AWS call was refused or did not arrive; ``code`` carries AWS's own error code."""

    exit_code = ExitCode.USAGE
    default_code = "aws"


class TransientError(AwsError):
    """The call was not answered as AWS answers, and may be later: throttling, a 5xx, a timeout, a lost connection.

    Who watches an operation goes on watching; everybody else reports it like any other error.
    """

    default_code = "unreachable"


class LocalError(TapgenError):
    """The embedded AWS cannot be started, stopped or reached."""

    exit_code = ExitCode.USAGE
    default_code = "local"


class RefusedError(TapgenError):
    """tapgen declines on purpose: a protection, a missing confirmation, a running operation."""

    exit_code = ExitCode.REFUSED
    default_code = "refused"


class DeploymentError(TapgenError):
    """The deployment failed and CloudFormation rolled it back; ``why`` is the first real cause."""

    exit_code = ExitCode.ROLLED_BACK
    default_code = "deployment-failed"


class RehearsalError(TapgenError):
    """A rehearsal did not end as it must: a guard did not stop its shift, or the service could not be tried."""

    exit_code = ExitCode.ROLLED_BACK
    default_code = "guard-did-not-bite"


class AttentionError(TapgenError):
    """A stack is in a state that CloudFormation does not leave by itself."""

    exit_code = ExitCode.NEEDS_HUMAN
    default_code = "needs-human"
