"""Deploy tools of other people, each with a project of its own, pointed at an embedded AWS by the environment alone.

Each deploys one function behind an HTTP API, with an alias that CodeDeploy shifts and an alarm that guards it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.tools import REPOSITORY, ensure_tool

if TYPE_CHECKING:
    from collections.abc import Mapping

_HERE = Path(__file__).parent
_QUIET = {
    "AWS_EC2_METADATA_DISABLED": "true",
    "CDK_DISABLE_CLI_TELEMETRY": "true",
    "CI": "true",
    "SAM_CLI_TELEMETRY": "0",
    "SLS_INTERACTIVE_SETUP_ENABLE": "0",
    "SLS_NOTIFICATIONS_MODE": "off",
    "SLS_TELEMETRY_DISABLED": "1",
}


class Tool(ABC):
    """A tool with a copy of its project.

    Args:
        folder: Where the copy goes.
        environ: What points it at the embedded AWS.
    """

    name: str
    """Of its folder below ``projects`` and, with ``peer-`` before it, of its stack."""
    code: str = "src/app.py"

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        self.folder = folder
        self._environ = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        self._environ |= {**_QUIET, **environ}
        shutil.copytree(_HERE / "projects" / self.name, folder, dirs_exist_ok=True)

    @property
    def stack(self) -> str:
        """The root stack's name."""
        return f"peer-{self.name.replace('_', '-')}"

    def write(self, source: str) -> None:
        """Put the handler's code into the project."""
        path = self.folder / self.code
        path.parent.mkdir(exist_ok=True)
        path.write_text(source, encoding="utf-8")

    def prepare(self) -> None:  # noqa: B027 - most tools need nothing
        """What is done once for an account."""

    @abstractmethod
    def deploy(self) -> subprocess.Popen[str]:
        """Start a deploy."""

    @abstractmethod
    def destroy(self) -> subprocess.Popen[str]:
        """Start deleting it."""

    def start(self, *command: str) -> subprocess.Popen[str]:
        """Start a command in the project; what it prints goes to one pipe."""
        return subprocess.Popen(
            command,
            cwd=self.folder,
            env=self._environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *command: str) -> str:
        """Run a command to its good end; what it printed.

        Raises:
            AssertionError: It failed.
        """
        process = self.start(*command)
        said, _ = process.communicate(timeout=300)
        assert process.returncode == 0, said
        return said


