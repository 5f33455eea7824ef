"""Rules applied to templates: what is broken, what the configuration suppresses, and which suppressions do nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tapgen.rules.registry import list_rules

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tapgen.elements.rule import Rule
    from tapgen.elements.templates import Templates


@dataclass(frozen=True, kw_only=True)
class Breach:
    """One place where a rule does not hold."""

    rule: Rule
    place: str
    """``data.OrdersTable``."""
    text: str
    reason: str = ""
    """Why the configuration accepts it; empty where it does not."""

    def render(self) -> str:
        """One line for people."""
        return f"{self.place}: {self.text} [{self.rule.id}]"


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What all rules say of a deployment's templates."""

    breaches: tuple[Breach, ...]
    """Of errors and warnings; what is suppressed is not among them."""
    suppressed: tuple[Breach, ...] = ()
    unused: tuple[str, ...] = ()
    """Suppressions that nothing breaks, as they stand in the configuration."""

    @property
    def errors(self) -> tuple[Breach, ...]:
        """What keeps the templates from being deployed."""
        return tuple(breach for breach in self.breaches if breach.rule.severity == "error")


def judge(templates: Templates, rules: Iterable[Rule] | None = None) -> Judgement:
    """Apply rules to templates.

    Args:
        templates: Of one deployment.
        rules: Some of them; all when left out.

    Raises:
        ConfigError: A package brings a rule that cannot be used.
    """
    reasons = templates.environment.validation.suppress
    breaches: list[Breach] = []
    suppressed: list[Breach] = []
    used: set[str] = set()
    for breach, keys in _break(templates, list_rules() if rules is None else rules):
        matching = [key for key in keys if key in reasons]
        used.update(matching)
        if matching:
            suppressed.append(_accept(breach, reasons, matching[0]))
        else:
            breaches.append(breach)
    return Judgement(
        breaches=tuple(breaches),
        suppressed=tuple(suppressed),
        unused=tuple(key for key in reasons if key not in used),
    )


def _break(templates: Templates, rules: Iterable[Rule]) -> Iterator[tuple[Breach, tuple[str, ...]]]:
    """Each breach with the keys by which a configuration may accept it: everywhere, or of one resource."""
    for rule in rules:
        try:
            for place, text in rule.find(templates):
                logical_id = str(place).partition(".")[2]
                breach = Breach(rule=rule, place=str(place), text=text)
                yield breach, (rule.id, f"{rule.id}.{logical_id}")
        except Exception as error:  # noqa: BLE001 - the rule of any package, on templates that anybody customized
            text = f"cannot be judged: {type(error).__name__}: {error}"
            yield Breach(rule=rule, place="templates", text=text), (rule.id,)


def _accept(breach: Breach, reasons: Mapping[str, str], key: str) -> Breach:
    return Breach(rule=breach.rule, place=breach.place, text=breach.text, reason=reasons[key])
