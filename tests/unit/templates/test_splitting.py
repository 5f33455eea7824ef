"""A service of any size: templates split before a limit, and no part ever moves to another stack."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest

from scripts.benchmarks.generated import name_functions, record_blocks, write_project
from tapgen.config.load import load_environments
from tapgen.errors import ConfigError
from tapgen.iam.policies import characters
from tapgen.render import render
from tapgen.service import blocks
from tapgen.service.load import load_service
from tapgen.templates.alarms.trees import Node, children_of, fits, two_of
from tests.unit.templates.variants import artifact

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_KIB = 1024
_LONG_RUN = "TAPGEN_LONG_RUN"
_MANY = 100

long = pytest.mark.skipif(not os.environ.get(_LONG_RUN), reason=f"minutes; {_LONG_RUN}=1 runs it")


def _render(project: Path, environment: str = "prod") -> dict[str, Any]:
    resolved = load_environments(project / "config" / "environments.yaml").resolve(environment)
    names = [function.name for function in resolved.service.functions]
    artifacts = tuple(artifact(name) for name in (*names, "hooks"))
    return {template.stack: json.loads(template.body) for template in render(resolved, artifacts).templates}


@cache
def _rendered(count: int) -> dict[str, Any]:
    with TemporaryDirectory() as folder:
        return _render(write_project(Path(folder), name_functions(count)))


def _of_type(templates: Mapping[str, Any], kind: str) -> Iterator[tuple[str, str, Any]]:
    for stack, template in templates.items():
        for name, resource in template["Resources"].items():
            if resource["Type"] == kind:
                yield stack, name, resource["Properties"]


def test_limits_hold_in_every_template() -> None:
    """A hundred functions: resources, bytes, parameters and outputs stay within what CloudFormation takes."""
    templates = _rendered(_MANY)

    assert len(templates) > len(("security", "data", "compute", "observability", "root"))
    for stack, template in templates.items():
        assert len(template["Resources"]) <= 500, stack
        assert len(json.dumps(template, separators=(",", ":"))) <= 1_000_000, stack
        assert len(template.get("Parameters", ())) <= 200, stack
        assert len(template.get("Outputs", ())) <= 200, stack


def test_limits_hold_in_every_resource() -> None:
    """Rules of composite alarms, dashboards, inline policies and the key's policy stay within what AWS takes."""
    templates = _rendered(_MANY)

    for _, name, alarm in _of_type(templates, "AWS::CloudWatch::CompositeAlarm"):
        assert fits(alarm["AlarmRule"]), name
    for stack, name, dashboard in _of_type(templates, "AWS::CloudWatch::Dashboard"):
        body = json.loads(dashboard["DashboardBody"]["Fn::Sub"][0])
        assert len(body["widgets"]) <= 500, (stack, name)
    for _, name, role in _of_type(templates, "AWS::IAM::Role"):
        assert sum(characters(policy["PolicyDocument"]) for policy in role["Policies"]) <= 10_240, name
    for _, name, key in _of_type(templates, "AWS::KMS::Key"):
        assert len(json.dumps(key["KeyPolicy"], separators=(",", ":"))) <= 32 * _KIB, name


def test_every_warning_still_escalates() -> None:
    """Escalation, with the alarms behind it, names each warning that lasts and each that pairs."""
    templates = _rendered(_MANY)
    rules = {
        alarm["AlarmName"]: alarm["AlarmRule"] for _, _, alarm in _of_type(templates, "AWS::CloudWatch::CompositeAlarm")
    }
    (top,) = [name for name in rules if name.endswith("-escalation")]
    seen, pending = set(), [top]
    while pending:
        for child in children_of(rules.get(pending.pop(), "")):
            if child not in seen:
                seen.add(child)
                pending.append(child)
    alarms = {alarm["AlarmName"] for _, _, alarm in _of_type(templates, "AWS::CloudWatch::Alarm")}
    warnings = {name for name in alarms if name.endswith("-lasts")}

    assert warnings
    assert {*warnings, *(name.removesuffix("-lasts") for name in warnings)} <= seen
    assert {child for rule in rules.values() for child in children_of(rule)} <= {*alarms, *rules}


