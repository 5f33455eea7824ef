"""The bootstrap stack: the artifact bucket that every deploy of an environment uploads to."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from troposphere import Output, Template

from tapgen.naming import Names
from tapgen.templates import buckets, wiring

if TYPE_CHECKING:
    from tapgen.config.environment import Environment


def build_bootstrap(environment: Environment) -> dict[str, Any]:
    """The template; the bucket stays when the stack goes, since live stacks read from it.

    The bucket is shared by an environment's suffixes: nothing in the template may depend on one.
    """
    environment = dataclasses.replace(environment, suffix=None)
    names = Names(environment)
    template = Template(Description=f"Artifacts of {environment.project} {environment.name}")
    template.set_version("2010-09-09")
    bucket = template.add_resource(
        buckets.make_bucket(
            "ArtifactBucket",
            name=names.artifact_bucket,
            tags=environment.cost_tags,
            encryption=buckets.encrypt_with_s3(),
            lifecycle=buckets.expire_noncurrent(),
        )
    )
    template.add_resource(
        buckets.make_policy("ArtifactBucketPolicy", bucket=names.artifact_bucket)
    ).DependsOn = bucket.title
    template.add_output(Output("ArtifactBucketName", Description="Bucket for templates and code", Value=bucket.ref()))
    return wiring.finish(template, "bootstrap")
