"""The embedded AWS as a process: it starts, answers, stops, and never mistakes another process for itself."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from tapgen.errors import LocalError
from tapgen.local.server import LocalAws
from tapgen.processes import Process, start_identity
from tests.local.conftest import Stacks, client_factory
from tests.local.extension.templates import function, role

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tapgen.local.server import LocalStatus
    from tests.local.conftest import ClientFactory


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / ".tapgen" / "local"


@pytest.fixture
def aws(root: Path) -> Iterator[LocalAws]:
    aws = LocalAws(root, lifetime="parent")
    yield aws
    aws.stop()


def broken_ministack(folder: Path, *, package: str, app: str = "") -> str:
    """A stand-in for MiniStack that comes first on the child's path; the path to set."""
    (folder / "ministack").mkdir()
    (folder / "ministack" / "__init__.py").write_text(package)
    (folder / "ministack" / "app.py").write_text(app)
    return str(folder)


def group_of(pid: int) -> set[int]:
    """The processes in the group of ``pid``."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,pgid="], capture_output=True, text=True, check=True).stdout
    return {int(line.split()[0]) for line in listed.splitlines() if int(line.split()[1]) == pid}


def eventually_gone(process: Process) -> None:
    assert process.wait(timeout_s=20.0), f"process {process.pid} is still there"


def test_it_starts_on_demand_once(aws: LocalAws) -> None:
    """The first call starts the child, the second finds it."""
    first = aws.ensure_running()
    assert first.running
    assert first.ministack_version == "1.5.33"
    assert aws.ensure_running() == first
    assert aws.status() == first


def test_it_tells_how_long_a_minute_takes(root: Path) -> None:
    """As long as it runs, to whoever asks; the default, and what it was started with."""
    for wanted, told in ((None, 0.6), (0.05, 0.05)):
        aws = LocalAws(root, lifetime="parent", minute_s=wanted)
        try:
            assert aws.start().minute_s == told
            assert LocalAws(root).status().minute_s == told
        finally:
            assert aws.stop().minute_s is None


def test_it_listens_on_the_loopback_alone(aws: LocalAws) -> None:
    """Nothing outside the machine reaches it."""
    port = aws.ensure_running().port
    assert port
    with socket.socket() as other:
        other.bind(("127.0.0.2", port))


def test_it_takes_its_old_port_after_a_restart(aws: LocalAws) -> None:
    """URLs that somebody noted down stay good."""
    port = aws.start().port
    stopped = aws.stop()
    assert (stopped.running, stopped.pid, stopped.port) == (False, None, port)
    assert aws.start().port == port


def test_it_takes_a_free_port_when_its_old_one_is_taken(aws: LocalAws) -> None:
    """Somebody else's server on the remembered port is no obstacle."""
    port = aws.start().port
    aws.stop()
    with socket.create_server(("127.0.0.1", port or 0)):
        assert aws.start().port != port


def test_a_wanted_port_that_is_taken_is_an_error(aws: LocalAws) -> None:
    """The port that was asked for is named, with what to do."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(LocalError, match=str(port)) as caught:
            aws.start(port=port)
    assert caught.value.code == "local-port-in-use"
    assert "--port" in caught.value.hint
    assert not aws.status().running


def test_another_port_while_it_runs_is_an_error(aws: LocalAws) -> None:
    """A running server is not moved behind its clients' backs."""
    port = aws.start().port or 0
    assert aws.start(port=port).port == port
    with pytest.raises(LocalError, match="does not listen") as caught:
        aws.start(port=port + 1 if port < 65535 else port - 1)
    assert caught.value.code == "local-other-port"


def test_a_recycled_pid_is_neither_mistaken_nor_killed(aws: LocalAws, root: Path) -> None:
    """A record whose pid belongs to another process by now is stale."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
        root.mkdir(parents=True)
        stale = {"pid": stranger.pid, "started": "1", "port": 1, "started_at": "", "ministack_version": ""}
        (root / "server.json").write_text(json.dumps(stale))
        assert not aws.status().running
        aws.stop()
        assert aws.ensure_running().pid != stranger.pid
        assert stranger.poll() is None
        stranger.communicate(b"\n")


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"pid": 1}'])
def test_a_damaged_record_is_no_record(aws: LocalAws, root: Path, content: str) -> None:
    """Whatever stands in the file, a start mends it."""
    root.mkdir(parents=True)
    (root / "server.json").write_text(content)
    assert not aws.status().running
    assert aws.ensure_running().running


def test_two_starters_start_one_server(root: Path) -> None:
    """Whoever comes second finds the first one's server."""
    starters = [LocalAws(root, lifetime="parent") for _ in range(4)]
    with ThreadPoolExecutor() as pool:
        found = list(pool.map(LocalAws.ensure_running, starters))
    starters[0].stop()
    assert len({status.pid for status in found}) == 1


