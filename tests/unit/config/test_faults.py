"""Every fault of the configuration is told at its own place, with the value and what is allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.config.conftest import Project

    FaultsOf = Callable[[Callable[[], object]], list[str]]

DEV = 'dev:\n    account_id: "111122223333"\n'
CERTIFICATE = "arn:aws:acm:eu-west-1:111122223333:certificate/0a1b2c3d-1111-2222-3333-444455556666"
NAMED = f"{DEV}    api:\n      domain:\n        name: api.example.com\n        "
SLOW_PAIR = "long_min: 60, short_min: 5, severity: warning"
"""The environment that most tests resolve; a test adds lines below it."""

# (what is replaced, by what, path of the fault, words of its text); `# here` marks the line.
ONE_FAULT = {
    "unknown key": (DEV, f"{DEV}    encrption: aws-owned # here\n", "dev.encrption", "did you mean 'encryption'?"),
    "unknown nested key": (
        DEV,
        f"{DEV}    api:\n      throttling:\n        rate: 5 # here\n",
        "dev.api.throttling.rate",
        "did you mean 'rate_rps'?",
    ),
    "unknown key without a close one": (
        DEV,
        f"{DEV}    table:\n      zzz: 5 # here\n",
        "dev.table.zzz",
        "the keys are point_in_time_recovery, deletion_protection, ttl_attribute, stream_view",
    ),
    "unknown function": (
        DEV,
        f"{DEV}    functions:\n      arciver: {{}} # here\n",
        "dev.functions.arciver",
        "did you mean 'archiver'?",
    ),
    "domain without a certificate": (
        DEV,
        f"{DEV}    api:\n      domain: {{name: api.example.com}} # here\n",
        "dev.api.domain",
        "needs certificate_arn, a certificate of yours, or hosted_zone_id",
    ),
    "domain with a certificate and a zone": (
        DEV,
        f"{NAMED}certificate_arn: {CERTIFICATE}\n        hosted_zone_id: Z0123456789ABC # here\n",
        "dev.api.domain.hosted_zone_id",
        "leave one of them out",
    ),
    "certificate of another region": (
        DEV,
        f"{NAMED}certificate_arn: {CERTIFICATE.replace('eu-west-1', 'us-east-1')} # here\n",
        "dev.api.domain.certificate_arn",
        "is of region us-east-1, and the environment of eu-west-1",
    ),
    "certificate of another account": (
        DEV,
        f"{NAMED}certificate_arn: {CERTIFICATE.replace('111122223333', '999999999999')} # here\n",
        "dev.api.domain.certificate_arn",
        "is of account 999999999999, and the environment of 111122223333",
    ),
    "no ARN of a certificate": (
        DEV,
        f"{NAMED}certificate_arn: arn:aws:iam::1:x # here\n",
        "dev.api.domain.certificate_arn",
        "'arn:aws:iam::1:x': string must match pattern",
    ),
    "no id of a hosted zone": (
        DEV,
        f"{NAMED}hosted_zone_id: /hostedzone/Z1 # here\n",
        "dev.api.domain.hosted_zone_id",
        "'/hostedzone/Z1': string must match pattern",
    ),
    "no domain name": (
        DEV,
        f"{DEV}    api:\n      domain: {{hosted_zone_id: Z01, name: 'https://api.example.com'}} # here\n",
        "dev.api.domain.name",
        "'https://api.example.com': string must match pattern",
    ),
    "base path with a slash around it": (
        DEV,
        f"{NAMED}hosted_zone_id: Z012345\n        base_path: /orders # here\n",
        "dev.api.domain.base_path",
        "'/orders': string must match pattern",
    ),
    "value set by tapgen": (DEV, f"{DEV}    suffix: pr-1 # here\n", "dev.suffix", "is set by tapgen"),
    "text for a number": ("memory_mb: 512", "memory_mb: big # here", "memory_mb", "'big': must be a whole number"),
    "number for text": (
        "tags: {owner: payments, cost_centre: cc-1}",
        "tags: {owner: 5, cost_centre: cc-1} # here",
        "defaults.tags.owner",
        "5: must be text",
    ),
    "text for a boolean": ("tracing: true", "tracing: 'yes' # here", "tracing", "'yes': must be true or false"),
    "number out of range": ("memory_mb: 512", "memory_mb: 64 # here", "memory_mb", "64: must be greater than or equal"),
    "list for a mapping": (
        "cors: {allow_origins: [], allow_headers: []}",
        "cors: [] # here",
        "defaults.api.cors",
        "a list: must be a mapping",
    ),
    "mapping for a list": (
        "cors: {allow_origins: [], allow_headers: []}",
        "cors: {allow_origins: {}} # here",
        "defaults.api.cors.allow_origins",
        "a mapping: must be a list",
    ),
    "mapping for text": (DEV, f"{DEV}    project: {{}} # here\n", "dev.project", "a mapping: must be text"),
    "wrong choice": (
        "authorization: NONE",
        "authorization: jwt # here",
        "defaults.api.authorization",
        "'jwt': must be 'NONE', 'IAM' or 'JWT'; did you mean 'JWT'?",
    ),
    "choice that YAML reads as a boolean": (
        "log_level: INFO",
        "log_level: off # here",
        "defaults.function.log_level",
        "false: must be 'TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR' or 'FATAL'",
    ),
    "retention that CloudWatch does not offer": (
        "log_retention_days: 30\n  functions",
        "log_retention_days: 42 # here\n  functions",
        "defaults.function.log_retention_days",
        "42: must be a retention that CloudWatch Logs offers: 1, 3, 5, 7, 14, 30",
    ),
    "region": ("region: eu-west-1", "region: europe # here", "defaults.region", "'europe': string must match pattern"),
    "account id as a number": (
        '"111122223333"',
        "111122223333 # here",
        "dev.account_id",
        "111122223333: an account id is text, put the twelve digits in quotes",
    ),
    "account id that YAML reads as octal": (
        '"111122223333"',
        "011112222333 # here",
        "dev.account_id",
        "YAML reads 011112222333 as the number 1227433179; put it in quotes",
    ),
    "account id with a digit too few": ('"111122223333"', '"11112222333" # here', "dev.account_id", "'11112222333'"),
    "null where a value is needed": (
        DEV,
        f"{DEV}    alarms: null # here\n",
        "environments.dev.alarms",
        "null: must be a mapping",
    ),
    "null functions": (
        DEV,
        f"{DEV}    functions: null # here\n",
        "environments.dev.functions",
        "null: must be a mapping",
    ),
    "null function": (
        DEV,
        f"{DEV}    functions:\n      api: null # here\n",
        "environments.dev.functions.api",
        "null: must be a mapping",
    ),
    "function that is no mapping": (
        DEV,
        f"{DEV}    functions:\n      api: 5 # here\n",
        "environments.dev.functions.api",
        "5: must be a mapping",
    ),
    "shared function settings that are no mapping": (
        DEV,
        f"{DEV}    function: [] # here\n",
        "environments.dev.function",
        "a list: must be a mapping",
    ),
    "member of a list without a key": (
        "notifications: {warning: [], critical: []}",
        "notifications:\n    critical: []\n    warning:\n      - protocol: email # here",
        "defaults.notifications.warning.0.endpoint",
        "is missing",
    ),
    "unknown key in a member of a list": (
        "notifications: {warning: [], critical: []}",
        "notifications:\n    critical: []\n    warning:\n      - {protocol: email, endpoint: a@b.c, to: x} # here",
        "defaults.notifications.warning.0.to",
        "unknown key 'to'; the keys are protocol, endpoint",
    ),
    "JWT without issuer and audiences": (
        DEV,
        f"{DEV}    api:\n      authorization: JWT # here\n",
        "dev.api.authorization",
        "JWT needs `api.jwt` with an issuer and at least one audience",
    ),
    "JWT without audiences": (
        DEV,
        f"{DEV}    api:\n      authorization: JWT\n      jwt: {{issuer: 'https://a.b'}} # here\n",
        "dev.api.jwt.audiences",
        "is missing",
    ),
    "JWT without an audience": (
        DEV,
        f"{DEV}    api:\n      authorization: JWT\n      jwt: {{issuer: 'https://a.b', audiences: []}} # here\n",
        "dev.api.jwt.audiences",
        "at least 1 item",
    ),
    "issuer without https": (
        DEV,
        f"{DEV}    api:\n      authorization: JWT\n      jwt: {{issuer: 'http://a.b', audiences: [x]}} # here\n",
        "dev.api.jwt.issuer",
        "'http://a.b'",
    ),
    "JWT settings for another authorization": (
        DEV,
        f"{DEV}    api:\n      jwt: {{issuer: 'https://a.b', audiences: [x]}} # here\n",
        "dev.api.jwt",
        "is set, but api.authorization is NONE",
    ),
    "API function that outlasts the API": (
        DEV,
        f"{DEV}    functions:\n      api:\n        timeout_s: 31 # here\n",
        "dev.functions.api.timeout_s",
        "31: an HTTP API waits at most 30 s",
    ),
    "hook without time to answer": (
        "hooks: {timeout_s: 60}",
        "hooks: {timeout_s: 29} # here",
        "defaults.functions.hooks.timeout_s",
        "29: a hook needs at least 30 s",
    ),
    "expiry before Glacier's minimum": (
        "archive: {glacier_after_days: 90, expire_after_days: 365, access_log_retention_days: 90}",
        "archive: {glacier_after_days: 90, expire_after_days: 179, access_log_retention_days: 90} # here",
        "defaults.buckets.archive.expire_after_days",
        "179: must be at least 180",
    ),
    "canary longer than CloudFormation waits": (
        "interval_min: 5, min",
        "interval_min: 101, # here\n    min",
        "defaults.shift.interval_min",
        "101: the shift takes 101 min",
    ),
    "linear shift longer than CloudFormation waits": (
        "type: canary, percentage: 10, interval_min: 5, min",
        "type: linear, percentage: 10, interval_min: 12, # here\n    min",
        "defaults.shift.interval_min",
        "12: the shift takes 108 min",
    ),
    "burn windows the wrong way round": (
        DEV,
        f"{DEV}    slo: {{burn_rates: [{{long_min: 5, short_min: 60, factor: 2, severity: warning}}]}} # here\n",
        "dev.slo.burn_rates.0.short_min",
        "60: must be shorter than long_min, 5",
    ),
    "burn rate that nothing reaches": (
        DEV,
        f"{DEV}    slo: {{availability_percent: 90.0, burn_rates: [{{{SLOW_PAIR}, factor: 14.4}}]}} # here\n",
        "dev.slo.burn_rates.0.factor",
        "14.4: with an objective of 90 % nothing burns faster than 10, the alarm could never go off",
    ),
    "e-mail endpoint": (
        "notifications: {warning: [], critical: []}",
        "notifications: {critical: [], warning: [{protocol: email, endpoint: nobody}]} # here",
        "defaults.notifications.warning.0.endpoint",
        "'nobody': email needs an e-mail address",
    ),
    "HTTPS endpoint": (
        "notifications: {warning: [], critical: []}",
        "notifications: {warning: [], critical: [{protocol: https, endpoint: 'http://a.b'}]} # here",
        "defaults.notifications.critical.0.endpoint",
        "https needs a URL that begins with https://",
    ),
    "layer that does not exist": (
        DEV,
        f"{DEV}    layer:\n      path: layers/none.zip # here\n",
        "dev.layer.path",
        "'layers/none.zip' does not exist below",
    ),
    "requirements that do not exist": (
        "layer: {requirements: handlers/requirements.txt, path: null}",
        "layer: {requirements: handlers/none.txt, path: null} # here",
        "defaults.layer.requirements",
        "'handlers/none.txt' does not exist below",
    ),
    "name of an environment": (
        "  dev:\n",
        "  Dev: # here\n",
        "environments.Dev",
        "the name 'Dev': string must match pattern",
    ),
}


@pytest.mark.parametrize("case", ONE_FAULT.values(), ids=ONE_FAULT.keys())
def test_a_fault_names_line_path_value_and_what_is_allowed(
    project: Project, faults_of: FaultsOf, case: tuple[str, str, str, str]
) -> None:
    """One wrong setting is one fault, at the line where it stands, inherited or not."""
    old, new, path, words = case
    environments = project.change((old, new))

    (fault,) = faults_of(lambda: environments.resolve(environments.names[0]))

    place, told_path, text = fault.split(": ", 2)
    assert place == project.marked
    assert told_path.endswith(path)
    assert words in text


def test_all_faults_of_all_environments_come_at_once(project: Project, faults_of: FaultsOf) -> None:
    """A wrong value does not hide a broken rule, nor one environment another; an inherited fault comes once."""
    environments = project.change(
        ("memory_mb: 512", "memory_mb: 0"),
        ("encryption: aws-owned", "encryption: mine"),
        ('"111122223333"', "1"),
        ("api: {authorization: IAM}", "api: {authorization: NONE}"),
        (
            "table: {deletion_protection: true}",
            "table: {point_in_time_recovery: false}\n    shift: {type: all-at-once}",
        ),
    )

    paths = [fault.split(": ")[1] for fault in faults_of(environments.resolve_all)]

    assert sorted(paths) == [
        "defaults.encryption",
        "defaults.function.memory_mb",
        "defaults.table.deletion_protection",
        "environments.dev.account_id",
        "environments.prod.api.authorization",
        "environments.prod.shift.type",
        "environments.prod.table.point_in_time_recovery",
    ]


def test_resolving_one_environment_leaves_the_faults_of_others(project: Project) -> None:
    """A broken neighbour does not stop work on this one."""
    environments = project.change(("production: true", "production: 7"))

    assert environments.resolve("dev").name == "dev"


@pytest.mark.parametrize(
    ("change", "path", "words"),
    [
        (("api: {authorization: IAM}", "api: {}"), "defaults.api.authorization", "NONE is refused"),
        (
            ("table: {deletion_protection: true}", "table: {deletion_protection: true, point_in_time_recovery: false}"),
            "environments.prod.table.point_in_time_recovery",
            "false is refused",
        ),
        (("table: {deletion_protection: true}", "table: {}"), "defaults.table.deletion_protection", "false is refused"),
        (
            ("stack_protection: true", "stack_protection: false"),
            "environments.prod.stack_protection",
            "false is refused",
        ),
        (
            ("production: true", "production: true\n    shift: {type: all-at-once}"),
            "environments.prod.shift.type",
            "all-at-once is refused",
        ),
    ],
    ids=["authorization NONE", "PITR off", "deletion protection off", "stack protection off", "all at once"],
)
def test_production_refuses(
    project: Project, faults_of: FaultsOf, change: tuple[str, str], path: str, words: str
) -> None:
    """An environment marked production refuses each weak setting, where it stands; others may have it."""
    environments = project.change(change)

    (fault,) = faults_of(lambda: environments.resolve("prod"))

    assert f": {path}: {words} where production is true" in fault
    assert environments.resolve("dev").production is False


def test_a_missing_setting_is_told_for_the_environment(project: Project, faults_of: FaultsOf) -> None:
    """What neither section gives is missing in both, at the environment's own line."""
    environments = project.change(("  region: eu-west-1\n", ""), ("  dev:\n", "  dev: # here\n"))

    faults = faults_of(lambda: environments.resolve("dev"))

    assert faults == [f"{project.marked}: environments.dev.region: is missing, here and in `defaults`"]


@pytest.mark.parametrize(
    ("text", "path", "words"),
    [
        ("environments: {}\n", "environments", "there must be at least one environment"),
        ("defaults: {}\n", "environments", "there must be at least one environment"),
        ("environments: [dev]\n", "environments", "a list: must be a mapping of names"),
        ("environments: {dev: 5}\n", "environments.dev", "5: must be a mapping"),
        ("defaults: 7\nenvironments: {dev: {}}\n", "defaults", "7: must be a mapping"),
        ("enviroments: {}\nenvironments: {dev: {}}\n", "enviroments", "did you mean 'environments'?"),
    ],
)
def test_sections_must_be_there_and_hold_environments(
    project: Project, faults_of: FaultsOf, text: str, path: str, words: str
) -> None:
    """The file's own shape is judged like its contents."""
    faults = faults_of(project.write(text).resolve_all)

    assert any(f": {path}: " in fault and words in fault for fault in faults)


def test_a_broken_file_is_told_rather_than_an_unknown_environment(project: Project, faults_of: FaultsOf) -> None:
    """Where no name can be read, the reason is the file."""
    environments = project.write("environments: [dev]\n")

    assert "must be a mapping of names" in faults_of(lambda: environments.resolve("dev"))[0]
