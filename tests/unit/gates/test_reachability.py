"""An address that callers know goes with no release unless somebody says so."""

from __future__ import annotations

from typing import Any

import pytest

from tapgen.gates.reachability import find_cuts

API, MAPPING = "Compute.Api", "Compute.ApiMapping"


def _stacks(*, domain: str = "", base_path: str = "", default_endpoint: bool = True) -> dict[str, Any]:
    resources: dict[str, Any] = {"Api": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Name": "api"}}}
    if not default_endpoint:
        resources["Api"]["Properties"]["DisableExecuteApiEndpoint"] = True
    if domain:
        resources["ApiDomain"] = {"Type": "AWS::ApiGatewayV2::DomainName", "Properties": {"DomainName": domain}}
        resources["ApiMapping"] = {
            "Type": "AWS::ApiGatewayV2::ApiMapping",
            "Properties": {"ApiMappingKey": base_path, "DomainName": {"Ref": "ApiDomain"}},
        }
    return {"root": {"Resources": {}}, "Compute": {"Resources": resources}}


NAMED: dict[str, Any] = {"domain": "api.example.com", "base_path": "orders"}


@pytest.mark.parametrize(
    ("before", "after", "cut"),
    [
        ({}, NAMED, []),
        ({}, {**NAMED, "default_endpoint": False}, [API]),
        ({**NAMED, "default_endpoint": False}, {**NAMED, "default_endpoint": False}, []),
        (NAMED, {**NAMED, "default_endpoint": False}, [API]),
        (NAMED, {}, [MAPPING]),
        (NAMED, {**NAMED, "domain": "api.example.org"}, [MAPPING]),
        (NAMED, {**NAMED, "base_path": "orders/v2"}, [MAPPING]),
        ({**NAMED, "default_endpoint": False}, NAMED, []),
    ],
)
def test_what_stops_answering_is_named(before: dict[str, Any], after: dict[str, Any], cut: list[str]) -> None:
    """A domain that goes or is renamed, another base path, and a default endpoint that is turned off."""
    assert [threat.path for threat in find_cuts(_stacks(**before), _stacks(**after))] == cut


def test_it_says_where_callers_get_no_answer() -> None:
    """The whole address, as callers have it."""
    (threat,) = find_cuts(_stacks(**NAMED), _stacks())

    assert threat.text == (
        "Compute.ApiMapping (AWS::ApiGatewayV2::ApiMapping): callers of api.example.com/orders would get no answer"
    )


def test_an_api_that_goes_is_named() -> None:
    """Its default endpoint was an address, too."""
    assert [threat.path for threat in find_cuts(_stacks(), {"root": {"Resources": {}}})] == [API]
