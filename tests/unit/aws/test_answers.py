"""What is taken for an answer of AWS, and how one is told that is none."""

from __future__ import annotations

from typing import Any

import botocore.session
import pytest

from tapgen.aws.answers import AnswerParserFactory

_PAGE = b"<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>\n<h1>Not Found</h1>"


def _parse(service: str, operation: str, status: int) -> Any:
    model = botocore.session.get_session().get_service_model(service)
    parser = AnswerParserFactory().create_parser(model.resolved_protocol)
    response = {"status_code": status, "headers": {"Content-Type": "text/html"}, "body": _PAGE, "context": {}}
    return parser.parse(response, model.operation_model(operation).output_shape)


@pytest.mark.parametrize(
    ("service", "operation"),
    [("lambda", "GetAccountSettings"), ("codedeploy", "GetDeployment"), ("cloudformation", "DescribeStacks")],
)
def test_a_page_is_no_message(service: str, operation: str) -> None:
    """An error that is a web page is told by its status, in every protocol: nobody wants its markup for a reason."""
    error = _parse(service, operation, 404)["Error"]

    assert error == {"Code": "404", "Message": "Not Found; the answer did not come from AWS"}
