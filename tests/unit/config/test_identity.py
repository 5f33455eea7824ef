"""Two deployments never share their names, and every name fits its service."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pytest

from tapgen.errors import UsageError
from tapgen.naming import Names
from tapgen.parts.names import find_long_names

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.config.environment import Environment
    from tests.unit.config.conftest import Project

    FaultsOf = Callable[[Callable[[], object]], list[str]]


def test_two_environments_with_the_same_names_are_refused(project: Project, faults_of: FaultsOf) -> None:
    """`ledger` + `dev-eu` and `ledger-dev` + `eu` would be one deployment; both are told, where they stand."""
    environments = project.change(
        ("  dev:\n", "  eu:\n    project: ledger-dev\n    account_id: '111122223333'\n  dev-eu:\n")
    )

    told = faults_of(environments.resolve_all)

    assert len(told) == 2
    assert "environments.eu: has the same names as 'dev-eu'" in told[0]
    assert "environments.dev-eu: has the same names as 'eu'" in told[1]
    assert "ledger-dev-eu-eu-west-1 in account 111122223333" in told[0]


def test_resolving_one_of_them_is_enough_to_tell(project: Project, faults_of: FaultsOf) -> None:
    """The clash is found before anything is built, whichever environment is asked for."""
    environments = project.change(
        ("  dev:\n", "  eu:\n    project: ledger-dev\n    account_id: '111122223333'\n  dev-eu:\n")
    )

    assert len(faults_of(lambda: environments.resolve("eu"))) == 1
    assert len(faults_of(lambda: environments.resolve("dev-eu"))) == 1


def test_an_environment_may_not_be_named_like_a_suffix_of_another(project: Project, faults_of: FaultsOf) -> None:
    """Roles of `dev` act on `ledger-dev-*-eu-west-1`, so on all of `dev-eu`: refused, whichever is asked for."""
    environments = project.change(
        ("  prod:\n", "  dev-eu:\n    account_id: '111122223333'\n  prod:\n"),
    )

    for name in ("dev", "dev-eu"):
        (fault,) = faults_of(partial(environments.resolve, name))
        assert f"environments.{name}: 'dev-eu' is named like a suffix of 'dev'" in fault
        assert "roles of 'dev' act on ledger-dev-*-eu-west-1 in account 111122223333" in fault
    assert environments.resolve("prod").name == "prod"


@pytest.mark.parametrize(
    "section",
    ["account_id: '999999999999'", "account_id: '111122223333'\n    region: us-east-1"],
    ids=["another account", "another region"],
)
def test_what_keeps_such_an_environment_apart(project: Project, section: str) -> None:
    """Its own account or region: no pattern of the other one reaches it."""
    environments = project.change(("  prod:\n", f"  dev-eu:\n    {section}\n  prod:\n"))

    assert len(environments.resolve_all()) == 3


def test_production_reaches_no_other_environment(project: Project) -> None:
    """It has no suffixes, and its roles' names are exact."""
    environments = project.change(
        ('  dev:\n    account_id: "111122223333"', '  prod-2:\n    account_id: "123456789012"'),
    )

    assert environments.resolve("prod-2").name == "prod-2"


def test_a_region_may_not_make_the_names_of_another_environment(project: Project, faults_of: FaultsOf) -> None:
    """Names that only the region keeps apart meet when another region is asked for."""
    environments = project.change(
        (
            "  prod:\n",
            "  eu:\n    project: ledger-dev\n    region: us-east-1\n    account_id: '111122223333'\n  prod:\n",
        ),
        ("  dev:\n", "  dev-eu:\n"),
    )

    assert environments.resolve("eu").region == "us-east-1"
    assert len(faults_of(lambda: environments.resolve("eu", region="eu-west-1"))) == 1


def test_the_same_names_in_another_account_are_fine(project: Project) -> None:
    """Accounts do not share resources; bucket names carry the account."""
    environments = project.change(
        ("  dev:\n", "  eu:\n    project: ledger-dev\n    account_id: '999999999999'\n  dev-eu:\n")
    )

    assert len(environments.resolve_all()) == 3