@pytest.mark.parametrize("count", [2, 3, 7, 64, 300])
def test_two_areas_are_any_two(count: int) -> None:
    """The split rule holds for any two areas, and for no single one."""
    lifted: dict[str, str] = {}

    def lift(role: str, rule: str) -> str:
        name = f"{role}-{len(lifted)}-{'x' * 40}"
        lifted[name] = rule
        return f'ALARM("{name}")'

    names = [f"area-{number}-{'y' * 40}" for number in range(count)]
    rule = two_of([Node(f'ALARM("{name}")') for name in names], lift=lift)

    assert all(fits(each) for each in (rule, *lifted.values()))

    def holds(condition: str, red: set[str]) -> bool:
        text = condition.replace(" OR ", " or ").replace(" AND ", " and ")
        return bool(
            eval(text, {"ALARM": lambda name: name in red or (name in lifted and holds(lifted[name], red))})  # noqa: S307 - a rule of our own
        )

    assert not holds(rule, {names[0]})
    assert holds(rule, {names[0], names[-1]})
    assert holds(rule, {names[0], names[1]})
    assert holds(rule, {names[-2], names[-1]})


def _places(templates: Mapping[str, Any]) -> dict[str, str]:
    """Logical id → stack, of everything that does not name its content."""
    return {
        name: stack
        for stack, template in templates.items()
        for name, resource in template["Resources"].items()
        if resource["Type"] in ("AWS::DynamoDB::Table", "AWS::SQS::Queue", "AWS::Lambda::Function", "AWS::IAM::Role")
    }


def test_inserted_function_moves_nothing(tmp_path: Path) -> None:
    """A function that is written between others takes a place of its own; each other resource stays in its stack."""
    names = name_functions(_MANY)
    write_project(tmp_path, names)
    record_blocks(tmp_path)
    before = _places(_render(tmp_path))
    write_project(tmp_path, [*names[:3], "inserted", *names[3:]])

    after = _places(_render(tmp_path))

    assert {name: after.get(name) for name in before} == before
    assert len(after) == len(before) + 5


def test_growing_service_moves_nothing(tmp_path: Path) -> None:
    """A service that had room in four stacks keeps them when functions are written before its own."""
    own = name_functions(15)
    write_project(tmp_path, own)
    record_blocks(tmp_path)
    before = _places(_render(tmp_path))
    assert set(before.values()) == {"security", "data", "compute"}
    write_project(tmp_path, [*(f"new{number}" for number in range(30)), *own])

    after = _places(_render(tmp_path))

    assert {name: after.get(name) for name in before} == before


def test_small_service_has_no_lock(tmp_path: Path) -> None:
    """Below half a block nothing is recorded: the four stacks are the four that there always were."""
    write_project(tmp_path, name_functions(5))
    record_blocks(tmp_path)

    assert not (tmp_path / "config" / blocks.LOCK_FILE).exists()
    assert set(_render(tmp_path)) == {"security", "data", "compute", "observability", "root"}


@pytest.mark.parametrize(
    "content",
    [
        "<<<<<<< ours",
        "[]",
        '{"version": 1, "parts": {"table/w000-rows": 0}}',
        '{"version": 1, "parts": {"table/w000-rows": "two"}}',
        '{"version": 1, "parts": {"http api/api": 2}}',
    ],
)
def test_lock_that_cannot_be(tmp_path: Path, content: str) -> None:
    """A lock that was edited into nonsense is refused with what to do, and never guessed."""
    write_project(tmp_path, name_functions(1))
    (tmp_path / "config" / blocks.LOCK_FILE).write_text(content)

    with pytest.raises(ConfigError) as raised:
        load_service(tmp_path / "config")

    assert raised.value.code == "stacks-lock"
    assert "last commit that was deployed" in (raised.value.hint or "")


