"""The policy of a function's role: what Lambda does with it, what was granted, and what its event sources need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from awacs.aws import Action, Allow, Statement

from tapgen.iam import statements
from tapgen.iam.roles import document, run_as
from tapgen.parts.function import calls
from tapgen.parts.names import make_arn
from tapgen.parts.part import pascal_case
from tapgen.parts.registry import kind_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from awacs.aws import PolicyDocument

    from tapgen.elements.wiring import Context
    from tapgen.iam.statements import Key
    from tapgen.naming import Names
    from tapgen.parts.function.model import Function
    from tapgen.parts.part import Part, Verb


def make_policy(context: Context, part: Function, *, key: Key | None) -> PolicyDocument:
    """Everything that the function may do."""
    names = context.names
    settings = context.environment.functions[part.name]
    own = _as_value(part.key_arn) or key
    run = run_as(names.function(part.name), names.function_log_group(part.name), tracing=settings.tracing, key=own)
    verbs = list(needed_verbs(part))
    used = [*_use(names, verbs)]
    keys = list(_use_keys(names, part, verbs, key))
    network = [statements.attach_to_network()] if part.vpc else []
    return document([*run, *network, *used, *keys])


def needed_verbs(part: Function) -> Iterator[Verb]:
    """The verbs that were granted, and those of the event sources."""
    yield from (verb for verb, _ in _reasons(part))


def explain_policy(part: Function) -> dict[tuple[str, str], str]:
    """(Sid, action) → the routes and events that need it; the action is empty for all of a key's statement."""
    found: dict[tuple[str, str], list[str]] = {}
    keys: dict[Part, list[str]] = {source.part: [source.label] for source in part.sources}
    for verb, reason in _reasons(part):
        # A grant that was asked for several times has all of its reasons.
        each = reason.split(", ")
        for action in verb.actions:
            found.setdefault((_sid(verb.part, verb.path), action), []).extend(each)
        keys.setdefault(verb.part, []).extend(each)
    told = {key: ", ".join(dict.fromkeys(reasons)) for key, reasons in found.items()}
    for used, reasons in keys.items():
        told[f"UseKeyOf{used.logical_id}", ""] = f"key of {used.label}: {', '.join(dict.fromkeys(reasons))}"
    return told


def _reasons(part: Function) -> Iterator[tuple[Verb, str]]:
    """Each verb with what needs it."""
    yield from ((grant.verb, grant.reason) for grant in part.grants)
    yield from ((verb, "asynchronous calls") for verb in calls.needed_verbs(part))
    for source in part.sources:
        for verb in kind_of(source.part).require("sources").needed_verbs(source):
            yield verb, source.label


def _sid(part: Part, path: str) -> str:
    return f"Use{part.logical_id}{_words(path)}"


def _use(names: Names, verbs: Iterable[Verb]) -> Iterator[Statement]:
    """One statement for each ARN, with the actions of all verbs on it."""
    granted: dict[tuple[str, str, str], tuple[Part, str, set[str]]] = {}
    for verb in verbs:
        key = (verb.part.kind, verb.part.name, verb.path)
        granted.setdefault(key, (verb.part, verb.path, set()))[2].update(verb.actions)
    for part, path, actions in granted.values():
        yield Statement(
            Sid=_sid(part, path),
            Effect=Allow,
            Action=[Action(*action.split(":", 1)) for action in sorted(actions)],
            Resource=[make_arn(names, part, path)],
        )


def _use_keys(names: Names, part: Function, verbs: Iterable[Verb], key: Key | None) -> Iterator[Statement]:
    """What the kinds of the used parts need of the key that encrypts each: its own, or the service's."""
    used: dict[tuple[str, str], tuple[Part, set[str]]] = {}
    for source in part.sources:
        used.setdefault((source.part.kind, source.part.name), (source.part, set()))
    for verb in verbs:
        used.setdefault((verb.part.kind, verb.part.name), (verb.part, set()))[1].update(verb.actions)
    for other, actions in used.values():
        module: Any = kind_of(other).load("encryption")
        # The service's own key encrypts nothing that others own.
        used_key = _as_value(other.key_arn) or (None if other.existing_arn else key)
        if module and used_key:
            yield from module.use_key(used_key, names, other, sorted(actions))


def _as_value(arn: str) -> Key | None:
    """An ARN with pseudo parameters, or without, as a policy has it."""
    return {"Fn::Sub": arn} if "${" in arn else arn or None


def _words(path: str) -> str:
    """``/index/by-status`` → ``IndexByStatus``: a Sid takes letters and digits alone."""
    return "".join(pascal_case(word) for word in "".join(c if c.isalnum() else "-" for c in path).split("-") if word)
