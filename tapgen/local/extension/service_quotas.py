"""Service Quotas, as far as somebody looks before a deploy: which quotas an account has, at AWS's defaults.

JSON 1.1 with ``X-Amz-Target: ServiceQuotasV20190624.<Operation>``. A service that is not known here has no quotas; the
embedded AWS enforces none of them. AWS documentation: Service Quotas API reference; "CloudFormation quotas".
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tapgen.local.extension.codedeploy import registration

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tapgen.local.extension.seams import Seam
    from tapgen.local.extension.settings import Settings

    Request = dict[str, Any]
    Response = tuple[int, dict[str, str], bytes]

SEAMS: tuple[Seam, ...] = registration.SEAMS

_QUOTAS: Mapping[str, Mapping[str, tuple[str, int]]] = {
    "cloudformation": {"L-0485CB21": ("Stack count", 2000)},
    "lambda": {"L-B99A9384": ("Concurrent executions", 1000)},
}
"""Service code → quota code → its name and AWS's default."""


def install(settings: Settings) -> None:  # noqa: ARG001 - the contract of every extension module
    """Add the service."""
    registration.register("servicequotas", ServiceQuotas(), "ServiceQuotasV20190624")


class ServiceQuotas:
    """The service; what MiniStack asks of the module of one."""

    async def handle_request(
        self, method: str, path: str, headers: dict[str, str], body: bytes, query_params: dict[str, Any]
    ) -> Response:
        """Answer one request."""
        del method, path, query_params
        operation = headers.get("x-amz-target", "").rpartition(".")[2]
        answer = _OPERATIONS.get(operation)
        if answer is None:
            return _refusal("UnknownOperationException", f"The embedded AWS does not offer servicequotas:{operation}")
        try:
            return 200, dict(_HEADERS), json.dumps(answer(json.loads(body or b"{}"))).encode()
        except LookupError:
            return _refusal(
                "NoSuchResourceException", "The request failed because the specified service does not exist."
            )

    def reset(self) -> None:
        """There is nothing to forget."""

    def get_state(self) -> dict[str, Any]:
        """There is nothing to keep."""
        return {}

    def load_persisted_state(self, data: dict[str, Any] | None) -> None:
        """There was nothing to keep."""


def _list_quotas(request: Request) -> dict[str, Any]:
    service = request["ServiceCode"]
    return {"Quotas": [_quota(service, code) for code in _QUOTAS.get(service, {})]}


def _get_quota(request: Request) -> dict[str, Any]:
    return {"Quota": _quota(request["ServiceCode"], request["QuotaCode"])}


def _quota(service: str, code: str) -> dict[str, Any]:
    name, value = _QUOTAS[service][code]
    return {"ServiceCode": service, "QuotaCode": code, "QuotaName": name, "Value": float(value), "Adjustable": True}


def _refusal(code: str, message: str) -> Response:
    return 400, dict(_HEADERS), json.dumps({"__type": code, "message": message}).encode()


_HEADERS = {"Content-Type": "application/x-amz-json-1.1"}
_OPERATIONS: Mapping[str, Callable[[Request], dict[str, Any]]] = {
    "GetServiceQuota": _get_quota,
    "ListServiceQuotas": _list_quotas,
}