def test_pipeline_needs_the_lock(tmp_path: Path) -> None:
    """Where nobody commits what is written, parts of further stacks must be recorded already."""
    write_project(tmp_path, name_functions(40))
    found = load_service(tmp_path / "config").blocks

    with pytest.raises(ConfigError, match="further nested stacks"):
        blocks.refuse_unrecorded(tmp_path / "config", found)
    blocks.write_lock(tmp_path / "config", found)
    blocks.refuse_unrecorded(tmp_path / "config", found)


def test_root_says_what_it_leaves_out() -> None:
    """Of more outputs than a root takes, versions stay, and one output says how many others there are."""
    outputs = _rendered(_MANY)["root"]["Outputs"]

    assert sum(name.endswith("VersionArn") for name in outputs) == _MANY
    assert "more are in the nested stacks" in outputs["OutputsLeftOut"]["Value"]
    assert {"ApiUrl", "ReleaseId", "WarningTopicArn"} <= set(outputs)


def test_routes_keep_exact_permissions() -> None:
    """Each route of a further stack has a permission for itself, on the API that is handed in."""
    template = _rendered(_MANY)["routes2"]
    kinds = [resource["Type"] for resource in template["Resources"].values()]
    sources = [
        resource["Properties"]["SourceArn"]["Fn::Sub"]
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::Lambda::Permission"
    ]

    assert kinds.count("AWS::ApiGatewayV2::Route") == len(sources) == len(set(sources))
    assert all("${ApiId}/" in source and "*" not in source.partition("${ApiId}")[2] for source in sources)


def test_further_functions_wait_for_no_shift_of_the_first() -> None:
    """Compute stacks depend on none of each other; hooks, application and layer are there before the further ones."""
    resources = _rendered(_MANY)["root"]["Resources"]
    computes = [name for name in resources if name.startswith("Compute")]

    def needed(name: str) -> set[str]:
        own = resources[name]
        parameters = own["Properties"].get("Parameters", {}).values()
        named = {value["Fn::GetAtt"][0] for value in parameters if "Fn::GetAtt" in value}
        return named.union(own.get("DependsOn", ()))

    assert len(computes) > 2
    for name in computes:
        seen: set[str] = set()
        pending = [name]
        while pending:
            for other in needed(pending.pop()) - seen:
                seen.add(other)
                pending.append(other)
        assert not seen & set(computes), name
        assert name == "Compute" or "Shifts" in seen
    assert {"Compute", "Compute2"} <= needed("Routes2")


def test_shifts_of_one_release_begin_a_few_at_a_time() -> None:
    """Ten versions at most wait for no other one, so that ten aliases begin at once; each waits for one alone."""
    templates = _rendered(_MANY)
    found = [
        (name, resource.get("DependsOn"))
        for template in templates.values()
        for name, resource in template["Resources"].items()
        if resource["Type"] == "AWS::Lambda::Version"
    ]

    assert len(found) == _MANY
    assert 0 < sum(needed is None for _, needed in found) <= 10
    waited = [needed for _, needed in found if needed]
    assert len(waited) == len(set(waited))


def _lint(count: int) -> list[str]:
    from cfnlint.api import lint  # type: ignore[import-untyped]  # cfn-lint ships no type information
    from cfnlint.core import get_rules  # type: ignore[import-untyped]  # cfn-lint ships no type information

    rules = get_rules([], [], ["I"], {})
    found = [(stack, lint(json.dumps(t), rules=rules, regions=["eu-west-1"])) for stack, t in _rendered(count).items()]
    return [f"{stack}: {item}" for stack, items in found for item in items]


@pytest.mark.no_cover
@pytest.mark.parametrize("count", [2, pytest.param(10, marks=long), pytest.param(50, marks=long)])
def test_generated_service_passes_cfn_lint(count: int) -> None:
    """No error, warning or note; that of fifty functions is split."""
    assert _lint(count) == []


