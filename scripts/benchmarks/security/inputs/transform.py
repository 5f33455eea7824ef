"""Transforms a SAM template as CloudFormation does: ``python transform.py SAM_YAML OUT_JSON``, in SAM's environment."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse


class _NoManagedPolicies:
    """The template names no managed policy, so nobody has to ask IAM for their ARNs."""

    def load(self) -> dict[str, str]:
        """Name → ARN."""
        return {}


source, target = map(Path, sys.argv[1:])
template = transform(yaml_parse(source.read_text(encoding="utf-8")), {}, _NoManagedPolicies())
target.write_text(json.dumps(template, indent=2), encoding="utf-8")
