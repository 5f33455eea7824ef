"""Clients that remember what was asked of AWS and which operations it answered, for the peers' tests."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tapgen.aws.session import Aws

if TYPE_CHECKING:
    from botocore.model import OperationModel

    from tapgen.aws.session import ServiceName
    from tapgen.aws.target import Target

_FIRST_ERROR_STATUS = 301


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request as tapgen hands it to botocore."""

    service: str
    """botocore's name of the client: ``cloudformation``."""
    operation: str
    """``DescribeStacks``."""
    parameters: dict[str, Any]

    @property
    def name(self) -> str:
        """``cloudformation.DescribeStacks``."""
        return f"{self.service}.{self.operation}"


@dataclass(kw_only=True)
class Traffic:
    """What went over the wire.

    Attributes:
        requests: Every request that was sent, in order.
        answered: Names of the operations that were answered with success at least once.
    """

    requests: list[Request] = field(default_factory=list)
    answered: set[str] = field(default_factory=set)

    def watch(self, client: Any) -> Any:
        """Remember what a client sends; answers the client."""
        service = client.meta.service_model.service_name

        def sent(params: dict[str, Any], model: OperationModel, **_: object) -> None:
            self.requests.append(Request(service=service, operation=model.name, parameters=dict(params)))

        def answered(http_response: Any, model: OperationModel, **_: object) -> None:
            if http_response.status_code < _FIRST_ERROR_STATUS:
                self.answered.add(f"{service}.{model.name}")

        # What a control plane lacks it answers with a 5xx: trying again six times finds nothing else.
        service_id = client.meta.service_model.service_id.hyphenize()
        client.meta.events.unregister(f"needs-retry.{service_id}", unique_id=f"retry-config-{service_id}")
        client.meta.events.register_last("before-parameter-build", sent)
        client.meta.events.register("after-call", answered)
        return client


class RecordingAws(Aws):
    """Clients whose traffic is remembered.

    Args:
        target: Where calls go.
        traffic: Where they are remembered; one of its own when left out.
    """

    def __init__(self, target: Target, *, traffic: Traffic | None = None) -> None:
        super().__init__(target)
        self.traffic = traffic or Traffic()
        self._watched: dict[str, Any] = {}

    def client(self, service: ServiceName) -> Any:
        """The client of a service, watched from its first use on."""
        with self._lock:
            if service not in self._watched:
                self._watched[service] = self.traffic.watch(super().client(service))
            return self._watched[service]
