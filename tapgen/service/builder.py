"""The vocabulary: what ``config/service.py`` calls. Each call checks its words at once and gathers what is wrong.

Functions and routes are built step by step and frozen by ``Service.model``; everything else is a frozen value from the
start.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeVar

from tapgen.journey.steps import Journey
from tapgen.parts.bucket.model import Bucket
from tapgen.parts.bus.model import Bus
from tapgen.parts.faults import calling_place, tell
from tapgen.parts.function.model import DESTINATIONS, Calls, Function, Vpc
from tapgen.parts.function.runtimes import RUNTIMES
from tapgen.parts.http_api.model import HttpApi
from tapgen.parts.parameter.model import Parameter
from tapgen.parts.part import Grant, Part, Setting, Verb, pascal_case, upper_case
from tapgen.parts.queue.model import Queue
from tapgen.parts.registry import kind_of
from tapgen.parts.route import Route
from tapgen.parts.rule.model import Rule
from tapgen.parts.schedule.model import Timing
from tapgen.parts.secret.model import Secret
from tapgen.parts.source import Source
from tapgen.parts.table.model import Index, Key, Table
from tapgen.parts.topic.model import Topic
from tapgen.service.loops import check_loops
from tapgen.service.model import Customization, Graph, Line, Model, OwnResource, Query
from tapgen.service.taken import check_taken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tapgen.parts.part import Place, Variable
    from tapgen.parts.route import Authorization

P = TypeVar("P", bound=Part)

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_MAX_NAME = 32
# What API Gateway takes as the key of a route (API Gateway developer guide, "Working with routes for HTTP APIs").
_ROUTE = re.compile(r"(ANY|DELETE|GET|HEAD|OPTIONS|PATCH|POST|PUT) (/\S*)|\$default")
_VARIABLE = re.compile(r"[A-Za-z][A-Za-z0-9_]+")
_KEY_TYPES = ("S", "N", "B")
_STACKS = ("security", "data", "compute", "observability")


class Service:
    """A service under definition.

    Args:
        name: Lower case; the first part of every physical name unless ``environments.yaml`` says another project.
        title: As templates and the dashboard call it; made from the name when left out.
    """

    def __init__(self, name: str, *, title: str = "") -> None:
        self._name = name
        self._title = title or f"{name[:1].upper()}{name[1:]} service"
        self._parts: list[Part] = []
        self._functions: list[FunctionBuilder] = []
        self._settings: list[Setting] = []
        self._graphs: list[Graph] = []
        self._queries: list[Query] = []
        self._resources: list[OwnResource] = []
        self._customizations: list[Customization] = []
        _check_name("service", name)

    def table(  # noqa: PLR0913 - a table has this many independent sides
        self,
        name: str,
        *,
        partition_key: str,
        sort_key: str | None = None,
        indexes: Mapping[str, tuple[str, ...] | str] | None = None,
        local_indexes: Mapping[str, str] | None = None,
        attributes: Sequence[str] = (),
        stream: bool = False,
        variable: str | None = None,
        logical_id: str | None = None,
        **settings: Any,
    ) -> Table:
        """A DynamoDB table.

        Args:
            name: Of the table, without the deployment's prefix.
            partition_key: Attribute, with its type when it is no string: ``"count:N"``.
            sort_key: The same; None for a table without.
            indexes: Global secondary indexes: name → partition key, or (partition key, sort key).
            local_indexes: Local secondary indexes: name → sort key.
            attributes: What the handlers write besides keys; ``ttl_attribute`` may be none of it.
            stream: Whether it has a stream though no function reads it.
            variable: The variable that a grant brings; ``ORDERS_TABLE`` when left out.
            logical_id: Of the resource, for a deployed stack that has another.
            **settings: Defaults of ``tables.<name>``: ``ttl_attribute``, ``point_in_time_recovery`` …
        """
        partition, sort = _key(partition_key), _key(sort_key) if sort_key else None
        listed = [_global_index(index, keys) for index, keys in (indexes or {}).items()]
        listed += [
            Index(name=index, partition_key=partition, sort_key=_key(key), local=True)
            for index, key in (local_indexes or {}).items()
        ]
        return self.add(
            Table(
                name=name,
                logical_id=logical_id or f"{pascal_case(name)}Table",
                partition_key=partition,
                sort_key=sort,
                indexes=tuple(listed),
                attributes=tuple(attributes),
                stream=stream,
                variable=variable or f"{upper_case(name)}_TABLE",
                defaults=settings,
                place=calling_place(),
            )
        )

    def bucket(
        self,
        name: str,
        *,
        access_logs: bool = True,
        variable: str | None = None,
        logical_id: str | None = None,
        **settings: Any,
    ) -> Bucket:
        """A private, versioned, encrypted bucket.

        Args:
            name: Of the bucket, between the deployment's prefix and the account id.
            access_logs: Whether S3 logs each request to it.
            variable: The variable that a grant brings; ``REPORTS_BUCKET`` when left out.
            logical_id: Of the resource, for a deployed stack that has another.
            **settings: Defaults of ``buckets.<name>``: ``expire_after_days``, ``glacier_after_days`` …
        """
        return self.add(
            Bucket(
                name=name,
                logical_id=logical_id or f"{pascal_case(name)}Bucket",
                access_logs=access_logs,
                variable=variable or f"{upper_case(name)}_BUCKET",
                defaults=settings,
                place=calling_place(),
            )
        )

    def queue(  # noqa: PLR0913 - a queue has this many independent sides
        self,
        name: str,
        *,
        fifo: bool = False,
        dead_letter_after: int | None = None,
        holds_failures: bool = False,
        variable: str | None = None,
        logical_id: str | None = None,
        **settings: Any,
    ) -> Queue:
        """A queue; with ``dead_letter_after``, it gets a second one for messages that failed so often.

        Args:
            name: Of the queue, without the deployment's prefix.
            fifo: In order, exactly once; its physical name ends with ``.fifo``.
            dead_letter_after: Receives after which a message goes to ``<name>-dead-letters``.
            holds_failures: Whether what arrives is trouble that somebody must look at; then one message alarms.
            variable: The variable that a grant brings; ``FULFILMENT_QUEUE_URL`` when left out.
            logical_id: Of the resource, for a deployed stack that has another.
            **settings: Defaults of ``queues.<name>``: ``retention_days``, ``visibility_timeout_s`` …
        """
        place = calling_place()
        if dead_letter_after is not None and not 1 <= dead_letter_after <= 1000:
            tell(f"dead_letter_after={dead_letter_after}: SQS allows 1 to 1000 receives")
        letters = self._dead_letters(name, fifo=fifo) if dead_letter_after else None
        return self.add(
            Queue(
                name=name,
                logical_id=logical_id or f"{pascal_case(name)}Queue",
                fifo=fifo,
                dead_letter_after=dead_letter_after,
                dead_letters=letters,
                holds_failures=holds_failures,
                variable=variable or f"{upper_case(name)}_QUEUE_URL",
                defaults=settings,
                place=place,
            )
        )

    def topic(
        self,
        name: str,
        *,
        queues: Sequence[Queue] = (),
        variable: str | None = None,
        logical_id: str | None = None,
    ) -> Topic:
        """A topic.

        Args:
            name: Of the topic, without the deployment's prefix.
            queues: Queues that get each notification.
            variable: The variable that a grant brings; ``SHIPPED_TOPIC_ARN`` when left out.
            logical_id: Of the resource, for a deployed stack that has another.
        """
        return self.add(
            Topic(
                name=name,
                logical_id=logical_id or f"{pascal_case(name)}Topic",
                queues=tuple(queues),
                variable=variable or f"{upper_case(name)}_TOPIC_ARN",
                place=calling_place(),
            )
        )

    def bus(self, name: str, *, variable: str | None = None, logical_id: str | None = None) -> Bus:
        """An event bus of the service's own; the variable that a grant brings is ``ORDERS_BUS``."""
        return self.add(
            Bus(
                name=name,
                logical_id=logical_id or f"{pascal_case(name)}Bus",
                variable=variable or f"{upper_case(name)}_BUS",
                place=calling_place(),
            )
        )

    def rule(
        self, name: str, *, pattern: Mapping[str, Any], bus: Bus | None = None, logical_id: str | None = None
    ) -> Rule:
        """Events that fit a pattern; ``rule.events()`` is their event source.

        Args:
            name: Of the rule, without the deployment's prefix.
            pattern: As EventBridge takes it: ``{"source": ["orders"], "detail-type": ["placed"]}``.
            bus: Of the service or of others; the account's default bus when left out.
            logical_id: Stem of the resource's id, for a deployed stack that has another.
        """
        if not pattern:
            tell(f"rule {name!r}: an empty pattern fits no event; say which events it takes")
        return self.add(
            Rule(
                name=name,
                logical_id=logical_id or pascal_case(name),
                pattern=dict(pattern),
                bus=bus,
                place=calling_place(),
            )
        )

    def secret(
        self,
        name: str,
        *,
        generated_length: int | None = None,
        variable: str | None = None,
        logical_id: str | None = None,
    ) -> Secret:
        """A secret, read at run time; its value is in no template and no variable.

        Args:
            name: Of the secret, without the deployment's prefix.
            generated_length: Characters of a password that Secrets Manager makes up; empty until set when left out.
            variable: The variable that a grant brings; ``PAYMENT_KEY_SECRET`` holds the name when left out.
            logical_id: Of the resource, for a deployed stack that has another.
        """
        return self.add(
            Secret(
                name=name,
                logical_id=logical_id or f"{pascal_case(name)}Secret",
                generated_length=generated_length,
                variable=variable or f"{upper_case(name)}_SECRET",
                place=calling_place(),
            )
        )

    def parameter(self, name: str, *, variable: str | None = None) -> Parameter:
        """A parameter that somebody sets and functions read; ``LIMIT_PARAMETER`` holds its name."""
        return self.add(
            Parameter(
                name=name,
                logical_id=f"{pascal_case(name)}Parameter",
                variable=variable or f"{upper_case(name)}_PARAMETER",
                place=calling_place(),
            )
        )

    def function(  # noqa: PLR0913 - a function has this many independent sides
        self,
        name: str,
        *,
        on: Source | Timing | Sequence[Source | Timing] = (),
        folder: str | None = None,
        entry_point: str = "app.handler",
        runtime: str = "python3.13",
        build: str = "",
        image: str = "",
        layered: bool = True,
        layers: Sequence[str] = (),
        role: str = "",
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
                vpc=vpc,
                calls=calls,
                description=description,
                sources=tuple(self._attach(name, on, place)),
                variables=dict(variables or {}),
                defaults=settings,
                place=place,
            )
        )
        _check_name("function", name)
        _check_settings(builder.part)
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

    def http_api(self, name: str = "api", *, description: str = "") -> HttpApi:
        """The HTTP API, for a name or description of its own; the first route makes one otherwise."""
        return self.add(
            HttpApi(name=name, logical_id=pascal_case(name), description=description, place=calling_place())
        )

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

    def add(self, part: P) -> P:
        """Add a part of any kind, another package's among them; answers it."""
        _check_name(part.kind, part.name)
        _check_settings(part)
        for other in self._parts:
            if other.kind == part.kind and other.name == part.name:
                tell(f"{part.label} is defined twice, first in {other.place}", place=part.place)
            elif other.logical_id == part.logical_id:
                tell(f"{part.label} has the logical id {part.logical_id} of {other.label}", place=part.place)
        self._parts.append(part)
        return part

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

    def _attach(self, name: str, on: Source | Timing | Sequence[Source | Timing], place: Place) -> Iterator[Source]:
        """The sources; what names a time becomes a schedule of the function's name."""
        listed = on if isinstance(on, list | tuple) else (on,)
        for number, item in enumerate(listed, start=1):
            if isinstance(item, Timing):
                source = item.attach(name if number == 1 else f"{name}-{number}", place)
                self.add(source.part)
                yield source
            elif isinstance(item, Source):
                yield item
            else:
                text = "an event source is what a part offers, e.g. queue.messages(), table.changes(), every('1 day')"
                tell(f"on={item!r}: {text}", place=place)

    def _dead_letters(self, name: str, *, fifo: bool) -> Queue:
        return self.add(
            Queue(
                name=f"{name}-dead-letters",
                logical_id=f"{pascal_case(name)}DeadLetterQueue",
                fifo=fifo,
                holds_failures=True,
                variable=f"{upper_case(name)}_DEAD_LETTERS_QUEUE_URL",
                place=calling_place(),
            )
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


class FunctionBuilder:
    """A function under definition."""

    def __init__(self, function: Function) -> None:
        self._function = function
        self._routes: list[RouteBuilder] = []
        self._grants: list[Grant] = []
        self._journey: Journey | None = None

    @property
    def part(self) -> Function:
        """The function as it was begun."""
        return self._function

    @property
    def name(self) -> str:
        """Of the function."""
        return self._function.name

    def may(self, *verbs: Verb) -> FunctionBuilder:
        """Grant verbs, for whatever event invokes the function."""
        sources = ", ".join(source.label for source in self._function.sources)
        self._grant(verbs, sources or f"function {self.name}")
        return self

    def route(  # noqa: PLR0913 - each is a property of a route
        self,
        key: str,
        *,
        public: bool = False,
        authorization: Authorization | None = None,
        scopes: Sequence[str] = (),
        rate_rps: int | None = None,
        burst: int | None = None,
        logical_id: str | None = None,
    ) -> RouteBuilder:
        """Answer a route of the HTTP API: ``GET /orders/{orderId}``.

        Args:
            key: Method and path, or ``$default`` for whatever no other route takes.
            public: Open to everybody whatever the environment's authorization.
            authorization: Of this route; the environment's when left out.
            scopes: With JWT: the caller's token needs one of them.
            rate_rps: Steady requests per second of this route; the stage's when left out.
            burst: Requests at once; the stage's when left out.
            logical_id: Stem of the route's ids, for a deployed stack that has another.
        """
        if not _ROUTE.fullmatch(key):
            tell(f"route {key!r}: write METHOD /path or $default, e.g. 'GET /{self.name}/{{id}}'")
        route = Route(
            key=key,
            logical_id=logical_id or _route_id(key),
            public=public,
            authorization=authorization,
            scopes=tuple(scopes),
            rate_rps=rate_rps,
            burst=burst,
            place=calling_place(),
        )
        builder = RouteBuilder(route, self)
        self._routes.append(builder)
        return builder

    def tried_by(self, journey: object) -> FunctionBuilder:
        """How the function is tried by hooks, probes, ``verify``, ``rehearse`` and ``iam prove``."""
        if not isinstance(journey, Journey):
            tell(f"tried_by({journey!r}): not a Journey; tapgen.journey makes them")
            return self
        self._journey = journey
        return self

    def freeze(self) -> Function:
        """The finished function."""
        from dataclasses import replace

        merged: dict[Verb, list[str]] = {}
        for grant in self._grants:
            reasons = merged.setdefault(grant.verb, [])
            if grant.reason not in reasons:
                reasons.append(grant.reason)
        return replace(
            self._function,
            routes=tuple(builder.route for builder in self._routes),
            grants=tuple(Grant(verb=verb, reason=", ".join(reasons)) for verb, reasons in merged.items()),
            journey=self._journey,
        )

    def grant(self, verbs: Sequence[Verb], *, reason: str) -> None:
        """Grant verbs for a reason; :meth:`may` and a route's ``may`` say it for their users."""
        self._grant(verbs, reason)

    def _grant(self, verbs: Sequence[object], reason: str) -> None:
        for verb in verbs:
            if not isinstance(verb, Verb):
                shown = getattr(verb, "__name__", None) or repr(verb)
                tell(f"may({shown}): not a verb; a verb is what a part offers, e.g. table.put or queue.send")
                continue
            self._grants.append(Grant(verb=verb, reason=reason))


class RouteBuilder:
    """A route under definition."""

    def __init__(self, route: Route, function: FunctionBuilder) -> None:
        self.route = route
        self._function = function

    def may(self, *verbs: Verb) -> RouteBuilder:
        """Grant verbs to the function; the route is their reason."""
        self._function.grant(verbs, reason=self.route.key)
        return self


def _check_name(kind: str, name: str) -> None:
    check_taken(kind, name)
    if not isinstance(name, str) or not _NAME.fullmatch(name) or len(name) > _MAX_NAME:
        tell(f"{kind} {name!r}: a name is lower-case words joined by hyphens, {_MAX_NAME} characters at most")


def _check_settings(part: Part) -> None:
    """A kind that has settings takes those alone; others take none."""
    settings = kind_of(part).settings
    known = [field.name for field in fields(settings)] if settings else []
    for name in part.defaults:
        if name in known:
            continue
        close = difflib.get_close_matches(name, known, n=1)
        allowed = f"its settings are {', '.join(known)}" if known else "it has none"
        tell(f"{part.label} has no setting {name!r}; {f'did you mean {close[0]!r}?' if close else allowed}")


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


def _key(text: str) -> Key:
    name, _, kind = text.partition(":")
    if kind and kind not in _KEY_TYPES:
        tell(f"key {text!r}: the type after the colon is S, N or B")
    return Key(name=name, type="S" if kind not in _KEY_TYPES else kind)  # type: ignore[arg-type]  # one of the three


def _global_index(name: str, keys: tuple[str, ...] | str) -> Index:
    listed = (keys,) if isinstance(keys, str) else tuple(keys)
    if len(listed) not in (1, 2):
        tell(f"index {name!r}: give a partition key, or (partition key, sort key); {len(listed)} were given")
        listed = (*listed, name)[:1]
    return Index(name=name, partition_key=_key(listed[0]), sort_key=_key(listed[1]) if len(listed) > 1 else None)


def _route_id(key: str) -> str:
    """``GET /orders/{orderId}`` → ``GetOrdersOrderId``."""
    if key == "$default":
        return "Default"
    words = re.findall(r"[A-Za-z0-9]+", key)
    return "".join(
        word[:1].upper() + (word[1:].lower() if index == 0 else word[1:]) for index, word in enumerate(words)
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
