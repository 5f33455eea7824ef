"""Parts in several blocks of nested stacks: what one stack has by the name of another is there when it is needed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from scripts.benchmarks.generated import write_project

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SERVICE = '''\
"""Parts of two blocks that name each other."""
from tapgen.service import Service, every

service = Service("wide")
jobs = service.queue("jobs")
late_jobs = service.queue("late-jobs")
news = service.topic("news", queues=[jobs, late_jobs])
early = service.topic("early", queues=[late_jobs])
files = service.bucket("files")
events = service.bus("events")
api = service.function("api")
api.route("GET /").may(news.publish, early.publish, files.put("in/*"), events.put)
service.function("late", on=[every("1 day", at="02:00"), files.objects(), news.notifications()])
'''
_SECOND = ("function/late", "topic/news", "bucket/files", "event bus/events", "queue/late-jobs")
_HANDLER = 'def handler(event: dict, context: object) -> dict:\n    return {"statusCode": 200, "body": "{}"}\n'


@pytest.fixture(name="project")
def _project(tmp_path: Path) -> Iterator[Path]:
    write_project(tmp_path, [])
    (tmp_path / "config" / "service.py").write_text(_SERVICE)
    lock = {"version": 1, "parts": dict.fromkeys(_SECOND, 2)}
    (tmp_path / "config" / "stacks.lock.json").write_text(json.dumps(lock))
    for name in ("api", "late"):
        (tmp_path / "handlers" / name).mkdir(parents=True)
        (tmp_path / "handlers" / name / "app.py").write_text(_HANDLER)
    _run(tmp_path, "local", "start")
    yield tmp_path
    _run(tmp_path, "local", "stop")


def _run(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("AWS_") and name != "CI"}
    command = [sys.executable, "-m", "tapgen", *arguments]
    return subprocess.run(command, cwd=project, env=environ, capture_output=True, text=True, check=False)


def _client(project: Path, service: Any) -> Any:
    return boto3.client(
        service,
        endpoint_url=json.loads(_run(project, "local", "status", "--json").stdout)["endpoint_url"],
        region_name="us-east-1",
        aws_access_key_id="000000000000",
        aws_secret_access_key="test",  # noqa: S106 - the embedded AWS takes any secret
    )


def test_parts_of_two_blocks_work_together(project: Path) -> None:
    """Topics tell queues of an earlier and of a later block; bucket, bus and schedule of the second are there."""
    done = _run(project, "deploy", "--env", "local", "--yes")
    assert done.returncode == 0, done.stderr
    topics, queues = _client(project, "sns"), _client(project, "sqs")
    for topic in topics.list_topics()["Topics"]:
        name = topic["TopicArn"].rpartition("-")[2]
        if name in ("news", "early"):
            topics.publish(TopicArn=topic["TopicArn"], Message=name)

    def heard(queue: str, wanted: int) -> set[str]:
        url = queues.get_queue_url(QueueName=f"wide-local-us-east-1-{queue}")["QueueUrl"]
        found: set[str] = set()
        deadline = time.monotonic() + 30
        while len(found) < wanted and time.monotonic() < deadline:
            answer = queues.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
            found |= {message["Body"] for message in answer.get("Messages", ())}
        return found

    assert heard("jobs", 1) == {"news"}
    assert heard("late-jobs", 2) == {"news", "early"}
    checked = _run(project, "verify", "--env", "local", "--json")
    by_check = {finding["check"]: finding for finding in json.loads(checked.stdout)["findings"]}
    assert by_check["events-answer"]["what"].startswith("late: empty batch in ")
    assert by_check["alias-whole"]["status"] == by_check["events-answer"]["status"] == "passed"
