"""What the scan makes of checkov's findings: a setting of the environment explains one, or it is a fault."""

from __future__ import annotations

from scripts.scan import INHERENT, Scan, by_folder, counted, explanations, faults, settings_of
from tests.unit.templates.variants import ENVIRONMENTS

_TABLE = ("CKV_AWS_119", "AWS::DynamoDB::Table.TransactionsTable")


def test_a_finding_follows_from_the_setting_of_its_environment_alone() -> None:
    """AWS's own keys explain a finding in dev; the same finding in prod, which has a key of its own, is a fault."""
    dev, prod = (settings_of(ENVIRONMENTS.resolve(name)) for name in ("dev", "prod"))

    assert list(faults([_TABLE], dev)) == []
    assert [line.partition(",")[0] for line in explanations([_TABLE, _TABLE], dev)] == ["CKV_AWS_119: 2"]
    assert list(faults([_TABLE], prod)) == ["CKV_AWS_119 on AWS::DynamoDB::Table.TransactionsTable"]
    assert list(explanations([_TABLE], prod)) == []


def test_a_finding_that_nobody_knows_is_a_fault_everywhere() -> None:
    """Nothing passes in silence."""
    finding = ("CKV_AWS_21", "AWS::S3::Bucket.ArchiveBucket")
    for name in ENVIRONMENTS.names:
        assert list(faults([finding], settings_of(ENVIRONMENTS.resolve(name)))) == [" on ".join(finding)]


def test_prod_has_no_setting_that_explains_a_finding() -> None:
    """So that zero findings of prod means zero."""
    prod = settings_of(ENVIRONMENTS.resolve("prod"))

    assert prod.isdisjoint(setting for setting, _ in INHERENT.values())


def _check(path: str, check: str = "CKV_1") -> dict[str, str]:
    return {"file_path": path, "check_id": check, "resource": "AWS::SQS::Queue.Jobs"}


def test_one_run_is_told_apart_by_folder() -> None:
    """Environments are scanned in one run, and each folder of each has its own counts and findings."""
    results = {
        "passed_checks": [_check("/dev/templates/data.json"), _check("/prod/templates/data.json")],
        "failed_checks": [_check("/dev/templates/root.json", "CKV_2")],
        "skipped_checks": [_check("/prod/bootstrap/bootstrap.json")],
        "parsing_errors": [],
    }

    scans = {name: counted(part) for name, part in by_folder(results).items()}

    assert scans == {
        "dev/templates": Scan(passed=1, failed=(("CKV_2", "AWS::SQS::Queue.Jobs"),), suppressed=0),
        "prod/templates": Scan(passed=1, failed=(), suppressed=0),
        "prod/bootstrap": Scan(passed=0, failed=(), suppressed=1),
    }
    assert counted(results).passed == 2
