"""A function runs in the network that the service names, and in none otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.rule import Found, Rule, differences
from tapgen.parts.function.model import Function
from tapgen.parts.made import made

if TYPE_CHECKING:
    from tapgen.elements.templates import Templates


def _find(templates: Templates) -> Found:
    for part, function in made(templates, Function, "AWS::Lambda::Function", name_property="FunctionName"):
        subnets, groups = (list(part.vpc.subnets), list(part.vpc.security_groups)) if part.vpc else (None, None)
        yield from differences(function, {"VpcConfig.SubnetIds": subnets, "VpcConfig.SecurityGroupIds": groups})


RULE = Rule(
    id="function-network",
    holds="A function runs in the subnets and security groups that the service names, and in no network where it "
    "names none.",
    why="In another network a function does not reach what it calls, or is reached by what should not.",
    source='Lambda developer guide, "Giving Lambda functions access to resources in an Amazon VPC"',
    find=_find,
)