def test_it_ends_with_its_parent(root: Path) -> None:
    """A test session or a script that dies leaves no server behind."""
    program = (
        "import pathlib, sys; from tapgen.local.server import LocalAws;"
        "print(LocalAws(pathlib.Path(sys.argv[1]), lifetime='parent').ensure_running().pid)"
    )
    done = subprocess.run([sys.executable, "-c", program, str(root)], capture_output=True, text=True, check=True)
    record = json.loads((root / "server.json").read_text()) if (root / "server.json").exists() else None
    pid = int(done.stdout)
    eventually_gone(Process(pid, record["started"] if record else start_identity(pid)))


def test_it_outlives_its_starter_when_detached(root: Path) -> None:
    """The next command finds the server that the last one started, and can stop it."""
    program = (
        "import pathlib, sys; from tapgen.local.server import LocalAws; LocalAws(pathlib.Path(sys.argv[1])).start()"
    )
    subprocess.run([sys.executable, "-c", program, str(root)], check=True)
    aws = LocalAws(root)
    status = aws.ensure_running()
    assert status.running
    assert not aws.stop().running
    assert start_identity(status.pid or 0) == ""


def test_a_stop_ends_the_workers_of_functions(aws: LocalAws) -> None:
    """No process of the server's group stays."""
    status = aws.ensure_running()
    client = client_factory(status)
    Stacks(client).create("worker", {"Resources": {"Role": role(), "Function": function("worker")}})
    event = {"rawPath": "/", "requestContext": {"requestId": "1"}}
    assert "FunctionError" not in client("lambda").invoke(FunctionName="worker", Payload=json.dumps(event))
    assert len(group_of(status.pid or 0)) > 1
    aws.stop()
    deadline = time.monotonic() + 20
    while group_of(status.pid or 0):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_server_that_hangs_is_reported_and_ended_by_force(aws: LocalAws) -> None:
    """It is alive, it does not answer, and a stop gets rid of it all the same."""
    status = aws.ensure_running()
    os.kill(status.pid or 0, signal.SIGSTOP)
    with pytest.raises(LocalError, match="does not answer") as caught:
        aws.ensure_running()
    assert caught.value.code == "local-unhealthy"
    assert not aws.stop(timeout_s=0.5).running
    assert start_identity(status.pid or 0) == ""


def test_a_killed_server_is_started_again(aws: LocalAws) -> None:
    """The next command does not trip over the record that the dead one left."""
    status = aws.ensure_running()
    os.kill(status.pid or 0, signal.SIGKILL)
    again = aws.ensure_running()
    assert again.pid != status.pid
    assert again.port == status.port


