"""What a custom domain needs beside API Gateway: a certificate and a name."""

from __future__ import annotations

from tapgen.iam.resource_actions.calls import ResourceCalls

ROWS = (
    ResourceCalls(
        "AWS::CertificateManager::Certificate",
        create="acm:AddTagsToCertificate DescribeCertificate RequestCertificate; "
        "route53:ChangeResourceRecordSets GetChange",
        read="acm:DescribeCertificate ListTagsForCertificate",
        update="acm:AddTagsToCertificate DescribeCertificate RemoveTagsFromCertificate UpdateCertificateOptions",
        delete="acm:DeleteCertificate DescribeCertificate; route53:ChangeResourceRecordSets GetChange",
        source="CloudFormation template reference, 'AWS::CertificateManager::Certificate', DNS validation",
    ),
    ResourceCalls(
        "AWS::Route53::RecordSet",
        create="route53:ChangeResourceRecordSets GetChange GetHostedZone ListResourceRecordSets",
        read="route53:GetHostedZone ListResourceRecordSets",
        update="route53:ChangeResourceRecordSets GetChange GetHostedZone ListResourceRecordSets",
        delete="route53:ChangeResourceRecordSets GetChange GetHostedZone ListResourceRecordSets",
        source="CloudFormation's schema of the type; a record names its zone by id, so ListHostedZones is left out",
    ),
)
