"""The static witness: every AWS call of the handlers becomes an action with its place, or a fault with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from tapgen.errors import UsageError
from tapgen.iam.calls import find_unread, read_calls, read_hook_calls

REPOSITORY = Path(__file__).parents[3]


def _project(folder: Path, code: str, *, services: str = "dynamodb") -> Path:
    """A project whose function has this code."""
    for name in ("api", "common"):
        (folder / "handlers" / name).mkdir(parents=True)
    (folder / "handlers" / "api" / "app.py").write_text(
        "".join(f'make_client("{service}")\n' for service in services.split()), encoding="utf-8"
    )
    (folder / "handlers" / "api" / "storage.py").write_text(code, encoding="utf-8")
    return folder


def test_the_archiver_writes_objects() -> None:
    """The real archiver's call is where its code makes it."""
    (site,) = [site for site in read_calls(REPOSITORY, "archiver") if site.action == "s3:PutObject"]

    line = (REPOSITORY / site.file).read_text(encoding="utf-8").splitlines()[site.line - 1]
    assert "put_object" in line


@pytest.mark.parametrize("folder", ["api", "archiver"])
def test_every_handler_can_be_read(folder: str) -> None:
    """No call of the handlers is hidden from the reader."""
    assert read_calls(REPOSITORY, folder)


@pytest.mark.parametrize(
    ("code", "unread"),
    [
        ('table = boto3.resource("dynamodb").Table("t")\n', "handlers/api/storage.py:1 makes a client by boto3 itself"),
        ('\ns3 = session.client("s3")\n', "handlers/api/storage.py:2 makes a client by boto3 itself"),
        ("client = boto3.client(service, config=config)\n", ""),
        ("self._client.put_item()\n", ""),
        ("def broken(:\n", ""),
    ],
)
def test_clients_that_nobody_follows_are_told(tmp_path: Path, code: str, unread: str) -> None:
    """Such code may call anything; a ``make_client`` of its own is what the reader follows."""
    assert find_unread(_project(tmp_path, code), "api") == unread


def test_code_of_the_hooks_can_be_read() -> None:
    """It is tapgen's own, and the places are where it stands."""
    sites = read_hook_calls()

    assert {site.action for site in sites} >= {"lambda:InvokeFunction", "codedeploy:ListDeploymentTargets"}
    assert all((REPOSITORY / site.file).is_file() for site in sites)


def test_operations_passed_by_name_are_read(tmp_path: Path) -> None:
    """``_call("query")`` counts where ``_call`` looks the client's method up."""
    code = (
        "class Table:\n"
        "    def list(self):\n"
        '        return self._call("query")\n'
        "    def _call(self, operation, **arguments):\n"
        "        return getattr(self._client, operation)(**arguments)\n"
    )
    (site,) = read_calls(_project(tmp_path, code), "api")

    assert (site.action, site.place) == ("dynamodb:Query", "handlers/api/storage.py:3")


def test_transactions_are_what_their_items_do(tmp_path: Path) -> None:
    """A transaction is no action: its items are authorised."""
    code = 'def f(client):\n    client.transact_write_items(TransactItems=[{"Put": {}}, {"ConditionCheck": {}}])\n'
    found = read_calls(_project(tmp_path, code), "api")

    assert [site.action for site in found] == ["dynamodb:ConditionCheckItem", "dynamodb:PutItem"]


def test_paginators_are_their_operation(tmp_path: Path) -> None:
    """A paginator calls what it is made for, under the service that has such an action."""
    code = 'def f(client):\n    client.get_paginator("list_objects_v2")\n'
    (site,) = read_calls(_project(tmp_path, code, services="dynamodb s3"), "api")

    assert site.action == "s3:ListBucket"


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("client.no_such_thing()", "handlers/api/storage.py:2: no_such_thing is no call of dynamodb"),
        ("client.get_paginator(name)", "handlers/api/storage.py:2: which operation is called"),
        ("client.transact_write_items(TransactItems=items)", "handlers/api/storage.py:2: transact_write_items"),
    ],
)
def test_what_cannot_be_read_is_a_fault_with_its_place(tmp_path: Path, line: str, fault: str) -> None:
    """Nothing is left out silently."""
    with pytest.raises(UsageError) as caught:
        read_calls(_project(tmp_path, f"def f(client, name, items):\n    {line}\n"), "api")

    assert fault in caught.value.why


def test_modules_that_are_no_python_are_faults_with_their_place(tmp_path: Path) -> None:
    """All at once; a module in another declared encoding is read, one that packaging leaves out is not looked at."""
    project = _project(tmp_path, "def f(:\n")
    folder = project / "handlers" / "api"
    (folder / "latin.py").write_bytes(b"# coding: latin-1\nname = 'caf\xe9'\n")
    (folder / "undeclared.py").write_bytes(b"\nname = 'caf\xe9'\n")
    (folder / ".#storage.py").symlink_to("ada@laptop.4711:1795521600")

    with pytest.raises(UsageError) as caught:
        read_calls(project, "api")

    first, second = caught.value.why.splitlines()
    assert first.startswith("handlers/api/storage.py:1: ")
    assert second.startswith("handlers/api/undeclared.py")
