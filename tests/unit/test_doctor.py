"""What doctor makes of what it sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tapgen.aws.session import Region
from tapgen.config.cache import CachedEnvironments
from tapgen.doctor.account import Access, examine_access, judge_skew
from tapgen.doctor.machine import examine_pins, examine_python, pinned_packages
from tapgen.doctor.permissions import example_of
from tapgen.doctor.project import examine_project
from tapgen.findings import Finding, counts, find_failed
from tapgen.local.server import LocalAws
from tapgen.ui.findings import findings_page

if TYPE_CHECKING:
    from pathlib import Path

    from tapgen.findings import Status


@pytest.mark.parametrize(
    ("version", "status"),
    [((3, 10, 9), "failed"), ((3, 11, 0), "passed"), ((3, 13, 4), "passed"), ((3, 14, 0), "warned")],
)
def test_python_is_one_that_is_tested(version: tuple[int, int, int], status: Status) -> None:
    """Too old fails, newer than tested is said."""
    assert examine_python(version).status == status


def test_the_embedded_aws_needs_its_very_versions() -> None:
    """The pins are read from the package's own metadata; another version fails, none at all is said with the way."""
    pins = pinned_packages()
    assert set(pins) == {"ministack", "boto3", "botocore"}

    assert examine_pins(dict(pins)).status == "passed"
    assert examine_pins(pins | {"ministack": ""}).status == "warned"
    other = examine_pins(pins | {"botocore": "1.0.0"})
    assert (other.status, other.what) == ("failed", f"botocore 1.0.0, not {pins['botocore']}")


@pytest.mark.parametrize(
    ("skew_s", "status"),
    [(0.4, "passed"), (-45.0, "warned"), (301.0, "failed"), (-3600.0, "failed"), (None, "skipped")],
)
def test_clocks_are_compared(skew_s: float | None, status: Status) -> None:
    """AWS refuses signatures of a clock that is five minutes off, in either direction."""
    assert judge_skew(skew_s).status == status


def test_a_redirected_environment_is_noticed() -> None:
    """AWS_ENDPOINT_URL, forgotten in a shell, sends a real environment's calls elsewhere: shown with the way out."""
    region = Region(name="eu-west-1", source="AWS_REGION")
    environ = {"AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9000", "HOME": "/root"}

    found = list(examine_access(Access(region=region, environ=environ, endpoint_url=None, is_local=False)))

    assert [(item.check, item.status) for item in found] == [("region", "passed"), ("endpoint", "warned")]
    assert "from AWS_REGION" in found[0].what
    assert found[1].fix == "unset AWS_ENDPOINT_URL_S3"


def test_the_project_is_looked_at_without_starting_anything(tmp_path: Path) -> None:
    """Faults of the configuration are shown as they are; what was begun here and did not end is named."""
    (tmp_path / "config").mkdir()
    file = tmp_path / "config" / "environments.yaml"
    file.write_text("environments:\n  dev:\n    account_id: 1\n", encoding="utf-8")
    service = "from tapgen.service import Service\n\nservice = Service('transactions')\n"
    (tmp_path / "config" / "service.py").write_text(service, encoding="utf-8")
    unsettled = tmp_path / ".tapgen" / "unsettled"
    unsettled.mkdir(parents=True)
    (unsettled / "transactions-dev").touch()
    environments = CachedEnvironments(file, folder=tmp_path / "cache")

    found = {
        item.check: item for item in examine_project(tmp_path, environments, LocalAws(tmp_path / "local").status())
    }

    assert found["configuration"].status == "failed"
    assert "account_id" in found["configuration"].why
    assert (found["unfinished"].status, "transactions-dev" in found["unfinished"].what) == ("warned", True)
    assert not (tmp_path / "local").exists()


def test_a_pattern_becomes_an_arn_that_it_matches() -> None:
    """IAM is asked about one ARN of each statement, with everything filled in."""
    values = {"AWS::Partition": "aws", "AWS::Region": "eu-west-1", "AWS::AccountId": "123456789012"}
    pattern = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:/aws/lambda/api-*"

    assert example_of({"Resource": [{"Fn::Sub": pattern}]}, values) == (
        "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/api-x"
    )
    assert example_of({"Resource": ["*"]}, values) == "*"


def test_findings_are_told_with_reason_and_way_out() -> None:
    """Each fault has its reason and what to do next below it; what passed has neither, and the end counts."""
    findings = [
        Finding(check="clock", status="passed", what="0 s ahead", fix="never shown"),
        Finding(check="stack", status="failed", what="stuck", why="a reason", fix="a way"),
    ]

    assert [line.text for line in findings_page(findings)] == [
        "ok clock  0 s ahead",
        "!! stack  stuck",
        "          why: a reason",
        "          next: a way",
        "1 passed, 1 failed",
    ]
    assert find_failed(findings) == findings[1:]
    assert counts(findings) == {"passed": 1, "warned": 0, "failed": 1, "skipped": 0}
