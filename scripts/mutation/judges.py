"""Who notices a mutant: the rules, then cfn-lint on the mutated resource by itself."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from cfnlint.api import lint  # type: ignore[import-untyped]  # cfn-lint ships no type information
from cfnlint.core import get_rules  # type: ignore[import-untyped]  # cfn-lint ships no type information

from tapgen.elements.templates import Templates
from tapgen.rules.judgement import judge
from tapgen.rules.registry import list_rules

if TYPE_CHECKING:
    from scripts.mutation.mutants import Mutant
    from scripts.mutation.subjects import Subject
    from tapgen.elements.rule import Rule

_CRASH = "cannot be judged: "


class Rules:
    """The rules as a judge of one service's mutants."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._before = self._breaches(dict(subject.templates), list_rules())
        # Rules that noticed something of a type are asked first about the next mutant of it.
        self._lucky: dict[str, Counter[str]] = {}
        self.crashed: set[str] = set()
        """Rules that could not bear a mutant, with what they said."""

    def notice(self, mutant: Mutant) -> str:
        """The id of a rule that notices the mutant; empty where none does."""
        mutated = mutant.apply(self._subject.templates)
        lucky = self._lucky.setdefault(mutant.type, Counter())
        for rule in sorted(list_rules(), key=lambda item: -lucky[item.id]):
            found = self._breaches(mutated, (rule,)) - self._before
            crashes = {text for text in found if _CRASH in text}
            self.crashed |= crashes
            if found - crashes:
                lucky[rule.id] += 1
                return rule.id
        return ""

    def _breaches(self, templates: dict[str, Any], rules: tuple[Rule, ...]) -> set[str]:
        judgement = judge(Templates(self._subject.environment, templates), rules)
        return {breach.render() for breach in (*judgement.breaches, *judgement.suppressed)}


class Lint:
    """cfn-lint as a judge: its schemas and rules, on one resource at a time."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._rules = get_rules([], [], ["I"], {})
        self._before: dict[tuple[str, str], set[str]] = {}

    def notice(self, mutant: Mutant) -> str:
        """The id of a cfn-lint rule that notices the mutant; empty where none does."""
        place = (mutant.stack, mutant.logical_id)
        template = self._subject.templates[mutant.stack]
        if place not in self._before:
            self._before[place] = self._findings(mutant, template["Resources"][mutant.logical_id])
        found = self._findings(mutant, mutant.definition) - self._before[place]
        return min(found, default="").partition(" ")[0]

    def _findings(self, mutant: Mutant, definition: Any) -> set[str]:
        """The findings in a template with this resource alone, the others empty shells that references lead to."""
        template = self._subject.templates[mutant.stack]
        alone = {key: value for key, value in template.items() if key not in ("Resources", "Outputs")}
        shells = {
            name: {"Type": "AWS::CloudFormation::WaitConditionHandle"}
            for name in template["Resources"]
            if name != mutant.logical_id and f'"{name}"' in json.dumps(definition)
        }
        body = json.dumps({**alone, "Resources": {**shells, mutant.logical_id: definition}})
        matches = lint(body, rules=self._rules, regions=[self._subject.environment.region])
        return {f"{match.rule.id} {match.path}" for match in matches}
