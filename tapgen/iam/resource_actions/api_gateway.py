"""HTTP APIs, their routes, and their custom domains."""

from __future__ import annotations

from tapgen.iam.resource_actions.calls import Addition, Omission, ResourceCalls

ROWS = (
    ResourceCalls(
        "AWS::ApiGatewayV2::Api",
        create="apigateway:POST PUT",
        read="apigateway:GET",
        update="apigateway:DELETE GET PATCH POST PUT",
        delete="apigateway:DELETE GET",
        omitted=(Omission("s3:GetObject", "no API definition is imported from S3", unless=("BodyS3Location",)),),
    ),
    ResourceCalls(
        "AWS::ApiGatewayV2::ApiMapping",
        create="apigateway:POST",
        read="apigateway:GET",
        update="apigateway:GET PATCH PUT",
        delete="apigateway:DELETE",
    ),
    ResourceCalls(
        "AWS::ApiGatewayV2::Authorizer",
        create="apigateway:POST",
        read="apigateway:GET",
        update="apigateway:GET PATCH PUT",
        delete="apigateway:DELETE GET",
        omitted=(Omission("iam:PassRole", "no AuthorizerCredentialsArn", unless=("AuthorizerCredentialsArn",)),),
    ),
    ResourceCalls(
        "AWS::ApiGatewayV2::DomainName",
        create="apigateway:GET POST PUT",
        read="apigateway:GET",
        update="apigateway:DELETE GET PATCH POST PUT",
        delete="apigateway:DELETE GET",
        added=(
            Addition(
                "apigateway:AddCertificateToDomain RemoveCertificateFromDomain",
                "the domain's certificate: API Gateway developer guide, 'Actions, resources, and condition keys'",
            ),
        ),
    ),
    ResourceCalls(
        "AWS::ApiGatewayV2::Integration",
        create="apigateway:POST",
        read="apigateway:GET",
        update="apigateway:GET PATCH PUT",
        delete="apigateway:DELETE GET",
        omitted=(
            Omission(
                "iam:PassRole",
                "no CredentialsArn: API Gateway invokes by the function's own policy",
                unless=("CredentialsArn",),
            ),
        ),
    ),
    ResourceCalls(
        "AWS::ApiGatewayV2::Route",
        create="apigateway:POST",
        read="apigateway:GET",
        update="apigateway:GET PATCH PUT",
        delete="apigateway:DELETE GET",
    ),
    ResourceCalls(
        "AWS::ApiGatewayV2::Stage",
        create="apigateway:POST",
        read="apigateway:GET",
        update="apigateway:DELETE PATCH POST",
        delete="apigateway:DELETE",
        added=(
            Addition(
                (
                    "logs:CreateLogDelivery DeleteLogDelivery DescribeLogGroups DescribeResourcePolicies "
                    "GetLogDelivery ListLogDeliveries PutResourcePolicy UpdateLogDelivery"
                ),
                "access logs: API Gateway developer guide, 'Configure logging for HTTP APIs'",
            ),
        ),
        omitted=(
            Omission(
                "apigateway:TagResource UntagResource",
                "IAM has no such actions: tags are set with POST and DELETE on /tags",
            ),
        ),
    ),
)
