"""Regions are botocore's own, of every partition, with a way past its list."""

from __future__ import annotations

from typing import Any

import boto3
import pytest

from tapgen.config.regions import dns_suffix, list_partitions, list_regions
from tapgen.config.rules import check_rules
from tapgen.service.model import EMPTY


def _faults(**data: Any) -> list[str]:
    return [text for path, text in check_rules(data, EMPTY) if path == ("region",)]


@pytest.mark.parametrize("region", ["eu-west-1", "eusc-de-east-1", "cn-north-1", "us-gov-west-1", "us-iso-east-1"])
def test_a_region_of_any_partition_may_be_configured(region: str) -> None:
    """The European Sovereign Cloud's region is one like any other."""
    assert _faults(region=region) == []


def test_a_region_that_does_not_exist_is_told_with_the_nearest() -> None:
    """Rather than by an endpoint that nobody answers; what it is to do for a newer one stands with it."""
    (text,) = _faults(region="eu-wets-1")

    assert "botocore" in text
    assert "did you mean eu-west-1?" in text
    assert "unlisted_region" in text


def test_a_newer_region_has_a_way_past_the_list() -> None:
    """Whoever says so is believed."""
    assert _faults(region="eu-new-9", unlisted_region=True) == []


def test_the_list_is_botocores_own() -> None:
    """What the file says is what boto3 answers, without importing it for a render."""
    session = boto3.Session()

    assert set(session.get_available_partitions()) <= {partition.name for partition in list_partitions()}
    assert {"eu-west-1", "us-east-1"} <= list_regions()
    assert "aws-global" not in list_regions()


def test_a_partition_has_its_own_hosts() -> None:
    """A template's URL in the European Sovereign Cloud does not end as elsewhere."""
    assert dns_suffix("aws") == "amazonaws.com"
    assert dns_suffix("aws-cn") == "amazonaws.com.cn"
    assert dns_suffix("aws-eusc") == "amazonaws.eu"
    assert dns_suffix("aws-unheard-of") == "amazonaws.com"
