"""A version is published exactly when its code or a setting that Lambda versions changes, and its guards with it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.templates.variants import ARTIFACTS, artifact, environment, of_type, templates

if TYPE_CHECKING:
    from tapgen.config.environment import Environment
    from tapgen.model import Artifact


def _versions(environment: Environment, artifacts: tuple[Artifact, ...] = ARTIFACTS) -> dict[str, str]:
    """Function → hash in its version's logical id."""
    found = of_type(templates(environment, artifacts)["compute"], "AWS::Lambda::Version")
    matches = [re.fullmatch(r"(Api|Archiver)Version([0-9a-f]{12})", name) for name in found]
    return {match[1]: match[2] for match in matches if match}


BEFORE = _versions(environment("prod"))

# Settings of prod → the functions that they publish anew.
VERSIONED: list[tuple[dict[str, Any], set[str]]] = [
    ({"functions__api__memory_mb": 2048}, {"Api"}),
    ({"functions__api__timeout_s": 11}, {"Api"}),
    ({"functions__api__log_level": "DEBUG"}, {"Api"}),
    ({"functions__api__tracing": False}, {"Api"}),
    ({"functions__api__snap_start": True}, {"Api"}),
    ({"functions__archiver__memory_mb": 2048}, {"Archiver"}),
    # A layer says which architectures it is for: another set is another layer version, which both functions use.
    ({"functions__archiver__architecture": "x86_64"}, {"Api", "Archiver"}),
    ({"api__authorization": "IAM", "api__jwt": None}, {"Api"}),
    ({"encryption": "aws-owned"}, {"Api", "Archiver"}),
    ({"suffix": "pr-42"}, {"Api", "Archiver"}),
    ({"project": "payments"}, {"Api", "Archiver"}),
]
UNVERSIONED: list[dict[str, Any]] = [
    {"functions__api__reserved_concurrency": 50},
    {"functions__api__reserved_concurrency": None},
    {"functions__api__log_retention_days": 30},
    # The hooks run unpublished, and have no layer.
    {"functions__hooks__memory_mb": 1024},
    {"functions__hooks__timeout_s": 45},
    {"functions__hooks__architecture": "x86_64"},
    {"tags__owner": "somebody-else"},
    {"artifact_bucket": "another-bucket"},
    {"api__throttling__burst": 7},
    {"api__access_log_retention_days": 30},
    {"api__cors__max_age_s": 1},
    {"alarms__function_errors": 9},
    {"alarms__latency_tolerance": 9.0},
    {"shift__type": "linear"},
    {"shift__interval_min": 5},
    {"tables__transactions__deletion_protection": False},
    {"tables__transactions__ttl_attribute": None},
    {"buckets__archive__expire_after_days": 999},
    {"notifications__warning": ()},
    {"stack_protection": False},
]


@pytest.mark.parametrize(("changes", "published"), VERSIONED)
def test_versioned_setting_publishes(changes: dict[str, Any], published: set[str]) -> None:
    """A setting that a published version keeps for ever makes a new one, of the functions that it concerns."""
    after = _versions(environment("prod", **changes))

    assert {name for name, found in after.items() if found != BEFORE[name]} == published


@pytest.mark.parametrize("changes", UNVERSIONED)
def test_other_setting_publishes_nothing(changes: dict[str, Any]) -> None:
    """What Lambda keeps beside its versions, and what is no function's, starts no shift."""
    assert _versions(environment("prod", **changes)) == BEFORE


def test_code_publishes_its_own_function() -> None:
    """New code of one function leaves the other where it is."""
    after = _versions(environment("prod"), (artifact("api", digest="f" * 32), *ARTIFACTS[1:]))

    assert after["Api"] != BEFORE["Api"]
    assert after["Archiver"] == BEFORE["Archiver"]