def test_each_block_has_hooks_that_may_try_its_functions_alone() -> None:
    """The first block's pair has the names that it always had, and no role grows with the service."""
    templates = _rendered(_MANY)
    names = {
        stack: {
            resource["Properties"]["FunctionName"]
            for resource in template["Resources"].values()
            if resource["Type"] == "AWS::Lambda::Function"
        }
        for stack, template in templates.items()
        if stack.startswith("compute")
    }
    tried: dict[str, set[str]] = {}
    for stack, _, role in _of_type(templates, "AWS::IAM::Role"):
        if "-hook-" in role["RoleName"]:
            assert "ManagedPolicyArns" not in role, role["RoleName"]
            (policy,) = role["Policies"]
            (statement,) = (one for one in policy["PolicyDocument"]["Statement"] if one["Sid"] == "TryVersions")
            arns = (resource["Fn::Sub"] for resource in statement["Resource"])
            tried.setdefault(stack, set()).update(arn.rpartition(":function:")[2].removesuffix(":*") for arn in arns)

    assert len(tried) == len(names) > 1
    for stack, functions in tried.items():
        compute = stack.replace("security", "compute")
        assert functions == {name for name in names[compute] if not name.startswith("CodeDeployHook_")}, stack
    assert {name for name in names["compute"] if name.startswith("CodeDeployHook_")} == {
        "CodeDeployHook_wide-prod-eu-west-1-before",
        "CodeDeployHook_wide-prod-eu-west-1-after",
    }
    for stack, _, alias in _aliases(templates):
        update = alias["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]
        for event in ("BeforeAllowTrafficHook", "AfterAllowTrafficHook"):
            made = templates[stack]["Resources"][update[event]["Ref"]]
            assert made["Properties"]["FunctionName"] in names[stack]


def _aliases(templates: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    for stack, template in templates.items():
        for name, resource in template["Resources"].items():
            if resource["Type"] == "AWS::Lambda::Alias":
                yield stack, name, resource


_MANY_PARTS = 300
_DEFINED = {
    "bucket": 'service.bucket("{name}")',
    "topic": 'api.may(service.topic("{name}").publish)',
    "subscribed topic": 'service.topic("{name}", queues=[service.queue("{name}-jobs")])',
    "queue": 'api.may(service.queue("{name}").send)',
    "event bus": 'api.may(service.bus("{name}").put)',
    "secret": 'api.may(service.secret("{name}").read)',
}


@pytest.mark.parametrize("kind", sorted(_DEFINED))
def test_hundreds_of_a_kind_split(tmp_path: Path, kind: str) -> None:
    """Three hundred of one kind render: in as many stacks as it takes, and one role may use all of them."""
    write_project(tmp_path, [])
    lines = ["from tapgen.service import Service", 'service = Service("wide")', 'api = service.function("api")']
    lines += ['api.route("GET /")', *(_DEFINED[kind].format(name=f"p{number}") for number in range(_MANY_PARTS))]
    (tmp_path / "config" / "service.py").write_text("\n".join(lines) + "\n")
    (tmp_path / "handlers" / "api").mkdir(parents=True)

    templates = _render(tmp_path)

    assert "data2" in templates
    for stack, template in templates.items():
        assert len(template["Resources"]) <= 500, stack
        assert len(template.get("Outputs", ())) <= 200, stack
    for _, name, policy in _of_type(templates, "AWS::S3::BucketPolicy"):
        assert len(json.dumps(policy["PolicyDocument"], separators=(",", ":"))) <= 20 * _KIB, name


def test_throttled_routes_find_the_stage(tmp_path: Path) -> None:
    """A function whose routes have limits of their own takes a place beside the stage, wherever it is written."""
    write_project(tmp_path, name_functions(40))
    service = tmp_path / "config" / "service.py"
    service.write_text(
        f'{service.read_text()}limited = service.function("limited")\n'
        'limited.route("GET /limited", rate_rps=5, burst=5)\n'
        'from tapgen.service import every\nservice.function("late", on=every("1 day", at="02:00"))\n'
    )
    (tmp_path / "handlers" / "limited").mkdir()
    (tmp_path / "handlers" / "late").mkdir()

    templates = _render(tmp_path)

    assert "LimitedFunction" in templates["compute"]["Resources"]
    assert "GET /limited" in templates["compute"]["Resources"]["ApiStage"]["Properties"]["RouteSettings"]
    assert "LateFunction" in templates["compute2"]["Resources"]
    assert any("scheduler" in json.dumps(role) for role in templates["security2"]["Resources"].values())