def test_a_suffix_makes_an_independent_deployment(project: Project) -> None:
    """Every name differs; only the artifact bucket and its stack are shared by an environment's suffixes."""
    environments = project.change()
    plain = Names(environments.resolve("dev"))
    second = Names(environments.resolve("dev", suffix="pr-42"))

    assert second.deployment == "ledger-dev-pr-42"
    assert second.root_stack != plain.root_stack
    assert second.name("table", "transactions") != plain.name("table", "transactions")
    assert second.bucket("archive") != plain.bucket("archive")
    assert second.function("api") != plain.function("api")
    assert second.artifact_bucket == plain.artifact_bucket
    assert second.bootstrap_stack == plain.bootstrap_stack


def test_a_configured_artifact_bucket_is_taken_as_it_is(project: Project) -> None:
    """It may be shared by environments."""
    environments = project.change(("  encryption: aws-owned\n", "  encryption: aws-owned\n  artifact_bucket: shared\n"))

    assert {Names(environment).artifact_bucket for environment in environments.resolve_all()} == {"shared"}


def test_a_region_replaces_the_configured_one_and_both_are_known(project: Project) -> None:
    """A deploy can warn about the difference."""
    environment = project.change().resolve("dev", region="ap-southeast-1")

    assert (environment.region, environment.configured_region) == ("ap-southeast-1", "eu-west-1")
    assert project.change().resolve("dev").configured_region is None


@pytest.mark.parametrize("suffix", ["PR_42", "", "-a", "a--b", "a" * 17, "a/../b"])
def test_a_suffix_that_is_no_name_is_a_usage_error(project: Project, suffix: str) -> None:
    """The command line is wrong, not the file."""
    with pytest.raises(UsageError) as caught:
        project.change().resolve("dev", suffix=suffix)

    assert f"--suffix {suffix!r}" in caught.value.what
    assert caught.value.code == "bad-option"


def test_a_region_that_is_none_is_a_usage_error(project: Project) -> None:
    """The command line is wrong, not the file."""
    with pytest.raises(UsageError, match="--region 'mars' is not allowed"):
        project.change().resolve("dev", region="mars")


def test_an_unknown_environment_is_answered_with_the_known_ones(project: Project) -> None:
    """The close one is suggested."""
    with pytest.raises(UsageError) as caught:
        project.change().resolve("prd")

    assert caught.value.code == "unknown-environment"
    assert caught.value.why == "the environments are dev, prod"
    assert caught.value.hint == "did you mean 'prod'?"


def test_names_that_are_too_long_are_all_told(project: Project, faults_of: FaultsOf) -> None:
    """Bucket, role and rule limits are checked before anything is built, with the name and the limit."""
    environments = project.change(
        ("  dev:\n", "  developers-of-europe:\n"), ("project: ledger", "project: general-ledger")
    )

    faults = faults_of(lambda: environments.resolve("developers-of-europe", suffix="feature-1234567"))

    assert {"bucket", "function", "role", "rule"} <= {fault.split(": the ")[1].split()[0] for fault in faults}
    assert all("characters; AWS allows 6" in fault for fault in faults)
    assert all(": environments.developers-of-europe: " in fault for fault in faults)


def _too_long(environment: Environment) -> list[str]:
    return list(find_long_names(environment, Names(environment)))


def test_the_longest_names_that_pass_are_within_every_limit(project: Project) -> None:
    """`find_long_names` knows the longest of each kind: one more character is told, one less is not."""
    environment = project.change().resolve("dev")
    fitting = [length for length in range(1, 40) if not _too_long(replace(environment, project="p" * length))]

    assert fitting == list(range(1, max(fitting) + 1))
    names = Names(replace(environment, project="p" * max(fitting)))
    assert len(names.access_log_bucket) == 63