def test_a_crash_at_the_start_shows_the_last_words(
    aws: LocalAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error carries what the child wrote before it ended."""
    crash = "import os, sys; print('the disk is on fire', file=sys.stderr, flush=True); os._exit(3)"
    monkeypatch.setenv("PYTHONPATH", broken_ministack(tmp_path, package="", app=crash))
    with pytest.raises(LocalError, match="ended before it was ready") as caught:
        aws.ensure_running()
    assert "the disk is on fire" in caught.value.why
    assert not aws.status().running


def test_a_missing_installation_says_what_to_install(
    aws: LocalAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without MiniStack the hint is the extra."""
    absent = "raise ModuleNotFoundError(\"No module named 'ministack'\", name='ministack')"
    monkeypatch.setenv("PYTHONPATH", broken_ministack(tmp_path, package=absent))
    with pytest.raises(LocalError) as caught:
        aws.ensure_running()
    assert caught.value.code == "local-not-installed"
    assert "pip install 'tapgen[local]'" in caught.value.hint


def test_a_ministack_that_does_not_fit_is_refused(
    aws: LocalAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is missing is named, and the hint is the release that fits."""
    monkeypatch.setenv("PYTHONPATH", broken_ministack(tmp_path, package="", app="app = None"))
    with pytest.raises(LocalError) as caught:
        aws.ensure_running()
    assert caught.value.code == "local-seams"
    assert "ministack." in caught.value.why
    assert "--force-reinstall" in caught.value.hint


def test_a_wrong_setting_is_reported(aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> None:
    """The child's complaint about its environment reaches the caller."""
    monkeypatch.setenv("TAPGEN_LOCAL_MINUTE_S", "soon")
    with pytest.raises(LocalError) as caught:
        aws.ensure_running()
    assert "TAPGEN_LOCAL_MINUTE_S='soon'" in caught.value.why


def test_the_log_can_be_read_and_followed(aws: LocalAws) -> None:
    """Its end, and then what is written until the server has stopped."""
    assert aws.logs(lines=10) == ()
    assert list(aws.follow_logs()) == []
    status = aws.ensure_running()
    assert any("Ready" in line for line in aws.logs(lines=50))
    assert len(aws.logs(lines=2)) == 2
    assert aws.logs(lines=0) == ()
    followed: list[str] = []
    reader = threading.Thread(target=lambda: followed.extend(aws.follow_logs(poll_s=0.01)))
    reader.start()
    client_factory(status)("s3").create_bucket(
        Bucket="followed", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    aws.stop()
    reader.join(timeout=20)
    assert any("followed" in line for line in followed)


def test_the_child_knows_nothing_of_the_developers_credentials(aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys, profile and endpoint of the shell do not reach it, nor the functions that it runs."""
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a-real-secret")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://example.com")
    status = aws.ensure_running()
    monkeypatch.delenv("AWS_PROFILE")
    client = client_factory(status)
    code = "import os\ndef handler(event, context):\n    return dict(os.environ)\n"
    template = {"Role": role(), "Function": function("environment", Code={"ZipFile": code})}
    Stacks(client).create("environment", {"Resources": template})
    seen = json.load(client("lambda").invoke(FunctionName="environment")["Payload"])
    assert "AWS_PROFILE" not in seen
    assert seen["AWS_SECRET_ACCESS_KEY"] != "a-real-secret"  # noqa: S105 - not one
    assert seen["AWS_ENDPOINT_URL"] == status.endpoint_url
    assert seen["AWS_SHARED_CREDENTIALS_FILE"] == os.devnull


def test_policies_are_enforced(client: ClientFactory, name: str) -> None:
    """The root user may do anything, a user what a policy allows, and an unknown key nothing."""
    iam = client("iam")
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    user = (key["AccessKeyId"], key["SecretAccessKey"])
    tables = client("dynamodb", credentials=user)
    with pytest.raises(tables.exceptions.ClientError, match="AccessDenied"):
        tables.list_tables()
    statement = {"Effect": "Allow", "Action": "dynamodb:ListTables", "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    iam.put_user_policy(UserName=name, PolicyName="list", PolicyDocument=json.dumps(document))
    assert "TableNames" in tables.list_tables()
    stranger = client("dynamodb", credentials=("AKIAIOSFODNN7EXAMPLE", "secret"))
    with pytest.raises(stranger.exceptions.ClientError, match="token"):
        stranger.list_tables()


def test_accounts_are_apart(client: ClientFactory, name: str, local_aws: LocalStatus) -> None:
    """A key id of twelve digits is the root user of that account."""
    del local_aws
    other = LocalAws.credentials("111122223333")
    assert client("sts", credentials=other).get_caller_identity()["Account"] == "111122223333"
    client("sqs", credentials=other).create_queue(QueueName=name)
    assert not client("sqs").list_queues(QueueNamePrefix=name).get("QueueUrls")


@pytest.mark.parametrize(
    ("python", "why"), [("/nonexistent/python", "No such file"), ("false", ""), ("echo", "the two speak to each other")]
)
def test_a_python_without_tapgen_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, python: str, why: str
) -> None:
    """What TAPGEN_LOCAL_PYTHON names must run this release of tapgen; the error says how to make one that does."""
    monkeypatch.setenv("TAPGEN_LOCAL_PYTHON", python)

    with pytest.raises(LocalError, match="TAPGEN_LOCAL_PYTHON") as caught:
        LocalAws(tmp_path).ensure_running()

    assert caught.value.code == "local-python"
    assert why in caught.value.why
    assert "tapgen[local]==" in caught.value.hint
