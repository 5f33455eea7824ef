"""An API below a path of its own domain name, the default endpoint off: whoever calls the API calls that URL."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

import pytest

from tests.projects.conftest import LOCAL, call, copy_test_project

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.local.cli.conftest import Project

ZONE, NAME = "Z0123456789ABC", "api.example.com"
DOMAIN = f"{{name: {NAME}, base_path: shop/v1, hosted_zone_id: {ZONE}}}"
SHIFT = "{type: canary, percentage: 50, interval_min: 1, minimum_requests: 1, probes: {rate_per_min: 120}}"
ADDRESS = "Compute.ApiMapping"


def configure(project: Project, api: str) -> None:
    """Write the local environment."""
    text = f"project: orders\nenvironments:\n  local:\n    shift: {SHIFT}\n    api: {api}\n"
    (project.folder / "config" / "environments.yaml").write_text(text, encoding="utf-8")


@pytest.fixture(name="project", scope="module")
def _project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """The orders service, after the owner of the zone has made it."""
    project = copy_test_project("orders", tmp_path_factory.mktemp("domain"))
    configure(project, f"{{domain: {DOMAIN}}}")
    project.run("local", "start")
    project.client("route53").create_hosted_zone(Name="example.com", CallerReference=f"id:{ZONE}")
    yield project
    project.run("local", "stop")


@pytest.fixture(name="outputs", scope="module")
def _outputs(project: Project) -> dict[str, str]:
    outputs: dict[str, str] = project.run_json("deploy", *LOCAL, "--yes")["outputs"]
    return outputs


def _by_host(project: Project, host: str, path: str) -> int:
    """Status of a request as the resolver of a client sends it."""
    endpoint = json.loads(project.run("local", "status", "--json"))["endpoint_url"]
    request = urllib.request.Request(f"{endpoint}{path}", headers={"Host": host})  # noqa: S310 - the embedded AWS
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - the same
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_the_domain_answers_and_the_default_endpoint_does_not(project: Project, outputs: dict[str, str]) -> None:
    """Below its base path, by the Host header and by the URL that is shown; functions see no base path."""
    url = outputs["LocalApiUrl"]
    assert outputs["ApiUrl"] == f"https://{NAME}/shop/v1"
    assert url.endswith(f"/domains/{NAME}/shop/v1")
    assert call("GET", f"{url}/health")[0] == 200
    assert _by_host(project, NAME, "/shop/v1/health") == 200
    assert _by_host(project, NAME, "/health") == 403
    assert call("GET", f"{url.partition('/domains/')[0]}/apis/{outputs['ApiId']}/health")[0] == 404
    assert _by_host(project, f"{outputs['ApiId']}.execute-api.localhost", "/health") == 404


def test_the_name_points_at_the_domain(project: Project, outputs: dict[str, str]) -> None:
    """Alias records for IPv4 and IPv6 in the zone, and a certificate that is validated there."""
    (found,) = project.client("apigatewayv2").get_domain_names()["Items"]
    target = found["DomainNameConfigurations"][0]["ApiGatewayDomainName"]
    listed = project.client("route53").list_resource_record_sets(HostedZoneId=ZONE)["ResourceRecordSets"]
    aliases = {each["Type"]: each["AliasTarget"]["DNSName"] for each in listed if "AliasTarget" in each}
    assert aliases == {"A": f"{target}.", "AAAA": f"{target}."}


def test_verify_and_probes_ask_the_domain(project: Project, outputs: dict[str, str]) -> None:
    """The smoke test passes, and a quiet service's shift is judged by probes that reach the new version."""
    # A busy machine may have a latency guard in alarm, which is another check's to tell.
    findings = json.loads(project.start("verify", *LOCAL, "--json").stdout)
    answers = [each for each in findings["findings"] if each["check"] == "api-answers"]
    assert answers
    assert all(each["status"] == "passed" for each in answers), answers

    app = project.folder / "handlers" / "api" / "app.py"
    app.write_text(app.read_text(encoding="utf-8").replace('"ok"}', '"ok", "edition": "two"}', 1), encoding="utf-8")
    done = project.run_json("deploy", *LOCAL, "--yes")
    (shift,) = done["shifts"]
    assert (shift["outcome"], shift["requests"] > 0) == ("passed", True), shift
    assert call("GET", f"{outputs['LocalApiUrl']}/health")[1]["edition"] == "two"


@pytest.mark.parametrize("api", ["{}", f"{{domain: {DOMAIN.replace('shop/v1', 'shop/v2')}}}"], ids=["gone", "moved"])
def test_an_address_goes_only_when_somebody_says_so(project: Project, outputs: dict[str, str], api: str) -> None:
    """A domain that is left out, or another base path, is an outage for whoever has the address."""
    configure(project, api)
    refused = project.start("deploy", *LOCAL, "--yes")
    assert refused.returncode == 3, refused.stderr
    assert "callers of api.example.com/shop/v1 would get no answer" in refused.stderr
    assert f"--allow-replace {ADDRESS}" in refused.stderr
    assert call("GET", f"{outputs['LocalApiUrl']}/health")[0] == 200


def test_a_domain_that_was_given_up_leaves_nothing(project: Project, outputs: dict[str, str]) -> None:
    """The default endpoint is back, and the zone is as it was."""
    configure(project, "{}")
    done = project.run_json("deploy", *LOCAL, "--yes", "--allow-replace", ADDRESS)
    assert done["outputs"]["LocalApiUrl"].endswith(f"/apis/{outputs['ApiId']}")
    assert call("GET", f"{done['outputs']['LocalApiUrl']}/health")[0] == 200
    listed = project.client("route53").list_resource_record_sets(HostedZoneId=ZONE)["ResourceRecordSets"]
    assert not [each for each in listed if each["Type"] in ("A", "AAAA")]
