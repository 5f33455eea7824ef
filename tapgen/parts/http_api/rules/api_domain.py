"""The API's own domain name has its certificate, its mapping and its records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.rule import Found, Rule, differences, show

if TYPE_CHECKING:
    from tapgen.elements.templates import Templates

_CONFIGURATION = "DomainNameConfigurations.0"


def _find(templates: Templates) -> Found:
    domain = templates.environment.api.domain
    if domain is None:
        return
    for item in templates.generated("AWS::ApiGatewayV2::DomainName"):
        wanted = {
            "DomainName": domain.name,
            f"{_CONFIGURATION}.EndpointType": "REGIONAL",
            f"{_CONFIGURATION}.IpAddressType": "dualstack",
            f"{_CONFIGURATION}.SecurityPolicy": "TLS_1_2",
        }
        yield from differences(item, wanted)
        certificate = item.get(f"{_CONFIGURATION}.CertificateArn")
        target = templates.trace(item.stack, certificate)
        made = target is not None and target.resource.type == "AWS::CertificateManager::Certificate"
        if not made and (certificate is None or certificate != domain.certificate_arn):
            yield item, f"has the certificate {show(certificate)}"
    for item in templates.generated("AWS::CertificateManager::Certificate"):
        proof = [{"DomainName": domain.name, "HostedZoneId": domain.hosted_zone_id}]
        wanted_of_it = {"DomainName": domain.name, "DomainValidationOptions": proof, "ValidationMethod": "DNS"}
        yield from differences(item, wanted_of_it)
    for item in templates.generated("AWS::ApiGatewayV2::ApiMapping"):
        if (item.get("ApiMappingKey") or "") != (domain.base_path or ""):
            yield item, f"ApiMappingKey is {show(item.get('ApiMappingKey'))}; {show(domain.base_path)} is asked for"
    yield from _judge_records(templates, domain.name, domain.hosted_zone_id)


def _judge_records(templates: Templates, name: str, zone: str | None) -> Found:
    records = list(templates.generated("AWS::Route53::RecordSet"))
    for item in records:
        target = templates.trace(item.stack, item.get("AliasTarget.DNSName"))
        if target is None or target.resource.type != "AWS::ApiGatewayV2::DomainName":
            yield item, "leads to no domain name of this API"
        yield from differences(item, {"Name": name, "HostedZoneId": zone, "AliasTarget.EvaluateTargetHealth": False})
    if records and {item.get("Type") for item in records} != {"A", "AAAA"}:
        yield records[0], "leaves callers of IPv4 or IPv6 without a record"


RULE = Rule(
    id="api-domain",
    holds="The API's own domain name is served over TLS 1.2 to IPv4 and IPv6, with a certificate that DNS proves, "
    "under the path and by the records that `api.domain` asks for.",
    why="Callers of a name that leads nowhere, or whose certificate is not renewed, get no answer.",
    source='API Gateway developer guide, "Custom domain names for HTTP APIs"',
    severity="warning",
    find=_find,
)
