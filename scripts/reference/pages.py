"""The reference of all parts as Markdown."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

from scripts.reference.kinds import KindPage, read_kind
from scripts.reference.signatures import Call, list_calls, read_call
from tapgen.parts.function.builder import FunctionBuilder, RouteBuilder
from tapgen.parts.registry import list_kinds
from tapgen.parts.schedule import model as schedule
from tapgen.service import existing
from tapgen.service.builder import Service

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEAD = """# Parts

What `config/service.py` can be made of. This page is written from the parts themselves by `scripts/parts write`;
[Your service](../start/your-service.md) shows how they are used.

A part is made by a call of the service and is a value: hand it to the functions that use it. Each **verb** grants one
set of actions on the part's exact ARN: `api.route("GET /orders").may(orders.query())`. With a grant comes a variable
with the part's name (`ORDERS_TABLE`). An **event source** invokes a function:
`service.function("worker", on=jobs.messages())`. The settings of a kind stand in `config/environments.yaml`, for all
parts of the kind or for one by its name, and can be given a default in the call.
"""


def write_page() -> str:
    """The whole page."""
    pages = [read_kind(kind) for kind in list_kinds()]
    sections = [_HEAD, "\n".join(f"- [{_title(page)}](#{_anchor(page)}): {page.summary}" for page in pages)]
    sections += ["\n\n".join(_kind(page)) for page in pages]
    sections += ["\n\n".join(_others(pages))]
    return "\n\n".join(section.strip("\n") for section in sections) + "\n"


def _title(page: KindPage) -> str:
    name = page.kind.name
    return f"{name[:1].upper()}{name[1:]}".replace("Http api", "HTTP API")


def _anchor(page: KindPage) -> str:
    return page.kind.name.replace(" ", "-")


def _kind(page: KindPage) -> Iterator[str]:
    yield f"## {_title(page)}"
    yield page.summary
    for call in page.calls:
        yield from _call(call, owner="service", level=3)
    if page.kind.name == "function":
        yield from _calls(FunctionBuilder, owner="function")
        yield from _calls(RouteBuilder, owner="route")
    if page.kind.name == "schedule":
        for name in ("every", "cron"):
            yield from _call(read_call(getattr(schedule, name), name), owner="", level=3)
    if page.verbs:
        yield "### Verbs"
        rows = [f"| `{verb.call}` | {verb.summary} | {_codes(verb.actions)} |" for verb in page.verbs]
        yield "\n".join(["| verb | what it does | actions |", "|---|---|---|", *rows])
    if page.sources:
        yield "### Event sources"
        for source in page.sources:
            yield from _call(source, owner=page.kind.part.__name__.lower(), level=4)
    if page.settings:
        yield f"### Settings: `{page.kind.shared}`, `{page.kind.section}.<name>`"
        rows = [
            f"| `{item.name}` | {item.allowed} | {item.default} | {item.production} | {item.text} |"
            for item in page.settings
        ]
        yield "\n".join(["| setting | allowed | default | in production | |", "|---|---|---|---|---|", *rows])
    if page.runbooks:
        yield "### Runbooks"
        rows = [f"- [{slug}](../runbooks/{slug}.md): {text}" for slug, text in sorted(page.runbooks.items())]
        yield "\n".join(rows)


def _others(pages: list[KindPage]) -> Iterator[str]:
    told = {call.name for page in pages for call in page.calls}
    yield "## The service itself"
    for name, item in list_calls(Service):
        if name not in {*told, "model", "add"}:
            yield from _call(read_call(item, name), owner="service", level=3)
    yield "## What others own"
    yield " ".join((inspect.getdoc(existing) or "").split())
    for name, item in vars(existing).items():
        if inspect.isfunction(item) and not name.startswith("_") and item.__module__ == existing.__name__:
            yield from _call(read_call(item, name), owner="existing", level=3)


def _calls(builder: type, *, owner: str) -> Iterator[str]:
    for name, item in list_calls(builder):
        if name not in ("freeze", "grant"):
            yield from _call(read_call(item, name), owner=owner, level=3)


def _call(call: Call, *, owner: str, level: int) -> Iterator[str]:
    yield f"{'#' * level} `{f'{owner}.' if owner else ''}{call.name}`"
    yield f"```python\n{_wrap(call.render(owner))}\n```"
    yield call.summary
    rows = [
        f"| `{item.name}` | {_default(item.default)} | {_cell(item.text)} |" for item in call.parameters if item.text
    ]
    if rows:
        yield "\n".join(["| parameter | default | |", "|---|---|---|", *rows])


def _wrap(text: str) -> str:
    """A call on one line where it fits, otherwise one parameter a line."""
    if len(text) <= 100:
        return text
    name, _, rest = text.partition("(")
    inner = rest.removesuffix(")")
    parts, depth, start = [], 0, 0
    for index, character in enumerate(inner):
        depth += (character in "([{") - (character in ")]}")
        if character == "," and not depth:
            parts.append(inner[start:index].strip())
            start = index + 1
    parts.append(inner[start:].strip())
    return "\n".join([f"{name}(", *(f"    {part}," for part in parts), ")"])


def _default(text: str) -> str:
    return f"`{text}`" if text else ""


def _cell(text: str) -> str:
    return text.replace("``", "`").replace("|", "\\|")


def _codes(words: tuple[str, ...]) -> str:
    return ", ".join(f"`{word}`" for word in words)
