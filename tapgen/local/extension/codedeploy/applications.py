"""Operations on applications, revisions and tags."""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING, Any

from ministack.core.responses import get_account_id, get_region

from tapgen.local.extension.codedeploy import appspec, arns, requests
from tapgen.local.extension.codedeploy.errors import CodeDeployError

if TYPE_CHECKING:
    from tapgen.local.extension.codedeploy.requests import Request
    from tapgen.local.extension.codedeploy.state import Record, Store

_PLATFORMS = ("Server", "Lambda", "ECS")


class Applications:
    """Applications and what hangs on them.

    Args:
        store: The records.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def create_application(self, request: Request) -> Record:
        """CreateApplication."""
        name = requests.name(request, "applicationName")
        platform = request.get("computePlatform") or "Server"
        if platform not in _PLATFORMS:
            raise CodeDeployError("InvalidComputePlatformException", f"The compute platform {platform} is not valid")
        tags = requests.tags(request)
        with self._store.lock:
            if name in self._store.applications:
                raise CodeDeployError("ApplicationAlreadyExistsException", f"Application already exists: {name}")
            self._store.applications[name] = {
                "applicationId": str(uuid.uuid4()),
                "applicationName": name,
                "createTime": time.time(),
                "linkedToGitHub": False,
                "computePlatform": platform,
            }
            self._store.tags[arns.application(name)] = tags
        return {"applicationId": self._store.application(name)["applicationId"]}

    def get_application(self, request: Request) -> Record:
        """GetApplication."""
        return {"application": self._store.application(requests.name(request, "applicationName"))}

    def batch_get_applications(self, request: Request) -> Record:
        """BatchGetApplications, at most 100."""
        names = requests.batch(request, "applicationNames", most=100, required="ApplicationNameRequiredException")
        return {"applicationsInfo": [self._store.application(name) for name in names]}

    def list_applications(self, request: Request) -> Record:
        """ListApplications."""
        return requests.page(request, "applications", sorted(self._store.applications.keys()))

    def update_application(self, request: Request) -> Record:
        """UpdateApplication: a new name, for the application, its groups and its deployments."""
        old, new = requests.name(request, "applicationName"), requests.name(request, "newApplicationName")
        record = self._store.application(old)
        with self._store.lock:
            if new in self._store.applications:
                raise CodeDeployError("ApplicationAlreadyExistsException", f"Application already exists: {new}")
            self._store.applications[new] = self._store.applications.pop(old) | {"applicationName": new}
            self._store.tags[arns.application(new)] = self._store.tags.pop(arns.application(old), {})
            for group in self._store.groups_of(old):
                self._move_group(group, new)
            for deployment in self._store.deployments.values():
                if deployment.info["applicationName"] == old:
                    deployment.info["applicationName"] = new
        del record
        return {}

    def delete_application(self, request: Request) -> Record:
        """DeleteApplication, with its groups and revisions; deleting one that does not exist succeeds."""
        name = requests.name(request, "applicationName")
        with self._store.lock:
            for group in self._store.groups_of(name):
                self._store.groups.pop(f"{name}/{group['deploymentGroupName']}", None)
                self._store.tags.pop(arns.group(name, group["deploymentGroupName"]), None)
            for key in [key for key in self._store.revisions.keys() if key.startswith(f"{name}/")]:  # noqa: SIM118 - MiniStack's scoped dict
                self._store.revisions.pop(key)
            self._store.applications.pop(name, None)
            self._store.tags.pop(arns.application(name), None)
        return {}

    def register_application_revision(self, request: Request) -> Record:
        """RegisterApplicationRevision."""
        name = requests.name(request, "applicationName")
        self._store.application(name)
        self.remember_revision(name, content_of(request), str(request.get("description") or ""))
        return {}

    def remember_revision(self, application: str, content: str, description: str = "") -> None:
        """Keep an AppSpec file as a revision of an application; one that is known keeps its times."""
        now = time.time()
        sha256 = appspec.digest(content)
        known = self._store.revisions.get(f"{application}/{sha256}")
        self._store.revisions[f"{application}/{sha256}"] = known or {
            "content": content,
            "description": description or "Application revision registered by Deployment ID",
            "registerTime": now,
        }

    def get_application_revision(self, request: Request) -> Record:
        """GetApplicationRevision; it returns the content, which GetDeployment does not."""
        name = requests.name(request, "applicationName")
        self._store.application(name)
        sha256 = _sha256_of(request.get("revision"))
        known = self._store.revisions.get(f"{name}/{sha256}")
        if known is None:
            raise CodeDeployError("RevisionDoesNotExistException", f"No revision {sha256} of the application {name}")
        return {
            "applicationName": name,
            "revision": {
                "revisionType": "AppSpecContent",
                "appSpecContent": {"content": known["content"], "sha256": sha256},
            },
            "revisionInfo": {"description": known["description"], "registerTime": known["registerTime"]},
        }

    def batch_get_application_revisions(self, request: Request) -> Record:
        """BatchGetApplicationRevisions, at most 25; those that are not known are named in the error message."""
        name = requests.name(request, "applicationName")
        self._store.application(name)
        found, unknown = [], []
        for revision in requests.batch(request, "revisions", most=25, required="RevisionRequiredException"):
            try:
                answer = self.get_application_revision({"applicationName": name, "revision": revision})
            except CodeDeployError as error:
                unknown.append(str(error))
            else:
                found.append({"revisionLocation": answer["revision"], "genericRevisionInfo": answer["revisionInfo"]})
        return {"applicationName": name, "errorMessage": "; ".join(unknown), "revisions": found}

    def list_application_revisions(self, request: Request) -> Record:
        """ListApplicationRevisions."""
        name = requests.name(request, "applicationName")
        self._store.application(name)
        known = [(value["registerTime"], key) for key, value in self._store.revisions.items()]
        digests = [key.partition("/")[2] for _, key in sorted(known, reverse=True) if key.startswith(f"{name}/")]
        revisions = [{"revisionType": "AppSpecContent", "appSpecContent": {"sha256": digest}} for digest in digests]
        return requests.page(request, "revisions", revisions)

    def tag_resource(self, request: Request) -> Record:
        """TagResource."""
        self._tags_of(request).update(requests.tags(request, "Tags"))
        return {}

    def untag_resource(self, request: Request) -> Record:
        """UntagResource."""
        tags = self._tags_of(request)
        for key in request.get("TagKeys") or []:
            tags.pop(key, None)
        return {}

    def list_tags_for_resource(self, request: Request) -> Record:
        """ListTagsForResource."""
        return {"Tags": [{"Key": key, "Value": value} for key, value in self._tags_of(request).items()]}

    def _tags_of(self, request: Request) -> dict[str, str]:
        arn = str(request.get("ResourceArn") or "")
        if not arn:
            raise CodeDeployError("ResourceArnRequiredException", "The ARN of the resource is required")
        prefix = f"arn:aws:codedeploy:{get_region()}:{get_account_id()}:"
        kind, _, name = arn.removeprefix(prefix).partition(":")
        if not arn.startswith(prefix) or kind not in ("application", "deploymentgroup") or not name:
            raise CodeDeployError("InvalidArnException", f"The ARN {arn} is not that of an application or a group")
        if kind == "application":
            self._store.application(name)
        else:
            self._store.group(*name.split("/", 1))
        tags: dict[str, str] = self._store.tags.setdefault(arn, {})
        return tags

    def _move_group(self, group: Record, application: str) -> None:
        name, old = group["deploymentGroupName"], group["applicationName"]
        group["applicationName"] = application
        self._store.groups[f"{application}/{name}"] = self._store.groups.pop(f"{old}/{name}")
        self._store.tags[arns.group(application, name)] = self._store.tags.pop(arns.group(old, name), {})


def content_of(request: Request) -> str:
    """The AppSpec file of a request's revision, checked.

    Raises:
        CodeDeployError: There is none, it is of a type that Lambda deployments do not have, or it is not valid.
    """
    revision: Any = request.get("revision")
    if not revision:
        raise CodeDeployError("RevisionRequiredException", "The revision is required")
    members = {"AppSpecContent": "appSpecContent", "String": "string"}
    member = members.get(revision.get("revisionType") or "AppSpecContent", "")
    content = (revision.get(member) or {}).get("content") if member else None
    if not content:
        raise CodeDeployError(
            "InvalidRevisionException", "A Lambda deployment takes a revision of the type AppSpecContent with content"
        )
    appspec.read(content)
    return str(content)


def _sha256_of(revision: Any) -> str:
    if not revision:
        raise CodeDeployError("RevisionRequiredException", "The revision is required")
    found = revision.get("appSpecContent") or revision.get("string") or {}
    if found.get("sha256"):
        return str(found["sha256"])
    if found.get("content"):
        return appspec.digest(str(found["content"]))
    raise CodeDeployError("InvalidRevisionException", "The revision names neither content nor sha256")
