"""Values that AWS, a browser or the service itself could not work with are faults of the file, at their place."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.config.load import load_environments
from tapgen.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

    Judge = Callable[[dict[str, Any]], list[str]]

_CONFIG = Path(__file__).parents[3] / "config"
_PAIR = {"short_min": 5, "factor": 2, "severity": "warning"}


@pytest.fixture(name="judge")
def _judge(tmp_path: Path) -> Judge:
    """What is wrong with the shipped configuration when an environment of it says more."""

    def judge(more: dict[str, Any]) -> list[str]:
        folder = tmp_path / "project" / "config"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(_CONFIG, folder, ignore=shutil.ignore_patterns("__pycache__"))
        for function in ("api", "archiver"):
            (folder.parent / "handlers" / function).mkdir(parents=True, exist_ok=True)
        (folder.parent / "handlers" / "requirements.txt").touch()
        with (folder / "environments.yaml").open("a", encoding="utf-8") as file:
            # JSON is YAML: escapes stay escapes.
            file.write("\n  tried: " + json.dumps({"account_id": "999988887777", "project": "tried", **more}) + "\n")
        try:
            load_environments(folder / "environments.yaml").resolve("tried")
        except ConfigError as error:
            return [line.split(": ", 1)[1].removeprefix("environments.tried.") for line in error.why.splitlines()]
        return []

    return judge


def _cors(*origins: str) -> dict[str, Any]:
    return {"api": {"cors": {"allow_origins": list(origins)}}}


@pytest.mark.parametrize(
    "origin",
    [
        "*",
        "https://*",
        "http://*",
        "https://app.example.com",
        "http://localhost:3000",
        "http://127.0.0.1:8080",
        "http://[::1]:5173",
        "https://xn--bcher-kva.example",
        "https://app.example.com:8443",
    ],
)
def test_origins_as_browsers_send_them_are_fine(judge: Judge, origin: str) -> None:
    """And the three wildcards that API Gateway documents."""
    assert judge(_cors(origin)) == []


@pytest.mark.parametrize(
    ("origin", "words"),
    [
        ("", "must begin with https://"),
        ("app.example.com", "must begin with https://"),
        ("ftp://app.example.com", "must begin with https://"),
        ("null", "must begin with https://"),
        ("https://*.example.com", "no wildcard but"),
        ("https://app.example.com/", "no slash and no path"),
        ("https://app.example.com/app", "no slash and no path"),
        ("https://app.example.com?x", "no slash and no path"),
        ("https://App.example.com", "in lower case"),
        ("https://bücher.example", "xn--"),
        ("https://", "scheme, host and port"),
        ("https://user@app.example.com", "scheme, host and port"),
        ("https://app.example.com:", "scheme, host and port"),
        ("https://app.example.com:443", "browsers leave out"),
        ("http://app.example.com:80", "browsers leave out"),
        (" https://app.example.com", "must begin with https://"),
    ],
)
def test_origins_that_no_browser_sends_are_faults(judge: Judge, origin: str, words: str) -> None:
    """API Gateway would refuse them after minutes, or take them and never match."""
    (fault,) = judge(_cors("https://fine.example.com", origin))

    assert fault.startswith(f"api.cors.allow_origins.1: {origin!r}: must ")
    assert words in fault


@pytest.mark.parametrize("name", ["", "x y", "x:y", "é"])
def test_header_names_are_tokens(judge: Judge, name: str) -> None:
    """What is no name of a header cannot be allowed."""
    (fault,) = judge({"api": {"cors": {"allow_headers": ["content-type", name]}}})

    assert fault.startswith(f"api.cors.allow_headers.1: {name!r}: ")


@pytest.mark.parametrize("audience", ["", " ", "two words"])
def test_an_audience_that_no_token_has_is_a_fault(judge: Judge, audience: str) -> None:
    """An empty one makes API Gateway refuse the authorizer, and with it the whole deployment."""
    jwt = {"issuer": "https://a.b", "audiences": ["ok", audience]}
    (fault,) = judge({"api": {"authorization": "JWT", "jwt": jwt}})

    assert fault.startswith(f"api.jwt.audiences.1: {audience!r}: ")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "at least 1 character"),
        ("x" * 256, "at most 255 characters"),
        ("userId", "is a key of table transactions"),
        ("transactionId", "is a key of table transactions"),
        ("answer", "the service writes something else there"),
        ("version", "the service writes something else there"),
        ("expires\nAt", "control characters"),
    ],
    ids=lambda value: value[:12],
)
def test_time_to_live_needs_an_attribute_of_its_own(judge: Judge, name: str, words: str) -> None:
    """The API would write its expiry over a key or over the answer that a record keeps."""
    (fault,) = judge({"tables": {"transactions": {"ttl_attribute": name}}})

    assert fault.startswith("tables.transactions.ttl_attribute: ")
    assert words in fault


@pytest.mark.parametrize("name", [None, "removeAt", "x" * 255])
def test_any_other_attribute_is_fine(judge: Judge, name: str | None) -> None:
    """Null turns time to live off."""
    assert judge({"tables": {"transactions": {"ttl_attribute": name}}}) == []


def test_burn_rates_of_one_window_are_a_fault(judge: Judge) -> None:
    """Alarms are named by the long window: two of one name were a `duplicate key`."""
    pairs = [{"long_min": 60, **_PAIR}, {"long_min": 360, **_PAIR}, {"long_min": 60, **_PAIR, "factor": 5}]

    (fault,) = judge({"slo": {"burn_rates": pairs}})

    assert fault.startswith("slo.burn_rates.2.long_min: 60: another pair has the same window")


@pytest.mark.parametrize(
    ("more", "place"),
    [
        ({"tags": {"owner": "pay\nments"}}, "tags.owner"),
        ({"tags": {"owner": "pay\tments"}}, "tags.owner"),
        ({"tags": {"cost_centre": "cc\u2028"}}, "tags.cost_centre"),
        ({"deployer": {"principals": ["arn:aws:iam::123456789012:role/x\u0001"]}}, "deployer.principals"),
        ({"alarms": {"runbook_base_url": "https://a.b/\u0007c"}}, "alarms.runbook_base_url"),
        (
            {"notifications": {"warning": [{"protocol": "email", "endpoint": "a\u0000@b.c"}]}},
            "notifications.warning.0.endpoint",
        ),
    ],
)
def test_control_characters_are_faults_wherever_they_stand(judge: Judge, more: dict[str, Any], place: str) -> None:
    """AWS refuses such a tag when half of the stack is made; nothing else of the file may have them either."""
    faults = judge(more)

    assert [fault.partition(": ")[0] for fault in faults] == [place]
    assert "control characters" in faults[0]
