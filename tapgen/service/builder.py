"""The service under definition: the words of every kind, and those about the service as a whole.

A kind's words stand in its folder (``vocabulary``). Each call checks its words at once and tells what is wrong.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tapgen.parts.bucket.vocabulary import Buckets
from tapgen.parts.bus.vocabulary import Buses
from tapgen.parts.collector import check_name
from tapgen.parts.faults import calling_place, tell
from tapgen.parts.function.builder import FunctionBuilder
from tapgen.parts.function.vocabulary import Functions
from tapgen.parts.http_api.model import HttpApi
from tapgen.parts.http_api.vocabulary import HttpApis
from tapgen.parts.parameter.vocabulary import Parameters
from tapgen.parts.part import Setting, pascal_case
from tapgen.parts.queue.vocabulary import Queues
from tapgen.parts.rule.vocabulary import Rules
from tapgen.parts.secret.vocabulary import Secrets
from tapgen.parts.table.vocabulary import Tables
from tapgen.parts.topic.vocabulary import Topics
from tapgen.service.loops import check_loops
from tapgen.service.model import Customization, Graph, Line, Model, OwnResource, Query

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tapgen.parts.function.model import Function
    from tapgen.parts.part import Part
    from tapgen.parts.route import Route

_STACKS = ("security", "data", "compute", "observability")


class Service(Tables, Buckets, Queues, Topics, Buses, Rules, Secrets, Parameters, Functions, HttpApis):
    """A service under definition.

    Args:
        name: Lower case; the first part of every physical name unless ``environments.yaml`` says another project.
        title: As templates and the dashboard call it; made from the name when left out.
    """

    def __init__(self, name: str, *, title: str = "") -> None:
        super().__init__()
        self._name = name
        self._title = title or f"{name[:1].upper()}{name[1:]} service"
        self._settings: list[Setting] = []
        self._graphs: list[Graph] = []
        self._queries: list[Query] = []
        self._resources: list[OwnResource] = []
        self._customizations: list[Customization] = []
        check_name("service", name)

    def setting(self, name: str, *, default: bool | int | str, description: str) -> Setting:
        """A setting of the service's own: ``settings.<name>`` of an environment, for a function's variables."""
        setting = Setting(name=name, default=default, description=description, place=calling_place())
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            tell(f"setting {name!r}: use lower-case letters, digits and _")
        self._settings.append(setting)
        return setting

    def graph(self, title: str, *lines: Line, unit: str, section: str) -> None:
        """A graph on the dashboard, of metrics that functions write."""
        self._graphs.append(Graph(section=section, title=title, unit=unit, lines=lines))

    def query(self, name: str, text: str, *, logs: Sequence[str], logical_id: str | None = None) -> None:
        """A saved Logs Insights query; ``logs`` are functions by name, or ``access`` for the API's access log."""
        made = logical_id or f"{pascal_case(name)}Query"
        self._queries.append(Query(name=name, text=text, logs=tuple(logs), logical_id=made, place=calling_place()))

    def resource(self, stack: str, resource: Any, *, actions: Sequence[str] = ()) -> Any:
        """Add any resource to a nested stack; answers it for references.

        What tapgen does not know of it (its cost, its alarms, what CloudFormation needs) is said, not guessed.

        Args:
            stack: ``security``, ``data``, ``compute`` or ``observability``.
            resource: A troposphere object.
            actions: What CloudFormation calls to handle it, where tapgen does not know its type.
        """
        if stack not in _STACKS:
            tell(f"resource({stack!r}, …): the stacks are {', '.join(_STACKS)}")
        elif not getattr(resource, "resource_type", ""):
            tell(f"resource({stack!r}, {resource!r}): the second argument is a troposphere resource")
        else:
            made = OwnResource(stack=stack, resource=resource, actions=tuple(actions), place=calling_place())  # type: ignore[arg-type]  # one of the four
            self._resources.append(made)
        return resource

    def customize(self, part: Part | FunctionBuilder, change: Callable[[Any], None]) -> None:
        """Change the resources that a part makes, before they are written.

        Args:
            part: Whose resources.
            change: Called with each troposphere object; it sets what it wants to be different.
        """
        target = part.part if isinstance(part, FunctionBuilder) else part
        self._customizations.append(Customization(part=target, change=change, place=calling_place()))

    def model(self) -> Model:
        """The finished definition; what does not fit together is told."""
        functions = tuple(builder.freeze() for builder in self._functions)
        routed = [function for function in functions if function.routes]
        if routed and not any(isinstance(part, HttpApi) for part in self._parts):
            self._parts.append(HttpApi(name="api", logical_id="Api", place=routed[0].place))
        _check_routes(functions)
        check_loops(functions)
        self._check_logs(functions)
        return Model(
            name=self._name,
            title=self._title,
            parts=(*self._parts, *functions),
            settings=tuple(self._settings),
            graphs=tuple(self._graphs),
            queries=tuple(self._queries),
            resources=tuple(self._resources),
            customizations=tuple(self._customizations),
        )

    def _check_logs(self, functions: Sequence[Function]) -> None:
        known = {"access", *(function.name for function in functions)}
        for query in self._queries:
            for log in query.logs:
                if log not in known and log not in ("before", "after"):
                    tell(
                        f"query {query.name!r} reads {log!r}; the logs are {', '.join(sorted(known))}",
                        place=query.place,
                    )


def _check_routes(functions: Sequence[Function]) -> None:
    seen: dict[str, Route] = {}
    ids: dict[str, Route] = {}
    for function in functions:
        for route in function.routes:
            # API Gateway tells routes apart without the names of their variables.
            shape = re.sub(r"\{[^}+]+(\+?)\}", r"{\1}", route.key)
            if shape in seen:
                tell(f"route {route.key!r} is there already, in {seen[shape].place}", place=route.place)
            elif route.logical_id in ids:
                text = f"route {route.key!r} has the logical id of {ids[route.logical_id].key!r}: give it logical_id="
                tell(text, place=route.place)
            seen.setdefault(shape, route)
            ids.setdefault(route.logical_id, route)
