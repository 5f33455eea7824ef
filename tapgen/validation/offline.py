"""What can be told of templates without an account: the rules, and cfn-lint's knowledge of CloudFormation."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tapgen.elements.templates import Templates
from tapgen.errors import RulesError
from tapgen.findings import Finding
from tapgen.rules.judgement import judge
from tapgen.rules.registry import find_rule, list_rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.config.environment import Environment
    from tapgen.elements.rule import Rule
    from tapgen.errors import ConfigError, RenderError
    from tapgen.findings import Status
    from tapgen.model import Rendered, RenderedTemplate

_RULES, _UNUSED = "rules", "unused-suppression"
_LINT = "cfn-lint"


def explain_refusal(error: ConfigError | RenderError) -> Iterator[Finding]:
    """The findings that kept the environment from being rendered, one each."""
    broken = error.broken if isinstance(error, RulesError) else ()
    for each in broken:
        yield _broken(find_rule(each.rule_id), f"{each.place} {each.text}")
    told = {f"{each.place}: {each.text} [{each.rule_id}]" for each in broken}
    for line in error.why.splitlines() or [error.what]:
        if line not in told:
            yield Finding(check=error.code, status="failed", what=line, why=error.what, fix=error.hint)


def report_rules(environment: Environment, rendered: Rendered) -> Iterator[Finding]:
    """What the rules say of templates that can be deployed: warnings, what is suppressed, and suppressions for nothing.

    Rendering refuses templates that break a rule; a release that was rendered before may know less.
    """
    templates = Templates(environment, {item.stack: json.loads(item.body) for item in rendered.templates})
    judgement = judge(templates)
    for breach in judgement.breaches:
        yield _broken(breach.rule, f"{breach.place} {breach.text}")
    for breach in judgement.suppressed:
        what = f"{breach.place} {breach.text}"
        yield Finding(check=breach.rule.id, status="skipped", what=what, why=f"suppressed: {breach.reason}")
    known = {rule.id for rule in list_rules()}
    for key in judgement.unused:
        rule_id = key.partition(".")[0]
        yield Finding(
            check=_UNUSED,
            status="warned",
            what=f"validation.suppress: {key}",
            why="nothing breaks this rule here" if rule_id in known else "there is no rule of this id",
            fix="remove it from config/environments.yaml, or correct it: `tapgen validate --list` prints the ids",
        )
    if not judgement.breaches:
        resources = f"{len(templates.resources)} resources in {len(rendered.templates)} templates"
        yield Finding(check=_RULES, status="passed", what=f"{len(known)} rules hold for {resources}")


def _broken(rule: Rule, what: str) -> Finding:
    status: Status = "failed" if rule.severity == "error" else "warned"
    return Finding(
        check=rule.id, status=status, what=what, why=f"{rule.why} ({rule.source})", fix=rule.fix or rule.holds
    )


def lint(rendered: Rendered) -> Iterator[Finding]:
    """CloudFormation's schemas and rules, on every template."""
    try:
        from cfnlint.api import lint as find  # type: ignore[import-untyped]  # cfn-lint ships no type information
        from cfnlint.core import get_rules  # type: ignore[import-untyped]  # cfn-lint ships no type information
    except ImportError:
        why = "cfn-lint is not installed beside tapgen"
        yield Finding(check=_LINT, status="skipped", what="not linted", why=why, fix="pip install 'tapgen[lint]'")
        return
    rules = get_rules([], [], ["I"], {})
    found = [
        _finding(template, match)
        for template in rendered.templates
        for match in find(template.body.decode(), rules=rules, regions=[rendered.region])
    ]
    yield from found
    if not found:
        yield Finding(check=_LINT, status="passed", what=f"{len(rendered.templates)} templates are clean")


def _finding(template: RenderedTemplate, match: Any) -> Finding:
    """A match of cfn-lint: an error fails, a warning or a note warns."""
    path = ".".join(str(part) for part in match.path or ())
    return Finding(
        check=_LINT,
        status="failed" if match.rule.id.startswith("E") else "warned",
        what=f"{template.stack} {path}: {match.message}",
        why=f"{match.rule.id} {match.rule.shortdesc}",
        fix=f"correct tapgen/templates, or see `cfn-lint --info` on {match.rule.id}",
    )
