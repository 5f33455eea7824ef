"""What can be told of templates without an account: the named checks, and cfn-lint's knowledge of CloudFormation."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tapgen.findings import Finding
from tapgen.templates.checks import CHECKS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.errors import ConfigError, RenderError
    from tapgen.model import Rendered, RenderedTemplate

_NAMED = re.compile(r"(?P<where>\S+): (?P<text>.*) \[(?P<check>[a-z-]+)\]")
_LINT = "cfn-lint"


def explain_refusal(error: ConfigError | RenderError) -> Iterator[Finding]:
    """The findings that kept the environment from being rendered, one each."""
    for line in error.why.splitlines() or [error.what]:
        named = _NAMED.fullmatch(line)
        if named:
            what = f"{named['where']} {named['text']}"
            fix = f"make it keep the promise {named['check']}: `tapgen guide templates`"
            yield Finding(check=named["check"], status="failed", what=what, why=error.what, fix=fix)
        else:
            yield Finding(check=error.code, status="failed", what=line, why=error.what, fix=error.hint)


def report_named_checks(rendered: Rendered) -> Finding:
    """Rendering runs the named checks: what is rendered has passed them."""
    resources = sum(template.resource_count for template in rendered.templates)
    what = f"{len(CHECKS) + 1} checks of {resources} resources in {len(rendered.templates)} templates"
    return Finding(check="template-checks", status="passed", what=what)


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
