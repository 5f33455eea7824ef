"""``scripts/bench load``: callers that do what users do, for some time, against a service deployed to the embedded AWS.

Everything is on the loopback interface, and the emulator shares the machine with the callers: the figures say what the
service stands, not what AWS gives. At the end the archive must hold every change that was answered, each once.
"""

from __future__ import annotations

import collections
import gzip
import http.client
import json
import random
import statistics
import subprocess
import sys
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scripts.benchmarks.project import copied_project

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_HEADERS = {"content-type": "application/json"}
_ARCHIVE_PATIENCE_S = 120


@dataclass
class Record:
    """What one caller saw.

    Attributes:
        latencies_s: By operation.
        answers: How often each operation was answered with each status.
        changes: User, transaction and version of every change that was answered with success.
    """

    latencies_s: dict[str, list[float]] = field(default_factory=lambda: collections.defaultdict(list))
    answers: collections.Counter[tuple[str, int]] = field(default_factory=collections.Counter)
    changes: set[tuple[str, str, int]] = field(default_factory=set)


def run(*, duration_s: float, callers: int) -> int:
    """Drive and report; 1 for an error or a change that is not in the archive once."""
    with copied_project() as project:

        def tapgen(*arguments: str) -> str:
            command = [sys.executable, "-m", "tapgen", *arguments]
            return subprocess.run(command, cwd=project, capture_output=True, text=True, check=True).stdout

        try:
            tapgen("deploy", "--env", "local", "--yes")
            return _drive(project, tapgen, duration_s=duration_s, callers=callers)
        finally:
            tapgen("local", "stop")


def _drive(project: Path, tapgen: Callable[..., str], *, duration_s: float, callers: int) -> int:
    del project
    outputs = json.loads(tapgen("outputs", "--env", "local", "--json"))
    print(f"{callers} callers for {duration_s:.0f} s against {outputs['LocalApiUrl']}", file=sys.stderr)
    records = [Record() for _ in range(callers)]
    deadline = time.monotonic() + duration_s
    with ThreadPoolExecutor(callers) as pool:
        for done in [pool.submit(_call, record, outputs["LocalApiUrl"], deadline) for record in records]:
            done.result()
    failed = _report(records, duration_s)
    endpoint = json.loads(tapgen("local", "status", "--json"))["endpoint_url"]
    complete = _check_archive(
        endpoint, outputs["ArchiveBucketName"], set().union(*(record.changes for record in records))
    )
    return 0 if complete and not failed else 1


def _call(record: Record, url: str, deadline: float) -> None:
    """One caller: a user who creates, looks, lists and replaces until the time is over."""
    target = urlsplit(url)
    connection = http.client.HTTPConnection(target.hostname or "", target.port, timeout=60)
    draw = random.Random(threading.get_ident())  # noqa: S311 - chooses what to do next
    path = f"{target.path}/users/load-{uuid.uuid4().hex[:12]}/transactions"
    own: list[tuple[str, int]] = []

    def request(name: str, method: str, where: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        started = time.perf_counter()
        connection.request(
            method,
            where,
            body=json.dumps(body) if body else None,
            headers=_HEADERS | {k.replace("_", "-"): v for k, v in headers.items()},
        )
        response = connection.getresponse()
        text = response.read()
        record.latencies_s[name].append(time.perf_counter() - started)
        record.answers[name, response.status] += 1
        return response.status, json.loads(text) if text else None

    def remember(status: int, document: Any) -> None:
        if status in (200, 201):
            record.changes.add((document["userId"], document["transactionId"], document["version"]))
            own.append((document["transactionId"], document["version"]))

    while time.monotonic() < deadline:
        choice = draw.random()
        fields = {"amount": f"{draw.randint(1, 9999)}.{draw.randint(10, 99)}", "currency": "EUR", "type": "debit"}
        if not own or choice < 0.5:
            remember(*request("create", "POST", path, fields, idempotency_key=uuid.uuid4().hex))
        elif choice < 0.75:
            request("get", "GET", f"{path}/{draw.choice(own)[0]}")
        elif choice < 0.9:
            request("list 25", "GET", f"{path}?limit=25")
        else:
            which, version = own.pop(draw.randrange(len(own)))
            remember(*request("replace", "PUT", f"{path}/{which}", fields, if_match=f'"{version}"'))
    connection.close()


def _report(records: list[Record], duration_s: float) -> int:
    """Print the table; the number of answers that nobody wants."""
    latencies: dict[str, list[float]] = collections.defaultdict(list)
    answers: collections.Counter[tuple[str, int]] = collections.Counter()
    for record in records:
        answers += record.answers
        for name, values in record.latencies_s.items():
            latencies[name] += values
    total = sum(map(len, latencies.values()))
    print(f"{total:,} requests, {total / duration_s:.0f} a second")
    print(f"  {'':<10} {'requests':>9} {'p50 ms':>8} {'p90 ms':>8} {'p99 ms':>8}")
    for name, values in [*sorted(latencies.items()), ("all", [value for each in latencies.values() for value in each])]:
        cuts = statistics.quantiles(values, n=100) if len(values) > 1 else values * 99
        shown = " ".join(f"{cuts[percent - 1] * 1000:>8.1f}" for percent in (50, 90, 99))
        print(f"  {name:<10} {len(values):>9,} {shown}")
    failed = {key: count for key, count in answers.items() if key[1] >= 400}
    print(f"errors: {sum(failed.values())}" + (f" {failed}" if failed else ""))
    return sum(failed.values())


def _check_archive(endpoint: str, bucket: str, wanted: set[tuple[str, str, int]]) -> bool:
    """Wait until every change is in the archive; whether each is there once and nothing else is."""
    import boto3

    s3 = boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="000000000000",
        aws_secret_access_key="test",  # noqa: S106 - the embedded AWS takes any secret
    )
    deadline = time.monotonic() + _ARCHIVE_PATIENCE_S
    while True:
        found = collections.Counter(_archived(s3, bucket))
        if wanted <= found.keys() or time.monotonic() > deadline:
            break
        time.sleep(1)
    missing, twice, strange = wanted - found.keys(), sum(count > 1 for count in found.values()), found.keys() - wanted
    print(f"archive: {len(wanted):,} changes, {len(missing)} missing, {twice} twice, {len(strange)} unknown")
    return not missing and not twice and not strange


def _archived(s3: Any, bucket: str) -> list[tuple[str, str, int]]:
    found = []
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="transactions/"):
        for item in page.get("Contents", ()):
            body = s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].read()
            images = [json.loads(line)["newImage"] for line in gzip.decompress(body).splitlines()]
            found += [(image["userId"], image["transactionId"], int(image["version"])) for image in images]
    return found
