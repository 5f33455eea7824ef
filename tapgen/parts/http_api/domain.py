"""The HTTP API's own domain name: certificate, domain, mapping of the base path, and records in a hosted zone.

API Gateway developer guide, "Set up a Regional custom domain name", "Map API stages to a custom domain name for HTTP
APIs". A function sees the path without the base path ("Create AWS Lambda proxy integrations for HTTP APIs", rawPath of
format 2.0).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from troposphere import GetAtt, Tags
from troposphere.apigatewayv2 import ApiMapping, DomainName, DomainNameConfiguration
from troposphere.certificatemanager import Certificate, DomainValidationOption
from troposphere.route53 import AliasTarget, RecordSetType

from tapgen.parts.http_api import values

if TYPE_CHECKING:
    from troposphere.apigatewayv2 import Api, Stage

    from tapgen.config.environment import Domain
    from tapgen.elements.wiring import Context
    from tapgen.elements.wiring import Stack as NestedStack
    from tapgen.parts.http_api.model import HttpApi

_RECORDS = {"A": "Ipv4Record", "AAAA": "Ipv6Record"}
"""Type of each record of the name → end of its logical id."""


def add_domain(stack: NestedStack, context: Context, part: HttpApi, *, api: Api, stage: Stage) -> None:
    """What makes the API answer below its domain name; nothing where the environment has none."""
    settings = context.environment.api.domain
    if settings is None:
        return
    domain = stack.add(
        DomainName(
            f"{part.logical_id}Domain",
            DomainName=settings.name,
            DomainNameConfigurations=[
                DomainNameConfiguration(
                    CertificateArn=settings.certificate_arn or _add_certificate(stack, context, part, settings),
                    EndpointType="REGIONAL",
                    IpAddressType="dualstack",
                    SecurityPolicy="TLS_1_2",
                )
            ],
            Tags=context.environment.cost_tags,
        )
    )
    stack.add(
        ApiMapping(
            f"{part.logical_id}Mapping",
            ApiId=api.ref(),
            ApiMappingKey=settings.base_path,
            DomainName=domain.ref(),
            Stage=stage.ref(),
        )
    )
    if settings.hosted_zone_id:
        _add_records(stack, part, settings, domain)
    else:
        stack.export(values.API_DOMAIN_TARGET, GetAtt(domain, "RegionalDomainName"))


def _add_certificate(stack: NestedStack, context: Context, part: HttpApi, settings: Domain) -> Any:
    """A certificate that ACM validates, and renews, by a record that CloudFormation puts into the zone."""
    certificate = stack.add(
        Certificate(
            f"{part.logical_id}Certificate",
            DomainName=settings.name,
            DomainValidationOptions=[
                DomainValidationOption(DomainName=settings.name, HostedZoneId=settings.hosted_zone_id)
            ],
            ValidationMethod="DNS",
            Tags=Tags(**context.environment.cost_tags),
        )
    )
    return certificate.ref()


def _add_records(stack: NestedStack, part: HttpApi, settings: Domain, domain: DomainName) -> None:
    for kind, suffix in _RECORDS.items():
        stack.add(
            RecordSetType(
                f"{part.logical_id}{suffix}",
                HostedZoneId=settings.hosted_zone_id,
                Name=settings.name,
                Type=kind,
                AliasTarget=AliasTarget(
                    DNSName=GetAtt(domain, "RegionalDomainName"),
                    HostedZoneId=GetAtt(domain, "RegionalHostedZoneId"),
                    EvaluateTargetHealth=False,
                ),
            )
        )