def test_code_of_the_hooks_publishes_nothing() -> None:
    """Better checks are no new version of what they check: no shift begins."""
    assert _versions(environment("prod"), (*ARTIFACTS[:2], artifact("hooks", digest="f" * 32), ARTIFACTS[3])) == BEFORE


@pytest.mark.parametrize("layer", [(artifact("layer", digest="f" * 32),), ()])
def test_layer_publishes_all_functions(layer: tuple[Artifact, ...]) -> None:
    """Other dependencies, or none, are another version of everything that uses them."""
    after = _versions(environment("prod"), (*ARTIFACTS[:3], *layer))

    assert after.keys() == BEFORE.keys()
    assert all(after[name] != BEFORE[name] for name in BEFORE)


def test_layer_version_moves_with_the_versions() -> None:
    """Whatever makes Lambda publish another layer version gives it another logical id: the old one stays beside it."""
    names = [
        set(of_type(templates(item)["compute"], "AWS::Lambda::LayerVersion"))
        for item in (environment("prod"), environment("prod", functions__archiver__architecture="x86_64"))
    ]

    assert all(len(found) == 1 for found in names)
    assert names[0].isdisjoint(names[1])


def test_guards_belong_to_one_version() -> None:
    """A guard that kept its name would be red from the last bad version and stop the fix."""
    compute = templates(environment("prod"))["compute"]
    alarms = of_type(compute, "AWS::CloudWatch::Alarm")
    guards = {name: alarm["Properties"] for name, alarm in alarms.items() if name != "ApiServerErrorsGuard"}

    assert len(guards) == 4
    for name, alarm in guards.items():
        function = "Api" if name.startswith("Api") else "Archiver"
        assert name.endswith(BEFORE[function])
        assert alarm["AlarmName"].endswith(BEFORE[function])
        assert alarm["Dimensions"][2] == {
            "Name": "ExecutedVersion",
            "Value": {"Fn::GetAtt": [f"{function}Version{BEFORE[function]}", "Version"]},
        }


def test_old_versions_stay_and_failed_ones_go() -> None:
    """A rollback needs the old version; a failed one would block the next attempt with the same code."""
    compute = templates(environment("prod"))["compute"]
    for kind in ("AWS::Lambda::Version", "AWS::Lambda::LayerVersion"):
        for version in of_type(compute, kind).values():
            assert (version["DeletionPolicy"], version["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")


@settings(max_examples=40, deadline=None)
@given(
    memory_mb=st.integers(128, 10240),
    timeout_s=st.integers(1, 900),
    architecture=st.sampled_from(["arm64", "x86_64"]),
    log_level=st.sampled_from(["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"]),
    switches=st.tuples(st.booleans(), st.booleans()),
    encryption=st.sampled_from(["aws-owned", "customer-managed"]),
    shift=st.tuples(st.sampled_from(["all-at-once", "canary", "linear"]), st.integers(1, 99), st.integers(1, 30)),
)
def test_any_configuration_renders_and_keeps_its_promises(
    *,
    memory_mb: int,
    timeout_s: int,
    architecture: str,
    log_level: str,
    switches: tuple[bool, bool],
    encryption: str,
    shift: tuple[str, int, int],
) -> None:
    """Rendering, which runs all named checks, accepts every configuration that the schema accepts."""
    tracing, snap_start = switches
    configured = environment(
        "dev",
        functions__api__memory_mb=memory_mb,
        functions__api__timeout_s=timeout_s,
        functions__api__architecture=architecture,
        functions__api__log_level=log_level,
        functions__api__tracing=tracing,
        functions__api__snap_start=snap_start,
        encryption=encryption,
        shift__type=shift[0],
        shift__percentage=shift[1],
        shift__interval_min=shift[2],
    )

    finished = templates(configured)

    assert len(of_type(finished["compute"], "AWS::Lambda::Version")) == 2
    assert ("KeyArn" in finished["data"].get("Parameters", {})) == (encryption == "customer-managed")
