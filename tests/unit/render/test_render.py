"""Rendering is pure: the same environment and artifacts are the same bytes, on any machine."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tapgen import object_keys
from tapgen.errors import RenderError
from tapgen.model import RenderedTemplate
from tapgen.render import MAX_RESOURCES, MAX_TEMPLATE_BYTES, canonical_json, exceeded_limits, render
from tests.unit.templates.variants import ARTIFACTS, STACKS, artifact, environment

_ROOT = Path(__file__).parents[3]


def test_templates_come_children_first_and_know_themselves() -> None:
    """Keys carry the digest of the bytes, so that the same template is uploaded once for ever."""
    rendered = render(environment("prod"), ARTIFACTS)

    assert tuple(template.stack for template in rendered.templates) == STACKS
    assert rendered.root is rendered.templates[-1]
    for template in rendered.templates:
        assert template.digest == object_keys.digest_of(template.body)
        assert template.key == f"templates/{template.stack}/{template.digest}.json"
        assert template.resource_count == len(json.loads(template.body)["Resources"])
        assert canonical_json(json.loads(template.body)) == template.body


def test_the_root_names_its_children_by_digest() -> None:
    """A changed child is a changed root; nothing else has to be compared."""
    rendered = render(environment("dev"), ARTIFACTS)

    root = rendered.root.body.decode()
    assert all(template.key in root for template in rendered.templates[:-1])


def test_a_release_says_what_a_deploy_needs() -> None:
    """Facts of the deployment, so that an unchanged release needs no configuration."""
    source = environment("prod", suffix="blue", region="eu-central-1", configured_region="eu-west-1")
    rendered = render(source, ARTIFACTS)

    assert (rendered.deployment, rendered.root_stack) == (
        "transactions-prod-blue",
        "transactions-prod-blue-eu-central-1-service",
    )
    assert (rendered.environment, rendered.suffix, rendered.account_id) == ("prod", "blue", "123456789012")
    assert (rendered.region, rendered.configured_region) == ("eu-central-1", "eu-west-1")
    assert (rendered.production, rendered.stack_protection) == (True, True)
    assert rendered.artifact_bucket == "transactions-prod-eu-central-1-artifacts-123456789012"
    assert rendered.tags == source.cost_tags
    assert rendered.artifacts == ARTIFACTS
    assert rendered.parameters == {"ReleaseId": rendered.release_id}
    assert len(rendered.release_id) == 16
    assert render(environment("dev"), ARTIFACTS).configured_region == "eu-west-1"


def test_a_release_is_named_by_everything_in_it() -> None:
    """Code and settings change the name; rendering again does not."""
    same = {render(environment("dev"), ARTIFACTS).release_id for _ in range(2)}
    code = render(environment("dev"), (artifact("api", digest="f" * 32), *ARTIFACTS[1:])).release_id
    setting = render(environment("dev", alarms__api_5xx=7), ARTIFACTS).release_id

    assert len(same) == 1
    assert len(same | {code, setting}) == 3


def test_where_artifacts_lie_does_not_matter() -> None:
    """A template knows an artifact by its key."""
    moved = tuple(dataclasses.replace(item, path=Path("/elsewhere") / item.path) for item in ARTIFACTS)

    assert render(environment("dev"), moved).templates == render(environment("dev"), ARTIFACTS).templates


def test_new_code_changes_only_the_templates_that_know_it() -> None:
    """A deploy of code uploads a zip and these templates; data and roles are not touched."""
    before = render(environment("dev"), ARTIFACTS).templates
    after = render(environment("dev"), (artifact("api", digest="f" * 32), *ARTIFACTS[1:])).templates

    changed = {old.stack for old, new in zip(before, after, strict=True) if old.digest != new.digest}
    assert {"compute", "root"} <= changed
    assert not {"security", "data"} & changed


@pytest.mark.parametrize(("zone", "seed"), [("UTC", "0"), ("Asia/Kathmandu", "1"), ("America/St_Johns", "42")])
def test_hash_seed_time_zone_and_folder_do_not_matter(tmp_path: Path, zone: str, seed: str) -> None:
    """Another process on another machine renders the same bytes."""
    script = """
from tapgen.render import render
from tests.unit.templates.variants import ARTIFACTS, environment
print(*(template.digest for template in render(environment("prod"), ARTIFACTS).templates))
"""

    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "TZ": zone, "PYTHONHASHSEED": seed, "PYTHONPATH": str(_ROOT)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.split() == [item.digest for item in render(environment("prod"), ARTIFACTS).templates]


def test_canonical_json_is_sorted_dense_utf_8() -> None:
    """One spelling for each value."""
    assert canonical_json({"b": [1, 2.5], "a": "ü"}) == '{"a":"ü","b":[1,2.5]}'.encode()


@pytest.mark.parametrize(
    ("size_bytes", "resources", "words"),
    [
        (MAX_TEMPLATE_BYTES, MAX_RESOURCES, []),
        (MAX_TEMPLATE_BYTES + 1, 1, ["data: 1,000,001 bytes; CloudFormation takes 1,000,000"]),
        (1, MAX_RESOURCES + 1, ["data: 501 resources; a stack holds 500"]),
        (MAX_TEMPLATE_BYTES + 1, MAX_RESOURCES + 1, ["data: 1,000,001 bytes", "data: 501 resources"]),
    ],
)
def test_limits_of_cloudformation(size_bytes: int, resources: int, words: list[str]) -> None:
    """The last allowed value passes, the next one is told, and all come at once."""
    template = RenderedTemplate(stack="data", body=b" " * size_bytes, digest="", resource_count=resources)

    found = exceeded_limits(template)

    assert len(found) == len(words)
    assert all(word in text for word, text in zip(words, found, strict=True))


def test_a_template_beyond_a_limit_is_refused() -> None:
    """A name that fills the template is found before anything is uploaded, with the other findings."""
    with pytest.raises(RenderError) as caught:
        render(environment("dev", tables__transactions__ttl_attribute="t" * MAX_TEMPLATE_BYTES), ARTIFACTS)

    assert caught.value.code == "template-checks"
    assert "data: 1,00" in caught.value.why
    assert caught.value.why.count("\n") + 1 == int(caught.value.what.split()[-2])
