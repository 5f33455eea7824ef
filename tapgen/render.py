"""(Environment, artifacts) → Rendered. Pure: no clock, no credentials, no network, no files.

Same input, same bytes, on any machine: templates are canonical JSON, named by their digest, and the root's digest with
its parameters names the release. Writing and reusing a rendered release is ``tapgen.build``'s.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from tapgen import object_keys
from tapgen.config.shift import shift_policy
from tapgen.elements.templates import ROOT, Templates
from tapgen.errors import BrokenRule, RulesError
from tapgen.model import Rendered, RenderedTemplate
from tapgen.naming import Names
from tapgen.rules.judgement import judge
from tapgen.templates.root import RELEASE_PARAMETER, build_root
from tapgen.templates.service import build_stacks, render_stacks

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tapgen.config.environment import Environment
    from tapgen.model import Artifact
    from tapgen.rules.judgement import Judgement

# CloudFormation quotas: template body in an S3 object, and resources in a template (user guide, "quotas").
MAX_TEMPLATE_BYTES = 1_000_000
MAX_RESOURCES = 500
MAX_ENTRIES = 200
"""Parameters, and outputs."""

RELEASE_ID_DIGITS = 16


def render(environment: Environment, artifacts: tuple[Artifact, ...]) -> Rendered:
    """Build every template of a deployment and name the release.

    Raises:
        RenderError: A template cannot be built.
        RulesError: A template breaks a rule or exceeds a limit; all findings at once.
    """
    stacks = build_stacks(environment, {artifact.name: artifact for artifact in artifacts})
    built = render_stacks(stacks)
    children = tuple(_template(stack, template) for stack, template in built.items())
    root_template = build_root(environment, stacks, {child.stack: child.key for child in children})
    root = _template(ROOT, root_template)
    templates = (*children, root)
    whole = {**built, ROOT: root_template}
    limits = [text for stack, template in whole.items() for text in exceeded_sections(stack, template)]
    limits += [text for template in templates for text in exceeded_limits(template)]
    _refuse(environment, judge(Templates(environment, whole)), limits)
    names = Names(environment)
    # The root takes nothing but the release's name, so that its body, with the digests of all others, tells releases
    # apart.
    release_id = hashlib.sha256(root.body).hexdigest()[:RELEASE_ID_DIGITS]
    return Rendered(
        deployment=names.deployment,
        environment=environment.name,
        suffix=environment.suffix,
        account_id=environment.account_id,
        region=environment.region,
        configured_region=environment.configured_region or environment.region,
        production=environment.production,
        stack_protection=environment.stack_protection,
        root_stack=names.root_stack,
        artifact_bucket=names.artifact_bucket,
        release_id=release_id,
        parameters={RELEASE_PARAMETER: release_id},
        tags=environment.cost_tags,
        shift=shift_policy(environment),
        templates=templates,
        artifacts=artifacts,
    )


def canonical_json(template: Mapping[str, Any]) -> bytes:
    """The one spelling of a template: sorted keys, no spaces, UTF-8."""
    return json.dumps(template, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _template(stack: str, template: Mapping[str, Any]) -> RenderedTemplate:
    body = canonical_json(template)
    return RenderedTemplate(
        stack=stack, body=body, digest=object_keys.digest_of(body), resource_count=len(template["Resources"])
    )


def exceeded_limits(template: RenderedTemplate) -> list[str]:
    """What CloudFormation would refuse of a finished template, one sentence each."""
    findings = []
    if len(template.body) > MAX_TEMPLATE_BYTES:
        findings.append(f"{template.stack}: {len(template.body):,} bytes; CloudFormation takes {MAX_TEMPLATE_BYTES:,}")
    if template.resource_count > MAX_RESOURCES:
        findings.append(f"{template.stack}: {template.resource_count} resources; a stack holds {MAX_RESOURCES}")
    return findings


def exceeded_sections(stack: str, template: Mapping[str, Any]) -> list[str]:
    """The sections of a template that are longer than CloudFormation takes, one sentence each."""
    return [
        f"{stack}: {len(template[section])} {section.lower()}; a template takes {MAX_ENTRIES}"
        for section in ("Parameters", "Outputs")
        if len(template.get(section, ())) > MAX_ENTRIES
    ]


def _refuse(environment: Environment, judgement: Judgement, limits: list[str]) -> None:
    lines = [*(breach.render() for breach in judgement.errors), *limits]
    if lines:
        raise RulesError(
            f"the templates of {environment.name!r} have {len(lines)} finding{'s' if len(lines) > 1 else ''}",
            broken=tuple(BrokenRule(breach.rule.id, breach.place, breach.text) for breach in judgement.breaches),
            why="\n".join(lines),
            hint="each line names the stack, the resource and the rule; `tapgen validate --list` says why it holds",
        )
