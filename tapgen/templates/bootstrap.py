"""The bootstrap stack: the artifact bucket of an environment, and the roles of whoever deploys to it.

Shared by the environment's suffixes: nothing in the template may depend on one.
"""

from __future__ import annotations

import dataclasses
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from troposphere import GetAtt, Output, Ref, Tags, Template
from troposphere.iam import ManagedPolicy, Policy, Role

from tapgen.elements import wiring
from tapgen.iam import deployer, roles
from tapgen.iam.needs import BOUNDARY, BOUNDARY_ID, DEPLOYER, DEPLOYER_ID, EXECUTION, EXECUTION_ID, POLICIES_OUTPUT
from tapgen.model import Artifact
from tapgen.naming import DEPLOYER_ROLE_OUTPUT, EXECUTION_ROLE_OUTPUT, Names
from tapgen.parts.bucket import hardened as buckets
from tapgen.templates import identities
from tapgen.templates.blueprint import blueprint_of, needs_of
from tapgen.templates.root import build_root
from tapgen.templates.service import build_stacks, render_stacks

if TYPE_CHECKING:
    from awacs.aws import Statement

    from tapgen.config.environment import Environment
    from tapgen.iam.execution import Blueprint
    from tapgen.iam.needs import Needs

BOUNDARY_OUTPUT = "BoundaryArn"


def build_bootstrap(environment: Environment) -> dict[str, Any]:
    """The template; the bucket stays when the stack goes, since live stacks read from it."""
    environment = dataclasses.replace(environment, suffix=None)
    template = Template(Description=f"Artifacts and roles of {environment.project} {environment.name}")
    template.set_version("2010-09-09")
    _add_bucket(template, environment)
    needs = needs_of(environment, make_blueprint(environment).templates)
    _add_boundary(template, environment, needs)
    _add_execution_role(template, environment, needs)
    _add_deployer_role(template, environment, needs)
    text = "Identity of the policies, for whoever needs them to be as they are"
    template.add_output(Output(POLICIES_OUTPUT, Description=text, Value=needs.digest))
    return wiring.finish(template, "bootstrap")


def make_blueprint(environment: Environment) -> Blueprint:
    """What the roles are derived from: the templates of the environment, whatever code is in them."""
    environment = dataclasses.replace(environment, suffix=None)
    stacks = build_stacks(
        environment, {name: _placeholder(name) for name in (*Names(environment).functions, "hooks", "layer")}
    )
    children = render_stacks(stacks)
    root = build_root(environment, stacks, {name: f"templates/{name}/0.json" for name in children})
    return blueprint_of(environment, (*children.values(), root))


def _placeholder(name: str) -> Artifact:
    """Code is no matter of permissions."""
    return Artifact(
        name=name,
        path=PurePosixPath(name),  # type: ignore[arg-type]  # nobody opens it
        digest="0" * 32,
        sha256="0" * 64,
        size_bytes=0,
        unpacked_bytes=0,
    )


def _add_bucket(template: Template, environment: Environment) -> None:
    names = Names(environment)
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


def _add_execution_role(template: Template, environment: Environment, needs: Needs) -> None:
    names = Names(environment)
    policies = [
        template.add_resource(
            ManagedPolicy(
                f"{EXECUTION_ID}{number}",
                ManagedPolicyName=names.execution_policy(number),
                Description=f"What CloudFormation does for {environment.project} {environment.name}, part {number}",
                PolicyDocument=document,
                **identities.place(environment),
            )
        )
        for number, document in enumerate(needs.policies[EXECUTION], start=1)
    ]
    role = template.add_resource(
        Role(
            "ExecutionRole",
            RoleName=names.execution_role,
            Description=f"CloudFormation's role for {environment.project} {environment.name}",
            AssumeRolePolicyDocument=roles.trust("cloudformation.amazonaws.com"),
            ManagedPolicyArns=[Ref(policy) for policy in policies],
            Tags=Tags(**environment.cost_tags),
            **identities.bound_bootstrap(environment),
        )
    )
    description = "Role that CloudFormation assumes"
    template.add_output(Output(EXECUTION_ROLE_OUTPUT, Description=description, Value=GetAtt(role, "Arn")))


def _add_boundary(template: Template, environment: Environment, needs: Needs) -> None:
    """The ceiling of the service's roles; an environment with a boundary of its own has none of ours."""
    if BOUNDARY not in needs.policies:
        return
    boundary = template.add_resource(
        ManagedPolicy(
            BOUNDARY_ID,
            ManagedPolicyName=Names(environment).boundary,
            Description=f"What no role of {environment.project} {environment.name} may exceed",
            PolicyDocument=needs.policies[BOUNDARY][0],
            **identities.place(environment),
        )
    )
    description = "Permissions boundary of every role of the service"
    template.add_output(Output(BOUNDARY_OUTPUT, Description=description, Value=Ref(boundary)))


def _add_deployer_role(template: Template, environment: Environment, needs: Needs) -> None:
    """Whom the configuration trusts; without anybody there is no such role."""
    trusted = list(_trusted(environment))
    if not trusted:
        return
    names = Names(environment)
    role = template.add_resource(
        Role(
            DEPLOYER_ID,
            RoleName=names.deployer_role,
            Description=f"Deploys {environment.project} {environment.name}",
            AssumeRolePolicyDocument=roles.document(trusted),
            Policies=[Policy(PolicyName="operations", PolicyDocument=needs.policies[DEPLOYER][0])],
            Tags=Tags(**environment.cost_tags),
            **identities.bound_bootstrap(environment),
        )
    )
    template.add_output(
        Output(DEPLOYER_ROLE_OUTPUT, Description="Role that tapgen deploy runs as", Value=GetAtt(role, "Arn"))
    )


def _trusted(environment: Environment) -> list[Statement]:
    settings = environment.deployer
    found = []
    if settings.principals:
        found.append(deployer.trust_principals(settings.principals))
    if settings.github:
        found.append(deployer.trust_github(settings.github.repository, settings.github.subject))
    return found
