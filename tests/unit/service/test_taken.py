"""A part that would have the name of something of tapgen's own is refused, with what has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tapgen.errors import ConfigError
from tapgen.service.load import load_service

if TYPE_CHECKING:
    from pathlib import Path

SERVICE = """
from tapgen.service import Service

service = Service("orders")
service.{call}
"""


@pytest.mark.parametrize(
    ("call", "told"),
    [
        ('function("deployer")', "function 'deployer': the name is taken by the role that deploys"),
        ('function("cloudformation")', "function 'cloudformation': the name is taken by the role that CloudFormation"),
        ('function("hooks")', "function 'hooks': the name is taken by the functions that judge new versions"),
        ('bucket("artifacts")', "bucket 'artifacts': the name is taken by the artifacts of every release"),
        ('topic("alarms-critical")', "topic 'alarms-critical': the name is taken by alarms"),
    ],
)
def test_a_name_of_ours_is_taken(tmp_path: Path, call: str, told: str) -> None:
    """Otherwise two resources would have one name, and one of them the rights of the other."""
    (tmp_path / "service.py").write_text(SERVICE.format(call=call), encoding="utf-8")

    with pytest.raises(ConfigError) as caught:
        load_service(tmp_path)
    assert told in caught.value.why
