"""CodeDeploy's records, per account and region, and how they survive a restart.

Records hold what the API shows, in its shape, so that saving them is copying them.
"""

from __future__ import annotations

import copy
import threading
from dataclasses import asdict, dataclass, field
from typing import Any

from ministack.core.responses import AccountRegionScopedDict

from tapgen.local.extension.codedeploy import configs
from tapgen.local.extension.codedeploy.appspec import AFTER, BEFORE, Shift
from tapgen.local.extension.codedeploy.errors import CodeDeployError

ALLOW = "AllowTraffic"
EVENTS = (BEFORE, ALLOW, AFTER)
ACTIVE = ("Created", "Queued", "InProgress", "Baking", "Ready")

Record = dict[str, Any]


@dataclass(kw_only=True)
class Deployment:
    """One deployment.

    Attributes:
        info: ``deploymentInfo`` of GetDeployment.
        target: ``lambdaTarget`` of GetDeploymentTarget.
        shift: What moves.
        alarms: The alarm configuration in force.
        hooks: Lifecycle event and answer of each hook execution, by its id; the answer is empty until it came.
    """

    info: Record
    target: Record
    shift: Shift
    alarms: Record
    hooks: dict[str, list[str]] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The deployment id, ``d-`` and nine characters."""
        return str(self.info["deploymentId"])

    @property
    def active(self) -> bool:
        """Whether it may still change something."""
        return self.info["status"] in ACTIVE

    def event(self, name: str) -> Record:
        """The record of a lifecycle event."""
        return next(event for event in self.target["lifecycleEvents"] if event["lifecycleEventName"] == name)


class Store:
    """All records of the service, and the lock that guards their changes."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._predefined = configs.predefined()
        self.clear()

    def clear(self) -> None:
        """Forget everything, in all accounts and regions."""
        self.applications: Any = AccountRegionScopedDict()
        self.groups: Any = AccountRegionScopedDict()
        self.configs: Any = AccountRegionScopedDict()
        self.deployments: Any = AccountRegionScopedDict()
        self.revisions: Any = AccountRegionScopedDict()
        self.tags: Any = AccountRegionScopedDict()

    def application(self, name: str) -> Record:
        """An application's record, or ``ApplicationDoesNotExistException``."""
        record: Record | None = self.applications.get(name)
        if record is None:
            raise CodeDeployError("ApplicationDoesNotExistException", f"No application found for name: {name}")
        return record

    def group(self, application: str, name: str) -> Record:
        """A deployment group's record, or ``DeploymentGroupDoesNotExistException``."""
        self.application(application)
        record: Record | None = self.groups.get(f"{application}/{name}")
        if record is None:
            raise CodeDeployError("DeploymentGroupDoesNotExistException", f"No Deployment Group found for name: {name}")
        return record

    def groups_of(self, application: str) -> list[Record]:
        """The deployment groups of an application in the order of their names."""
        found = [group for group in self.groups.values() if group["applicationName"] == application]
        return sorted(found, key=lambda group: str(group["deploymentGroupName"]))

    def config(self, name: str) -> Record:
        """A deployment configuration, predefined or custom, or ``DeploymentConfigDoesNotExistException``."""
        record: Record | None = self._predefined.get(name) or self.configs.get(name)
        if record is None:
            raise CodeDeployError(
                "DeploymentConfigDoesNotExistException", f"No Deployment Configuration found for name: {name}"
            )
        return record

    def config_names(self) -> list[str]:
        """The predefined configurations for Lambda, then the custom ones."""
        return [*self._predefined, *sorted(self.configs.keys())]

    def deployment(self, deployment_id: str) -> Deployment:
        """A deployment, or ``DeploymentDoesNotExistException``."""
        found: Deployment | None = self.deployments.get(deployment_id)
        if found is None:
            raise CodeDeployError(
                "DeploymentDoesNotExistException", f"The deployment {deployment_id} could not be found"
            )
        return found

    def deployments_of(self, application: str, group: str) -> list[Deployment]:
        """The deployments of a group, the newest first."""
        found = [
            deployment
            for deployment in self.deployments.values()
            if (deployment.info["applicationName"], deployment.info["deploymentGroupName"]) == (application, group)
        ]
        return sorted(found, key=lambda deployment: -float(deployment.info["createTime"]))

    def dump(self) -> Record:
        """Everything, in a form that JSON takes."""
        with self.lock:
            deployments = AccountRegionScopedDict()
            deployments._data = {key: asdict(value) for key, value in self.deployments.all_items()}  # noqa: SLF001 - its own constructor takes none
            plain = {name: copy.deepcopy(getattr(self, name)) for name in _PLAIN}
            return {**plain, "deployments": deployments}

    def load(self, data: Record) -> list[tuple[str, str, Deployment]]:
        """Take back what ``dump`` gave, in a new process.

        Returns:
            The deployments that were running when the process ended, each with its account and region.
        """
        interrupted = []
        with self.lock:
            for name in _PLAIN:
                getattr(self, name).update(data.get(name, {}))
            for (account, region, key), value in data["deployments"].all_items():
                deployment = Deployment(**{**value, "shift": Shift(**value["shift"])})
                self.deployments.set_scoped(account, region, key, deployment)
                if deployment.active:
                    interrupted.append((account, region, deployment))
        return interrupted


_PLAIN = ("applications", "groups", "configs", "revisions", "tags")