class Sam(Tool):
    """AWS SAM CLI; the transform is applied by ``aws-sam-translator`` in the embedded AWS's environment."""

    name = "sam"

    def deploy(self) -> subprocess.Popen[str]:
        """``sam deploy``, with a bucket that SAM makes for itself."""
        options = ["--resolve-s3", "--no-confirm-changeset", "--no-progressbar", "--no-fail-on-empty-changeset"]
        capabilities = ["--capabilities", "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
        return self.start(self._sam, "deploy", "--stack-name", self.stack, *options, *capabilities)

    def destroy(self) -> subprocess.Popen[str]:
        """``sam delete``."""
        return self.start(self._sam, "delete", "--stack-name", self.stack, "--no-prompts")

    @property
    def _sam(self) -> str:
        return str(ensure_tool("sam") / "sam")


class AwsCli(Tool):
    """The aws CLI: ``package``, ``create-stack`` by the virtual-hosted URL of a template, and ``deploy``."""

    name = "aws_cli"

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        super().__init__(folder, environ)
        self._edition = 0

    def prepare(self) -> None:
        """A bucket for what is packaged, and a first stack by a URL of it."""
        self.run(self._aws, "s3", "mb", "s3://peer-aws-cli")
        self.write("# before the first edition\n")
        self._package()
        self.run(self._aws, "s3", "cp", "packaged.yaml", "s3://peer-aws-cli/root.yaml")
        url = f"https://peer-aws-cli.s3.{self._environ['AWS_REGION']}.amazonaws.com/root.yaml"
        named = ("--stack-name", f"{self.stack}-validated")
        self.run(self._aws, "cloudformation", "validate-template", "--template-url", url)
        self.run(self._aws, "cloudformation", "create-change-set", *named, "--change-set-name", "first",
                 "--change-set-type", "CREATE", "--template-url", url, "--capabilities", "CAPABILITY_IAM")  # fmt: skip
        self.run(
            self._aws, "cloudformation", "wait", "change-set-create-complete", *named, "--change-set-name", "first"
        )
        self.run(self._aws, "cloudformation", "delete-stack", *named)

    def deploy(self) -> subprocess.Popen[str]:
        """``aws cloudformation package`` and ``deploy``."""
        self._package()
        named = ("--stack-name", self.stack, "--template-file", "packaged.yaml")
        capabilities = ("--capabilities", "CAPABILITY_IAM", "--no-fail-on-empty-changeset")
        return self.start(self._aws, "cloudformation", "deploy", *named, *capabilities)

    def destroy(self) -> subprocess.Popen[str]:
        """``delete-stack``, and the wait for its end."""
        self.run(self._aws, "cloudformation", "delete-stack", "--stack-name", self.stack)
        return self.start(self._aws, "cloudformation", "wait", "stack-delete-complete", "--stack-name", self.stack)

    def _package(self) -> None:
        """A version is published by a new logical id, as on AWS."""
        self._edition += 1
        template = (_HERE / "projects" / self.name / "compute.yaml").read_text(encoding="utf-8")
        written = template.replace("VersionEDITION", f"Version{self._edition}")
        (self.folder / "compute.yaml").write_text(written, encoding="utf-8")
        files = ("--template-file", "root.yaml", "--output-template-file", "packaged.yaml")
        self.run(self._aws, "cloudformation", "package", "--s3-bucket", "peer-aws-cli", *files)

    @property
    def _aws(self) -> str:
        return str(ensure_tool("awscli") / "aws")


class _NodeTool(Tool):
    """A tool of npm, installed from the lock file beside this module."""

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        super().__init__(folder, environ)
        (folder / "node_modules").symlink_to(_ensure_packages())

    def _tool(self, name: str) -> str:
        return str(self.folder / "node_modules" / ".bin" / name)


class Cdk(_NodeTool):
    """The CDK's CLI: a root and four nested stacks, with roles and a bucket of ``cdk bootstrap``."""

    name = "cdk"

    def prepare(self) -> None:
        """``cdk bootstrap``."""
        self.write("# before the first edition\n")
        self.run(self._tool("cdk"), "bootstrap")

    def deploy(self) -> subprocess.Popen[str]:
        """``cdk deploy``."""
        return self.start(self._tool("cdk"), "deploy", "--require-approval", "never", "--progress", "events")

    def destroy(self) -> subprocess.Popen[str]:
        """``cdk destroy``."""
        return self.start(self._tool("cdk"), "destroy", "--force")


class Serverless(_NodeTool):
    """Serverless 3 with its canary plugin; its SDK does not know ``AWS_ENDPOINT_URL``: a small plugin says it."""

    name = "serverless"
    code = "app.py"

    @property
    def stack(self) -> str:
        """Service and stage."""
        return "peer-sls-dev"

    def deploy(self) -> subprocess.Popen[str]:
        """``serverless deploy``."""
        return self.start(self._tool("serverless"), "deploy")

    def destroy(self) -> subprocess.Popen[str]:
        """``serverless remove``."""
        return self.start(self._tool("serverless"), "remove")


def _ensure_packages() -> Path:
    """The ``node_modules`` of the lock file, which holds a hash of each package.

    Raises:
        subprocess.CalledProcessError: npm could not install them.
    """
    folder, lock = REPOSITORY / ".tapgen" / "tools" / "peers", _HERE / "npm" / "package-lock.json"
    mark, digest = folder / ".fingerprint", hashlib.sha256(lock.read_bytes()).hexdigest()
    if not mark.exists() or mark.read_text(encoding="ascii") != digest:
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(lock.parent / name, folder / name)
        install = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
        subprocess.run(install, cwd=folder, check=True)
        mark.write_text(digest, encoding="ascii")
    return folder / "node_modules"
