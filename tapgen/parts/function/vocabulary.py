"""How ``config/service.py`` writes a function: its code, what invokes it, and the settings that it begins with."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Any

from tapgen.parts.collector import Collector, check_part
from tapgen.parts.faults import calling_place, tell
from tapgen.parts.function.builder import FunctionBuilder
from tapgen.parts.function.model import DESTINATIONS, Calls, Function, Vpc
from tapgen.parts.function.runtimes import RUNTIMES
from tapgen.parts.part import pascal_case
from tapgen.parts.source import Attachable, Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tapgen.parts.part import Place, Variable

_VARIABLE = re.compile(r"[A-Za-z][A-Za-z0-9_]+")


class Functions(Collector):
    """Makes functions, which are frozen when the service is whole."""

    def __init__(self) -> None:
        super().__init__()
        self._functions: list[FunctionBuilder] = []

    def function(  # noqa: PLR0913 - a function has this many independent sides
        self,
        name: str,
        *,
        on: Source | Attachable | Sequence[Source | Attachable] = (),
        folder: str | None = None,
        entry_point: str = "app.handler",
        runtime: str = "python3.13",
        build: str = "",
        image: str = "",
        layered: bool = True,
        layers: Sequence[str] = (),
        role: str = "",
        key: str = "",
        vpc: Vpc | None = None,
        calls: Calls | None = None,
        description: str = "",
        variables: Mapping[str, Variable] | None = None,
        **settings: Any,
    ) -> FunctionBuilder:
        """A function with version, alias, log group, alarms, guards and deployment group.

        Args:
            name: Of the function, without the deployment's prefix.
            on: The event sources that invoke it: ``jobs.messages(batch=10)``.
            folder: Its folder below ``handlers/``; the name with ``_`` for ``-`` when left out.
            entry_point: Module and function within the folder.
            runtime: As Lambda names it.
            build: Command for what is not Python: run in the project's folder through no shell, it fills the folder
                that the variable ``TAPGEN_OUT`` names: ``sh -c 'cp -r handlers/web/. "$TAPGEN_OUT"'``.
            image: URI of a container image, instead of a zip.
            layered: Whether it uses the dependency layer.
            layers: ARNs of further layers: extensions, an OpenTelemetry distribution.
            role: ARN of a role of others (``existing.role``), instead of one of its own.
            key: Of others that encrypts its variables and its log group: ``existing.key(arn)``.
            vpc: A network of others (``existing.vpc``).
            calls: Retries and destinations of asynchronous invocations.
            description: For the console.
            variables: Environment variables beside those that grants bring.
            **settings: Defaults of ``functions.<name>``: ``memory_mb``, ``timeout_s`` …
        """
        place = calling_place()
        builder = FunctionBuilder(
            Function(
                name=name,
                logical_id=pascal_case(name),
                folder=folder or name.replace("-", "_"),
                entry_point=entry_point,
                runtime=runtime,
                build=build,
                image=image,
                layered=layered,
                layers=tuple(layers),
                role_arn=role,
                key_arn=key,
                vpc=vpc,
                calls=calls,
                description=description,
                sources=tuple(self._attach(name, on, place)),
                variables=dict(variables or {}),
                defaults=settings,
                place=place,
            )
        )
        check_part(builder.part)
        _check_code(name, runtime=runtime, build=build, image=image)
        if calls:
            _check_calls(name, calls)
        if any(other.name == name for other in self._functions):
            tell(f"function {name!r} is defined twice")
        for variable in variables or {}:
            if not _VARIABLE.fullmatch(variable):
                tell(f"variable {variable!r}: Lambda takes letters, digits and _, beginning with a letter")
        self._functions.append(builder)
        return builder

    def _attach(
        self, name: str, on: Source | Attachable | Sequence[Source | Attachable], place: Place
    ) -> Iterator[Source]:
        """The sources; a time of invocation becomes a schedule of the function's name."""
        listed = on if isinstance(on, list | tuple) else (on,)
        for number, item in enumerate(listed, start=1):
            if isinstance(item, Attachable):
                source = item.attach(name if number == 1 else f"{name}-{number}", place)
                self.add(source.part)
                yield source
            elif isinstance(item, Source):
                yield item
            else:
                text = "an event source is what a part offers, e.g. queue.messages(), table.changes(), every('1 day')"
                tell(f"on={item!r}: {text}", place=place)


def _check_code(name: str, *, runtime: str, build: str, image: str) -> None:
    if image:
        return
    if runtime not in RUNTIMES:
        close = difflib.get_close_matches(runtime, RUNTIMES, n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"the runtimes are {', '.join(RUNTIMES)}"
        tell(f"function {name!r}: Lambda has no runtime {runtime!r}; {hint}")
    elif not runtime.startswith("python") and not build:
        tell(f"function {name!r}: {runtime} needs build=, a command that fills the folder of $TAPGEN_OUT")


def _check_calls(name: str, calls: Calls) -> None:
    for destination in (calls.on_success, calls.on_failure):
        if destination is not None and destination.kind not in DESTINATIONS:
            tell(f"function {name!r}: {destination.label} is no destination; {', '.join(DESTINATIONS)} are")
    if not 0 <= calls.retries <= 2:
        tell(f"function {name!r}: retries={calls.retries}; Lambda allows 0 to 2")
    if not 60 <= calls.maximum_age_s <= 21600:
        tell(f"function {name!r}: maximum_age_s={calls.maximum_age_s}; Lambda allows 60 to 21600")
